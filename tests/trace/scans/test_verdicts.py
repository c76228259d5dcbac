"""The verdict of the scan page, as tables of facts."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trace.scans.model import (
    CAVEAT,
    FORBIDDEN_WORDS,
    MARK_EXPIRED_VARIANTS,
    SENTENCES,
    Code,
    Colour,
    FirstScan,
    MarkPeriod,
    MarkState,
    ScanFacts,
    SerialState,
    headline,
    next_change_at,
    verdicts,
)


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}T00:00:00+00:00")


PACKED, SOLD, NOW = day("10-26"), day("10-28"), day("11-05")
ACTIVE, SUSPENDED, REVOKED = MarkState.ACTIVE, MarkState.SUSPENDED, MarkState.REVOKED

SOLD_BAG = ScanFacts(
    product_known=True,
    serial=SerialState.PRINTED,
    address_lot="lot:a",
    label_lot="lot:a",
    in_use_from=SOLD,
    packed_at=PACKED,
    first=FirstScan.CLAIMED,
)


def mark(begins: str, ends: str | None, *changes: tuple[str, MarkState]) -> MarkPeriod:
    decided = tuple((day(since), state) for since, state in changes)
    return MarkPeriod(day(begins), None if ends is None else day(ends), decided)


VALID = mark("01-01", "12-31")

CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("a bag that was sold, scanned first", {}, ["found_first"]),
    ("scanned again", {"first": FirstScan.EARLIER, "first_at": SOLD, "n": 2}, ["found_again"]),
    ("no statement in time", {"first": FirstScan.UNSTATED}, ["found"]),
    ("a lot's page", {"serial": SerialState.ABSENT, "first": FirstScan.UNSTATED}, ["found"]),
    (
        "a lot's page before the first sale",
        {"serial": SerialState.ABSENT, "first": FirstScan.UNSTATED, "in_use_from": None},
        ["found"],
    ),
    (
        "a lot that nobody registered",
        {"serial": SerialState.ABSENT, "lot_known": False, "address_lot": ""},
        ["unknown"],
    ),
    (
        "a product that nobody registered",
        {"product_known": False, "serial": SerialState.ABSENT},
        ["unknown"],
    ),
    ("a wrong tag", {"serial": SerialState.MISTYPED}, ["mistyped"]),
    ("a right tag outside every run", {"serial": SerialState.OUTSIDE}, ["unknown"]),
    (
        "a strange serial of a strange product",
        {"product_known": False, "serial": SerialState.MISTYPED},
        ["mistyped", "unknown"],
    ),
    ("void", {"void": True}, ["void", "found_first"]),
    ("not sold yet", {"in_use_from": None, "first": FirstScan.UNSTATED}, ["not_in_use", "found"]),
    (
        "printed, bound to nothing",
        {"in_use_from": None, "label_lot": None, "address_lot": None, "first": FirstScan.UNSTATED},
        ["not_in_use", "found"],
    ),
    ("another lot than the label's", {"label_lot": "lot:b"}, ["altered", "found_first"]),
    ("an unregistered lot in the address", {"address_lot": ""}, ["altered", "found_first"]),
    ("no lot in the address", {"address_lot": None}, ["found_first"]),
    ("recalled", {"recalled": True}, ["recalled", "found_first"]),
    (
        "recalled, void and altered, and not sold",
        {"recalled": True, "void": True, "label_lot": "lot:b", "in_use_from": None},
        ["recalled", "void", "altered", "not_in_use", "found_first"],
    ),
    (
        "a mistyped serial of a recalled lot",
        {"recalled": True, "serial": SerialState.MISTYPED},
        ["recalled", "mistyped"],
    ),
    (
        "a recalled lot's page",
        {"recalled": True, "serial": SerialState.ABSENT, "first": FirstScan.UNSTATED},
        ["recalled", "found"],
    ),
    (
        "seen in three cities within an hour",
        {"copy_suspected": True},
        ["copy_suspected", "found_first"],
    ),
    ("a valid mark", {"marks": (VALID,)}, ["found_first"]),
    ("a mark without end", {"marks": (mark("01-01", None),)}, ["found_first"]),
    # the rival's licence ended on 31 October, 24:00: packed on the 28th, packed on 5 November
    ("mark ended since", {"marks": (mark("01-01", "11-01"),)}, ["mark_ended_since", "found_first"]),
    (
        "mark had ended when packed",
        {"marks": (mark("01-01", "11-01"),), "packed_at": day("11-05")},
        ["mark_expired", "found_first"],
    ),
    (
        "packed in the first moment after the end",
        {"marks": (mark("01-01", "10-26"),)},
        ["mark_expired", "found_first"],
    ),
    (
        "packed before the mark",
        {"marks": (mark("10-27", "12-31"),)},
        ["mark_expired", "found_first"],
    ),
    (
        "packed while suspended, resumed since",
        {"marks": (mark("01-01", "12-31", ("10-20", SUSPENDED), ("10-30", ACTIVE)),)},
        ["mark_expired", "found_first"],
    ),
    (
        "suspended since",
        {"marks": (mark("01-01", "12-31", ("11-01", SUSPENDED)),)},
        ["mark_suspended", "found_first"],
    ),
    (
        "suspended and resumed before packing",
        {"marks": (mark("01-01", "12-31", ("02-01", SUSPENDED), ("03-01", ACTIVE)),)},
        ["found_first"],
    ),
    (
        "revoked since",
        {"marks": (mark("01-01", "12-31", ("11-01", SUSPENDED), ("11-02", REVOKED)),)},
        ["mark_revoked", "found_first"],
    ),
    (
        "revoked before packing",
        {"marks": (mark("01-01", "12-31", ("10-01", REVOKED)),)},
        ["mark_revoked", "mark_expired", "found_first"],
    ),
    (
        "suspended, and its term has ended",
        {"marks": (mark("01-01", "11-01", ("10-30", SUSPENDED)),)},
        ["mark_suspended", "mark_ended_since", "found_first"],
    ),
    (
        "two marks, two faults",
        {"marks": (mark("01-01", "11-01"), mark("01-01", None, ("11-01", SUSPENDED)))},
        ["mark_suspended", "mark_ended_since", "found_first"],
    ),
    (
        "never packed, mark ended",
        {"packed_at": None, "marks": (mark("01-01", "11-01"),)},
        ["mark_expired", "found_first"],
    ),
    ("never packed, mark valid", {"packed_at": None, "marks": (VALID,)}, ["found_first"]),
    (
        "copied, and the mark ended since",
        {"copy_suspected": True, "marks": (mark("01-01", "11-01"),)},
        ["copy_suspected", "mark_ended_since", "found_first"],
    ),
]


@pytest.mark.parametrize(
    "facts, codes", [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_a_visitor_is_told(facts, codes):
    assert [each.code.value for each in verdicts(replace(SOLD_BAG, **facts), NOW)] == codes


def test_the_ranks_are_those_of_the_field():
    order = (
        "recalled void altered mistyped unknown not_in_use mark_revoked mark_suspended "
        "mark_expired copy_suspected mark_ended_since found_first found_again found"
    )
    assert [code.value for code in Code] == order.split()
    assert [code.rank for code in Code] == list(range(14))


def test_colours():
    colours = [code.colour for code in Code]
    assert colours == [Colour.RED] * 9 + [Colour.AMBER] * 2 + [Colour.GREEN] * 3


def test_the_sentences_of_the_field():
    """domain, section 7."""
    assert [SENTENCES[code][0] for code in Code] == [
        "本批产品正在召回，请停止食用",
        "此码已作废",
        "编码与登记不符，标签可能被改动",
        "编码有误，请核对后重输",
        "未查到此码，请勿据此判断产品来源",
        "此码尚未启用",
        "标志使用已撤销",
        "标志使用已暂停",
        "包装时标志使用期已过",
        "此码疑似被复制，请谨慎购买",
        "包装时标志有效，现已到期",
        "已查到登记信息，首次查询",
        "已查到登记信息，第 {n:,} 次查询，首次 {time}{city}",
        "已查到登记信息",
    ]


@pytest.mark.parametrize(
    "n, city, zh, en",
    [
        (
            2,
            "天津市",
            "已查到登记信息，第 2 次查询，首次 2026-10-28 08:00 天津市",
            "On record. Scan 2; first 2026-10-28 08:00, 天津市",
        ),
        (
            1_234,
            None,
            "已查到登记信息，第 1,234 次查询，首次 2026-10-28 08:00",
            "On record. Scan 1,234; first 2026-10-28 08:00",
        ),
    ],
)
def test_scanned_again_says_when_in_beijing_time_and_where(n, city, zh, en):
    facts = replace(SOLD_BAG, first=FirstScan.EARLIER, first_at=SOLD, first_city=city, n=n)
    told = headline(facts, NOW)
    assert (told.text("zh"), told.text("en"), told.colour) == (zh, en, Colour.GREEN)


@pytest.mark.parametrize(
    "period, packed, variant",
    [
        (mark("01-01", "10-01"), PACKED, None),
        (mark("10-27", "12-31"), PACKED, "early"),
        (mark("01-01", "12-31", ("10-20", SUSPENDED), ("10-30", ACTIVE)), PACKED, "barred"),
        (mark("01-01", "10-01"), None, "unpacked"),
    ],
)
def test_why_a_mark_was_not_valid(period, packed, variant):
    told = headline(replace(SOLD_BAG, marks=(period,), packed_at=packed), NOW)
    expected = SENTENCES[Code.MARK_EXPIRED] if variant is None else MARK_EXPIRED_VARIANTS[variant]
    assert told.code is Code.MARK_EXPIRED
    assert (told.zh, told.en) == expected


def test_no_sentence_promises_what_nobody_can_keep():
    sentences = [*SENTENCES.values(), *MARK_EXPIRED_VARIANTS.values(), CAVEAT]
    for zh, en in sentences:
        assert not any(word in zh for word in FORBIDDEN_WORDS)
        assert not re.search(r"genuine|authentic|guarantee|safe\b", en, re.IGNORECASE)
        assert re.search("[\u4e00-\u9fff]", zh)
        assert not re.search("[\u4e00-\u9fff]", en)


# ---- any facts ---------------------------------------------------------------------------------

moments = some.integers(0, 400).map(lambda days: day("01-01") + timedelta(days=days))
marks = some.builds(
    MarkPeriod,
    moments,
    some.none() | moments,
    some.lists(some.tuples(moments, some.sampled_from(MarkState)), max_size=3).map(
        lambda changes: tuple(sorted(changes))
    ),
)
any_facts = some.builds(
    ScanFacts,
    product_known=some.booleans(),
    lot_known=some.booleans(),
    serial=some.sampled_from(SerialState),
    address_lot=some.sampled_from([None, "", "lot:a", "lot:b"]),
    label_lot=some.sampled_from([None, "lot:a"]),
    void=some.booleans(),
    recalled=some.booleans(),
    in_use_from=some.none() | moments,
    packed_at=some.none() | moments,
    marks=some.lists(marks, max_size=3).map(tuple),
    copy_suspected=some.booleans(),
    first=some.sampled_from(FirstScan),
    first_at=some.none() | moments,
    first_city=some.sampled_from([None, "天津市"]),
    n=some.integers(1, 10**6),
)


@given(any_facts, moments)
def test_there_is_always_a_verdict_in_rank_order_once_each(facts, now):
    told = verdicts(facts, now)
    ranks = [each.code.rank for each in told]
    assert ranks == sorted(set(ranks))
    assert headline(facts, now) == told[0]
    on_record = [each for each in told if each.code.rank >= Code.FOUND_FIRST.rank]
    nothing_known = {Code.MISTYPED, Code.UNKNOWN} & {each.code for each in told}
    assert len(on_record) == (0 if nothing_known else 1)


@given(any_facts, moments)
def test_only_time_changes_a_verdict_and_only_when_foretold(facts, now):
    before, change = verdicts(facts, now), next_change_at(facts, now)
    horizon = change or now + timedelta(days=2000)
    span = horizon - now
    for part in (0.1, 0.5, 0.9):
        assert verdicts(facts, now + span * part) == before
    assert verdicts(facts, horizon - timedelta(microseconds=1)) == before
    if change is not None:
        assert change > now
        assert verdicts(facts, change) != before


@pytest.mark.parametrize(
    "facts, now, change",
    [
        ({}, NOW, None),
        ({"marks": (VALID,)}, NOW, day("12-31")),
        ({"marks": (VALID, mark("01-01", "11-20"))}, NOW, day("11-20")),
        ({"marks": (VALID,)}, day("12-31"), None),
        ({"in_use_from": day("11-06"), "first": FirstScan.UNSTATED}, NOW, day("11-06")),
        ({"marks": (mark("01-01", "12-31", ("11-30", SUSPENDED)),)}, NOW, day("11-30")),
        # a revoked mark stays revoked when its term ends, but its page says one thing more
        ({"marks": (mark("01-01", "12-31", ("11-01", REVOKED)),)}, NOW, day("12-31")),
        ({"marks": (mark("01-01", "12-31"),), "serial": SerialState.MISTYPED}, NOW, None),
        ({"marks": (mark("11-20", None),), "packed_at": None}, NOW, None),
    ],
)
def test_when_time_alone_changes_a_page(facts, now, change):
    assert next_change_at(replace(SOLD_BAG, **facts), now) == change


def test_every_fact_counts():
    """A fact that changes no verdict in any case would be dead weight."""
    named = {name for case in CASES for name in case[1]}
    assert {field.name for field in fields(ScanFacts)} - named == {"first_city"}


def test_time_zones_do_not_matter():
    here = NOW.astimezone(UTC)
    assert verdicts(SOLD_BAG, here) == verdicts(SOLD_BAG, NOW)
