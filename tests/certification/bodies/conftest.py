"""A party that no scheme has appointed yet, a laboratory, and three people with accounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from certification.bodies import entries
from certification.bodies.service import AppointBody, appoint
from ecotrace import entry_types
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from identity.people.model import CreatePerson
from identity.people.service import create_person
from tests.certification.conftest import Office, open_office
from tests.fixtures.nodes import Grow
from tests.identity.codes import made_code


@pytest.fixture(autouse=True)
def declared_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests log is known to the log, whether or not the application lists it."""
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in entries.ENTRY_TYPES:
        monkeypatch.setitem(known, each.type, each)


@dataclass
class House(Office):
    """A centre that acts, not yet appointed for anything, and a laboratory, with people."""

    laboratory: str
    people: tuple[str, ...]

    def acting(self, person: int, party: str | None = None, *roles: str) -> Actor:
        """A person of a party."""
        return replace(
            self.actor, party=party, person=self.people[person], roles=frozenset(roles),
            channel="console",
        )  # fmt: skip

    def appointed(self, **changes: Any) -> Any:
        command = AppointBody(self.actor.party or "", "jnjp", "office")
        return self.run(appoint, replace(command, **changes), SYSTEM)


def open_house(node: Any) -> House:
    office = open_office(node)
    places = (
        RegisterParty("enterprise", "演示检测公司", None, made_code("91", 7), "120112"),
        RegisterParty("social_organisation", "演示评定中心", None, made_code("51", 8), "120112"),
    )
    laboratory, centre = (node.unit.run(register_party, each, actor=SYSTEM).id for each in places)
    people = tuple(
        node.unit.run(create_person, CreatePerson(login, "hash"), actor=SYSTEM).id
        for login in ("first", "second", "third")
    )
    actor = replace(office.actor, party=centre)
    return House(office.node, actor, office.firm, laboratory, people)


@pytest.fixture
def house(grow: Grow[House]) -> House:
    return grow(open_house)
