"""The rules of a lot.

A lot is a quantity of one product under one code. It is opened empty; harvest, stocking, purchase
or a transformation put something in; transformation, split and merge take something out into other
lots; a sale takes it out of our sight.

Invariants, for each lot and at every moment:
- 0 <= consumed + sold <= received: nothing can give more than it holds
- labelled pieces * net content <= received - consumed: a printed label always has goods behind it
- the first time of an earlier stage is not after the first time of a later one: what is sold was
  packed before, what is packed was harvested before
Quantities are integer milligrams or pieces below 2**53, as the product is measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from runtime.quantities import WHOLE_LIMIT
from runtime.refusal import Reason
from trace.refusals import TraceRefusal


class Move(StrEnum):
    """What an event does to a lot's quantity."""

    RECEIVE = "receive"
    CONSUME = "consume"
    SELL = "sell"
    TOUCH = "touch"


@dataclass(frozen=True)
class Balance:
    """What a lot has had, in mg or pieces; `labelled` is what its printed labels stand for."""

    received: int = 0
    consumed: int = 0
    sold: int = 0
    labelled: int = 0

    @property
    def held(self) -> int:
        """What the lot can still give."""
        return self.received - self.consumed - self.sold

    @property
    def labellable(self) -> int:
        """The quantity that further labels may stand for."""
        return self.received - self.consumed - self.labelled


def moved(balance: Balance, move: Move, quantity: int) -> Balance | Reason:
    """Return the balance after a move, or the reason why it cannot be."""
    if move is Move.RECEIVE:
        if balance.received + quantity >= WHOLE_LIMIT:
            return Reason(TraceRefusal.QUANTITY_MALFORMED, numbers={"why": "too_large"})
        return replace(balance, received=balance.received + quantity)
    if quantity > balance.held:
        return Reason(
            TraceRefusal.MORE_THAN_HELD, numbers={"asked": quantity, "held": balance.held}
        )
    if move is Move.SELL:
        return replace(balance, sold=balance.sold + quantity)
    if move is Move.CONSUME:
        if quantity > balance.labellable:
            numbers = {"asked": quantity, "free": balance.labellable}
            return Reason(TraceRefusal.LABELS_STAND_FOR_IT, numbers=numbers)
        return replace(balance, consumed=balance.consumed + quantity)
    return balance


STAGES = {"seed_or_stocking": 1, "harvest": 2, "processing": 3, "packing": 4, "sale": 5}
"""Steps whose order is fixed; input, storage, transport and inspection may come at any time."""


def out_of_order(
    first: Iterable[tuple[str, datetime]], step: str, at: datetime
) -> tuple[str, datetime] | None:
    """Return the recorded step (with its first time) that a new step at this time contradicts.

    `first` holds for each recorded step its first time. A later repetition of a step is fine; only
    the first times have to follow the stages.
    """
    stage = STAGES.get(step)
    if stage is None:
        return None
    times = dict(first)
    mine = min(at, times.get(step, at))
    for other, time in times.items():
        other_stage = STAGES.get(other, stage)
        if (other_stage < stage and time > mine) or (other_stage > stage and time < mine):
            return other, time
    return None
