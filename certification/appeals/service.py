"""Use cases of appeals: file, acknowledge, decide, withdraw; and the work list.

A decision for the appellant reopens the case in the same transaction. The annulment of a change of
a certificate is named in the result and made by `workflows.decide_appeal`, which also turns the
pages that show the certificate.

Locks: the appeal's standing, then the case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from certification.appeals import model
from certification.appeals.entries import APPEAL_STEP
from certification.appeals.model import (
    ActOnAppeal,
    Appeal,
    AppealEvent,
    AppealKind,
    AppealResult,
    AppealState,
    AppealWaiting,
    FileAppeal,
    Hearing,
    Matter,
    Target,
)
from certification.appeals.tables import AppealRow, AppealStandingRow, AppealStepRow
from certification.calendar.service import add_working_days
from certification.cases import facts
from certification.cases.model import Objector
from certification.cases.register import read_case
from certification.cases.service import Reopened, reopen
from certification.cases.signing import signer_of
from certification.cases.tables import OutcomeRow
from certification.certificates.register import Certificate, find
from certification.certificates.tables import ChangeRow
from certification.process.standing import CaseState, Part, Who
from certification.refusals import CertificationRefusal
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.first_come import insert_unless_there
from identity.keys.service import operator_party
from identity.names import text_reasons
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import beijing_date, day_end
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse
from runtime.strict_json import Json

CONTACT_MAX = 120
NOBODY: frozenset[str] = frozenset()

InvolvedIn = Callable[[Session, str, int], frozenset[str]]
"""People involved in a change, by certificate and number."""

Word = TypeVar("Word", bound=StrEnum)


def nobody(session: Session, cert_id: str, n: int) -> frozenset[str]:
    """Nothing is known of the people behind a change."""
    return NOBODY


def file_appeal(work: Work, command: FileAppeal, actor: Actor, now: datetime) -> AppealResult:
    """Bring an appeal, a complaint or a report of misuse. Raises Refusal: see the model."""
    kind, target = _word(AppealKind, command.kind), _word(Target, command.target)
    _check_target(work, target, command.subject, command.n)
    matter, scheme = _matter(work, target, command.subject, command.n, nobody)
    by_party = None if actor.is_platform else actor.party
    appeal = Appeal(
        appeal_id=new_id("appl", work.randomness),
        kind=kind,
        target=target,
        subject=command.subject,
        n=command.n,
        scheme=scheme,
        holder=matter.holder,
        filed_by=by_party,
        filed_at=now,
    )
    _check_side(work, appeal, actor)
    filer = _filer(command.filer, by_party)
    who = Who(actor.person, actor.party, frozenset({Part.ANYBODY}))
    hearing = Hearing(AppealState.NONE, AppealEvent.FILE, who, matter, command.reasons)
    state = model.check(hearing)
    work.add(_appeal_row(appeal))
    work.flush()
    _stand(work, appeal)
    told: dict[str, Json] = {
        "kind": kind.value,
        "target": target.value,
        "subject": appeal.subject,
        "subject_n": appeal.n,
        "scheme": scheme,
        "holder": appeal.holder,
        "filed_by": by_party,
        "filer": None if filer is None else {"name": filer.name, "contact": filer.contact},
    }
    subject = matter.holder if by_party == matter.holder else new_id("objr", work.randomness)
    return _record(work, appeal, 0, hearing, state, told, subject, actor, now)


def act_on_appeal(
    work: Work,
    command: ActOnAppeal,
    actor: Actor,
    now: datetime,
    involved_in: InvolvedIn = nobody,
) -> AppealResult:
    """Acknowledge, uphold, overturn or withdraw.

    `involved_in` names the people whom nouns above know to have made change `n` of a certificate.
    Raises Refusal: see the model, and those of `cases.service.reopen`.
    """
    standing = _locked(work, command.appeal_id)
    appeal = find_appeal(work, command.appeal_id, actor, now)
    event = _word(AppealEvent, command.event)
    matter, _ = _matter(work, appeal.target, appeal.subject, appeal.n, involved_in)
    hearing = _hearing(work, appeal, standing, event, command.reasons, matter, actor, now)
    state = model.check(hearing)
    if state is AppealState.OVERTURNED:
        _check_target(work, appeal.target, appeal.subject, appeal.n)
    result = _record(work, appeal, standing.n, hearing, state, {}, appeal.holder, actor, now)
    if state is not AppealState.OVERTURNED:
        return result
    return _overturned(work, appeal, result, hearing, actor, now)


def _overturned(
    work: Work,
    appeal: Appeal,
    result: AppealResult,
    hearing: Hearing,
    actor: Actor,
    now: datetime,
) -> AppealResult:
    if appeal.target is Target.CERTIFICATE_CHANGE:
        assert appeal.n is not None
        return replace(result, annul=(appeal.subject, appeal.n))
    if appeal.target is Target.CERTIFICATE:
        return result
    involved = tuple(sorted(hearing.matter.involved))
    reopen(work, Reopened(appeal.subject, hearing.reasons, involved), actor, now)
    return replace(result, reopened=appeal.subject)


def _hearing(
    work: Work,
    appeal: Appeal,
    standing: AppealStandingRow,
    event: AppealEvent,
    reasons: str,
    matter: Matter,
    actor: Actor,
    now: datetime,
) -> Hearing:
    sides = {party for party in (appeal.holder, appeal.filed_by) if party is not None}
    member = any(facts.belongs_to(work, actor.person, party, now) for party in sorted(sides))
    filed_it = actor.is_platform or (actor.party is not None and actor.party == appeal.filed_by)
    parts = facts.parts_held(actor) | ({Part.APPLICANT} if filed_it else frozenset())
    functions = facts.functions_of(work, actor, appeal.scheme, now)
    return Hearing(
        state=AppealState(standing.state),
        event=event,
        who=Who(actor.person, actor.party, parts, functions),
        matter=matter,
        reasons=reasons,
        of_a_side=member or actor.party in sides,
        filed_it=filed_it,
    )


# --- The target --------------------------------------------------------------------------------


def _check_target(session: Session, target: Target, subject: str, n: int | None) -> None:
    """Refuse where there is nothing to overturn: asked at the filing, and again at the end.

    Raises Refusal: CASE_UNKNOWN, CERTIFICATE_UNKNOWN, OUTCOME_STANDS, NOTHING_TO_APPEAL.
    """
    match target:
        case Target.CASE_DECISION | Target.OBJECTION_ANSWER:
            _check_case(session, target, subject, n)
        case Target.CERTIFICATE_CHANGE:
            _check_change(session, subject, n)
        case Target.CERTIFICATE:
            _certificate(session, subject)


def _check_case(session: Session, target: Target, case_id: str, n: int | None) -> None:
    standing = read_case(session, case_id).standing
    if standing.state is CaseState.GRANTED:
        refuse(CertificationRefusal.OUTCOME_STANDS, "/subject")
    if target is Target.CASE_DECISION:
        decided = standing.state is CaseState.REFUSED
    else:
        waits = standing.state in (CaseState.PUBLIC_NOTICE, CaseState.DECISION)
        decided = waits and standing.objections.get(n or 0) is not None
    if not decided:
        refuse(CertificationRefusal.NOTHING_TO_APPEAL, "/subject")


def _check_change(session: Session, cert_id: str, n: int | None) -> None:
    changes = _certificate(session, cert_id).history.changes
    annulled = {change.annuls for change in changes}
    standing = [each for each in changes if each.annuls is None and each.n not in annulled]
    if n not in {change.n for change in standing}:
        refuse(CertificationRefusal.NOTHING_TO_APPEAL, "/n")


def _matter(
    session: Session, target: Target, subject: str, n: int | None, involved_in: InvolvedIn
) -> tuple[Matter, str]:
    """Who is concerned by a target, and its scheme."""
    if target in (Target.CASE_DECISION, Target.OBJECTION_ANSWER):
        opened = read_case(session, subject)
        people = facts.people_involved(session, subject, opened.standing)
        return Matter(opened.case.holder, people), opened.case.scheme
    found = _certificate(session, subject)
    matter = Matter(found.holder)
    if target is Target.CERTIFICATE_CHANGE and n is not None:
        matter = _changed_by(session, matter, subject, n, involved_in)
    return matter, found.scheme.code


def _changed_by(
    session: Session, matter: Matter, cert_id: str, n: int, involved_in: InvolvedIn
) -> Matter:
    """The people who made a change; where none is on record, the whole office that did."""
    involved = involved_in(session, cert_id, n)
    case_id = session.scalar(select(OutcomeRow.case_id).filter_by(subject=cert_id, n=n))
    if case_id is not None:
        standing = read_case(session, case_id).standing
        involved |= facts.people_involved(session, case_id, standing)
    row = session.get(ChangeRow, (cert_id, n))
    office = (None if row is None else row.office) or operator_party(session)
    return replace(matter, involved=involved, offices=NOBODY if involved else frozenset({office}))


def _certificate(session: Session, cert_id: str) -> Certificate:
    if not is_id(cert_id):
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN, "/subject")
    now = FAR
    return find(session, cert_id, now, now)


FAR = day_end(date(2199, 12, 31))
"""Later than every change: what is asked here is who and which, not the state at a moment."""


def _check_side(session: Session, appeal: Appeal, actor: Actor) -> None:
    """An appeal comes from the party concerned, or from who objected; a complaint from anybody."""
    if appeal.kind is not AppealKind.APPEAL:
        return
    if appeal.target is Target.CERTIFICATE:
        refuse(CertificationRefusal.NOTHING_TO_APPEAL, "/target")
    own = facts.applies_for(session, actor, appeal.holder)
    if appeal.target is not Target.OBJECTION_ANSWER and not own and not actor.is_platform:
        refuse(CertificationRefusal.APPEAL_NOT_OF_PARTY)


def _filer(filer: Objector | None, party: str | None) -> Objector | None:
    """Whoever has no account says who they are. Raises Refusal: text refusals."""
    if filer is None and party is not None:
        return None
    name, contact = ("", "") if filer is None else (filer.name, filer.contact)
    reasons = [
        *text_reasons(name, "/filer/name"),
        *text_reasons(contact, "/filer/contact", CONTACT_MAX),
    ]
    if reasons:
        raise Refusal(*reasons)
    return filer


# --- Reading -----------------------------------------------------------------------------------


def find_appeal(session: Session, appeal_id: str, actor: Actor, now: datetime) -> Appeal:
    """One appeal for somebody whom it concerns. Raises Refusal APPEAL_UNKNOWN."""
    row = session.get(AppealRow, appeal_id) if is_id(appeal_id) else None
    if row is None or not _concerns(session, row, actor, now):
        refuse(CertificationRefusal.APPEAL_UNKNOWN, "/appeal_id")
    return appeal_from(row)


def _concerns(session: Session, row: AppealRow, actor: Actor, now: datetime) -> bool:
    if actor.is_platform or (actor.party is not None and actor.party == row.filed_by):
        return True
    return bool(facts.functions_of(session, actor, row.scheme, now))


def state_of(session: Session, appeal_id: str) -> AppealState:
    """Where an appeal stands."""
    return AppealState(session.get_one(AppealStandingRow, appeal_id).state)


def appeals_about(session: Session, subject: str) -> tuple[Appeal, ...]:
    """What was brought about a case or certificate, the first first."""
    query = select(AppealRow).filter_by(subject=subject).order_by(AppealRow.filed_at)
    return tuple(appeal_from(row) for row in session.scalars(query))


def due_of(appeal: Appeal) -> date | None:
    """The last day for the decision; None where the scheme or the calendar says none."""
    days = scheme_of(appeal.scheme).appeal_working_days
    try:
        return None if days is None else add_working_days(beijing_date(appeal.filed_at), days)
    except Refusal:
        return None


def waiting(session: Session, actor: Actor, now: datetime) -> tuple[AppealWaiting, ...]:
    """Appeals that wait for somebody: of the schemes served, or brought by the own party."""
    schemes = facts.schemes_served(session, actor, now)
    query = (
        select(AppealRow, AppealStandingRow.state)
        .join(AppealStandingRow, AppealStandingRow.appeal_id == AppealRow.appeal_id)
        .where(AppealStandingRow.state.in_([AppealState.FILED, AppealState.ACKNOWLEDGED]))
    )
    if schemes is not None:
        served = AppealRow.scheme.in_(sorted(schemes))
        mine = false() if actor.party is None else AppealRow.filed_by == actor.party
        query = query.where(served | mine)
    found = [(appeal_from(row), state) for row, state in session.execute(query)]
    lines = [_waiting(appeal, state, now) for appeal, state in found]
    return tuple(sorted(lines, key=lambda line: (line.due or date.max, line.filed_at)))


def _waiting(appeal: Appeal, state: str, now: datetime) -> AppealWaiting:
    due = due_of(appeal)
    return AppealWaiting(
        appeal_id=appeal.appeal_id,
        kind=appeal.kind,
        target=appeal.target,
        subject=appeal.subject,
        scheme=appeal.scheme,
        state=state,
        filed_at=appeal.filed_at,
        due=due,
        late=due is not None and now >= day_end(due),
    )


def appeal_from(row: AppealRow) -> Appeal:
    """An appeal, from its row."""
    return Appeal(
        appeal_id=row.appeal_id,
        kind=AppealKind(row.kind),
        target=Target(row.target),
        subject=row.subject,
        n=row.n,
        scheme=row.scheme,
        holder=row.holder,
        filed_by=row.filed_by,
        filed_at=row.filed_at,
    )


# --- Rows and entry ----------------------------------------------------------------------------


def _record(
    work: Work,
    appeal: Appeal,
    before: int,
    hearing: Hearing,
    state: AppealState,
    beside: Mapping[str, Json],
    subject: str,
    actor: Actor,
    now: datetime,
) -> AppealResult:
    n = before + 1
    told: dict[str, Json] = {
        "n": n,
        "event": hearing.event.value,
        "state": state.value,
        "person": actor.person,
        "party": actor.party,
        "reasons": hearing.reasons,
    }
    draft = Draft(
        type=APPEAL_STEP,
        streams=(appeal.appeal_id,),
        effective_at=now,
        facts={},
        secrets=(Secret("record", told | dict(beside), subject),),
    )
    signer = signer_of(work, actor, appeal.scheme, appeal.holder, now)
    payload_id = record(work, draft, signer, now).payload_id
    work.add(
        AppealStepRow(
            appeal_id=appeal.appeal_id,
            n=n,
            event=hearing.event.value,
            state=state.value,
            at=now,
            person=actor.person,
            party=actor.party,
            payload_id=payload_id,
        )
    )
    row = work.get_one(AppealStandingRow, appeal.appeal_id)
    row.state, row.n = state.value, n
    row.running = None if state.is_final else row.running
    work.flush()
    return AppealResult(appeal.appeal_id, state.value, n, payload_id)


def _stand(work: Work, appeal: Appeal) -> None:
    """Take the guard of an appeal. Raises APPEAL_RUNNING for a second one about the same."""
    named = f"{appeal.target}/{appeal.subject}/{appeal.n or 0}"
    row = {
        "appeal_id": appeal.appeal_id,
        "scheme": appeal.scheme,
        "state": AppealState.FILED.value,
        "n": 0,
        "running": named if appeal.kind is AppealKind.APPEAL else None,
    }
    if not insert_unless_there(work, AppealStandingRow, row):
        refuse(CertificationRefusal.APPEAL_RUNNING)


def _locked(work: Work, appeal_id: str) -> AppealStandingRow:
    query = select(AppealStandingRow).filter_by(appeal_id=appeal_id).with_for_update()
    row = work.scalar(query.execution_options(populate_existing=True))
    if row is None:
        refuse(CertificationRefusal.APPEAL_UNKNOWN, "/appeal_id")
    return row


def _appeal_row(appeal: Appeal) -> AppealRow:
    return AppealRow(
        appeal_id=appeal.appeal_id,
        kind=appeal.kind.value,
        target=appeal.target.value,
        subject=appeal.subject,
        n=appeal.n,
        scheme=appeal.scheme,
        holder=appeal.holder,
        filed_by=appeal.filed_by,
        filed_at=appeal.filed_at,
    )


def _word(words: type[Word], given: str) -> Word:
    found = next((word for word in words if word == given), None)
    if found is None:
        refuse(CertificationRefusal.EVENT_UNKNOWN, "/event")
    return found
