"""Registering brands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from identity.actor import Actor
from tests.trace.chain import refused
from tests.trace.labels.stage import Stage
from trace.brands.service import RegisterBrand, find_brand, register_brand


def test_what_a_brand_needs(stage: Stage) -> None:
    good = RegisterBrand("JNJP", " 津农精品 ", "Jinnong", "120000", stage.coop)
    cases = [
        ({"code": "津"}, "CODE_MALFORMED"),
        ({"name_zh": " \u3000"}, "NAME_MISSING"),
        ({"name_zh": "x" * 61}, "TEXT_TOO_LONG"),
        ({"name_en": "x\u200b"}, "INVISIBLE_TEXT"),
        ({"name_zh": "e\u0301"}, "TEXT_NOT_NFC"),
        ({"region": ""}, "REGION_MALFORMED"),
        ({"region": "1200001234567"}, "REGION_MALFORMED"),
        ({"region": "１２００００"}, "REGION_MALFORMED"),
    ]
    for changes, code in cases:
        command = replace(good, **changes)
        assert refused(lambda c=command: stage.do(register_brand, c)) == [code], changes
    other = Actor(stage.rival, "pers:x", frozenset({"operator"}))
    assert refused(lambda: stage.do(register_brand, good, other)) == ["OTHER_PARTY"]
    stage.do(register_brand, good)
    assert refused(lambda: stage.do(register_brand, good)) == ["CODE_TAKEN"]
    with stage.node.database.read() as session:
        brand = find_brand(session, "JNJP")
    assert brand is not None
    assert brand.name_zh == "津农精品"


def test_of_many_at_once_one_has_the_code(stage: Stage) -> None:
    good = RegisterBrand("JNJP", "津农精品", "", "120000", stage.coop)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: refused(lambda: stage.do(register_brand, good)), range(8))
    assert sorted(map(str, answers)) == ["['CODE_TAKEN']"] * 7 + ["[]"]
