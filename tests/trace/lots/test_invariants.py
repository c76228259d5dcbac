"""Whatever growers do, in whatever order: the invariants of `trace.lots.model` hold at every step.

A model beside the node says what each lot should have had; the second reader agrees in the end.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.refusal import Refusal
from tests.trace.chain import MG, Farm, added, event, goods, made, wrong
from tests.trace.labels.stage import URL
from trace.labels.model import PrintAllowance
from trace.labels.service import PrintRun, print_run
from trace.lots.tables import LotBalance
from trace.replay import replay

LOTS = "ABCD"
BAG = 5
RULES = ("harvest", "move", "move", "sell", "label", "wrong", "again")
actions = st.lists(
    st.tuples(
        st.sampled_from(RULES),
        st.sampled_from(LOTS),
        st.sampled_from(LOTS),
        st.integers(1, 60),
        st.integers(1, 60),
    ),
    min_size=25,
    max_size=25,
)


class Books:
    """What each lot has had by the rules as people would say them, in kilograms."""

    def __init__(self) -> None:
        self.received: dict[str, int] = defaultdict(int)
        self.consumed: dict[str, int] = defaultdict(int)
        self.sold: dict[str, int] = defaultdict(int)
        self.labelled: dict[str, int] = defaultdict(int)
        self.told: list[tuple[dict[str, Any], tuple[tuple[dict[str, int], str, int], ...]]] = []

    def sound(self) -> bool:
        """Nothing has given more than it holds, and every label has goods behind it."""
        return all(
            0 <= self.consumed[lot] + self.sold[lot] <= self.received[lot]
            and min(self.consumed[lot], self.sold[lot]) >= 0
            and self.labelled[lot] <= self.received[lot] - self.consumed[lot]
            for lot in LOTS
        )

    def post(self, rows: tuple[tuple[dict[str, int], str, int], ...], sign: int = 1) -> bool:
        """Book, or leave all as it was if that would break a rule."""
        for book, lot, amount in rows:
            book[lot] += sign * amount
        if self.sound():
            return True
        for book, lot, amount in rows:
            book[lot] -= sign * amount
        return False


@settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions)
def test_every_order_of_steps_keeps_the_balances(field: Farm, done: list) -> None:
    season = Random(str(done)).randrange(10**9)
    names = {lot: f"{lot}{season}" for lot in LOTS}
    field.open(*(code for code in names.values() if code not in field.lots))
    books = Books()
    for number, action in enumerate(done):
        outcome, expected = play(field, books, names, number, *action)
        assert outcome == expected, (number, action)
        for lot, code in names.items():
            balance = field.balance(code)
            wanted = (books.received, books.consumed, books.sold, books.labelled)
            found = (balance.received, balance.consumed, balance.sold, balance.labelled)
            assert found == tuple(book[lot] * MG for book in wanted), (number, action, lot)
    with field.node.database.read() as session:
        assert session.get(LotBalance, field.lots[names["A"]]) is not None
        assert replay(session, field.node.vault) == []


def play(
    field: Farm, books: Books, names: dict[str, str], number: int,
    rule: str, a: str, b: str, much: int, more: int,
) -> tuple[bool, bool]:  # fmt: skip
    """Do one thing; gives whether it was taken, and whether it should have been."""
    at = {"eventTime": f"2026-10-10T08:{number:02}:00.000+08:00"}
    if rule == "label":
        return labels(field, names[a], much % 12 + 1), books.post(
            ((books.labelled, a, (much % 12 + 1) * BAG),)
        )
    if rule in ("wrong", "again"):
        return again(field, books, rule, much)
    if rule == "harvest":
        told, rows = added(names[a], str(much)), ((books.received, a, much),)
    elif rule == "sell":
        told = event(action="DELETE", quantityList=[goods(names[a], str(much))])
        rows = ((books.sold, a, much),)
    else:
        told = made([goods(names[a], str(much))], [goods(names[b], str(more))])
        rows = ((books.consumed, a, much), (books.received, b, more))  # type: ignore[assignment]
    told |= at
    allowed = more <= much if rule == "move" else True
    # Goods leave before they arrive: a lot cannot feed itself.
    allowed = allowed and (rule != "move" or a != b or _feeds_itself(books, a, much))
    taken = field.one(told).outcome == "accepted"
    expected = allowed and books.post(rows)
    if taken:
        books.told.append((told, rows))
    return taken, expected


def _feeds_itself(books: Books, lot: str, much: int) -> bool:
    held = books.received[lot] - books.consumed[lot] - books.sold[lot]
    free = books.received[lot] - books.consumed[lot] - books.labelled[lot]
    return much <= min(held, free)


def again(field: Farm, books: Books, rule: str, which: int) -> tuple[bool, bool]:
    """Send an earlier event again, or declare it an error."""
    if not books.told:
        return True, True
    told, rows = books.told[which % len(books.told)]
    if rule == "again":
        return field.one(told).outcome == "duplicate", True
    taken = field.one(wrong(told)).outcome == "accepted"
    expected = books.post(rows, -1)
    if taken:
        books.told.remove((told, rows))
    return taken, expected


def labels(field: Farm, code: str, count: int) -> bool:
    """Print labels for a lot, if that is allowed."""
    allowance = PrintAllowance(URL, demo=False)
    order = PrintRun(field.stage.coop, "rice", count, allowance, field.lots[code])
    try:
        field.stage.do(print_run, order)
    except Refusal:
        return False
    return True
