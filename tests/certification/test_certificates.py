"""The state of a certificate at any moment: the model alone, against a slower one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.certificates.model import (
    STATE_WORDS,
    USE_REFUSALS,
    Change,
    ChangeKind,
    Grant,
    History,
    State,
    check_change,
    check_grant,
    latest_end,
    require_usable,
    status_at,
)
from certification.schemes.service import scheme
from runtime.refusal import Refusal

DAY = timedelta(days=1)
SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 30, tzinfo=UTC)
FROM, TO = date(2026, 9, 10), date(2026, 10, 31)
# Beijing's 10 September begins, and its 31 October ends, at 16:00 UTC of the day before / that day.
BEGINS = datetime(2026, 9, 9, 16, tzinfo=UTC)
ENDS = datetime(2026, 10, 31, 16, tzinfo=UTC)


def history(*changes: tuple[str, int], to_date=TO) -> History:
    """Decisions as (kind, day after 1 September), recorded when they took effect."""
    made = [
        Change(n, ChangeKind(kind), SEPTEMBER + day * DAY, SEPTEMBER + day * DAY)
        for n, (kind, day) in enumerate(changes, 1)
    ]
    return History(FROM, to_date, tuple(made))


LICENCE = history(("grant", 0), ("suspend", 20), ("resume", 30), ("revoke", 50))
STATES = [
    (SEPTEMBER - DAY, State.NOT_YET),
    (BEGINS - timedelta(microseconds=1), State.NOT_YET),
    (BEGINS, State.ACTIVE),
    (SEPTEMBER + 20 * DAY - timedelta(microseconds=1), State.ACTIVE),
    (SEPTEMBER + 20 * DAY, State.SUSPENDED),
    (SEPTEMBER + 30 * DAY, State.ACTIVE),
    (SEPTEMBER + 50 * DAY, State.REVOKED),
    (ENDS, State.REVOKED),
]


@pytest.mark.parametrize("at, state", STATES)
def test_states_of_one_licence(at, state):
    assert status_at(LICENCE, at, NOVEMBER).state is state


@pytest.mark.parametrize(
    "at, state",
    [(ENDS - timedelta(microseconds=1), State.ACTIVE), (ENDS, State.EXPIRED)],
)
def test_the_last_day_ends_at_24_00_in_beijing(at, state):
    assert status_at(history(("grant", 0)), at, NOVEMBER).state is state


def test_packed_before_the_end_and_after_it():
    """The rival of the rice story: packed 28 October, ended 31 October, packed 5 November."""
    licence = history(("grant", 0))
    packed = datetime(2026, 10, 28, 4, tzinfo=UTC)
    late = datetime(2026, 11, 5, 4, tzinfo=UTC)
    assert status_at(licence, packed, NOVEMBER).may_use_mark
    assert status_at(licence, NOVEMBER, NOVEMBER).state is State.EXPIRED
    assert not status_at(licence, late, NOVEMBER).may_use_mark


def test_a_right_without_end_does_not_expire():
    assert status_at(history(("grant", 0), to_date=None), NOVEMBER, NOVEMBER).state is State.ACTIVE


def test_nothing_known_is_unknown():
    assert status_at(LICENCE, NOVEMBER, SEPTEMBER - DAY).state is State.UNKNOWN


@st.composite
def histories(draw) -> History:
    """Random decisions, also backdated and annulled, in the order in which they were recorded."""
    changes = [Change(1, ChangeKind.GRANT, SEPTEMBER, SEPTEMBER)]
    recorded = SEPTEMBER
    for n in range(2, draw(st.integers(1, 8)) + 1):
        recorded += draw(st.integers(0, 10)) * DAY
        kind = draw(st.sampled_from([kind for kind in ChangeKind if kind is not ChangeKind.GRANT]))
        effective = SEPTEMBER + draw(st.integers(0, 80)) * DAY
        annuls = draw(st.integers(1, n - 1)) if kind is ChangeKind.ANNUL else None
        changes.append(Change(n, kind, effective, recorded, annuls))
    return History(FROM, draw(st.sampled_from([TO, None])), tuple(changes))


moments = st.integers(-10, 120).map(lambda day: SEPTEMBER + day * DAY)


NEXT = {
    (State.NOT_YET, ChangeKind.GRANT): State.ACTIVE,
    (State.ACTIVE, ChangeKind.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, ChangeKind.RESUME): State.ACTIVE,
    (State.ACTIVE, ChangeKind.REVOKE): State.REVOKED,
    (State.SUSPENDED, ChangeKind.REVOKE): State.REVOKED,
}


def plain_state(of: History, at: datetime, known: datetime) -> State:
    """The same answer by walking through time day by day, with a list of what is struck out."""
    listed = [change for change in of.changes if change.recorded_at <= known]
    if not listed:
        return State.UNKNOWN
    struck = [change.annuls for change in listed if change.kind is ChangeKind.ANNUL]
    rest = [c for c in listed if c.kind is not ChangeKind.ANNUL and c.n not in struck]
    if ChangeKind.GRANT not in [change.kind for change in rest]:
        return State.ANNULLED
    state, day = State.NOT_YET, SEPTEMBER - 20 * DAY
    while day <= at:
        for change in [change for change in rest if change.effective_at == day]:
            state = NEXT.get((state, change.kind), state)
        day += DAY
    if state in (State.REVOKED, State.NOT_YET):
        return state
    if at < BEGINS:
        return State.NOT_YET
    return State.EXPIRED if of.to_date is not None and at >= ENDS else state


@given(histories(), moments, moments)
def test_status_equals_the_plain_walk(of, at, known):
    assert status_at(of, at, known).state is plain_state(of, at, known)


@given(histories(), moments, moments)
def test_the_past_as_known_never_changes(of, at, known):
    later = History(of.from_date, of.to_date, of.changes)
    cut = History(of.from_date, of.to_date, tuple(c for c in of.changes if c.recorded_at <= known))
    assert status_at(cut, at, known) == status_at(later, at, known)


@given(histories(), moments, moments)
def test_time_alone_changes_the_state_only_at_next_at(of, at, known):
    status = status_at(of, at, known)
    end = status.next_at or at + 30 * DAY
    between = at + (end - at) / 2
    if at <= between < end:
        assert status_at(of, between, known).state is status.state


@given(histories(), moments)
def test_what_may_be_used_is_never_refused_and_the_reverse(of, at):
    status = status_at(of, at, NOVEMBER + 90 * DAY)
    if status.may_use_mark:
        require_usable(status)
    else:
        with pytest.raises(Refusal):
            require_usable(status)


def test_every_state_has_words_and_every_unusable_one_a_refusal():
    assert set(STATE_WORDS) == set(State)
    assert set(USE_REFUSALS) == set(State) - {State.ACTIVE}


def test_a_suspension_before_the_first_day_can_be_resumed_before_it():
    early = history(("grant", 0), ("suspend", 2))
    check_change(early, ChangeKind.RESUME, SEPTEMBER + 3 * DAY, SEPTEMBER + 3 * DAY)


def test_an_ended_right_is_changed_no_more():
    with pytest.raises(Refusal) as refused:
        check_change(history(("grant", 0)), ChangeKind.SUSPEND, ENDS, NOVEMBER)
    assert refused.value.first.code.code == "certificate_expired"


@pytest.mark.parametrize(
    "begins, ends",
    [
        (date(2026, 10, 1), date(2029, 9, 30)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2026, 1, 1), date(2028, 12, 31)),
    ],
)
def test_the_latest_end_of_a_three_year_term(begins, ends):
    licence = scheme("jnjp")
    assert latest_end(licence, begins) == ends
    grant = Grant("JNJP-2026-0001", "org:x", ("prod:x",), (), begins, ends, 5, "piece")
    check_grant(licence, grant)


def test_the_gi_mark_has_no_latest_end():
    assert latest_end(scheme("gi"), FROM) is None
