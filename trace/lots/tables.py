"""Lots, their balances and their kinship."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table
from trace.lots.model import Balance


class Lot(Base):
    """A lot as opened; the id is also its opaque stream in the log."""

    __tablename__ = "lots"
    __table_args__ = table(
        TableClass.REGISTER, UniqueConstraint("product_id", "code"), history=True
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    owner_id: Mapped[str] = mapped_column(String(26), index=True)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("bases.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))


class LotBalance(Base):
    """The guard row of a lot's quantity, in mg or pieces; rebuilt by `trace.replay`."""

    __tablename__ = "lot_balances"
    __table_args__ = table(
        TableClass.DERIVED,
        CheckConstraint("consumed >= 0 AND sold >= 0 AND labelled >= 0", name="not_negative"),
        CheckConstraint("received >= consumed + sold", name="gives_what_it_holds"),
        CheckConstraint("received - consumed >= labelled", name="goods_behind_labels"),
    )

    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True)
    received: Mapped[int] = mapped_column(BigInteger)
    consumed: Mapped[int] = mapped_column(BigInteger)
    sold: Mapped[int] = mapped_column(BigInteger)
    labelled: Mapped[int] = mapped_column(BigInteger)

    def balance(self) -> Balance:
        """Return the row as the rules see it."""
        return Balance(self.received, self.consumed, self.sold, self.labelled)

    def store(self, balance: Balance) -> None:
        """Take over a balance that the rules have allowed."""
        self.received, self.consumed = balance.received, balance.consumed
        self.sold, self.labelled = balance.sold, balance.labelled


class LotEdge(Base):
    """So much of a parent went into a child, by the event of this log entry."""

    __tablename__ = "lot_edges"
    __table_args__ = table(TableClass.REGISTER, history=True)

    parent_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True)
    child_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True, index=True)
    payload_id: Mapped[str] = mapped_column(String(43), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
