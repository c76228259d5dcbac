"""The table of the trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class AuditTableRow(Base):
    """One attempt. Numbers grow; a gap is a transaction that ended without a commit."""

    __tablename__ = "audit"
    __table_args__ = table(
        TableClass.SEALED,
        Index(None, "at"),
        Index(None, "party", "number"),
        Index(None, "person", "number"),
        history=True,
    )

    # SQLite numbers rows by itself only where the type is INTEGER.
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(Instant)
    party: Mapped[str | None] = mapped_column(String(26))
    person: Mapped[str | None] = mapped_column(String(26))
    client: Mapped[str | None] = mapped_column(String(26))
    channel: Mapped[str] = mapped_column(String(8))
    use_case: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(40))
    key_digest: Mapped[str | None] = mapped_column(String(64))
    targets: Mapped[list[str]] = mapped_column(JsonText)
    payload_ids: Mapped[list[str]] = mapped_column(JsonText)
