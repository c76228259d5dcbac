"""Steps from forms: fields become one event, through the same capture as a partner's document."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runtime.refusal import Refusal
from tests.trace.chain import Farm, kg, refused
from tests.trace.labels.stage import URL
from trace.epcis.farm import STEPS, Harvest, Inspection, Packing
from trace.replay import replay
from trace.steps.model import make_step
from trace.steps.service import LotAmount, RecordStep, last_step, lots_of_event, record_step

READ: list[tuple[str, dict[str, str], str, Any]] = [
    ("harvest", {"moisture_percent": " 14.5 "}, "moisture_percent", "14.5"),
    ("harvest", {"growth_days": "175"}, "growth_days", 175),
    ("harvest", {"growth_days": ""}, "growth_days", None),
    ("inspection", {"passed": "false"}, "passed", False),
    ("packing", {"best_before": "2027-10-01"}, "best_before", date(2027, 10, 1)),
]


@pytest.mark.parametrize(("step", "details", "name", "value"), READ)
def test_details_are_read(step: str, details: dict[str, str], name: str, value: Any) -> None:
    part = "lots" if step == "inspection" else "outputs"
    assert getattr(make_step(step, {part: ()}, details), name) == value


MALFORMED = [
    ("nonsense", {}, {}, "STEP_UNKNOWN", "/step"),
    ("", {}, {}, "STEP_UNKNOWN", "/step"),
    ("harvest", {}, {"colour": "red"}, "DETAIL_UNKNOWN", "/details/colour"),
    ("harvest", {}, {"outputs": "x"}, "DETAIL_UNKNOWN", "/details/outputs"),
    ("harvest", {}, {"growth_days": "1.5"}, "DETAIL_MALFORMED", "/details/growth_days"),
    ("harvest", {}, {"growth_days": "1_0"}, "DETAIL_MALFORMED", "/details/growth_days"),
    ("harvest", {}, {"growth_days": "１"}, "DETAIL_MALFORMED", "/details/growth_days"),
    ("harvest", {}, {"growth_days": "9" * 16}, "DETAIL_MALFORMED", "/details/growth_days"),
    ("inspection", {}, {"passed": "yes"}, "DETAIL_MALFORMED", "/details/passed"),
    ("packing", {}, {"best_before": "2027-02-30"}, "DETAIL_MALFORMED", "/details/best_before"),
    ("harvest", {"lots": (1,)}, {}, "PART_UNWANTED", "/lots"),
    ("sale", {"inputs": (1,)}, {}, "PART_UNWANTED", "/inputs"),
]


@pytest.mark.parametrize(("step", "goods", "details", "code", "pointer"), MALFORMED)
def test_what_no_step_has(step: str, goods: Any, details: Any, code: str, pointer: str) -> None:
    with pytest.raises(Refusal) as caught:
        make_step(step, goods, details)
    assert (caught.value.first.code.name, caught.value.first.pointer) == (code, pointer)


def test_every_step_can_be_made() -> None:
    for kind in STEPS:
        parts: dict[str, Any] = {
            name: () for name in ("lots", "inputs", "outputs") if name in kind.__annotations__
        }
        assert isinstance(make_step(kind.step.value, parts, {}), kind)
    assert {Harvest, Inspection, Packing} <= set(STEPS)


def test_a_form_becomes_an_event(field: Farm) -> None:
    field.open("A")
    result = field.harvest(
        "A", "1234.5", operator="王小明", note="晴", details={"moisture_percent": "14.5"}
    )
    assert field.balance("A").received == kg("1234.5")
    opened = field.opened(result.payload_id)
    assert opened["shown"]["goods"] == [{"lot": "A", "typed": ["1234.5", "公斤"]}]
    assert opened["shown"]["details"] == {"moisturePercent": "14.5"}
    assert "王小明" in str(opened["understood"])
    assert "王小明" not in str(opened["shown"])
    with field.node.database.read() as session:
        last = last_step(session, field.stage.coop)
        assert last is not None
        assert (last.step, last.payload_id) == ("harvest", result.payload_id)
        ((lot, moved),) = lots_of_event(session, last.payload_id)
        assert (lot.code, moved.move, moved.quantity) == ("A", "receive", kg("1234.5"))
        assert last_step(session, field.stage.rival) is None


def test_what_a_form_is_refused_for(field: Farm) -> None:
    field.open("A", "B")
    field.open("K", product="crabs")
    field.harvest("A", "100")
    stage = field.stage
    rice = field.lots["A"]

    def harvest(*amounts: LotAmount, **more: Any) -> RecordStep:
        at = field.node.clock.now()
        return RecordStep(stage.coop, "harvest", at, URL, outputs=amounts, **more)

    cases = [
        (harvest(), "LOT_UNKNOWN"),
        (harvest(LotAmount("none", "1", "公斤")), "LOT_UNKNOWN"),
        (harvest(LotAmount(rice, "1", None)), "QUANTITY_MALFORMED"),
        (harvest(LotAmount(rice, "1", "")), "QUANTITY_MALFORMED"),
        (harvest(LotAmount(rice, "0", "公斤")), "QUANTITY_MALFORMED"),
        (harvest(LotAmount(rice, "-1", "公斤")), "QUANTITY_MALFORMED"),
        (harvest(LotAmount(rice, "abc", "公斤")), "QUANTITY_MALFORMED"),
        (harvest(LotAmount(rice, "NaN", "公斤")), "QUANTITY_MALFORMED"),
        (harvest(LotAmount(rice, "1", "只")), "WRONG_UNIT"),
        (harvest(LotAmount(field.lots["K"], "1", "公斤")), "WRONG_UNIT"),
        (harvest(LotAmount(rice, "1", "公斤"), note="x\u202e"), "BIDI_TEXT"),
        (harvest(LotAmount(rice, "1", "公斤"), note="x" * 501), "TEXT_TOO_LONG"),
        (harvest(LotAmount(rice, "1", "公斤"), place="no uri"), "URI_MALFORMED"),
    ]
    before = field.counts()
    for command, code in cases:
        assert refused(lambda c=command: stage.do(record_step, c)) == [code], command
    assert field.counts() == before


def test_what_grows_until_harvest_may_weigh_more(field: Farm) -> None:
    field.open("SEED", "CROP")
    field.step("seed_or_stocking", 0, outputs={"SEED": "10"})
    field.step("harvest", 9, inputs={"SEED": "10"}, outputs={"CROP": "500"})
    assert field.balance("CROP").received == kg("500")
    assert field.balance("SEED").held == 0
    assert refused(
        lambda: field.step("processing", 10, inputs={"CROP": "10"}, outputs={"SEED": "11"})
    ) == ["OUTPUT_EXCEEDS_INPUT"]
    with field.node.database.read() as session:
        assert replay(session, field.node.vault) == []
