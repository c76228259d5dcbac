"""The rules of a lot as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.quantities import WHOLE_LIMIT
from runtime.refusal import Reason
from trace.events.model import Earlier, Standing, creates_goods, standing_of, taken_back
from trace.lots.model import Balance, Move, moved, out_of_order

FULL = Balance(received=100, consumed=20, sold=30, labelled=60)
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)

MOVES = [
    (Move.RECEIVE, 5, Balance(105, 20, 30, 60)),
    (Move.SELL, 50, Balance(100, 20, 80, 60)),
    (Move.SELL, 51, "MORE_THAN_HELD"),
    (Move.CONSUME, 20, Balance(100, 40, 30, 60)),
    (Move.CONSUME, 21, "LABELS_STAND_FOR_IT"),
    (Move.CONSUME, 51, "MORE_THAN_HELD"),
    (Move.TOUCH, 50, FULL),
    (Move.TOUCH, 51, "MORE_THAN_HELD"),
    (Move.RECEIVE, WHOLE_LIMIT - 101, Balance(WHOLE_LIMIT - 1, 20, 30, 60)),
    (Move.RECEIVE, WHOLE_LIMIT - 100, "QUANTITY_MALFORMED"),
]


@pytest.mark.parametrize(("move", "quantity", "result"), MOVES)
def test_moves(move: Move, quantity: int, result: Balance | str) -> None:
    found = moved(FULL, move, quantity)
    assert (found.code.name if isinstance(found, Reason) else found) == result


BACK = [
    (Move.CONSUME, 20, Balance(100, 0, 30, 60)),
    (Move.SELL, 30, Balance(100, 20, 0, 60)),
    (Move.RECEIVE, 20, Balance(80, 20, 30, 60)),
    (Move.RECEIVE, 21, "LABELS_STAND_FOR_IT"),
    (Move.RECEIVE, 51, "MORE_THAN_HELD"),
    (Move.TOUCH, 0, FULL),
]


@pytest.mark.parametrize(("move", "quantity", "result"), BACK)
def test_moves_declared_an_error(move: Move, quantity: int, result: Balance | str) -> None:
    found = taken_back(FULL, move, quantity)
    assert (found.code.name if isinstance(found, Reason) else found) == result


@given(st.lists(st.tuples(st.sampled_from(Move), st.integers(0, 50)), max_size=40))
def test_no_order_of_moves_breaks_a_balance(steps: list[tuple[Move, int]]) -> None:
    balance = Balance(labelled=0)
    for move, quantity in steps:
        after = moved(balance, move, quantity)
        if isinstance(after, Balance):
            undone = taken_back(after, move, quantity)
            assert undone == balance
            balance = after
        assert 0 <= balance.consumed + balance.sold <= balance.received


CREATED = [
    ([("consume", "mass", 10), ("receive", "mass", 10)], True),
    ([("consume", "mass", 10), ("receive", "mass", 11)], False),
    ([("consume", "mass", 10), ("consume", "mass", 5), ("receive", "mass", 15)], True),
    ([("consume", "mass", 10), ("receive", "pieces", 99)], True),
    ([("receive", "mass", 10)], True),
    ([], True),
]


@pytest.mark.parametrize(("amounts", "passes"), CREATED)
def test_a_transformation_creates_no_goods(amounts: list, passes: bool) -> None:
    reasons = list(creates_goods((Move(move), *rest) for move, *rest in amounts))
    assert [each.code.name for each in reasons] == ([] if passes else ["OUTPUT_EXCEEDS_INPUT"])


def test_only_first_times_are_in_order() -> None:
    first = {"harvest": NOON, "packing": NOON + timedelta(days=2)}
    day = timedelta(days=1)
    assert out_of_order(first.items(), "harvest", NOON + 9 * day) is None
    assert out_of_order(first.items(), "processing", NOON + day) is None
    assert out_of_order(first.items(), "processing", NOON - day) == ("harvest", NOON)
    assert out_of_order(first.items(), "processing", NOON + 3 * day) == (
        "packing",
        first["packing"],
    )
    assert out_of_order(first.items(), "transport", NOON - 99 * day) is None


STANDINGS = [
    ([], False, "accepted"),
    ([], True, "declared"),
    (["accepted"], False, "clash"),
    (["accepted"], True, "declared"),
    (["accepted", "declared"], True, "clash"),
    (["accepted", "clash"], True, "declared"),
    (["declared"], False, "clash"),
    (["declared"], True, "clash"),
]


@pytest.mark.parametrize(("before", "declares", "standing"), STANDINGS)
def test_what_an_event_counts_as(before: list[str], declares: bool, standing: str) -> None:
    earlier = [Earlier(b"", f"e{n}", outcome, "org:a") for n, outcome in enumerate(before)]
    assert standing_of(earlier, "org:a", declares) is Standing(standing)


def test_another_partys_event_is_not_declared_wrong() -> None:
    assert standing_of([Earlier(b"", "e", "accepted", "org:a")], "org:b", True) is Standing.CLASH
