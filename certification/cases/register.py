"""Reading cases: one case with its standing, its form, its timeline, and what waits for whom.

Everything here only reads. A case concerns the party that applied, whoever serves its scheme,
regulators and the platform; for everybody else it does not exist (CASE_UNKNOWN).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from certification.calendar.service import working_days_between
from certification.cases import facts
from certification.cases.forms import BASES, PRODUCTS, form_of, named
from certification.cases.model import (
    Act,
    Case,
    FormField,
    Granted,
    Moment,
    Objector,
    Offer,
    Waiting,
)
from certification.cases.tables import CaseRow, OutcomeRow, StandingRow, StepRow
from certification.evidence.model import Answer
from certification.inspections.reading import evaluators
from certification.process import deadlines
from certification.process.guards import fees, in_another_part
from certification.process.model import objections_to
from certification.process.standing import (
    CaseState,
    Deed,
    Event,
    Ground,
    Outcome,
    Part,
    Process,
    Question,
    Standing,
    StepTaken,
    fold,
)
from certification.process.table import CASE_ROWS, Row
from certification.refusals import CertificationRefusal
from certification.schemes.model import Task, TrackKind
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.parties.service import parties_under
from identity.roles import Role
from ledger.openings.service import open_entries, read_document
from runtime.clock import beijing_date, day_end
from runtime.id_list import id_list
from runtime.refusal import Refusal, refuse
from runtime.vault import Vault

WAITING_MAX = 1000
"""Cases in one work list."""


@dataclass(frozen=True)
class Opened:
    """A case with everything that its steps say; `answers` is the digest of the sealed answers."""

    case: Case
    process: Process
    standing: Standing
    answers: str | None
    granted: Granted | None

    @property
    def due(self) -> date | None:
        """The last day for whoever has to act now."""
        return deadlines.due(self.process, self.standing)


def process_of(case: Case) -> Process:
    """The scheme version and track under which a case began."""
    scheme = scheme_of(case.scheme, case.scheme_version)
    return Process(scheme, scheme.tracks[case.track])


def read_case(session: Session, case_id: str) -> Opened:
    """One case, whoever asks. Raises Refusal CASE_UNKNOWN."""
    row = session.get(CaseRow, case_id) if is_id(case_id) else None
    if row is None:
        refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")
    return _opened(session, [row])[0]


def find_case(session: Session, case_id: str, actor: Actor, now: datetime) -> Opened:
    """One case for somebody whom it concerns. Raises Refusal CASE_UNKNOWN."""
    found = read_case(session, case_id)
    if not concerns(session, found.case, actor, now):
        refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")
    return found


def concerns(session: Session, case: Case, actor: Actor, now: datetime) -> bool:
    """Whether somebody may see a case at all."""
    if actor.is_platform or Role.REGULATOR in actor.roles:
        return True
    if actor.party is not None and actor.party in (
        case.holder,
        facts.host_of(session, case.holder),
    ):
        return True
    return bool(facts.functions_of(session, actor, case.scheme, now))


def unfit_for(session: Session, case_id: str, task: Task) -> frozenset[str]:
    """People who may not do a task of a case, for what they did in it or by an appeal's decision.

    For nouns that plan work about a case, such as visits.
    """
    standing = read_case(session, case_id).standing
    return in_another_part(task, standing, evaluators(session, case_id)) | standing.excluded


def cases_of(session: Session, holder: str) -> tuple[Opened, ...]:
    """All cases of a party, the newest first."""
    query = select(CaseRow).where(CaseRow.holder == holder)
    return tuple(_opened(session, list(session.scalars(query.order_by(CaseRow.opened_at.desc())))))


def _opened(session: Session, rows: Sequence[CaseRow]) -> list[Opened]:
    ids = [row.case_id for row in rows]
    steps: dict[str, list[StepTaken]] = defaultdict(list)
    taken = select(StepRow).where(StepRow.case_id.in_(id_list(session, ids)))
    for step in session.scalars(taken.order_by(StepRow.case_id, StepRow.n)):
        steps[step.case_id].append(step_from(step))
    standings = _by_id(session, select(StandingRow), StandingRow, ids)
    outcomes = _by_id(session, select(OutcomeRow), OutcomeRow, ids)
    opened = []
    for row in rows:
        case, outcome = case_from(row), outcomes.get(row.case_id)
        granted = None if outcome is None else granted_from(outcome)
        standing = fold(tuple(steps[row.case_id]))
        answers = standings[row.case_id].answers
        opened.append(Opened(case, process_of(case), standing, answers, granted))
    return opened


def _by_id(session: Session, query: Select[Any], table: Any, ids: Iterable[str]) -> dict[str, Any]:
    found = session.scalars(query.where(table.case_id.in_(id_list(session, ids))))
    return {row.case_id: row for row in found}


def case_from(row: CaseRow) -> Case:
    """What never changes about a case, from its row."""
    return Case(
        case_id=row.case_id,
        holder=row.holder,
        scheme=row.scheme,
        scheme_version=row.scheme_version,
        track=TrackKind(row.track),
        cert_id=row.cert_id,
        opened_at=row.opened_at,
    )


def step_from(row: StepRow) -> StepTaken:
    """One step, from its row."""
    return StepTaken(
        n=row.n,
        event=Event(row.event),
        state=CaseState(row.state),
        at=row.at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        person=row.person,
        party=row.party,
        task=None if row.task is None else Task(row.task),
        assignee=row.assignee,
        objection=row.objection,
        fee=row.fee,
        until=row.until,
        excluded=tuple(row.excluded),
    )


def granted_from(row: OutcomeRow) -> Granted:
    """What a case became, from its row."""
    return Granted(row.kind, row.subject, row.number, row.n)


# --- What was typed ----------------------------------------------------------------------------


def answers_of(session: Session, vault: Vault, opened: Opened) -> dict[str, Answer]:
    """The answers of a case: attached evidence first, then its own; what was erased is gone."""
    attached = facts.attached_answers(session, vault, opened.case)
    return attached | own_answers(session, vault, opened)


def own_answers(session: Session, vault: Vault, opened: Opened) -> dict[str, Answer]:
    """The answers that were typed into the case itself."""
    if opened.answers is None:
        return {}
    document = read_document(session, vault, opened.answers, opened.case.holder)
    own = [] if document is None else json.loads(document)
    return {key: Answer(key, value, unit) for key, value, unit in own}


def form(session: Session, vault: Vault, opened: Opened) -> tuple[FormField, ...]:
    """The form of a case with the answers given so far."""
    return form_of(opened.process, answers_of(session, vault, opened))


def timeline(
    session: Session, vault: Vault, case_id: str, actor: Actor, now: datetime
) -> tuple[Moment, ...]:
    """What was done about a case, the first first. Raises Refusal CASE_UNKNOWN.

    Who objected is shown to those who serve the scheme only.
    """
    found = find_case(session, case_id, actor, now)
    shown = bool(facts.functions_of(session, actor, found.case.scheme, now))
    rows = list(session.scalars(select(StepRow).filter_by(case_id=case_id).order_by(StepRow.n)))
    opened = open_entries(session, vault, [row.payload_id for row in rows])
    moments = []
    for row in rows:
        opening = opened[row.payload_id].get("record")
        told = opening.value if opening and isinstance(opening.value, dict) else {}
        moment = _moment(row, told)
        hidden = row.event == Event.OBJECT and not (shown or actor.is_platform)
        moments.append(_anonymous(moment) if hidden else moment)
    return tuple(moments)


def _moment(row: StepRow, told: dict[str, Any]) -> Moment:
    step, objector = step_from(row), told.get("objector")
    return Moment(
        n=step.n,
        event=step.event,
        outcome=step.outcome,
        state=step.state,
        at=step.at,
        party=step.party,
        person=step.person,
        task=step.task,
        assignee=step.assignee,
        objection=step.objection,
        until=step.until,
        reasons=told.get("reasons") or None,
        objector=None if objector is None else Objector(objector["name"], objector["contact"]),
        payload_id=row.payload_id,
    )


def _anonymous(moment: Moment) -> Moment:
    return replace(moment, party=None, person=None, objector=None)


@dataclass(frozen=True)
class PublicNotice:
    """What a public notice says, until the end of its last day; anybody may object meanwhile."""

    case_id: str
    scheme: str
    track: TrackKind
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    published_at: datetime
    until: date


def public_notices(
    session: Session, vault: Vault, now: datetime, scheme: str | None = None
) -> tuple[PublicNotice, ...]:
    """The notices that run now, those that end first before the others."""
    query = _running().where(StandingRow.state == CaseState.PUBLIC_NOTICE)
    if scheme is not None:
        query = query.where(StandingRow.scheme == scheme)
    found = []
    for opened in _opened(session, list(session.scalars(query))):
        until = opened.standing.notice_until
        if until is not None and now < day_end(until):
            found.append(_notice(session, vault, opened, until))
    return tuple(sorted(found, key=lambda notice: (notice.until, notice.case_id)))


def _notice(session: Session, vault: Vault, opened: Opened, until: date) -> PublicNotice:
    answers, case = answers_of(session, vault, opened), opened.case
    published = select(func.max(StepRow.at)).filter_by(
        case_id=case.case_id, event=Event.PUBLISH_NOTICE.value
    )
    return PublicNotice(
        case_id=case.case_id,
        scheme=case.scheme,
        track=case.track,
        holder=case.holder,
        products=named(answers, PRODUCTS),
        bases=named(answers, BASES),
        published_at=session.scalars(published).one(),
        until=until,
    )


# --- What may be done, and what waits -----------------------------------------------------------


def offers(
    session: Session, vault: Vault, case_id: str, actor: Actor, now: datetime, ground: Ground
) -> tuple[Offer, ...]:
    """What somebody could ask for now, each with the reasons against it apart from what is typed.

    Raises Refusal CASE_UNKNOWN.
    """
    found = find_case(session, case_id, actor, now)
    who = facts.who_asks(session, actor, found.case, now)
    rows = [row for row in CASE_ROWS if row.state == found.standing.state]
    guards = frozenset(name for row in rows for name in row.guards)
    answers = answers_of(session, vault, found)
    known = facts.gather(session, facts.Asking(found, actor, now, guards, ground, answers))
    made = []
    for row in rows:
        if who.parts.isdisjoint(row.parts):
            continue
        question = Question(found.process, found.standing, _deed(row), who, known, now)
        if _sensible(row, question):
            reasons = objections_to(question, asking=True)
            made.append(Offer(Event(row.event), row.outcome, reasons))
    return tuple(made)


def _deed(row: Row) -> Deed:
    return Deed(Event(row.event), row.outcome)


def _sensible(row: Row, question: Question) -> bool:
    """Nothing is offered that has no object: an answer without objection, a fee that is settled."""
    match row.event:
        case Event.ANSWER_OBJECTION:
            return bool(question.standing.unanswered)
        case Event.RECORD_FEE:
            return any(fee.key not in question.standing.fees for fee in fees(question))
        case Event.RECORD_AGREEMENT:
            return not question.standing.agreement
        case Event.REOPEN:
            return False
    return True


def for_the_system(session: Session, now: datetime) -> tuple[Act, ...]:
    """What the platform itself has to do now: drafts lapse, notices that nobody questions end.

    Whoever runs them meets the same rules again; a case that moved meanwhile is refused.
    """
    states = [CaseState.DRAFT.value, CaseState.PUBLIC_NOTICE.value]
    query = _running().where(StandingRow.state.in_(states)).order_by(CaseRow.case_id)
    found = _opened(session, list(session.scalars(query)))
    return tuple(deed for deed in (_system_deed(opened, now) for opened in found) if deed)


def _system_deed(opened: Opened, now: datetime) -> Act | None:
    standing, case_id = opened.standing, opened.case.case_id
    if standing.state is CaseState.DRAFT:
        over = opened.due is not None and now >= day_end(opened.due)
        return Act(case_id, Event.LAPSE.value) if over else None
    until = standing.notice_until
    over = until is not None and now >= day_end(until) and not standing.unanswered
    return Act(case_id, Event.END_NOTICE.value) if over else None


_WAITS_FOR = {
    CaseState.DRAFT: Part.APPLICANT,
    CaseState.SUBMITTED: Part.OFFICE,
    CaseState.DESK_REVIEW: Part.REVIEWER,
    CaseState.SITE_CHECK: Part.INSPECTOR,
    CaseState.LAB_TEST: Part.LAB_ANALYST,
    CaseState.EXPERT_REVIEW: Part.EXPERT,
    CaseState.PUBLIC_NOTICE: Part.OFFICE,
    CaseState.DECISION: Part.DECIDER,
}
"""For whom a case waits in each state; every running state is here."""


def waiting(session: Session, actor: Actor, now: datetime) -> tuple[Waiting, ...]:
    """The cases that wait for somebody, the most urgent first; at most `WAITING_MAX`.

    The applicant sees every running case of the own party, those that wait for others too: as
    reminders. Whoever serves a scheme sees those of its cases that wait for one of his parts,
    unless they are assigned to somebody else.
    """
    found = [*_of_applicant(session, actor), *_of_schemes(session, actor, now)]
    listed = {opened.case.case_id: opened for opened in found}
    lines = (_waiting(opened, actor, now) for opened in listed.values())
    return tuple(sorted(lines, key=_urgency))[:WAITING_MAX]


def _urgency(line: Waiting) -> tuple[date, datetime, str]:
    return (line.due or date.max, line.since, line.case_id)


def _running() -> Select[CaseRow]:
    final = [state.value for state in CaseState if state.is_final]
    joined = select(CaseRow).join(StandingRow, StandingRow.case_id == CaseRow.case_id)
    return joined.where(StandingRow.state.not_in(final))


def _of_applicant(session: Session, actor: Actor) -> Iterator[Opened]:
    if actor.party is not None and not actor.roles.isdisjoint(facts.APPLICANT_ROLES):
        holders = [actor.party, *(party.id for party in parties_under(session, actor.party))]
        query = _running().where(CaseRow.holder.in_(id_list(session, holders)))
        yield from _opened(session, list(session.scalars(query)))


def _of_schemes(session: Session, actor: Actor, now: datetime) -> Iterator[Opened]:
    parts = facts.parts_held(actor)
    states = [state.value for state, part in _WAITS_FOR.items() if part in parts]
    schemes = facts.schemes_served(session, actor, now)
    if not states or schemes == frozenset():
        return
    query = _running().where(StandingRow.state.in_(states))
    if schemes is not None:
        query = query.where(StandingRow.scheme.in_(sorted(schemes)))
    for opened in _opened(session, list(session.scalars(query))):
        if _waits_for(session, opened, actor, now):
            yield opened


def _waits_for(session: Session, opened: Opened, actor: Actor, now: datetime) -> bool:
    step = opened.process.step(opened.standing.state)
    if step is None:
        return False
    assigned = opened.standing.assigned.get(step.task)
    served = facts.functions_of(session, actor, opened.case.scheme, now)
    return assigned in (None, actor.person) and step.function in served


def _waiting(opened: Opened, actor: Actor, now: datetime) -> Waiting:
    standing, due = opened.standing, opened.due
    assert standing.since is not None
    step = opened.process.step(standing.state)
    assigned = None if step is None else standing.assigned.get(step.task)
    return Waiting(
        case_id=opened.case.case_id,
        scheme=opened.case.scheme,
        track=opened.case.track,
        holder=opened.case.holder,
        step=standing.state,
        since=standing.since,
        due=due,
        late_working_days=_late(due, beijing_date(now)),
        assigned=assigned is not None and assigned == actor.person,
        unanswered_objections=len(standing.unanswered),
    )


def _late(due: date | None, today: date) -> int:
    """Working days since the last day; calendar days where the calendar does not reach so far."""
    if due is None or today <= due:
        return 0
    try:
        return working_days_between(due, today)
    except Refusal:
        return (today - due).days
