"""What is known, and locked, of the lots that a document of events names.

Everything is read once for the whole document and locked in one order; the gates then work on it
event by event, so that the second event of a document sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from ledger.work import Work
from trace.digital_link import link
from trace.digital_link.refusals import LinkRefused
from trace.events.tables import Event, EventLot
from trace.lots.model import Balance
from trace.lots.service import locked_balances
from trace.lots.tables import Lot, LotBalance
from trace.products.model import ProductFacts
from trace.products.tables import Product

LotKey = tuple[str, str]
"""A product's item (GTIN-14 or `p/{code}`) and a lot code."""

GS1_HOST = "id.gs1.org"


@dataclass
class KnownLot:
    """A lot of ours with its locked balance; `first` has the first time of each step recorded."""

    lot: Lot
    product: ProductFacts
    row: LotBalance
    balance: Balance
    first: dict[str, datetime] = field(default_factory=dict)


@dataclass
class AtHand:
    """The lots of a document: by key; and the items of ours that it names without such a lot."""

    lots: dict[LotKey, KnownLot]
    items: frozenset[str]


def lot_key(uri: str, base_url: str) -> LotKey | None:
    """Return the lot that an identifier of a whole lot (no serial) names, or None.

    Understood are Digital Links under GS1's own host and under ours.
    """
    try:
        parts = urlsplit(uri)
        if parts.netloc not in (GS1_HOST, urlsplit(base_url).netloc):
            return None
        found = link.parse(parts.path)
    except (ValueError, LinkRefused):
        return None
    if found.lot is None or found.serial is not None:
        return None
    if found.gtin is not None:
        return found.gtin, found.lot
    return (f"p/{found.product}", found.lot) if found.product is not None else None


def load(work: Work, keys: Iterable[LotKey]) -> AtHand:
    """Read and lock the lots of these keys. Four SELECTs, however many there are."""
    wanted = set(keys)
    if not wanted:
        return AtHand({}, frozenset())
    products = _products(work, {item for item, _ in wanted})
    lots = _lots(work, products, wanted)
    rows = locked_balances(work, (known[0].id for known in lots.values()))
    firsts = _first_times(work, rows)
    known = {
        lot.id: KnownLot(lot, product, rows[lot.id], rows[lot.id].balance(), firsts.get(lot.id, {}))
        for lot, product in lots.values()
    }
    return AtHand(
        {key: known[lot.id] for key, (lot, _) in lots.items()},
        frozenset(item for product in products.values() for item in _items(product)),
    )


def _items(product: ProductFacts) -> tuple[str, ...]:
    """Return every item that names a product: one with a GTIN keeps the address of its code."""
    return (product.item, f"p/{product.code}")


def _products(work: Work, items: set[str]) -> dict[str, ProductFacts]:
    codes = [item.removeprefix("p/") for item in items if item.startswith("p/")]
    query = select(Product).where(or_(Product.gtin.in_(items), Product.code.in_(codes)))
    return {product.id: product.facts() for product in work.scalars(query)}


def _lots(
    work: Work, products: dict[str, ProductFacts], wanted: set[LotKey]
) -> dict[LotKey, tuple[Lot, ProductFacts]]:
    query = select(Lot).where(
        Lot.product_id.in_(products), Lot.code.in_({code for _, code in wanted})
    )
    found = ((lot, products[lot.product_id]) for lot in work.scalars(query))
    keyed = {(item, lot.code): (lot, product) for lot, product in found for item in _items(product)}
    return {key: value for key, value in keyed.items() if key in wanted}


def forget_first_times(work: Work, at_hand: AtHand, lot_ids: set[str]) -> None:
    """Read the first times of these lots again, after an event of theirs was declared an error."""
    firsts = _first_times(work, sorted(lot_ids))
    for known in at_hand.lots.values():
        if known.lot.id in lot_ids:
            known.first = firsts.get(known.lot.id, {})


def _first_times(work: Work, lot_ids: Iterable[str]) -> dict[str, dict[str, datetime]]:
    wrong = aliased(Event)
    declared = exists().where(
        wrong.refers_to == Event.payload_id, wrong.event_hash == Event.event_hash,
        wrong.outcome == "declared",
    )  # fmt: skip
    query = (
        select(EventLot.lot_id, Event.step, func.min(Event.effective_at))
        .join(Event, Event.payload_id == EventLot.payload_id)
        .where(EventLot.lot_id.in_(list(lot_ids)), Event.outcome == "accepted", ~declared)
        .group_by(EventLot.lot_id, Event.step)
    )
    firsts: dict[str, dict[str, datetime]] = {}
    for lot_id, step, at in work.execute(query):
        if step is not None:
            firsts.setdefault(lot_id, {})[step] = at
    return firsts
