"""The events of our own steps."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ecotrace import PROJECT
from runtime.canonical import ledger_bytes
from runtime.refusal import Refusal
from runtime.strict_json import Numeral
from trace.epcis.check import check_event
from trace.epcis.document import read_document, received, write_document
from trace.epcis.event_hash import event_hash, pre_hash
from trace.epcis.farm import (
    MEANINGS,
    NAMESPACE,
    NAMESPACES,
    STEPS,
    Amount,
    FarmStep,
    Goods,
    Harvest,
    Input,
    Inspection,
    Merge,
    Occasion,
    Packing,
    Processing,
    Sale,
    SeedOrStocking,
    Split,
    Storage,
    Transport,
    build_event,
    goods_uri,
    step_of,
)
from trace.epcis.farm.steps import detail_names
from trace.epcis.understood import named, understood

BASE = "https://trace.example"
GTIN = "09521234543213"
PADDY = Goods("p/paddy", "D-26", Amount("mass", 72_000_000_000, "144000", "斤"), "津原89稻谷")
RICE = Goods(GTIN, "R-26", Amount("mass", 46_800_500_000))
BAGS = Goods(GTIN, "B-26", Amount("pieces", 9_360))
AT = Occasion(
    at=datetime(2026, 10, 18, 0, 30, tzinfo=UTC),
    place="https://trace.example/places/field-1",
    location="https://trace.example/places/barn-1",
    operator="村民甲",
    note="<b>晴</b>",
    certificates=("https://c.example/LB-1",),
)
GROWING = replace(PADDY, amount=None)

EVERY: dict[FarmStep, list[Any]] = {
    FarmStep.SEED_OR_STOCKING: [
        SeedOrStocking(
            outputs=(GROWING,),
            variety="津原89",
            seed_source="演示种业",
            area_m2=80_000,
            area_typed="120",
            area_unit="亩",
            head_count=3,
        ),
        SeedOrStocking(outputs=(GROWING,), inputs=(Goods("p/seed", "S", Amount("mass", 1)),)),
    ],
    FarmStep.INPUT: [
        Input(
            lots=(GROWING,),
            input_kind="pesticide",
            input_name="演示农药",
            registration="PD20260001",
            dose="0.75",
            dose_unit="kg/亩",
            method="喷雾",
            interval_days=21,
        )
    ],
    FarmStep.HARVEST: [
        Harvest(outputs=(PADDY,), moisture_percent="14.5"),
        Harvest(
            outputs=(PADDY,), inputs=(GROWING,), sugar_percent="12", growth_days=146, head_count=0
        ),
    ],
    FarmStep.STORAGE: [
        Storage(lots=(PADDY,), facility="一号仓", temperature_c="-3.5", humidity_percent="60")
    ],
    FarmStep.TRANSPORT: [
        Transport(
            lots=(PADDY,),
            origin="urn:epc:id:sgln:4012345.00225.0",
            destination="https://trace.example/places/mill",
            carrier="演示物流",
            vehicle="津A00000",
            temperature_c="4",
        )
    ],
    FarmStep.PROCESSING: [
        Processing(
            inputs=(PADDY,), outputs=(RICE,), process="碾米", line="1", moisture_percent="14"
        )
    ],
    FarmStep.INSPECTION: [
        Inspection(
            lots=(RICE,),
            laboratory="演示检测中心",
            report_number="演示〔2026〕1号",
            report_sha256="ab" * 32,
            items="农药残留",
            moisture_percent="14.1",
        ),
        Inspection(lots=(RICE,), passed=False),
    ],
    FarmStep.PACKING: [
        Packing(
            inputs=(RICE,),
            outputs=(BAGS,),
            best_before=date(2027, 10, 28),
            pack="5 kg",
            pieces=9_360,
        ),
        Packing(outputs=(BAGS,)),
        Packing(outputs=(BAGS,), parent="https://id.gs1.org/00/095201234567891235"),
    ],
    FarmStep.SALE: [
        Sale(
            lots=(BAGS,),
            seller="urn:epc:id:pgln:4012345.00225",
            buyer="https://trace.example/parties/b",
            document="https://trace.example/invoices/1",
            buyer_name="演示商场",
            channel="商超",
        ),
        Sale(lots=(BAGS,), retail=True),
    ],
    FarmStep.SPLIT: [Split(inputs=(RICE,), outputs=(BAGS, replace(BAGS, lot="B-27")))],
    FarmStep.MERGE: [Merge(inputs=(PADDY, replace(PADDY, lot="D-27")), outputs=(RICE,))],
}
ALL = [step for steps in EVERY.values() for step in steps]


def built(step: Any, occasion: Occasion = AT) -> dict[str, Any]:
    return build_event(step, occasion, BASE)


def test_every_step_is_tried_with_every_detail():
    assert set(EVERY) == set(FarmStep) == {step.step for step in STEPS} == set(MEANINGS)
    for name, steps in EVERY.items():
        given_names = {
            f.name for one in steps for f in fields(one) if getattr(one, f.name) not in (None, ())
        }
        wanted = {f.name for one in steps for f in fields(one)} - {"passed", "retail"}
        assert wanted - given_names == set(), name


@pytest.mark.parametrize("step", ALL)
def test_what_is_made_passes_our_own_eyes(step):
    event = built(step)
    data = write_document([event], AT.at, NAMESPACES)
    (one,) = read_document(data, 1).events
    assert one.value == event
    assert check_event(one, AT.at) == ()
    assert event["eventID"] == event_hash(one)
    found = understood(one)
    ledger_bytes(found)
    assert step_of(found) is step.step
    assert found["eventTime"] == "2026-10-18T00:30:00.000000Z"
    assert (event["eventTime"], event["eventTimeZoneOffset"]) == (
        "2026-10-18T08:30:00+08:00",
        "+08:00",
    )


@pytest.mark.parametrize("step", ALL)
def test_what_is_made_is_right_for_the_schema_and_the_reference(step, schema, reference_pre_hashes):
    event = built(step)
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", dict(NAMESPACES)],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-10-18T00:30:00Z",
        "epcisBody": {"eventList": [as_floats(event)]},
    }
    assert schema(document)
    if "cbvmda:" not in str(event):  # the reference wants it declared
        assert reference_pre_hashes(document) == [pre_hash(received(event, NAMESPACES))]


def as_floats(value: Any) -> Any:
    """Numerals as other readers see them."""
    if isinstance(value, Numeral):
        return float(value.spelling)
    if isinstance(value, dict):
        return {key: as_floats(item) for key, item in value.items()}
    return [as_floats(item) for item in value] if isinstance(value, list) else value


OBJECT, TRANSFORMATION = "ObjectEvent", "TransformationEvent"
NEW_LOT = "creating_class_instance"


@pytest.mark.parametrize(
    ("name", "number", "kind", "action", "biz_step", "disposition"),
    [
        ("seed_or_stocking", 0, OBJECT, "ADD", NEW_LOT, "active"),
        ("seed_or_stocking", 1, TRANSFORMATION, None, NEW_LOT, "active"),
        ("input", 0, OBJECT, "OBSERVE", "other", "in_progress"),
        ("harvest", 0, OBJECT, "ADD", NEW_LOT, "active"),
        ("harvest", 1, TRANSFORMATION, None, NEW_LOT, "active"),
        ("storage", 0, OBJECT, "OBSERVE", "storing", "in_progress"),
        ("transport", 0, OBJECT, "OBSERVE", "transporting", "in_transit"),
        ("processing", 0, TRANSFORMATION, None, NEW_LOT, "in_progress"),
        ("inspection", 0, OBJECT, "OBSERVE", "inspecting", "conformant"),
        ("inspection", 1, OBJECT, "OBSERVE", "inspecting", "non_conformant"),
        ("packing", 0, TRANSFORMATION, None, "packing", "in_progress"),
        ("packing", 1, OBJECT, "ADD", "packing", "in_progress"),
        ("packing", 2, "AggregationEvent", "ADD", "packing", "in_progress"),
        ("sale", 0, "TransactionEvent", "ADD", "shipping", "in_transit"),
        ("sale", 1, OBJECT, "OBSERVE", "retail_selling", "retail_sold"),
        ("split", 0, TRANSFORMATION, None, NEW_LOT, "active"),
        ("merge", 0, TRANSFORMATION, None, NEW_LOT, "active"),
    ],
)
def test_steps_in_the_words_of_the_standard(name, number, kind, action, biz_step, disposition):
    event = built(EVERY[FarmStep(name)][number])
    found = (event["type"], event.get("action"), event["bizStep"], event["disposition"])
    assert found == (kind, action, biz_step, disposition)


def test_goods_are_addresses_and_exact_amounts():
    event = built(EVERY[FarmStep.PROCESSING][0])
    assert event["inputQuantityList"] == [
        {"epcClass": f"{BASE}/p/paddy/10/D-26", "quantity": 72_000, "uom": "KGM"}
    ]
    assert event["outputQuantityList"] == [
        {"epcClass": f"{BASE}/01/{GTIN}/10/R-26", "quantity": Numeral("46800.5"), "uom": "KGM"}
    ]
    assert event["farm:goods"] == [
        {
            "farm:lot": f"{BASE}/p/paddy/10/D-26",
            "farm:product": "津原89稻谷",
            "farm:typedValue": "144000",
            "farm:typedUnit": "斤",
        },
        {"farm:lot": f"{BASE}/01/{GTIN}/10/R-26"},
    ]
    assert built(EVERY[FarmStep.SALE][1])["quantityList"] == [
        {"epcClass": goods_uri(BAGS, BASE), "quantity": 9_360}
    ]


@given(some.integers(0, 2**53 - 1))
def test_milligrams_survive_the_way_to_kilograms(whole):
    event = built(Harvest(outputs=(replace(PADDY, amount=Amount("mass", whole)),)))
    (one,) = read_document(write_document([event], AT.at, NAMESPACES), 1).events
    (goods,) = named(understood(one))
    assert goods.unit == "KGM"
    assert goods.quantity is not None
    kilograms, _, milligrams = goods.quantity.partition(".")
    assert int(kilograms) * 1_000_000 + int(milligrams.ljust(6, "0") or "0") == whole


def test_reports_parties_and_places_are_named():
    event = built(EVERY[FarmStep.INSPECTION][0])
    assert event["bizTransactionList"] == [
        {
            "type": "testres",
            "bizTransaction": "ni:///sha-256;q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s",
        }
    ]
    sale = built(EVERY[FarmStep.SALE][0])
    assert sale["sourceList"][0]["type"] == "owning_party"
    assert sale["destinationList"][0]["destination"] == "https://trace.example/parties/b"
    assert sale["bizTransactionList"][0]["bizTransaction"] == "https://trace.example/invoices/1"
    way = built(EVERY[FarmStep.TRANSPORT][0])
    assert way["sourceList"][0]["type"] == way["destinationList"][0]["type"] == "location"
    assert built(EVERY[FarmStep.PACKING][0])["ilmd"] == {"cbvmda:bestBeforeDate": "2027-10-28"}
    assert built(EVERY[FarmStep.PACKING][2])["parentID"].endswith("/00/095201234567891235")


def test_details_are_texts_in_our_namespace():
    for step in ALL:
        ours = {key: value for key, value in built(step).items() if key.startswith("farm:")}
        goods = ours.pop("farm:goods", [])
        assert all(isinstance(value, str) for value in ours.values())
        assert all(isinstance(value, str) for one in goods for value in one.values())
        allowed = {"step", "operator", "note", *detail_names(type(step))}
        assert {key.removeprefix("farm:") for key in ours} <= allowed


HARVEST = EVERY[FarmStep.HARVEST][0]


@pytest.mark.parametrize(
    ("code", "pointer", "step", "occasion"),
    [
        ("bidi_text", "/note", HARVEST, {"note": "a\u202eb"}),
        ("invisible_text", "/operator", HARVEST, {"operator": "村民\u200b甲"}),
        ("control_text", "/note", HARVEST, {"note": "a\x00b"}),
        ("text_not_nfc", "/note", HARVEST, {"note": "e\u0301"}),
        ("text_too_long", "/operator", HARVEST, {"operator": "甲" * 101}),
        ("uri_malformed", "/place", HARVEST, {"place": "一号田"}),
        ("uri_malformed", "/location", HARVEST, {"location": ""}),
        ("uri_malformed", "/certificates", HARVEST, {"certificates": ("LB-1",)}),
        ("value_malformed", "/moisture_percent", replace(HARVEST, moisture_percent="14,5"), {}),
        ("value_malformed", "/moisture_percent", replace(HARVEST, moisture_percent="NaN"), {}),
        ("value_malformed", "/moisture_percent", replace(HARVEST, moisture_percent="1e3"), {}),
        ("quantity_negative", "/moisture_percent", replace(HARVEST, moisture_percent="-1"), {}),
        ("quantity_negative", "/head_count", replace(HARVEST, head_count=-1), {}),
        ("value_malformed", "/input_kind", Input(lots=(PADDY,), input_kind="Pesticide!"), {}),
        (
            "value_malformed",
            "/report_sha256",
            Inspection(lots=(RICE,), report_sha256="AB" * 32),
            {},
        ),
        ("uri_malformed", "/parent", Packing(outputs=(BAGS,), parent="box"), {}),
        ("uri_malformed", "/buyer", Sale(lots=(BAGS,), buyer="b"), {}),
        ("uri_malformed", "/document", Sale(lots=(BAGS,), document="1"), {}),
        ("uri_malformed", "/origin", Transport(lots=(BAGS,), origin="1"), {}),
        ("identifiers_missing", "/lots", Storage(lots=()), {}),
        ("identifiers_missing", "/outputs", Harvest(outputs=()), {}),
        ("identifiers_missing", "/inputs", Processing(inputs=(), outputs=(RICE,)), {}),
        ("identifiers_missing", "/outputs", Split(inputs=(RICE,), outputs=()), {}),
        (
            "field_forbidden",
            "/inputs",
            Packing(outputs=(BAGS,), inputs=(RICE,), parent="urn:x:y"),
            {},
        ),
        (
            "quantity_negative",
            "/outputs/0/amount",
            Harvest(outputs=(replace(PADDY, amount=Amount("mass", -1)),)),
            {},
        ),
        ("check_digit", None, Storage(lots=(replace(RICE, item="09521234543214"),)), {}),
        ("value_malformed", None, Storage(lots=(replace(RICE, lot="一号"),)), {}),
        ("value_malformed", None, Storage(lots=(replace(RICE, item="p/米"),)), {}),
        ("key_unknown", None, Storage(lots=(replace(RICE, item="q/rice"),)), {}),
        ("bidi_text", "/name", Storage(lots=(replace(RICE, name="\u202e米"),)), {}),
    ],
)
def test_refused(code, pointer, step, occasion):
    with pytest.raises(Refusal) as refused:
        built(step, replace(AT, **occasion))
    assert (refused.value.first.code.code, refused.value.first.pointer) == (code, pointer)


def test_a_time_without_offset_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError):
        built(HARVEST, replace(AT, at=datetime(2026, 10, 18)))  # noqa: DTZ001


def test_microseconds_are_kept():
    event = built(HARVEST, replace(AT, at=AT.at + timedelta(microseconds=7)))
    assert event["eventTime"] == "2026-10-18T08:30:00.000007+08:00"


def test_empty_texts_say_nothing():
    event = built(replace(HARVEST, moisture_percent=None), replace(AT, note="  ", operator=""))
    assert {key for key in event if key.startswith("farm:")} == {"farm:step", "farm:goods"}


def test_an_event_of_another_kind_has_no_step():
    assert step_of({"type": "ObjectEvent"}) is None
    assert step_of({f"{{{NAMESPACE}}}step": f"{NAMESPACE}harvest"}) is FarmStep.HARVEST
    assert step_of({f"{{{NAMESPACE}}}step": f"{NAMESPACE}flying"}) is None
    assert step_of({f"{{{NAMESPACE}}}step": "harvest"}) is None
    assert step_of({f"{{{NAMESPACE}}}step": ["harvest"]}) is None


def test_the_example_of_the_documentation_is_taken():
    text = (PROJECT / "docs" / "farm-vocabulary.md").read_text("utf-8")
    (example,) = re.findall(r"^```json\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    (one,) = read_document(example.encode("utf-8"), 1).events
    assert check_event(one, datetime(2026, 10, 19, tzinfo=UTC)) == ()
    assert step_of(understood(one)) is FarmStep.HARVEST


def test_the_documentation_has_the_vocabulary():
    """Every step with its words, every detail with its step, and nothing besides."""
    text = (PROJECT / "docs" / "farm-vocabulary.md").read_text("utf-8")
    assert NAMESPACE in text
    for step in STEPS:
        meaning = MEANINGS[step.step]
        row = (
            rf"^\| `{step.step}` \| {meaning.zh} \| {meaning.en} \| "
            rf"`{meaning.biz_step}` \| `{meaning.disposition}` \|"
        )
        assert re.search(row, text, re.MULTILINE), step.step
        heading = f"### {step.step}"
        section = text.partition(heading + "\n")[2].partition("\n##")[0]
        assert tuple(re.findall(r"^\| `farm:(\w+)` \|", section, re.MULTILINE)) == detail_names(
            step
        ), heading
