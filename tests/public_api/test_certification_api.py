"""Certification by machines: one journey for each noun, what is refused, and who reads nothing.

A token is a party without a person: it applies, hands in, records and asks; what takes a person
(review, decision, appeal) is refused as `person_required` here and tried as people in
tests/certification.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from certification.bodies.service import AppointBody, GrantCompetence, appoint, grant_competence
from certification.certificates.service import GrantCertificate
from certification.draws import entries as draws
from certification.inspections import entries as inspections
from certification.papers.service import check, read_anchors
from certification.schemes.service import PublishShipped, publish_shipped
from certification.statuses.check import verify_status
from certification.statuses.keys import load_status_key
from ecotrace import entry_types
from identity.people.model import CreatePerson
from identity.people.service import create_person
from runtime.clock import instant_text
from tests.fixtures.pictures import png
from tests.public_api.market import OCT_18, Market
from tests.public_api.test_api import NOON, code, granted
from workflows.change_certificate import grant_certificate

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PICTURE = png(40, 30)
REASON = {"reason": "按计划准印"}
DECISION = {"effective_at": NOON, "reason": "经复核", "document": "演示〔2026〕9号"}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits and draws are known to the log, whether or not the application lists them."""
    for each in (*inspections.ENTRY_TYPES, *draws.ENTRY_TYPES):
        monkeypatch.setitem(entry_types.ENTRY_TYPES, each.type, each)


@pytest.fixture
def offices(market: Market) -> Market:
    """The market with its schemes published and its office appointed."""
    market.run(publish_shipped, PublishShipped())
    for scheme in ("jnjp", "green"):
        market.run(appoint, AppointBody(market.office, scheme, "office"))
    return market


def upload(market: Market, by: str = "coop", body: bytes = PICTURE, **more: str) -> Any:
    asked = {"document": "records_sample", "name": "土壤.png", "valid_from": "2026-10-01"} | more
    return market.ask(
        "POST", "/api/v1/evidence", body, by, query_string=asked,
        headers={"Content-Type": "image/png"},
    )  # fmt: skip


def person(market: Market, task: str | None = None, login: str = "demo.one") -> str:
    made = market.run(create_person, CreatePerson(login, "$argon2id$demo")).id
    if task is not None:
        until = (OCT_18 + timedelta(days=700)).date()
        market.run(grant_competence, GrantCompetence(made, "jnjp", task, until))
    return str(made)


def green(market: Market) -> str:
    """A certificate of the co-op's that bounds an output in kilograms."""
    order = GrantCertificate(
        "GF120112261234", "green", market.coop, (market.product,), OCT_18.date(),
        OCT_18.date().replace(year=2028), OCT_18, "演示：补录", (market.base,), "900", "公斤",
    )  # fmt: skip
    return str(market.run(grant_certificate, order).cert_id)


# ---- schemes, bodies ---------------------------------------------------------------------------


def test_schemes_are_read_and_published(market):
    listed = market.get("/schemes").json["schemes"]
    assert {"jnjp", "green", "organic", "wetland"} <= {each["code"] for each in listed}
    brand = market.get("/schemes/jnjp").json
    assert brand["statement"]["zh"].startswith("授权使用")
    assert brand["tracks"][0]["steps"][0]["state"] == "submitted"
    assert any(not each["verified"] for each in brand["parameters"])
    assert market.get("/schemes/jnjp/versions").json["published"] == []
    assert code(market.post("/cases", {"scheme": "jnjp"})) == "scheme_not_in_force"
    assert code(market.post("/schemes/jnjp/publication")) == "not_allowed"
    done = market.post("/schemes/jnjp/publication", None, "office").json
    assert market.get("/schemes/jnjp/versions").json["published"] == [done]
    assert market.post("/schemes/jnjp/publication", None, "office").json == done
    assert code(market.get("/schemes/nothing")) == "scheme_unknown"
    assert code(market.get("/schemes/jnjp?version=2020-1")) == "scheme_version_unknown"


def test_bodies_are_appointed_and_people_vouched_for(market):
    body = {"party": market.rival, "scheme": "jnjp", "function": "body"}
    made = market.post("/appointments", body, "office")
    assert (made.status_code, made.json["to_date"]) == (201, None)
    assert market.get(made.headers["Location"][7:], "asker").json == made.json
    assert code(market.post("/appointments", body, "office")) == "appointed_already"
    assert code(market.post("/appointments", body)) == "not_allowed"
    listed = market.get("/appointments?scheme=jnjp").json["appointments"]
    assert [each["party"] for each in listed] == [market.rival]
    end = {"to_date": "2027-01-31", "reason": "到期"}
    ended = market.post(f"/appointments/{made.json['id']}/end", end, "office").json
    assert ended["to_date"] == "2027-01-31"
    someone = person(market)
    vouched = {"person": someone, "scheme": "jnjp", "task": "review", "to_date": "2027-06-30"}
    kept = market.post("/competences", vouched, "office").json
    assert market.get(f"/competences?person={someone}", "office").json["competences"] == [kept]
    assert market.get(f"/competences?person={someone}", "rival").json["competences"] == [kept]
    assert market.get(f"/competences?person={someone}").json["competences"] == []
    assert code(market.post("/competences", vouched)) == "not_allowed"
    ended = market.post(f"/competences/{kept['id']}/end", end, "office").json
    assert ended["to_date"] == "2027-01-31"


# ---- evidence, laboratories --------------------------------------------------------------------


def test_evidence_is_given_once_and_shown_to_those_it_concerns(offices):
    market = offices
    kept = upload(market)
    assert kept.status_code == 201, kept.data
    path = f"/evidence/{kept.json['id']}"
    assert (kept.json["media"], kept.json["name"]) == ("image/png", "土壤.png")
    assert market.get(f"{path}/file").data == PICTURE
    answers = {"answers": [{"key": "contact_phone", "value": "13800000000"}]}
    typed = market.post("/answers", answers)
    assert (typed.status_code, typed.json["fields"]) == (201, ["contact_phone"])
    assert kept.json in market.get("/evidence").json["evidence"]
    share = market.get("/evidence/share?scheme=green").json
    assert set(share["known"]) | set(share["new"]) == set(share["asked"])
    for by in ("rival", "office"):
        assert code(market.get(path, by)) == "evidence_unknown"
        assert code(market.get(f"{path}/file", by)) == "evidence_unknown"
    assert code(market.get(f"/evidence?holder={market.coop}", "rival")) == "other_party"
    assert code(market.get("/evidence", "asker")) == "scope_missing"
    opened = market.post("/cases", {"scheme": "jnjp"}).json
    handed = f"/cases/{opened['case_id']}/evidence"
    assert market.post(handed, {"evidence": kept.json["id"]}).status_code == 200
    assert code(market.post(handed, {"evidence": kept.json["id"]})) == "evidence_attached"
    assert market.get(handed, "office").json["evidence"] == [kept.json]
    assert market.get(f"{path}/file", "office").data == PICTURE
    assert code(market.get(handed, "rival")) == "case_unknown"


@on_sqlite
def test_files_that_are_not_what_they_should_be(market):
    cases: list[tuple[bytes, dict[str, str], int, str]] = [
        (b"", {}, 422, "file_empty"),
        (b"MZ\x90", {}, 422, "file_type_unknown"),
        (PICTURE, {"name": "x.pdf"}, 422, "file_misnamed"),
        (PICTURE[:60], {}, 422, "file_broken"),
        (PICTURE, {"document": "no_such_key"}, 422, "document_key_unknown"),
        (PICTURE, {"valid_from": "2027-01-01"}, 422, "document_from_future"),
        (PICTURE, {"holder": market.rival}, 403, "other_party"),
        (PICTURE, {"colour": "red"}, 422, "field_unknown"),
        (bytes((10 << 20) + 1), {}, 413, "too_large"),
    ]
    for body, more, status, expected in cases:
        answer = upload(market, body=body, **more)
        assert (code(answer), answer.status_code) == (expected, status), more
    assert upload(market, body=b"\x89PNG" + bytes(2 << 20)).status_code == 422, "over 1 MiB is read"
    assert market.get("/evidence").json["evidence"] == []


def test_laboratories_and_their_reports(market):
    lab = market.post("/labs", {"party": market.rival}, "office")
    assert lab.status_code == 201, lab.data
    path = f"/labs/{lab.json['id']}"
    scope = [{"parameter": "镉", "method": "GB 5009.15", "matrix": "rice"}]
    term = {"from_date": "2025-01-01", "until": "2028-12-31"}
    right = {"authority": "cma", "number": "演示CMA001", **term, "scope": scope}
    accredited = market.post(f"{path}/accreditations", right, "office").json
    assert market.get(path, "asker").json["accreditations"] == [accredited]
    assert [each["id"] for each in market.get("/labs").json["labs"]] == [lab.json["id"]]
    evidence = upload(market, document="product_report").json["id"]
    sample = {"code": "S1", "matrix": "rice", "taken_on": "2026-10-02"}
    result = {"parameter": "镉", "value": "<0.01", "unit": "mg/kg", "method": "GB 5009.15-2023"}
    report = {
        "evidence": evidence, "number": "R-1", "sample": sample, "sample_name": "小站稻米",
        "received_on": "2026-10-03", "issued_on": "2026-10-10", "results": [result],
    }  # fmt: skip
    made = market.post(f"{path}/reports", report, "office")
    assert made.status_code == 201, made.data
    found = made.headers["Location"][7:]
    assert market.get(found).json["sample_name"] == "小站稻米"
    assert market.get(found, "rival").status_code == 200, "the laboratory itself"
    market.tokens["villager"] = market.token(market.villager, roles=("grower",))
    assert code(market.get(found, "villager")) == "evidence_unknown"
    other = {**result, "parameter": "铅"}
    refusals = [
        ({**report, "results": [other]}, "office", "lab_out_of_scope"),
        ({**report, "issued_on": "2026-10-01"}, "office", "dates_reversed"),
        (report, "coop", "not_allowed"),
        ({**report, "evidence": "evid:AAAAAAAAAAAAAAAAAAAA"}, "office", "evidence_unknown"),
    ]
    for body, by, expected in refusals:
        found_code = code(market.post(f"{path}/reports", body, by))
        assert found_code == expected or (expected, found_code[:6]) == ("dates_reversed", "report")
    assert code(market.post("/labs", {"party": market.rival}, "office")) == "lab_taken"
    assert code(market.post("/labs", {"party": market.rival})) == "not_allowed"
    end = {"ended_on": "2026-10-01", "reason": "资质注销"}
    ended = f"/labs/accreditations/{accredited['id']}/end"
    assert market.post(ended, end, "office").json["ended_on"] == "2026-10-01"
    again = market.post(f"{path}/reports", {**report, "number": "R-2"}, "office")
    assert code(again) in ("lab_accreditation_ended", "lab_out_of_scope")


# ---- cases, appeals ----------------------------------------------------------------------------


def test_a_machine_applies_and_cannot_decide(offices):
    market = offices
    opened = market.post("/cases", {"scheme": "jnjp"})
    assert (opened.status_code, opened.json["state"]) == (201, "draft")
    path = opened.headers["Location"][7:]
    actions, case_id = f"{path}/actions", opened.json["case_id"]
    assert code(market.post("/cases", {"scheme": "jnjp"})) == "case_running"
    save = {"event": "save", "answers": [{"key": "products", "value": market.product}]}
    assert market.post(actions, save).status_code == 200
    form = {each["key"]: each for each in market.get(path).json["form"]}
    assert form["products"]["answer"]["value"] == market.product
    missing = market.post(actions, {"event": "submit"})
    assert missing.status_code == 422
    assert len(missing.json["reasons"]) > 3, "all that is missing is named"
    offers = {each["event"]: each for each in market.get(f"{path}/offers").json["offers"]}
    assert offers["submit"]["reasons"]
    assert offers["withdraw"]["reasons"] == []
    assert [each["case_id"] for each in market.get("/cases/waiting").json["waiting"]] == [case_id]
    assert [each["id"] for each in market.get("/cases").json["cases"]] == [case_id]
    listed = market.get(f"/cases?holder={market.coop}", "office").json["cases"]
    assert [each["state"] for each in listed] == ["draft"]
    for event, by, expected in [
        ("grant", "office", "event_not_possible"),
        ("accept", "office", "event_not_possible"),
        ("withdraw", "office", "role_not_allowed"),
        ("withdraw", "rival", "case_unknown"),
        ("complete_step", "coop", "event_not_possible"),
    ]:
        answer = market.post(actions, {"event": event}, by)
        expected_too = (expected, "outcome_missing") if event == "complete_step" else (expected,)
        assert code(answer) in expected_too, event
    wrong = {"event": "save", "answers": [{"key": "products", "value": "x"}]}
    assert code(market.post(actions, wrong)) == "answer_malformed"
    assert code(market.post(actions, {"event": "explode"})) in ("event_unknown", "field_malformed")
    interest = {"case": case_id, "relation": "none"}
    assert market.post("/declarations", interest, "office").status_code in (403, 409)
    assert code(market.get(f"/declarations?case={case_id}", "office")) == "person_required"
    for address in (path, f"{path}/timeline", f"{path}/offers"):
        assert code(market.get(address, "rival")) == "case_unknown"
        assert code(market.get(address, "asker")) == "scope_missing"
    assert code(market.get(f"/cases?holder={market.coop}", "rival")) == "other_party"
    done = market.post(actions, {"event": "withdraw", "reasons": "改期"})
    assert done.json["state"] == "withdrawn", done.data
    moments = market.get(f"{path}/timeline").json["moments"]
    assert [each["event"] for each in moments] == ["open", "withdraw"]


def test_appeals_are_brought_and_read_by_their_sides(offices):
    market = offices
    body = {
        "kind": "misuse", "target": "certificate", "subject": market.cert_id,
        "reasons": "市场上有仿冒标签",
    }  # fmt: skip
    made = market.post("/appeals", body, "rival")
    assert (made.status_code, made.json["state"]) == (201, "filed"), made.data
    path = made.headers["Location"][7:]
    assert market.get(path, "rival").json["holder"] == market.coop
    assert market.get(path, "office").json["kind"] == "misuse"
    assert code(market.get(path)) == "appeal_unknown", "who complains is not shown to the holder"
    assert [e["appeal_id"] for e in market.get("/appeals/waiting", "office").json["waiting"]]
    acknowledge = {"event": "acknowledge"}
    assert code(market.post(f"{path}/actions", acknowledge, "office")) == "person_required"
    assert code(market.post(f"{path}/actions", acknowledge)) == "appeal_unknown"
    assert market.post(f"{path}/actions", {"event": "withdraw"}, "rival").json["state"]
    change = {**body, "kind": "appeal", "target": "certificate_change", "n": 1}
    assert code(market.post("/appeals", change, "rival")) == "appeal_not_of_party"
    assert code(market.post("/appeals", {**change, "n": 9})) == "nothing_to_appeal"
    assert code(market.post("/appeals", {**body, "reasons": ""})) == "reasons_missing"


# ---- certificates ------------------------------------------------------------------------------


def test_certificates_are_amended_confirmed_given_up_and_succeeded(offices):
    market = offices
    cert = f"/certificates/{market.cert_id}"
    more = {**DECISION, "quantity": "120", "unit": "件"}
    assert code(market.post(f"{cert}/amendment", more)) in ("not_allowed", "own_certificate")
    amended = market.post(f"{cert}/amendment", more, "office")
    assert (amended.status_code, amended.json["n"]) == (200, 2), amended.data
    assert market.get(cert).json["granted"] == ["120", "件"]
    fields = {each["field"] for each in market.get(f"{cert}/fields").json["changes"]}
    assert "granted" in fields
    confirm = {**DECISION, "confirm_by": "2027-12-31"}
    assert market.post(f"{cert}/confirmation", confirm, "office").status_code in (409, 422)
    other = granted(market, 31)
    succeed = {**DECISION, "successor": "JNJP-2026-0031"}
    assert market.post(f"{cert}/supersession", succeed, "office").status_code == 409
    passed = market.post(f"{cert}/passing-on", succeed, "office")
    assert passed.json["state"] == "transferred", passed.data
    assert (
        code(market.post(f"{cert}/cancellation", DECISION, "office")) == "certificate_transferred"
    )
    given_up = market.post(f"/certificates/{other}/cancellation", DECISION, "office")
    assert given_up.json["state"] == "cancelled"
    line = {"product": "RICE-5KG", "season": "2026", "quantity": "1", "unit": "件", **REASON}
    assert market.post(f"/certificates/{other}/lines", line, "office").status_code in (
        404,
        409,
        422,
    )
    assert code(market.post(f"/certificates/{other}/lines", line)) == "not_allowed"
    assert code(market.post("/certificates/cert:none/cancellation", DECISION, "office")) == (
        "certificate_unknown"
    )


def test_a_certificate_is_not_given_up_while_its_revocation_waits(offices):
    market, cert = offices, granted(offices, 41)
    proposed = market.post(f"/certificates/{cert}/revocation", DECISION, "office")
    assert proposed.status_code == 201, proposed.data
    answer = market.post(f"/certificates/{cert}/cancellation", DECISION, "office")
    assert (answer.status_code, code(answer)) == (409, "consequence_waiting")


def test_status_is_signed_for_tokens_and_for_strangers(market):
    vkeys = load_status_key(market.node.vault, market.node.log_keys.origin).vkey()
    vkeys = f"{market.node.log_keys.vkey()}\n{vkeys}"
    at = instant_text(OCT_18 + timedelta(hours=1))
    asked = f"status?at={at}&nonce=12345678"
    inside = market.get(f"/certificates/{market.cert_id}/{asked}", "asker")
    outside = market.ask("GET", f"/registry/certificates/JNJP-2026-0001/{asked}", by=None)
    for answer in (inside, outside):
        assert (answer.status_code, answer.mimetype) == (200, "application/jwt"), answer.data
        token = answer.get_data(as_text=True)
        assert verify_status(token, vkeys, number="JNJP-2026-0001", nonce="12345678").holds
    assert outside.headers["Access-Control-Allow-Origin"] == "*"
    public = "/registry/certificates/JNJP-2026-0001/status"
    assert market.ask("GET", public, by=None).status_code == 200
    for query, expected in {
        "?nonce=x": "nonce_malformed",
        "?at=yesterday": "query_parameter_malformed",
        "?as_known_at=2199-01-01T00:00:00Z": "in_the_future",
        "?colour=red": "query_parameter_unknown",
    }.items():
        answer = market.ask("GET", f"{public}{query}", by=None, headers={"Accept": "*/*"})
        assert code(answer) == expected
    gone = market.ask("GET", "/registry/certificates/JNJP-1999-0001/status", by=None)
    assert (gone.status_code, code(gone)) == (404, "certificate_unknown")
    missing = market.get(f"/certificates/{market.cert_id}/status")
    assert code(missing) == "field_missing"


@on_sqlite
def test_a_paper_is_issued_read_and_checked(market):
    path = f"/certificates/{market.cert_id}/papers"
    made = market.post(path)
    assert made.status_code == 201, made.data
    pdf = market.get(made.headers["Location"][7:])
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    seals = market.ask("GET", "/registry/seals", by=None).get_data(as_text=True)
    assert check(pdf.data, read_anchors(seals)).holds
    send = {"headers": {"Content-Type": "application/pdf"}}
    found = market.ask("POST", "/api/v1/certificates/papers/check", pdf.data, "asker", **send).json
    assert (found["holds"], found["issued"]["paper_id"]) == (True, made.json["paper_id"])
    broken = bytearray(pdf.data)
    broken[len(broken) // 2] ^= 1
    found = market.ask("POST", "/api/v1/certificates/papers/check", bytes(broken), **send).json
    assert (found["holds"], found["issued"]) == (False, None)
    assert [e["paper_id"] for e in market.get(path, "office").json["papers"]]
    assert code(market.get(path, "rival")) == "other_party"
    assert code(market.get(made.headers["Location"][7:], "rival")) == "other_party"
    assert code(market.post(path, None, "rival")) == "not_allowed"
    assert code(market.get(f"{path}/papr:none")) == "paper_unknown"


# ---- permits, transactions ---------------------------------------------------------------------


def test_permits_are_opened_moved_frozen_thawed_and_closed(offices):
    market = offices
    body = {"certificate": market.cert_id, "holder": market.rival, "quantity": "40",
            "unit": "件", **REASON}  # fmt: skip
    first = market.post("/permits", body, "office")
    assert first.status_code == 201, first.data
    second = market.post("/permits", {**body, "quantity": "5"}, "office").json["number"]
    path = f"/permits/{first.json['number']}"
    moved = {"to": second, "quantity": "10", "unit": "件", **REASON}
    assert market.post(f"{path}/move", moved, "office").json["left"] == 30
    assert market.post(f"{path}/freeze", REASON, "office").json["state"] == "frozen"
    assert code(market.post(f"{path}/freeze", REASON, "office")) == "permit_frozen"
    assert market.post(f"{path}/thaw", REASON, "office").json["state"] == "open"
    assert market.post(f"{path}/close", REASON, "office").json["state"] == "closed"
    read = market.get(path, "rival").json
    assert [each["deed"] for each in read["deeds"]] == ["open", "move", "freeze", "thaw", "close"]
    assert read["left"] == ["0", "件"]
    assert len(market.get(f"/permits?certificate={market.cert_id}").json["permits"]) == 2
    assert len(market.get("/permits", "rival").json["permits"]) == 2
    market.tokens["villager"] = market.token(market.villager, roles=("grower",))
    assert code(market.get(path, "villager")) == "other_party"
    for more, by, expected in [
        ({"quantity": "1000"}, "office", "over_account_pieces"),
        ({"unit": "亩"}, "office", "unit_not_of_scheme"),
        ({"certificate": "cert:none"}, "office", "certificate_unknown"),
        ({"holder": "org:none"}, "office", "party_unknown"),
        ({}, "coop", "not_allowed"),
        ({}, "asker", "scope_missing"),
    ]:
        found = code(market.post("/permits", {**body, **more}, by))
        assert found == expected or found.startswith(("over_account", "unit", "quantity")), found
    assert code(market.post("/permits/NONE/freeze", REASON, "office")) == "permit_unknown"


def test_transaction_certificates_are_issued_and_declared_void(offices):
    market = offices
    market.node.clock.advance(timedelta(days=2))
    body = {"certificate": green(market), "buyer": market.rival, "product": "RICE-5KG",
            "quantity": "600", "unit": "公斤", "sold_on": "2026-10-19", "lots": ["L1"]}  # fmt: skip
    made = market.post("/transaction-certificates", body, "office")
    assert made.status_code == 201, made.data
    over = market.post("/transaction-certificates", body, "office")
    assert over.status_code == 409
    assert code(over).startswith("over_output")
    path = made.headers["Location"][7:]
    for by in ("coop", "rival", "office"):
        assert market.get(path, by).json["quantity"] == ["600", "公斤"]
    market.tokens["villager"] = market.token(market.villager, roles=("grower",))
    assert code(market.get(path, "villager")) == "other_party"
    void = market.post(f"{path}/void", {"reason": "未成交"}, "office")
    assert void.json["state"] == "void"
    assert code(market.post(f"{path}/void", {"reason": "未成交"}, "office")) == "transaction_void"
    assert market.post("/transaction-certificates", body, "office").status_code == 201
    assert len(market.get("/transaction-certificates", "rival").json["transactions"]) == 2
    assert code(market.post("/transaction-certificates", body)) == "not_allowed"
    own = {**body, "buyer": market.coop}
    assert code(market.post("/transaction-certificates", own, "office")) == (
        "transaction_buyer_invalid"
    )


# ---- inspections, draws ------------------------------------------------------------------------


def test_a_visit_is_planned_by_machines_and_made_by_people(offices):
    market, someone = offices, person(offices, "inspect")
    day = (market.node.clock.now() + timedelta(days=3)).date().isoformat()
    body: dict[str, Any] = {
        "about": market.cert_id,
        "kind": "surveillance",
        "day": day,
        "inspectors": [someone],
    }
    made = market.post("/inspections", body, "office")
    assert (made.status_code, made.json["state"]) == (201, "planned"), made.data
    path = made.headers["Location"][7:]
    assert market.get(path).json["checklist"]
    assert code(market.get(path, "rival")) == "inspection_unknown"
    assert [e["id"] for e in market.get("/inspections").json["inspections"]] == [path[13:]]
    listed = market.get(f"/inspections?first={day}&last={day}", "office").json["inspections"]
    assert [each["day"] for each in listed] == [day]
    record = {"client_id": "A" * 22, "sequence": 1, "made_at": NOON}
    assert code(market.post(f"{path}/records", record, "office")) == "not_allowed"
    photo = market.ask(
        "POST", f"/api/v1{path}/photos", PICTURE, "office", headers={"Content-Type": "image/png"}
    )
    assert code(photo) == "not_allowed"
    hidden: dict[str, Any] = {**body, "kind": "unannounced"}
    quiet = market.post("/inspections", hidden, "office").headers["Location"][7:]
    assert code(market.get(quiet)) == "inspection_unknown", "unannounced is unannounced"
    moved = {"day": day, "inspectors": [someone], "reason": "天气"}
    assert market.post(f"{path}/move", moved, "office").status_code == 200
    assert market.post(f"{path}/cancel", {"reason": "改期"}, "office").json["state"] == "cancelled"
    assert code(market.post(f"{path}/cancel", {"reason": "改期"}, "office")) == "inspection_begun"
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"about": "case:AAAAAAAAAAAAAAAAAAAA"}, "office", "case_unknown"),
        ({"inspectors": ["pers:AAAAAAAAAAAAAAAAAAAA"]}, "office", "not_competent"),
        ({}, "coop", "not_allowed"),
    ]
    for more, by, expected in wrong:
        found = code(market.post("/inspections", {**body, **more}, by))
        assert found == expected, (more, found)


def test_three_offices_draw(offices):
    market = offices
    nonces = {by: bytes([n]) * 32 for n, by in enumerate(("office", "coop2", "rival2"), 1)}
    for by, party in (("coop2", market.coop), ("rival2", market.rival)):
        market.tokens[by] = market.token(party, roles=("regulator",))
    parties = [market.office, market.coop, market.rival]
    body = {"scheme": "jnjp", "members": [market.cert_id, granted(market, 51)], "drawn": 1,
            "offices": parties}  # fmt: skip
    made = market.post("/draws", body, "office")
    assert made.status_code == 201, made.data
    path = made.headers["Location"][7:]
    early = {"nonce": nonces["office"].hex()}
    assert market.post(f"{path}/reveal", early, "office").status_code == 409
    for by, nonce in nonces.items():
        commitment = {"nonce_hash": hashlib.sha256(nonce).hexdigest()}
        assert market.post(f"{path}/commitment", commitment, by).status_code == 200
    for by, nonce in nonces.items():
        assert market.post(f"{path}/reveal", {"nonce": nonce.hex()}, by).status_code == 200
    result = market.post(f"{path}/result", None, "office").json
    assert (result["state"], len(result["chosen"])) == ("drawn", 1)
    read = market.get(path, "asker").json
    assert read["steps"][-1]["event"] == "result"
    assert read["witnessed"]["zh"].startswith("尚无见证")
    assert [each["id"] for each in market.get("/draws?scheme=jnjp").json["draws"]] == [read["id"]]
    assert market.get(f"{path}/population", "office").json["chosen"] == result["chosen"]
    assert code(market.get(f"{path}/population", "rival")) == "other_party"
    assert code(market.post("/draws", {**body, "offices": parties[:2]}, "office")) == (
        "draw_offices_invalid"
    )
    assert code(market.post("/draws", body)) == "not_allowed"
    assert code(market.get("/draws/draw:none")) == "draw_unknown"


def test_no_door_opens_without_its_scope(market):
    for method, path in [
        ("GET", "/cases"), ("POST", "/cases"), ("GET", "/cases/waiting"), ("GET", "/evidence"),
        ("POST", "/labs"), ("POST", "/permits"), ("POST", "/transaction-certificates"),
        ("POST", "/appeals"), ("POST", "/inspections"), ("POST", "/draws"),
        ("POST", "/competences"), ("POST", "/appointments"), ("GET", "/schemes"),
        ("POST", "/schemes/jnjp/publication"), ("GET", f"/certificates/{market.cert_id}/papers"),
    ]:  # fmt: skip
        body: Any = {} if method == "POST" else None
        answer = market.ask(method, f"/api/v1{path}", body, "blind")
        assert code(answer) in ("scope_missing", "field_missing"), path
        if code(answer) == "field_missing":
            assert answer.status_code == 422
        assert code(market.ask(method, f"/api/v1{path}", body, None)) in (
            "not_signed_in", "field_missing",
        ), path  # fmt: skip
