"""Transfers, their postings, lots and shares: rows are only inserted.

Every row's truth is committed in the log entry `payload_id` of its transfer; `points.replay`
compares. `ClaimRow` is what makes a source's event count once.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class ClaimRow(Base):
    """One event of one source, claimed for one transfer, with the digest of what was asked."""

    __tablename__ = "points_claims"
    __table_args__ = table(TableClass.REGISTER, Index(None, "event_id"), history=True)

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    transfer_id: Mapped[str] = mapped_column(String(26), unique=True)


class TransferRow(Base):
    """One movement of points; `seq` is its place in the history of its account, from 1."""

    __tablename__ = "points_transfers"
    __table_args__ = table(
        TableClass.REGISTER,
        UniqueConstraint("account_id", "seq"),
        Index(None, "account_id", "rule", "cap_key"),
        history=True,
    )

    transfer_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("points_accounts.account_id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    balance_after_milli: Mapped[int] = mapped_column(BigInteger)
    effective_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    pack: Mapped[bytes] = mapped_column(LargeBinary(32))
    rule: Mapped[str] = mapped_column(String(40))
    cap_key: Mapped[str] = mapped_column(String(10))
    reverses: Mapped[str | None] = mapped_column(
        ForeignKey("points_transfers.transfer_id"), unique=True
    )
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class PostingRow(Base):
    """One side of a transfer; `account` is an account id or the name of a system account."""

    __tablename__ = "points_postings"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("amount_milli <> 0", name="amount_not_zero"),
        Index(None, "account"),
        history=True,
    )

    transfer_id: Mapped[str] = mapped_column(
        ForeignKey("points_transfers.transfer_id"), primary_key=True
    )
    account: Mapped[str] = mapped_column(String(26), primary_key=True)
    amount_milli: Mapped[int] = mapped_column(BigInteger)


class LotRow(Base):
    """The points of one award; the lot's id is its transfer's."""

    __tablename__ = "points_lots"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("amount_milli > 0", name="amount_positive"),
        Index(None, "account_id"),
        Index(None, "expires_at"),
        history=True,
    )

    lot_id: Mapped[str] = mapped_column(
        ForeignKey("points_transfers.transfer_id"), primary_key=True
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("points_accounts.account_id"))
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    origin_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class ShareRow(Base):
    """What a transfer took from a lot, or gave back (negative) of what `of_transfer` took."""

    __tablename__ = "points_lot_shares"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("amount_milli <> 0", name="amount_not_zero"),
        Index(None, "lot_id"),
        history=True,
    )

    transfer_id: Mapped[str] = mapped_column(
        ForeignKey("points_transfers.transfer_id"), primary_key=True
    )
    lot_id: Mapped[str] = mapped_column(ForeignKey("points_lots.lot_id"), primary_key=True)
    of_transfer: Mapped[str] = mapped_column(
        ForeignKey("points_transfers.transfer_id"), primary_key=True
    )
    amount_milli: Mapped[int] = mapped_column(BigInteger)
