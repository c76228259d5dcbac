"""The one table: what is possible in which state, for whom, under which guards, and where to.

Three nouns go by it: cases, certificates and appeals. `CASE_ROWS` is the program: `model.advance`
lets through what stands there and nothing else. `CERTIFICATE_ROWS` states what
`certification.certificates` allows; a test asks that model about every state and event and
compares. `APPEAL_ROWS` is the program of `certification.appeals`.

`next` of a row is a state or one of the words of `Next`, which the track of the case fills in. An
empty `tracks` means every track.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from certification.process.standing import CaseState, Event, Outcome, Part
from certification.schemes.model import TrackKind


class Noun(StrEnum):
    """What a row is about."""

    CASE = "case"
    CERTIFICATE = "certificate"
    APPEAL = "appeal"


class Next(StrEnum):
    """A next state that depends on the track."""

    SAME = "(same)"
    FIRST = "(first step)"
    NEXT = "(next step)"
    ON_FAIL = "(decision)"
    ON_UPHELD = "(step named by the notice)"


@dataclass(frozen=True)
class Row:
    """One line of the table; `guards` are names, in the order in which they are asked."""

    noun: Noun
    tracks: frozenset[TrackKind]
    state: str
    event: str
    outcome: Outcome | None
    parts: frozenset[str]
    guards: tuple[str, ...]
    next: str


_APPLICANT = frozenset({Part.APPLICANT})
_OFFICE = frozenset({Part.OFFICE})
_SYSTEM = frozenset({Part.SYSTEM})
_DECIDER = frozenset({Part.DECIDER})
_ANYBODY = frozenset({Part.ANYBODY})
_ANSWERERS = frozenset({Part.OFFICE, Part.DECIDER})
_PEOPLE = frozenset(
    {Part.OFFICE, Part.REVIEWER, Part.INSPECTOR, Part.LAB_ANALYST, Part.EXPERT, Part.DECIDER}
)

_AT_STEP = {
    CaseState.DESK_REVIEW: Part.REVIEWER,
    CaseState.SITE_CHECK: Part.INSPECTOR,
    CaseState.LAB_TEST: Part.LAB_ANALYST,
    CaseState.EXPERT_REVIEW: Part.EXPERT,
}
_RUNNING = (
    CaseState.SUBMITTED,
    *_AT_STEP,
    CaseState.PUBLIC_NOTICE,
    CaseState.DECISION,
)

ENTERING = (
    "applicant_kind_allowed",
    "documents_complete",
    "scope_of_applicant",
    "holder_not_barred",
    "holder_not_suspended",
    "certificate_in_force",
    "quantity_within_capacity",
)
"""Asked when an application is submitted, and again when it is granted."""

_PERSONAL = (
    "person_known",
    "not_of_applicant",
    "appointed",
    "competent",
    "declared_without_conflict",
    "assigned",
    "not_excluded",
)
_DECIDING = (*_PERSONAL, "neither_evaluator_nor_reviewer")


def _case(
    state: CaseState,
    event: Event,
    parts: frozenset[Part],
    guards: Iterable[str],
    following: str,
    outcome: Outcome | None = None,
) -> Row:
    return Row(
        Noun.CASE,
        frozenset(),
        state.value,
        event.value,
        outcome,
        frozenset(part.value for part in parts),
        tuple(guards),
        following,
    )


def _draft_rows() -> Iterator[Row]:
    none, draft = CaseState.NONE, CaseState.DRAFT
    opening = (
        "track_offered",
        "applicant_kind_allowed",
        "certificate_in_force",
        "no_running_case",
    )
    yield _case(none, Event.OPEN, _APPLICANT, opening, draft)
    yield _case(draft, Event.SAVE, _APPLICANT, (), Next.SAME)
    entering = ("track_offered", *ENTERING, "within_window")
    yield _case(draft, Event.SUBMIT, _APPLICANT, entering, CaseState.SUBMITTED)
    yield _case(draft, Event.LAPSE, _SYSTEM, ("applicant_silent",), CaseState.LAPSED)
    yield _case(draft, Event.WITHDRAW, _APPLICANT, (), CaseState.WITHDRAWN)


def _submitted_rows() -> Iterator[Row]:
    state = CaseState.SUBMITTED
    clerk = ("not_of_applicant", "appointed", "not_excluded")
    accepting = (*clerk, "capacity", "staffed", "fee_settled", "not_too_early")
    yield _case(state, Event.ACCEPT, _OFFICE, accepting, Next.NEXT)
    declining = ("person_known", *clerk, "reasons_given")
    yield _case(state, Event.DECLINE, _OFFICE, declining, CaseState.REFUSED)
    yield _case(state, Event.RETURN, _OFFICE, (*clerk, "reasons_given"), CaseState.DRAFT)


def _step_rows() -> Iterator[Row]:
    for state, part in _AT_STEP.items():
        apart = "not_evaluator" if state is CaseState.DESK_REVIEW else "not_reviewer"
        acting = (*_PERSONAL, apart)
        tested = ("lab_passed",) if state is CaseState.LAB_TEST else ()
        passing = (*acting, "not_too_early", "fee_settled", *tested)
        parts = frozenset({part})
        yield _case(state, Event.COMPLETE_STEP, parts, passing, Next.NEXT, Outcome.PASSED)
        failing = (*acting, "reasons_given")
        yield _case(state, Event.COMPLETE_STEP, parts, failing, Next.ON_FAIL, Outcome.FAILED)
    returning = (*_PERSONAL, "not_evaluator", "reasons_given")
    reviewer = frozenset({Part.REVIEWER})
    yield _case(CaseState.DESK_REVIEW, Event.RETURN, reviewer, returning, CaseState.DRAFT)


def _notice_rows() -> Iterator[Row]:
    state = CaseState.PUBLIC_NOTICE
    publishing = ("not_of_applicant", "appointed", "not_excluded", "notice_unpublished")
    yield _case(state, Event.PUBLISH_NOTICE, _OFFICE, publishing, Next.SAME)
    yield _case(state, Event.OBJECT, _ANYBODY, ("notice_open", "reasons_given"), Next.SAME)
    answering = (
        "person_known",
        "not_of_applicant",
        "office_appointed",
        "declared_without_conflict",
        "not_excluded",
        "uninvolved_in_examination",
        "objection_waits",
        "reasons_given",
    )
    answer = Event.ANSWER_OBJECTION
    yield _case(state, answer, _ANSWERERS, answering, Next.SAME, Outcome.DISMISSED)
    yield _case(state, answer, _ANSWERERS, answering, Next.ON_UPHELD, Outcome.UPHELD)
    ending = ("notice_ended", "objections_answered", "fee_settled")
    yield _case(state, Event.END_NOTICE, _OFFICE | _SYSTEM, ending, Next.NEXT)


def _decision_rows() -> Iterator[Row]:
    state = CaseState.DECISION
    granting = (
        *_DECIDING,
        *ENTERING,
        "steps_passed",
        "lab_passed",
        "nonconformities_closed",
        "notice_ended",
        "objections_answered",
        "agreement_signed",
        "fee_settled",
        "surveillance_not_overdue",
        "number_free",
        "not_too_early",
    )
    yield _case(state, Event.GRANT, _DECIDER, granting, CaseState.GRANTED)
    yield _case(state, Event.REFUSE, _DECIDER, (*_DECIDING, "reasons_given"), CaseState.REFUSED)
    yield _case(state, Event.RETURN, _DECIDER, (*_DECIDING, "reasons_given"), CaseState.DRAFT)


def _accompanying_rows() -> Iterator[Row]:
    """What goes on beside the way of a running case, without moving it."""
    clerk = ("not_of_applicant", "office_appointed", "not_excluded")
    for state in _RUNNING:
        yield _case(state, Event.ASSIGN, _OFFICE, (*clerk, "assignee_fit"), Next.SAME)
        yield _case(state, Event.DECLARE_INTEREST, _PEOPLE, ("person_known",), Next.SAME)
        yield _case(state, Event.RECORD_AGREEMENT, _OFFICE, clerk, Next.SAME)
        yield _case(state, Event.RECORD_FEE, _OFFICE, (*clerk, "fee_known"), Next.SAME)
        yield _case(state, Event.WITHDRAW, _APPLICANT, (), CaseState.WITHDRAWN)


def _reopening_rows() -> Iterator[Row]:
    """An appeal that was decided for the appellant; nobody else can ask for it (7.13)."""
    appeal = frozenset({Part.APPEAL})
    yield _case(CaseState.REFUSED, Event.REOPEN, appeal, ("no_running_case",), Next.FIRST)
    for state in (CaseState.PUBLIC_NOTICE, CaseState.DECISION):
        yield _case(state, Event.REOPEN, appeal, (), Next.ON_UPHELD)


CASE_ROWS: tuple[Row, ...] = (
    *_draft_rows(),
    *_submitted_rows(),
    *_step_rows(),
    *_notice_rows(),
    *_decision_rows(),
    *_accompanying_rows(),
    *_reopening_rows(),
)


def _certificate(
    states: Iterable[str], event: str, parts: Iterable[str], guards: Iterable[str], following: str
) -> Iterator[Row]:
    for state in states:
        yield Row(
            Noun.CERTIFICATE,
            frozenset(),
            state,
            event,
            None,
            frozenset(parts),
            tuple(guards),
            following,
        )


_LIVING = ("active", "suspended")
_BY_CASE = ("by_case", "not_of_applicant")
_BY_TWO = ("not_of_applicant", "second_person", "reasons_given")

CERTIFICATE_ROWS: tuple[Row, ...] = (
    *_certificate(
        ("unknown",),
        "record",
        (Part.OFFICE,),
        ("recording_allowed", "not_of_applicant", "reasons_given", "number_free"),
        "active",
    ),
    *_certificate(("unknown",), "grant", (Part.DECIDER,), (*_BY_CASE, "number_free"), "active"),
    *_certificate(_LIVING, "amend", (Part.DECIDER,), _BY_CASE, Next.SAME),
    *_certificate(_LIVING, "confirm", (Part.DECIDER,), _BY_CASE, Next.SAME),
    *_certificate(_LIVING, "reduce", (Part.DECIDER,), (*_BY_CASE, "within_use"), Next.SAME),
    *_certificate(("active",), "suspend", (Part.OFFICE,), _BY_TWO, "suspended"),
    *_certificate(
        ("suspended",),
        "resume",
        (Part.OFFICE,),
        ("not_of_applicant", "evaluated_again", "reasons_given"),
        "active",
    ),
    *_certificate(_LIVING, "revoke", (Part.OFFICE,), _BY_TWO, "revoked"),
    *_certificate(
        _LIVING,
        "cancel",
        (Part.OFFICE,),
        ("not_of_applicant", "no_revocation_proposed", "reasons_given"),
        "cancelled",
    ),
    *_certificate(
        ("active",),
        "supersede",
        (Part.OFFICE,),
        ("not_of_applicant", "successor_valid", "reasons_given"),
        "superseded",
    ),
    *_certificate(
        ("active",),
        "pass_on",
        (Part.OFFICE,),
        ("not_of_applicant", "successor_valid", "reasons_given"),
        "transferred",
    ),
    *_certificate(_LIVING, "transfer_body", (Part.OFFICE,), ("attested_by_new_body",), Next.SAME),
    *_certificate(
        (*_LIVING, "revoked", "cancelled", "superseded", "transferred"),
        "annul",
        (Part.OFFICE, Part.APPEAL),
        ("not_of_applicant", "change_not_annulled", "reasons_given"),
        "(as if the change had never been)",
    ),
)


def _appeal(
    states: Iterable[str], event: str, parts: Iterable[str], guards: Iterable[str], following: str
) -> Iterator[Row]:
    for state in states:
        yield Row(
            Noun.APPEAL,
            frozenset(),
            state,
            event,
            None,
            frozenset(parts),
            tuple(guards),
            following,
        )


_UNINVOLVED = ("person_known", "office_appointed", "uninvolved", "not_of_a_side")

APPEAL_ROWS: tuple[Row, ...] = (
    *_appeal(
        ("none",),
        "file",
        (Part.ANYBODY,),
        ("target_known", "side_of_the_matter", "no_running_appeal", "reasons_given"),
        "filed",
    ),
    *_appeal(("filed",), "acknowledge", (Part.OFFICE,), _UNINVOLVED, "acknowledged"),
    *_appeal(
        ("acknowledged",), "uphold", (Part.DECIDER,), (*_UNINVOLVED, "reasons_given"), "upheld"
    ),
    *_appeal(
        ("acknowledged",),
        "overturn",
        (Part.DECIDER,),
        (*_UNINVOLVED, "reasons_given"),
        "overturned",
    ),
    *_appeal(("filed", "acknowledged"), "withdraw", (Part.APPLICANT,), ("filed_it",), "withdrawn"),
)

ROWS: tuple[Row, ...] = (*CASE_ROWS, *CERTIFICATE_ROWS, *APPEAL_ROWS)

_BY_KEY = {(row.noun, row.state, row.event, row.outcome): row for row in ROWS}
assert len(_BY_KEY) == len(ROWS), "two rows for one state, event and outcome"


def row_of(noun: Noun, state: str, event: str, outcome: Outcome | None = None) -> Row | None:
    """The one row of a state, event and outcome, None where nothing of the kind is possible."""
    return _BY_KEY.get((noun, state, event, outcome))


def guards_of(noun: Noun, state: str, event: str) -> frozenset[str]:
    """The guards that an event may meet in a state, whatever its outcome."""
    rows = [row for row in ROWS if (row.noun, row.state, row.event) == (noun, state, event)]
    return frozenset(name for row in rows for name in row.guards)


def outcomes(noun: Noun, state: str, event: str) -> tuple[Outcome | None, ...]:
    """The outcomes with which an event may be asked in a state."""
    return tuple(
        row.outcome for row in ROWS if (row.noun, row.state, row.event) == (noun, state, event)
    )
