"""Codes that others give out: what is accepted, in which spelling, and why not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from identity.codes import (
    CodeError,
    credit_code,
    identity_number,
    is_id,
    masked_phone,
    phone_number,
    region_code,
)
from tests.identity.codes import made_code, made_identity_number

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
EVERY_LETTER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORKED_EXAMPLE = "91350100M000100Y43"
TODAY = date(2026, 11, 1)

codes = st.builds(
    lambda authority, category, division, own: _with_check(authority + category + division + own),
    st.sampled_from("123456789ANY"),
    st.sampled_from("123456789"),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


def _with_check(stem: str) -> str:
    return stem + uscc.calc_check_digit(stem)


def rule_of(function, *arguments) -> str | None:
    try:
        function(*arguments)
    except CodeError as error:
        return error.rule
    return None


# --- credit codes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, rule",
    [
        (WORKED_EXAMPLE, None),
        ("91350100M000100Y4Z", "shape"),
        ("91350100M000100Y4Y", "check"),
        ("91350100M000100Y4", "length"),
        ("91350100M000100Y433", "length"),
        ("", "length"),
        ("01350100M000100Y43", "shape"),
        ("B1350100M000100Y43", "shape"),
        ("9135010OM000100Y43", "shape"),
        ("91350100I000100Y43", "shape"),
        ("91350100M000100Y\x003", "shape"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "shape"),
        ("9" * 10_000, "length"),
        (WORKED_EXAMPLE + " " * 30 + "0", "length"),
    ],
)
def test_credit_codes_by_rule(typed: str, rule: str | None):
    assert rule_of(credit_code, typed) == rule


@pytest.mark.parametrize("authority", ["N1", "N2", "N3", "N9", "Y1", "A1"])
def test_authorities_that_the_library_refuses_are_accepted(authority: str):
    code = made_code(authority, 77)
    assert not uscc.is_valid(code)
    assert credit_code(code) == code


@pytest.mark.parametrize(
    "typed",
    [
        "91350100m000100y43",
        " 9135 0100 M000 100Y 43 ",
        "91350100-M000100Y4-3",
        "91３50100M000100Y43",
    ],
)
def test_what_people_type_is_brought_to_one_spelling(typed: str):
    assert credit_code(typed) == WORKED_EXAMPLE


@given(codes)
def test_a_made_code_is_its_own_spelling(code: str):
    assert credit_code(code) == code


@given(codes)
def test_every_changed_character_is_refused(code: str):
    for place, was in enumerate(code):
        for now in EVERY_LETTER:
            if now != was:
                changed = code[:place] + now + code[place + 1 :]
                assert rule_of(credit_code, changed) in ("shape", "check"), changed


@given(codes)
def test_every_adjacent_swap_is_refused(code: str):
    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            assert rule_of(credit_code, swapped) in ("shape", "check"), swapped


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str):
    assert rule_of(credit_code, text) in (None, "length", "shape", "check")


# --- identity numbers --------------------------------------------------------------------------

# 370521 was 垦利县 until 2016, 370505 is 垦利区 since.
OF_ADULT = made_identity_number("370521", "19900312", 12)


def altered_check(number: str) -> str:
    return number[:-1] + ("0" if number[-1] != "0" else "1")


@pytest.mark.parametrize(
    "typed, rule",
    [
        (OF_ADULT, None),
        (f" {OF_ADULT.lower()} ", None),
        (altered_check(OF_ADULT), "check"),
        (OF_ADULT[:-1], "length"),
        (OF_ADULT[:-3], "length"),
        ("A" + OF_ADULT[1:], "shape"),
        (made_identity_number("370521", "19900230", 12), "date"),
        (made_identity_number("370505", "20261102", 12), "date"),
        (made_identity_number("999999", "19900312", 12), "place"),
        (made_identity_number("370505", "19900312", 12), "place"),
        (made_identity_number("370505", "20180312", 12), None),
        ("", "length"),
    ],
)
def test_identity_numbers_by_rule(typed: str, rule: str | None):
    assert rule_of(identity_number, typed, TODAY) == rule


def test_the_error_does_not_repeat_the_number():
    wrong = altered_check(OF_ADULT)
    with pytest.raises(CodeError) as caught:
        identity_number(wrong, TODAY)
    assert wrong[:10] not in repr(caught.value)


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_every_changed_digit_is_refused(place: int, now: str):
    if OF_ADULT[place] != now:
        changed = OF_ADULT[:place] + now + OF_ADULT[place + 1 :]
        assert rule_of(identity_number, changed, TODAY) == "check"


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader_of_identity_numbers(text: str):
    rules = (None, "length", "shape", "check", "date", "place")
    assert rule_of(identity_number, text, TODAY) in rules


# --- regions, phones, ids ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, rule",
    [
        ("120112", None),
        ("120112102", None),
        ("120112102201", None),
        ("370500", None),
        ("12011", "shape"),
        ("1201121", "shape"),
        ("1201121022011", "shape"),
        ("12011２", "shape"),
        ("120112\n", "shape"),
        ("000000", "shape"),
        ("990000", "place"),
        ("", "shape"),
    ],
)
def test_region_codes_by_rule(typed: str, rule: str | None):
    assert rule_of(region_code, typed) == rule


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("13800001234", "13800001234"),
        ("+86 138-0000-1234", "13800001234"),
        ("008613800001234", "13800001234"),
        ("022-88880001", "02288880001"),
        ("0546 2560001", "05462560001"),
    ],
)
def test_phone_numbers_have_one_spelling(typed: str, stored: str):
    assert phone_number(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "12800001234", "1380000123", "138000012345", "abc", "１３８００００１２３４", "88880001"],
)
def test_what_is_no_phone_number(typed: str):
    assert rule_of(phone_number, typed) == "shape"


def test_an_endless_text_is_no_phone_number():
    assert rule_of(phone_number, "13800001234" + " " * 40) == "length"


def test_a_masked_phone_hides_the_middle():
    assert masked_phone("13800001234") == "138****1234"


@pytest.mark.parametrize("text", ["", "org:", "org:x", "org:\x00", "91350100M000100Y43", "组织"])
def test_other_texts_are_no_ids(text: str):
    assert not is_id(text)
