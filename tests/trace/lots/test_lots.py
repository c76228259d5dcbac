"""Opening lots, and walking from lot to lot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from identity.actor import SYSTEM, Actor
from tests.fixtures.nodes import Grow
from tests.trace.chain import OPENED, Farm, farm, refused
from trace.bases.service import RegisterBase, register_base
from trace.lots.service import OpenLot, ancestors, descendants
from web.node import Node
from workflows.open_lot import open_lot


def opening(field: Farm, **changes: object) -> OpenLot:
    known = {"owner": field.stage.coop, "product": "rice", "code": "L1", "opened_at": OPENED}
    return OpenLot(**{**known, **changes})  # type: ignore[arg-type]


def test_what_no_lot_can_be_opened_with(field: Farm) -> None:
    stage, now = field.stage, field.node.clock.now()
    theirs = stage.do(register_base, RegisterBase(stage.rival, "地", "", "120112", ("1", "亩"))).id
    stage.do(open_lot, opening(field, code="TAKEN"))
    refusals = [
        ({"code": ""}, "CODE_MALFORMED"),
        ({"code": "x" * 21}, "CODE_MALFORMED"),
        ({"code": "批次一"}, "CODE_MALFORMED"),
        ({"code": "A/10"}, "CODE_MALFORMED"),
        ({"code": "A\n"}, "CODE_MALFORMED"),
        ({"product": "none"}, "PRODUCT_UNKNOWN"),
        ({"owner": stage.rival}, "NOT_YOURS"),
        ({"base": "base:none"}, "BASE_UNKNOWN"),
        ({"base": theirs}, "NOT_YOURS"),
        ({"opened_at": now + timedelta(minutes=6)}, "IN_THE_FUTURE"),
        ({"code": "TAKEN"}, "LOT_CODE_TAKEN"),
    ]
    before = field.counts()
    for changes, code in refusals:
        command = opening(field, **changes)
        assert refused(lambda c=command: stage.do(open_lot, c)) == [code], changes
    stranger = Actor(stage.rival, "pers:x", frozenset({"operator"}))
    assert refused(lambda: stage.do(open_lot, opening(field), stranger)) == ["OTHER_PARTY"]
    assert field.counts() == before
    assert stage.do(open_lot, opening(field), SYSTEM).code == "L1"


def test_of_many_who_open_a_lot_under_one_code_one_has_it(field: Farm) -> None:
    def one(_: int) -> list[str]:
        return refused(lambda: field.stage.do(open_lot, opening(field)))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert sorted(map(str, answers)) == ["['LOT_CODE_TAKEN']"] * 7 + ["[]"]


@pytest.fixture
def diamond(grow: Grow[Farm]) -> Farm:
    """A is split into B and C, which merge into D; some of D goes into E and from there into C."""
    return grow(diamond_of_lots)


def diamond_of_lots(node: Node) -> Farm:
    field = farm(node)
    field.open("A", "B", "C", "D", "E", "X")
    field.harvest("A", "100")
    field.split("A", {"B": "50", "C": "50"})
    field.merge({"B": "50", "C": "20"}, "D")
    field.split("D", {"E": "10"}, day=3)
    field.merge({"E": "5"}, "C", day=4)
    return field


WALKS = [
    (descendants, "A", "ABCDE"),
    (descendants, "B", "BDEC"),
    (descendants, "D", "DEC"),
    (descendants, "X", "X"),
    (ancestors, "E", "EDBCA"),
    (ancestors, "A", "A"),
]


def test_genealogy_meets_each_lot_once(diamond: Farm) -> None:
    code_of = {id: code for code, id in diamond.lots.items()}
    with diamond.node.database.read() as session:
        for walk, start, wanted in WALKS:
            found = [code_of[id] for id in walk(session, diamond.lots[start])]
            assert len(found) == len(set(found)), (walk, start)
            assert set(found) == set(wanted), (walk, start)
            assert found[0] == start
        nearest = [code_of[id] for id in ancestors(session, diamond.lots["D"])]
    assert nearest[-1] == "A" or nearest.index("A") > nearest.index("B")
