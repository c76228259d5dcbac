"""The state machine of cases: what may happen to an application, by whom, and what must hold.

Nouns. A *case* 案件 is one application of one holder under one scheme and track. It has a
*standing* (see `standing`), to which *deeds* are done by somebody in a *part* (a role in this
case). A row of `table` says which event is possible in which state, in which parts, under which
*guards* (see `guards`), and which state follows; the steps between `submitted` and `decision`,
their order and their deadlines are data of the scheme's track.

States: draft → submitted → the steps of the track (desk_review, site_check, lab_test,
expert_review, public_notice) → decision → granted | refused; withdrawn by the applicant at any time
before that; lapsed when a returned draft is not completed in time.

Invariants, searched for by random histories in the tests:

1. nothing happens outside the table; what is refused changes nothing and always has reasons
2. nobody decides what he evaluated or reviewed, and nobody reviews what he evaluated, whatever
   party he acts for (ISO/IEC 17065, 7.5 and 7.6)
3. nothing is granted with an open nonconformity, an unanswered objection, a failed step, or before
   the last day of the public notice has passed; an upheld objection makes the notice run anew
4. after a successful appeal nobody who acted before acts again
5. every refusal of an application has reasons, and so has every return and every failed step

Refused: EVENT_NOT_POSSIBLE where the table has no row; ROLE_NOT_ALLOWED where the row is not for
this part; otherwise the reasons of every guard that does not hold, all of them listed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from certification.process import deadlines
from certification.process.guards import GUARDS, OF_THE_DEED
from certification.process.standing import (
    CaseFacts,
    CaseState,
    CertificateFacts,
    Deed,
    Event,
    Ground,
    Outcome,
    Part,
    Process,
    Question,
    Standing,
    StepTaken,
    Who,
    fold,
)
from certification.process.table import Next, Noun, Row, outcomes, row_of
from certification.process.words import EVENT_WORDS, STATE_WORDS
from certification.refusals import CertificationRefusal
from certification.schemes.model import StepState, Task
from runtime.clock import beijing_date
from runtime.refusal import Reason, Refusal

__all__ = [
    "CaseFacts",
    "CaseState",
    "CertificateFacts",
    "Deed",
    "Event",
    "Ground",
    "Outcome",
    "Part",
    "Process",
    "Question",
    "Standing",
    "StepTaken",
    "Who",
    "advance",
    "fold",
    "objections_to",
    "parts_of",
    "take_step",
]


def advance(
    process: Process,
    standing: Standing,
    deed: Deed,
    who: Who,
    facts: CaseFacts,
    now: datetime,
) -> Standing:
    """The standing after a deed. Raises Refusal with every reason against it."""
    return standing.after(take_step(Question(process, standing, deed, who, facts, now)))


def take_step(question: Question) -> StepTaken:
    """The step that a deed becomes. Raises Refusal with every reason against it."""
    row = _row(question)
    reasons = _reasons(row, question)
    if row is None or reasons:
        raise Refusal(*reasons)
    return _step(row, question)


def objections_to(question: Question, *, asking: bool = False) -> tuple[Reason, ...]:
    """Every reason against a deed, empty where it may be done.

    `asking`: a page asks beforehand, so that guards about what is typed with the deed are left out.
    """
    row = _row(question)
    if asking and row is not None:
        row = replace(row, guards=tuple(name for name in row.guards if name not in OF_THE_DEED))
    return tuple(_reasons(row, question))


def parts_of(process: Process, row: Row) -> frozenset[str]:
    """Who may ask for the event of a row: where the track names a role for its step, only that."""
    step = process.step(CaseState(row.state))
    if step is None or row.event != Event.COMPLETE_STEP:
        return row.parts
    return frozenset({step.role})


def _row(question: Question) -> Row | None:
    deed = question.deed
    return row_of(Noun.CASE, question.standing.state, deed.event, deed.outcome)


def _reasons(row: Row | None, question: Question) -> list[Reason]:
    if row is None:
        return [_impossible(question.standing, question.deed)]
    if question.who.parts.isdisjoint(parts_of(question.process, row)):
        return [Reason(CertificationRefusal.ROLE_NOT_ALLOWED)]
    found = [reason for name in row.guards for reason in GUARDS[name].check(question)]
    return list(dict.fromkeys(found))


def _impossible(standing: Standing, deed: Deed) -> Reason:
    if deed.outcome is None and outcomes(Noun.CASE, standing.state, deed.event):
        return Reason(CertificationRefusal.OUTCOME_MISSING, "/outcome")
    state, event = STATE_WORDS[standing.state], EVENT_WORDS[deed.event]
    numbers = {"state_zh": state.zh, "state_en": state.en}
    numbers |= {"event_zh": event.zh, "event_en": event.en}
    return Reason(CertificationRefusal.EVENT_NOT_POSSIBLE, "/event", numbers)


def _step(row: Row, question: Question) -> StepTaken:
    deed, who, standing = question.deed, question.who, question.standing
    return StepTaken(
        n=standing.n + 1,
        event=deed.event,
        state=_following(row, question),
        at=question.now,
        outcome=deed.outcome,
        person=who.person,
        party=who.party,
        task=deed.task if deed.event is Event.ASSIGN else _task(question),
        assignee=deed.assignee if deed.event is Event.ASSIGN else None,
        objection=_objection(question),
        fee=deed.fee if deed.event is Event.RECORD_FEE else None,
        until=_notice_until(question),
        excluded=_excluded(question),
    )


def _following(row: Row, question: Question) -> CaseState:
    process, state = question.process, question.standing.state
    match row.next:
        case Next.SAME:
            return state
        case Next.FIRST:
            return CaseState(process.track.first.state)
        case Next.NEXT:
            return process.follows(state, "next")
        case Next.ON_FAIL:
            return process.follows(state, "on_fail")
        case Next.ON_UPHELD:
            return _on_upheld(process)
    return CaseState(row.next)


def _on_upheld(process: Process) -> CaseState:
    step = process.track.step(StepState.PUBLIC_NOTICE)
    if step is None or step.notice is None:
        return CaseState(process.track.first.state)
    return CaseState(step.notice.on_upheld)


_OF_A_TASK = frozenset(
    {Event.ACCEPT, Event.DECLINE, Event.COMPLETE_STEP, Event.GRANT, Event.REFUSE, Event.RETURN}
)


def _task(question: Question) -> Task | None:
    """What the person did: the task of the step; nothing for what only accompanies the case."""
    return question.task if question.deed.event in _OF_A_TASK else None


def _objection(question: Question) -> int | None:
    if question.deed.event is Event.OBJECT:
        return len(question.standing.objections) + 1
    return question.deed.objection if question.deed.event is Event.ANSWER_OBJECTION else None


def _notice_until(question: Question) -> date | None:
    step = question.step
    if question.deed.event is not Event.PUBLISH_NOTICE or step is None or step.notice is None:
        return None
    return deadlines.notice_until(step.notice, beijing_date(question.now))


def _excluded(question: Question) -> tuple[str, ...]:
    if question.deed.event is not Event.REOPEN:
        return ()
    return tuple(sorted(question.standing.involved | question.facts.evaluators))
