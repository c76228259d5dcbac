"""Credit records and their endings; rows are only inserted. The free text lies in the opening only.

The class is REGISTER: what the rows say is committed in the entries they name, and
`points.replay` compares them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class CreditRecordRow(Base):
    """One record; who decided what about whom, and the first and last day of disclosure."""

    __tablename__ = "credit_records"
    __table_args__ = table(
        TableClass.REGISTER,
        UniqueConstraint("subject", "authority", "document_number"),
        CheckConstraint(
            "(disclosure_start IS NULL) = (disclosure_end IS NULL)", name="both_days_or_none"
        ),
        CheckConstraint(
            "disclosure_end IS NULL OR disclosure_end >= disclosure_start", name="days_in_order"
        ),
        Index(None, "disclosure_end"),
        history=True,
    )

    record_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(26))
    document_number: Mapped[str] = mapped_column(String(80))
    authority: Mapped[str] = mapped_column(String(80))
    decided: Mapped[date] = mapped_column(Date)
    penalty_class: Mapped[str] = mapped_column(String(10))
    offence: Mapped[str] = mapped_column(String(40))
    finding: Mapped[str] = mapped_column(String(40))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    basis: Mapped[str] = mapped_column(Text)
    disclosure_start: Mapped[date | None] = mapped_column(Date)
    disclosure_end: Mapped[date | None] = mapped_column(Date)
    regime: Mapped[str] = mapped_column(String(8))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class CreditClosingRow(Base):
    """The end of one record: repaired or withdrawn."""

    __tablename__ = "credit_closings"
    __table_args__ = table(TableClass.REGISTER, history=True)

    record_id: Mapped[str] = mapped_column(ForeignKey("credit_records.record_id"), primary_key=True)
    ending: Mapped[str] = mapped_column(String(10))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    document_number: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
