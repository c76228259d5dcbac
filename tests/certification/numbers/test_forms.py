"""Numbers of certificates: their forms, and what they may not say about a certificate."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.numbers.model import Facts, organic_code
from certification.numbers.service import green_provinces, number_reasons
from certification.schemes.service import scheme, schemes
from runtime.regions import region_words
from tests.identity.codes import made_code

SHANDONG = "370505104"
TERM = date(2026, 3, 1)
FIRM, OTHER = made_code("91", 1), made_code("91", 2)


def reasons(code, number, **facts):
    found = number_reasons(scheme(code), number, Facts(**facts))
    return [each.code.code for each in found]


@pytest.mark.parametrize(
    "code, number, facts, refused",
    [
        # GF: county of the firm, year of its first licence
        ("green", "GF370505260001", {"from_date": TERM, "holder_region": SHANDONG}, []),
        ("green", "GF370505180001", {"from_date": TERM}, []),
        ("green", "GF370505270001", {"from_date": TERM}, ["number_not_of_term"]),
        ("green", "GF370505080001", {"from_date": TERM}, ["number_not_of_term"]),
        ("green", "GF120112260001", {"holder_region": SHANDONG}, ["number_not_of_place"]),
        ("green", "GF120112260001", {}, []),
        (
            "green",
            "GF120112270001",
            {"from_date": TERM, "holder_region": SHANDONG},
            ["number_not_of_place", "number_not_of_term"],
        ),
        ("green", "GF37050526001", {}, ["number_malformed"]),
        ("green", "gf370505260001", {}, ["number_malformed"]),
        # LB: year, month and province of the approval, grade of the product
        ("green", "LB-03-2602150001A", {"from_date": TERM, "holder_region": SHANDONG}, []),
        ("green", "LB-03-26021500012A", {"from_date": TERM, "holder_region": SHANDONG}, []),
        ("green", "LB-03-2604150001A", {"from_date": TERM}, ["number_not_of_term"]),
        ("green", "LB-03-2613150001A", {}, ["number_malformed"]),
        ("green", "LB-03-2600150001A", {}, ["number_malformed"]),
        ("green", "LB-03-2602020001A", {"holder_region": SHANDONG}, ["number_not_of_place"]),
        ("green", "LB-03-2602990001A", {"holder_region": SHANDONG}, ["number_not_of_place"]),
        ("green", "LB-03-2602150001AA", {"grade": "A"}, ["number_not_of_grade"]),
        ("green", "LB-03-2602150001AA", {"grade": "AA"}, []),
        ("green", "LB-03-9902150011", {"grade": "A", "from_date": TERM}, []),
        ("green", "LB-03-9902150012", {"grade": "A"}, ["number_not_of_grade"]),
        # numbers of real goods whose province is known (Heilongjiang, Guangdong, Gansu)
        ("green", "LB-50-1703081720A", {"holder_region": "230000"}, []),
        ("green", "LB-15-1711196965A", {"holder_region": "440982"}, []),
        ("green", "LB-15-19012700330A", {"holder_region": "620000"}, []),
        # organic: kept at recertification, so the year may lie back
        ("organic", "001OP2600012", {"from_date": TERM}, []),
        ("organic", "0012OP1900012-1", {"from_date": TERM}, []),
        ("organic", "F01OP2700012", {"from_date": TERM}, ["number_not_of_term"]),
        ("organic", "001OP260012", {}, ["number_malformed"]),
        ("organic", "001OP0400012", {"from_date": TERM}, ["number_not_of_term"]),
        ("agi", "AGI2010-03-00341", {"from_date": TERM}, []),
        ("agi", "AGI2007-03-00341", {"from_date": TERM}, ["number_not_of_term"]),
        ("agi", "AGI00341", {"from_date": TERM}, []),
        ("agi", "AGI2010-3-341", {}, ["number_malformed"]),
        ("mtyx", "CAQS-MTYX-20200001", {"from_date": TERM}, []),
        ("mtyx", "CAQS-MTYX-20270001", {"from_date": TERM}, ["number_not_of_term"]),
        ("mtyx", "CAQS-MTYX-20170001", {"from_date": TERM}, ["number_not_of_term"]),
        # the mark of a GI carries the user's own credit code
        ("gip", FIRM, {"holder_code": FIRM}, []),
        ("gim", f"{FIRM}-2", {"holder_code": FIRM}, []),
        ("gip", FIRM, {"holder_code": OTHER}, ["number_not_of_holder"]),
        ("gip", FIRM[:-1] + ("1" if FIRM[-1] != "1" else "2"), {}, ["number_malformed"]),
        ("gip", f"{FIRM}-0", {}, ["number_malformed"]),
        ("gip", FIRM.lower(), {}, ["number_malformed"]),
        # own numbers: the year of the first day, or the one before
        ("jnjp", "JNJP-2026-0001", {"from_date": TERM}, []),
        ("jnjp", "JNJP-2025-0001", {"from_date": TERM}, []),
        ("jnjp", "JNJP-2024-0001", {"from_date": TERM}, ["number_not_of_term"]),
        ("jnjp", "JNJP-2027-0001", {"from_date": TERM}, ["number_not_of_term"]),
        ("jnjp", "HHK-2026-0001", {}, ["number_malformed"]),
        ("xiangli", "XLYZ-2026-0001", {"from_date": TERM}, []),
        ("gi", f"GI-{FIRM}", {"holder_code": OTHER}, []),
    ],
)
def test_what_a_number_says(code, number, facts, refused):
    assert reasons(code, number, **facts) == refused


@given(st.sampled_from(sorted(schemes())), st.text(max_size=24))
def test_any_text_is_judged(code, text):
    found = reasons(code, text, from_date=TERM, holder_code=FIRM, holder_region=SHANDONG)
    assert found or schemes()[code].accepts_number(text)


def test_provinces_are_those_of_the_division():
    assert len(set(green_provinces().values())) == len(green_provinces()) == 31
    assert all(region_words(code) for code in green_provinces().values())


@pytest.mark.parametrize(
    "number, version, body, year, verified",
    [
        ("12326123456789012", "2011", "123", 2026, True),
        ("912" + "11" + "0" * 12, "2011", "912", 2011, True),
        ("0123" + "24" + "0" * 12, "2022", "0123", 2024, False),
    ],
)
def test_organic_codes(number, version, body, year, verified):
    found = organic_code(number, TERM)
    assert (found.version, found.body, found.year, found.verified) == (
        version,
        body,
        year,
        verified,
    )


@pytest.mark.parametrize(
    "number", ["", "1" * 16, "1" * 19, "123" + "27" + "0" * 12, "123" + "10" + "0" * 12,
               "１２３" + "26" + "0" * 12, "12X" + "26" + "0" * 12]
)  # fmt: skip
def test_what_is_no_organic_code(number):
    assert organic_code(number, TERM) is None
