"""The console's world with a scheme in force, an inspector who may inspect, and a planned visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from certification.bodies.service import (
    DeclareInterest,
    GrantCompetence,
    declare_interest,
    grant_competence,
)
from certification.inspections.service import PlanInspection
from certification.schemes.service import PublishScheme, publish, versions
from ecotrace import entry_types
from identity.actor import SYSTEM, Actor
from identity.people.service import find_credentials
from runtime.clock import beijing_date
from tests.console.stage import World, build
from web.node import Node
from workflows.plan_inspection import plan_inspection

CODE = "jnjp"


@dataclass(frozen=True)
class Visited:
    """The world, and the visit that is planned for today about its certificate."""

    world: World
    visit: str
    person: str

    @property
    def node(self) -> Node:
        return self.world.node


def declare_types() -> None:
    """Let the log know every entry type of this area, whether or not it is assembled."""
    from certification.bodies.entries import ENTRY_TYPES as BODIES
    from certification.draws.entries import ENTRY_TYPES as DRAWS
    from certification.inspections.entries import ENTRY_TYPES as INSPECTIONS
    from certification.schemes.entries import ENTRY_TYPES as SCHEMES

    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in (*BODIES, *DRAWS, *INSPECTIONS, *SCHEMES):
        known.setdefault(each.type, each)


def build_visited(node: Node) -> Visited:
    """Everything is entered through the use cases."""
    declare_types()
    world = build(node)

    def run(use_case: Any, command: object, actor: Actor = SYSTEM) -> Any:
        return node.unit.run(use_case, command, actor=actor)

    run(publish, PublishScheme(CODE, versions(CODE)[-1]))
    with node.database.read() as session:
        found = find_credentials(session, "jiancha")
    assert found is not None
    until = beijing_date(node.clock.now()) + timedelta(days=300)
    run(grant_competence, GrantCompetence(found.person, CODE, "inspect", until))
    inspector = Actor(world.office.id, found.person, frozenset({"inspector"}))
    declared = DeclareInterest(world.certificate, world.coop.id, "none")
    run(declare_interest, declared, inspector)
    today = beijing_date(node.clock.now())
    command = PlanInspection(world.certificate, "surveillance", today, (found.person,))
    return Visited(world, run(plan_inspection, command, inspector).inspection, found.person)
