"""Quantities as farmers, presses and partners write them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.quantities import (
    UNITS,
    WHOLE_LIMIT,
    Kind,
    Quantity,
    QuantityError,
    measured,
    parse,
    show,
    unit_named,
)


@pytest.mark.parametrize(
    "value, unit, kind, whole",
    [
        ("1", "公斤", "mass", 1_000_000),
        ("0.000001", "kg", "mass", 1),
        ("12.5", "斤", "mass", 6_250_000),
        ("3", "两", "mass", 150_000),
        ("1.25", "吨", "mass", 1_250_000_000),
        ("1", "t", "mass", 1_000_000_000),
        ("500", "克", "mass", 500_000),
        ("0.001", "g", "mass", 1),
        ("7", "毫克", "mass", 7),
        ("2", "KGM", "mass", 2_000_000),
        ("1", "亩", "area", 667),
        ("0.01", "亩", "area", 7),
        ("3", "亩", "area", 2_000),
        ("1500.00", "亩", "area", 1_000_000),
        ("2.5", "m²", "area", 2),
        ("3.5", "m²", "area", 4),
        ("1.5", "公顷", "area", 15_000),
        ("200", "只", "pieces", 200),
        ("12", "箱", "pieces", 12),
        ("0", "袋", "pieces", 0),
        ("5.0", "公", "pieces", 5),
        ("6", "母", "pieces", 6),
    ],
)
def test_what_people_type(value: str, unit: str, kind: Kind, whole: int) -> None:
    quantity = parse(value, unit)
    assert (quantity.kind, quantity.whole()) == (kind, whole)
    assert (quantity.typed_value, quantity.typed_unit) == (value, unit)


@pytest.mark.parametrize(
    "value, unit, code",
    [
        ("", "公斤", "not_a_number"),
        ("one", "公斤", "not_a_number"),
        ("1,000", "公斤", "not_a_number"),
        ("1e3", "公斤", "not_a_number"),
        ("+1", "公斤", "not_a_number"),
        (" 1", "公斤", "not_a_number"),
        ("1\n", "公斤", "not_a_number"),
        (".5", "公斤", "not_a_number"),
        ("5.", "公斤", "not_a_number"),
        ("1.2.3", "公斤", "not_a_number"),
        ("NaN", "公斤", "not_a_number"),
        ("Infinity", "公斤", "not_a_number"),
        ("1/2", "公斤", "not_a_number"),
        ("0x10", "公斤", "not_a_number"),
        ("１２", "公斤", "not_a_number"),
        ("١", "公斤", "not_a_number"),
        ("9" * 17, "毫克", "not_a_number"),
        ("-1", "公斤", "negative"),
        ("\u22121", "公斤", "negative"),
        ("-0.5", "亩", "negative"),
        ("-5", "只", "negative"),
        ("0.0000001", "公斤", "inexact"),
        ("0.00000001", "斤", "inexact"),
        ("1.5", "只", "inexact"),
        ("0.5", "箱", "inexact"),
        ("1.234", "亩", "inexact"),
        ("9007199254740992", "毫克", "too_large"),
        ("9007199255", "公斤", "too_large"),
        ("13510798882112", "亩", "too_large"),
        ("9007199254740992", "只", "too_large"),
        ("1", "", "unknown_unit"),
        ("1", "磅", "unknown_unit"),
        ("1", "KG", "unknown_unit"),
        ("1", "公斤 ", "unknown_unit"),
    ],
)
def test_what_is_refused(value: str, unit: str, code: str) -> None:
    with pytest.raises(QuantityError) as refused:
        parse(value, unit)
    assert refused.value.code == code


def test_the_largest_that_is_taken() -> None:
    assert parse(str(WHOLE_LIMIT - 1), "毫克").whole() == WHOLE_LIMIT - 1


def test_an_area_just_below_the_limit_that_rounds_up_to_it_is_refused() -> None:
    with pytest.raises(QuantityError) as refused:
        measured(Fraction(WHOLE_LIMIT) - Fraction(1, 4), "9007199254740991.75", "m²")
    assert refused.value.code == "too_large"


def test_gates_compute_with_what_was_typed_not_with_what_was_rounded() -> None:
    third = parse("0.33", "亩")
    assert third.exact == 220
    assert sum(parse("0.01", "亩").exact for _ in range(150)) == parse("1.5", "亩").exact == 1000


def test_a_partners_number_may_have_an_exponent() -> None:
    quantity = measured(Fraction(Decimal("1.5e3")), "1.5e3", "KGM")
    assert quantity == Quantity("mass", Fraction(1_500_000_000), "1.5e3", "KGM")
    with pytest.raises(QuantityError) as refused:
        measured(Fraction(-1), "-1", "KGM")
    assert refused.value.code == "negative"


def test_every_unit_has_one_meaning() -> None:
    names = [name for unit in UNITS for name in (*unit.names, unit.uncefact) if name]
    assert len(names) == len(set(names))
    assert {unit.kind for unit in UNITS} == set(get_args(Kind))
    assert all(unit_named(name) in UNITS for name in names)


@pytest.mark.parametrize(
    "kind, whole, lang, jin, text",
    [
        ("mass", 1_250_500_000, "zh", False, "1250.5 公斤"),
        ("mass", 1_250_500_000, "zh", True, "2501 斤"),
        ("mass", 1_250_500_000, "en", True, "1250.5 kg"),
        ("mass", 1, "en", False, "0.000001 kg"),
        ("mass", 0, "zh", False, "0 公斤"),
        ("mass", -1_500_000, "zh", False, "-1.5 公斤"),
        ("area", 667, "zh", False, "1 亩"),
        ("area", 1_000_000, "en", False, "1500 mu"),
        ("area", 20, "zh", False, "0.03 亩"),
        ("pieces", 1, "en", False, "1 piece"),
        ("pieces", 200, "en", False, "200 pieces"),
        ("pieces", 200, "zh", False, "200 件"),
    ],
)
def test_what_people_read(kind: Kind, whole: int, lang: str, jin: bool, text: str) -> None:
    assert show(kind, whole, lang, jin=jin) == text


@given(some.integers(0, 10**10))
def test_mu_typed_to_the_hundredth_is_shown_as_typed(hundredths: int) -> None:
    """Storing whole square metres loses less than half a hundredth of a 亩."""
    typed = str(Decimal(hundredths) / 100)
    shown = show("area", parse(typed, "亩").whole(), "zh").removesuffix(" 亩")
    assert Decimal(shown) == Decimal(typed)


@given(some.integers(0, WHOLE_LIMIT - 1), some.booleans())
def test_mass_is_shown_exactly(milligrams: int, jin: bool) -> None:
    value, unit = show("mass", milligrams, "zh", jin=jin).split(" ")
    assert parse(value, unit).whole() == milligrams


@given(some.text(max_size=20), some.sampled_from([unit.names[0] for unit in UNITS]))
def test_any_text_is_a_quantity_or_refused(value: str, unit: str) -> None:
    try:
        assert 0 <= parse(value, unit).whole() < WHOLE_LIMIT
    except QuantityError as error:
        assert error.code != "unknown_unit"
