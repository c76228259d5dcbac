"""Races of many issuers for the last unit of a print permit, one after another on one node.

Before each race one unit is moved into the permit; then all issuers print one label at once. More
than one label printed in a race is over-issue. Attempts leave no audit rows, so that ten thousand
races measure locks and not the disk.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from certification.permits.service import MovePermit, OpenPermit, move_permit, open_permit
from runtime.refusal import Refusal
from tests.certification.desk import Book, Desk, book

HANDS = 64
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Raced:
    """How many races, how many labels were printed in them, and how the others were refused."""

    races: int
    printed: int
    over_issued: int
    refused: dict[str, int]


def race(desk: Desk, races: int, hands: int = HANDS) -> Raced:
    """Let `hands` issuers race for one unit, so many times."""
    permit, reserve = _ready(desk, races)
    start = Barrier(hands)
    printed, over, refused = 0, 0, Counter[str]()

    def issue(_: int) -> str:
        start.wait()
        try:
            order = Book(permit.permit_id, "print", 1)
            done = desk.node.unit.run_within(PATIENCE_SECONDS, book, order, actor=desk.actor)
        except Refusal as refusal:
            return str(refusal.first.code.code)
        return "printed" if done is not None else "gave_up"

    with ThreadPoolExecutor(hands) as pool:
        for n in range(races):
            if n:
                _move(desk, reserve, permit.number)
            outcomes = Counter(pool.map(issue, range(hands)))
            won = outcomes.pop("printed", 0)
            printed, over = printed + won, over + max(0, won - 1)
            refused += outcomes
    return Raced(races, printed, over, dict(refused))


def _ready(desk: Desk, races: int):
    """A certificate whose quantity is what the races need: a permit with one unit, a reserve."""
    decided = desk.grant(quantity=str(races + 1))
    permit = _open(desk, decided.cert_id, 1)
    return permit, _open(desk, decided.cert_id, races).number


def _open(desk: Desk, cert_id: str, units: int):
    return desk.run(open_permit, OpenPermit(cert_id, desk.packer, str(units), "件", "准印"))


def _move(desk: Desk, giver: str, taker: str) -> None:
    desk.run(move_permit, MovePermit(giver, taker, "1", "件", "调剂"))
