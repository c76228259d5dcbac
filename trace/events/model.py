"""The rules of an event: what it does to lots, and what makes it a duplicate or a clash.

Nouns. An event *names* goods; those that are lots registered here are *moved*: a transformation
consumes its inputs and makes its outputs; goods that are added come into being; goods that are
sold or destroyed leave our sight; everything else is touched. Goods that are not registered here
touch no balance.

Outcomes of a captured event: *accepted*; *duplicate* (same CBV hash and same understood record:
nothing is written); *clash* (same hash, another record: kept, shown, moves nothing); *declared*
(an error declaration: takes the moves of the party's accepted event of the same hash back, or,
where that has not come, says that it will be wrong); *rejected* with its reasons. A second
declaration about an event, and one about another party's, are clashes.

Invariants:
- an event moves a lot only for the lot's owner, not before the lot was opened, in the order of
  stages, and within what the lot holds (`trace.lots.model`)
- a transformation of masses gives no more than it takes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from runtime.quantities import Quantity, QuantityError, parse
from runtime.refusal import Reason
from trace.epcis.understood import Named, named
from trace.lots.model import Balance, Move
from trace.products.model import Measure
from trace.refusals import TraceRefusal

SOLD = frozenset({"https://ref.gs1.org/cbv/BizStep-retail_selling"})
"""CBV steps that take goods out of the chain that we follow."""


class Outcome(StrEnum):
    """How the capture of one event ended."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CLASH = "clash"
    REJECTED = "rejected"


class Standing(StrEnum):
    """What an event that is kept counts as."""

    ACCEPTED = "accepted"
    CLASH = "clash"
    DECLARED = "declared"


@dataclass(frozen=True)
class Earlier:
    """An event in the log: digest of its understood record, entry, `Standing`, party."""

    digest: bytes
    payload_id: str
    outcome: str
    party: str


def original_of(same: Iterable[Earlier]) -> Earlier | None:
    """Return the one accepted event among those of one hash, or None."""
    return next((each for each in same if each.outcome == Standing.ACCEPTED), None)


def standing_of(same: Iterable[Earlier], party: str, declares: bool) -> Standing:
    """Return what a new event counts as after those of the same hash."""
    earlier = tuple(same)
    if not earlier:
        return Standing.DECLARED if declares else Standing.ACCEPTED
    original = original_of(earlier)
    settled = any(each.outcome == Standing.DECLARED for each in earlier)
    if not declares or settled or original is None or original.party != party:
        return Standing.CLASH
    return Standing.DECLARED


@dataclass(frozen=True)
class Moved:
    """Something that an event names (a URI), what happens to it, and how much as the event says."""

    uri: str
    move: Move
    quantity: str | None
    unit: str | None


def moves(record: Mapping[str, Any], *, sold: bool) -> tuple[Moved, ...]:
    """Return what an understood event does to each thing that it names, in its own order.

    `sold` says that our farm vocabulary calls the step a sale.
    """
    # Elsewhere DELETE undoes an aggregation or a link and destroys nothing (EPCIS 2.0, 7.4).
    action = record.get("action") if record["type"] == "ObjectEvent" else None
    leaves = sold or record.get("bizStep") in SOLD or action == "DELETE"
    made = action == "ADD" and not leaves
    return tuple(Moved(n.uri, _move(n, leaves, made), n.quantity, n.unit) for n in named(record))


def _move(thing: Named, leaves: bool, made: bool) -> Move:
    if thing.role == "input":
        return Move.CONSUME
    if thing.role == "output":
        return Move.RECEIVE
    if leaves:
        return Move.SELL
    return Move.RECEIVE if made and thing.quantity is not None else Move.TOUCH


def quantity_of_move(moved: Moved, measure: Measure) -> Quantity | Reason | None:
    """Return how much is moved in the lot's measure, None where nothing is, or why it cannot be.

    EPCIS says masses with a UN/CEFACT unit (KGM) and pieces without one.
    """
    if moved.quantity is None:
        return None if moved.move is Move.TOUCH else Reason(TraceRefusal.QUANTITY_MISSING)
    try:
        quantity = parse(moved.quantity, moved.unit or "H87")
        quantity.whole()
    except QuantityError as error:
        return Reason(TraceRefusal.QUANTITY_MALFORMED, numbers={"why": error.code})
    if quantity.exact == 0:
        return Reason(TraceRefusal.QUANTITY_MALFORMED, numbers={"why": "zero"})
    return quantity if quantity.kind == measure else Reason(TraceRefusal.WRONG_UNIT)


def taken_back(balance: Balance, move: Move, quantity: int) -> Balance | Reason:
    """Return the balance after a move has been declared an error, or why it cannot be undone."""
    if move is Move.CONSUME:
        return replace(balance, consumed=balance.consumed - quantity)
    if move is Move.SELL:
        return replace(balance, sold=balance.sold - quantity)
    if move is Move.RECEIVE:
        if quantity > balance.held:
            numbers = {"asked": quantity, "held": balance.held}
            return Reason(TraceRefusal.MORE_THAN_HELD, numbers=numbers)
        if quantity > balance.labellable:
            numbers = {"asked": quantity, "free": balance.labellable}
            return Reason(TraceRefusal.LABELS_STAND_FOR_IT, numbers=numbers)
        return replace(balance, received=balance.received - quantity)
    return balance


def creates_goods(amounts: Iterable[tuple[Move, Measure, int]]) -> Iterator[Reason]:
    """Yield the reason why a transformation gives more mass, or more pieces alone, than it takes.

    Amounts in mg or pieces. Where mass becomes pieces or pieces mass nothing can be compared.
    """
    rows = list(amounts)
    measures = {measure for _, measure, _ in rows}
    if len(measures) != 1:
        return
    taken = sum(amount for move, _, amount in rows if move is Move.CONSUME)
    given = sum(amount for move, _, amount in rows if move is Move.RECEIVE)
    if taken and given > taken:
        yield Reason(TraceRefusal.OUTPUT_EXCEEDS_INPUT, numbers={"output": given, "input": taken})
