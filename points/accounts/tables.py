"""Accounts and their derived balances."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class AccountRow(Base):
    """The account of one party in one unit; opened by its first posting, whose record names it."""

    __tablename__ = "points_accounts"
    __table_args__ = table(TableClass.REGISTER, UniqueConstraint("party", "unit"), history=True)

    account_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    party: Mapped[str] = mapped_column(String(26))
    unit: Mapped[str] = mapped_column(String(8))
    opened_at: Mapped[datetime] = mapped_column(Instant)


class BalanceRow(Base):
    """Derived: the sum and number of an account's postings, the row that postings lock."""

    __tablename__ = "points_balances"
    __table_args__ = table(TableClass.DERIVED)

    account_id: Mapped[str] = mapped_column(
        ForeignKey("points_accounts.account_id"), primary_key=True
    )
    balance_milli: Mapped[int] = mapped_column(BigInteger)
    postings: Mapped[int] = mapped_column(BigInteger)
