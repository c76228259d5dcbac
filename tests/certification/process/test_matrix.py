"""Every state × event × role: what the table says is what happens, and nothing else happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from certification.process.guards import GUARDS, STATED
from certification.process.matrix import matrix, matrix_page, states
from certification.process.model import (
    CaseFacts,
    CaseState,
    CertificateFacts,
    Deed,
    Event,
    Outcome,
    Part,
    Process,
    Question,
    Standing,
    Who,
    objections_to,
    take_step,
)
from certification.process.table import CASE_ROWS, ROWS, Next, Noun
from certification.process.words import EVENT_WORDS, OUTCOME_WORDS, PART_WORDS, STATE_WORDS
from certification.schemes.model import Function, StepState, Task, TrackKind
from certification.schemes.service import scheme
from identity.roles import Role
from runtime.refusal import Refusal

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
JNJP = scheme("jnjp")
PROCESS = Process(JNJP, JNJP.tracks[TrackKind.INITIAL])

# With these facts and this deed no guard stands in the way of anything.
WILLING = CaseFacts(
    holder_kind="enterprise",
    certificate=CertificateFacts("cert:x", "active", date(2025, 1, 1), None),
    competent=True,
    declared="none",
    assignee_competent=True,
    lab_passed=True,
)


def standing(state: CaseState, event: Event) -> Standing:
    """A case in this state, far enough for the event."""
    since = datetime(2026, 2, 2, tzinfo=UTC)
    noticed = event in (Event.END_NOTICE, Event.ANSWER_OBJECTION, Event.GRANT, Event.OBJECT)
    until = date(2026, 6, 10) if event is Event.OBJECT else date(2026, 5, 8)
    return Standing(
        state=state,
        since=since,
        n=5,
        returned=True,
        notice_until=until if noticed else None,
        notice_over=event is Event.GRANT,
        objections={1: None} if event is Event.ANSWER_OBJECTION else {},
        agreement=True,
        fees=frozenset(fee.key for fee in JNJP.fees),
    )


def asked(state: CaseState, event: Event, outcome: Outcome | None, part: Part) -> Question:
    fee = JNJP.fees[0].key if JNJP.fees else None
    deed = Deed(event, outcome, "理由", 1, "user:B", Task.INSPECT, fee)
    who = Who("user:A", "org:A", frozenset({part}), frozenset(Function))
    return Question(PROCESS, standing(state, event), deed, who, WILLING, NOW)


def expected(state: CaseState, row: object) -> CaseState:
    track = PROCESS.track
    return {
        Next.SAME: lambda: state,
        Next.FIRST: lambda: CaseState(track.steps[0].state),
        Next.NEXT: lambda: CaseState(track.step(state).next),
        Next.ON_FAIL: lambda: CaseState.DECISION,
        Next.ON_UPHELD: lambda: CaseState(track.step(StepState.PUBLIC_NOTICE).notice.on_upheld),
    }.get(row.next, lambda: CaseState(row.next))()  # type: ignore[attr-defined]


def test_every_state_event_and_role_of_a_case_does_what_the_table_says():
    rows = {(row.state, row.event, row.outcome): row for row in CASE_ROWS}
    fee_needed = not JNJP.fees
    cells = 0
    for state, event, outcome, part in product(CaseState, Event, (None, *Outcome), Part):
        question = asked(state, event, outcome, part)
        row = rows.get((state, event, outcome))
        cells += 1
        if row is not None and part in row.parts:
            if event is Event.RECORD_FEE and fee_needed:
                continue
            step = take_step(question)
            assert step.state is expected(state, row), (state, event, outcome)
            assert question.standing.after(step).state is step.state
            continue
        known = any(key[:2] == (state, event) for key in rows)
        codes = [reason.code.code for reason in objections_to(question)]
        if row is not None:
            assert codes == ["role_not_allowed"], (state, event, outcome, part)
        elif outcome is None and known:
            assert codes == ["outcome_missing"], (state, event)
        else:
            assert codes == ["event_not_possible"], (state, event, outcome)
    assert cells == len(CaseState) * len(Event) * (len(Outcome) + 1) * len(Part)


def test_the_matrix_has_every_cell_once_and_agrees_with_the_rows():
    for noun in Noun:
        cells = matrix(noun)
        keys = [(each.state, each.event, each.outcome, each.part) for each in cells]
        assert len(set(keys)) == len(keys)
        allowed = {key for key, each in zip(keys, cells, strict=True) if each.row is not None}
        told = {
            (row.state, row.event, row.outcome, part)
            for row in ROWS
            if row.noun is noun
            for part in row.parts
        }
        assert allowed == told
        assert {each.refusal is None for each in cells if each.row} <= {True}


def test_every_guard_of_a_row_is_explained_and_every_guard_is_used():
    named = {name for row in ROWS for name in row.guards}
    assert named <= GUARDS.keys() | STATED.keys()
    assert {name for row in CASE_ROWS for name in row.guards} == GUARDS.keys()
    assert named & STATED.keys() == STATED.keys()


def test_everything_has_words_in_both_languages():
    for words, of in (
        (STATE_WORDS, CaseState),
        (EVENT_WORDS, Event),
        (OUTCOME_WORDS, Outcome),
        (PART_WORDS, Part),
    ):
        assert set(words) == set(of)
        assert all(each.zh and each.en for each in words.values())
    assert all(guard.words.zh and guard.words.en for guard in GUARDS.values())


def test_parts_of_people_are_roles():
    own = {Part.APPLICANT, Part.SYSTEM, Part.APPEAL, Part.ANYBODY}
    assert {part.value for part in Part if part not in own} <= {role.value for role in Role}


def test_a_decision_of_a_case_can_be_reached_and_left_only_by_deciders_and_appeals():
    leaving = {
        (row.event, part)
        for row in CASE_ROWS
        if row.state == CaseState.DECISION and row.next != Next.SAME
        for part in row.parts
    }
    assert leaving == {
        ("grant", "decider"),
        ("refuse", "decider"),
        ("return_for_completion", "decider"),
        ("withdraw", "applicant"),
        ("reopen", "appeal"),
    }
    assert {row.state for row in CASE_ROWS if row.next == CaseState.GRANTED} == {"decision"}


def test_nothing_leaves_a_final_state_but_a_refused_case_by_appeal():
    final = [row for row in CASE_ROWS if CaseState(row.state).is_final]
    assert [(row.state, row.event) for row in final] == [("refused", "reopen")]


def test_the_page_shows_every_row_guard_and_state():
    page = matrix_page()
    assert page.count("\n| `") == len(ROWS) + len(GUARDS) + len(STATED)
    for state in states(Noun.CASE):
        assert STATE_WORDS[CaseState(state)].zh in page
    assert "was not read" in page


def test_a_refusal_names_state_and_event_in_both_languages():
    question = asked(CaseState.DRAFT, Event.GRANT, None, Part.DECIDER)
    with pytest.raises(Refusal) as caught:
        take_step(question)
    assert caught.value.first.text("zh") == "现为“填报中”，不能办理“准予通过”"
    assert "“draft”, asked for was “grant”" in caught.value.first.text("en")


def test_a_page_that_asks_beforehand_is_not_told_what_nobody_typed_yet():
    question = asked(CaseState.DECISION, Event.REFUSE, None, Part.DECIDER)
    empty = replace(question, deed=Deed(Event.REFUSE))
    assert [reason.code.code for reason in objections_to(empty)] == ["reasons_missing"]
    assert objections_to(empty, asking=True) == ()
