"""What a regulator sees of lots and of the blast radius of a recall."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from console.reading import name_of_party, scan_address
from identity.parties.tables import PartyRecordRow
from trace.labels.tables import LabelBinding
from trace.lots.model import Balance
from trace.lots.service import descendants
from trace.lots.tables import Lot, LotBalance
from trace.products.tables import Product
from trace.recall.model import radius_digest
from trace.recall.service import covered_lots, open_recall_of
from trace.recall.tables import Recall, RecallStep


@dataclass(frozen=True)
class HeldLot:
    """A lot, who holds it, what is left with him, and how many labels stand for it."""

    lot: Lot
    product: Product
    holder: str
    balance: Balance
    labels: int
    address: str
    recall: Recall | None


@dataclass(frozen=True)
class Radius:
    """The lots of a recall (the first is the one that it begins with) and their digest."""

    lots: tuple[HeldLot, ...]
    digest: str

    @property
    def labels(self) -> int:
        """Labels that turn red."""
        return sum(each.labels for each in self.lots)

    @property
    def holders(self) -> tuple[str, ...]:
        """Who holds goods or has sold them, each once, in the order of the lots."""
        return tuple(dict.fromkeys(each.holder for each in self.lots))


def find_lots(session: Session, words: str, offset: int, limit: int) -> list[HeldLot]:
    """Search lots by code, product or holder; without words the newest come first."""
    query = (
        select(Lot.id)
        .join(Product, Product.id == Lot.product_id)
        .order_by(Lot.recorded_at.desc(), Lot.id)
        .offset(offset)
        .limit(limit)
    )
    if words:
        named = select(PartyRecordRow.party).where(
            or_(
                PartyRecordRow.name_zh.contains(words, autoescape=True),
                PartyRecordRow.code == words.upper(),
            )
        )
        columns = (Lot.code, Product.name_zh, Product.name_en, Product.code, Product.gtin)
        found = [each.icontains(words, autoescape=True) for each in columns]
        query = query.where(or_(*found, Lot.owner_id.in_(named)))
    return [held_lot(session, id) for id in session.scalars(query)]


def held_lot(session: Session, lot_id: str) -> HeldLot:
    """Give a lot as a regulator sees it."""
    lot = session.get_one(Lot, lot_id)
    product = session.get_one(Product, lot.product_id)
    count = func.coalesce(func.sum(LabelBinding.last - LabelBinding.first + 1), 0)
    labels = session.scalar(select(count).where(LabelBinding.lot_id == lot_id))
    return HeldLot(
        lot,
        product,
        name_of_party(session, lot.owner_id),
        session.get_one(LotBalance, lot_id).balance(),
        int(labels or 0),
        scan_address(product, lot),
        open_recall_of(session, lot_id),
    )


def radius_of(session: Session, lot_id: str) -> Radius:
    """Give the blast radius of a recall that begins with a lot, as it is now."""
    ids = descendants(session, lot_id)
    return Radius(tuple(held_lot(session, id) for id in ids), radius_digest(ids))


def covered(session: Session, recall: Recall) -> Radius:
    """Give what a recall covers: what was ordered, or before that what it would cover now."""
    ids = covered_lots(session, recall.id)
    if not ids:
        return radius_of(session, recall.lot_id)
    return Radius(tuple(held_lot(session, id) for id in ids), radius_digest(ids))


def steps_of(session: Session, recall_id: str) -> list[RecallStep]:
    """Give what was done about a recall, in order."""
    query = select(RecallStep).filter_by(recall_id=recall_id).order_by(RecallStep.n)
    return list(session.scalars(query))
