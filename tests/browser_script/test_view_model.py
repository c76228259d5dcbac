"""The view model, the bundle that is made of it, and the words around them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from public_api.scan.page import (
    LotView,
    Opening,
    Scans,
    Verdict,
    answer,
    entry_fact,
    opened_fact,
    opened_voucher,
    ranked,
    source_text,
    unlogged_fact,
    value_at,
)
from public_api.scan.proof import ProofIncomplete, bundle, script_text
from public_api.scan.verify_page import PinnedLog, PinnedPolicy, verify_page, verify_policy
from public_api.scan.words import check_sentence
from tests.browser_script.sample_pages import crabs, nothing, rice
from web.assets import Assets
from web.language import Words

LABEL = Words("产品", "Product")
OPENING = Opening(3, "record", "c2FsdA", {"name": "米", "list": [{"a/b": 1}], "~": 2})


@pytest.mark.parametrize(
    ("record", "zh", "en"),
    [
        ({"name_zh": "小站稻", "name_en": "Xiaozhan rice"}, "小站稻", "Xiaozhan rice"),
        ({"name_zh": "小站稻", "name_en": ""}, "小站稻", "小站稻"),
        ({"name_zh": "小站稻", "name_en": None}, "小站稻", "小站稻"),
        ({"name_zh": "小站稻"}, "小站稻", "小站稻"),
    ],
)
def test_english_readers_see_the_english_member_where_the_record_has_it(
    record: dict[str, object], zh: str, en: str
) -> None:
    opening = replace(OPENING, value=record)
    fact = opened_fact("f", LABEL, opening, "/name_zh")
    party = opened_voucher("v", LABEL, 3, "own", opening)
    assert (fact.text("zh"), fact.text("en")) == (zh, en)
    assert zh in party.text("zh")
    assert en in party.text("en")
    for shown in (fact.spoken("en"), party.spoken("en")):
        assert shown.source is not None
        assert value_at(record, shown.source.pointer) == en


@pytest.mark.parametrize(
    "pointer, value",
    [("/name", "米"), ("/list/0/a~1b", 1), ("/~0", 2), ("/list", [{"a/b": 1}])],
)
def test_a_fact_is_read_from_its_opening(pointer: str, value: object) -> None:
    fact = opened_fact("f", LABEL, OPENING, pointer)
    assert fact.value == value
    assert fact.source is not None
    assert source_text(fact.source) == {"entry": 3, "field": "record", "pointer": pointer}


@pytest.mark.parametrize(
    "pointer", ["/nothing", "/list/1", "/list/-1", "/list/00", "/list/x", "/name/0", "/list/0/a/b"]
)
def test_a_pointer_that_leads_nowhere_is_a_mistake(pointer: str) -> None:
    with pytest.raises(LookupError):
        opened_fact("f", LABEL, OPENING, pointer)


def test_the_whole_value_has_the_empty_pointer() -> None:
    assert value_at({"a": 1}, "") == {"a": 1}


def test_verdicts_are_ranked_and_each_stands_once() -> None:
    verdicts = ranked([Verdict("found"), Verdict("void"), Verdict("recalled"), Verdict("found")])
    assert [verdict.code for verdict in verdicts] == ["recalled", "void", "found"]


def test_a_page_needs_a_verdict() -> None:
    with pytest.raises(ValueError, match="verdict"):
        ranked([])


def test_an_unknown_verdict_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        ranked([Verdict("genuine")])


FIRST = datetime(2026, 11, 20, 1, 12, tzinfo=UTC)
SENTENCES = [
    (Verdict("found_first"), "zh", "已查到登记信息，首次查询"),
    (
        Verdict("found_again", 3, FIRST, Words("天津市", "Tianjin")),
        "zh",
        "已查到登记信息，第 3 次查询，首次 2026年11月20日 09:12 天津市",
    ),
    (
        Verdict("found_again", 3, FIRST, Words("天津市", "Tianjin")),
        "en",
        "On record. Scan 3; first 20 Nov 2026, 09:12 (Beijing time), Tianjin",
    ),
    (
        Verdict("found_again", 3, FIRST),
        "zh",
        "已查到登记信息，第 3 次查询，首次 2026年11月20日 09:12",
    ),
    (Verdict("mark_expired"), "en", "Mark had expired when packed"),
]


@pytest.mark.parametrize("verdict, lang, sentence", SENTENCES)
def test_sentences_of_verdicts(verdict: Verdict, lang: str, sentence: str) -> None:
    assert verdict.sentence(lang) == sentence


def test_machines_get_the_same_page() -> None:
    sample = crabs("en")
    assert sample.page.lot is not None
    proof = bundle(sample.proof, sample.page.lot, "en")
    said = answer(sample.page, "en", proof)
    assert said["verdict"] == "recalled"
    assert said["verdicts"] == ["recalled", "mark_suspended", "found_again"]
    assert said["rank"] == 0
    assert said["proof"] == proof
    first = said["facts"][0]
    assert first["text"] == "Huanghekou hairy crab, male, 200 g"
    assert first["source"]["field"] == "record"
    json.dumps(said)


def test_a_code_of_nobody_has_no_facts() -> None:
    said = answer(nothing("mistyped"), "zh")
    assert (said["verdict"], said["facts"], said["proof"]) == ("mistyped", [], None)


def test_pending_and_unlogged_are_told_apart() -> None:
    facts = (unlogged_fact("a", LABEL, "1"), unlogged_fact("b", LABEL, "1", pending=True))
    page = replace(nothing(), lot=LotView(facts[0], more_facts=(facts[1],)), scans=Scans(1))
    assert [fact["source"] for fact in answer(page, "zh")["facts"]] == [None, "pending"]


def test_a_bundle_without_an_entry_that_is_shown_is_a_mistake() -> None:
    sample = rice()
    assert sample.page.lot is not None
    with pytest.raises(ProofIncomplete):
        bundle(replace(sample.proof, entries=sample.proof.entries[:3]), sample.page.lot, "zh")


def test_one_id_has_one_source() -> None:
    a, b = opened_fact("f", LABEL, OPENING, "/name"), opened_fact("f", LABEL, OPENING, "/~0")
    sample = rice()
    with pytest.raises(ProofIncomplete):
        bundle(sample.proof, LotView(a, more_facts=(b,)), "zh")


def test_one_fact_may_be_shown_twice() -> None:
    sample = rice()
    lot = sample.page.lot
    assert lot is not None
    again = replace(lot, more_facts=(*lot.more_facts, lot.product))
    assert bundle(sample.proof, again, "zh") == bundle(sample.proof, lot, "zh")


def test_facts_of_entries_need_no_opening() -> None:
    entry = {"seq": {"at": "2026-11-20T01:02:03.000000Z"}}
    fact = entry_fact("f", LABEL, 0, entry, "/seq/at", "instant")
    sample = rice()
    made = bundle(sample.proof, LotView(fact), "zh")
    assert made["facts"][0]["from"] == ["entry", 0, "/seq/at"]


EVIL = "</script><script>alert(1)</script><!-- \u2028\u2029 &amp; "


def test_a_bundle_stays_inside_its_element() -> None:
    text = script_text({"a": EVIL})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": EVIL}


def test_verify_page_pins_its_policy() -> None:
    policy = PinnedPolicy("h.example", (PinnedLog("o", "o+1+A", ("https://a.example/x",)),))
    page = verify_page(policy, "en", Assets())
    assert page.count('id="policy"') == 1
    assert "__POLICY__" not in page
    assert '"addresses": ["https://a.example/x"]'.replace(" ", "") in page
    header = verify_policy(policy, Assets()).text()
    assert "connect-src 'self' https://a.example;" in header
    assert "'unsafe-inline'" not in header
    assert "script-src 'sha256-" in header


def test_a_policy_cannot_leave_its_element() -> None:
    policy = PinnedPolicy(EVIL, ())
    assert EVIL not in verify_page(policy, "zh", Assets())


def test_sentences_of_the_check_are_filled() -> None:
    said = check_sentence("cannot", "zh", host="h.example")
    assert said == "此浏览器不能在本机核对；以上结论由 h.example 给出"
