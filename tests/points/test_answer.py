"""The signed answer: what it says, and every way of altering it that a check has to find."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certification.certificates.register import of_holder
from certification.certificates.service import ChangeCertificate, GrantCertificate, grant, suspend
from identity.actor import SYSTEM, Actor
from points.credit.answer import TYPE, sign_answer, verify_answer
from points.credit.answer_keys import (
    AnswerKey,
    VerifierKeyError,
    load_answer_key,
    make_answer_key,
    read_vkeys,
)
from points.credit.records.model import CloseRecord
from points.credit.records.service import close_record
from points.credit.report import CertificateFacts, ReportQuestion, build_report
from runtime import base64url
from runtime.canonical import jcs
from runtime.refusal import Refusal
from tests.certification.books import codes
from tests.fixtures.nodes import Grow
from tests.identity.codes import made_code
from tests.points.conftest import FIRM_CODE, PointsOffice, open_office
from web.node import Node

CLIENT = Actor(
    party=None,
    person=None,
    roles=frozenset({"credit_client"}),
    scopes=frozenset({"credit"}),
    channel="api",
    client="client-1",
)
NONCE = "nonce-0001"
NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)


def certificate_facts(session, party, now):
    """What a workflow does between the two areas."""
    return [
        CertificateFacts(
            number=each.number,
            scheme=each.scheme.code,
            statement_zh=each.scheme.statement("zh"),
            statement_en=each.scheme.statement("en"),
            state=each.status.state.value,
            from_date=each.from_date,
            to_date=each.to_date,
            unit=each.quota.unit,
            granted=each.quota.granted,
            printed=each.quota.printed if each.quota.unit else None,
            left=each.quota.left,
            payload_ids=each.payload_ids,
            confirm_by=each.confirm_by,
        )
        for each in of_holder(session, party, now, now)
    ]


def report(points, code=FIRM_CODE, actor=CLIENT, nonce=NONCE, now=None):
    at = now or points.node.clock.now()
    with points.read() as session:
        facts = certificate_facts(session, points.firm, at) if code == FIRM_CODE else []
        question = ReportQuestion(code, nonce)
        return build_report(session, points.node.vault, question, facts, actor, at)


def published_keys(points):
    key = load_answer_key(points.node.vault, points.node.settings.origin)
    return f"# keys\n{points.node.log_keys.vkey()}\n\n{key.vkey()}\n"


def sign(points, payload):
    return sign_answer(payload, load_answer_key(points.node.vault, points.node.settings.origin))


@pytest.fixture
def firm(grow: Grow[PointsOffice]) -> PointsOffice:
    """A firm with points, a certificate that was suspended, and a published penalty."""
    return grow(firm_on_record)


def firm_on_record(node: Node) -> PointsOffice:
    points = open_office(node)
    points.award()
    points.deduct(points.record())
    order = GrantCertificate(
        number="JNJP-2026-0001",
        scheme="jnjp",
        holder=points.firm,
        products=("prod:AAAAAAAAAAAAAAAAAAAA",),
        from_date=date(2026, 10, 1),
        to_date=date(2027, 9, 30),
        effective_at=datetime(2026, 10, 1, tzinfo=UTC),
        reason="评定通过",
        quantity="10",
        unit="件",
        document="演示〔2026〕1号",
    )
    decided = points.run(grant, order, SYSTEM)
    points.run(suspend, ChangeCertificate(decided.cert_id, NOV_1, "抽检不合格"), SYSTEM)
    return points


def test_the_answer_of_a_firm_with_everything_on_record(firm):
    payload = report(firm)
    token = sign(firm, payload)
    found = verify_answer(token, published_keys(firm), audience="client-1", nonce=NONCE)
    assert (found.faults, found.holds) == ((), True)
    assert found.payload == payload
    assert [place for place, _ in found.proved] == [
        "/log/checkpoint",
        "/proved/records/0",
        "/proved/certificates/0",
    ]
    assert (payload["iss"], payload["aud"], payload["nonce"]) == (
        firm.node.settings.origin, "client-1", NONCE,
    )  # fmt: skip
    assert payload["subject"] == {"code": FIRM_CODE}
    assert payload["iat"] == int(NOV_1.timestamp())
    stated = payload["stated"]
    assert (stated["points"]["balance"], stated["points"]["balance_milli"]) == ("-480", -480_000)
    assert payload["packs"] == [stated["points"]["pack"]]
    assert (stated["certificates"][0]["state"], stated["certificates"][0]["left"]) == (
        "suspended", 10,
    )  # fmt: skip
    record = payload["proved"]["records"][0]["openings"]["record"][1]
    assert record["document_number"] == "演示农罚〔2026〕1号"
    assert (stated["records_published"], stated["records_waiting"]) == (1, 0)


def test_a_clean_firm_gets_a_signed_clean_answer_before_and_after_a_withdrawn_record(points):
    clean = report(points)
    assert (clean["proved"]["records"], clean["stated"]["records_published"]) == ([], 0)
    assert verify_answer(sign(points, clean), published_keys(points)).holds
    record_id = points.record()
    assert report(points)["stated"]["records_published"] == 1
    points.run(close_record, CloseRecord(record_id, "withdrawn", NOV_1, "演示撤〔2026〕1号"))
    points.node.clock.advance(timedelta(seconds=1))
    after = report(points)
    for moving in ("time", "iat", "log"):
        clean.pop(moving)
        after.pop(moving)
    assert after == clean


def test_a_record_is_gone_from_the_answer_when_its_period_ends(points):
    points.record()
    last = datetime(2027, 4, 20, 15, 59, 59, 999999, tzinfo=UTC)
    assert len(report(points, now=last)["proved"]["records"]) == 1
    assert report(points, now=last + timedelta(microseconds=1))["proved"]["records"] == []


def test_who_may_ask_what(points):
    villager = points.register("household", 9, host_party=points.firm, phone="13800001234")
    unscoped = replace(CLIENT, scopes=frozenset())
    valid_person = "11010519491231002X"
    cases: list[tuple[tuple[str, ...], dict[str, Any], str, int]] = [
        ((made_code("91", 77),), {}, "subject_unknown", 404),
        (("91999999000000001A",), {}, "code_invalid", 400),
        ((FIRM_CODE.lower() + " ",), {}, "code_invalid", 400),
        (("*",), {}, "code_invalid", 400),
        ((valid_person,), {}, "code_invalid", 400),
        ((villager,), {}, "code_invalid", 400),
        ((points.firm,), {}, "code_invalid", 400),
        ((FIRM_CODE,), {"actor": unscoped}, "scope_missing", 403),
        ((made_code("91", 77),), {"actor": unscoped}, "scope_missing", 403),
        ((FIRM_CODE,), {"actor": replace(CLIENT, client=None)}, "audience_missing", 403),
        ((FIRM_CODE,), {"actor": SYSTEM}, "audience_missing", 403),
        ((FIRM_CODE,), {"nonce": "short"}, "question_malformed", 400),
        ((FIRM_CODE,), {"nonce": "a" * 129}, "question_malformed", 400),
        ((FIRM_CODE,), {"nonce": "with space"}, "question_malformed", 400),
    ]
    for arguments, named, code, status in cases:
        with pytest.raises(Refusal) as refused:
            report(points, *arguments, **named)
        assert (refused.value.first.code.code, refused.value.status) == (code, status), arguments


# --- A check that finds everything ---------------------------------------------------------------


def altered(payload, change):
    other = copy.deepcopy(payload)
    change(other)
    return other


def record(payload):
    return payload["proved"]["records"][0]


def certificate(payload):
    return payload["proved"]["certificates"][0]


def put(place, name, value):
    return lambda payload: place(payload).__setitem__(name, value)


def flip(text):
    """The same base64url text with its first byte changed."""
    raw = bytearray(base64url.decode(text))
    raw[0] ^= 1
    return base64url.encode(bytes(raw))


LIES = [
    (put(lambda p: record(p)["openings"]["record"][1], "class", "minor"), "opening_wrong"),
    (put(lambda p: record(p)["openings"]["narrative"], 1, "无"), "opening_wrong"),
    (lambda p: put(lambda q: record(q)["openings"]["record"], 0,
                   flip(record(p)["openings"]["record"][0]))(p), "opening_wrong"),
    (lambda p: record(p)["openings"].pop("record"), "payload_malformed"),
    (lambda p: put(record, "entry", flip(record(p)["entry"]))(p), "proof_wrong"),
    (lambda p: put(record, "index", record(p)["index"] + 1)(p), "proof_wrong"),
    (lambda p: record(p)["proof"].pop(), "proof_wrong"),
    (lambda p: record(p)["proof"].append(record(p)["proof"][0]), "proof_wrong"),
    (lambda p: record(p)["proof"].__setitem__(0, flip(record(p)["proof"][0])), "proof_wrong"),
    (put(record, "index", -1), "proof_wrong"),
    (put(record, "index", "1"), "payload_malformed"),
    (put(record, "proof", None), "payload_malformed"),
    (lambda p: record(p).update(certificate(p)["entries"][0]), "entry_malformed"),
    (put(lambda p: p["subject"], "code", made_code("91", 5)), "subject_wrong"),
    (put(lambda p: p, "time", "2027-04-20T16:00:00.000000Z"), "period_wrong"),
    (put(lambda p: p, "time", "2027-04-20"), "payload_malformed"),
    (put(lambda p: p["stated"]["certificates"][0], "state", "active"), "certificate_wrong"),
    (put(lambda p: p["stated"]["certificates"][0], "to", "2028-09-30"), "certificate_wrong"),
    (put(lambda p: p["stated"]["certificates"][0], "granted", 11), "certificate_wrong"),
    (put(lambda p: p["stated"]["certificates"][0], "scheme", "green"), "certificate_wrong"),
    (put(lambda p: p["stated"], "certificates", []), "certificate_wrong"),
    (put(certificate, "number", "JNJP-2026-0002"), "certificate_wrong"),
    (put(certificate, "entries", []), "certificate_wrong"),
    (lambda p: certificate(p)["entries"].__setitem__(0, record(p)), "certificate_wrong"),
    (put(lambda p: p["log"], "size", 3), "checkpoint_wrong"),
    (put(lambda p: p["log"], "origin", "log.example/other"), "checkpoint_wrong"),
    (put(lambda p: p, "iss", "log.example/other"), "log_key_unknown"),
    (lambda p: p["log"].update(checkpoint=p["log"]["checkpoint"].replace("\n", "\n9", 1)),
     "checkpoint_wrong"),
    (put(lambda p: p["log"], "checkpoint", ""), "checkpoint_wrong"),
    (lambda p: p.pop("log"), "payload_malformed"),
    (lambda p: p.pop("proved"), "payload_malformed"),
    (put(lambda p: p, "aud", "client-2"), "audience_wrong"),
    (put(lambda p: p, "nonce", "nonce-0002"), "nonce_wrong"),
    (put(lambda p: p["proved"], "records", [None]), "payload_malformed"),
]  # fmt: skip


def test_an_office_that_lies_under_its_own_signature_is_found_out(firm):
    """The signature is good in every case; what is signed is not what the log holds."""
    payload, keys = report(firm), published_keys(firm)
    for number, (change, fault) in enumerate(LIES):
        token = sign(firm, altered(payload, change))
        found = verify_answer(token, keys, audience="client-1", nonce=NONCE)
        assert fault in [each.code.code for each in found.faults], number
        assert not found.holds
        assert all(each.text("zh") and each.text("en") for each in found.faults)


def test_a_signature_of_anybody_else_is_refused(firm):
    payload, keys = report(firm), published_keys(firm)
    token = sign(firm, payload)
    header, content, signature = token.split(".")
    own = json.loads(base64url.decode(header))

    def with_header(**changes):
        return base64url.encode(jcs({**own, **changes})) + f".{content}.{signature}"

    stranger = AnswerKey("log.example/answer", bytes(32))
    impostor = AnswerKey(f"{firm.node.settings.origin}/answer", bytes(32))
    cases = [
        (sign_answer(payload, stranger), "key_unknown"),
        (sign_answer(payload, impostor), "key_unknown"),
        (with_header(kid=impostor.kid), "key_unknown"),
        (with_header(alg="none"), "header_wrong"),
        (with_header(alg="HS256"), "header_wrong"),
        (with_header(alg="Ed25519"), "header_wrong"),
        (with_header(typ="JWT"), "header_wrong"),
        (with_header(jwk={"kty": "OKP"}), "header_wrong"),
        (with_header(crit=["b64"], b64=False), "header_wrong"),
        (f"{header}.{content}.", "signature_wrong"),
        (f"{header}.{content}.{flip(signature)}", "signature_wrong"),
        (f"{header}.{flip(content)}.{signature}", "signature_wrong"),
        (f"{header}.{content}", "header_wrong"),
        (f"{token}.x", "header_wrong"),
        ("", "header_wrong"),
        ("x" * (1 << 20) + "..", "header_wrong"),
        ("é.é.é", "header_wrong"),
    ]
    for text, fault in cases:
        found = verify_answer(text, keys)
        assert [each.code.code for each in found.faults] == [fault], text[:40]
        assert found.payload is None


def test_the_checkpoint_key_cannot_sign_answers_nor_the_reverse(firm):
    log_key, answer_key = published_keys(firm).split()[2:]
    token = sign(firm, report(firm))
    without_log = verify_answer(token, answer_key)
    assert [each.code.code for each in without_log.faults] == ["log_key_unknown"]
    assert [each.code.code for each in verify_answer(token, log_key).faults] == ["key_unknown"]
    kinds = [key.signs_answers for key in read_vkeys(published_keys(firm))]
    assert kinds == [False, True]


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_an_answer_can_be_changed(data):
    token, keys = _sample()
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_.="))
    if token[at] == letter:
        return
    found = verify_answer(token[:at] + letter + token[at + 1 :], keys)
    assert not found.holds


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


def _places(value, place=()):
    yield place
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for name, child in children:
            yield from _places(child, (*place, name))


def test_whatever_is_signed_the_check_answers(firm):
    """Any member replaced by any JSON value: faults or none, but always an answer."""
    payload, keys = report(firm), published_keys(firm)
    places = list(_places(payload))[1:]

    @settings(max_examples=150)
    @given(st.sampled_from(places), json_values)
    def replaced(place, value):
        other = copy.deepcopy(payload)
        parent = other
        for step in place[:-1]:
            parent = parent[step]
        parent[place[-1]] = value
        found = verify_answer(sign(firm, other), keys)
        proved = {pointer for pointer, _ in found.proved}
        if place[:2] == ("proved", "records") and other != payload:
            assert "/proved/records/0" not in proved

    replaced()


def _sample():
    """A signed answer about nothing, made without a database."""
    key = AnswerKey("log.example/answer", bytes(range(32)))
    nothing: dict[str, Any] = {"records": [], "certificates": []}
    payload: dict[str, Any] = {"iss": "log.example", "proved": nothing, "log": {}}
    return sign_answer(payload, key), key.vkey()


# --- Keys ----------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_shown_as_a_line(vault, randomness):
    assert codes(load_answer_key, vault, "log.example") == ["answer_key_missing"]
    make_answer_key(vault, randomness)
    key = load_answer_key(vault, "log.example")
    make_answer_key(vault, randomness)
    assert load_answer_key(vault, "log.example") == key
    (read,) = read_vkeys(key.vkey())
    assert (read.name, read.public_key, read.kid) == ("log.example/answer", key.public_key, key.kid)
    assert "seed" not in repr(key)
    typed = base64.b64decode(key.vkey().rpartition("+")[2] + "==")
    assert typed[:19] == b"\xffecotrace.answer.v1"
    assert TYPE == "ecotrace-answer+jwt"


@pytest.mark.parametrize(
    "line", ["x", "a+00000000+AAAA+", "a b+00000000+AAAA", "a+0000000g+AAAA", "a+00000000+AAA"]
)
def test_what_is_no_key(line):
    with pytest.raises(VerifierKeyError):
        read_vkeys(line)


def test_a_key_whose_id_is_another_is_refused_and_foreign_types_are_passed_over(vault, randomness):
    make_answer_key(vault, randomness)
    line = load_answer_key(vault, "log.example").vkey()
    with pytest.raises(VerifierKeyError):
        read_vkeys(line.replace("log.example", "log.other"))
    foreign = base64.b64encode(b"\x07" + bytes(32)).decode()
    assert read_vkeys(f"a+00000000+{foreign}\n# a comment\n\n") == ()
