"""Transaction certificates, what was declared void, and the counter of their numbers.

Rows are only inserted; every row's truth is committed in the entry `payload_id`, and
`certification.transactions.replay` compares.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certification.quotas.model import Unit
from runtime.database import Base, Instant, JsonText, TableClass, table


class TransactionRow(Base):
    """One transaction certificate as it was issued; `account_id` is the root that bounds it."""

    __tablename__ = "certification_transactions"
    __table_args__ = table(
        TableClass.REGISTER,
        Index(None, "cert_id"),
        Index(None, "seller"),
        Index(None, "buyer"),
        CheckConstraint("units > 0", name="units_positive"),
        history=True,
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    cert_id: Mapped[str] = mapped_column(String(26))
    account_id: Mapped[str] = mapped_column(ForeignKey("certification_quotas.account_id"))
    seller: Mapped[str] = mapped_column(String(26))
    buyer: Mapped[str] = mapped_column(String(26))
    product: Mapped[str] = mapped_column(String(26))
    season: Mapped[str] = mapped_column(String(13))
    unit: Mapped[Unit] = mapped_column(String(8))
    units: Mapped[int] = mapped_column(BigInteger)
    typed_value: Mapped[str] = mapped_column(String(40))
    typed_unit: Mapped[str] = mapped_column(String(16))
    sold_on: Mapped[date] = mapped_column(Date)
    lots: Mapped[list[str]] = mapped_column(JsonText)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class TransactionVoidRow(Base):
    """A transaction certificate that was declared void, and why."""

    __tablename__ = "certification_transaction_voids"
    __table_args__ = table(TableClass.REGISTER, history=True)

    transaction_id: Mapped[str] = mapped_column(
        ForeignKey("certification_transactions.id"), primary_key=True
    )
    voided_at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str | None] = mapped_column(String(26))
    reason: Mapped[str] = mapped_column(Text)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class TransactionNumbers(Base):
    """The newest serial of transaction certificates in a year: the row that two offices meet on."""

    __tablename__ = "certification_transaction_numbers"
    __table_args__ = table(
        TableClass.DERIVED, CheckConstraint("newest >= 0", name="newest_not_negative")
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[int]
