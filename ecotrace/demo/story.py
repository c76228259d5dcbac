"""Tells all stories on a new node, in the order in which they need one another."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from certification.bodies.service import AppointBody, appoint
from certification.schemes.service import PublishShipped, publish_shipped
from ecotrace.demo import crabs, pears, people, rice, rival
from ecotrace.demo.people import Desk
from ecotrace.demo.stage import BRAND_OFFICERS, Scan, Stage, invented_code, season_for
from identity.actor import SYSTEM
from identity.parties.model import Party, RegisterParty
from identity.parties.service import register_operator
from identity.roles import Role
from runtime.clock import beijing_date
from runtime.refusal import Refusal
from web.node import Node


@dataclass(frozen=True)
class Told:
    """What the command line prints: codes to scan, the `curl`, and what was refused on the way."""

    scans: tuple[Scan, ...]
    credit: str
    refusals: tuple[tuple[str, Refusal], ...]


def tell(node: Node) -> Told:
    """Fill an initialised, empty node with the demo."""
    operator = node.unit.run(
        register_operator,
        RegisterParty(
            "public_office", "演示农业农村局", "Demo agriculture office", invented_code(1), "120112"
        ),
        actor=SYSTEM,
    )
    node.unit.run(publish_shipped, PublishShipped(), actor=SYSTEM)
    stage = Stage(node, season_for(beijing_date(node.clock.now())), operator)
    kenli = stage.party("public_office", "演示垦利农业农村局", "Demo Kenli office", 2, "370505")
    platform = stage.party("public_office", "演示信用平台", "Demo credit platform", 3, "120100")
    officers = people.seat(
        stage,
        (
            Desk("jianguan1", Role.REGULATOR, kenli, "370505"),
            Desk("jianguan2", Role.REGULATOR, kenli, "370505"),
            *(Desk(login, Role.BRAND_OFFICER, operator, "120000") for login in BRAND_OFFICERS),
        ),
    )
    stage.actors.update(officers)
    for scheme in ("jnjp", "xiangli", "xjpz", "hhk"):
        stage.run(appoint, AppointBody(operator.id, scheme, "office"))
    told = rice.tell(stage)
    rival.tell(stage)
    pears.tell(stage)
    firm = crabs.tell(stage, crabs.Officers(officers["jianguan1"], officers["jianguan2"], kenli))
    people.seat(
        stage,
        (
            Desk("nongmin", Role.GROWER, told.cooperative),
            Desk("hezuoshe", Role.OPERATOR, told.cooperative),
            Desk("jifen", Role.POINTS_OFFICER, operator),
        ),
    )
    credit = _credit_command(stage, people.credit_token(stage, platform), firm)
    return Told(tuple(stage.scans), credit, tuple(stage.refusals))


def _credit_command(stage: Stage, token: str, subject: Party) -> str:
    address = f"{stage.base_url}/credit/v1/subjects/{subject.code}/report?nonce=demo-{stage.year}"
    return shlex.join(["curl", "-sS", "-H", f"Authorization: Bearer {token}", address])
