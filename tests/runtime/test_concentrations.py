"""Results of laboratories: values in words, units that convert exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.concentrations import (
    RESULT_UNITS,
    MeasureError,
    convert,
    read_value,
    result_unit,
    shown,
)

VALUES = [
    ("0.010", "equal", "0.01"),
    ("12", "equal", "12"),
    ("=3", "equal", "3"),
    ("<0.01", "below", "0.01"),
    ("＜０．０１", "below", "0.01"),
    ("≤ 0.05", "below", "0.05"),
    ("<=0.05", "below", "0.05"),
    (">1100", "above", "1100"),
    ("≥1.1", "above", "1.1"),
    ("1.2×10^3", "equal", "1200"),
    ("1.2×10³", "equal", "1200"),
    ("2.3 x 10⁻²", "equal", "0.023"),
    ("1.2e3", "equal", "1200"),
    ("<1.0×10²", "below", "100"),
    ("未检出", "not_detected", None),
    ("未检出（ND）", "not_detected", None),
    (" ND ", "not_detected", None),
    ("n.d.", "not_detected", None),
    ("阴性", "negative", None),
    ("Positive", "positive", None),
]


@pytest.mark.parametrize("text, sense, number", VALUES)
def test_values_as_reports_word_them(text: str, sense: str, number: str | None) -> None:
    found = read_value(text)
    assert found.sense == sense
    assert found.number == (None if number is None else Fraction(number))


@pytest.mark.parametrize(
    "text, code",
    [
        *[(text, "negative") for text in ("-1", "−0.5", "- 3")],
        *[
            (text, "not_a_value")
            for text in (
                "", " ", "abc", "1,5", "1.2.3", ".5", "5.", "1/2", "NaN", "inf", "1e99", "10³",
                "<", "<<1", "0x10", "٣", "合格", "符合", "1 mg/kg", "9" * 41, "1_000", "±1",
            )
        ],
    ],
)  # fmt: skip
def test_what_is_no_value(text: str, code: str) -> None:
    with pytest.raises(MeasureError) as caught:
        read_value(text)
    assert caught.value.code == code


CONVERSIONS = [
    ("0.05", "mg/kg", "µg/kg", "50"),
    ("50", "μg/kg", "mg/kg", "0.05"),
    ("1", "%", "mg/kg", "10000"),
    ("1", "g/kg", "%", "0.1"),
    ("1", "毫克/千克", "mg/kg", "1"),
    ("1", "ｍｇ／ｋｇ", "mg/kg", "1"),
    ("3", "mg/100g", "mg/kg", "30"),
    ("12", "°Brix", "%", "12"),
    ("1", "µg/L", "mg/L", "0.001"),
    ("1", "µg/mL", "mg/L", "1"),
    ("100", "CFU/100g", "cfu/g", "1"),
    ("1", "MPN/mL", "MPN/100mL", "100"),
    ("2", "cm", "mm", "20"),
]


@pytest.mark.parametrize("number, given, wanted, expected", CONVERSIONS)
def test_units_convert_exactly(number: str, given: str, wanted: str, expected: str) -> None:
    assert convert(Fraction(number), given, wanted) == Fraction(expected)
    assert convert(Fraction(expected), wanted, given) == Fraction(number)


@pytest.mark.parametrize(
    "given, wanted, code",
    [
        ("mg/kg", "mg/L", "other_kind"),
        ("CFU/g", "MPN/g", "other_kind"),
        ("CFU/g", "CFU/mL", "other_kind"),
        ("Bq/kg", "mg/kg", "other_kind"),
        ("Mg/kg", "mg/kg", "unknown_unit"),
        ("ppm", "mg/kg", "unknown_unit"),
        ("", "mg/kg", "unknown_unit"),
        ("mg/kg", "m" * 99, "unknown_unit"),
    ],
)
def test_units_that_do_not_convert(given: str, wanted: str, code: str) -> None:
    with pytest.raises(MeasureError) as caught:
        convert(Fraction(1), given, wanted)
    assert caught.value.code == code


def test_no_spelling_means_two_units() -> None:
    for unit in RESULT_UNITS:
        for name in unit.names:
            assert result_unit(name) is unit, name


@pytest.mark.parametrize(
    "number, text",
    [
        ("1/3", "0.333333333333…"),
        ("0.010", "0.01"),
        ("100", "100"),
        ("0", "0"),
        ("1e-7", "0.0000001"),
    ],
)
def test_numbers_are_shown_in_decimals(number: str, text: str) -> None:
    assert shown(Fraction(number)) == text


@given(st.decimals(0, 10**9, places=9, allow_nan=False), st.sampled_from(RESULT_UNITS))
def test_what_is_shown_is_read_again(number: object, unit: object) -> None:
    exact = Fraction(str(number))
    assert read_value(shown(exact)).number == exact
