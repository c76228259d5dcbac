"""Rule packs: every example in every file, and every rule of the format broken once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from points.accounts.model import milli_from, points_text
from points.packs.errors import PackError
from points.packs.model import Cap, Fact, pack_for, read_pack, rule_for, run_example
from points.packs.service import PublishPack, publish, published_packs, shipped
from runtime import base64url
from runtime.refusal import Refusal
from tests.certification.books import codes, logged

PACKS = {code: read_pack(content.encode()) for code, content in shipped().items()}
EXAMPLES = [(pack, example) for pack in PACKS.values() for example in pack.examples]
TIANJIN = shipped()["tianjin"]


@pytest.mark.parametrize(
    "pack, example", EXAMPLES, ids=[f"{pack.code}: {example.name}" for pack, example in EXAMPLES]
)
def test_examples(pack, example):
    assert run_example(pack, example) == (example.gives_milli, example.refused)


@pytest.mark.parametrize("code", sorted(PACKS))
def test_packs_without_published_numbers_say_so(code):
    pack = PACKS[code]
    assert pack.illustrative
    assert "示例" in pack.name.zh
    assert pack.digest == sha256(shipped()[code].encode()).digest()
    straw = next(rule for rule in pack.rules if rule.code == "straw_returned")
    assert (straw.amount_milli, straw.cap) == (10_000, Cap(200_000, "year"))


@pytest.mark.parametrize(
    "old, new",
    [
        ("format = 1", "format = 2"),
        ('code = "tianjin"', ""),
        ("version = 1", 'version = "1"'),
        ("version = 1", "version = 0"),
        ("illustrative = true", "illustrative = 1"),
        ('disclosure = "contract"', 'disclosure = "secret"'),
        ("effective = 2024-01-01", "effective = 2024-01-01T00:00:00Z"),
        ('regions = ["12"]', "regions = []"),
        ('points = "20"', "points = 20"),
        ('points = "20"', 'points = "20.0001"'),
        ('points = "20"', 'points = "1e3"'),
        ('points = "20"', 'points = "21"'),
        ('per = "mu"', 'per = "acre"'),
        ('cap = { points = "200", per = "year" }', 'cap = { points = "-1", per = "year" }'),
        ('cap = { points = "200", per = "year" }', 'cap = { points = "200", per = "week" }'),
        ('cap = { points = "200", per = "year" }', 'cap = { points = "300", per = "year" }'),
        ("when = { chain = '\"unbroken\"' }", "when = { chain = 'unbroken' }"),
        ('reason = { zh = "秸秆还田", en = "Straw returned to the field" }', 'reason = "x"'),
        ('en = "Straw returned to the field"', 'en = ""'),
        ('fact = "input.forbidden"\npoints', 'fact = "lot.closed"\npoints'),
        ('code = "straw_returned"', 'code = "lot_unbroken"'),
        ('gives = "125"', 'gives = "126"'),
        ('gives = "125"', ""),
        ('refused = "cap_reached"', 'refused = "no_rule"'),
        ('used = "125"', 'used = "many"'),
        ('quantity = "12.5"', 'quantity = "12.555"'),
        ("lasts_months = 24", "lasts_months = 0"),
        ('unit = "亩"', 'unit = "里"'),
        ("[[example]]", "[[exemple]]"),
        ("format = 1", "format = 1\nextra = 1"),
        ("format = 1", "format = "),
    ],
)
def test_a_wrong_pack_is_refused(old, new):
    assert old in TIANJIN
    with pytest.raises(PackError):
        read_pack(TIANJIN.replace(old, new).encode())


def test_every_rule_is_shown_counted_and_refused():
    without = TIANJIN.split('[[example]]\nname = "无此扣分事项"')[0]
    with pytest.raises(PackError) as refused:
        read_pack(without.encode())
    assert refused.value.place == "rule.input_forbidden"


def pack(version: int, effective: str, until: str | None = None, region: str = "12"):
    content = TIANJIN.replace("version = 1", f"version = {version}")
    end = "" if until is None else f"\nuntil = {until}"
    content = content.replace("effective = 2024-01-01", f"effective = {effective}{end}")
    return read_pack(content.replace('["12"]', f'["{region}"]').encode())


YEARS = [
    pack(1, "2024-01-01", "2025-12-31"),
    pack(2, "2026-01-01"),
    pack(3, "2026-07-01"),
    pack(9, "2020-01-01", region="65"),
]


@pytest.mark.parametrize(
    "at, version",
    [
        # 24:00 of 31 December in Beijing is 16:00 UTC (I12: the event's date picks the pack).
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), 1),
        (datetime(2025, 12, 31, 16, tzinfo=UTC), 2),
        (datetime(2026, 6, 30, 15, 59, tzinfo=UTC), 2),
        (datetime(2026, 6, 30, 16, tzinfo=UTC), 3),
        (datetime(2030, 1, 1, tzinfo=UTC), 3),
    ],
)
def test_the_date_of_the_event_picks_the_pack(at, version):
    assert pack_for(YEARS, "120112", at).version == version


@pytest.mark.parametrize("region", [None, "110000", "371200"])
def test_no_pack_for_other_regions_or_before_the_first(region):
    assert codes(pack_for, YEARS, region, datetime(2026, 1, 1, tzinfo=UTC)) == ["no_pack"]
    assert codes(pack_for, YEARS, "120112", datetime(2023, 1, 1, tzinfo=UTC)) == ["no_pack"]


def test_an_unknown_fact_has_no_rule():
    fact = Fact("lot.opened", datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Refusal):
        rule_for(PACKS["tianjin"], fact)


@pytest.mark.parametrize(
    "text, milli", [("20", 20_000), ("-0.5", -500), ("0.02", 20), ("0", 0), ("10.001", 10_001)]
)
def test_points_and_milli_points(text, milli):
    assert milli_from(text) == milli
    assert points_text(milli) == text


@pytest.mark.parametrize("text", ["", "1.", ".5", "1.0000", "01", "1e3", "+1", "１", "1 "])
def test_what_is_no_number_of_points(text):
    with pytest.raises(ValueError, match="no number"):
        milli_from(text)


def test_publishing_puts_the_digest_into_the_log(points):
    again = points.run(publish, PublishPack(TIANJIN))
    digest = sha256(TIANJIN.encode()).digest()
    payload = logged(points.node, again.payload_id)
    packs = _packs(points)
    assert payload.facts == {"pack": base64url.encode(digest), "code": "tianjin", "version": 1}
    assert {each.code for each in packs} == {"tianjin", "kenli", "xinjiang"}
    changed = TIANJIN.replace("示例积分", "示例").replace("演示积分管理单位", "另一单位")
    assert codes(points.run, publish, PublishPack(changed)) == ["pack_taken"]
    assert codes(points.run, publish, PublishPack("format = 1")) == ["pack_invalid"]
    newer = TIANJIN.replace("version = 1", "version = 2").replace(
        "effective = 2024-01-01", "effective = 2026-01-01"
    )
    assert points.run(publish, PublishPack(newer)).version == 2
    assert date(2026, 1, 1) in {each.effective for each in _packs(points)}


def _packs(points):
    with points.read() as session:
        return published_packs(session)
