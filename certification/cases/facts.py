"""What other nouns know about a case, read in one place and handed to the rules as plain values.

The rules of `certification.process` read nothing. Everything that they look at beyond the steps of
the case comes from here: who serves the scheme and who is competent (bodies), bars, evidence,
laboratories, inspections, certificates, and the applicant's own party. What the applicant's
registers of products and bases say comes from `workflows.advance_case` as a `Ground`, since this
area knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.bars.service import bar_of
from certification.bodies import service as bodies
from certification.cases.forms import amounts_asked
from certification.cases.model import Case
from certification.cases.tables import RunningCaseRow
from certification.certificates import register as certificates
from certification.certificates.model import State
from certification.certificates.tables import CertificateRow
from certification.evidence import service as evidence
from certification.evidence.model import Answer
from certification.inspections.reading import evaluators, open_nonconformities
from certification.inspections.surveillance import surveillance_due
from certification.labs import service as labs
from certification.process.standing import (
    Amount,
    CaseFacts,
    CertificateFacts,
    Ground,
    Part,
    Process,
    Standing,
    Who,
)
from certification.schemes.model import Function, Task
from identity.actor import Actor
from identity.parties.service import get_party
from identity.people.service import memberships_of
from identity.roles import Role
from runtime.refusal import Refusal
from runtime.vault import Vault

if TYPE_CHECKING:
    from certification.cases.register import Opened

APPLICANT_ROLES = frozenset({Role.GROWER, Role.OPERATOR})
_PARTS = {
    Role.BRAND_OFFICER: Part.OFFICE,
    Role.REVIEWER: Part.REVIEWER,
    Role.INSPECTOR: Part.INSPECTOR,
    Role.LAB_ANALYST: Part.LAB_ANALYST,
    Role.EXPERT: Part.EXPERT,
    Role.DECIDER: Part.DECIDER,
    Role.REGULATOR: Part.REGULATOR,
}
_ALL_FUNCTIONS = frozenset(Function)


# --- Who asks ----------------------------------------------------------------------------------


def parts_held(actor: Actor) -> frozenset[Part]:
    """The parts that somebody's roles allow, whatever the case."""
    held = {part for role, part in _PARTS.items() if role in actor.roles} | {Part.ANYBODY}
    return frozenset(held | {Part.SYSTEM}) if actor.is_platform else frozenset(held)


def who_asks(session: Session, actor: Actor, case: Case, now: datetime) -> Who:
    """Whoever asks, as the rules see it: an applicant is whoever acts for the holder."""
    parts = parts_held(actor)
    if applies_for(session, actor, case.holder) or actor.is_platform:
        parts |= {Part.APPLICANT}
    return Who(actor.person, actor.party, parts, functions_of(session, actor, case.scheme, now))


def applies_for(session: Session, actor: Actor, holder: str) -> bool:
    """Whether somebody acts for an applicant: its own people, or those of a household's host."""
    if actor.party is None or actor.roles.isdisjoint(APPLICANT_ROLES):
        return False
    return actor.party in (holder, host_of(session, holder))


def host_of(session: Session, party: str) -> str | None:
    """The organisation under which a household or person is registered."""
    return get_party(session, party).host


def functions_of(session: Session, actor: Actor, scheme: str, now: datetime) -> frozenset[str]:
    """What the actor's party is appointed to do for a scheme now; the platform does everything."""
    if actor.is_platform:
        return _ALL_FUNCTIONS
    if actor.party is None:
        return frozenset()
    return bodies.functions_of(session, actor.party, scheme, now)


def schemes_served(session: Session, actor: Actor, now: datetime) -> frozenset[str] | None:
    """The schemes that the actor's party serves now in any function; None for all of them."""
    if actor.is_platform:
        return None
    if actor.party is None:
        return frozenset()
    return bodies.schemes_served(session, actor.party, now)


def belongs_to(session: Session, person: str | None, party: str, now: datetime) -> bool:
    """Whether a person holds any role for a party now."""
    if person is None:
        return False
    return any(
        each.party == party and each.since <= now and (each.until is None or now < each.until)
        for each in memberships_of(session, person)
    )


# --- Everything else ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """Who asks about which case, when, and what is asked.

    `guards` are those that will look at the facts; what none of them looks at is not read.
    `answers` are those of the case; `assigning` names who is to be assigned to which task;
    `granting` and `number` are what a grant would give.
    """

    opened: Opened
    actor: Actor
    now: datetime
    guards: frozenset[str]
    ground: Ground = field(default_factory=Ground)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    assigning: tuple[str, Task] | None = None
    granting: Amount | None = None
    number: str | None = None

    @property
    def case(self) -> Case:
        """What never changes about the case."""
        return self.opened.case


def gather(session: Session, asking: Asking) -> CaseFacts:
    """The facts about a case that the guards look at."""
    known = CaseFacts(
        ground=asking.ground, asked=amounts_asked(asking.answers), granting=asking.granting
    )
    for guards, read in _READERS:
        if not asking.guards.isdisjoint(guards):
            known = replace(known, **read(session, asking))
    return known


@dataclass(frozen=True)
class _Fitness:
    """What is known of a person for one task of a case."""

    competent: bool = False
    declared: str | None = None
    of_applicant: bool = False


def _fitness(
    session: Session, case: Case, person: str | None, task: Task | None, now: datetime
) -> _Fitness:
    if person is None:
        return _Fitness()
    return _Fitness(
        competent=task is not None and bodies.competent(session, person, case.scheme, task, now),
        declared=bodies.declared(session, person, case.case_id),
        of_applicant=any(
            belongs_to(session, person, party, now) for party in _sides(session, case.holder)
        ),
    )


def _sides(session: Session, holder: str) -> tuple[str, ...]:
    """The applicant, and the host that stands behind a household."""
    host = host_of(session, holder)
    return (holder,) if host is None else (holder, host)


def running_case(session: Session, case: Case) -> str | None:
    """Another case that runs for the same holder, scheme, track and certificate."""
    key = (case.holder, case.scheme, case.track.value, case.about)
    row = session.get(RunningCaseRow, key)
    return None if row is None or row.case_id == case.case_id else row.case_id


def number_taken(session: Session, scheme: str, number: str) -> bool:
    """Whether a certificate of the scheme has this number."""
    query = select(CertificateRow.cert_id).filter_by(scheme=scheme, number=number)
    return session.scalar(query) is not None


def attached_answers(session: Session, vault: Vault, case: Case) -> dict[str, Answer]:
    """The answers that were handed in for a case as evidence."""
    return dict(evidence.answers_of(session, vault, case.case_id))


def people_involved(session: Session, case_id: str, standing: Standing) -> frozenset[str]:
    """Everybody who acted for an office in a case, inspectors included (17065, 7.13)."""
    assigned = frozenset(standing.assigned.values())
    return standing.involved | assigned | evaluators(session, case_id)


def _holder_suspended(session: Session, case: Case, now: datetime) -> bool:
    held = certificates.of_holder(session, case.holder, now, now)
    return any(
        each.scheme.code == case.scheme and each.status.state is State.SUSPENDED for each in held
    )


def _certificate(
    session: Session, case: Case, process: Process, now: datetime
) -> CertificateFacts | None:
    """The certificate that the case is about, if it is the holder's and of this scheme."""
    if case.cert_id is None:
        return None
    try:
        found = certificates.find(session, case.cert_id, now, now)
    except Refusal:
        return None
    if found.holder != case.holder or found.scheme.code != case.scheme:
        return None
    due = surveillance_due(session, found.cert_id, process.scheme, now)
    return CertificateFacts(
        cert_id=found.cert_id,
        state=found.status.state.value,
        from_date=found.from_date,
        to_date=found.to_date,
        confirm_by=found.confirm_by,
        surveillance_due=due,
    )


def _unstaffed(session: Session, process: Process, now: datetime) -> tuple[str, ...]:
    """The tasks of a track that nobody is competent for."""
    code = process.scheme.code
    tasks = dict.fromkeys(step.task for step in process.track.steps if step.task in COMPETENCES)
    return tuple(task for task in tasks if not bodies.people_for(session, code, task, now))


COMPETENCES = (Task.REVIEW, Task.INSPECT, Task.TEST, Task.ASSESS, Task.DECIDE)
"""Tasks for which a person's competence is on record; accepting and publishing are clerk work."""


# --- Which guards look at what ------------------------------------------------------------------


def _holder(session: Session, asking: Asking) -> dict[str, Any]:
    return {"holder_kind": str(get_party(session, asking.case.holder).kind)}


def _evidence(session: Session, asking: Asking) -> dict[str, Any]:
    case, process, answered = asking.case, asking.opened.process, tuple(asking.answers)
    found = evidence.missing(
        session, case.case_id, process.scheme, process.track, asking.now, answered
    )
    return {"incomplete": found}


def _bar(session: Session, asking: Asking) -> dict[str, Any]:
    bar = bar_of(session, asking.case.holder, asking.case.scheme, asking.now)
    return {"barred": bar is not None, "barred_until": None if bar is None else bar.until}


def _suspended(session: Session, asking: Asking) -> dict[str, Any]:
    return {"holder_suspended": _holder_suspended(session, asking.case, asking.now)}


def _running(session: Session, asking: Asking) -> dict[str, Any]:
    return {"running_case": running_case(session, asking.case)}


def _certified(session: Session, asking: Asking) -> dict[str, Any]:
    process = asking.opened.process
    return {"certificate": _certificate(session, asking.case, process, asking.now)}


def _room(session: Session, asking: Asking) -> dict[str, Any]:
    places = bodies.open_places(session, asking.actor.party, asking.case.scheme, asking.now)
    return {"open_places": places}


def _staff(session: Session, asking: Asking) -> dict[str, Any]:
    return {"unstaffed": _unstaffed(session, asking.opened.process, asking.now)}


def _asker(session: Session, asking: Asking) -> dict[str, Any]:
    case, opened = asking.case, asking.opened
    step = opened.process.step(opened.standing.state)
    task = None if step is None else step.task
    fitness = _fitness(session, case, asking.actor.person, task, asking.now)
    acts_for = asking.actor.party in _sides(session, case.holder)
    return {
        "competent": fitness.competent,
        "declared": fitness.declared,
        "of_applicant": fitness.of_applicant or acts_for,
    }


def _assignee(session: Session, asking: Asking) -> dict[str, Any]:
    person, task = asking.assigning or (None, None)
    fitness = _fitness(session, asking.case, person, task, asking.now)
    return {
        "assignee_competent": fitness.competent,
        "assignee_declared": fitness.declared,
        "assignee_of_applicant": fitness.of_applicant,
    }


def _visits(session: Session, asking: Asking) -> dict[str, Any]:
    return {"evaluators": evaluators(session, asking.case.case_id)}


def _findings(session: Session, asking: Asking) -> dict[str, Any]:
    return {"nonconformities_open": open_nonconformities(session, asking.case.case_id)}


def _results(session: Session, asking: Asking) -> dict[str, Any]:
    verdict = labs.verdict(session, asking.case.case_id, asking.opened.process.scheme)
    return {"lab_passed": None if verdict is None else verdict.passed}


def _numbers(session: Session, asking: Asking) -> dict[str, Any]:
    number = asking.number
    taken = number is not None and number_taken(session, asking.case.scheme, number)
    return {"number_taken": taken}


_APART = (
    "not_evaluator",
    "not_reviewer",
    "neither_evaluator_nor_reviewer",
    "uninvolved_in_examination",
    "assignee_fit",
)
_READERS: tuple[tuple[tuple[str, ...], Callable[[Session, Asking], dict[str, Any]]], ...] = (
    (("applicant_kind_allowed",), _holder),
    (("documents_complete",), _evidence),
    (("holder_not_barred",), _bar),
    (("holder_not_suspended",), _suspended),
    (("no_running_case",), _running),
    (("certificate_in_force", "within_window", "surveillance_not_overdue"), _certified),
    (("capacity",), _room),
    (("staffed",), _staff),
    (("not_of_applicant", "competent", "declared_without_conflict"), _asker),
    (("assignee_fit",), _assignee),
    (_APART, _visits),
    (("nonconformities_closed",), _findings),
    (("lab_passed",), _results),
    (("number_free",), _numbers),
)
"""Guards by the facts that they look at; the others look at the case itself or at what is asked."""
