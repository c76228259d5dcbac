"""Our record of an event: everything in it, nothing lost, one spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from runtime.canonical import ledger_bytes
from runtime.clock import parse_instant
from runtime.refusal import Refusal
from tests.trace.epcis.documents import CONTEXT, document, event, read, written
from tests.trace.epcis.events import NAMESPACES, events
from trace.epcis.document import Context, ReceivedEvent, read_document
from trace.epcis.event_hash import pre_hash
from trace.epcis.understood import Named, named, understood

EXT = "{https://ns.example.com/ext/}"
CBV = "https://ref.gs1.org/cbv/"


def record(**changes: Any) -> dict[str, Any]:
    (one,) = read(event(**changes))
    return understood(one)


def test_an_event_with_everything():
    found = record(
        eventTime="2026-10-18T08:00:00.5+08:00",
        recordTime="2026-10-18T01:00:00Z",
        eventID="urn:uuid:fd338495-0e6d-41dd-afee-a862ecd32518",
        certificationInfo="https://c.example/1",
        errorDeclaration={
            "declarationTime": "2026-10-18T02:00:00Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
            "ext:by": "x",
        },
        action="ADD",
        epcList=["urn:epc:id:sgtin:4012345.012345.12"],
        quantityList=[
            {
                "epcClass": "https://a.example/01/04012345123456/22/V/10/L",
                "quantity": 7.5,
                "uom": "KGM",
            },
            {"epcClass": "https://trace.example/p/rice/10/L", "quantity": 12},
        ],
        bizStep="cbv:BizStep-shipping",
        disposition="in_transit",
        persistentDisposition={"set": ["recalled"]},
        readPoint={"id": "urn:epc:id:sgln:4012345.00225.0", "ext:door": 7},
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:y"}],
        sourceList=[{"type": "location", "source": "urn:epc:id:sgln:4012345.00225.0"}],
        sensorElementList=[
            {
                "sensorMetadata": {"time": "2026-10-18T00:00:00Z", "ext:m": True},
                "sensorReport": [
                    {
                        "type": "Temperature",
                        "value": -3.50,
                        "booleanValue": True,
                        "component": "x",
                        "exception": "gs1:ALARM_CONDITION",
                    }
                ],
            }
        ],
        ilmd={"cbvmda:lotNumber": "L"},
        **{"ext:x": [{"bare": 1, "ext:y": [None, False, 2.50, "007"]}]},
    )
    assert found == {
        "type": "ObjectEvent",
        "eventTime": "2026-10-18T00:00:00.500000Z",
        "eventTimeZoneOffset": "+08:00",
        "recordTime": "2026-10-18T01:00:00.000000Z",
        "eventID": "urn:uuid:fd338495-0e6d-41dd-afee-a862ecd32518",
        "certificationInfo": ["https://c.example/1"],
        "errorDeclaration": {
            "declarationTime": "2026-10-18T02:00:00.000000Z",
            "reason": f"{CBV}ER-incorrect_data",
            "correctiveEventIDs": ["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
            f"{EXT}by": "x",
        },
        "action": "ADD",
        "epcList": ["https://id.gs1.org/01/04012345123456/21/12"],
        "quantityList": [
            {
                "epcClass": "https://id.gs1.org/01/04012345123456/22/V/10/L",
                "quantity": "7.5",
                "uom": "KGM",
            },
            {"epcClass": "https://trace.example/p/rice/10/L", "quantity": "12"},
        ],
        "bizStep": f"{CBV}BizStep-shipping",
        "disposition": f"{CBV}Disp-in_transit",
        "persistentDisposition": {"set": [f"{CBV}Disp-recalled"]},
        "readPoint": {"id": "https://id.gs1.org/414/4012345002256", f"{EXT}door": "7"},
        "bizTransactionList": [{"type": f"{CBV}BTT-po", "bizTransaction": "urn:x:y"}],
        "sourceList": [
            {"type": f"{CBV}SDT-location", "source": "https://id.gs1.org/414/4012345002256"}
        ],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-10-18T00:00:00.000000Z", f"{EXT}m": True},
                "sensorReport": [
                    {
                        "type": "https://gs1.org/voc/Temperature",
                        "value": "-3.5",
                        "booleanValue": True,
                        "component": f"{CBV}Comp-x",
                        "exception": "https://gs1.org/voc/ALARM_CONDITION",
                    }
                ],
            }
        ],
        "ilmd": {"{urn:epcglobal:cbv:mda:}lotNumber": "L"},
        f"{EXT}x": [{"bare": "1", f"{EXT}y": [None, False, "2.5", "007"]}],
    }


def test_numbers_keep_the_spelling_of_the_bytes():
    data = written(document(event(quantityList=[{"epcClass": "urn:x:y", "quantity": 111}])))
    for spelling in ("111", "111.0", "111.000", "0.111", "12345678901234567890"):
        (one,) = read_document(data.replace(b"111", spelling.encode()), 1).events
        assert understood(one)["quantityList"][0]["quantity"] == spelling


def test_every_vector_can_be_committed(valid):
    for data in valid.values():
        for one in read_document(data, 1000).events:
            found = understood(one)
            assert json.loads(ledger_bytes(found)) == found
            parse_instant(found["eventTime"])


def leaves(value: Any) -> list[Any]:
    """Give all that is said in a JSON value, keys left out."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


@given(events())
def test_nothing_is_lost(value):
    data = written(document(value, **{"@context": [CONTEXT[0], NAMESPACES]}))
    (one,) = read_document(data, 1).events
    found = understood(one)
    assert len(leaves(found)) == len(leaves(value))
    assert len(found) == len(value)
    ledger_bytes(found)


@given(events(), events())
def test_another_record_for_another_hash(one, other):
    """Whatever the hash tells apart the record tells apart: it binds more, never less."""
    first, second = (
        read_document(written(document(value, **{"@context": [CONTEXT[0], NAMESPACES]})), 1).events[
            0
        ]
        for value in (one, other)
    )
    if understood(first) == understood(second):
        assert pre_hash(first) == pre_hash(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"eventTime": "2026-10-18T08:00:00+08:00"}, {"eventTime": "2026-10-18T00:00:00.000Z"}),
        ({"bizStep": "shipping"}, {"bizStep": f"{CBV}BizStep-shipping"}),
        (
            {"epcList": ["urn:epc:id:sgtin:4012345.012345.12"]},
            {"epcList": ["https://a.example/01/4012345123456/21/12"]},
        ),
        (
            {"ext:x": "1", "@context": {"e": "urn:e:"}, "e:y": "2"},
            {
                "e2:x": "1",
                "@context": {"e2": "https://ns.example.com/ext/", "f": "urn:e:"},
                "f:y": "2",
            },
        ),
        ({"certificationInfo": "urn:x:y"}, {"certificationInfo": ["urn:x:y"]}),
    ],
)
def test_one_record_for_one_meaning(one, other):
    assert ledger_bytes(record(**one)) == ledger_bytes(record(**other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # what the CBV hash does not tell apart
        ({"eventTime": "2026-10-18T00:00:00Z"}, {"eventTime": "2026-10-18T00:00:00.000001Z"}),
        ({"ext:x": "12345678901234567"}, {"ext:x": "12345678901234568"}),
        ({"ext:x": "007"}, {"ext:x": "7"}),
        ({}, {"errorDeclaration": {"declarationTime": "2026-10-18T02:00:00Z"}}),
        ({}, {"recordTime": "2026-10-18T02:00:00Z"}),
        ({}, {"eventID": "urn:x:y"}),
        ({}, {"rdfs:comment": "x"}),
        (
            {"epcList": ["https://id.gs1.org/01/04012345123456/10/L/21/S"]},
            {"epcList": ["https://id.gs1.org/01/04012345123456/10/M/21/S"]},
        ),
        ({"epcList": ["urn:x:a", "urn:x:b"]}, {"epcList": ["urn:x:b", "urn:x:a"]}),
        ({"ext:x": ["a", "b"]}, {"ext:x": ["b", "a"]}),
    ],
)
def test_what_was_said_apart_stays_apart(one, other):
    assert record(**one) != record(**other)
    (first,), (second,) = read(event(**one)), read(event(**other))
    if "epcList" in one or "ext:x" in one or not one:
        assert pre_hash(first) == pre_hash(second)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"ext:等级": 1}, "key_not_ascii"),
        ({"ext:x": {"等级": 1}}, "key_not_ascii"),
        ({"who:x": 1}, "namespace_undeclared"),
    ],
)
def test_a_key_that_the_log_cannot_hold_is_refused(value, code):
    (one,) = read(event(**value))
    with pytest.raises(Refusal) as refused:
        understood(one)
    assert refused.value.first.code.code == code


def test_an_event_that_is_none_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError):
        understood(ReceivedEvent(0, "", [], Context({})))


def test_what_an_event_names():
    found = understood(
        read(
            event(
                type="TransformationEvent",
                action=...,
                epcList=...,
                inputEPCList=["urn:epc:id:sgtin:4012345.012345.12"],
                inputQuantityList=[{"epcClass": "urn:x:in", "quantity": 5.5, "uom": "KGM"}],
                outputQuantityList=[
                    {"epcClass": "urn:x:out", "quantity": 3},
                    {"epcClass": "urn:x:o"},
                ],
            )
        )[0]
    )
    assert list(named(found)) == [
        Named("input", "https://id.gs1.org/01/04012345123456/21/12"),
        Named("input", "urn:x:in", "5.5", "KGM"),
        Named("output", "urn:x:out", "3"),
        Named("output", "urn:x:o"),
    ]
    contained = record(
        type="AggregationEvent",
        action="ADD",
        epcList=...,
        parentID="urn:x:p",
        childEPCs=["urn:x:c"],
        childQuantityList=[{"epcClass": "urn:x:q", "quantity": 1}],
    )
    assert list(named(contained)) == [
        Named("parent", "urn:x:p"),
        Named("child", "urn:x:c"),
        Named("child", "urn:x:q", "1"),
    ]
    assert [one.role for one in named(record())] == ["subject"]
