"""The EPCIS slice: capture whole or event by event, read back, ask with filters and pages."""

from __future__ import annotations

import gzip
import json
from urllib.parse import quote

from tests.public_api.market import CONTEXT, EPCIS, Market, document, event

BAD = event(9, bizStep="flying")


def capture(market: Market, body, by: str | None = "coop", **headers):
    return market.ask(
        "POST", "/epcis/capture", body, by,
        headers={"Content-Type": EPCIS, **{k.replace("_", "-"): v for k, v in headers.items()}},
    )  # fmt: skip


def listed(market: Market, query: str = "", by: str = "coop"):
    answer = market.ask("GET", f"/epcis/events{query}", by=by)
    assert answer.status_code == 200, answer.data
    return answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"], answer


def serial(event) -> str:
    return str(event["epcList"][0]).rpartition("/")[2]


def test_a_document_is_captured_and_its_job_and_events_can_be_read(market):
    before, _ = listed(market)
    answer = capture(market, document(event(1), event(2)))
    assert (answer.status_code, answer.data) == (202, b"")
    job = market.ask("GET", answer.headers["Location"])
    assert [each["outcome"] for each in job.json["events"]] == ["accepted", "accepted"]
    assert (job.json["running"], job.json["success"], job.json["errors"]) == (False, True, [])
    found, _ = listed(market)
    assert {serial(each) for each in found[len(before) :] if "epcList" in each} == {"1", "2"}
    name = job.json["events"][0]["eventID"]
    one = market.ask("GET", f"/epcis/events/{quote(name, safe='')}")
    assert serial(one.json) == "1"
    assert one.json["eventID"] == name
    assert one.json["@context"][0] == CONTEXT


def test_numbers_come_back_as_they_were_spelled(market):
    goods = "https://id.gs1.org/01/09521234543213/10/A"
    element = {"epcClass": goods, "quantity": "Q", "uom": "KGM"}
    body = json.dumps(document(event(1, quantityList=[element]))).replace('"Q"', "1.50").encode()
    assert capture(market, body).status_code == 202
    assert b'"quantity":1.50' in market.ask("GET", "/epcis/events?EQ_bizStep=shipping").data


def test_by_default_one_bad_event_takes_all_back(market):
    before, _ = listed(market)
    answer = capture(market, document(event(1), BAD))
    assert answer.status_code == 400
    assert answer.json["code"] == "vocabulary_unknown"
    assert answer.json["reasons"][0]["pointer"] == "/epcisBody/eventList/1/bizStep"
    assert listed(market)[0] == before


def test_a_gate_of_ours_takes_all_back_too(market):
    item = {"epcClass": f"{market.node.settings.base_url}/p/RICE-5KG/10/L1", "quantity": 2000,
            "uom": "KGM"}  # fmt: skip
    sale = event(3, bizStep="retail_selling", quantityList=[item], epcList=[])
    del sale["epcList"]
    before, _ = listed(market)
    answer = capture(market, document(event(1), sale))
    assert (answer.status_code, answer.json["code"]) == (409, "more_than_held")
    assert listed(market)[0] == before


def test_asked_to_proceed_it_takes_what_is_right_and_says_what_was_not(market):
    answer = capture(market, document(event(1), BAD), GS1_Capture_Error_Behaviour="proceed")
    assert answer.status_code == 202
    job = market.ask("GET", answer.headers["Location"]).json
    assert [each["outcome"] for each in job["events"]] == ["accepted", "rejected"]
    assert job["success"] is False
    assert job["errors"][0]["index"] == 1
    assert job["errors"][0]["pointer"] == "/epcisBody/eventList/1/bizStep"
    bad = capture(market, document(event(1)), GS1_Capture_Error_Behaviour="hope")
    assert (bad.status_code, bad.json["code"]) == (400, "header_malformed")


def test_the_same_key_names_the_same_job_and_another_document_is_a_conflict(market):
    first = capture(market, document(event(1)), Idempotency_Key="doc/1")
    again = capture(market, document(event(1)), Idempotency_Key="doc/1")
    assert first.headers["Location"] == again.headers["Location"] == "/epcis/capture/doc%2F1"
    job = market.ask("GET", "/epcis/capture/doc%2F1").json
    assert job["events"][0]["outcome"] == "accepted"
    other = capture(market, document(event(2)), Idempotency_Key="doc/1")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    fresh = capture(market, document(event(1)))
    assert market.ask("GET", fresh.headers["Location"]).json["events"][0]["outcome"] == "duplicate"


def test_jobs_and_events_are_their_own_clients_only(market):
    answer = capture(market, document(event(1)))
    path = answer.headers["Location"]
    assert market.ask("GET", path, by="rival").json["code"] == "capture_unknown"
    name = market.ask("GET", path).json["events"][0]["eventID"]
    stranger = market.ask("GET", f"/epcis/events/{quote(name, safe='')}", by="rival")
    assert (stranger.status_code, stranger.json["code"]) == (404, "event_unknown")
    assert listed(market, by="rival")[0] == []
    market.post("/labels/runs", {"product": "RICE-5KG", "count": 1},
                headers={"Idempotency-Key": "run"})  # fmt: skip
    assert market.ask("GET", "/epcis/capture/run").json["code"] == "capture_unknown"


def test_tokens_open_the_doors_that_they_name(market):
    assert capture(market, document(event(1)), None).status_code == 401
    assert capture(market, document(event(1)), "asker").json["code"] == "scope_missing"
    assert market.ask("GET", "/epcis/events", by="blind").json["code"] == "scope_missing"
    assert market.ask("GET", "/epcis/events", by=None).json["code"] == "not_signed_in"


def test_one_event_alone_is_captured_at_once(market):
    bare = {"@context": [CONTEXT], **event(4)}
    answer = market.ask("POST", "/epcis/events", bare, headers={"Content-Type": EPCIS})
    assert answer.status_code == 201, answer.data
    assert serial(market.ask("GET", answer.headers["Location"]).json) == "4"
    again = market.ask("POST", "/epcis/events", bare)
    assert again.json["outcome"] == "duplicate"
    whole = market.ask("POST", "/epcis/events", document(event(5)))
    assert (whole.status_code, whole.json["outcome"]) == (201, "accepted")


def test_one_event_is_repeated_under_one_key_although_time_goes_on(market):
    bare = {"@context": [CONTEXT], **event(4)}
    headers = {"Idempotency-Key": "e1"}
    first = market.ask("POST", "/epcis/events", bare, headers=headers)
    market.node.clock.at = market.node.clock.at.replace(day=2)
    again = market.ask("POST", "/epcis/events", bare, headers=headers)
    assert (again.status_code, again.json) == (201, first.json)


def test_what_is_wrong_with_one_event_is_named_inside_it(market):
    cases = [
        ({"@context": [CONTEXT], **BAD}, "vocabulary_unknown", "/bizStep"),
        (event(1), "field_missing", "/@context"),
        ({"@context": [CONTEXT], **event(1, eventTime="2030-01-01T00:00:00Z")},
         "time_in_future", "/eventTime"),
        (document(event(1), event(2)), "too_many_events", "/epcisBody/eventList"),
        (document(), "list_empty", "/epcisBody/eventList"),
        ({"type": "Nonsense"}, "not_epcis", "/type"),
        ([], "not_epcis", ""),
    ]  # fmt: skip
    for body, expected, pointer in cases:
        answer = market.ask("POST", "/epcis/events", body)
        assert answer.json["code"] == expected, (body, answer.data)
        assert pointer in {each.get("pointer") for each in answer.json["reasons"]}, body


def test_bytes_that_cannot_be_taken(market):
    good = json.dumps(document(event(1))).encode()
    cases = [
        (good, {"Content-Type": "application/xml"}, 415, "content_type_unsupported"),
        (gzip.compress(good), {"Content-Encoding": "gzip"}, 415, "content_encoding_unsupported"),
        (good + b" " * (1 << 20), {}, 413, None),
        (b"{", {}, 400, "syntax"),
        (good.replace(b'"2.0"', b"NaN"), {}, 400, "syntax"),
        (good.replace(b'"type": "EPCISDocument"', b'"type": "EPCISDocument", "type": "x"'), {}, 400,
         "duplicate_key"),
        (good.replace(b"shipping", b"\\ud800"), {}, 400, "lone_surrogate"),
        (b"[" * 2000 + b"]" * 2000, {}, 400, "too_deep"),
        (json.dumps(document(*[event(n) for n in range(1001)])).encode(), {}, 413,
         "too_many_events"),
    ]  # fmt: skip
    for body, headers, status, expected in cases:
        answer = market.ask("POST", "/epcis/capture", body, headers=headers)
        assert answer.status_code == status, answer.data[:300]
        assert answer.mimetype == "application/problem+json"
        if expected:
            assert answer.json["code"] == expected


def test_pages_tell_every_event_once_also_while_more_arrive(market):
    own, _ = listed(market)
    assert capture(market, document(*[event(n) for n in range(1, 8)])).status_code == 202
    path, seen = "?perPage=3", []
    for _ in range(6):
        events, answer = listed(market, path)
        assert len(events) <= 3
        seen += events
        link = answer.headers.get("Link")
        if link is None:
            break
        if len(seen) == 3:
            capture(market, document(event(8)))
        path = link.partition("</epcis/events")[2].partition(">")[0]
    names = [each["eventID"] for each in seen]
    assert len(names) == len(set(names)) == len(own) + 8


def test_filters_narrow_what_is_told(market):
    capture(market, document(
        event(1), event(2, bizStep="receiving", eventTime="2026-10-25T08:00:00+08:00"),
        event(3, action="ADD", disposition="active"),
    ))  # fmt: skip
    cases = {
        "?EQ_bizStep=receiving": {"2"},
        "?EQ_bizStep=receiving|shipping": {"1", "2", "3"},
        "?EQ_bizStep=https://ref.gs1.org/cbv/BizStep-receiving": {"2"},
        "?EQ_action=ADD&EQ_bizStep=shipping": {"3"},
        "?EQ_disposition=active&EQ_bizStep=shipping": {"3"},
        "?GE_eventTime=2026-10-25T00:00:00Z": {"2"},
        "?GE_eventTime=2026-10-20T08:00:00%2B08:00&LT_eventTime=2026-10-24T00:00:00Z": {"1", "3"},
        "?EQ_bizStep=receiving&perPage=1": {"2"},
        "?eventType=TransformationEvent": set(),
        "?LT_recordTime=2020-01-01T00:00:00Z": set(),
    }
    for query, expected in cases.items():
        assert {serial(each) for each in listed(market, query)[0]} == expected, query


def test_questions_that_are_not_understood_are_refused(market):
    for query, expected in {
        "?EQ_colour=red": "query_parameter_unknown",
        "?perPage=0": "query_parameter_malformed",
        "?perPage=100000": "query_parameter_malformed",
        "?GE_eventTime=yesterday": "query_parameter_malformed",
        "?nextPageToken=x": "query_parameter_malformed",
        "?nextPageToken=AAAA": "query_parameter_malformed",
    }.items():
        answer = market.ask("GET", f"/epcis/events{query}")
        assert (answer.status_code, answer.json["code"]) == (400, expected), query
    for path in ("/epcis/events/none", "/epcis/capture/none", "/epcis/events/a%00b"):
        assert market.ask("GET", path).status_code == 404


def test_options_say_versions_and_limits(market):
    answer = market.ask("OPTIONS", "/epcis/capture", by=None)
    assert answer.status_code == 204
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    assert answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert answer.headers["GS1-EPCIS-Capture-Limit"] == "1000"
    assert int(answer.headers["GS1-EPCIS-Capture-File-Size-Limit"]) == 1 << 20
    assert market.ask("OPTIONS", "/epcis/events", by=None).status_code == 204


def test_an_erased_event_is_gone_for_its_party_too(market):
    name = market.ask("POST", "/epcis/events", document(event(6))).json["eventID"]
    market.node.vault.destroy(market.coop)
    answer = market.ask("GET", f"/epcis/events/{quote(name, safe='')}")
    assert (answer.status_code, answer.json["code"]) == (410, "event_erased")
    assert listed(market)[0] == []
