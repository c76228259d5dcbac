"""Use cases of cases: open, act, reopen.

`act` takes one deed and does it in this order:

 1. lock the case's standing, so that two who act at once follow one another
 2. read the case, fold its steps, gather the facts
 3. ask the rules; whatever is refused has changed nothing
 4. do what the deed is about beside the case: answers, a declaration, the outcome of a grant
 5. enter one `certification.case.step` into the log, and its row

What the applicant's registers say about products and bases comes in as `Ground`
(`workflows.advance_case`); it is asked for when something is submitted or granted.

Refused: the reasons of `certification.process`, CASE_UNKNOWN, EVENT_UNKNOWN, CASE_RUNNING,
TRACK_NOT_OFFERED, SCHEME_NOT_IN_FORCE, those of the form and of the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import orjson
from sqlalchemy import delete, select

from certification.bodies import service as bodies
from certification.cases import facts, forms
from certification.cases.entries import CASE_STEP
from certification.cases.model import (
    Act,
    Answers,
    Case,
    CaseResult,
    Granted,
    GrantTerms,
    Objector,
    OpenCase,
)
from certification.cases.outcomes import Decision, granting, make_outcome
from certification.cases.register import (
    Opened,
    answers_of,
    concerns,
    own_answers,
    process_of,
    read_case,
    waiting,
)
from certification.cases.signing import signer_of
from certification.cases.tables import CaseRow, OutcomeRow, RunningCaseRow, StandingRow, StepRow
from certification.evidence.service import attached
from certification.process.model import take_step
from certification.process.standing import (
    Deed,
    Event,
    Ground,
    Outcome,
    Part,
    Question,
    Standing,
    StepTaken,
    Who,
)
from certification.process.table import Noun, guards_of
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme, Task, TrackKind
from certification.schemes.service import in_force
from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.names import text_reasons
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from ledger.openings.service import keep_document
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse
from runtime.strict_json import Json

__all__ = ["Act", "OpenCase", "act", "open_case", "reopen", "waiting"]

CONTACT_MAX = 120
DOCUMENT_MAX = 80
NO_GROUND = Ground()

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class _Beside:
    """What a step commits beside itself, and what it leads to."""

    told: Mapping[str, Json] = field(default_factory=dict)
    subject: str | None = None
    granted: Granted | None = None


def open_case(work: Work, command: OpenCase, actor: Actor, now: datetime) -> CaseResult:
    """Begin an application under the version of the scheme that is in force now."""
    holder = command.holder or actor.party
    if holder is None:
        refuse(IdentityRefusal.PARTY_UNKNOWN, "/holder")
    get_party(work, holder)
    scheme = in_force(work, command.scheme, now)
    case = _new_case(work, command, scheme, holder, now)
    opened = Opened(case, process_of(case), Standing(), None, None)
    step = _take(work, opened, Deed(Event.OPEN), actor, now, {})
    work.add(_case_row(case))
    work.flush()
    _begin_running(work, case)
    work.add(
        StandingRow(
            case_id=case.case_id, scheme=case.scheme, state=step.state, since=now, n=0, answers=None
        )
    )
    work.flush()
    return _record(work, opened, step, _Beside(_opening(case)), "", actor, now)


def _new_case(work: Work, command: OpenCase, scheme: Scheme, holder: str, now: datetime) -> Case:
    track = scheme.track(command.track)
    if track is None:
        refuse(CertificationRefusal.TRACK_NOT_OFFERED, "/track")
    return Case(
        case_id=new_id("case", work.randomness),
        holder=holder,
        scheme=scheme.code,
        scheme_version=scheme.version,
        track=track.kind,
        cert_id=None if track.kind is TrackKind.INITIAL else command.cert_id,
        opened_at=now,
    )


_ON_ANSWERS = frozenset({Event.SUBMIT, Event.GRANT})


def act(
    work: Work, command: Act, actor: Actor, now: datetime, ground: Ground = NO_GROUND
) -> CaseResult:
    """Do something about a case; see the module for the order, `Act` for what counts when."""
    lock(work, command.case_id)
    opened = read_case(work, command.case_id)
    deed = _deed(command)
    if deed.event is not Event.OBJECT and not concerns(work, opened.case, actor, now):
        refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")
    typed = deed.event in _ON_ANSWERS
    answers = answers_of(work, work.vault, opened) if typed else {}
    step = _take(work, opened, deed, actor, now, answers, ground, command.terms)
    if deed.event is Event.SAVE:
        return _save(work, opened, command)
    beside = _beside(work, opened, command, answers, actor, now)
    return _record(work, opened, step, beside, command.reasons, actor, now)


@dataclass(frozen=True)
class Reopened:
    """A case that an appeal sends back, with the people who stay away from now on."""

    case_id: str
    reasons: str
    involved: tuple[str, ...] = ()


def reopen(work: Work, command: Reopened, actor: Actor, now: datetime) -> CaseResult:
    """Send a case back after an appeal was decided for the appellant; only appeals call this.

    Raises Refusal: CASE_UNKNOWN, EVENT_NOT_POSSIBLE, CASE_RUNNING.
    """
    lock(work, command.case_id)
    opened = read_case(work, command.case_id)
    who = Who(actor.person, actor.party, frozenset({Part.APPEAL}))
    known = facts.gather(work, facts.Asking(opened, actor, now, frozenset({"no_running_case"})))
    known = replace(known, evaluators=frozenset(command.involved))
    question = Question(opened.process, opened.standing, Deed(Event.REOPEN), who, known, now)
    step = take_step(question)
    if opened.standing.state.is_final:
        _begin_running(work, opened.case)
    return _record(work, opened, step, _Beside(), command.reasons, actor, now)


def lock(work: Work, case_id: str) -> None:
    """Lock a case until the transaction ends. Raises Refusal CASE_UNKNOWN."""
    query = select(StandingRow).where(StandingRow.case_id == case_id).with_for_update()
    if work.scalar(query.execution_options(populate_existing=True)) is None:
        refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")


# --- The deed ----------------------------------------------------------------------------------


def _deed(command: Act) -> Deed:
    return Deed(
        event=_word(Event, command.event, "/event") or Event.SAVE,
        outcome=_word(Outcome, command.outcome, "/outcome"),
        reasons=command.reasons,
        objection=command.objection,
        assignee=command.assignee,
        task=_word(Task, command.task, "/task"),
        fee=command.fee,
    )


def _word(words: type[Word], given: str | None, pointer: str) -> Word | None:
    if given is None:
        return None
    found = next((word for word in words if word == given), None)
    if found is None:
        refuse(CertificationRefusal.EVENT_UNKNOWN, pointer)
    return found


def _take(
    work: Work,
    opened: Opened,
    deed: Deed,
    actor: Actor,
    now: datetime,
    answers: Answers,
    ground: Ground = NO_GROUND,
    terms: GrantTerms | None = None,
) -> StepTaken:
    """Gather the facts and ask the rules."""
    asking = facts.Asking(
        opened=opened,
        actor=actor,
        now=now,
        guards=guards_of(Noun.CASE, opened.standing.state, deed.event),
        ground=ground,
        answers=answers,
        assigning=None if not (deed.assignee and deed.task) else (deed.assignee, deed.task),
    )
    if deed.event is Event.GRANT and terms is not None:
        initial = opened.case.track is TrackKind.INITIAL
        grants = granting(terms, answers, opened.case.track)
        asking = replace(asking, granting=grants, number=terms.number if initial else None)
    known = facts.gather(work, asking)
    who = facts.who_asks(work, actor, opened.case, now)
    return take_step(Question(opened.process, opened.standing, deed, who, known, now))


def _save(work: Work, opened: Opened, command: Act) -> CaseResult:
    """Keep the answers of a draft, sealed; the log hears of them when they are submitted."""
    own = own_answers(work, work.vault, opened)
    answers = forms.merged(opened.process, own, command.answers)
    content = orjson.dumps([[a.key, a.value, a.unit] for _, a in sorted(answers.items())])
    row = work.get_one(StandingRow, opened.case.case_id)
    row.answers = keep_document(work, content, opened.case.holder)
    work.flush()
    return CaseResult(opened.case.case_id, opened.standing.state, opened.standing.n)


# --- Beside the step ---------------------------------------------------------------------------


def _beside(
    work: Work, opened: Opened, command: Act, answers: Answers, actor: Actor, now: datetime
) -> _Beside:
    match Event(command.event):
        case Event.SUBMIT:
            return _Beside(_submission(work, opened, answers))
        case Event.OBJECT:
            return _objection(work, command.objector)
        case Event.DECLARE_INTEREST:
            return _declaration(work, opened, command, actor, now)
        case Event.RECORD_AGREEMENT | Event.RECORD_FEE:
            return _Beside({"document": _document(command.document)})
        case Event.GRANT:
            return _granted(work, opened, command, answers, actor, now)
    return _Beside()


def _opening(case: Case) -> dict[str, Json]:
    return {
        "holder": case.holder,
        "scheme": case.scheme,
        "scheme_version": case.scheme_version,
        "track": case.track.value,
        "cert_id": case.cert_id,
    }


def _submission(work: Work, opened: Opened, answers: Answers) -> dict[str, Json]:
    """What is submitted: the answers, and the evidence that was handed in."""
    evidence = sorted(each.evidence.id for each in attached(work, opened.case.case_id))
    given: dict[str, Json] = {key: [each.value, each.unit] for key, each in answers.items()}
    return {"answers": given, "answers_digest": opened.answers, "evidence": [*evidence]}


def _objection(work: Work, objector: Objector | None) -> _Beside:
    """An objection is sealed under a key of the objector's own, so that it can be erased alone."""
    name, contact = ("", "") if objector is None else (objector.name, objector.contact)
    reasons = [
        *text_reasons(name, "/objector/name"),
        *text_reasons(contact, "/objector/contact", CONTACT_MAX),
    ]
    if reasons:
        raise Refusal(*reasons)
    told: dict[str, Json] = {"objector": {"name": name, "contact": contact}}
    return _Beside(told, new_id("objr", work.randomness))


def _declaration(work: Work, opened: Opened, command: Act, actor: Actor, now: datetime) -> _Beside:
    declared = bodies.DeclareInterest(
        case_id=opened.case.case_id, party=opened.case.holder, relation=command.interest or ""
    )
    bodies.declare_interest(work, declared, actor, now)
    return _Beside()


def _document(document: str | None) -> str | None:
    if document is None:
        return None
    reasons = text_reasons(document, "/document", DOCUMENT_MAX)
    if reasons:
        raise Refusal(*reasons)
    return document


def _granted(
    work: Work, opened: Opened, command: Act, answers: Answers, actor: Actor, now: datetime
) -> _Beside:
    terms = command.terms or GrantTerms()
    reason = command.reasons or opened.process.scheme.statement("zh")
    granted = make_outcome(work, Decision(opened, answers, terms, actor, now, reason))
    told: dict[str, Json] = {
        "kind": granted.kind,
        "subject": granted.subject,
        "number": granted.number,
        "n": granted.n,
    }
    return _Beside({"granted": told}, granted=granted)


# --- Rows and entry ----------------------------------------------------------------------------


def _record(
    work: Work,
    opened: Opened,
    step: StepTaken,
    beside: _Beside,
    reasons: str,
    actor: Actor,
    now: datetime,
) -> CaseResult:
    case = opened.case
    told = {**_told(step), "reasons": reasons, **beside.told}
    draft = Draft(
        type=CASE_STEP,
        streams=(case.case_id,),
        effective_at=now,
        facts={},
        secrets=(Secret("record", told, beside.subject or case.holder),),
    )
    signer = signer_of(work, actor, case.scheme, case.holder, now)
    payload_id = record(work, draft, signer, now).payload_id
    work.add(_step_row(case.case_id, step, payload_id))
    if beside.granted is not None:
        work.add(_outcome_row(case.case_id, beside.granted, payload_id))
    _stand(work, case, opened.standing.after(step))
    return CaseResult(case.case_id, step.state, step.n, payload_id, step.objection, beside.granted)


def _stand(work: Work, case: Case, standing: Standing) -> None:
    row = work.get_one(StandingRow, case.case_id)
    assert standing.since is not None
    row.state, row.since, row.n = standing.state, standing.since, standing.n
    if standing.state.is_final:
        work.execute(delete(RunningCaseRow).where(RunningCaseRow.case_id == case.case_id))
    work.flush()


def _begin_running(work: Work, case: Case) -> None:
    """Take the guard row; of two who ask at once the second is refused. Raises CASE_RUNNING."""
    row = {
        "holder": case.holder,
        "scheme": case.scheme,
        "track": case.track.value,
        "about": case.about,
        "case_id": case.case_id,
    }
    if not insert_unless_there(work, RunningCaseRow, row):
        refuse(CertificationRefusal.CASE_RUNNING)


def _told(step: StepTaken) -> dict[str, Json]:
    """A step as its record says it; `replay` compares the row with the same members."""
    return {
        "n": step.n,
        "event": step.event.value,
        "outcome": step.outcome and step.outcome.value,
        "state": step.state.value,
        "person": step.person,
        "party": step.party,
        "task": step.task and step.task.value,
        "assignee": step.assignee,
        "objection": step.objection,
        "fee": step.fee,
        "until": None if step.until is None else step.until.isoformat(),
        "excluded": list(step.excluded),
    }


def _case_row(case: Case) -> CaseRow:
    return CaseRow(
        case_id=case.case_id,
        holder=case.holder,
        scheme=case.scheme,
        scheme_version=case.scheme_version,
        track=case.track.value,
        cert_id=case.cert_id,
        opened_at=case.opened_at,
    )


def _step_row(case_id: str, step: StepTaken, payload_id: str) -> StepRow:
    return StepRow(
        case_id=case_id,
        n=step.n,
        event=step.event.value,
        outcome=step.outcome and step.outcome.value,
        state=step.state.value,
        at=step.at,
        person=step.person,
        party=step.party,
        task=step.task and step.task.value,
        assignee=step.assignee,
        objection=step.objection,
        fee=step.fee,
        until=step.until,
        excluded=list(step.excluded),
        payload_id=payload_id,
    )


def _outcome_row(case_id: str, granted: Granted, payload_id: str) -> OutcomeRow:
    return OutcomeRow(
        case_id=case_id,
        kind=granted.kind,
        subject=granted.subject,
        number=granted.number,
        n=granted.n,
        payload_id=payload_id,
    )
