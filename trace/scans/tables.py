"""First scans, counts, and the epochs by which cached pages are thrown away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class FirstScan(Base):
    """The first scan of one label: when, and in which province or city (None: not known).

    No address of a visitor is stored. The run is no foreign key: a million first scans would queue
    for a share lock on one row of `label_runs`.
    """

    __tablename__ = "first_scans"
    __table_args__ = table(TableClass.SEALED, history=True)

    run_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    place: Mapped[str | None] = mapped_column(String(60))


class ScanCount(Base):
    """How often a label was scanned. Unprotected: counted in memory and flushed each second."""

    __tablename__ = "scan_counts"
    __table_args__ = table(TableClass.UNPROTECTED)

    run_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class ScanEpoch(Base):
    """How often what a lot's page shows has changed. Unprotected: it only invalidates caches."""

    __tablename__ = "scan_epochs"
    __table_args__ = table(TableClass.UNPROTECTED)

    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)


class ScanGroup(Base):
    """Something that many lots point to, such as a certificate. Unprotected, as `ScanEpoch`."""

    __tablename__ = "scan_groups"
    __table_args__ = table(TableClass.UNPROTECTED)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)


class ScanMembership(Base):
    """A lot points to a group, for ever: leaving would let an epoch come back."""

    __tablename__ = "scan_memberships"
    __table_args__ = table(TableClass.UNPROTECTED, history=True)

    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("scan_groups.id"), primary_key=True)
