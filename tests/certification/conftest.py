"""A brand office, a firm, and a product: what most tests of certificates begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from certification.bodies.service import AppointBody, appoint
from certification.certificates.service import GrantCertificate, grant
from certification.schemes.service import schemes
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from tests.fixtures.nodes import Grow
from tests.identity.codes import made_code

GRANTED_AT = datetime(2026, 10, 1, 1, tzinfo=UTC)
PRODUCT = "prod:AAAAAAAAAAAAAAAAAAAA"


@dataclass
class Office:
    """A node with a brand office on it; `run` does a use case as the office."""

    node: Any
    actor: Actor
    firm: str

    def run(self, use_case: Any, command: object, actor: Actor | None = None) -> Any:
        return self.node.unit.run(use_case, command, actor=actor or self.actor)

    def grant(self, **changes: Any) -> Any:
        return self.run(grant, replace(self.order(), **changes))

    def order(self, **changes: Any) -> GrantCertificate:
        order = GrantCertificate(
            number="JNJP-2026-0001",
            scheme="jnjp",
            holder=self.firm,
            products=(PRODUCT,),
            from_date=date(2026, 10, 1),
            to_date=date(2027, 9, 30),
            effective_at=GRANTED_AT,
            reason="评定通过",
            quantity="10",
            unit="件",
            document="演示〔2026〕1号",
        )
        return replace(order, **changes)

    def read(self):
        return self.node.database.read()


@pytest.fixture
def office(grow: Grow[Office]) -> Office:
    return grow(open_office)


def open_office(node: Any) -> Office:
    """The office, which is also the platform's operator, and a firm that holds nothing yet."""
    place = RegisterParty("public_office", "演示品牌办公室", None, made_code("11", 1), "120000")
    operator = node.unit.run(register_operator, place, actor=SYSTEM)
    firm = RegisterParty("enterprise", "演示米业", None, made_code("91", 1), "370505")
    holder = node.unit.run(register_party, firm, actor=SYSTEM)
    officer = Actor(
        party=operator.id, person=None, roles=frozenset({"brand_officer"}), scopes=SYSTEM.scopes
    )
    return Office(node, officer, holder.id)


def open_appointed_office(node: Any) -> Office:
    """The office, which serves every scheme that ships."""
    office = open_office(node)
    appoint_everywhere(node, str(office.actor.party))
    return office


def appoint_everywhere(node: Any, party: str) -> None:
    """Let a party be the office of every scheme that ships."""
    for code in schemes():
        node.unit.run(appoint, AppointBody(party, code, "office"), actor=SYSTEM)
