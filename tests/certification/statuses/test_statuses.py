"""Signed answers about certificates: equal to a replay of the log, and every lie in them found."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from certification.certificates.register import find_number
from certification.certificates.service import ChangeCertificate, suspend
from certification.replay import replay
from certification.statuses.check import verify_status
from certification.statuses.keys import KEY_TYPE, load_status_key, make_status_key
from certification.statuses.service import TYPE, StatusQuestion, answer_status
from ecotrace.cli.commands import cli
from ledger.answers.keys import read_vkeys
from ledger.answers.rights import consistent
from ledger.answers.signed import sign, strict, type_of
from points.credit.answer import verify_answer
from runtime import base64url
from runtime.clock import instant_text
from tests.certification.books import codes
from tests.certification.conftest import Office, open_appointed_office
from tests.certification.statuses.lives import granted, live
from tests.certification.statuses.questions import STEPS, ask, moments, public_entries
from tests.fixtures.nodes import Grow
from web.node import Node

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
NONCE = "nonce-0001"


def office_with_key(node: Node) -> Office:
    office = open_appointed_office(node)
    make_status_key(node.vault, node.randomness)
    return office


def lived(node: Node) -> tuple[Office, list[Any]]:
    """Thirty certificates after two hundred deeds."""
    office, random = office_with_key(node), Random(7)
    certificates = granted(office, 30, random)
    assert live(office, certificates, 200, random) > 50
    return office, certificates


@pytest.fixture
def lives(grow: Grow[tuple[Office, list[Any]]]) -> tuple[Office, list[Any]]:
    return grow(lived)


# --- Any question, answered by the tables and by the public facts of the log ---------------------

ALL = {
    "unknown", "annulled", "revoked", "cancelled", "superseded", "not_yet", "expired", "suspended",
    "active",
}  # fmt: skip


def test_random_questions_are_answered_as_a_replay_of_the_log_answers_them(lives):
    office, certificates = lives
    assert all(consistent(entries) for entries in public_entries(office).values())
    seen = ask(office, certificates, 500, Random(1))
    assert set(seen) == ALL
    with office.read() as session:
        assert replay(session, office.node.vault) == []


@pytest.mark.deep
def test_ten_thousand_random_questions(lives):
    office, certificates = lives
    for seed in range(4):
        live(office, certificates, 100, Random(seed + 100))
        seen = ask(office, certificates, 10_000, Random(seed))
        assert set(seen) == ALL


# --- Signed answers ------------------------------------------------------------------------------


def question(number: str, **changes: Any) -> StatusQuestion:
    return replace(StatusQuestion(number, NOV_1, NOV_1, NONCE), **changes)


def answer(office: Office, asked: StatusQuestion) -> str:
    with office.read() as session:
        return answer_status(session, office.node.vault, asked, office.node.clock.now()).token


def vkeys(office: Office) -> str:
    key = load_status_key(office.node.vault, office.node.settings.origin)
    return f"{office.node.log_keys.vkey()}\n{key.vkey()}\n"


def payload_of(token: str) -> Any:
    return strict(base64url.decode(token.split(".")[1]))


def resigned(office: Office, payload: Any) -> str:
    return sign(payload, load_status_key(office.node.vault, office.node.settings.origin), TYPE)


def test_signed_answers_hold_at_every_moment(lives):
    office, certificates = lives
    keys, random = vkeys(office), Random(3)
    told, now = public_entries(office), office.node.clock.now()
    for _ in range(60):
        decided = random.choice(certificates)
        around = moments(told[decided.cert_id], now)
        at, known_at = (min(random.choice(around) + random.choice(STEPS), now) for _ in range(2))
        asked = question(decided.number, at=at, as_known_at=known_at)
        found = verify_status(
            answer(office, asked), keys, number=decided.number, at=instant_text(at),
            as_known_at=instant_text(known_at), nonce=NONCE,
        )  # fmt: skip
        assert found.faults == (), asked
        assert found.payload is not None
        with office.read() as session:
            state = find_number(session, decided.number, at, known_at).status.state
        assert found.payload["stated"]["state"] == state


@pytest.fixture
def office(grow: Grow[Office]) -> Office:
    return grow(office_with_key)


@pytest.fixture
def suspended(office: Office) -> Any:
    """A licence that was suspended this morning; what was known an hour before is another thing."""
    decided = office.grant()
    office.node.clock.advance(timedelta(hours=2))
    office.run(suspend, ChangeCertificate(decided.cert_id, NOV_1 + timedelta(hours=1), "抽检"))
    return office, decided


def test_the_suspension_shows_from_its_effect_and_as_it_was_known(suspended):
    office, decided = suspended
    later = NOV_1 + timedelta(hours=2)
    for at, known_at, state, decisions in (
        (NOV_1, later, "active", 2),
        (later, later, "suspended", 2),
        (later, NOV_1 + timedelta(hours=1), "active", 1),
        (later, NOV_1 - timedelta(hours=1), "unknown", 0),
        (NOV_1 - timedelta(days=90), later, "not_yet", 2),
    ):
        token = answer(office, question(decided.number, at=at, as_known_at=known_at))
        found = verify_status(token, vkeys(office))
        assert found.faults == ()
        stated = payload_of(token)["stated"]
        assert (stated["state"], stated["decisions"]) == (state, decisions)
        assert stated["may_use_mark"] is (state == "active")
        proved = [place for place, _ in found.proved]
        assert ("/stated/state" in proved) is (decisions > 0)
        assert "holder" not in stated


def stated(name: str, value: Any) -> Any:
    return lambda payload: payload["stated"].__setitem__(name, value)


def put(name: str, value: Any) -> Any:
    return lambda payload: payload.__setitem__(name, value)


LIES = [
    (stated("state", "active"), "status_wrong"),
    (stated("may_use_mark", True), "status_wrong"),
    (stated("to", "2028-09-30"), "status_wrong"),
    (stated("from", None), "status_wrong"),
    (stated("granted", 11), "status_wrong"),
    (stated("confirm_by", "2027-01-01"), "status_wrong"),
    (stated("decisions", 1), "status_wrong"),
    (stated("decisions", "2"), "payload_malformed"),
    (lambda p: p["stated"].pop("unit"), "payload_malformed"),
    (put("at", "2026-11-01T00:00:00.000000Z"), "status_wrong"),
    (put("at", "2026-11-01"), "payload_malformed"),
    (put("as_known_at", "2026-11-01T01:59:59.999999Z"), "knowledge_wrong"),
    (put("as_known_at", "2027-11-01T00:00:00.000000Z"), "knowledge_wrong"),
    (put("number", "JNJP-2026-0002"), "entries_wrong"),
    (put("scheme", "green"), "entries_wrong"),
    (put("question", "subject.report"), "question_wrong"),
    (lambda p: p["proved"]["entries"].reverse(), "entries_wrong"),
    (lambda p: p["proved"]["entries"].pop(0), "entries_wrong"),
    (lambda p: p["proved"]["entries"].pop(), None),
    (lambda p: p["proved"]["entries"][0].__setitem__("index", 1), "proof_wrong"),
    (lambda p: p["proved"]["entries"][1]["proof"].pop(), "proof_wrong"),
    (put("iss", "log.example/other"), "log_key_unknown"),
    (lambda p: p["log"].__setitem__("size", 2), "checkpoint_wrong"),
    (lambda p: p.pop("log"), "payload_malformed"),
    (lambda p: p.pop("proved"), "payload_malformed"),
]  # fmt: skip


def test_an_office_that_lies_under_its_own_signature_is_found_out(suspended):
    office, decided = suspended
    later = NOV_1 + timedelta(hours=2)
    token = answer(office, question(decided.number, at=later, as_known_at=later))
    keys = vkeys(office)
    for number, (lie, fault) in enumerate(LIES):
        other = copy.deepcopy(payload_of(token))
        lie(other)
        found = verify_status(resigned(office, other), keys)
        expected = [] if fault is None else [fault]
        assert [each.code.code for each in found.faults] == expected, number
        if fault is None:
            # A decision that waits for its place is stated only, and then nothing is proved.
            assert "/stated/state" not in dict(found.proved)


def test_the_answer_is_to_the_question_that_was_asked(suspended):
    office, decided = suspended
    token, keys = answer(office, question(decided.number)), vkeys(office)
    at = instant_text(NOV_1)
    asked = {"number": decided.number, "at": at, "as_known_at": at, "nonce": NONCE}
    assert verify_status(token, keys, **asked).holds
    for wrong, fault in (
        ({"number": "JNJP-2026-0002"}, "question_wrong"),
        ({"at": instant_text(NOV_1 + timedelta(seconds=1))}, "question_wrong"),
        ({"as_known_at": instant_text(NOV_1 + timedelta(seconds=1))}, "question_wrong"),
        ({"nonce": "nonce-0002"}, "nonce_wrong"),
    ):
        found = verify_status(token, keys, **wrong)
        assert [each.code.code for each in found.faults] == [fault]


def test_one_key_one_purpose(suspended):
    office, decided = suspended
    token = answer(office, question(decided.number))
    assert type_of(token) == TYPE
    assert [each.code.code for each in verify_answer(token, vkeys(office)).faults] == [
        "header_wrong"
    ]
    log_key, status_key = vkeys(office).split()
    unknown = verify_status(token, log_key)
    assert [each.code.code for each in unknown.faults] == ["key_unknown"]
    alone = verify_status(token, status_key)
    assert [each.code.code for each in alone.faults] == ["log_key_unknown"]
    types = [each.type for each in read_vkeys(vkeys(office), KEY_TYPE)]
    assert types == [b"\x01", KEY_TYPE]
    assert len(read_vkeys(vkeys(office))) == 1


def test_one_command_checks_both_kinds_of_answers(suspended, tmp_path):
    office, decided = suspended
    log_key, status_key = vkeys(office).split()
    (tmp_path / "vkey").write_text(f"{log_key}\n")
    (tmp_path / "status.vkey").write_text(f"{status_key}\n")
    for token, exit_code, said in (
        (answer(office, question(decided.number)), 0, "answer good"),
        (headless(answer(office, question(decided.number))), 1, "fault header_wrong"),
    ):
        (tmp_path / "answer").write_text(token + "\n")
        words = ["verify-answer", str(tmp_path / "answer"), "--vkey", str(tmp_path / "vkey")]
        result = CliRunner().invoke(cli, words)
        assert (result.exit_code, said in result.output) == (exit_code, True), result.output


def headless(token: str) -> str:
    return token.partition(".")[2] + "."


def test_no_byte_of_an_answer_can_be_changed(suspended):
    office, decided = suspended
    token, keys = answer(office, question(decided.number)), vkeys(office)
    random = Random(5)
    for _ in range(60):
        at = random.randrange(len(token))
        letter = random.choice("AZaz09-_.=".replace(token[at], ""))
        assert not verify_status(token[:at] + letter + token[at + 1 :], keys).holds


def test_refused_questions(office):
    decided = office.grant()
    now = office.node.clock.now()
    with office.read() as session:
        for changes, code in (
            ({"nonce": "short"}, "nonce_malformed"),
            ({"nonce": "with space"}, "nonce_malformed"),
            ({"number": "JNJP-2026-9999"}, "certificate_unknown"),
            ({"scheme": "green"}, "certificate_unknown"),
            ({"as_known_at": now + timedelta(microseconds=1)}, "in_the_future"),
        ):
            asked = replace(question(decided.number), **changes)
            assert codes(answer_status, session, office.node.vault, asked, now) == [code]


def test_a_node_without_the_key_answers_nothing(vault):
    assert codes(load_status_key, vault, "log.example") == ["status_key_missing"]
