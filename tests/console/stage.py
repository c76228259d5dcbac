"""A small world for the console: two firms, two products, lots, a licence, one person per desk.

Everything is entered through the use cases, by the verbs of the demo's stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from certification.bodies.service import AppointBody, appoint
from ecotrace.demo.people import Desk, seat
from ecotrace.demo.stage import Stage, invented_code
from identity.actor import SYSTEM
from identity.parties.model import Party, RegisterParty
from identity.parties.service import register_operator
from identity.roles import Role
from trace.bases.service import RegisterBase
from trace.products.service import RegisterProduct
from trace.steps.service import LotAmount
from web.node import Node

GROWN = (10, 18)


@dataclass(frozen=True)
class World:
    """What the tests point at; ids of lots, bases, the certificate."""

    stage: Stage
    office: Party
    coop: Party
    base: str
    rice: str
    pear: str
    seedling: str
    stranger: Party
    foreign: str
    certificate: str

    @property
    def node(self) -> Node:
        return self.stage.node


def build(node: Node) -> World:
    """Rice: 100 kg in a lot, packed, 10 labels certified. Pears: 50 kg in a lot."""
    operator = node.unit.run(
        register_operator,
        RegisterParty("public_office", "演示农业农村局", "Demo office", invented_code(1), "120112"),
        actor=SYSTEM,
    )
    stage = Stage(node, 2026, operator)
    coop = stage.party("cooperative", "演示合作社", "Demo co-operative", 101, "120112102")
    stranger = stage.party("enterprise", "演示别家公司", "Demo other firm", 102, "120112102")
    base = stage.base(RegisterBase(coop.id, "一号田", "Field 1", "120112102", ("120", "亩")))
    for code, name, category in (("RICE", "小站稻米", "grain"), ("PEAR", "香梨", "fruit")):
        stage.product(
            RegisterProduct(coop.id, code, name, code.title(), category, "mass", net=("5", "公斤"))
        )
    stage.product(RegisterProduct(stranger.id, "OTHER", "别家米", "Other", "grain", "mass"))
    at = stage.day(*GROWN)
    rice, pear, seedling = (
        stage.lot(coop, product, code, at, base)
        for product, code in (("RICE", "R1"), ("PEAR", "P1"), ("RICE", "R2"))
    )
    foreign = stage.lot(stranger, "OTHER", "X1", at, None)
    for lot, mass in ((rice, "100"), (pear, "50")):
        stage.step(coop, "harvest", at, outputs=(LotAmount(lot.id, mass, "公斤"),), operator="甲")
    stage.step(coop, "packing", at, outputs=(LotAmount(rice.id),))
    licence = stage.licence("jnjp", "JNJP-{year}-0001", coop, "RICE", date(2026, 12, 31), "10")
    _people(stage, coop, operator)
    return World(
        stage, operator, coop, base.id, rice.id, pear.id, seedling.id, stranger, foreign.id,
        licence.cert_id,
    )  # fmt: skip


def _people(stage: Stage, coop: Party, office: Party) -> None:
    stage.run(appoint, AppointBody(office.id, "jnjp", "office"))
    seat(
        stage,
        (
            Desk("nongmin", Role.GROWER, coop),
            Desk("hezuoshe", Role.OPERATOR, coop),
            Desk("pinpai", Role.BRAND_OFFICER, office),
            Desk("pinpai2", Role.BRAND_OFFICER, office),
            Desk("jianguan1", Role.REGULATOR, office),
            Desk("jianguan2", Role.REGULATOR, office),
            Desk("jifen", Role.POINTS_OFFICER, office),
            Desk("jiancha", Role.INSPECTOR, office),
        ),
    )
