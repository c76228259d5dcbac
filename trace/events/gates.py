"""What an event has to pass before it moves lots that are registered here.

The gates, in this order; each says its reasons, and all are listed together:
 1. the product is ours, so the lot has to be registered
 2. the lot belongs to the party that records
 3. the event is not before the lot was opened, and the stages are in order
 4. the quantity is whole and in the lot's measure
 5. the lot holds what is taken from it, and labels keep the goods that they stand for
 6. a transformation of masses gives no more than it takes; what grows until harvest may
Nothing is written here: the balances after the event come back, or the refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from runtime.clock import instant_text
from runtime.quantities import show
from runtime.refusal import Reason, Refusal
from trace.events.at_hand import AtHand, KnownLot, LotKey, lot_key
from trace.events.model import Moved, creates_goods, quantity_of_move, taken_back
from trace.lots.model import Balance, Move, moved, out_of_order
from trace.products.model import Measure
from trace.refusals import TraceRefusal


@dataclass(frozen=True)
class Passed:
    """One lot of an event that may pass: what moves, and the lot's balance after it."""

    key: LotKey
    move: Move
    quantity: int
    after: Balance


@dataclass(frozen=True)
class Candidate:
    """An event at the gates: who records it, its step and time, what it moves.

    `takes_back` says that it declares an earlier event an error.
    """

    party: str
    step: str | None
    at: datetime
    moves: tuple[Moved, ...]
    takes_back: bool = False


def pass_gates(event: Candidate, at_hand: AtHand, base_url: str) -> tuple[Passed, ...]:
    """Return what the event does to each registered lot. Raises Refusal with every reason."""
    reasons: list[Reason] = []
    passed: list[Passed] = []
    after: dict[str, Balance] = {}
    for each in event.moves:
        key = lot_key(each.uri, base_url)
        known = at_hand.lots.get(key) if key is not None else None
        if key is None or known is None:
            if key is not None and key[0] in at_hand.items:
                reasons.append(Reason(TraceRefusal.LOT_UNKNOWN))
            continue
        reasons += _of_lot(event, known)
        balance = after.get(known.lot.id, known.balance)
        result = _moved(event, each, known, balance)
        if isinstance(result, Reason):
            reasons.append(_in_words(result, known.product.measure))
            continue
        after[known.lot.id] = result[1]
        passed.append(Passed(key, each.move, result[0], result[1]))
    reasons += _created(event, passed, at_hand)
    if reasons:
        raise Refusal(*dict.fromkeys(reasons))
    return tuple(passed)


def _of_lot(event: Candidate, known: KnownLot) -> Iterator[Reason]:
    lot = known.lot
    if lot.owner_id != event.party:
        yield Reason(TraceRefusal.NOT_YOURS)
    if event.takes_back:
        return
    if event.at < lot.opened_at:
        numbers = {"at": instant_text(event.at), "opened": instant_text(lot.opened_at)}
        yield Reason(TraceRefusal.STEP_BEFORE_OPENING, "/eventTime", numbers)
    other = out_of_order(known.first.items(), event.step or "", event.at)
    if other is not None:
        numbers = {
            "at": instant_text(event.at),
            "other": other[0],
            "other_at": instant_text(other[1]),
        }
        yield Reason(TraceRefusal.STEP_OUT_OF_ORDER, "/eventTime", numbers)


def _moved(
    event: Candidate, each: Moved, known: KnownLot, balance: Balance
) -> tuple[int, Balance] | Reason:
    quantity = quantity_of_move(each, known.product.measure)
    if isinstance(quantity, Reason):
        return quantity
    whole = quantity.whole() if quantity is not None else 0
    result = (taken_back if event.takes_back else moved)(balance, each.move, whole)
    return result if isinstance(result, Reason) else (whole, result)


def _created(event: Candidate, passed: Iterable[Passed], at_hand: AtHand) -> Iterator[Reason]:
    if event.takes_back or event.step == "harvest":
        return
    amounts = [
        (each.move, at_hand.lots[each.key].product.measure, each.quantity)
        for each in passed
        if each.move in (Move.CONSUME, Move.RECEIVE)
    ]
    for reason in creates_goods(amounts):
        yield _in_words(reason, amounts[0][1])


def _in_words(reason: Reason, measure: Measure) -> Reason:
    """Say quantities of a reason with their unit, which a milligram count would hide."""
    numbers = {
        name: show(measure, value, "en") if isinstance(value, int) else value
        for name, value in reason.numbers.items()
    }
    return replace(reason, numbers=numbers)
