"""What a producer sees of his own lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from identity.codes import is_id
from runtime.refusal import refuse
from trace.bases.tables import ProductionBase
from trace.events.tables import Event, EventLot
from trace.labels.tables import LabelBinding, LabelRun
from trace.lots.model import Balance
from trace.lots.service import check_owner, require_lot
from trace.lots.tables import Lot, LotBalance, LotEdge
from trace.products.model import pieces_within
from trace.products.tables import Product
from trace.refusals import TraceRefusal


@dataclass(frozen=True)
class OwnLot:
    """A lot with its product and what it has received, given, labelled and still holds."""

    lot: Lot
    product: Product
    balance: Balance

    @property
    def measure(self) -> str:
        """In what the lot is measured: "mass" or "pieces"."""
        return self.product.measure

    @property
    def given(self) -> int:
        """What went into other lots or was sold, in mg or pieces."""
        return self.balance.consumed + self.balance.sold

    @property
    def labels_left(self) -> int:
        """How many further labels have goods of this lot behind them."""
        return pieces_within(self.product.facts(), self.balance.labellable)

    @property
    def labelled_by_piece(self) -> bool:
        """Whether a label stands for a fixed content of this product."""
        return self.product.measure == "pieces" or self.product.net_mg is not None


def own_lots(
    session: Session, owner: str, words: str = "", offset: int = 0, limit: int = 50
) -> list[OwnLot]:
    """Give a party's lots, the newest first; `words` is looked for in lot code and product."""
    query = (
        select(Lot, Product, LotBalance)
        .join(Product, Product.id == Lot.product_id)
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .where(Lot.owner_id == owner)
        .order_by(Lot.opened_at.desc(), Lot.id)
        .offset(offset)
        .limit(limit)
    )
    if words:
        columns = (Lot.code, Product.name_zh, Product.name_en, Product.code)
        query = query.where(or_(*(each.icontains(words, autoescape=True) for each in columns)))
    return [OwnLot(lot, product, row.balance()) for lot, product, row in session.execute(query)]


def own_lot(session: Session, owner: str, lot_id: str) -> OwnLot:
    """Give one lot of a party. Raises Refusal: LOT_UNKNOWN, NOT_YOURS."""
    if not is_id(lot_id):
        refuse(TraceRefusal.LOT_UNKNOWN, "/lot", given="")
    lot = require_lot(session, lot_id, "/lot")
    check_owner(lot.owner_id, owner, "/lot")
    balance = session.get_one(LotBalance, lot.id).balance()
    return OwnLot(lot, session.get_one(Product, lot.product_id), balance)


@dataclass(frozen=True)
class LotStep:
    """One recorded step of a lot: what was done to it, in mg or pieces, and the entry."""

    payload_id: str
    step: str | None
    at: datetime
    outcome: str
    move: str
    quantity: int


@dataclass(frozen=True)
class LotFile:
    """Everything that a lot's page shows beside the balance."""

    base: ProductionBase | None
    steps: tuple[LotStep, ...]
    parents: tuple[tuple[Lot, Product], ...]
    children: tuple[tuple[Lot, Product], ...]
    runs: tuple[LabelRun, ...]


def lot_file(session: Session, lot: Lot) -> LotFile:
    """Give what is on record about a lot."""
    base = session.get(ProductionBase, lot.base_id) if lot.base_id else None
    runs = (
        select(LabelRun)
        .where(LabelRun.id.in_(select(LabelBinding.run_id).where(LabelBinding.lot_id == lot.id)))
        .order_by(LabelRun.number.desc())
    )
    return LotFile(
        base,
        tuple(_steps(session, lot.id)),
        tuple(_kin(session, lot.id, children=False)),
        tuple(_kin(session, lot.id, children=True)),
        tuple(session.scalars(runs)),
    )


def _steps(session: Session, lot_id: str) -> list[LotStep]:
    query = (
        select(Event, EventLot)
        .join(EventLot, EventLot.payload_id == Event.payload_id)
        .where(EventLot.lot_id == lot_id)
        .order_by(Event.effective_at.desc(), Event.recorded_at.desc(), Event.payload_id)
    )
    return [
        LotStep(e.payload_id, e.step, e.effective_at, e.outcome, moved.move, moved.quantity)
        for e, moved in session.execute(query)
    ]


def _kin(session: Session, lot_id: str, *, children: bool) -> list[tuple[Lot, Product]]:
    here, there = LotEdge.parent_id, LotEdge.child_id
    if not children:
        here, there = there, here
    query = (
        select(Lot, Product)
        .join(Product, Product.id == Lot.product_id)
        .where(Lot.id.in_(select(there).where(here == lot_id)))
        .order_by(Lot.opened_at, Lot.id)
    )
    return [(lot, product) for lot, product in session.execute(query)]
