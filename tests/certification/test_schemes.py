"""Scheme files: those that ship, and every rule of the format broken once."""

from __future__ import annotations

import copy
import tomllib
from datetime import date

import pytest

from certification.schemes.errors import SchemeError
from certification.schemes.model import Bound, Nature, read_scheme
from certification.schemes.service import DATA, read_folder, schemes
from tests.certification.books import codes

SHIPPED = {"gi", "green", "hhk", "jnjp", "xiangli", "xjpz"}


def jnjp() -> dict:
    return tomllib.loads((DATA / "jnjp.toml").read_text(encoding="utf-8"))


def test_what_ships():
    assert set(schemes()) == SHIPPED


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_only_certification_says_so(code):
    scheme = schemes()[code]
    said = [scheme.verb.zh, scheme.document.zh, scheme.statement("zh")]
    assert any("认证" in text for text in said) is scheme.nature.may_say_certified
    assert ("ertif" in scheme.statement("en")) is scheme.nature.may_say_certified


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_nobody_has_verified_a_number_without_saying_where(code):
    for parameter in schemes()[code].parameters.values():
        assert parameter.source.strip(), parameter.name
    assert schemes()[code].unverified()


@pytest.mark.parametrize(
    "code, bound, verb",
    [
        ("jnjp", Bound.PRINT_PERMIT, "授权使用「津农精品」"),
        ("gi", Bound.UNBOUNDED, "核准使用「地理标志专用标志」"),
        ("green", Bound.APPROVED_OUTPUT, "许可使用标志「绿色食品」"),
        ("xjpz", Bound.APPROVED_OUTPUT, "自愿认证「新疆品质」"),
        ("xiangli", Bound.PRINT_PERMIT, "准许使用「库尔勒香梨」"),
        ("hhk", Bound.PRINT_PERMIT, "授权使用「黄河口」"),
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
        ("green", "GF370505261234", True),
        ("green", "LB-03-2610030001A", False),
        ("xiangli", "XLZY-2026-0001", True),
        ("xiangli", "XLYZ-2026-0001", True),
        ("gi", "GI-911201000000000001-2", True),
        ("gi", "GI-91120100000000000I", False),
        ("jnjp", "JNJP-２026-0001", False),
    ],
)
def test_numbers(code, number, fits):
    assert schemes()[code].accepts_number(number) is fits


def edited(*path_and_value) -> dict:
    *path, name, value = path_and_value
    document = copy.deepcopy(jnjp())
    place = document
    for step in path:
        place = place[step]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return document


@pytest.mark.parametrize(
    "document, place",
    [
        (edited("code", None), "code"),
        (edited("fee", 5), "fee"),
        (edited("format", 2), "format"),
        (edited("code", "JNJP"), "code"),
        (edited("nature", "medal"), "nature"),
        (edited("version", "1"), "version"),
        (edited("effective", "2026-01-01"), "effective"),
        (edited("units", ["box"]), "units"),
        (edited("units", []), "units"),
        (edited("units", ["mg", "mg"]), "units"),
        (edited("number_pattern", "JNJP-.*"), "number_pattern"),
        (edited("number_pattern", "JNJP-(["), "number_pattern"),
        (edited("name", "津农精品"), "name"),
        (edited("name", "en", None), "name.en"),
        (edited("name", "zh", " "), "name.zh"),
        (edited("verb", "zh", "认证"), "verb"),
        (edited("document", "en", "certificate"), "document"),
        (edited("parameters", "bar_years", None), "parameters.bar_years"),
        (edited("parameters", "colour", {}), "parameters.colour"),
        (edited("parameters", "validity_years", 3), "parameters.validity_years"),
        (edited("parameters", "validity_years", "value", 0), "parameters.validity_years.value"),
        (edited("parameters", "validity_years", "value", True), "parameters.validity_years.value"),
        (edited("parameters", "quantity_bound", "value", "x"), "parameters.quantity_bound.value"),
        (edited("parameters", "bar_years", "source", ""), "parameters.bar_years.source"),
        (edited("parameters", "bar_years", "verified", "no"), "parameters.bar_years.verified"),
    ],
)
def test_a_wrong_file_is_refused_by_place(document, place):
    with pytest.raises(SchemeError) as refused:
        read_scheme(document)
    assert refused.value.place == place


def test_a_file_is_named_after_its_scheme(tmp_path):
    (tmp_path / "other.toml").write_bytes((DATA / "jnjp.toml").read_bytes())
    with pytest.raises(SchemeError):
        read_folder(tmp_path)


@pytest.mark.parametrize("content", [b"code = ", b"\xff\xfe"])
def test_what_is_no_toml(tmp_path, content):
    (tmp_path / "broken.toml").write_bytes(content)
    with pytest.raises(SchemeError):
        read_folder(tmp_path)


def test_natures_that_may_say_it():
    assert [nature.value for nature in Nature if nature.may_say_certified] == [
        "certification",
        "voluntary_certification",
    ]


def test_an_unknown_scheme_is_refused():
    from certification.schemes.service import scheme

    assert codes(scheme, "nonesuch") == ["scheme_unknown"]


def test_effective_dates_are_dates():
    assert all(type(each.effective) is date for each in schemes().values())
