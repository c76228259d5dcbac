"""A points office, a firm of Tianjin, the shipped packs published; what most tests begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from points.awards.model import TracedFact
from points.awards.service import award
from points.credit.records.model import RecordPenalty
from points.credit.records.service import record_penalty
from points.packs.service import PublishPack, publish, shipped
from points.penalties.model import DeductForPenalty
from points.penalties.service import deduct
from tests.fixtures.nodes import Grow
from tests.identity.codes import made_code

OCT_26 = datetime(2026, 10, 26, 8, tzinfo=UTC)
FIRM_CODE = made_code("91", 1)


@dataclass
class PointsOffice:
    """A node with a points office on it; `run` does a use case as the office."""

    node: Any
    actor: Actor
    firm: str

    def run(self, use_case: Any, command: object, actor: Actor | None = None) -> Any:
        return self.node.unit.run(use_case, command, actor=actor or self.actor)

    def register(self, kind: str, number: int, region: str = "120112", **more: Any) -> str:
        code = None if kind in ("household", "person") else made_code("91", number)
        command = RegisterParty(kind, f"演示主体{number}", None, code, region, **more)
        return str(self.node.unit.run(register_party, command, actor=SYSTEM).id)

    def fact(self, event_id: str = "lot-1", **changes: Any) -> TracedFact:
        fact = TracedFact(
            kind="lot.closed",
            subject=self.firm,
            at=OCT_26,
            source="trace.lot",
            event_id=event_id,
            attributes={"chain": "unbroken"},
        )
        return replace(fact, **changes)

    def straw(self, mu: str, event_id: str, **changes: Any) -> TracedFact:
        return self.fact(
            event_id,
            kind="straw.returned",
            quantity=mu,
            unit="亩",
            attributes={},
            source="trace.event",
            **changes,
        )

    def award(self, event_id: str = "lot-1", **changes: Any) -> Any:
        return self.run(award, self.fact(event_id, **changes))

    def penalty(self, number: int = 1, **changes: Any) -> RecordPenalty:
        command = RecordPenalty(
            subject=self.firm,
            document_number=f"演示农罚〔2026〕{number}号",
            authority="演示农业农村局",
            decided=date(2026, 10, 20),
            penalty_class="ordinary",
            offence="label.copied",
            occurred_at=datetime(2026, 10, 2, 4, tzinfo=UTC),
            basis="演示依据第一条",
            narrative="当事人超量印制标签，经查证属实。",
            disclosure_start=date(2026, 10, 21),
            disclosure_end=date(2027, 4, 20),
        )
        return replace(command, **changes)

    def record(self, number: int = 1, **changes: Any) -> str:
        return str(self.run(record_penalty, self.penalty(number, **changes)).record_id)

    def deduct(self, record_id: str) -> Any:
        return self.run(deduct, DeductForPenalty(record_id))

    def read(self):
        return self.node.database.read()


@pytest.fixture
def points(grow: Grow[PointsOffice]) -> PointsOffice:
    return grow(open_office)


def open_office(node: Any) -> PointsOffice:
    """The office, which is also the platform's operator, and a firm without an account yet."""
    place = RegisterParty("public_office", "演示积分办公室", None, made_code("11", 2), "120000")
    operator = node.unit.run(register_operator, place, actor=SYSTEM)
    office = PointsOffice(node, SYSTEM, "")
    office.actor = Actor(
        party=operator.id,
        person=None,
        roles=frozenset({"points_officer", "regulator"}),
        scopes=SYSTEM.scopes,
    )
    office.firm = office.register("enterprise", 1)
    for content in shipped().values():
        office.run(publish, PublishPack(content))
    return office
