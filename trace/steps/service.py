"""Recording a step from a form, through the same capture as a partner's document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from ledger.work import Work
from runtime.refusal import refuse
from trace.epcis.document import write_document
from trace.epcis.farm import NAMESPACES, Amount, Goods, Occasion, build_event
from trace.events.service import CaptureDocument, EventResult, capture_one
from trace.events.tables import Event, EventLot
from trace.lots.service import require_lot
from trace.lots.tables import Lot
from trace.products.service import measured
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from trace.steps.model import make_step


@dataclass(frozen=True)
class LotAmount:
    """A lot (id, or a code that only one product uses) and how much, typed as value and unit."""

    lot: str
    value: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class RecordStep:
    """A step as a form says it.

    `place` is the URI of where it happened, None for the first lot's base or the party itself.
    `details` are texts by field name, as `trace.epcis.farm` lists them for the step.
    """

    party: str
    step: str
    at: datetime
    base_url: str
    lots: tuple[LotAmount, ...] = ()
    inputs: tuple[LotAmount, ...] = ()
    outputs: tuple[LotAmount, ...] = ()
    place: str | None = None
    operator: str | None = None
    note: str | None = None
    certificates: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)


def record_step(work: Work, command: RecordStep, actor: Actor, now: datetime) -> EventResult:
    """Record a step. Raises Refusal: everything that makes a captured event be rejected."""
    parts = {"lots": command.lots, "inputs": command.inputs, "outputs": command.outputs}
    goods = {name: tuple(_goods(work, name, rows)) for name, rows in parts.items()}
    step = make_step(command.step, goods, command.details)
    occasion = Occasion(
        at=command.at,
        place=command.place or _place(work, command),
        operator=command.operator,
        note=command.note,
        certificates=command.certificates,
    )
    event = build_event(step, occasion, command.base_url)
    document = write_document([event], now, NAMESPACES)
    return capture_one(work, CaptureDocument(command.party, document, command.base_url), actor, now)


def _goods(work: Work, part: str, rows: Iterable[LotAmount]) -> Iterable[Goods]:
    for index, row in enumerate(rows):
        lot = require_lot(work, row.lot, f"/{part}/{index}/lot")
        product = work.get_one(Product, lot.product_id)
        yield Goods(
            item=product.facts().item,
            lot=lot.code,
            amount=_amount(product, row, f"/{part}/{index}"),
            name=product.name_zh,
        )


def _amount(product: Product, row: LotAmount, pointer: str) -> Amount | None:
    typed = (row.value, row.unit or "") if row.value else None
    quantity = measured(typed, product.facts().measure, pointer)
    if quantity is None:
        return None
    return Amount(product.facts().measure, quantity.whole(), row.value, row.unit)


def _place(work: Work, command: RecordStep) -> str:
    rows = (*command.lots, *command.inputs, *command.outputs)
    if not rows:
        refuse(TraceRefusal.LOT_UNKNOWN, "/lots")
    lot = require_lot(work, rows[0].lot, "/lots")
    noun, id = ("bases", lot.base_id) if lot.base_id else ("parties", command.party)
    return f"{command.base_url}/registry/{noun}/{id}"


def last_step(session: Session, party: str) -> Event | None:
    """Return the party's newest recorded step, which a form offers to repeat."""
    query = (
        select(Event)
        .where(Event.party_id == party, Event.step.is_not(None), Event.outcome == "accepted")
        .order_by(Event.recorded_at.desc(), Event.payload_id)
        .limit(1)
    )
    return session.scalar(query)


def lots_of_event(session: Session, payload_id: str) -> list[tuple[Lot, EventLot]]:
    """Return the lots that an event moved or touched, with what it did to each."""
    query = (
        select(Lot, EventLot)
        .join(EventLot, EventLot.lot_id == Lot.id)
        .where(EventLot.payload_id == payload_id)
        .order_by(Lot.id, EventLot.move)
    )
    return [(lot, moved) for lot, moved in session.execute(query)]
