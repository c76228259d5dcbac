"""Every operation of `/api/v1`: allowed, denied, refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from certification.bodies.service import AppointBody, appoint
from certification.certificates.service import GrantCertificate
from certification.consequences.service import ConfirmConsequence, ProposeConsequence
from tests.certification.two_officers import decided, officer
from tests.public_api.market import OCT_18, Market
from workflows.change_certificate import grant_certificate
from workflows.confirm_consequence import confirm_consequence, propose_consequence

NOON = "2026-10-20T12:00:00+08:00"
PARTY = {"kind": "household", "name_zh": "李四", "phone": "13900000001"}
STEP = {
    "step": "storage", "at": NOON, "lots": [{"lot": "L1"}], "details": {"facility": "演示粮仓"},
}  # fmt: skip
CONFORMITY = {
    "lot": "L1", "product_name": "小站稻米", "quantity": ["10", "公斤"], "origin": "天津市津南区",
    "party_name": "演示合作社", "contact": "022-88880001", "basis": ["control_met"],
}  # fmt: skip
PENALTY = {
    "document_number": "演示农罚〔2026〕1号", "authority": "演示农业农村局",
    "decided": "2026-10-20", "penalty_class": "ordinary", "offence": "label.copied",
    "occurred_at": NOON,
    "basis": "演示依据第一条", "narrative": "超量印制标签。", "disclosure_start": "2026-10-21",
    "disclosure_end": "2027-04-20",
}  # fmt: skip
PRODUCT = {
    "code": "PEAR", "name_zh": "梨", "category": "fruit", "measure": "pieces",
    "expected": ["10000", "个"],
}  # fmt: skip
GRANT = {
    "number": "JNJP-2026-0002", "scheme": "jnjp", "products": ["RICE-5KG"],
    "from_date": "2026-10-01", "to_date": "2027-09-30", "effective_at": NOON,
    "reason": "评定通过", "quantity": "10", "unit": "件", "document": "演示评〔2026〕2号",
}  # fmt: skip
CHANGE = {"effective_at": NOON, "reason": "抽查不合格"}
AWARD = {
    "kind": "lot.closed", "at": NOON, "source": "trace", "event_id": "L1",
    "attributes": {"chain": "unbroken"},
}  # fmt: skip


def code(answer: Any) -> str:
    assert answer.mimetype == "application/problem+json", answer.data
    assert answer.status_code == answer.json["status"]
    return str(answer.json["code"])


EVALUATED = {**CHANGE, "reason": "评价合格", "document": "演示评〔2026〕1号"}
MOVE = {"scheme": "jnjp", "why": "failed", "until": "2026-12-31", "reason": "机构终止服务"}


def granted(market: Market, number: int, **more: Any) -> str:
    """A certificate of the rival's, so that it bounds no label of the co-op's."""
    order = GrantCertificate(
        f"JNJP-2026-{number:04d}", "jnjp", market.rival, (market.product,), OCT_18.date(),
        OCT_18.date().replace(year=2028), OCT_18, "演示：评定通过", (), "100", "件", **more,
    )  # fmt: skip
    return str(market.run(grant_certificate, order).cert_id)


def proposed(market: Market, cert_id: str) -> str:
    """A proposal about a certificate, by a person."""
    command = ProposeConsequence(cert_id, "suspend", OCT_18, "抽检不合格")
    return str(market.run(propose_consequence, command, officer("a")).id)


def operations(market: Market) -> list[tuple[str, str, str, Any]]:
    """Every operation with somebody who may, and a body that is right."""
    cert, lot = market.cert_id, market.lot
    bad, waits = granted(market, 11), proposed(market, granted(market, 12))
    decided(market.run, "suspend", bad, OCT_18)
    granted(market, 13, body=market.rival)
    market.run(appoint, AppointBody(market.office, "jnjp", "office"))
    return [
        ("coop", "GET", "/me", None),
        ("coop", "POST", "/parties", {**PARTY, "host_party": market.coop}),
        ("coop", "GET", f"/parties/{market.office}", None),
        ("coop", "GET", f"/parties/{market.villager}", None),
        ("coop", "GET", "/clients", None),
        ("coop", "POST", "/brands", {"code": "YSXZ", "name_zh": "牌", "region": "120000"}),
        ("coop", "GET", "/brands/JNJP", None),
        ("coop", "POST", "/products", PRODUCT),
        ("coop", "GET", "/products/RICE-5KG", None),
        ("coop", "POST", "/bases", {"name_zh": "二号", "region": "120112", "area": ["3.5", "亩"]}),
        ("coop", "GET", f"/bases/{market.base}", None),
        ("coop", "POST", "/lots", {"product": "RICE-5KG", "code": "L2", "opened_at": NOON}),
        ("coop", "GET", "/lots", None),
        ("coop", "GET", f"/lots/{lot}", None),
        ("coop", "POST", "/steps", STEP),
        ("coop", "POST", "/conformity", CONFORMITY),
        ("coop", "POST", "/labels/runs", {"product": "RICE-5KG", "count": 10, "lot": "L1"}),
        ("coop", "GET", "/labels/runs", None),
        ("office", "POST", "/certificates", {**GRANT, "holder": market.rival}),
        ("coop", "GET", f"/certificates/{cert}", None),
        ("office", "POST", f"/certificates/{cert}/suspension", CHANGE),
        ("office", "POST", f"/certificates/{bad}/annulment", {"annuls": 2, "reason": "误办"}),
        ("office", "POST", f"/certificates/{bad}/revocation", {**CHANGE, "hold": False}),
        ("office", "GET", "/consequences", None),
        ("office", "GET", f"/consequences/{waits}", None),
        ("office", "POST", f"/consequences/{waits}/drop", {"reason": "复检合格"}),
        ("office", "POST", "/moves", {**MOVE, "from_body": market.rival, "to_body": market.office}),
        ("office", "POST", "/points/awards", {**AWARD, "subject": market.coop}),
        ("coop", "GET", f"/points/accounts/{market.coop}", None),
        ("office", "POST", "/credit-records", {**PENALTY, "subject": market.coop}),
        ("office", "POST", "/recalls", {"lot": "L1", "reason_zh": "霉变", "reason_en": "mould"}),
    ]


def test_every_operation_does_what_its_token_allows_and_nothing_without_one(market):
    for by, method, path, body in operations(market):
        denied = market.ask(method, f"/api/v1{path}", body, None)
        assert (denied.status_code, code(denied)) == (401, "not_signed_in"), path
        assert denied.headers["WWW-Authenticate"].startswith("Bearer")
        denied = market.ask(method, f"/api/v1{path}", body, "ect_" + "A" * 43)
        assert code(denied) == "token_refused", path
        if path != "/me":
            denied = market.ask(method, f"/api/v1{path}", body, "blind")
            allowed = path.startswith("/credit-records")
            assert code(denied) == ("not_allowed" if allowed else "scope_missing"), path
        answer = market.ask(method, f"/api/v1{path}", body, by)
        assert answer.status_code in (200, 201), (path, answer.data)
        if answer.status_code == 201:
            found = market.ask("GET", answer.headers["Location"], None, by)
            known = path not in ("/clients", "/recalls")
            assert found.status_code == (200 if known else 404 if path == "/recalls" else 405)


OTHERS: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("POST", "/products", {**PRODUCT, "owner": "coop"}, "other_party"),
    ("POST", "/lots", {"product": "RICE-5KG", "code": "L9", "opened_at": NOON}, "not_yours"),
    ("GET", "/lots/L1", None, "other_party"),
    ("POST", "/steps", STEP, "not_yours"),
    ("POST", "/conformity", CONFORMITY, "not_yours"),
    ("POST", "/labels/runs", {"product": "RICE-5KG", "count": 1}, "not_yours"),
    ("GET", "/lots?owner=coop", None, "other_party"),
    ("GET", "/labels/runs?owner=coop", None, "other_party"),
    ("GET", "/clients?party=coop", None, "other_party"),
    ("GET", "/points/accounts/coop", None, "other_party"),
    ("GET", "/parties/villager", None, "other_party"),
    ("POST", "/certificates", {**GRANT, "holder": "coop"}, "not_allowed"),
    ("POST", "/points/awards", {**AWARD, "subject": "rival"}, "not_allowed"),
    ("POST", "/credit-records", {**PENALTY, "subject": "coop"}, "not_allowed"),
    ("POST", "/recalls", {"lot": "L1", "reason_zh": "a", "reason_en": "a"}, "not_a_regulator"),
]


def test_what_belongs_to_another_party_is_refused(market):
    for method, path, body, expected in OTHERS:
        for name in ("coop", "rival", "villager"):
            path = path.replace(f"={name}", f"={getattr(market, name)}")
            path = path.replace(f"/{name}", f"/{getattr(market, name)}")
            if body is not None:
                body = {k: getattr(market, name) if v == name else v for k, v in body.items()}
        answer = market.ask(method, f"/api/v1{path}", body, "rival")
        assert (answer.status_code, code(answer)) == (403, expected), path


def test_a_lot_says_what_it_holds_and_where_it_came_from(market):
    market.post("/lots", {"product": "RICE-5KG", "code": "L2", "opened_at": NOON})
    step = {
        "step": "processing", "at": NOON, "inputs": [{"lot": "L1", "value": "600", "unit": "公斤"}],
        "outputs": [{"lot": "L2", "value": "800", "unit": "斤"}], "details": {"process": "碾米"},
    }  # fmt: skip
    recorded = market.post("/steps", step)
    assert recorded.json["outcome"] == "accepted", recorded.data
    made = market.get("/lots/L2").json
    assert made["held"] == ["400", "公斤"]
    assert made["came_from"] == [market.lot]
    source = market.get("/lots/L1").json
    assert (source["held"], source["consumed"]) == (["400", "公斤"], ["600", "公斤"])
    assert source["went_into"] == [made["id"]]


def test_labels_are_printed_bound_voided_and_drawn(market):
    run = market.post("/labels/runs", {"product": "RICE-5KG", "count": 10}).json
    path = f"/labels/runs/{run['id']}"
    assert market.post(f"{path}/binding", {"first": 1, "last": 4, "lot": "L1"}).status_code == 200
    assert market.post(f"{path}/void", {"first": 9, "last": 9, "reason": "lost"}).status_code == 200
    read = market.get(path).json
    assert (read["bound"], read["void"], read["count"]) == (4, 1, 10)
    labels = market.get(f"{path}/labels?first=2&last=3").json["labels"]
    assert [each["position"] for each in labels] == [2, 3]
    pdf = market.get(f"{path}/file?last=3")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    svg = market.get(f"{path}/file?format=svg&first=2")
    assert svg.mimetype == "image/svg+xml"
    refusals = {
        f"{path}/labels?first=0": "label_range_malformed",
        f"{path}/labels?first=5&last=4": "label_range_malformed",
        f"{path}/labels?last=11": "label_range_malformed",
        f"{path}/labels?first=-1": "field_malformed",
        f"{path}/file?format=exe": "field_malformed",
        f"{path}/labels?colour=red": "field_unknown",
        "/labels/runs/run:none": "run_unknown",
    }
    for address, expected in refusals.items():
        assert code(market.get(address)) == expected, address


def test_one_label_over_is_refused_with_the_numbers(market):
    assert market.post("/labels/runs", {"product": "RICE-5KG", "count": 100}).status_code == 201
    answer = market.post("/labels/runs?lang=en", {"product": "RICE-5KG", "count": 1})
    assert (answer.status_code, code(answer)) == (409, "over_certified")
    assert answer.json["reasons"][0]["numbers"]["over"] == 1
    assert "100 pieces certified, 100 printed, 1 asked for: 1 over" in answer.json["detail"]


def test_points_are_given_taken_and_taken_back_once(market):
    award = {**AWARD, "subject": market.coop}
    given = market.post("/points/awards", award, "office").json
    assert market.post("/points/awards", award, "office").json["repeated"] is True
    entered = market.post("/credit-records", {**PENALTY, "subject": market.coop}, "office").json
    taken = market.post("/points/deductions", {"record_id": entered["record_id"]}, "office").json
    assert taken["amount_milli"] < 0 < given["amount_milli"]
    account = market.get(f"/points/accounts/{market.coop}").json
    assert len(account["movements"]) == 2
    back = {"transfer_id": taken["transfer_id"], "event_id": "r1", "effective_at": NOON,
            "reason": "复议撤销"}  # fmt: skip
    assert market.post("/points/reversals", back, "office").status_code in (200, 422)
    closing = {"ending": "withdrawn", "effective_at": "2026-10-30T12:00:00+08:00",
               "document_number": "演示复议1号"}  # fmt: skip
    path = f"/credit-records/{entered['record_id']}/closing"
    assert market.post(path, closing, "office").status_code == 200
    assert code(market.post(path, closing, "office")) == "record_closed"


def test_a_machine_proposes_a_suspension_and_cannot_confirm_it(market):
    early = market.post(f"/certificates/{market.cert_id}/suspension", CHANGE, "office")
    assert (early.status_code, code(early)) == (403, "not_appointed")
    market.run(appoint, AppointBody(market.office, "jnjp", "office"))
    run = market.post("/labels/runs", {"product": "RICE-5KG", "count": 10, "lot": "L1"}).json
    answer = market.post(f"/certificates/{market.cert_id}/suspension", CHANGE, "office")
    assert answer.status_code == 201
    made = answer.json
    assert (made["state"], made["numbers"]["lots"], made["numbers"]["labels"]) == (
        "proposed",
        1,
        10,
    )
    path = f"/consequences/{made['id']}"
    assert answer.headers["Location"] == f"/api/v1{path}"
    read = market.get(path, "office").json
    assert read["radius"] == made["radius"]
    assert [each["id"] for each in read["lots"]] == [market.lot]
    assert [(each["id"], each["labels"]) for each in read["runs"]] == [(run["id"], 10)]
    assert [each["event"] for each in read["steps"]] == ["propose"]
    waiting = market.get("/consequences", "office").json["consequences"]
    assert [each["id"] for each in waiting] == [made["id"]]
    confirm = market.post(f"{path}/confirm", {"radius": made["radius"]}, "office")
    assert (confirm.status_code, code(confirm)) == (403, "person_required")
    assert market.get(f"/certificates/{market.cert_id}").json["state"] == "active"
    again = market.post(f"/certificates/{market.cert_id}/revocation", CHANGE, "office")
    assert (again.status_code, code(again)) == (409, "consequence_waiting")
    cases = {
        f"{path}/confirm": ({"radius": "x"}, "field_malformed"),
        f"{path}/drop": ({}, "field_missing"),
        "/consequences/cons:none/confirm": ({"radius": "0" * 64}, "consequence_unknown"),
        f"/certificates/{market.cert_id}/suspension": ({**CHANGE, "hold": "y"}, "field_malformed"),
    }
    for address, (body, expected) in cases.items():
        assert code(market.post(address, body, "office")) == expected, address
    for by in ("coop", "rival"):
        assert code(market.get(path, by)) == "not_allowed"
        assert code(market.post(f"{path}/drop", {"reason": "x"}, by)) == "not_allowed"
    person = officer("a")
    command = ConfirmConsequence(made["id"], made["radius"])
    market.run(confirm_consequence, command, person)
    assert market.get(path, "office").json["state"] == "confirmed"
    assert market.get(f"/certificates/{market.cert_id}").json["state"] == "suspended"
    bare = market.post(f"/certificates/{market.cert_id}/resumption", CHANGE, "office")
    assert (bare.status_code, code(bare)) == (422, "evaluation_missing")
    resumed = market.post(f"/certificates/{market.cert_id}/resumption", EVALUATED, "office")
    assert (resumed.status_code, resumed.json["state"]) == (200, "active")


def test_certificates_of_a_body_are_moved(market):
    ids = [granted(market, number, body=market.rival) for number in (21, 22)]
    market.run(appoint, AppointBody(market.coop, "jnjp", "body"))
    body = {**MOVE, "from_body": market.rival, "to_body": market.coop}
    opened = market.post("/moves", body, "office")
    assert (opened.status_code, opened.json["pending"]) == (201, 2)
    path = f"/moves/{opened.json['id']}"
    assert market.get(path).json["until"] == "2026-12-31"
    tickets = market.get(f"{path}/tickets").json["tickets"]
    assert [each["cert_id"] for each in tickets] == sorted(ids)
    rest = market.get(f"{path}/tickets?after={sorted(ids)[0]}").json["tickets"]
    assert [each["cert_id"] for each in rest] == sorted(ids)[1:]
    assert code(market.get(path, "rival")) == "other_party"
    verdict = {"verdict": "attested"}
    assert code(market.post(f"{path}/verdict", verdict, "office")) == "other_party"
    assert code(market.post(f"{path}/verdict", verdict)) == "not_allowed"
    assert code(market.post("/moves", body)) == "not_allowed"
    assert code(market.post("/moves", {**body, "why": "x"}, "office")) == "move_why_unknown"
    assert code(market.get("/moves/move:none")) == "move_unknown"


def test_a_machine_proposes_a_recall_and_cannot_confirm_it(market):
    body = {"lot": "L1", "reason_zh": "霉变", "reason_en": "mould"}
    proposed = market.post("/recalls", body, "office").json
    assert proposed["lots"] == [market.lot]
    path = f"/recalls/{proposed['id']}/confirmation"
    answer = market.post(path, {"radius": proposed["radius"]}, "office")
    assert code(answer) == "recall_same_person"
    assert code(market.post(f"/recalls/{proposed['id']}/end", None, "office")) == "recall_not_open"


def test_a_token_is_shown_once_works_and_is_revoked(market):
    body = {"label": "秤", "scopes": ["query"], "until": "2026-12-31T00:00:00+08:00"}
    made = market.post("/clients", body)
    token = made.json["token"]
    assert market.get("/me", token).json["scopes"] == ["query"]
    assert token not in market.get("/clients").get_data(as_text=True)
    path = f"/clients/{made.json['client']['id']}/revocation"
    assert code(market.post(path, None, "rival")) == "other_party"
    assert market.post(path).status_code == 200
    assert code(market.get("/me", token)) == "token_refused"


def test_a_token_cannot_make_one_that_opens_more_doors(market):
    market.tokens["gate"] = market.token(market.coop, scopes=("admin",), roles=("operator",))
    body = {"label": "秤", "scopes": ["capture"], "until": "2026-12-31T00:00:00+08:00"}
    assert code(market.post("/clients", body, "gate")) == "not_allowed"


def test_the_same_key_gives_the_first_answer_and_another_body_is_a_conflict(market):
    body = {"product": "RICE-5KG", "count": 5}
    headers = {"Idempotency-Key": "run-1"}
    first = market.post("/labels/runs", body, headers=headers)
    again = market.post("/labels/runs", body, headers=headers)
    assert (first.status_code, again.json) == (201, first.json)
    other = market.post("/labels/runs", {**body, "count": 6}, headers=headers)
    assert (other.status_code, code(other)) == (409, "idempotency_conflict")
    bad = market.post("/labels/runs", body, headers={"Idempotency-Key": "a b"})
    assert (bad.status_code, code(bad)) == (400, "idempotency_key_malformed")
    assert len(market.get("/labels/runs").json["runs"]) == 1


DEEP = b"[" * 5000 + b"]" * 5000
BODIES = [
    (b"", 400, "syntax"),
    (b"{", 400, "syntax"),
    (b'{"a": NaN}', 400, "syntax"),
    (b'{"code": "A", "code": "B"}', 400, "duplicate_key"),
    (b'{"code": "\\ud800"}', 400, "lone_surrogate"),
    (b'{"code": "\\u0000"}', 422, "control_text"),
    (b"\xef\xbb\xbf{}", 400, "bom"),
    (b'{"code": "\xff"}', 400, "not_utf8"),
    (DEEP, 400, "too_deep"),
    (b'{"n": 1e999}', 400, "number_range"),
    (b"[]", 422, "body_not_object"),
    (b"null", 422, "body_not_object"),
    (b'"text"', 422, "body_not_object"),
]


def test_bytes_that_are_no_acceptable_json_are_refused(market):
    for body, status, expected in BODIES:
        answer = market.ask("POST", "/api/v1/products", body)
        assert (answer.status_code, code(answer)) == (status, expected), body[:40]
    huge = b'{"code": "' + b"a" * (1 << 20) + b'"}'
    assert market.ask("POST", "/api/v1/products", huge).status_code == 413


def test_other_types_and_packed_bodies_are_refused_unread(market):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
        answer = market.ask("POST", "/api/v1/products", b"{}", headers={"Content-Type": kind})
        assert (answer.status_code, code(answer)) == (415, "content_type_unsupported"), kind
    for packing in ("gzip", "br", "gzip, identity"):
        answer = market.ask(
            "POST", "/api/v1/products", b"\x1f\x8b", headers={"Content-Encoding": packing}
        )
        assert (answer.status_code, code(answer)) == (415, "content_encoding_unsupported"), packing


FIELDS = [
    ("/products", {}, "field_missing", "/category"),
    ("/products", {**PRODUCT, "colour": "red"}, "field_unknown", "/colour"),
    ("/products", {**PRODUCT, "name_zh": 7}, "field_malformed", "/name_zh"),
    ("/products", {**PRODUCT, "name_zh": None}, "field_malformed", "/name_zh"),
    ("/products", {**PRODUCT, "expected": 10000}, "field_malformed", "/expected"),
    ("/products", {**PRODUCT, "expected": ["1", 2]}, "field_malformed", "/expected/1"),
    ("/products", {**PRODUCT, "expected": ["1"]}, "field_malformed", "/expected"),
    ("/products", {**PRODUCT, "expected": ["-1", "个"]}, "quantity_malformed", "/expected"),
    ("/products", {**PRODUCT, "expected": ["1.5", "个"]}, "quantity_malformed", "/expected"),
    ("/products", {**PRODUCT, "expected": ["1", "公斤"]}, "wrong_unit", "/expected"),
    ("/products", {**PRODUCT, "expected": ["1", "斗"]}, "quantity_malformed", "/expected"),
    ("/products", {**PRODUCT, "region": "12\n"}, "region_malformed", "/region"),
    ("/products", {**PRODUCT, "category": "gold"}, "category_unknown", "/category"),
    ("/products", {**PRODUCT, "code": "RICE-5KG"}, "code_taken", "/code"),
    ("/products", {**PRODUCT, "code": "a/b"}, "code_malformed", "/code"),
    ("/products", {**PRODUCT, "gtin": "00000000000001"}, "gtin_malformed", "/gtin"),
    ("/products", {**PRODUCT, "brand": "NONE"}, "brand_unknown", "/brand"),
    ("/products", {**PRODUCT, "name_zh": "梨\u202e"}, "bidi_text", "/name_zh"),
    ("/products", {**PRODUCT, "name_zh": "梨\u200b子"}, "invisible_text", "/name_zh"),
    ("/products", {**PRODUCT, "name_zh": "e\u0301"}, "text_not_nfc", "/name_zh"),
    ("/labels/runs", {"product": "RICE-5KG", "count": "5"}, "field_malformed", "/count"),
    ("/labels/runs", {"product": "RICE-5KG", "count": True}, "field_malformed", "/count"),
    ("/labels/runs", {"product": "RICE-5KG", "count": -1}, "field_malformed", "/count"),
    ("/labels/runs", {"product": "RICE-5KG", "count": 1.0}, "field_malformed", "/count"),
    ("/labels/runs", {"product": "RICE-5KG", "count": 2**53}, "field_malformed", "/count"),
    ("/labels/runs", {"product": "RICE-5KG", "count": 0}, "label_count_malformed", "/count"),
    ("/labels/runs", {"product": "NONE", "count": 1}, "product_unknown", "/product"),
    ("/lots", {"product": "RICE-5KG", "code": "L7", "opened_at": "2026-10-18T09:00:00"},
     "field_malformed", "/opened_at"),
    ("/lots", {"product": "RICE-5KG", "code": "L7", "opened_at": "2026-02-30T09:00:00Z"},
     "field_malformed", "/opened_at"),
    ("/lots", {"product": "RICE-5KG", "code": "L7", "opened_at": "2199-01-01T00:00:00Z"},
     "in_the_future", "/opened_at"),
    ("/lots", {"product": "RICE-5KG", "code": "L1", "opened_at": NOON}, "lot_code_taken", "/code"),
    ("/lots", {"product": "RICE-5KG", "code": "L7", "opened_at": NOON, "base": "base:x"},
     "base_unknown", "/base"),
    ("/steps", {**STEP, "step": "magic"}, "step_unknown", "/step"),
    ("/steps", {**STEP, "details": {"wand": "x"}}, "detail_unknown", "/details/wand"),
    ("/steps", {**STEP, "details": {"facility": 7}}, "field_malformed", "/details/facility"),
    ("/steps", {**STEP, "lots": [{"lot": "NONE"}]}, "lot_unknown", "/lots/0/lot"),
    ("/steps", {**STEP, "lots": [{"lot": "L1", "more": 1}]}, "field_unknown", "/lots/0/more"),
    ("/steps", {**STEP, "lots": []}, "lot_unknown", "/lots"),
    ("/conformity", {**CONFORMITY, "basis": []}, "conformity_basis_unknown", "/basis"),
    ("/conformity", {**CONFORMITY, "quantity": ["2000", "公斤"]}, "conformity_over_lot",
     "/quantity"),
]  # fmt: skip


def test_every_field_is_refused_by_name_in_both_languages(market):
    for path, body, expected, pointer in FIELDS:
        answers = [market.post(f"{path}?lang={lang}", body) for lang in ("zh", "en")]
        assert {code(answer) for answer in answers} == {expected}, (body, answers[0].data)
        assert 400 <= answers[0].status_code < 500
        assert pointer in {each.get("pointer") for each in answers[0].json["reasons"]}, body
        zh, en = (answer.json["detail"] for answer in answers)
        assert zh != en


def test_a_step_takes_no_more_than_the_lot_holds(market):
    sale = {"step": "sale", "at": NOON, "lots": [{"lot": "L1", "value": "1001", "unit": "公斤"}],
            "details": {"buyer_name": "演示市场"}}  # fmt: skip
    answer = market.post("/steps?lang=en", sale)
    assert (answer.status_code, code(answer)) == (409, "more_than_held")
    assert "1000 kg" in answer.json["detail"]
    assert market.get("/lots/L1").json["held"] == ["1000", "公斤"]


def test_html_in_a_text_is_kept_as_text_and_escaped_where_it_is_shown(market):
    name = "<script>alert(1)</script>梨"
    assert market.post("/products", {**PRODUCT, "name_zh": name}).status_code == 201
    assert market.get("/products/PEAR").json["name_zh"] == name
    page = market.page("/registry/products/PEAR").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_refused_request_leaves_nothing(market):
    before = market.get("/lots").json
    market.post("/lots", {"product": "RICE-5KG", "code": "bad code", "opened_at": NOON})
    assert market.get("/lots").json == before


def test_wrong_methods_name_the_right_ones(market):
    answer = market.ask("DELETE", "/api/v1/products")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert market.ask("GET", "/api/v1/lots/a%00b").status_code == 404
    assert market.ask("GET", "/api/v1/nothing").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_of_a_problem_document_is_rfc_9457(market, lang):
    answer = market.post(f"/products?lang={lang}", {})
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "reasons"}
    assert answer.json["type"] == f"/docs/problems#{answer.json['code']}"
    assert json.loads(answer.data)
