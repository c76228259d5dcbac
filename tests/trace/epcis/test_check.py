"""One event: what is wrong with it, and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.refusal import Refusal
from tests.trace.epcis.documents import document, event, faults, written
from trace.epcis.check import CLOCK_TOLERANCE, check_event
from trace.epcis.document import read_document
from trace.epcis.kinds import TEXT_MAX
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.shapes import EVENTS
from trace.epcis.times import millisecond_text

CLASS = "https://id.gs1.org/01/09521141012345/10/L"
NOW = datetime(2026, 10, 18, 0, 0, tzinfo=UTC)


def amount(**fields: Any) -> dict[str, Any]:
    return {"quantityList": [{"epcClass": CLASS, **fields}]}


def sensed(**fields: Any) -> dict[str, Any]:
    return {"sensorElementList": [{"sensorReport": [{"type": "Temperature", **fields}]}]}


def wrong(**fields: Any) -> dict[str, Any]:
    return {"errorDeclaration": {"declarationTime": "2026-10-17T00:00:00Z", **fields}}


EXT = "https://ns.example.com/ext/"
SENSED = "/sensorElementList/0/sensorReport"
REPORT = f"{SENSED}/0"

FAULTY = [
    # what could be understood differently
    ("context_malformed", "/@context/gs1", {"@context": {"gs1": "https://evil.example/"}}),
    ("namespace_missing", "/ilmd/grade", {"action": "ADD", "ilmd": {"grade": "A"}}),
    ("namespace_undeclared", "/who:x", {"who:x": 1}),
    ("namespace_undeclared", "/ext:x/who:y", {"ext:x": {"who:y": 1}}),
    ("namespace_undeclared", "/ext:x/0/who:y", {"ext:x": [{"who:y": 1}]}),
    ("key_not_ascii", "/等级", {"等级": 1}),
    ("key_not_ascii", "/ext:等级", {"ext:等级": 1}),
    ("key_not_ascii", "/ext:x/等级", {"ext:x": {"等级": 1}}),
    ("key_malformed", "/ext:a b", {"ext:a b": 1}),
    (
        "duplicate_key",
        "/e2:x",
        {"@context": {"e2": "https://ns.example.com/ext/"}, "ext:x": 1, "e2:x": 2},
    ),
    ("field_unknown", "/ext:x/@context", {"ext:x": {"@context": {"a": "urn:b:"}}}),
    ("bidi_text", "/ext:x", {"ext:x": "a\u202eb"}),
    ("invisible_text", "/ext:x/deep/0", {"ext:x": {"deep": ["a\u200bb"]}}),
    ("invisible_text", "/ext:x/a\u200bb", {"ext:x": {"a\u200bb": 1}}),
    ("control_text", "/ext:x", {"ext:x": "a\x00b"}),
    ("text_not_nfc", "/ext:x", {"ext:x": "e\u0301"}),
    ("text_too_long", "/ext:x", {"ext:x": "x" * (TEXT_MAX + 1)}),
    # shape
    ("field_missing", "/type", {"type": ...}),
    ("event_type_unknown", "/type", {"type": "objectEvent"}),
    ("event_type_unknown", "/type", {"type": ["ObjectEvent"]}),
    ("event_type_unknown", "/type", {"type": "ext:OwnEvent"}),
    ("field_missing", "/eventTime", {"eventTime": ...}),
    ("field_missing", "/eventTimeZoneOffset", {"eventTimeZoneOffset": ...}),
    ("field_missing", "/action", {"action": ...}),
    ("identifiers_missing", "/epcList", {"epcList": ...}),
    ("identifiers_missing", "/epcList", {"epcList": []}),
    ("identifiers_missing", "/epcList", {"epcList": ..., "quantityList": []}),
    ("identifiers_missing", "/epcList", {"epcList": ..., **sensed(value=1)}),  # no read point
    ("field_unknown", "/weight", {"weight": 5}),
    ("field_unknown", "/parentID", {"parentID": "urn:x:y"}),
    ("field_unknown", "/quantityList/0/ext:x", amount(**{"ext:x": 1})),
    (
        "field_unknown",
        "/bizTransactionList/0/ext:x",
        {"bizTransactionList": [{"bizTransaction": "urn:x:y", "ext:x": 1}]},
    ),
    ("field_unknown", "/readPoint/name", {"readPoint": {"id": "urn:x:y", "name": "x"}}),
    ("field_missing", "/readPoint/id", {"readPoint": {}}),
    ("field_missing", "/quantityList/0/epcClass", {"quantityList": [{"quantity": 1}]}),
    ("field_missing", "/sourceList/0/type", {"sourceList": [{"source": "urn:x:y"}]}),
    ("field_missing", "/errorDeclaration/declarationTime", {"errorDeclaration": {}}),
    ("field_missing", "/persistentDisposition/set", {"persistentDisposition": {}}),
    ("field_missing", f"{REPORT}/type", {"sensorElementList": [{"sensorReport": [{"value": 1}]}]}),
    ("field_missing", "/sensorElementList/0/sensorReport", {"sensorElementList": [{}]}),
    ("field_forbidden", "/ilmd", {"ilmd": {"ext:x": 1}}),
    ("wrong_type", "/epcList", {"epcList": "urn:x:y"}),
    ("wrong_type", "/epcList/0", {"epcList": [None]}),
    ("wrong_type", "/eventTime", {"eventTime": 1729209600}),
    ("wrong_type", "/readPoint", {"readPoint": "urn:x:y"}),
    ("wrong_type", "/bizStep", {"bizStep": None}),
    ("wrong_type", "/quantityList/0/quantity", amount(quantity="5")),
    ("wrong_type", "/quantityList/0/quantity", amount(quantity=True)),
    ("wrong_type", f"{REPORT}/booleanValue", sensed(booleanValue="true")),
    # content
    (
        "list_empty",
        "/sensorElementList/0/sensorReport",
        {"sensorElementList": [{"sensorReport": []}]},
    ),
    ("list_empty", "/persistentDisposition/set", {"persistentDisposition": {"set": []}}),
    ("list_repeats", "/epcList", {"epcList": [CLASS, CLASS]}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-10-18"}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-10-18T08:00:00"}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-02-30T08:00:00Z"}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-10-18T24:00:00Z"}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-10-18T23:59:60Z"}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-10-18T08:00:00+15:00"}),
    ("time_malformed", "/eventTime", {"eventTime": "2026-10-18T08:00:00.1234567890Z"}),
    ("time_malformed", "/eventTime", {"eventTime": "0001-01-01T00:00:00+01:00"}),
    ("time_malformed", "/eventTime", {"eventTime": "9999-12-31T23:59:59.9999Z"}),
    ("time_malformed", "/eventTime", {"eventTime": "２026-10-18T08:00:00Z"}),
    ("offset_malformed", "/eventTimeZoneOffset", {"eventTimeZoneOffset": "8"}),
    ("offset_malformed", "/eventTimeZoneOffset", {"eventTimeZoneOffset": "+14:01"}),
    ("uri_malformed", "/epcList/0", {"epcList": ["rice"]}),
    ("uri_malformed", "/epcList/0", {"epcList": ["https://a.example/米"]}),
    ("uri_malformed", "/epcList/0", {"epcList": ["javascript: alert(1)"]}),
    ("uri_malformed", "/certificationInfo", {"certificationInfo": "ABC"}),
    (
        "uri_malformed",
        "/errorDeclaration/correctiveEventIDs/0",
        {
            "errorDeclaration": {
                "declarationTime": "2026-01-01T00:00:00Z",
                "correctiveEventIDs": ["x"],
            }
        },
    ),
    ("vocabulary_unknown", "/bizStep", {"bizStep": "Shipping"}),
    ("vocabulary_unknown", "/bizStep", {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}),
    ("vocabulary_unknown", "/bizStep", {"bizStep": "cbv:BizStep-transforming"}),
    ("vocabulary_unknown", "/disposition", {"disposition": "shipping"}),
    (
        "vocabulary_unknown",
        "/errorDeclaration/reason",
        {"errorDeclaration": {"declarationTime": "2026-01-01T00:00:00Z", "reason": "typo"}},
    ),
    ("vocabulary_unknown", f"{REPORT}/type", sensed(type="https://gs1.org/voc/Temperature")),
    ("vocabulary_unknown", f"{REPORT}/type", sensed(type="warm water")),
    ("value_malformed", "/action", {"action": "observe"}),
    ("value_malformed", "/quantityList/0/uom", amount(quantity=1, uom="kg")),
    ("value_malformed", f"{REPORT}/hexBinaryValue", sensed(hexBinaryValue="xyz")),
    ("quantity_negative", "/quantityList/0/quantity", amount(quantity=-1)),
    ("quantity_negative", "/quantityList/0/quantity", amount(quantity=-0.5, uom="KGM")),
    ("quantity_not_decimal", "/quantityList/0/quantity", amount(quantity=1e30, uom="KGM")),
    ("quantity_not_whole", "/quantityList/0/quantity", amount(quantity=1.5)),
    ("unit_without_quantity", "/quantityList/0/uom", amount(uom="KGM")),
]


@pytest.mark.parametrize(("code", "pointer", "changes"), FAULTY)
def test_a_fault_is_found_where_it_is(code, pointer, changes):
    assert (code, pointer) in faults(event(**changes))


def test_every_code_is_met():
    """`trace.epcis.document` has the codes of bytes and documents; here are those of events."""
    events = [code for code in EpcisRefusal if code.rank > EpcisRefusal.TOO_MANY_EVENTS.rank]
    met = {code for code, _, _ in FAULTY} | {"time_in_future"}
    assert met == {code.code for code in events} | {"duplicate_key"}


@pytest.mark.parametrize("code", list(EpcisRefusal))
def test_every_sentence_is_there_in_both_languages(code):
    numbers = {"limit": 1, "length": 2, "events": 3, "expected": "string", "vocabulary": "bizStep"}
    zh, en = (getattr(code.sentence, lang).format_map(numbers) for lang in ("zh", "en"))
    assert zh != en
    assert not zh.isascii()
    assert en.isascii()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"eventTime": "2026-10-18T08:00:00.123456789-06:00"},
        {"epcList": ..., **amount(quantity=0)},
        {"epcList": ..., **amount(quantity=72000.5, uom="KGM")},
        {"epcList": ..., **amount()},
        {"epcList": [], **sensed(value=-3.5e2), "readPoint": {"id": "urn:x:y"}},
        {"bizStep": "https://partner.example/steps/growing"},
        {"bizStep": "cbv:BizStep-shipping"},
        {"certificationInfo": ["https://c.example/1", "https://c.example/2"]},
        {"ext:x": [{"bare": 1, "ext:y": {"@id": "urn:x:y", "@type": "T"}}, None, True, [1.5]]},
        {"ext:x": "two\nlines"},
        {"ext:x": "<script>alert(1)</script>"},
        {"https://own.example/ns#grade": "A"},
        {"action": "ADD", "ilmd": {"cbvmda:lotNumber": "L"}},
        {"@context": {"cbvmda": "https://own.example/mda/"}},
        {"persistentDisposition": {"set": ["recalled"]}},
    ],
)
def test_what_may_be_said(changes):
    assert faults(event(**changes)) == []


def goods(kind: str, **fields: Any) -> dict[str, Any]:
    return event(type=kind, epcList=..., **fields)


@pytest.mark.parametrize(
    ("found", "made"),
    [
        ([], goods("AggregationEvent", parentID="urn:x:y", childEPCs=["urn:x:z"], action="ADD")),
        ([], goods("AggregationEvent", parentID="urn:x:y", action="DELETE")),
        ([], goods("AggregationEvent", childEPCs=["urn:x:z"], action="OBSERVE")),
        (
            [("field_missing", "/parentID")],
            goods("AggregationEvent", childEPCs=["urn:x:z"], action="ADD"),
        ),
        ([("field_missing", "/parentID")], goods("AggregationEvent", action="DELETE")),
        (
            [("identifiers_missing", "/childEPCs")],
            goods("AggregationEvent", parentID="urn:x:y", action="ADD", childEPCs=[]),
        ),
        ([], goods("AssociationEvent", parentID="urn:x:y", action="DELETE")),
        ([("field_missing", "/parentID")], goods("AssociationEvent", action="DELETE")),
        (
            [("identifiers_missing", "/childEPCs")],
            goods("AssociationEvent", parentID="urn:x:y", action="ADD"),
        ),
        ([("field_missing", "/bizTransactionList")], event(type="TransactionEvent")),
        (
            [("list_empty", "/bizTransactionList")],
            event(type="TransactionEvent", bizTransactionList=[]),
        ),
        (
            [("identifiers_missing", "/epcList")],
            goods("TransactionEvent", bizTransactionList=[{"bizTransaction": "urn:x:y"}]),
        ),
        (
            [],
            goods(
                "TransactionEvent",
                bizTransactionList=[{"bizTransaction": "urn:x:y"}],
                action="DELETE",
            ),
        ),
        (
            [("identifiers_missing", "/inputEPCList"), ("identifiers_missing", "/outputEPCList")],
            goods("TransformationEvent", action=...),
        ),
        (
            [("identifiers_missing", "/outputEPCList")],
            goods("TransformationEvent", action=..., inputEPCList=["urn:x:y"]),
        ),
        (
            [],
            goods(
                "TransformationEvent",
                action=...,
                inputEPCList=["urn:x:y"],
                transformationID="urn:x:t",
            ),
        ),
        (
            [("identifiers_missing", "/inputEPCList")],
            goods("TransformationEvent", action=..., transformationID="urn:x:t"),
        ),
        (
            [("field_unknown", "/action")],
            goods("TransformationEvent", inputEPCList=["urn:x:y"], outputEPCList=["urn:x:z"]),
        ),
    ],
)
def test_what_each_type_needs(found, made):
    assert faults(made) == found


@pytest.mark.parametrize("name", ["eventTime", "recordTime"])
@pytest.mark.parametrize(
    ("ahead", "found"),
    [(timedelta(0), []), (CLOCK_TOLERANCE, []), (CLOCK_TOLERANCE + timedelta(seconds=1), [1])],
)
def test_what_has_happened_does_not_lie_ahead(name, ahead, found):
    text = (NOW + ahead).isoformat()
    assert faults(event(**{name: text}), now=NOW) == [("time_in_future", f"/{name}") for _ in found]
    assert faults(event(**{name: text})) == []


def test_a_plan_may_lie_ahead():
    later = "2027-01-01T00:00:00Z"
    assert faults(event(**sensed(time=later), **{"ext:expires": later}), now=NOW) == []
    late = {"errorDeclaration": {"declarationTime": later}}
    assert faults(event(**late), now=NOW) == [
        ("time_in_future", "/errorDeclaration/declarationTime")
    ]


def test_the_lowest_rank_comes_first():
    found = faults(event(action="no", bizStep="no", epcList=..., **{"ext:x": "a\u202eb"}))
    assert [code for code, _ in found] == [
        "bidi_text",
        "identifiers_missing",
        "vocabulary_unknown",
        "value_malformed",
    ]


def test_pointers_lead_to_the_field():
    data = written(document(event(), event(**{"ext:a/b~c": {"等": 1}})))
    _, second = read_document(data, 9).events
    (finding,) = check_event(second)
    assert finding.pointer == "/epcisBody/eventList/1/ext:a~1b~0c/等"
    assert finding.index == 1
    here: Any = json.loads(data)
    for step in finding.pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        here = here[int(step) if isinstance(here, list) else step]
    assert here == 1


FIELDS = sorted({name for shape in EVENTS.values() for name in shape.fields})
json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text(max_size=6) | some.sampled_from(FIELDS), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    some.sampled_from(sorted(EVENTS)),
    some.dictionaries(some.sampled_from(FIELDS), json_values, max_size=6),
)
def test_no_value_brings_the_check_down(kind, fields):
    try:
        found = faults({**event(), **fields, "type": kind}, now=NOW)
    except Refusal as refusal:
        found = [(reason.code.code, reason.pointer or "") for reason in refusal.reasons]
    assert all(EpcisRefusal[code.upper()] for code, _ in found)


@pytest.mark.parametrize(
    ("text", "rounded"),
    [
        ("2026-10-18T08:00:00+08:00", "2026-10-18T00:00:00.000Z"),
        ("2026-10-18T00:00:00.1234Z", "2026-10-18T00:00:00.123Z"),
        ("2026-10-18T00:00:00.1235Z", "2026-10-18T00:00:00.124Z"),
        ("2026-10-18T00:00:00.1225Z", "2026-10-18T00:00:00.122Z"),
        ("2026-12-31T23:59:59.9996Z", "2027-01-01T00:00:00.000Z"),
        ("2026-10-18T00:00:00.000999999-00:00", "2026-10-18T00:00:00.001Z"),
    ],
)
def test_milliseconds(text, rounded):
    assert millisecond_text(text) == rounded
