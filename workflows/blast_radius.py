"""What suspending or revoking a certificate touches, gathered from every area that knows of it.

The steps, all of them reading:
 1. certification gives the print permits and the transaction certificates under it
 2. trace gives the print runs under it and the lots that their labels stand for
 3. trace follows these lots, and those that a transaction certificate names, to everything that
    came from them
 4. points gives the awards that rest on one of these lots or on the certificate itself, and the
    open credit records of its holder

A points award names its fact by source and event id: one whose event id is that of a lot or of the
certificate is found, one under a partner's own word is not. Credit records name no certificate:
those of the holder are shown beside the others, and nothing is proposed about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate, find
from certification.consequences.model import Radius, radius_from
from certification.permits import register as permits
from certification.permits.register import Permit
from certification.transactions import service as transactions
from certification.transactions.service import Transaction
from points.awards.resting import RestingAward, awards_for
from points.credit.records.model import CreditRecord
from points.credit.records.service import find_record, published_records
from runtime.id_list import id_list
from trace.labels.under_certificate import RunUnder, labelled_lots, labels_of_lots, runs_under
from trace.lots.service import descendants_of, existing_lots
from trace.lots.tables import Lot
from trace.products.tables import Product

LINES_MAX = 200
"""How many members of each kind a list shows; the numbers count all."""


@dataclass(frozen=True)
class TouchedLot:
    """A lot of a radius; `first` says that it is labelled or sold under the certificate itself."""

    lot: Lot
    product: Product
    labels: int
    first: bool


@dataclass(frozen=True)
class TouchedThings:
    """The members of a radius as they are shown, at most `LINES_MAX` of each kind."""

    lots: tuple[TouchedLot, ...]
    runs: tuple[RunUnder, ...]
    permits: tuple[Permit, ...]
    transactions: tuple[Transaction, ...]
    awards: tuple[RestingAward, ...]
    credit_records: tuple[CreditRecord, ...]


def blast_radius(session: Session, cert_id: str, now: datetime) -> Radius:
    """The radius of a certificate as it is at `now`. Raises Refusal CERTIFICATE_UNKNOWN."""
    certificate = find(session, cert_id, now, now)
    runs = runs_under(session, cert_id)
    sold = transactions.of_certificate(session, cert_id)
    lots = descendants_of(session, _first_lots(session, cert_id, sold))
    awards = resting_awards(session, certificate, lots)
    records = published_records(session, certificate.holder, now, now)
    return radius_from(
        {
            "lots": lots,
            "runs": (run.id for run in runs),
            "permits": (each.permit_id for each in permits.of_certificate(session, cert_id, now)),
            "transactions": (each.id for each in sold),
            "awards": (award.transfer_id for award in awards),
            "credit_records": (record.record_id for record in records),
        },
        sum(run.labels for run in runs),
    )


def _first_lots(session: Session, cert_id: str, sold: Iterable[Transaction]) -> frozenset[str]:
    """The lots that were labelled, or sold on in bulk, under the certificate itself."""
    named = existing_lots(session, {lot for each in sold for lot in each.lots})
    return labelled_lots(session, cert_id) | named


def resting_awards(
    session: Session, certificate: Certificate, lots: Iterable[str]
) -> tuple[RestingAward, ...]:
    """The awards that rest on these lots or on the certificate, by its id or its number."""
    return awards_for(session, (*lots, certificate.cert_id, certificate.number))


def touched_things(session: Session, cert_id: str, radius: Radius, now: datetime) -> TouchedThings:
    """The members of a radius with what people read of them."""
    certificate = find(session, cert_id, now, now)
    awards = resting_awards(session, certificate, radius.lots) if radius.awards else ()
    allowed = permits.of_certificate(session, cert_id, now)
    sold = transactions.of_certificate(session, cert_id)
    return TouchedThings(
        lots=_lots(session, _first_lots(session, cert_id, sold), radius),
        runs=_within(runs_under(session, cert_id), radius.runs, lambda each: each.id),
        permits=_within(allowed, radius.permits, lambda each: each.permit_id),
        transactions=_within(sold, radius.transactions, lambda each: each.id),
        awards=_within(awards, radius.awards, lambda each: each.transfer_id),
        credit_records=tuple(find_record(session, id) for id in radius.credit_records[:LINES_MAX]),
    )


Member = TypeVar("Member")


def _within(
    found: Iterable[Member], ids: Iterable[str], id_of: Callable[[Member], str]
) -> tuple[Member, ...]:
    """Those that the radius holds, as many as are shown."""
    wanted = set(ids)
    return tuple(each for each in found if id_of(each) in wanted)[:LINES_MAX]


def _lots(session: Session, first: frozenset[str], radius: Radius) -> tuple[TouchedLot, ...]:
    """What was labelled or sold under the certificate comes first, then what came from it."""
    shown = sorted(radius.lots, key=lambda lot: (lot not in first, lot))[:LINES_MAX]
    query = (
        select(Lot, Product)
        .join(Product, Product.id == Lot.product_id)
        .where(Lot.id.in_(id_list(session, shown)))
    )
    found = {lot.id: (lot, product) for lot, product in session.execute(query)}
    labels = labels_of_lots(session, shown)
    return tuple(TouchedLot(*found[lot], labels.get(lot, 0), lot in first) for lot in shown)
