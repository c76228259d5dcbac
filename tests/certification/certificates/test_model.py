"""The state of a certificate at any moment: the model alone, against a slower one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.certificates.model import (
    CHANGE_WORDS,
    FINAL,
    STATE_WORDS,
    USE_REFUSALS,
    Amendment,
    Change,
    ChangeKind,
    Grant,
    History,
    State,
    Term,
    check_amendment,
    check_change,
    check_confirmation,
    check_grant,
    latest_end,
    next_year,
    require_usable,
    status_at,
    term_at,
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
    return History((Term(1, FROM, to_date),), tuple(made))


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


# --- Random histories ----------------------------------------------------------------------------

first_days = st.integers(-5, 40).map(lambda day: FROM + day * DAY)


@st.composite
def histories(draw) -> History:
    """Random decisions, also backdated and annulled, in the order in which they were recorded.

    Nothing forbids them here: the rule has to answer about whatever rows there are.
    """
    changes = [Change(1, ChangeKind.GRANT, SEPTEMBER, SEPTEMBER)]
    terms = [Term(1, FROM, draw(st.sampled_from([TO, None])), draw(confirm_days))]
    recorded = SEPTEMBER
    for n in range(2, draw(st.integers(1, 9)) + 1):
        recorded += draw(st.integers(0, 10)) * DAY
        kind = draw(st.sampled_from([kind for kind in ChangeKind if kind is not ChangeKind.GRANT]))
        effective = SEPTEMBER + draw(st.integers(0, 80)) * DAY
        annuls = draw(st.integers(1, n - 1)) if kind is ChangeKind.ANNUL else None
        confirm = FROM + draw(st.integers(0, 90)) * DAY if kind is ChangeKind.CONFIRM else None
        changes.append(Change(n, kind, effective, recorded, annuls, confirm))
        if kind is ChangeKind.AMEND and draw(st.booleans()):
            begins = draw(first_days)
            ends = draw(st.none() | st.integers(0, 60).map(lambda day: begins + day * DAY))  # noqa: B023
            terms.append(Term(n, begins, ends, draw(confirm_days)))
    return History(tuple(terms), tuple(changes))


confirm_days = st.none() | st.integers(0, 90).map(lambda day: FROM + day * DAY)
moments = st.integers(-10, 120).map(lambda day: SEPTEMBER + day * DAY)

LIVING = (State.ACTIVE, State.SUSPENDED)
NEXT = {
    (State.NOT_YET, ChangeKind.GRANT): State.ACTIVE,
    (State.ACTIVE, ChangeKind.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, ChangeKind.RESUME): State.ACTIVE,
    **{(state, ChangeKind.REVOKE): State.REVOKED for state in LIVING},
    **{(state, ChangeKind.CANCEL): State.CANCELLED for state in LIVING},
    **{(state, ChangeKind.SUPERSEDE): State.SUPERSEDED for state in LIVING},
    **{(state, ChangeKind.PASS_ON): State.TRANSFERRED for state in LIVING},
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
    state, day, done = State.NOT_YET, SEPTEMBER - 20 * DAY, []
    while day <= at:
        for change in [change for change in rest if change.effective_at == day]:
            state = NEXT.get((state, change.kind), state)
            done.append(change)
        day += DAY
    if state is State.NOT_YET or state in FINAL:
        return state
    return plain_term(of, done, at) or state


def plain_term(of: History, done: list[Change], at: datetime) -> State | None:
    """NOT_YET or EXPIRED where the term says so: a day is counted by its date in Beijing."""
    today = (at + timedelta(hours=8)).date()
    held = None
    for place, change in enumerate(done):
        term = next((term for term in of.terms if term.n == change.n), None)
        if term is not None and term.from_date <= today:
            held = (place, term)
    if held is None:
        return State.NOT_YET
    place, term = held
    confirmed = [c.confirm_by for c in done[place:] if c.kind is ChangeKind.CONFIRM]
    last = confirmed[-1] if term.confirm_by and confirmed else term.confirm_by
    return State.EXPIRED if any(day and today > day for day in (term.to_date, last)) else None


@given(histories(), moments, moments)
def test_status_equals_the_plain_walk(of, at, known):
    assert status_at(of, at, known).state is plain_state(of, at, known)


@given(histories(), moments, moments)
def test_the_past_as_known_never_changes(of, at, known):
    cut = History(of.terms, tuple(c for c in of.changes if c.recorded_at <= known))
    assert status_at(cut, at, known) == status_at(of, at, known)


@given(histories(), moments, moments)
def test_time_alone_changes_the_state_only_at_next_at(of, at, known):
    status = status_at(of, at, known)
    end = status.next_at or at + 30 * DAY
    between = at + (end - at) / 2
    if at <= between < end:
        assert status_at(of, between, known).state is status.state


@given(histories(), moments, moments)
def test_the_state_has_been_the_same_since(of, at, known):
    status = status_at(of, at, known)
    if status.state in LIVING and status.since is not None:
        between = status.since + (at - status.since) / 2
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
    assert set(CHANGE_WORDS) == set(ChangeKind)


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


# --- Terms ---------------------------------------------------------------------------------------


def renewed(decided: int, first: date, last: date | None) -> History:
    """A licence to 31 October whose amendment of day `decided` sets another term."""
    own = history(("grant", 0), ("amend", decided))
    return History((*own.terms, Term(2, first, last)), own.changes)


RENEWAL = renewed(40, date(2026, 11, 1), date(2026, 12, 31))


def test_a_renewal_decided_early_takes_over_on_its_first_day():
    for at in (ENDS - DAY, ENDS - timedelta(microseconds=1), ENDS, ENDS + DAY):
        status = status_at(RENEWAL, at, NOVEMBER)
        assert (status.state, status.since) == (State.ACTIVE, BEGINS), at
    assert term_at(RENEWAL, ENDS - DAY, NOVEMBER) == RENEWAL.terms[0]
    assert term_at(RENEWAL, ENDS, NOVEMBER) == RENEWAL.terms[1]
    assert status_at(RENEWAL, ENDS, SEPTEMBER + 39 * DAY).state is State.EXPIRED
    assert RENEWAL.ends_at == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_a_shortened_term_holds_at_once():
    shorter = renewed(30, FROM, date(2026, 10, 10))
    assert status_at(shorter, SEPTEMBER + 29 * DAY, NOVEMBER).state is State.ACTIVE
    assert status_at(shorter, SEPTEMBER + 45 * DAY, NOVEMBER).state is State.EXPIRED


def test_an_annulled_renewal_never_was():
    own = history(("grant", 0), ("amend", 40), ("annul", 41))
    changes = (*own.changes[:2], replace(own.changes[2], annuls=2))
    annulled = History(RENEWAL.terms, changes)
    assert status_at(annulled, ENDS, NOVEMBER).state is State.EXPIRED
    assert status_at(annulled, ENDS, SEPTEMBER + 40 * DAY).state is State.ACTIVE


def listed(*confirmations: tuple[int, date]) -> History:
    """A listing without an end that is confirmed each year: (day of the decision, new day)."""
    own = history(("grant", 0), *(("confirm", day) for day, _ in confirmations), to_date=None)
    changes = [own.changes[0]]
    for change, (_, day) in zip(own.changes[1:], confirmations, strict=True):
        changes.append(replace(change, confirm_by=day))
    return History((Term(1, FROM, None, TO),), tuple(changes))


def test_a_listing_lapses_by_itself_when_its_confirmation_is_missed():
    missed = listed()
    assert status_at(missed, ENDS - timedelta(microseconds=1), NOVEMBER).state is State.ACTIVE
    status = status_at(missed, ENDS, NOVEMBER)
    assert (status.state, status.since) == (State.EXPIRED, ENDS)
    confirmed = listed((50, date(2027, 10, 31)))
    assert status_at(confirmed, ENDS, NOVEMBER).state is State.ACTIVE
    assert term_at(confirmed, ENDS, NOVEMBER) == Term(1, FROM, None, date(2027, 10, 31))
    late = SEPTEMBER + 70 * DAY
    with pytest.raises(Refusal) as refused:
        check_confirmation(missed, date(2027, 10, 31), late, late)
    assert refused.value.first.code.code == "certificate_expired"


@pytest.mark.parametrize(
    "day, refusal",
    [
        (TO, "confirm_by_not_later"),
        (date(2026, 9, 1), "confirm_by_not_later"),
        (date(2027, 11, 1), "confirm_by_too_far"),
        (date(2027, 10, 31), None),
        (date(2026, 11, 1), None),
    ],
)
def test_a_confirmation_holds_for_a_year_at_most(day, refusal):
    asked = (listed(), day, SEPTEMBER + 50 * DAY, SEPTEMBER + 50 * DAY)
    if refusal is None:
        check_confirmation(*asked)
    else:
        with pytest.raises(Refusal) as refused:
            check_confirmation(*asked)
        assert refused.value.first.code.code == refusal


def test_who_asks_for_no_confirmation_gets_none():
    with pytest.raises(Refusal) as refused:
        check_confirmation(history(("grant", 0)), NOVEMBER.date(), SEPTEMBER + DAY, NOVEMBER)
    assert refused.value.first.code.code == "confirmation_not_asked"


def test_the_same_day_of_the_next_year():
    assert next_year(date(2028, 2, 29)) == date(2029, 2, 28)
    assert next_year(date(2027, 2, 28)) == date(2028, 2, 28)


@pytest.mark.parametrize(
    "amendment, refusals",
    [
        (Amendment(), ["nothing_changed"]),
        (Amendment(products=()), ["products_missing"]),
        (Amendment(products=("a", "a"), bases=("b", "b")), ["scope_repeated"] * 2),
        (Amendment(products=("a",), marks={"z": FROM}), ["mark_day_not_of_scope"]),
        (Amendment(term=Term(2, date(2026, 11, 2), date(2026, 12, 1))), ["term_gap"]),
        (Amendment(term=Term(2, FROM, date(2026, 9, 1))), ["dates_reversed"]),
        (Amendment(term=Term(2, FROM, None)), ["end_missing"]),
        (Amendment(term=Term(2, FROM, TO, date(2026, 9, 1))), ["confirm_by_too_early"]),
        (Amendment(granted=5, unit=None), ["unit_not_of_scheme"]),
        (Amendment(granted=0, unit="piece"), ["quantity_invalid"]),
        (Amendment(granted=5, unit="piece"), []),
        (Amendment(term=Term(2, date(2026, 11, 1), date(2029, 10, 31))), []),
    ],
)
def test_what_an_amendment_may_not_do(amendment, refusals):
    asked = (scheme("jnjp"), history(("grant", 0)), amendment, SEPTEMBER + DAY, NOVEMBER)
    if not refusals:
        check_amendment(*asked)
        return
    with pytest.raises(Refusal) as refused:
        check_amendment(*asked)
    assert [reason.code.code for reason in refused.value.reasons] == refusals


FROM_STATE = {
    "active": (),
    "suspended": (("suspend", 1),),
    "revoked": (("revoke", 1),),
    "cancelled": (("cancel", 1),),
    "superseded": (("supersede", 1),),
    "transferred": (("pass_on", 1),),
}
CHANGES = {
    "amend": ("active", "suspended"),
    "confirm": ("active", "suspended"),
    "suspend": ("active",),
    "resume": ("suspended",),
    "revoke": ("active", "suspended"),
    "cancel": ("active", "suspended"),
    "supersede": ("active",),
    "pass_on": ("active",),
    "transfer_body": ("active", "suspended"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_from_every_state(kind):
    for state, before in FROM_STATE.items():
        asked = (history(("grant", 0), *before), ChangeKind(kind), SEPTEMBER + 2 * DAY, NOVEMBER)
        if state in CHANGES[kind]:
            check_change(*asked)
            continue
        with pytest.raises(Refusal) as refused:
            check_change(*asked)
        expected = "certificate_not_suspended" if state == "active" else f"certificate_{state}"
        assert refused.value.first.code.code == expected, state


def test_what_ends_a_right_for_those_who_ask_when_it_ended():
    for kind in ("cancel", "supersede", "pass_on"):
        assert history(("grant", 0), (kind, 20)).ends_at == SEPTEMBER + 20 * DAY
    assert history(("grant", 0), ("revoke", 20)).ends_at == ENDS
    assert history(("grant", 0)).begins_at == BEGINS
