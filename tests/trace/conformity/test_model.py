"""承诺达标合格证: when it is due, what it says, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from identity.parties.model import PartyKind
from trace.conformity.model import (
    BASIS_WORDS,
    PROMISES,
    STYLE_WORDS,
    Basis,
    Due,
    Fields,
    LotFacts,
    Style,
    faults,
    is_due,
    keep_until,
    lot_faults,
    mask_person,
    masked,
)
from trace.products.model import Category

# class of product, kind of party -> what is asked; MARA Order 2025-4
DUE = [
    ("vegetable", "enterprise", "due"),
    ("vegetable", "cooperative", "due"),
    ("vegetable", "household", "encouraged"),
    ("vegetable", "person", "encouraged"),
    ("vegetable", "family_farm", "encouraged"),
    ("fruit", "enterprise", "due"),
    ("fruit", "household", "encouraged"),
    ("tea", "cooperative", "due"),
    ("livestock", "enterprise", "due"),
    ("egg", "cooperative", "due"),
    ("aquatic", "enterprise", "due"),
    ("aquatic", "household", "encouraged"),
    # grain is not among the listed names: never forced on milled rice
    ("grain", "enterprise", "not_asked"),
    ("grain", "cooperative", "not_asked"),
    ("grain", "household", "not_asked"),
    ("other", "enterprise", "not_asked"),
    ("no such class", "enterprise", "not_asked"),
]


@pytest.mark.parametrize("product_class, party_kind, due", DUE)
def test_when_a_certificate_is_due(product_class, party_kind, due):
    assert is_due(product_class, party_kind) == due


@pytest.mark.parametrize("party_kind", PartyKind)
def test_a_buyer_who_mixes_or_splits_has_to_issue_one_whoever_he_is(party_kind):
    assert is_due("fruit", party_kind, Style.BUYER) is Due.DUE
    assert is_due("grain", party_kind, Style.BUYER) is Due.NOT_ASKED


def test_every_class_and_kind_has_an_answer():
    answers = {is_due(product, party) for product in Category for party in PartyKind}
    assert answers == set(Due)


def test_the_two_statutory_styles():
    assert set(PROMISES) == set(Style) == set(STYLE_WORDS)
    assert set(BASIS_WORDS) == set(Basis)
    for promise in PROMISES.values():
        assert len(promise.zh) == len(promise.en) == 3
        assert promise.zh[-1] == "对承诺的真实性负责"
        assert "2025-4" in promise.source
    assert "禁用农药兽药" in PROMISES[Style.PRODUCER].zh[0]
    assert "收取并保存" in PROMISES[Style.BUYER].zh[0]


PEARS = Fields(
    product_name="库尔勒香梨",
    quantity=("28000", "公斤"),
    origin="新疆库尔勒市哈拉玉宫乡",
    party_name="演示合作社",
    contact="0996-2000000",
    basis=("own_test",),
)

FIELDS = [
    ({}, []),
    ({"basis": ("control_met", "own_test", "commissioned_test")}, []),
    ({"basis": ()}, ["/basis conformity_basis_unknown"]),
    ({"basis": ("own_test", "own_test")}, ["/basis conformity_basis_unknown"]),
    ({"basis": ("own_test", "hearsay")}, ["/basis conformity_basis_unknown"]),
    ({"style": "seller"}, ["/style conformity_style_unknown"]),
    ({"style": "buyer"}, ["/sources conformity_sources_missing"]),
    ({"style": "buyer", "sources": ("conf:a", "conf:b")}, []),
    ({"style": "buyer", "sources": ("x",) * 51}, ["/sources conformity_sources_many"]),
    ({"sources": ("conf:a",)}, ["/sources conformity_sources_unwanted"]),
    ({"product_name": ""}, ["/product_name conformity_field_missing"]),
    ({"origin": "  "}, ["/origin conformity_field_missing"]),
    ({"party_name": "\u3000"}, ["/party_name conformity_field_missing"]),
    ({"contact": "\n"}, ["/contact conformity_field_missing"]),
    (
        {"product_name": "", "origin": "", "basis": ()},
        [
            "/basis conformity_basis_unknown",
            "/origin conformity_field_missing",
            "/product_name conformity_field_missing",
        ],
    ),
]


@pytest.mark.parametrize("changes, expected", FIELDS)
def test_what_a_certificate_has_to_say(changes, expected):
    reasons = list(faults(replace(PEARS, **changes)))
    assert sorted(f"{reason.pointer} {reason.code.code}" for reason in reasons) == expected
    assert all(reason.text(lang) for reason in reasons for lang in ("zh", "en"))


LOTS = [
    (28_000, 28_000, None, None, []),
    (28_001, 28_000, None, None, ["conformity_over_lot"]),
    (1, 0, None, None, ["conformity_over_lot"]),
    (1, 10, "conf:a", None, ["conformity_exists"]),
    (1, 10, "conf:a", "conf:a", []),
    (1, 10, "conf:b", "conf:a", ["conformity_exists"]),
    (1, 10, None, "conf:a", ["conformity_unknown"]),
    (11, 10, "conf:a", None, ["conformity_exists", "conformity_over_lot"]),
]


@pytest.mark.parametrize("quantity, received, newest, supersedes, codes", LOTS)
def test_what_the_lot_says_against_it(quantity, received, newest, supersedes, codes):
    lot = LotFacts("pieces", received, newest)
    reasons = list(lot_faults(lot, quantity, supersedes))
    assert sorted(reason.code.code for reason in reasons) == codes


def test_more_than_the_lot_has_is_refused_with_both_numbers():
    mass = LotFacts("mass", 28_000_000_000, None)
    (reason,) = lot_faults(mass, 28_000_500_000, None)
    assert reason.text("zh") == "合格证数量 28000.5 kg 超过批次数量 28000 kg"


@pytest.mark.parametrize(
    "issued, kept",
    [
        (date(2026, 2, 1), date(2026, 8, 1)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2026, 3, 31), date(2026, 9, 30)),
    ],
)
def test_records_are_kept_for_half_a_year(issued, kept):
    assert keep_until(issued) == kept


@given(some.dates(date(2026, 1, 1), date(2100, 1, 1)))
def test_half_a_year_is_never_less_than_181_days(issued):
    assert timedelta(days=181) <= keep_until(issued) - issued <= timedelta(days=184)


@pytest.mark.parametrize(
    "name, zh, en",
    [
        ("王小明", "村民 王**", "Villager 王**"),
        ("王明", "村民 王**", "Villager 王**"),
        ("欧阳小明", "村民 欧**", "Villager 欧**"),
        ("村民甲", "村民 甲**", "Villager 村**"),
        ("阿依古丽·买买提", "村民 阿**", "Villager 阿**"),
    ],
)
def test_a_villagers_name_is_masked(name, zh, en):
    assert mask_person(name) == zh
    assert mask_person(name, "en") == en


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("household", ("村民 王**", "138****8000")),
        ("person", ("个人 王**", "138****8000")),
        ("enterprise", ("王小明", "138 0013 8000")),
    ],
)
def test_only_a_natural_persons_name_and_contact_are_masked(kind, expected):
    fields = {"party_name": "王小明", "contact": "138 0013 8000"}
    assert masked(fields, kind, "zh") == expected
