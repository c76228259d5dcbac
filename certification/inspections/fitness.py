"""Who may inspect: what appointments, competences and declarations say of a person or an office.

Everything that inspections ask of `certification.bodies` is asked here. Compared at `now`, also for
records that were made earlier without network: a phone's clock proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from certification.bodies import service as bodies
from certification.inspections.model import Fitness, fit_reasons
from certification.refusals import CertificationRefusal
from certification.schemes.model import Function, Task
from identity.actor import Actor
from identity.people.service import memberships_of
from identity.roles import Role, Scope, require_role, require_scope
from ledger.work import Work
from runtime.refusal import Reason, Refusal, refuse

OFFICES = (Function.OFFICE, Function.BODY)


def require_office(session: Session, actor: Actor, scheme: str, now: datetime) -> None:
    """Let pass who plans visits under a scheme. Raises Refusal: NOT_ALLOWED, NOT_APPOINTED."""
    require_scope(actor, Scope.CERTIFY)
    require_role(actor, Role.BRAND_OFFICER, Role.INSPECTOR)
    bodies.require_appointed(session, actor, scheme, OFFICES, now)


def require_fit(
    session: Session, actor: Actor, about: str, holder: str, scheme: str, now: datetime
) -> str:
    """Let pass an inspector who may act now, and give the person.

    Raises Refusal: NOT_ALLOWED, PERSON_REQUIRED, NOT_APPOINTED, and those of `fit_reasons`.
    """
    require_scope(actor, Scope.CERTIFY)
    require_role(actor, Role.INSPECTOR)
    if actor.person is None:
        refuse(CertificationRefusal.PERSON_REQUIRED)
    if actor.party == holder:
        refuse(CertificationRefusal.OWN_CASE)
    bodies.require_appointed(session, actor, scheme, OFFICES, now)
    fitness = fitness_of(session, actor.person, about, holder, scheme, now)
    reasons = list(fit_reasons(fitness, None, acting=True))
    if reasons:
        raise Refusal(*reasons)
    return actor.person


def team_fit_reasons(
    session: Session, people: Sequence[str], about: str, holder: str, scheme: str, now: datetime
) -> Iterator[Reason]:
    """Yield why people cannot be sent on a visit."""
    for place, person in enumerate(people):
        fitness = fitness_of(session, person, about, holder, scheme, now)
        yield from fit_reasons(fitness, f"/inspectors/{place}", acting=False)


def fitness_of(
    session: Session, person: str, about: str, holder: str, scheme: str, now: datetime
) -> Fitness:
    """What is known of a person for inspecting a holder under a scheme; `about` is the file."""
    return Fitness(
        competent=bodies.competent(session, person, scheme, Task.INSPECT, now),
        declared=bodies.declared(session, person, about),
        of_holder=_belongs_to(session, person, holder, now),
    )


def inspectors_for(session: Session, scheme: str, now: datetime) -> tuple[str, ...]:
    """The people who are competent to inspect under a scheme now."""
    return tuple(bodies.people_for(session, scheme, Task.INSPECT, now))


def serves(session: Session, actor: Actor, scheme: str, now: datetime) -> bool:
    """Whether the actor's party is appointed for a scheme now, in any function."""
    if actor.is_platform:
        return True
    return actor.party is not None and bool(bodies.functions_of(session, actor.party, scheme, now))


def schemes_served(session: Session, actor: Actor, now: datetime) -> frozenset[str] | None:
    """The schemes that the actor's party serves now; None for all of them."""
    if actor.is_platform:
        return None
    if actor.party is None:
        return frozenset()
    return frozenset(bodies.schemes_served(session, actor.party, now))


def declare(
    work: Work, about: str, holder: str, relation: str, actor: Actor, now: datetime
) -> None:
    """Declare what an inspector has to do with the holder of a file (17065, 4.2)."""
    command = bodies.DeclareInterest(case_id=about, party=holder, relation=relation)
    bodies.declare_interest(work, command, actor, now)


def _belongs_to(session: Session, person: str, party: str, now: datetime) -> bool:
    return any(
        each.party == party and each.since <= now and (each.until is None or now < each.until)
        for each in memberships_of(session, person)
    )
