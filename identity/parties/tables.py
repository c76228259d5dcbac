"""The register of parties: three tables that only grow.

A natural person's row in `party_records` has no name, code or region; what is known of it lies in
the opening of the entry that `payload_id` names.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class PartyRow(Base):
    """A party: what never changes about it."""

    __tablename__ = "parties"
    __table_args__ = table(TableClass.REGISTER, Index(None, "host"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    is_natural: Mapped[bool] = mapped_column(Boolean)
    host: Mapped[str | None] = mapped_column(ForeignKey("parties.id"))


class PartyRecordRow(Base):
    """One version of what is known about a party; the greatest version is the present one."""

    __tablename__ = "party_records"
    __table_args__ = table(TableClass.REGISTER, Index(None, "name_zh"), history=True)

    party: Mapped[str] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name_zh: Mapped[str | None] = mapped_column(String(80))
    name_en: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(18))
    region: Mapped[str | None] = mapped_column(String(12))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class PartyCodeRow(Base):
    """Whose a credit code is; a code once registered belongs to that party for ever."""

    __tablename__ = "party_codes"
    __table_args__ = table(TableClass.REGISTER, Index(None, "party"), history=True)

    code: Mapped[str] = mapped_column(String(18), primary_key=True)
    party: Mapped[str] = mapped_column(ForeignKey("parties.id"))
