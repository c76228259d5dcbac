"""The states of a print permit: every deed in every state."""

from __future__ import annotations

import pytest

from certification.permits import model
from certification.permits.model import PermitDeed, PermitState, Standing, state_after
from tests.certification.books import codes

OPEN, FROZEN, CLOSED = PermitState


def at(state, name="p1", root="r"):
    return Standing(f"prmt:{name}", root, state)


@pytest.mark.parametrize(
    "deeds, state",
    [
        ("open", OPEN),
        ("open freeze", FROZEN),
        ("open freeze thaw", OPEN),
        ("open move", OPEN),
        ("open freeze close", CLOSED),
        ("open close", CLOSED),
    ],
)
def test_the_state_after_all_deeds(deeds, state):
    assert state_after(map(PermitDeed, deeds.split())) is state


ALLOWED: dict[object, dict[PermitState, str | None]] = {
    model.require_in_use: {OPEN: None, FROZEN: "permit_frozen", CLOSED: "permit_closed"},
    model.check_freeze: {OPEN: None, FROZEN: "permit_frozen", CLOSED: "permit_closed"},
    model.check_thaw: {OPEN: "permit_not_frozen", FROZEN: None, CLOSED: "permit_closed"},
    model.check_close: {OPEN: None, FROZEN: None, CLOSED: "permit_closed"},
}


@pytest.mark.parametrize("rule", ALLOWED)
@pytest.mark.parametrize("state", PermitState)
def test_each_deed_in_each_state(rule, state):
    expected = ALLOWED[rule][state]
    assert rule(at(state)) is None if expected is None else codes(rule, at(state)) == [expected]


@pytest.mark.parametrize(
    "giver, taker, code",
    [
        (at(OPEN), at(OPEN), "permit_same"),
        (at(OPEN), at(OPEN, "p2", "s"), "permits_apart"),
        (at(FROZEN), at(OPEN, "p2"), "permit_frozen"),
        (at(OPEN), at(FROZEN, "p2"), "permit_frozen"),
        (at(CLOSED), at(OPEN, "p2"), "permit_closed"),
        (at(OPEN), at(CLOSED, "p2"), "permit_closed"),
    ],
)
def test_moves_that_are_none(giver, taker, code):
    assert codes(model.check_move, giver, taker) == [code]


def test_a_move():
    model.check_move(at(OPEN), at(OPEN, "p2"))
