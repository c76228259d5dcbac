"""Documents: read, split into events, refused with their code, written."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from runtime.refusal import Refusal
from runtime.strict_json import Numeral
from tests.trace.epcis.documents import CONTEXT, document, event, written
from trace.epcis.check import check_event
from trace.epcis.document import EPCIS_CONTEXT, read_document, received, write_document
from trace.epcis.findings import FINDINGS_MAX

BODY = "/epcisBody/eventList"


def refused(data: bytes, limit: int = 1000, **more: int) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as refusal:
        read_document(data, limit, **more)
    reasons = refusal.value.reasons
    assert all(reason.text(lang) for reason in reasons for lang in ("zh", "en"))
    return [(reason.code.code, reason.pointer) for reason in reasons]


def test_every_valid_document_is_taken(valid):
    assert len(valid) == 38
    found = {
        name: [
            (finding.code.code, finding.pointer)
            for one in read_document(data, 1000).events
            for finding in check_event(one, datetime(2026, 11, 1, tzinfo=UTC))
        ]
        for name, data in valid.items()
    }
    assert {name: faults for name, faults in found.items() if faults} == {}


INVALID = {
    "Combination_of_events_with_missing_mandatory_fields": [
        ("field_missing", 0, "/action"),
        ("field_missing", 1, "/eventTimeZoneOffset"),
        ("field_missing", 1, "/action"),
    ],
    "Combination_of_non_standard_bizStep_and_disposition": [
        ("vocabulary_unknown", 0, "/bizStep"),
        ("vocabulary_unknown", 1, "/disposition"),
    ],
    "ObjectEvent_with_ilmd_field_without_namespace": [
        ("namespace_missing", 0, "/ilmd/materialType")
    ],
    "ObjectEvent_with_invalid_certificationInfo": [
        ("wrong_type", 0, "/certificationInfo/0"),
        ("wrong_type", 0, "/certificationInfo/1"),
    ],
    "ObjectEvent_with_non_standard_bizStep": [("vocabulary_unknown", 0, "/bizStep")],
    "ObjectEvent_with_non_standard_disposition": [("vocabulary_unknown", 0, "/disposition")],
    "ObjectEvent_with_unknown_field_in_quantityList": [
        ("field_unknown", 0, "/quantityList/0/weight")
    ],
    "ObjectEvent_without_identifier_list": [("identifiers_missing", 0, "/epcList")],
}


def test_every_invalid_document_is_refused_where_it_is_wrong(invalid):
    found = {
        name.removesuffix(".json"): [
            (finding.code.code, finding.index, finding.pointer)
            for one in read_document(data, 1000).events
            for finding in check_event(one)
        ]
        for name, data in invalid.items()
    }
    assert found == {
        name: [(code, index, f"{BODY}/{index}{pointer}") for code, index, pointer in faults]
        for name, faults in INVALID.items()
    }


def test_events_are_split_off_with_their_place():
    read = read_document(written(document(event(), event(action="DELETE"))), 2)
    actions: list[Any] = [one.value for one in read.events]
    assert [(one.index, one.pointer) for one in read.events] == [
        (0, f"{BODY}/0"),
        (1, f"{BODY}/1"),
    ]
    assert [one["action"] for one in actions] == ["OBSERVE", "DELETE"]
    assert read.type == "EPCISDocument"


def test_numbers_keep_their_spelling():
    data = written(document(event(quantityList=[{"epcClass": "urn:x:y", "quantity": 7}])))
    (one,) = read_document(data.replace(b": 7", b": 7.50"), 1).events
    value: Any = one.value
    assert value["quantityList"][0]["quantity"] == Numeral("7.50")


def answer(*events: object, **results: object) -> dict[str, object]:
    """What another repository answered to a query."""
    body = {"queryName": "q", "resultsBody": {"eventList": list(events)}, **results}
    return {
        "@context": CONTEXT,
        "type": "EPCISQueryDocument",
        "epcisBody": {"queryResults": body},
    }


def test_the_answer_of_a_query_is_read():
    read = read_document(written(answer(event(), **{"ext:ignoreFields": ["ext:hash", "x"]})), 5)
    (one,) = read.events
    assert one.pointer == "/epcisBody/queryResults/resultsBody/eventList/0"
    assert one.context.ignored == {"{https://ns.example.com/ext/}hash", "x"}


def test_what_is_no_list_of_names_ignores_nothing():
    (one,) = read_document(written(answer(event(), **{"ext:ignoreFields": 7})), 5).events
    assert one.context.ignored == frozenset()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "syntax"),
        (b"{", "syntax"),
        (b'{"a":NaN}', "syntax"),
        (b'{"a":Infinity}', "syntax"),
        (b'{"a":1}{"a":1}', "syntax"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"a":"\\ud800"}', "lone_surrogate"),
        (b'{"a":"\xff"}', "not_utf8"),
        (b"\xef\xbb\xbf{}", "bom"),
        ('{"a":1}'.encode("utf-16"), "not_utf8"),
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":1' + b"0" * 200 + b"}", "number_range"),
        (b'{"a":1e999999999}', "number_range"),
        (b" " * (1 << 20) + b"{}", "too_large"),
        (b"[" + b"0," * 400_000 + b"0]", "too_many"),
        (b"null", "not_epcis"),
        (b"[]", "not_epcis"),
        (b'"EPCISDocument"', "not_epcis"),
        (b"{}", "not_epcis"),
        (b'{"type":["EPCISDocument"]}', "not_epcis"),
        (b'{"type":"ObjectEvent"}', "not_epcis"),
        (b"<epcis/>", "syntax"),
    ],
)
def test_bytes_that_are_no_document(data, code):
    assert refused(data)[0][0] == code


def test_the_json_test_suite_gets_past_the_reader_or_not(vectors):
    """Right JSON is refused as no EPCIS, wrong JSON with a code of the reader."""
    reader = {"syntax", "duplicate_key", "lone_surrogate", "not_utf8", "bom", "too_deep"}
    for file in sorted((vectors / "json-parsing").glob("[yn]_*.json")):
        ((code, _), *_) = refused(file.read_bytes())
        if file.name.startswith("n_") or "duplicated_key" in file.name:
            assert code in reader, file.name
        else:
            assert code == "not_epcis", file.name


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"@context": ...}, ("field_missing", "/@context")),
        ({"@context": None}, ("context_malformed", "/@context")),
        ({"@context": "no address"}, ("context_malformed", "/@context")),
        ({"@context": [EPCIS_CONTEXT, 7]}, ("context_malformed", "/@context/1")),
        ({"@context": [EPCIS_CONTEXT, EPCIS_CONTEXT]}, ("context_malformed", "/@context/1")),
        ({"@context": {"cbv": "https://evil.example/"}}, ("context_malformed", "/@context/cbv")),
        (
            {"@context": [{"bizStep": "https://evil.example/"}]},
            ("context_malformed", "/@context/0/bizStep"),
        ),
        ({"@context": {"https": "urn:x:"}}, ("context_malformed", "/@context/https")),
        ({"@context": {"e/x": "no address"}}, ("context_malformed", "/@context/e~1x")),
        ({"@context": [[]]}, ("context_malformed", "/@context/0")),
        (
            {"@context": {f"e{n}": "urn:x:" for n in range(201)}},
            ("context_malformed", "/@context"),
        ),
        ({"schemaVersion": ...}, ("field_missing", "/schemaVersion")),
        ({"schemaVersion": "1.2"}, ("version_unsupported", "/schemaVersion")),
        ({"schemaVersion": 2}, ("wrong_type", "/schemaVersion")),
        ({"creationDate": ...}, ("field_missing", "/creationDate")),
        ({"creationDate": "yesterday"}, ("time_malformed", "/creationDate")),
        ({"epcisBody": ...}, ("field_missing", "/epcisBody")),
        ({"epcisBody": []}, ("wrong_type", "/epcisBody")),
        ({"epcisBody": {}}, ("field_missing", "/epcisBody/eventList")),
        ({"epcisBody": {"eventList": {}}}, ("wrong_type", "/epcisBody/eventList")),
        ({"sender": 7}, ("wrong_type", "/sender")),
        ({"sender": "a\u202eb"}, ("bidi_text", "/sender")),
        ({"note": "x"}, ("field_unknown", "/note")),
        ({"ext:note": "x\u200by"}, ("invisible_text", "/ext:note")),
        ({"who:note": "x"}, ("namespace_undeclared", "/who:note")),
        ({"扩展": "x"}, ("key_not_ascii", "/扩展")),
        ({"id": "no address"}, ("uri_malformed", "/id")),
        (
            {"epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "x"}]}}},
            ("uri_malformed", "/epcisHeader/epcisMasterData/vocabularyList/0/type"),
        ),
    ],
)
def test_a_document_that_is_wrong_is_refused_whole(changes, found):
    assert found in refused(written(document(event(), **changes)))


def test_more_events_than_agreed():
    data = written(document(*[event()] * 3))
    assert len(read_document(data, 3).events) == 3
    assert refused(data, 2) == [("too_many_events", BODY)]


def test_one_bad_event_does_not_take_the_others_along():
    read = read_document(written(document(event(), 7, event(bizStep="no"), None)), 9)
    assert [bool(check_event(one)) for one in read.events] == [False, True, True, True]


def test_prefixes_hold_where_they_are_declared():
    inner = event(**{"@context": {"own": "https://own.example/"}, "own:a": 1, "ext:b": 1})
    other = event(**{"own:a": 1})
    first, second = read_document(written(document(inner, other)), 9).events
    assert check_event(first) == ()
    assert [one.code.code for one in check_event(second)] == ["namespace_undeclared"]


def test_many_contexts_do_not_multiply():
    """A thousand events with a context of their own each, under a context as large as may be."""
    prefixes = {f"e{n}": f"https://e.example/{n}/" for n in range(199)}
    events = [event(**{"@context": {"own": "https://own.example/"}})] * 1000
    read = read_document(written(document(*events, **{"@context": prefixes})), 1000)
    kept = sum(sys.getsizeof(one.context.namespaces) for one in read.events)
    assert kept < 20_000_000


def test_a_flood_of_faults_is_cut():
    (one,) = read_document(written(document(event(epcList=["x"] * 5000))), 9).events
    assert len(check_event(one)) == FINDINGS_MAX


def test_what_is_written_is_read_back():
    made = event(
        quantityList=[{"epcClass": "urn:x:y", "quantity": Numeral("7.50"), "uom": "KGM"}],
        **{"ext:note": '小站稻 "<b>" \\ \n'},
    )
    at = datetime(2026, 10, 18, 1, 2, 3, 4, tzinfo=UTC)
    data = write_document([made], at, {"ext": "https://ns.example.com/ext/"})
    assert data == write_document([made], at, {"ext": "https://ns.example.com/ext/"})
    (one,) = read_document(data, 1).events
    assert one.value == made
    assert check_event(one) == ()
    assert one.context == received(made, {"ext": "https://ns.example.com/ext/"}).context
    assert json.loads(data)["creationDate"] == "2026-10-18T01:02:03.000004Z"


def test_a_float_is_not_written():
    with pytest.raises(TypeError):
        write_document([event(quantity=7.5)], datetime(2026, 1, 1, tzinfo=UTC), {})
