"""Who serves a scheme, and who is competent for which task.

Appointments are public. What was vouched for about a person is read by that person, by
administrators, and by whoever serves the scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from certification.bodies import service
from certification.bodies.model import TASKS, Appointment, Competence
from certification.bodies.service import (
    AppointBody,
    EndAppointment,
    EndCompetence,
    GrantCompetence,
)
from certification.schemes.model import Function
from certification.schemes.service import schemes
from identity.actor import Actor
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Role, Scope
from public_api.api.fields import Day, Shape, Text, Whole, named
from public_api.api.operation import Noun, Of, run
from runtime.refusal import refuse
from web.node import current_node

appointments = Noun(
    "appointments",
    __name__,
    url_prefix="/api/v1/appointments",
    description="Parties that serve a scheme (承担机构的指定)",
)
competences = Noun(
    "competences",
    __name__,
    url_prefix="/api/v1/competences",
    description="People and what they may do for a scheme (人员能力认定)",
)


@dataclass(frozen=True)
class AppointmentRead:
    """An appointment; both days are in it, without `to_date` it has no end."""

    id: str
    party: str
    scheme: str
    function: str
    from_date: date
    to_date: date | None
    capacity: int | None
    payload_id: str


@dataclass(frozen=True)
class AppointmentList:
    """Appointments by scheme, function and first day."""

    appointments: tuple[AppointmentRead, ...]


@dataclass(frozen=True)
class CompetenceRead:
    """A person may do one task for a scheme, as `party` vouches; both days are in it."""

    id: str
    person: str
    scheme: str
    task: str
    party: str
    from_date: date
    to_date: date | None
    payload_id: str


@dataclass(frozen=True)
class CompetenceList:
    """What was vouched for about a person, ended or not."""

    person: str
    competences: tuple[CompetenceRead, ...]


class AppointmentBody(Shape):
    """A party that is to serve a scheme in one function."""

    party = named(required=True)
    scheme = Text(required=True, words=schemes())
    function = Text(required=True, words=Function)
    from_date = Day(load_default=None, allow_none=True)
    to_date = Day(load_default=None, allow_none=True)
    capacity = Whole(load_default=None, allow_none=True)
    document = Text(load_default=None, allow_none=True)


class CompetenceBody(Shape):
    """A person who is to do one task for a scheme."""

    person = named(required=True)
    scheme = Text(required=True, words=schemes())
    task = Text(required=True, words=TASKS)
    to_date = Day(required=True)
    from_date = Day(load_default=None, allow_none=True)
    document = Text(load_default=None, allow_none=True)


class EndTermBody(Shape):
    """The last day, brought forward, and why."""

    to_date = Day(required=True)
    reason = Text(required=True)


class AppointmentsAsked(Shape):
    """Which appointments are listed; without either all of them."""

    scheme = Text(load_default=None, words=schemes())
    party = named(load_default=None)


class PersonAsked(Shape):
    """Whose competences are listed; without it one's own."""

    person = named(load_default=None)


@appointments.operation("POST", "", Scope.ADMIN, AppointmentRead, takes=AppointmentBody)
def create_appointment(actor: Actor, body: dict[str, Any]) -> Of:
    """Let a party serve a scheme."""
    with current_node().database.read() as session:
        body["party"] = get_party(session, body["party"]).id
    made = run(service.appoint, AppointBody(**body), actor)
    return Of(_appointment(made), f"/appointments/{made.id}")


@appointments.operation("GET", "", Scope.QUERY, AppointmentList, asks=AppointmentsAsked)
def list_appointments(actor: Actor, asked: dict[str, Any]) -> Any:
    """List appointments, ended ones too."""
    with current_node().database.read() as session:
        party = None if asked["party"] is None else get_party(session, asked["party"]).id
        found = service.appointments(session, scheme=asked["scheme"], party=party)
        return AppointmentList(tuple(map(_appointment, found)))


@appointments.operation("GET", "/<code:appointment>", Scope.QUERY, AppointmentRead)
def get_appointment(actor: Actor, appointment: str) -> Any:
    """Give an appointment."""
    with current_node().database.read() as session:
        return _appointment(service.find_appointment(session, appointment))


@appointments.operation(
    "POST", "/<code:appointment>/end", Scope.ADMIN, AppointmentRead, takes=EndTermBody
)
def end_appointment(actor: Actor, body: dict[str, Any], appointment: str) -> Any:
    """Bring the end of an appointment forward."""
    return _appointment(run(service.end_appointment, EndAppointment(appointment, **body), actor))


@competences.operation("POST", "", Scope.CERTIFY, CompetenceRead, takes=CompetenceBody)
def vouch(actor: Actor, body: dict[str, Any]) -> Any:
    """Vouch that a person may do a task."""
    return _competence(run(service.grant_competence, GrantCompetence(**body), actor))


@competences.operation("GET", "", Scope.CERTIFY, CompetenceList, asks=PersonAsked)
def list_competences(actor: Actor, asked: dict[str, Any]) -> Any:
    """List what was vouched for about a person, as far as it concerns whoever asks."""
    now = current_node().clock.now()
    person = asked["person"] or actor.person
    if person is None:
        refuse(IdentityRefusal.PERSON_UNKNOWN)
    with current_node().database.read() as session:
        found = service.competences_of(session, person)
        if person != actor.person and Role.ADMIN not in actor.roles:
            served = service.schemes_served(session, actor.party or "", now)
            found = tuple(each for each in found if each.scheme in served)
    return CompetenceList(person, tuple(map(_competence, found)))


@competences.operation(
    "POST", "/<code:competence>/end", Scope.CERTIFY, CompetenceRead, takes=EndTermBody
)
def end_competence(actor: Actor, body: dict[str, Any], competence: str) -> Any:
    """Bring the end of a competence forward."""
    return _competence(run(service.end_competence, EndCompetence(competence, **body), actor))


def _appointment(each: Appointment) -> AppointmentRead:
    return AppointmentRead(
        each.id, each.party, each.scheme, each.function.value, each.term.from_date,
        each.term.to_date, each.capacity, each.payload_id,
    )  # fmt: skip


def _competence(each: Competence) -> CompetenceRead:
    return CompetenceRead(
        each.id, each.person, each.scheme, each.task.value, each.party, each.term.from_date,
        each.term.to_date, each.payload_id,
    )  # fmt: skip
