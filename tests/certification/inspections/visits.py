"""An office that is appointed for a scheme, its inspectors, and visits to a holder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from certification.bodies.service import (
    AppointBody,
    DeclareInterest,
    GrantCompetence,
    appoint,
    declare_interest,
    grant_competence,
)
from certification.evidence.intake import Upload
from certification.inspections.intake import prepare_photo
from certification.inspections.model import CheckAnswer
from certification.inspections.reading import Inspection, read_inspection
from certification.inspections.service import (
    PlanInspection,
    RecordChecks,
    Subject,
    keep_photo,
    plan,
    record_checks,
)
from certification.schemes.service import scheme
from identity.actor import SYSTEM, Actor
from identity.people.model import CreatePerson
from identity.people.service import create_person
from runtime.clock import beijing_date
from tests.certification.conftest import Office, open_office
from tests.fixtures.hostile_files import jpeg

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what only reads, or is refused before anything is written."""

CODE = "jnjp"
CASE = "case:AAAAAAAAAAAAAAAAAAAA"
PHONE, OTHER_PHONE = "P" * 22, "Q" * 22
ITEMS = tuple(each.key for each in scheme(CODE).checklist)
WITH_PHOTO = tuple(each.key for each in scheme(CODE).checklist if each.photo)


@dataclass
class Visits(Office):
    """The office with a clerk and three inspectors; the third belongs to nobody competent."""

    clerk: Actor
    inspectors: tuple[Actor, ...]
    grower: Actor

    @property
    def subject(self) -> Subject:
        return Subject(CASE, self.firm, CODE, scheme(CODE).version)

    @property
    def today(self) -> date:
        return beijing_date(self.node.clock.now())

    def order(self, **changes: Any) -> PlanInspection:  # type: ignore[override]
        people = tuple(each.person or "" for each in self.inspectors[:2])
        return replace(PlanInspection(CASE, "initial", self.today, people), **changes)

    def plan(
        self, actor: Actor | None = None, subject: Subject | None = None, **changes: Any
    ) -> Any:
        about = subject or self.subject

        def planned(work: Any, command: PlanInspection, by: Actor, now: Any) -> Any:
            return plan(work, command, about, by, now)

        return self.run(planned, self.order(**changes), actor or self.clerk)

    def record(
        self,
        inspection: str,
        answers: Iterable[Any] = (),
        actor: Actor | None = None,
        **changes: Any,
    ) -> Any:
        told = tuple(
            each if isinstance(each, CheckAnswer) else CheckAnswer(*each) for each in answers
        )
        command = RecordChecks(inspection, PHONE, 1, self.node.clock.now(), told)
        return self.run(record_checks, replace(command, **changes), actor or self.inspectors[0])

    def photo(
        self, inspection: str, content: bytes, actor: Actor | None = None, name: str = ""
    ) -> Any:
        node, by = self.node, actor or self.inspectors[0]
        with node.database.read() as session:
            prepared = prepare_photo(
                session, node.vault, node.randomness, node.files, inspection,
                Upload(name, content), by, node.clock.now(),
            )  # fmt: skip
        return self.run(partial(keep_photo, prepared.file), prepared.command, by)

    def found(self, inspection: str) -> Inspection:
        with self.read() as session:
            return read_inspection(session, inspection)


def open_visits(node: Any) -> Visits:
    """An office that is also a body for the scheme; two inspectors may inspect, the third not."""
    office = open_office(node)
    run = partial(office.run, actor=SYSTEM)
    run(appoint, AppointBody(office.actor.party or "", CODE, "body"))
    people = [
        run(create_person, CreatePerson(login, "hash")).id
        for login in ("clerk", "first", "second", "third", "grower")
    ]
    until = beijing_date(node.clock.now()) + timedelta(days=900)
    for person in people[1:3]:
        run(grant_competence, GrantCompetence(person, CODE, "inspect", until))

    def acting(person: str, role: str, party: str | None = office.actor.party) -> Actor:
        return Actor(party, person, frozenset({role}))

    inspectors = tuple(acting(person, "inspector") for person in people[1:4])
    for each in inspectors[:2]:
        office.run(declare_interest, DeclareInterest(CASE, office.firm, "none"), each)
    return Visits(
        node,
        office.actor,
        office.firm,
        acting(people[0], "brand_officer"),
        inspectors,
        acting(people[4], "operator", office.firm),
    )


def passed(**otherwise: str) -> list[tuple[str, str]]:
    """Every item passed, but for some."""
    return [(item, otherwise.get(item, "pass")) for item in ITEMS]


PHOTO = jpeg(80, 60)
