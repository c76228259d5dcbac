"""Use cases of bodies: appoint, vouch for competence, end either, declare a relation; and reading.

An administrator appoints. Whoever serves a scheme vouches for people of that scheme, and an
administrator does for everybody. Everything that asks "may this party, this person, now?" is
answered here by the day at the server.

Locks: none but the streams. Of two appointments made at once both stand; they say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.bodies import model
from certification.bodies.entries import (
    APPOINT,
    DECLARE,
    END_APPOINTMENT,
    END_COMPETENCE,
    GRANT_COMPETENCE,
)
from certification.bodies.load import cases_running
from certification.bodies.model import Appointment, Competence, Relation, Term
from certification.bodies.tables import (
    AppointmentEndRow,
    AppointmentRow,
    CompetenceEndRow,
    CompetenceRow,
    DeclarationRow,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import Function, Task
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.keys.service import operator_party, operator_signer, signer_for
from identity.names import text_reasons
from identity.parties.service import find_party
from identity.people.tables import PersonRow
from identity.refusals import IdentityRefusal
from identity.roles import Role, require_role
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.id_list import id_list
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

REASON_MAX = 500
DOCUMENT_MAX = 80


@dataclass(frozen=True)
class AppointBody:
    """Let a party serve a scheme in one function; `from_date` None: from today.

    `capacity` is how many cases it handles at once, None for no bound.
    """

    party: str
    scheme: str
    function: str
    from_date: date | None = None
    to_date: date | None = None
    capacity: int | None = None
    document: str | None = None


@dataclass(frozen=True)
class EndAppointment:
    """Let an appointment end with `to_date`, yesterday at the earliest."""

    appointment: str
    to_date: date
    reason: str


@dataclass(frozen=True)
class GrantCompetence:
    """Vouch that a person may do one task for a scheme until `to_date`; `from_date` None: today."""

    person: str
    scheme: str
    task: str
    to_date: date
    from_date: date | None = None
    document: str | None = None


@dataclass(frozen=True)
class EndCompetence:
    """Let a competence end with `to_date`, yesterday at the earliest."""

    competence: str
    to_date: date
    reason: str


@dataclass(frozen=True)
class DeclareInterest:
    """What the asking person is to the applicant (`party`) of a case."""

    case_id: str
    party: str
    relation: str


@dataclass(frozen=True)
class Declared:
    """A declaration that was kept, and its entry."""

    id: str
    relation: str
    payload_id: str


# --- Appointments ------------------------------------------------------------------------------


def appoint(work: Work, command: AppointBody, actor: Actor, now: datetime) -> Appointment:
    """Let a party serve a scheme.

    Raises Refusal: NOT_ALLOWED, SCHEME_UNKNOWN, APPOINTEE_INVALID, text refusals, and those of
    `model.appointment_reasons`.
    """
    require_role(actor, Role.ADMIN)
    scheme = scheme_of(command.scheme).code
    _check_appointee(work, command.party)
    term = Term(command.from_date or beijing_date(now), command.to_date)
    held = appointments(work, scheme=scheme, party=command.party)
    present = [each.term for each in held if each.function == command.function]
    reasons = [*model.appointment_reasons(command.function, term, command.capacity, present)]
    _require_none([*reasons, *_document_reasons(command.document)])
    made = Appointment(
        new_id("appt", work.randomness), command.party, scheme, Function(command.function), term,
        command.capacity, "",
    )  # fmt: skip
    committed: dict[str, Json] = {
        "office": actor.party, "document": command.document, "capacity": command.capacity,
    }  # fmt: skip
    draft = _draft(APPOINT, made.id, now, _public(made), committed, made.party)
    payload_id = record(work, draft, _signer(work, actor), now).payload_id
    work.add(_appointment_row(made, command.document, actor.party, now, payload_id))
    work.flush()
    return replace(made, payload_id=payload_id)


def end_appointment(
    work: Work, command: EndAppointment, actor: Actor, now: datetime
) -> Appointment:
    """Bring the end of an appointment forward.

    Raises Refusal: NOT_ALLOWED, APPOINTMENT_UNKNOWN, text refusals, those of `model.end_reasons`.
    """
    require_role(actor, Role.ADMIN)
    held = find_appointment(work, command.appointment)
    today = beijing_date(now)
    _require_none(
        [
            *model.end_reasons(held.term, command.to_date, today),
            *text_reasons(command.reason, "/reason", REASON_MAX),
        ]
    )
    committed: dict[str, Json] = {"office": actor.party, "reason": command.reason}
    facts: dict[str, Json] = {"to": command.to_date.isoformat()}
    draft = _draft(END_APPOINTMENT, held.id, now, facts, committed, held.party)
    payload_id = record(work, draft, _signer(work, actor), now).payload_id
    row = AppointmentEndRow(
        id=held.id, to_date=command.to_date, office=actor.party, recorded_at=now,
        payload_id=payload_id,
    )  # fmt: skip
    work.add(row)
    work.flush()
    return find_appointment(work, held.id)


def find_appointment(session: Session, id: str) -> Appointment:
    """An appointment by its id. Raises Refusal APPOINTMENT_UNKNOWN."""
    row = session.get(AppointmentRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.APPOINTMENT_UNKNOWN, "/appointment")
    return _appointments(session, [row])[0]


def appointments(
    session: Session,
    at: datetime | None = None,
    *,
    scheme: str | None = None,
    party: str | None = None,
) -> tuple[Appointment, ...]:
    """Appointments of a scheme or party or all, by scheme, function and first day.

    `at` asks for those that hold then; None for all, ended ones too.
    """
    query = select(AppointmentRow)
    if scheme is not None:
        query = query.where(AppointmentRow.scheme == scheme)
    if party is not None:
        query = query.where(AppointmentRow.party == party)
    order = (
        AppointmentRow.scheme, AppointmentRow.function, AppointmentRow.from_date, AppointmentRow.id,
    )  # fmt: skip
    found = _appointments(session, list(session.scalars(query.order_by(*order))))
    return tuple(each for each in found if at is None or each.term.holds(beijing_date(at)))


def functions_of(session: Session, party: str, scheme: str, now: datetime) -> frozenset[str]:
    """In which functions a party serves a scheme now."""
    held = appointments(session, now, scheme=scheme, party=party)
    return frozenset(each.function for each in held)


def schemes_served(session: Session, party: str, now: datetime) -> frozenset[str]:
    """The schemes that a party serves now, in any function."""
    return frozenset(each.scheme for each in appointments(session, now, party=party))


def require_appointed(
    session: Session, actor: Actor, scheme: str, functions: Iterable[str], now: datetime
) -> None:
    """Let the platform pass, and whoever acts for a party appointed in one of the functions.

    Raises Refusal NOT_APPOINTED.
    """
    if actor.is_platform:
        return
    held: frozenset[str] = frozenset()
    if actor.party is not None:
        held = functions_of(session, actor.party, scheme, now)
    if held.isdisjoint(functions):
        refuse(CertificationRefusal.NOT_APPOINTED)


def open_places(session: Session, party: str | None, scheme: str, now: datetime) -> int | None:
    """How many more cases a party may take for a scheme now (17065 7.3); None for no bound."""
    if party is None:
        return None
    most = model.least_capacity(appointments(session, now, scheme=scheme, party=party))
    return None if most is None else most - cases_running(session, scheme, party)


# --- Competences -------------------------------------------------------------------------------


def grant_competence(
    work: Work, command: GrantCompetence, actor: Actor, now: datetime
) -> Competence:
    """Vouch for a person.

    Raises Refusal: NOT_ALLOWED, NOT_APPOINTED, SCHEME_UNKNOWN, PERSON_UNKNOWN, text refusals, and
    those of `model.competence_reasons`.
    """
    scheme = scheme_of(command.scheme).code
    voucher = _voucher(work, actor, scheme, now)
    term = Term(command.from_date or beijing_date(now), command.to_date)
    reasons = [*model.competence_reasons(command.task, term, command.person, actor.person)]
    _require_none([*reasons, *_document_reasons(command.document)])
    if not is_id(command.person) or work.get(PersonRow, command.person) is None:
        refuse(IdentityRefusal.PERSON_UNKNOWN)
    id = new_id("comp", work.randomness)
    committed: dict[str, Json] = {
        "person": command.person,
        "scheme": scheme,
        "task": command.task,
        "party": voucher,
        "from": term.from_date.isoformat(),
        "to": command.to_date.isoformat(),
        "document": command.document,
    }
    draft = _draft(GRANT_COMPETENCE, id, now, {}, committed, command.person)
    payload_id = record(work, draft, _signer(work, actor), now).payload_id
    row = CompetenceRow(
        id=id, person=command.person, scheme=scheme, task=command.task, party=voucher,
        from_date=term.from_date, to_date=command.to_date, document=command.document,
        recorded_at=now, payload_id=payload_id,
    )  # fmt: skip
    work.add(row)
    work.flush()
    return _competences(work, [row])[0]


def end_competence(work: Work, command: EndCompetence, actor: Actor, now: datetime) -> Competence:
    """Bring the end of a competence forward; whoever could vouch for it may.

    Raises Refusal: NOT_ALLOWED, NOT_APPOINTED, COMPETENCE_UNKNOWN, text refusals, those of
    `model.end_reasons`.
    """
    row = work.get(CompetenceRow, command.competence) if is_id(command.competence) else None
    if row is None:
        refuse(CertificationRefusal.COMPETENCE_UNKNOWN, "/competence")
    _voucher(work, actor, row.scheme, now)
    (held,) = _competences(work, [row])
    _require_none(
        [
            *model.end_reasons(held.term, command.to_date, beijing_date(now)),
            *text_reasons(command.reason, "/reason", REASON_MAX),
        ]
    )
    committed: dict[str, Json] = {
        "to": command.to_date.isoformat(), "reason": command.reason, "office": actor.party,
    }  # fmt: skip
    draft = _draft(END_COMPETENCE, row.id, now, {}, committed, row.person)
    payload_id = record(work, draft, _signer(work, actor), now).payload_id
    end = CompetenceEndRow(
        id=row.id, to_date=command.to_date, recorded_at=now, payload_id=payload_id
    )
    work.add(end)
    work.flush()
    return _competences(work, [row])[0]


def competences_of(session: Session, person: str) -> tuple[Competence, ...]:
    """Everything that was vouched for about a person, ended or not, by scheme and task."""
    query = select(CompetenceRow).where(CompetenceRow.person == person)
    order = (CompetenceRow.scheme, CompetenceRow.task, CompetenceRow.from_date, CompetenceRow.id)
    return _competences(session, list(session.scalars(query.order_by(*order))))


def competent(session: Session, person: str, scheme: str, task: str, now: datetime) -> bool:
    """Whether a person may do a task for a scheme now."""
    query = select(CompetenceRow).filter_by(person=person, scheme=scheme, task=task)
    return bool(_holding(session, list(session.scalars(query)), now))


def people_for(session: Session, scheme: str, task: Task, now: datetime) -> tuple[str, ...]:
    """The people who may do a task for a scheme now, by id."""
    query = select(CompetenceRow).filter_by(scheme=scheme, task=task.value)
    found = _holding(session, list(session.scalars(query)), now)
    return tuple(sorted({each.person for each in found}))


# --- Declarations ------------------------------------------------------------------------------


def declare_interest(work: Work, command: DeclareInterest, actor: Actor, now: datetime) -> Declared:
    """Keep what a person says about the applicant of a case.

    Whether the case concerns them is checked by whoever has the case. Raises Refusal: those of
    `model.declaration_reasons`.
    """
    person = actor.person
    before = None if person is None else declared(work, person, command.case_id)
    relation = None if before is None else Relation(before)
    _require_none(model.declaration_reasons(person, command.relation, relation))
    assert person is not None
    id = new_id("decl", work.randomness)
    committed: dict[str, Json] = {
        "case": command.case_id,
        "person": person,
        "party": command.party,
        "relation": command.relation,
    }
    draft = _draft(DECLARE, id, now, {}, committed, person)
    payload_id = record(work, draft, operator_signer(work), now).payload_id
    row = DeclarationRow(
        id=id, case_id=command.case_id, person=person, party=command.party,
        relation=command.relation, recorded_at=now, payload_id=payload_id,
    )  # fmt: skip
    work.add(row)
    work.flush()
    return Declared(id, command.relation, payload_id)


def declared(session: Session, person: str, case_id: str) -> str | None:
    """What a person declared for a case: a relation if ever one, else "none"; None if nothing."""
    query = select(DeclarationRow.relation).filter_by(person=person, case_id=case_id)
    said = sorted(set(session.scalars(query)))
    related = [each for each in said if each != Relation.NONE]
    return related[0] if related else (said[0] if said else None)


# --- Rules of this file ------------------------------------------------------------------------


def _voucher(work: Work, actor: Actor, scheme: str, now: datetime) -> str:
    """The party in whose name competence is vouched for."""
    require_role(actor, Role.ADMIN, Role.BRAND_OFFICER)
    if Role.ADMIN not in actor.roles:
        require_appointed(work, actor, scheme, tuple(Function), now)
    return actor.party or operator_party(work)


def _check_appointee(work: Work, party: str) -> None:
    found = find_party(work, party)
    if found is None or found.natural or found.id != party:
        refuse(CertificationRefusal.APPOINTEE_INVALID, "/party")


def _document_reasons(document: str | None) -> Iterable[Reason]:
    return () if document is None else text_reasons(document, "/document", DOCUMENT_MAX)


def _require_none(reasons: Iterable[Reason]) -> None:
    found = tuple(reasons)
    if found:
        raise Refusal(*found)


def _signer(work: Work, actor: Actor) -> Signer:
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)


def _draft(
    type: str,
    stream: str,
    now: datetime,
    facts: Mapping[str, Json],
    committed: Mapping[str, Json],
    subject: str,
) -> Draft:
    secret = Secret("record", dict(committed), subject)
    return Draft(type, (stream,), now, facts, (secret,))


# --- From rows and to rows ---------------------------------------------------------------------


def _public(made: Appointment) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "party": made.party,
        "scheme": made.scheme,
        "function": made.function.value,
        "from": made.term.from_date.isoformat(),
    }
    if made.term.to_date is not None:
        facts["to"] = made.term.to_date.isoformat()
    return facts


def _appointment_row(
    made: Appointment, document: str | None, office: str | None, now: datetime, payload_id: str
) -> AppointmentRow:
    return AppointmentRow(
        id=made.id,
        party=made.party,
        scheme=made.scheme,
        function=made.function.value,
        from_date=made.term.from_date,
        to_date=made.term.to_date,
        capacity=made.capacity,
        office=office,
        document=document,
        recorded_at=now,
        payload_id=payload_id,
    )


def _appointments(session: Session, rows: Sequence[AppointmentRow]) -> tuple[Appointment, ...]:
    ends = _ends(session, AppointmentEndRow, [row.id for row in rows])
    return tuple(
        Appointment(
            row.id, row.party, row.scheme, Function(row.function),
            Term(row.from_date, _earliest(row.to_date, ends[row.id])), row.capacity, row.payload_id,
        )
        for row in rows
    )  # fmt: skip


def _competences(session: Session, rows: Sequence[CompetenceRow]) -> tuple[Competence, ...]:
    ends = _ends(session, CompetenceEndRow, [row.id for row in rows])
    return tuple(
        Competence(
            row.id, row.person, row.scheme, Task(row.task), row.party,
            Term(row.from_date, _earliest(row.to_date, ends[row.id])), row.payload_id,
        )
        for row in rows
    )  # fmt: skip


def _holding(
    session: Session, rows: Sequence[CompetenceRow], now: datetime
) -> tuple[Competence, ...]:
    today = beijing_date(now)
    return tuple(each for each in _competences(session, rows) if each.term.holds(today))


def _ends(
    session: Session,
    table: type[AppointmentEndRow] | type[CompetenceEndRow],
    ids: Sequence[str],
) -> Mapping[str, list[date]]:
    found: dict[str, list[date]] = defaultdict(list)
    if ids:
        listed = select(table.id, table.to_date).where(table.id.in_(id_list(session, ids)))
        for id, day in session.execute(listed):
            found[id].append(day)
    return found


def _earliest(own: date | None, ends: Iterable[date]) -> date | None:
    days = [*ends] if own is None else [own, *ends]
    return min(days, default=None)
