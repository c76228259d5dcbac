"""Print permits and what was done about them; rows are only inserted.

Every row's truth is committed in the log entry `payload_id`; `certification.permits.replay`
compares. The quantities lie in the permit's account (`certification.quotas.tables`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class PermitRow(Base):
    """One print permit: its number, whose it is, and the root account that it came from."""

    __tablename__ = "certification_permits"
    __table_args__ = table(
        TableClass.REGISTER,
        Index(None, "cert_id"),
        Index(None, "holder"),
        history=True,
    )

    permit_id: Mapped[str] = mapped_column(
        ForeignKey("certification_quotas.account_id"), primary_key=True
    )
    number: Mapped[str] = mapped_column(String(40), unique=True)
    cert_id: Mapped[str] = mapped_column(String(26))
    root: Mapped[str] = mapped_column(String(26))
    holder: Mapped[str] = mapped_column(String(26))
    case_id: Mapped[str | None] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class PermitDeedRow(Base):
    """One thing done about a permit, in order; a move names the permit that took in `taker`."""

    __tablename__ = "certification_permit_deeds"
    __table_args__ = table(TableClass.REGISTER, Index(None, "taker"), history=True)

    permit_id: Mapped[str] = mapped_column(
        ForeignKey("certification_permits.permit_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deed: Mapped[str] = mapped_column(String(6))
    done_at: Mapped[datetime] = mapped_column(Instant)
    units: Mapped[int | None] = mapped_column(BigInteger)
    taker: Mapped[str | None] = mapped_column(ForeignKey("certification_permits.permit_id"))
    typed_value: Mapped[str | None] = mapped_column(String(40))
    typed_unit: Mapped[str | None] = mapped_column(String(16))
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class PermitNumbers(Base):
    """The newest serial of a scheme's permits in a year: the row that two offices wait for."""

    __tablename__ = "certification_permit_numbers"
    __table_args__ = table(
        TableClass.DERIVED, CheckConstraint("newest >= 0", name="newest_not_negative")
    )

    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[int]
