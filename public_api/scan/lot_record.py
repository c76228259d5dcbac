"""What the register holds about a lot, read at once for its page.

The way of a lot is its own events and those of every lot that it came from. Erased openings are
simply not there; what the page then lacks, it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate, of_product
from identity.parties.model import Party
from identity.parties.service import get_party
from public_api.scan.book import Book
from runtime.id_list import id_list
from runtime.vault import Vault
from trace.bases.tables import ProductionBase
from trace.conformity.model import Due, is_due
from trace.conformity.service import Conformity, conformity_of_lot
from trace.events.tables import Event, EventLot
from trace.lots.service import ancestors
from trace.lots.tables import Lot, LotBalance
from trace.products.tables import Product
from trace.recall.service import open_recall_of
from trace.recall.tables import Recall
from trace.scans.model import MarkPeriod, MarkState

EVENTS_MAX = 60
"""Steps on one page; a lot that was mixed from many shows the newest."""


@dataclass(frozen=True)
class LotRecord:
    """Everything that one page is made of; `own` are the events of the lot itself."""

    lot: Lot
    product: Product
    owner: Party
    base: ProductionBase | None
    events: tuple[Event, ...]
    lots: tuple[Lot, ...]
    parties: dict[str, Party]
    certificates: tuple[Certificate, ...]
    conformity: Conformity | None
    conformity_due: bool
    recall: Recall | None
    received: int
    own: frozenset[str]
    book: Book

    def first_at(self, step: str) -> datetime | None:
        """Give the first time of a step of the lot itself."""
        own = [
            each.effective_at
            for each in self.events
            if each.step == step and each.outcome == "accepted" and each.payload_id in self.own
        ]
        return min(own, default=None)

    @property
    def packed_at(self) -> datetime | None:
        """Give when the lot was packed first."""
        return self.first_at("packing")

    @property
    def in_use_from(self) -> datetime | None:
        """Give the lot's first sale or dispatch, before which its labels are not in use."""
        return self.first_at("sale")


def read_lot(session: Session, vault: Vault, lot: Lot, now: datetime) -> LotRecord:
    """Read what the page of a lot is made of."""
    product = session.get_one(Product, lot.product_id)
    lots = _lots(session, ancestors(session, lot.id))
    events = _events(session, [each.id for each in lots])
    base = _base_of(session, lots)
    certificates = _certificates(session, lot, product, now)
    conformity = conformity_of_lot(session, vault, lot.id)
    parties = {
        id: get_party(session, id) for id in {lot.owner_id, *(each.party_id for each in events)}
    }
    payload_ids = [
        lot.payload_id,
        product.payload_id,
        *([base.payload_id] if base else []),
        *(each.payload_id for each in events),
        *(party.payload_id for party in parties.values()),
        *([conformity.payload_id] if conformity else []),
        *(id for certificate in certificates for id in certificate.payload_ids),
    ]
    balance = session.get_one(LotBalance, lot.id)
    owner = parties[lot.owner_id]
    return LotRecord(
        lot=lot,
        product=product,
        owner=owner,
        base=base,
        events=events,
        lots=lots,
        parties=parties,
        certificates=certificates,
        conformity=conformity,
        conformity_due=_conformity_due(product, owner),
        recall=open_recall_of(session, lot.id),
        received=balance.received,
        own=frozenset(session.scalars(select(EventLot.payload_id).filter_by(lot_id=lot.id))),
        book=Book(session, vault, payload_ids),
    )


def _conformity_due(product: Product, owner: Party) -> bool:
    return is_due(product.category, owner.kind) is Due.DUE


def _lots(session: Session, ids: list[str]) -> tuple[Lot, ...]:
    found = {
        lot.id: lot for lot in session.scalars(select(Lot).where(Lot.id.in_(id_list(session, ids))))
    }
    return tuple(found[id] for id in ids)


def _events(session: Session, lot_ids: list[str]) -> tuple[Event, ...]:
    of_lots = select(EventLot.payload_id).where(EventLot.lot_id.in_(id_list(session, lot_ids)))
    query = (
        select(Event)
        .where(Event.payload_id.in_(of_lots))
        .order_by(Event.effective_at.desc(), Event.payload_id)
        .limit(EVENTS_MAX)
    )
    return tuple(reversed(list(session.scalars(query))))


def _base_of(session: Session, lots: tuple[Lot, ...]) -> ProductionBase | None:
    """Give the base of the lot itself, else of the nearest lot that it came from."""
    for lot in lots:
        if lot.base_id is not None:
            return session.get_one(ProductionBase, lot.base_id)
    return None


def _certificates(
    session: Session, lot: Lot, product: Product, now: datetime
) -> tuple[Certificate, ...]:
    found = of_product(session, product.id, now, now)
    return tuple(each for each in found if each.holder == lot.owner_id)


_STATES = {
    "suspend": MarkState.SUSPENDED,
    "resume": MarkState.ACTIVE,
    "revoke": MarkState.REVOKED,
}


def mark_periods(certificates: tuple[Certificate, ...]) -> Iterator[MarkPeriod]:
    """Yield the marks of the goods as the verdict rule asks for them."""
    for certificate in certificates:
        history = certificate.history
        annulled = {change.annuls for change in history.changes if change.annuls is not None}
        changes = tuple(
            (change.effective_at, _STATES[change.kind.value])
            for change in history.changes
            if change.kind.value in _STATES and change.n not in annulled
        )
        yield MarkPeriod(history.begins_at, history.ends_at, changes)
