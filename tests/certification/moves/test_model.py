"""The rules of a move, as tables: when one may be opened, and what may be said about a ticket."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from certification.moves.model import (
    DAYS_MAX,
    MoveState,
    Opening,
    TicketState,
    is_late,
    open_reasons,
    verdict_reasons,
)
from runtime.clock import BEIJING

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
TODAY = date(2026, 11, 1)
OPEN, CLOSED = MoveState
PENDING, ATTESTED, DECLINED, MOVED, SUSPENDED, GONE = TicketState

OPENINGS = [
    ("another body, tomorrow", "org:b", TODAY + timedelta(1), False, 1, []),
    ("a year ahead", "org:b", TODAY + timedelta(DAYS_MAX), False, 1, []),
    ("the same body", "org:a", TODAY + timedelta(1), False, 1, ["move_same_body"]),
    ("today", "org:b", TODAY, False, 1, ["move_deadline"]),
    ("too far ahead", "org:b", TODAY + timedelta(DAYS_MAX + 1), False, 1, ["move_deadline"]),
    ("another one is open", "org:b", TODAY + timedelta(1), True, 0, ["move_open_already"]),
    ("nothing to move", "org:b", TODAY + timedelta(1), False, 0, ["move_empty"]),
    (
        "everything at once",
        "org:a", TODAY, False, 0, ["move_same_body", "move_deadline", "move_empty"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "to_body, until, already_open, certificates, codes",
    [case[1:] for case in OPENINGS],
    ids=[case[0] for case in OPENINGS],
)
def test_when_a_move_may_be_opened(to_body, until, already_open, certificates, codes) -> None:
    asked = Opening("org:a", to_body, until, True, already_open, certificates)
    assert [reason.code.code for reason in open_reasons(asked, NOON)] == codes


def test_only_a_body_of_the_scheme_takes_over() -> None:
    asked = Opening("org:a", "org:b", TODAY + timedelta(1), False, False, 1)
    assert [reason.code.code for reason in open_reasons(asked, NOON)] == ["move_body_invalid"]


def test_the_last_day_ends_at_midnight_in_beijing() -> None:
    midnight = datetime(2026, 11, 2, tzinfo=BEIJING)
    assert not is_late(TODAY, midnight - timedelta(microseconds=1))
    assert is_late(TODAY, midnight)


VERDICTS = [
    ("attest what waits", OPEN, [PENDING], "attested", []),
    ("decline what waits", OPEN, [PENDING], "declined", []),
    ("attest what was declined", OPEN, [DECLINED], "attested", []),
    ("nothing is pending", OPEN, [], "attested", []),
    ("decline twice", OPEN, [DECLINED], "declined", ["ticket_decided"]),
    ("attest twice", OPEN, [ATTESTED], "attested", ["ticket_decided"]),
    ("decline what was attested", OPEN, [ATTESTED], "declined", ["ticket_decided"]),
    ("what was moved", OPEN, [MOVED], "attested", ["ticket_decided"]),
    ("what was suspended", OPEN, [SUSPENDED], "attested", ["ticket_decided"]),
    ("what is gone", OPEN, [GONE], "declined", ["ticket_decided"]),
    ("a strange certificate", OPEN, [None, PENDING], "attested", ["not_in_move"]),
    ("a closed move", CLOSED, [PENDING], "attested", ["move_not_open"]),
    ("another word", OPEN, [PENDING], "blessed", ["verdict_unknown"]),
]


@pytest.mark.parametrize(
    "state, tickets, verdict, codes",
    [case[1:] for case in VERDICTS],
    ids=[case[0] for case in VERDICTS],
)
def test_what_may_be_said_about_a_ticket(state, tickets, verdict, codes) -> None:
    named = {f"cert:{n}": ticket for n, ticket in enumerate(tickets)}
    reasons = list(verdict_reasons(state, TODAY, named, verdict, NOON))
    assert [reason.code.code for reason in reasons] == codes


def test_nothing_is_decided_after_the_last_day_and_the_place_is_named() -> None:
    late = NOON + timedelta(days=1)
    (reason,) = verdict_reasons(OPEN, TODAY, {"cert:0": PENDING}, "attested", late)
    assert reason.code.code == "move_not_open"
    named = {"cert:0": PENDING, "cert:1": MOVED}
    (reason,) = verdict_reasons(OPEN, TODAY, named, "attested", NOON)
    assert reason.pointer == "/certificates/1"
