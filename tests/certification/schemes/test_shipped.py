"""The schemes that ship: what each says about itself, and what they ask of one another."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from certification.numbers.model import FORMS as NUMBER_FORMS
from certification.schemes.catalogue import DATA, catalogue
from certification.schemes.model import (
    Bound,
    Gives,
    IssuedBy,
    Nature,
    Scheme,
    StepState,
    Task,
    TrackKind,
    version_order,
)
from certification.schemes.reader import CATEGORIES, FORMS
from certification.schemes.service import scheme, schemes, versions
from certification.schemes.track_reader import ROLES_AT
from tests.certification.books import codes
from trace.products.model import Category

LABELS = {
    "agi", "gip", "gim", "green", "hhk", "hhke", "hhkr", "jnjp", "mtyx", "organic", "xiangli",
    "xjpz",
}  # fmt: skip
AWARDS = {"forest", "goldfarm", "wetland"}
SHIPPED = LABELS | AWARDS | {"gi"}
TODAY_READABLE = {"gi", "green", "hhk", "jnjp", "xiangli", "xjpz"}
WHOLE = sorted(LABELS | AWARDS)


def test_what_ships():
    assert set(schemes()) == SHIPPED
    assert {code for code, each in schemes().items() if each.gives is Gives.AWARD} == AWARDS
    assert {code for code, each in schemes().items() if each.tracks} == LABELS | AWARDS


@pytest.mark.parametrize("code", sorted(TODAY_READABLE))
def test_the_first_versions_stay_readable(code):
    old = scheme(code, "2026-1")
    assert (old.version, old.tracks) == ("2026-1", {})
    assert old.may_be_recorded(date(2099, 1, 1))
    assert old.bound == scheme(code).bound


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_only_certification_says_so(code):
    each = schemes()[code]
    said = [each.verb.zh, each.document.zh, each.statement("zh")]
    assert any("认证" in text for text in said) is each.nature.may_say_certified
    assert ("ertif" in each.statement("en")) is each.nature.may_say_certified


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_nobody_has_verified_a_number_without_saying_where(code):
    for parameter in schemes()[code].parameters.values():
        assert parameter.source.strip(), parameter.name
    assert schemes()[code].unverified()


@pytest.mark.parametrize(
    "code, bound, verb",
    [
        ("agi", Bound.UNBOUNDED, "登记「农产品地理标志」"),
        ("forest", Bound.UNBOUNDED, "评选「最美森林」"),
        ("gi", Bound.UNBOUNDED, "核准使用「地理标志专用标志」"),
        ("gim", Bound.UNBOUNDED, "许可使用「地理标志证明商标、集体商标」"),
        ("gip", Bound.UNBOUNDED, "核准使用专用标志「地理标志产品」"),
        ("goldfarm", Bound.UNBOUNDED, "评选「金牌生态农产品」"),
        ("green", Bound.APPROVED_OUTPUT, "许可使用标志「绿色食品」"),
        ("hhk", Bound.PRINT_PERMIT, "授权使用「黄河口」"),
        ("hhke", Bound.PRINT_PERMIT, "授权使用「黄河口企业品牌」"),
        ("hhkr", Bound.PRINT_PERMIT, "授权使用「黄河口区域品牌」"),
        ("jnjp", Bound.PRINT_PERMIT, "授权使用「津农精品」"),
        ("mtyx", Bound.UNBOUNDED, "收集登录「全国名特优新农产品」"),
        ("organic", Bound.APPROVED_OUTPUT, "认证「有机产品」"),
        ("wetland", Bound.UNBOUNDED, "评选「最美湿地」"),
        ("xiangli", Bound.PRINT_PERMIT, "准许使用「库尔勒香梨」"),
        ("xjpz", Bound.APPROVED_OUTPUT, "自愿认证「新疆品质」"),
    ],
)
def test_bound_and_verb(code, bound, verb):
    assert (schemes()[code].bound, schemes()[code].statement("zh")) == (bound, verb)


@pytest.mark.parametrize(
    "code, number, fits",
    [
        ("jnjp", "JNJP-2026-0001", True),
        ("jnjp", "JNJP-2026-001", False),
        ("jnjp", "JNJP-2026-0001\n", False),
        ("jnjp", "JNJP-1926-0001", False),
        ("jnjp", "JNJP-２026-0001", False),
        ("green", "GF370505261234", True),
        ("green", "LB-03-2610030001A", True),
        ("green", "LB-03-2610030001AAA", False),
        ("xiangli", "XLZY-2026-0001", True),
        ("xiangli", "XLYZ-2026-0001", True),
        ("gi", "GI-911201000000000001-2", True),
        ("gi", "GI-91120100000000000I", False),
        ("gip", "911201000000000001", True),
        ("organic", "001OP2600001", True),
        ("organic", "F01OP2600001-2", True),
        ("organic", "OP2600001", False),
        ("agi", "AGI2010-03-00341", True),
        ("mtyx", "CAQS-MTYX-20200001", True),
    ],
)
def test_numbers(code, number, fits):
    assert schemes()[code].accepts_number(number) is fits


@pytest.mark.parametrize("code", WHOLE)
def test_numbers_are_issued_where_the_scheme_is_run(code):
    each = schemes()[code]
    here = each.issued_by is IssuedBy.HERE
    assert here is (code in {"jnjp", "xjpz", "hhk", "hhkr", "hhke", "xiangli"} | AWARDS)
    assert here is (each.number_template is not None)
    assert (each.permit_template is not None) is (each.bound is not Bound.UNBOUNDED)


def test_what_is_special():
    assert schemes()["organic"].conversion_months["perennial_crop"] == 36
    assert dict(schemes()["jnjp"].conversion_months) == {}
    assert schemes()["organic"].bar_years_by_ground["forbidden"] == 5
    assert [each.code for each in schemes()["green"].grades] == ["A", "AA"]
    assert [key for key, _ in schemes()["green"].fields["grade"].choices] == ["a", "aa"]
    assert {code for code, each in schemes().items() if each.confirm_yearly} == {"mtyx"}
    assert {code for code in WHOLE if not schemes()[code].takes_new} == {"agi"}
    assert schemes()["agi"].track("initial"), "the parameter alone opens new registrations"
    kinds = [kind for kind, _ in schemes()["organic"].fields["conversion_kind"].choices]
    assert kinds == list(schemes()["organic"].conversion_months)


@pytest.mark.parametrize("code", WHOLE)
def test_a_brand_may_record_old_stock_for_a_while_only(code):
    each = schemes()[code]
    assert each.may_be_recorded(date(2026, 12, 31))
    assert each.may_be_recorded(date(2028, 1, 1)) is (each.issued_by is IssuedBy.ELSEWHERE)


@pytest.mark.parametrize("code", WHOLE)
def test_evaluators_reviewers_and_deciders_hold_different_roles(code):
    for track in schemes()[code].tracks.values():
        evaluating = {step.role for step in track.steps if step.task.evaluates}
        reviewing = {step.role for step in track.steps if step.task is Task.REVIEW}
        deciding = {step.role for step in track.steps if step.task is Task.DECIDE}
        assert not evaluating & reviewing
        assert not (evaluating | reviewing) & deciding
        assert deciding


def test_every_step_has_its_roles_and_task():
    assert set(ROLES_AT) == set(StepState)


def test_categories_are_those_of_products():
    assert tuple(each.value for each in Category) == CATEGORIES


def test_forms_of_numbers_are_those_that_have_rules():
    assert set(FORMS) == set(NUMBER_FORMS)
    assert {each.numbering.form for each in schemes().values()} <= set(FORMS)


def test_limits_are_exact():
    cadmium = next(each for each in schemes()["green"].limits if each.key == "grain_cadmium")
    assert (cadmium.value, cadmium.unit, cadmium.categories) == (
        Decimal("0.2"),
        "mg/kg",
        ("grain",),
    )
    assert all(each.source.strip() for one in schemes().values() for each in one.limits)


# --- Evidence once --------------------------------------------------------------------------------

PERCENT_NEW = 20
EXCEPTIONS = {("mtyx", "agi"), ("mtyx", "jnjp")}
"""A county's listing says nothing about one farm, and only an association can hold both: whoever
comes from a listing tells about bases, inputs and storage for the first time."""


def pairs() -> Iterator[tuple[Scheme, Scheme]]:
    """Every ordered pair of labels that one applicant could hold."""
    for first in (schemes()[code] for code in sorted(LABELS)):
        for second in (schemes()[code] for code in sorted(LABELS)):
            goods = not first.categories or not second.categories
            shared = goods or set(first.categories) & set(second.categories)
            if first is not second and shared and set(first.applicants) & set(second.applicants):
                yield first, second


def asked(label: Scheme) -> tuple[set[str], set[str]]:
    """The fields that a first application answers, and all keys, documents too."""
    track = label.tracks[TrackKind.INITIAL]
    return {key for key in track.asks if key in label.fields}, set(track.asks)


def percent_new(first: Scheme, second: Scheme) -> int:
    """The larger share of new fields and of new keys, in percent, rounded up."""
    shares = zip(asked(first), asked(second), strict=True)
    return max(-(-100 * len(new - old) // len(new)) for old, new in shares)


def test_a_second_label_asks_little_that_is_new():
    found = {(one.code, two.code): percent_new(one, two) for one, two in pairs()}
    assert len(found) > 100
    assert {pair for pair, percent in found.items() if percent > PERCENT_NEW} == EXCEPTIONS


# --- Versions and targets -------------------------------------------------------------------------


def test_versions_are_ordered_by_number():
    assert version_order("2026-2") < version_order("2026-10") < version_order("2027-1")
    assert versions("jnjp") == ("2026-1", "2026-2")


def test_an_unknown_scheme_or_version_is_refused():
    assert codes(scheme, "nonesuch") == ["scheme_unknown"]
    assert codes(versions, "nonesuch") == ["scheme_unknown"]
    assert codes(scheme, "jnjp", "2019-1") == ["scheme_version_unknown"]


def test_effective_dates_are_dates():
    assert all(type(each.effective) is date for each in schemes().values())


def test_digests_are_of_the_meaning():
    digests = {each.digest for one in catalogue().values() for each in one.values()}
    assert len(digests) == sum(len(one) for one in catalogue().values())


def test_targets_name_schemes_that_ship():
    targets = tomllib.loads((DATA / "targets.toml").read_text(encoding="utf-8"))["targets"]
    assert {name: each["count"] for name, each in targets.items()} == {
        "regional_brands": 10,
        "certificates": 220,
        "jnjp_brands": 200,
    }
    for each in targets.values():
        assert set(each["schemes"]) <= SHIPPED
        assert each["source"]


def test_natures_that_may_say_it():
    assert [nature.value for nature in Nature if nature.may_say_certified] == [
        "certification",
        "voluntary_certification",
    ]
