"""Each guard by itself: a question that passes, one change, and the refusal that names it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from certification.process.deadlines import due, window_of, year_end
from certification.process.model import (
    CaseState,
    CertificateFacts,
    Event,
    Ground,
    Outcome,
    Part,
    Process,
    Question,
    Standing,
    objections_to,
    take_step,
)
from certification.process.standing import Amount
from certification.refusals import CertificationRefusal
from certification.schemes.model import (
    Deadline,
    Fee,
    Function,
    Gives,
    StepState,
    Task,
    TrackKind,
    Window,
    Words,
)
from certification.schemes.service import scheme
from runtime.refusal import Reason
from tests.certification.process.test_matrix import JNJP, NOW, PROCESS, WILLING, asked

FEE = Fee("exam", Words("费", "fee"), 100, "product", StepState.DESK_REVIEW, False, "none")
WITH_FEE = Process(replace(JNJP, fees=(FEE,)), PROCESS.track)
RENEWAL = Process(JNJP, JNJP.tracks[TrackKind.RENEWAL])
HELD = CertificateFacts("cert:x", "active", date(2024, 1, 1), date(2026, 10, 31))


def question(state, event, part, outcome=None, **changes) -> Question:
    """A question that passes, with members of it, its facts, standing, deed or who replaced."""
    found = asked(state, event, outcome, part)
    for name, value in changes.items():
        for member in ("facts", "standing", "deed", "who"):
            holder = getattr(found, member)
            if name in holder.__dataclass_fields__:
                found = replace(found, **{member: replace(holder, **{name: value})})
                break
        else:
            found = replace(found, **{name: value})
    return found


def codes(found: Question) -> list[str]:
    return [reason.code.code for reason in objections_to(found)]


def submitting(**changes) -> Question:
    return question(CaseState.DRAFT, Event.SUBMIT, Part.APPLICANT, **changes)


def checking(**changes) -> Question:
    changes = {"outcome": Outcome.PASSED} | changes
    return question(CaseState.SITE_CHECK, Event.COMPLETE_STEP, Part.INSPECTOR, **changes)


def reviewing(**changes) -> Question:
    changes = {"outcome": Outcome.PASSED} | changes
    return question(CaseState.DESK_REVIEW, Event.COMPLETE_STEP, Part.REVIEWER, **changes)


def granting(**changes) -> Question:
    return question(CaseState.DECISION, Event.GRANT, Part.DECIDER, **changes)


def answering(**changes) -> Question:
    changes = {"outcome": Outcome.DISMISSED} | changes
    return question(CaseState.PUBLIC_NOTICE, Event.ANSWER_OBJECTION, Part.DECIDER, **changes)


MISSING = Reason(CertificationRefusal.DOCUMENT_MISSING, "/documents/land_right")
A = frozenset({"user:A"})

TABLE = [
    # Applications.
    (submitting(), []),
    (submitting(holder_kind="person"), ["applicant_kind_not_allowed"]),
    (submitting(incomplete=(MISSING,)), ["document_missing"]),
    (submitting(barred=True, barred_until=date(2027, 1, 1)), ["barred_until"]),
    (submitting(barred=True), ["barred_until"]),
    (submitting(holder_suspended=True), ["holder_suspended"]),
    (submitting(ground=Ground(strange=("prod:x",))), ["scope_not_of_applicant"]),
    (submitting(ground=Ground(wrong_category=("prod:x",))), ["category_not_of_scheme"]),
    (submitting(ground=Ground(outside=("base:x",))), ["place_not_of_scheme"]),
    (
        submitting(asked=(Amount(11, "mg"),), ground=Ground(capacity=(Amount(10, "mg"),))),
        ["quantity_beyond_capacity"],
    ),
    (submitting(asked=(Amount(10, "mg"),), ground=Ground(capacity=(Amount(10, "mg"),))), []),
    (submitting(asked=(Amount(11, "piece"),), ground=Ground(capacity=(Amount(1, "mg"),))), []),
    (
        submitting(
            incomplete=(MISSING,), barred=True, holder_kind="person", ground=Ground(outside=("b",))
        ),
        ["applicant_kind_not_allowed", "document_missing", "place_not_of_scheme", "barred_until"],
    ),
    (submitting(parts=frozenset({Part.DECIDER})), ["role_not_allowed"]),
    (submitting(process=RENEWAL, certificate=None), ["certificate_needed"]),
    (
        submitting(process=RENEWAL, certificate=replace(HELD, state="suspended")),
        ["certificate_needed"],
    ),
    (submitting(process=RENEWAL, certificate=HELD), []),
    (
        submitting(process=RENEWAL, certificate=replace(HELD, to_date=date(2027, 6, 1))),
        ["outside_window"],
    ),
    (
        submitting(process=RENEWAL, certificate=replace(HELD, to_date=date(2026, 7, 1))),
        ["outside_window"],
    ),
    # Acceptance.
    (
        question(CaseState.SUBMITTED, Event.ACCEPT, Part.OFFICE, open_places=0),
        ["over_capacity"],
    ),
    (
        question(CaseState.SUBMITTED, Event.ACCEPT, Part.OFFICE, unstaffed=("test",)),
        ["nobody_competent"],
    ),
    (
        question(CaseState.SUBMITTED, Event.ACCEPT, Part.OFFICE, functions=frozenset()),
        ["not_appointed"],
    ),
    (
        question(CaseState.SUBMITTED, Event.DECLINE, Part.OFFICE, reasons=" ", person=None),
        ["person_required", "reasons_missing"],
    ),
    # Whoever examines.
    (checking(person=None), ["person_required"]),
    (checking(of_applicant=True), ["own_case"]),
    (checking(functions=frozenset({Function.LABORATORY})), ["not_appointed"]),
    (checking(competent=False), ["not_competent"]),
    (checking(declared=None), ["no_declaration"]),
    (checking(declared="employment"), ["conflict_declared"]),
    (checking(declared="family"), ["conflict_declared"]),
    (checking(assigned={Task.INSPECT: "user:Z"}), ["assigned_to_another"]),
    (checking(assigned={Task.TEST: "user:Z"}), []),
    (checking(excluded=A), ["excluded_from_case"]),
    (checking(reviewers=A), ["reviewer_may_not_evaluate"]),
    (checking(deciders=A), ["decider_may_not_examine"]),
    (checking(standing=replace(checking().standing, evaluators=A)), []),
    (checking(outcome=Outcome.FAILED, reasons=""), ["reasons_missing"]),
    (checking(outcome=Outcome.FAILED, reasons="a\u202e"), ["text_unseen"]),
    (checking(outcome=Outcome.FAILED, reasons="a" * 2001), ["text_too_long"]),
    (checking(outcome=None), ["outcome_missing"]),
    (reviewing(standing=replace(reviewing().standing, evaluators=A)), ["evaluator_may_not_review"]),
    (reviewing(facts=replace(WILLING, evaluators=A)), ["evaluator_may_not_review"]),
    (reviewing(process=WITH_FEE, fees=frozenset()), ["fee_open"]),
    (reviewing(process=WITH_FEE, fees=frozenset({"exam"})), []),
    (checking(process=WITH_FEE, fees=frozenset()), []),
    (
        question(
            CaseState.LAB_TEST,
            Event.COMPLETE_STEP,
            Part.LAB_ANALYST,
            outcome=Outcome.PASSED,
            lab_passed=None,
        ),
        ["lab_report_needed"],
    ),
    (
        question(
            CaseState.LAB_TEST,
            Event.COMPLETE_STEP,
            Part.LAB_ANALYST,
            outcome=Outcome.PASSED,
            lab_passed=False,
        ),
        ["lab_not_passed"],
    ),
    # Public notice.
    (
        question(
            CaseState.PUBLIC_NOTICE,
            Event.PUBLISH_NOTICE,
            Part.OFFICE,
            notice_until=date(2026, 6, 1),
        ),
        ["notice_already_published"],
    ),
    (
        question(CaseState.PUBLIC_NOTICE, Event.OBJECT, Part.ANYBODY, notice_until=None),
        ["notice_not_begun"],
    ),
    (
        question(
            CaseState.PUBLIC_NOTICE, Event.OBJECT, Part.ANYBODY, notice_until=date(2026, 5, 31)
        ),
        ["notice_ended"],
    ),
    (
        question(
            CaseState.PUBLIC_NOTICE, Event.OBJECT, Part.ANYBODY, notice_until=date(2026, 6, 1)
        ),
        [],
    ),
    (
        question(
            CaseState.PUBLIC_NOTICE,
            Event.END_NOTICE,
            Part.SYSTEM,
            notice_until=date(2026, 6, 1),
            objections={1: Outcome.DISMISSED, 2: None},
        ),
        ["notice_not_ended", "objections_open"],
    ),
    (answering(objection=2), ["objection_unknown"]),
    (answering(objection=None), ["objection_unknown"]),
    (answering(objections={1: Outcome.DISMISSED}), ["objection_answered"]),
    (answering(reviewers=A), ["involved_in_matter"]),
    (answering(facts=replace(WILLING, evaluators=A)), ["involved_in_matter"]),
    (answering(reasons=""), ["reasons_missing"]),
    # Decision.
    (granting(), []),
    (granting(failed=True), ["step_failed"]),
    (granting(nonconformities_open=2), ["nonconformities_open"]),
    (granting(notice_over=False), ["notice_not_held"]),
    (granting(notice_until=None), ["notice_not_held"]),
    (granting(notice_until=date(2026, 6, 1)), ["notice_not_ended"]),
    (granting(objections={1: None}), ["objections_open"]),
    (granting(agreement=False), ["agreement_missing"]),
    (granting(process=WITH_FEE, fees=frozenset()), ["fee_open"]),
    (granting(lab_passed=None), ["lab_report_needed"]),
    (granting(barred=True), ["barred_until"]),
    (granting(incomplete=(MISSING,)), ["document_missing"]),
    (granting(number_taken=True), ["number_taken"]),
    (
        granting(asked=(Amount(10, "piece"),), granting=Amount(11, "piece")),
        ["quantity_beyond_application"],
    ),
    (
        granting(certificate=replace(HELD, surveillance_due=date(2026, 5, 31))),
        ["surveillance_overdue"],
    ),
    (granting(certificate=replace(HELD, surveillance_due=date(2026, 6, 1))), []),
    (
        granting(standing=replace(granting().standing, evaluators=A)),
        ["examiner_may_not_decide"],
    ),
    (granting(standing=replace(granting().standing, reviewers=A)), ["examiner_may_not_decide"]),
    (granting(facts=replace(WILLING, evaluators=A)), ["examiner_may_not_decide"]),
    (
        granting(person=None, nonconformities_open=1, agreement=False, failed=True),
        ["person_required", "step_failed", "nonconformities_open", "agreement_missing"],
    ),
    (
        granting(process=Process(replace(JNJP, gives=Gives.AWARD), PROCESS.track), agreement=False),
        [],
    ),
    # The applicant's time.
    (question(CaseState.DRAFT, Event.LAPSE, Part.SYSTEM), []),
    (question(CaseState.DRAFT, Event.LAPSE, Part.SYSTEM, returned=False), ["nothing_due"]),
    (
        question(CaseState.DRAFT, Event.LAPSE, Part.SYSTEM, since=NOW - timedelta(days=2)),
        ["nothing_due"],
    ),
    (question(CaseState.DRAFT, Event.LAPSE, Part.OFFICE), ["role_not_allowed"]),
]


@pytest.mark.parametrize("n", range(len(TABLE)))
def test_each_guard(n):
    found, expected = TABLE[n]
    assert sorted(codes(found)) == sorted(expected)


def test_nobody_is_assigned_to_what_he_could_not_do():
    def assigning(**changes):
        return question(CaseState.SUBMITTED, Event.ASSIGN, Part.OFFICE, **changes)

    one = frozenset({"user:B"})
    assert codes(assigning()) == []
    assert codes(assigning(assignee=None)) == ["assignee_missing"]
    assert codes(assigning(task=None)) == ["assignee_missing"]
    unfit: list[dict[str, Any]] = [
        {"assignee_competent": False},
        {"assignee_declared": "family"},
        {"assignee_of_applicant": True},
        {"reviewers": one},
        {"deciders": one},
        {"excluded": one},
        {"task": Task.DECIDE, "reviewers": one},
        {"task": Task.REVIEW, "deciders": one},
        {"task": Task.DECIDE, "facts": replace(WILLING, evaluators=one)},
    ]
    for changes in unfit:
        assert codes(assigning(**changes)) == ["assignee_not_fit"], changes
    assert codes(assigning(task=Task.DECIDE, deciders=one)) == []


def test_a_step_is_not_completed_before_its_earliest_day():
    steps = tuple(
        replace(each, deadline=Deadline(10, 20, False, "none"))
        if each.state == "site_check"
        else each
        for each in PROCESS.track.steps
    )
    slow = Process(JNJP, replace(PROCESS.track, steps=steps))
    came = datetime(2026, 5, 25, 2, tzinfo=UTC)
    assert codes(checking(process=slow, since=came)) == ["step_too_early"]
    assert codes(checking(process=slow, since=came, now=came + timedelta(days=14))) == []


def test_an_upheld_objection_makes_the_notice_run_anew_in_full():
    standing = replace(answering().standing, notice_until=date(2026, 6, 3), notice_over=False)
    upheld = take_step(answering(outcome=Outcome.UPHELD, standing=standing))
    after = standing.after(upheld)
    assert (after.state, after.notice_until, after.unanswered) == (
        CaseState.EXPERT_REVIEW,
        None,
        (),
    )


def test_after_an_appeal_everybody_who_acted_stays_away():
    begun = question(
        CaseState.REFUSED,
        Event.REOPEN,
        Part.APPEAL,
        involved=frozenset({"user:A", "user:B"}),
        facts=replace(WILLING, evaluators=frozenset({"user:C"})),
    )
    after = begun.standing.after(take_step(begun))
    assert after.state is CaseState.SUBMITTED
    assert after.excluded == {"user:A", "user:B", "user:C"}


def test_a_suspended_holder_may_apply_where_the_track_lets_him():
    track = replace(PROCESS.track, bars_suspended=False)
    assert codes(submitting(process=Process(JNJP, track), holder_suspended=True)) == []


def test_a_scheme_without_new_applications_takes_none():
    agi = scheme("agi")
    kinds = {"holder_kind": agi.applicants[0]}
    opening = question(
        CaseState.NONE,
        Event.OPEN,
        Part.APPLICANT,
        process=Process(agi, agi.tracks[TrackKind.INITIAL]),
        **kinds,
    )
    assert codes(opening) == ([] if agi.takes_new else ["track_not_offered"])
    assert codes(replace(opening, facts=replace(opening.facts, running_case="case:x")))[-1:] == [
        "case_running"
    ]


@pytest.mark.parametrize(
    ("ends", "opens", "closes", "first", "last"),
    [
        (date(2026, 8, 31), 6, 3, date(2026, 2, 28), date(2026, 5, 31)),
        (date(2026, 1, 15), 3, 0, date(2025, 10, 15), date(2026, 1, 15)),
        (date(2024, 2, 29), 12, 1, date(2023, 2, 28), date(2024, 1, 29)),
    ],
)
def test_windows_count_months_back_from_the_last_day(ends, opens, closes, first, last):
    assert window_of(Window(opens, closes, False, "none"), ends) == (first, last)


@pytest.mark.parametrize(
    ("began", "today", "ends"),
    [
        (date(2026, 1, 10), date(2026, 1, 9), date(2027, 1, 9)),
        (date(2026, 1, 10), date(2027, 1, 9), date(2027, 1, 9)),
        (date(2026, 1, 10), date(2027, 1, 10), date(2028, 1, 9)),
        (date(2024, 2, 29), date(2026, 6, 1), date(2027, 2, 27)),
        (date(2027, 1, 1), date(2026, 6, 1), date(2027, 12, 31)),
    ],
)
def test_years_of_a_term_end_on_the_day_before_its_anniversary(began, today, ends):
    assert year_end(began, today) == ends


def test_an_annual_check_is_applied_for_towards_the_end_of_each_year():
    check = Process(JNJP, JNJP.tracks[TrackKind.ANNUAL_CHECK])
    began = replace(HELD, from_date=date(2024, 8, 1), to_date=date(2027, 7, 31))
    assert codes(submitting(process=check, certificate=began)) == []
    early = replace(began, from_date=date(2024, 12, 1))
    assert codes(submitting(process=check, certificate=early)) == ["outside_window"]
    confirmed = replace(early, confirm_by=date(2026, 7, 1))
    assert codes(submitting(process=check, certificate=confirmed)) == []


def test_deadlines_skip_holidays_and_are_unknown_beyond_the_calendar():
    before_may_day = Standing(CaseState.SUBMITTED, datetime(2026, 4, 29, 2, tzinfo=UTC), 1)
    day = due(PROCESS, before_may_day)
    assert day is not None
    assert day > date(2026, 5, 6)
    late = replace(before_may_day, since=datetime(2026, 12, 30, 2, tzinfo=UTC))
    assert due(PROCESS, late) is None
    assert due(PROCESS, replace(before_may_day, state=CaseState.REFUSED)) is None
    with pytest.raises(Exception, match="calendar_year_unknown"):
        take_step(
            question(
                CaseState.PUBLIC_NOTICE,
                Event.PUBLISH_NOTICE,
                Part.OFFICE,
                notice_until=None,
                now=datetime(2026, 12, 30, 2, tzinfo=UTC),
            )
        )


def test_a_deed_is_no_place_for_what_belongs_to_another():
    step = take_step(submitting())
    assert (step.assignee, step.fee, step.objection, step.excluded) == (None, None, None, ())
    assert step.task is None
