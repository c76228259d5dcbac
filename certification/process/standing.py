"""The nouns of the state machine: where a case stands, what is asked, by whom, what is known.

A *case* is one application. A *deed* is what somebody asks to be done with it; a *step taken* is a
deed that was let through, numbered from 1 and never changed. The *standing* is all steps taken,
folded: `Standing().after(step)` for each in turn. *Facts* are what other nouns know, read before
the rules run, so that the rules themselves read nothing.

Everything here is plain data; `certification.process.model` has the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from certification.schemes.model import Scheme, Step, StepState, Task, Track
from runtime.refusal import Reason


class CaseState(StrEnum):
    """Where a case is; `NONE` is before it is opened."""

    NONE = "none"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    DESK_REVIEW = "desk_review"
    SITE_CHECK = "site_check"
    LAB_TEST = "lab_test"
    EXPERT_REVIEW = "expert_review"
    PUBLIC_NOTICE = "public_notice"
    DECISION = "decision"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def is_final(self) -> bool:
        """True where nothing more is to be done, unless an appeal reopens the case."""
        return self in _FINAL


_FINAL = frozenset({CaseState.GRANTED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.LAPSED})


class Event(StrEnum):
    """What can be asked of a case."""

    OPEN = "open"
    SAVE = "save"
    SUBMIT = "submit"
    ACCEPT = "accept"
    DECLINE = "decline"
    RETURN = "return_for_completion"
    ASSIGN = "assign"
    DECLARE_INTEREST = "declare_interest"
    COMPLETE_STEP = "complete_step"
    RECORD_AGREEMENT = "record_agreement"
    RECORD_FEE = "record_fee"
    PUBLISH_NOTICE = "publish_notice"
    OBJECT = "object"
    ANSWER_OBJECTION = "answer_objection"
    END_NOTICE = "end_notice"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    REOPEN = "reopen"


class Outcome(StrEnum):
    """How a step or an answer turned out; only two events have one."""

    PASSED = "pass"
    FAILED = "fail"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class Part(StrEnum):
    """In which part somebody acts; those of people are roles of `identity.roles`.

    `applicant` is whoever acts for the holder, `system` the platform, `appeal` the decision about
    an appeal, `anybody` everybody who can reach a page.
    """

    APPLICANT = "applicant"
    OFFICE = "brand_officer"
    REVIEWER = "reviewer"
    INSPECTOR = "inspector"
    LAB_ANALYST = "lab_analyst"
    EXPERT = "expert"
    DECIDER = "decider"
    REGULATOR = "regulator"
    SYSTEM = "system"
    APPEAL = "appeal"
    ANYBODY = "anybody"


@dataclass(frozen=True)
class Process:
    """The version of a scheme under which a case began, and the track that it follows."""

    scheme: Scheme
    track: Track

    def step(self, state: CaseState) -> Step | None:
        """The step of a state, None in states that are no step of the track."""
        return self.track.step(state)

    def follows(self, state: CaseState, where: str) -> CaseState:
        """The state after a step: `where` is "next" or "on_fail".

        A failed step leads to the decision where the scheme says "refused": only a decision
        refuses, with its reasons (ISO/IEC 17065, 7.6).
        """
        step = self.step(state)
        assert step is not None, f"{state} is no step of this track"
        following = CaseState(step.next if where == "next" else step.on_fail)
        return CaseState.DECISION if following.is_final else following


@dataclass(frozen=True)
class Who:
    """Who asks: the person and party, in which parts, and what the party is appointed to do.

    `functions` are those of the party for the scheme of the case, at the moment of asking; the
    platform holds all of them.
    """

    person: str | None
    party: str | None
    parts: frozenset[Part] = frozenset({Part.ANYBODY})
    functions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Deed:
    """What is asked of a case.

    `reasons` is why (refusals, returns, failures, answers) or what is objected; `objection` the
    number of the one that is answered; `assignee` and `task` who is to do which step; `fee` the key
    of the fee that was settled.
    """

    event: Event
    outcome: Outcome | None = None
    reasons: str = ""
    objection: int | None = None
    assignee: str | None = None
    task: Task | None = None
    fee: str | None = None


@dataclass(frozen=True)
class StepTaken:
    """A deed that was let through: number `n` of its case, leading to `state`.

    `until` is the last day of a notice that was published. `task` is what the person did at a step
    or was assigned to. `excluded` are the people that an appeal keeps away from now on.
    """

    n: int
    event: Event
    state: CaseState
    at: datetime
    outcome: Outcome | None = None
    person: str | None = None
    party: str | None = None
    task: Task | None = None
    assignee: str | None = None
    objection: int | None = None
    fee: str | None = None
    until: date | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """All steps taken, folded.

    `since` is when the case came to its state. `failed` is set from a failed step until the file is
    returned. `notice_until` is the last day of the notice that runs or has ended; `notice_over` is
    set by its end and taken back when the file leaves the way from there to the decision.
    `objections` maps each objection's number to its answer, None while it waits. `assigned` maps a
    task to the person who is to do it. `evaluators`, `reviewers` and `deciders` hold everybody who
    ever acted so in this case, `involved` everybody who acted for an office at all.
    """

    state: CaseState = CaseState.NONE
    since: datetime | None = None
    n: int = 0
    returned: bool = False
    failed: bool = False
    notice_until: date | None = None
    notice_over: bool = False
    objections: Mapping[int, Outcome | None] = field(default_factory=dict)
    agreement: bool = False
    fees: frozenset[str] = frozenset()
    assigned: Mapping[Task, str] = field(default_factory=dict)
    evaluators: frozenset[str] = frozenset()
    reviewers: frozenset[str] = frozenset()
    deciders: frozenset[str] = frozenset()
    involved: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Numbers of the objections that wait for an answer."""
        return tuple(n for n, answer in self.objections.items() if answer is None)

    def after(self, step: StepTaken) -> Standing:
        """The standing with one more step; steps are given in the order of their numbers."""
        moved = step.state is not self.state
        fresh = replace(
            self, state=step.state, n=step.n, since=step.at if moved else self.since or step.at
        )
        return _FOLDS.get(step.event, _unchanged)(_with_person(fresh, step), step)


def fold(steps: tuple[StepTaken, ...]) -> Standing:
    """The standing that these steps make, from the first on."""
    standing = Standing()
    for step in steps:
        standing = standing.after(step)
    return standing


def _unchanged(standing: Standing, step: StepTaken) -> Standing:
    return standing


# What an applicant or objector does, and saying that one has nothing to do with the applicant.
_NO_PART = frozenset(
    {
        *(Event.OPEN, Event.SAVE, Event.SUBMIT, Event.WITHDRAW, Event.OBJECT, Event.LAPSE),
        Event.DECLARE_INTEREST,
    }
)


def _with_person(standing: Standing, step: StepTaken) -> Standing:
    """Remember who acted as what; what somebody was assigned to counts once it is done."""
    if step.person is None or step.event in _NO_PART:
        return standing
    one = frozenset({step.person})
    standing = replace(standing, involved=standing.involved | one)
    if step.event is Event.ASSIGN or step.task is None:
        return standing
    if step.task.evaluates:
        return replace(standing, evaluators=standing.evaluators | one)
    if step.task is Task.REVIEW:
        return replace(standing, reviewers=standing.reviewers | one)
    if step.task is Task.DECIDE:
        return replace(standing, deciders=standing.deciders | one)
    return standing


def _submitted(standing: Standing, step: StepTaken) -> Standing:
    return replace(standing, returned=False, failed=False)


def _returned(standing: Standing, step: StepTaken) -> Standing:
    """A file that comes back with other answers is examined, and made public, from the start."""
    return replace(
        standing, returned=True, failed=False, notice_until=None, notice_over=False, assigned={}
    )


def _completed(standing: Standing, step: StepTaken) -> Standing:
    failed = step.outcome is Outcome.FAILED and step.state is CaseState.DECISION
    standing = replace(standing, failed=failed)
    if step.outcome is Outcome.FAILED:
        # The notice told of a file that passed; whatever comes of this one is told anew.
        return replace(standing, notice_until=None, notice_over=False)
    return standing


def _assigned(standing: Standing, step: StepTaken) -> Standing:
    assert step.task is not None
    assert step.assignee is not None
    return replace(standing, assigned={**standing.assigned, step.task: step.assignee})


def _published(standing: Standing, step: StepTaken) -> Standing:
    return replace(standing, notice_until=step.until, notice_over=False)


def _objected(standing: Standing, step: StepTaken) -> Standing:
    assert step.objection is not None
    return replace(standing, objections={**standing.objections, step.objection: None})


def _answered(standing: Standing, step: StepTaken) -> Standing:
    assert step.objection is not None
    answers = {**standing.objections, step.objection: step.outcome}
    standing = replace(standing, objections=answers)
    if step.outcome is Outcome.UPHELD:
        return replace(standing, notice_until=None, notice_over=False)
    return standing


def _notice_ended(standing: Standing, step: StepTaken) -> Standing:
    return replace(standing, notice_over=True)


def _agreed(standing: Standing, step: StepTaken) -> Standing:
    return replace(standing, agreement=True)


def _paid(standing: Standing, step: StepTaken) -> Standing:
    assert step.fee is not None
    return replace(standing, fees=standing.fees | {step.fee})


def _reopened(standing: Standing, step: StepTaken) -> Standing:
    return replace(
        standing,
        failed=False,
        notice_until=None,
        notice_over=False,
        assigned={},
        excluded=standing.excluded.union(step.excluded),
    )


_FOLDS = {
    Event.SUBMIT: _submitted,
    Event.RETURN: _returned,
    Event.COMPLETE_STEP: _completed,
    Event.ASSIGN: _assigned,
    Event.PUBLISH_NOTICE: _published,
    Event.OBJECT: _objected,
    Event.ANSWER_OBJECTION: _answered,
    Event.END_NOTICE: _notice_ended,
    Event.RECORD_AGREEMENT: _agreed,
    Event.RECORD_FEE: _paid,
    Event.REOPEN: _reopened,
}


@dataclass(frozen=True)
class Amount:
    """So many whole units: mg, piece or m2. Amounts are compared in one unit only."""

    units: int
    unit: str


@dataclass(frozen=True)
class Ground:
    """What the applicant's registers say about what the application names, as plain values.

    `strange` are products and bases that are unknown or another party's; `wrong_category` and
    `outside` are those whose category or place the scheme does not take. `capacity` is what the
    named products are expected to yield and what area the named bases have, one amount for each
    unit; a unit in which something was not declared is left out, since nobody knows the whole.
    """

    strange: tuple[str, ...] = ()
    wrong_category: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    capacity: tuple[Amount, ...] = ()


@dataclass(frozen=True)
class CertificateFacts:
    """The certificate that a track is about: its state now, its term, and what surveillance says.

    `confirm_by` is the day by which it has to be confirmed, None where it needs no confirmation.
    `surveillance_due` is the day by which a visit was to be made, None where none is open.
    """

    cert_id: str
    state: str
    from_date: date
    to_date: date | None
    confirm_by: date | None = None
    surveillance_due: date | None = None


@dataclass(frozen=True)
class CaseFacts:
    """What other nouns know about a case at one moment; each member is a plain value.

    `incomplete` are the reasons of evidence and form; `barred_until` is the last day of a bar,
    `barred` is set also where the bar has no end. `open_places` is how many more files the office
    may take, None for no bound. `competent` and `declared` are about the person who asks;
    `assignee_competent`, `assignee_declared` and `assignee_of_applicant` about the one who is
    assigned. `of_applicant` is true for a person who belongs to the holder. `evaluators` are
    people whom inspections and laboratories name. `asked` are the quantities applied for and
    `granting` what would be granted now. `number_taken` is about the number that would be
    given.
    """

    holder_kind: str = ""
    incomplete: tuple[Reason, ...] = ()
    ground: Ground = Ground()
    barred: bool = False
    barred_until: date | None = None
    holder_suspended: bool = False
    running_case: str | None = None
    certificate: CertificateFacts | None = None
    open_places: int | None = None
    unstaffed: tuple[str, ...] = ()
    competent: bool = False
    declared: str | None = None
    of_applicant: bool = False
    assignee_competent: bool = False
    assignee_declared: str | None = None
    assignee_of_applicant: bool = False
    evaluators: frozenset[str] = frozenset()
    nonconformities_open: int = 0
    lab_passed: bool | None = None
    asked: tuple[Amount, ...] = ()
    granting: Amount | None = None
    number_taken: bool = False


@dataclass(frozen=True)
class Question:
    """One deed with everything that the guards look at."""

    process: Process
    standing: Standing
    deed: Deed
    who: Who
    facts: CaseFacts
    now: datetime

    @property
    def step(self) -> Step | None:
        """The step of the track at which the case waits."""
        return self.process.step(self.standing.state)

    @property
    def task(self) -> Task | None:
        """What is done at that step."""
        return None if self.step is None else self.step.task

    @property
    def has_notice(self) -> bool:
        """Whether the track has a public notice."""
        return self.process.track.step(StepState.PUBLIC_NOTICE) is not None
