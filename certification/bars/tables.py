"""Bars, and those that were lifted; rows are only inserted.

Every row's truth is committed in the log entry `payload_id`; `bars.replay` compares.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class BarRow(Base):
    """After change `n` of a certificate its holder may not apply under the scheme until a day."""

    __tablename__ = "certification_bars"
    __table_args__ = table(
        TableClass.REGISTER,
        UniqueConstraint("cert_id", "n"),
        Index(None, "holder", "scheme"),
        history=True,
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    holder: Mapped[str] = mapped_column(String(26))
    scheme: Mapped[str] = mapped_column(String(16))
    cert_id: Mapped[str] = mapped_column(String(26))
    n: Mapped[int] = mapped_column()
    ground: Mapped[str | None] = mapped_column(String(40))
    from_date: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class LiftedBarRow(Base):
    """A bar that no longer counts, since the change that made it was declared an error."""

    __tablename__ = "certification_lifted_bars"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(ForeignKey("certification_bars.id"), primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
