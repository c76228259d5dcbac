"""Three offices and one in reserve; what they log is known to the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import pytest

from certification.bodies.entries import ENTRY_TYPES as BODIES
from certification.bodies.service import AppointBody, appoint
from certification.draws.entries import ENTRY_TYPES
from certification.draws.service import OpenDraw, open_draw
from ecotrace import entry_types
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from tests.certification.conftest import Office, open_office
from tests.fixtures.nodes import Grow
from tests.identity.codes import made_code

MEMBERS = tuple(f"cert:{letter * 20}" for letter in "ABCDEFGH")


@pytest.fixture(autouse=True)
def declared_types(monkeypatch: pytest.MonkeyPatch) -> None:
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in (*ENTRY_TYPES, *BODIES):
        monkeypatch.setitem(known, each.type, each)


@dataclass
class Lots(Office):
    """Four offices; the first is appointed for the scheme."""

    offices: tuple[Actor, ...]

    def draw(self, **changes: Any) -> Any:
        offices = tuple(each.party or "" for each in self.offices[:3])
        order = OpenDraw("jnjp", MEMBERS, 3, offices)
        return self.run(open_draw, replace(order, **changes), self.offices[0])


def open_lots(node: Any) -> Lots:
    office = open_office(node)
    run = partial(office.run, actor=SYSTEM)
    run(appoint, AppointBody(office.actor.party or "", "jnjp", "office"))
    parties = [office.actor.party]
    for serial in (11, 12, 13):
        place = RegisterParty(
            "public_office", f"演示监管局{serial}", None, made_code("11", serial), "120000"
        )
        parties.append(run(register_party, place).id)
    offices = tuple(
        Actor(party, f"pers:{n}", frozenset({"brand_officer", "regulator"}))
        for n, party in enumerate(parties)
    )
    return Lots(node, office.actor, office.firm, offices)


@pytest.fixture
def lots(grow: Grow[Lots]) -> Lots:
    return grow(open_lots)
