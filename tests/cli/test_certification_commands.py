"""`certificates`, `cases`, `moves`, `schemes` as an operator types them, in this process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from certification.bodies.service import AppointBody, appoint
from certification.cases.model import OpenCase
from certification.cases.service import open_case
from certification.certificates.service import GrantCertificate
from certification.schemes import service as schemes
from certification.schemes.catalogue import Shipped, catalogue
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from tests.e2e.operator_desk import DIFFERENCE, DONE, ENVIRONMENT, USAGE, Said, run
from tests.identity.codes import made_code
from trace.products.service import RegisterProduct, register_product
from workflows.change_certificate import grant_certificate

NUMBER = "JNJP-2026-0001"


class Desk:
    """A node of one's own in a folder, and the commands of an operator on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.facts: dict[str, str] = {}

    def __call__(self, *words: str | Path, **wanted: str) -> Said:
        return run(*words, **{"DATA": str(self.data), "LANG": "en", **wanted})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A node made by `init`, with a firm, a certificate that two bodies could hold, and a case."""
    from ecotrace.assembly import close_node, open_node
    from runtime.settings import load

    desk = Desk(tmp_path_factory.mktemp("cli") / "data")
    words = ("--origin", "log.example/cli", "--base-url", "https://trace.example", "--data")
    named = ("--operator", "演示品牌办公室", "--operator-region", "120000", "--operator-code")
    said = run("init", *words, desk.data, *named, made_code("11", 1), "--json", LANG="en")
    assert said.code == DONE, said.err
    assert said.json["published"] > 10
    office = desk.facts["office"] = said.json["operator"]
    node = open_node(load({"ECOTRACE_DATA": str(desk.data)}))

    def do(use_case: Any, command: object, actor: Actor = SYSTEM) -> Any:
        return node.unit.run(use_case, command, actor=actor)

    try:
        for n, name in enumerate(("firm", "body", "heir"), 1):
            order = RegisterParty("enterprise", f"演示{name}", None, made_code("91", n), "120112")
            desk.facts[name] = do(register_party, order).id
        firm, body, heir = (desk.facts[name] for name in ("firm", "body", "heir"))
        for party, function in ((office, "office"), (body, "body"), (heir, "body")):
            do(appoint, AppointBody(party, "jnjp", function))
        product = RegisterProduct(firm, "BOX", "演示大米", "Rice", "grain", "pieces")
        at = datetime.now(UTC) - timedelta(days=3)
        grant = GrantCertificate(
            NUMBER, "jnjp", firm, (do(register_product, product).id,), at.date(),
            at.date() + timedelta(days=700), at, "演示：补录", quantity="10", unit="件", body=body,
        )  # fmt: skip
        do(grant_certificate, grant)
        applicant = Actor(firm, None, frozenset({"operator"}), SYSTEM.scopes, client="clnt:x")
        desk.facts["case"] = do(open_case, OpenCase("jnjp", "initial", firm), applicant).case_id
    finally:
        close_node(node)
    return desk


def test_status_is_said_and_signed(desk: Desk, tmp_path: Path) -> None:
    answer = tmp_path / "answer.jwt"
    said = desk("certificates", "status", NUMBER, "--out", answer)
    assert (said.code, said.first_words) == (DONE, ["status", "statement", "decision"])
    assert said.lines[0][1:] == [NUMBER, "jnjp", "active", "mark"]
    assert desk("log", "export", "--out", tmp_path / "log").code == DONE
    checked = desk("verify-answer", answer, "--vkey", tmp_path / "log" / "vkey")
    assert checked.code == DONE, checked.out
    before = desk("certificates", "status", NUMBER, "--at", "2001-01-01T00:00:00Z", "--json")
    assert (before.code, before.json["state"]) == (DONE, "not_yet")
    unknown = "2001-01-01T00:00:00Z"
    early = desk("certificates", "status", NUMBER, "--as-known-at", unknown, "--json", LANG="zh")
    assert early.json["state"] == "unknown"
    assert desk("certificates", "status", NUMBER, "--at", "yesterday").code == USAGE
    for number in ("JNJP-1999-0001", "x"):
        said = desk("certificates", "status", number)
        assert said.code == DIFFERENCE
        assert said.err.startswith("refused certificate_unknown ")


def test_a_paper_is_issued_and_one_flipped_bit_is_found(desk: Desk, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    made = desk("certificates", "paper", NUMBER, "--out", paper, "--json")
    assert made.code == DONE, made.err
    good = desk("certificates", "check-paper", paper)
    assert (good.code, good.first_words) == (DONE, ["good", "issued"])
    content = bytearray(paper.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "broken.pdf").write_bytes(content)
    bad = desk("certificates", "check-paper", tmp_path / "broken.pdf", "--json")
    assert (bad.code, bad.json["good"], bad.json["issued"]) == (DIFFERENCE, False, None)
    assert desk("certificates", "check-paper", tmp_path / "broken.pdf").first_words == ["bad"]
    seals = tmp_path / "seals.pem"
    seals.write_text("no certificate", "ascii")
    assert desk("certificates", "check-paper", paper, "--seals", seals).code == USAGE
    gone = desk("certificates", "paper", "JNJP-1999-0001", "--out", tmp_path / "x.pdf")
    assert gone.code == DIFFERENCE
    assert not (tmp_path / "x.pdf").exists()


def test_cases_are_listed_and_shown_without_what_was_typed(desk: Desk) -> None:
    firm, case = desk.facts["firm"], desk.facts["case"]
    listed = desk("cases", "list", "--holder", firm)
    assert (listed.code, listed.first_words) == (DONE, ["case", "cases"])
    assert listed.lines[0][1:6] == [case, "jnjp", "initial", firm, "draft"]
    assert desk("cases", "list", "--json").json == {"cases": []}, "a draft waits for its applicant"
    shown = desk("cases", "show", case)
    assert shown.first_words == ["case", "step"]
    assert desk("cases", "show", case, "--json").json["steps"][0]["event"] == "open"
    for words, expected in [
        (("cases", "show", "case:AAAAAAAAAAAAAAAAAAAA"), "case_unknown"),
        (("cases", "list", "--holder", "org:nobody"), "party_unknown"),
    ]:
        said = desk(*words)
        assert (said.code, said.err.split()[:2]) == (DIFFERENCE, ["refused", expected])


def test_a_move_is_opened_shown_and_worked_off(desk: Desk) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    words = ("--scheme", "jnjp", "--from", desk.facts["body"], "--to", desk.facts["heir"],
             "--why", "leaves", "--until", until, "--reason", "机构停业")  # fmt: skip
    opened = desk("moves", "open", *words, "--json")
    assert opened.code == DONE, opened.err
    move = opened.json["move"]
    assert (move["state"], move["pending"]) == ("open", 1)
    shown = desk("moves", "show", move["id"])
    assert shown.first_words == ["move", "ticket"]
    worked = desk("moves", "run", "--seconds", "1")
    assert (worked.code, worked.lines) == (DONE, [["portions", "0"]])
    assert desk("moves", "show", "move:none").err.startswith("refused move_unknown ")
    again = desk("moves", "open", *words)
    assert again.code == DIFFERENCE
    assert desk("moves", "open", *words[:-1]).code == USAGE
    assert desk("moves", "run", "--seconds", "never").code == USAGE


def test_a_node_does_not_open_when_a_published_scheme_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk("schemes", "check", "--published").code == DONE
    ships = schemes.shipped("jnjp")
    other = {**catalogue()["jnjp"], ships.scheme.version: Shipped(ships.scheme, b"{}")}
    monkeypatch.setattr(schemes, "catalogue", lambda: {**catalogue(), "jnjp": other})
    for lang in ("zh", "en"):
        said = desk("cases", "list", LANG=lang)
        assert (said.code, said.err.split()[0]) == (ENVIRONMENT, "environment")
        assert "jnjp" in said.err
    found = desk("doctor", "--json").json["findings"]
    assert "schemes_changed" in {each["code"] for each in found}
    assert desk("schemes", "check", "--published").code == DIFFERENCE


def test_init_refuses_an_operator_before_it_makes_anything(tmp_path: Path) -> None:
    words = ("init", "--origin", "log.example/x", "--data", tmp_path / "data", "--operator", "演示")
    said = run(*words, "--operator-code", "123", LANG="en")
    assert said.code == DIFFERENCE
    assert not (tmp_path / "data").exists()
