"""What a result says against a limit, and what a laboratory may test: rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.labs.model import (
    Accreditation,
    Authority,
    Report,
    Result,
    Sample,
    ScopeLine,
    accreditation_reasons,
    judge,
    report_reasons,
    result_finding,
    same_method,
    scope_reasons,
)
from certification.schemes.model import Comparison, Limit, Words
from certification.schemes.service import schemes
from runtime.concentrations import result_unit

TODAY = date(2026, 11, 1)
DAY = date(2026, 10, 1)
METHOD = "GB 5009.15-2023"


def limit(
    key: str = "cadmium", value: str | None = "0.2", unit: str = "mg/kg", **more: Any
) -> Limit:
    comparison = Comparison.NOT_DETECTED if value is None else Comparison.AT_MOST
    made = Limit(
        key, Words("镉", "Cadmium") if key == "cadmium" else Words(key, key), "product",
        comparison, None if value is None else Decimal(value), unit, "GB 2762", False, "a test",
    )  # fmt: skip
    return replace(made, **more)


MOST, NONE = limit(), limit("ofloxacin", None, "µg/kg")
LEAST = limit("sugar", "12", "%", comparison=Comparison.AT_LEAST)

OUTCOMES = [
    # At most 0.2 mg/kg.
    (MOST, "0.2", "mg/kg", None, None),
    (MOST, "0.20000", "mg/kg", None, None),
    (MOST, "0.200000000001", "mg/kg", None, "result_beyond_limit"),
    (MOST, "0", "mg/kg", None, None),
    (MOST, "200", "µg/kg", None, None),
    (MOST, "201", "μg/kg", None, "result_beyond_limit"),
    (MOST, "0.00002", "%", None, None),
    (MOST, "<0.01", "mg/kg", None, None),
    (MOST, "<0.2", "mg/kg", None, None),
    (MOST, "<0.3", "mg/kg", None, "result_uncertain"),
    (MOST, ">0.1", "mg/kg", None, "result_uncertain"),
    (MOST, ">0.2", "mg/kg", None, "result_beyond_limit"),
    (MOST, "未检出", "mg/kg", "0.01", None),
    (MOST, "未检出", "µg/kg", "200", None),
    (MOST, "未检出", "mg/kg", "0.5", "result_uncertain"),
    (MOST, "未检出", "mg/kg", None, "result_uncertain"),
    (MOST, "ND", "mg/kg", "0.2", None),
    (MOST, "阴性", "mg/kg", "0.01", "result_uncertain"),
    (MOST, "阳性", "mg/kg", None, "result_beyond_limit"),
    (MOST, "0.1", "mg/L", None, "unit_not_of_limit"),
    (MOST, "0.1", "CFU/g", None, "unit_not_of_limit"),
    (MOST, "未检出", "mg/L", "0.01", "unit_not_of_limit"),
    # At least 12 %.
    (LEAST, "12", "%", None, None),
    (LEAST, "11.99", "%", None, "result_beyond_limit"),
    (LEAST, "12.4", "°Brix", None, None),
    (LEAST, "120", "g/kg", None, None),
    (LEAST, ">12", "%", None, None),
    (LEAST, ">11", "%", None, "result_uncertain"),
    (LEAST, "<12", "%", None, "result_beyond_limit"),
    (LEAST, "<13", "%", None, "result_uncertain"),
    (LEAST, "未检出", "%", "1", "result_beyond_limit"),
    (LEAST, "合格", "%", None, ValueError),
    # Not to be found at all.
    (NONE, "未检出", "µg/kg", None, None),
    (NONE, "未检出", "-", None, None),
    (NONE, "阴性", "-", None, None),
    (NONE, "<2", "µg/kg", None, None),
    (NONE, "0", "µg/kg", None, None),
    (NONE, "0.5", "µg/kg", None, "result_beyond_limit"),
    (NONE, ">1", "µg/kg", None, "result_beyond_limit"),
    (NONE, "阳性", "-", None, "result_beyond_limit"),
    (NONE, "1", "CFU/g", None, "unit_not_of_limit"),
]


@pytest.mark.parametrize("rule, value, unit, detectable, expected", OUTCOMES)
def test_results_against_limits(
    rule: Limit, value: str, unit: str, detectable: str | None, expected: Any
) -> None:
    result = Result(rule.key, value, unit, METHOD, detectable)
    if expected is ValueError:
        with pytest.raises(ValueError):
            result_finding(rule, result)
        return
    found = result_finding(rule, result)
    assert (None if found is None else found.code.code) == expected


def test_a_finding_says_what_was_found_and_what_is_allowed() -> None:
    found = result_finding(MOST, Result("cadmium", "0.35", "mg/kg", METHOD))
    assert found is not None
    assert found.pointer == "/limits/cadmium"
    assert found.text("zh") == "镉 不合格：结果 0.35 mg/kg，限量 ≤ 0.2 mg/kg"
    assert found.text("en") == "Cadmium fails: found 0.35 mg/kg, limit ≤ 0.2 mg/kg"


@given(st.decimals("0", "1000", places=6), st.sampled_from(["mg/kg", "µg/kg", "g/kg", "%"]))
def test_a_number_passes_exactly_where_it_is_no_more_than_the_limit(
    number: Decimal, unit: str
) -> None:
    found = result_finding(MOST, Result("cadmium", f"{number:f}", unit, METHOD))
    exact = Fraction(number) * result_unit(unit).size / result_unit("mg/kg").size
    assert (found is None) == (exact <= Fraction(1, 5))


@pytest.mark.parametrize(
    "stated, allowed, same",
    [
        (METHOD, METHOD, True),
        ("gb5009.15－2023", METHOD, True),
        (METHOD, "GB 5009.15", True),
        (METHOD, "GB 5009.15-2014", False),
        ("GB 5009.15", METHOD, False),
        ("GB 5009.151-2003", "GB 5009.15", False),
    ],
)
def test_methods(stated: str, allowed: str, same: bool) -> None:
    assert same_method(stated, allowed) is same


def test_a_limit_may_name_its_methods() -> None:
    rule = limit(methods=("GB 5009.15", "GB 5009.268"))
    assert result_finding(rule, Result("cadmium", "0.1", "mg/kg", METHOD)) is None
    found = result_finding(rule, Result("cadmium", "0.1", "mg/kg", "GB 5009.12-2023"))
    assert found is not None
    assert found.code.code == "method_not_of_limit"


# ---- the laboratory -----------------------------------------------------------------------------

SCOPE = (ScopeLine("cadmium", METHOD, "product"), ScopeLine("镉", "GB 5009.15", "product"))
FIT = Accreditation(
    "accr:x", "lab:x", Authority.CMA, "CMA1", date(2024, 1, 1), date(2026, 12, 31), SCOPE, None, "p"
)
SAMPLE = Sample("S1", "product", DAY)
CADMIUM = Result("cadmium", "0.1", "mg/kg", METHOD)


@pytest.mark.parametrize(
    "sample, result, accreditations, expected",
    [
        (SAMPLE, CADMIUM, [FIT], []),
        (SAMPLE, replace(CADMIUM, parameter="镉"), [FIT], []),
        (SAMPLE, CADMIUM, [], ["lab_accreditation_ended"]),
        (replace(SAMPLE, taken_on=date(2023, 12, 31)), CADMIUM, [FIT], ["lab_accreditation_ended"]),
        (replace(SAMPLE, taken_on=date(2024, 1, 1)), CADMIUM, [FIT], []),
        (replace(SAMPLE, taken_on=date(2026, 12, 31)), CADMIUM, [FIT], []),
        (replace(SAMPLE, taken_on=date(2027, 1, 1)), CADMIUM, [FIT], ["lab_accreditation_ended"]),
        (SAMPLE, CADMIUM, [replace(FIT, ended_on=date(2026, 10, 2))], []),
        (SAMPLE, CADMIUM, [replace(FIT, ended_on=DAY)], ["lab_accreditation_ended"]),
        (SAMPLE, CADMIUM, [replace(FIT, ended_on=DAY), FIT], []),
        (replace(SAMPLE, matrix="soil"), CADMIUM, [FIT], ["lab_out_of_scope"]),
        (SAMPLE, replace(CADMIUM, parameter="lead"), [FIT], ["lab_out_of_scope"]),
        (SAMPLE, replace(CADMIUM, method="GB 5009.268-2016"), [FIT], ["lab_out_of_scope"]),
        (SAMPLE, CADMIUM, [replace(FIT, scope=())], ["lab_out_of_scope"]),
    ],
)
def test_the_scope_on_the_day_of_sampling(
    sample: Sample, result: Result, accreditations: list[Accreditation], expected: list[str]
) -> None:
    found = scope_reasons(sample, [result], accreditations)
    assert [each.code.code for each in found] == expected


ACCREDITATIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"authority": "cqc"}, ["accreditation_number_malformed"]),
    ({"number": ""}, ["accreditation_number_malformed"]),
    ({"number": "CMA 1"}, ["accreditation_number_malformed"]),
    ({"number": "〔2024〕农质检核(津)字第0001号"}, []),
    ({"until": date(2023, 12, 31)}, ["dates_reversed"]),
    ({"from_date": date(1900, 1, 1)}, ["date_out_of_range"]),
    ({"scope": ()}, ["scope_empty"]),
    ({"scope": (SCOPE[0],) * 2}, ["scope_malformed"]),
    ({"scope": (SCOPE[0], replace(SCOPE[0], parameter="ＣＡＤＭＩＵＭ"))}, ["scope_malformed"]),
    ({"scope": (ScopeLine("", METHOD, "product"),)}, ["scope_malformed"]),
    ({"scope": (ScopeLine("镉", "<b>", "product"),)}, ["scope_malformed"]),
    ({"scope": (ScopeLine("镉", METHOD, "产品"),)}, ["scope_malformed"]),
]


@pytest.mark.parametrize("changes, expected", ACCREDITATIONS)
def test_what_accreditation_is_recorded(changes: dict[str, Any], expected: list[str]) -> None:
    good: dict[str, Any] = {
        "authority": "cma", "number": "CMA-2024.0001", "from_date": date(2024, 1, 1),
        "until": date(2029, 12, 31), "scope": SCOPE,
    }  # fmt: skip
    found = accreditation_reasons(**(good | changes))
    assert [each.code.code for each in found] == expected


REPORTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"number": "检字（2026）第 1 号"}, ["report_number_malformed"]),
    ({"number": "检字（2026）第1号"}, []),
    ({"sample": replace(SAMPLE, code="")}, ["report_number_malformed"]),
    ({"sample": replace(SAMPLE, matrix="")}, ["parameter_malformed"]),
    ({"sample": replace(SAMPLE, grade="AA", category="fruit")}, []),
    ({"sample": replace(SAMPLE, category="水果")}, ["parameter_malformed"]),
    ({"sample": replace(SAMPLE, product="base:AAAAAAAAAAAAAAAAAAAA")}, ["parameter_malformed"]),
    ({"sample": replace(SAMPLE, product="prod:AAAAAAAAAAAAAAAAAAAA")}, []),
    (
        {"sample": replace(SAMPLE, taken_on=date(2026, 11, 2))},
        ["sampled_in_future", "report_days_reversed"],
    ),
    ({"sample": replace(SAMPLE, taken_on=date(2026, 10, 21))}, ["report_days_reversed"]),
    ({"received_on": date(2026, 9, 30)}, ["report_days_reversed"]),
    ({"received_on": date(2026, 10, 21)}, ["report_days_reversed"]),
    ({"issued_on": date(2026, 11, 2)}, ["document_from_future"]),
    ({"results": ()}, ["results_empty"]),
    ({"results": (CADMIUM,) * 2}, ["result_repeated"]),
    ({"results": (replace(CADMIUM, value="合格"),)}, ["value_malformed"]),
    ({"results": (replace(CADMIUM, value="-0.1"),)}, ["value_negative"]),
    ({"results": (replace(CADMIUM, value="未检出", detection_limit="<1"),)}, ["value_malformed"]),
    ({"results": (replace(CADMIUM, value="未检出", detection_limit="0.01"),)}, []),
    ({"results": (replace(CADMIUM, unit="ppm"),)}, ["result_unit_unknown"]),
    ({"results": (replace(CADMIUM, unit="Mg/kg", value="x"),)},
     ["value_malformed", "result_unit_unknown"]),
    ({"results": (replace(CADMIUM, parameter="\u200b"),)}, ["parameter_malformed"]),
]  # fmt: skip


@pytest.mark.parametrize("changes, expected", REPORTS)
def test_what_report_is_recorded(changes: dict[str, Any], expected: list[str]) -> None:
    good: dict[str, Any] = {
        "number": "W2026-001", "sample": SAMPLE, "received_on": date(2026, 10, 2),
        "issued_on": date(2026, 10, 20), "results": (CADMIUM,), "today": TODAY,
    }  # fmt: skip
    found = report_reasons(**(good | changes))
    assert [each.code.code for each in found] == expected


# ---- verdicts -----------------------------------------------------------------------------------


def report(*results: Result, **of_sample: Any) -> Report:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return Report(
        "rept:x", "lab:x", "evid:x", "org:x", "W1", replace(SAMPLE, **of_sample), DAY, DAY,
        results, now, "org:y", None, "p",
    )  # fmt: skip


LEAD = limit("lead")
FOR_FRUIT, FOR_AA = limit(categories=("fruit",)), limit(grades=("AA",))
BEYOND = replace(CADMIUM, value="0.3")

VERDICTS: list[tuple[list[Limit], list[Report], str | None, list[str]]] = [
    ([MOST], [report(CADMIUM)], None, []),
    ([MOST], [report(replace(CADMIUM, parameter="镉"))], None, []),
    ([MOST], [report(BEYOND)], None, ["result_beyond_limit"]),
    ([MOST, LEAD], [report(CADMIUM)], None, ["result_missing"]),
    ([MOST], [report(CADMIUM), report(BEYOND)], None, ["result_beyond_limit"]),
    ([MOST], [report(CADMIUM, matrix="soil")], None, ["result_missing"]),
    ([MOST], [report(CADMIUM), report(BEYOND, matrix="soil")], None, []),
    # Two products, of which one was not tested for cadmium.
    (
        [MOST],
        [
            report(CADMIUM, product="prod:a"),
            report(replace(CADMIUM, parameter="other"), product="b"),
        ],
        None,
        ["result_missing"],
    ),
    # What the laboratory may not test does not count, whatever it found.
    ([MOST], [report(replace(CADMIUM, method="GB 1"))], None, ["lab_out_of_scope"]),
    ([MOST], [report(CADMIUM, taken_on=date(2027, 1, 1))], None, ["lab_accreditation_ended"]),
    ([FOR_FRUIT], [report(BEYOND, category="rice")], None, []),
    ([FOR_FRUIT], [report(BEYOND, category="fruit")], None, ["result_beyond_limit"]),
    ([FOR_FRUIT], [report(CADMIUM)], None, ["sample_unspecified"]),
    ([FOR_AA], [report(BEYOND, grade="A")], None, []),
    ([FOR_AA], [report(BEYOND, grade="AA")], None, ["result_beyond_limit"]),
    ([FOR_AA], [report(BEYOND, grade="A")], "AA", ["result_beyond_limit"]),
    ([FOR_AA], [report(CADMIUM)], None, ["sample_unspecified"]),
    ([FOR_AA], [report(CADMIUM)], "A", []),
    ([], [report(BEYOND)], None, []),
]


@pytest.mark.parametrize("limits, reports, grade, expected", VERDICTS)
def test_verdicts(
    limits: list[Limit], reports: list[Report], grade: str | None, expected: list[str]
) -> None:
    found = judge(limits, reports, {"lab:x": [FIT]}, grade)
    assert [each.code.code for each in found.findings] == expected
    assert found.passed is (not expected)
    assert all(each.text("zh") != each.text("en") for each in found.findings)


def test_every_limit_that_ships_is_in_a_unit_that_results_may_have() -> None:
    limits = [each for scheme in schemes().values() for each in scheme.limits]
    assert limits
    for each in limits:
        assert result_unit(each.unit), each.key
