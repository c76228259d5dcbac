"""One table of values through both sides: the server's formats and the phone's.

A case is [format, value, Chinese, English]; null for a text means that both refuse the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from public_api.scan.formats import FormatError, format_value, voucher_text
from public_api.scan.words import code_words, verdict_kinds
from runtime.quantities import show
from tests.browser_script.browser import run_script
from trace.epcis.farm.vocabulary import MEANINGS, NAMESPACE
from trace.products.model import CATEGORY_WORDS

REGIONS = {"120112102": "天津市津南区小站镇"}
CASES = json.loads(Path(__file__).with_name("format_cases.json").read_text(encoding="utf-8"))
LANGUAGES = ("zh", "en")


def server(value: Any, name: str, lang: str) -> str | None:
    try:
        return format_value(value, name, lang, REGIONS)
    except FormatError:
        return None


def phone(cases: list[tuple[Any, str, str]]) -> list[str | None]:
    jobs = [
        {"do": "format", "value": value, "format": name, "lang": lang, "regions": REGIONS}
        for value, name, lang in cases
    ]
    answers = run_script("driver.mjs", jobs)
    broken = [answer for answer in answers if "text" not in answer and answer["code"] is None]
    assert broken == [], "the script failed instead of refusing"
    return [answer.get("text") for answer in answers]


def table() -> Iterator[tuple[Any, str, str, str | None]]:
    for name, value, *texts in CASES:
        for lang, text in zip(LANGUAGES, texts, strict=True):
            yield value, name, lang, text


def test_the_table_on_the_server() -> None:
    wrong = [case for case in table() if server(*case[:3]) != case[3]]
    assert wrong == []


def test_the_table_on_the_phone() -> None:
    cases = list(table())
    texts = phone([case[:3] for case in cases])
    wrong = [(c, text) for c, text in zip(cases, texts, strict=True) if text != c[3]]
    assert wrong == []


def drawn() -> Iterator[tuple[Any, str, str]]:
    """A few hundred values at the edges and between, the same in every run."""
    step = 0x9E3779B97F4A7C15
    for n in range(150):
        number = (n * step) % 2**53 >> (n % 50)
        day = f"{1000 + number % 2000:04d}-{1 + n % 12:02d}-{1 + number % 31:02d}"
        moment = f"{day}T{number % 25:02d}:{number % 61:02d}:{n % 60:02d}.{n:06d}Z"
        lang = LANGUAGES[n % 2]
        for name in ("mass", "mass_jin", "area", "pieces:box"):
            yield number, name, lang
        yield day, "date", lang
        yield moment, "date", lang
        yield moment, "instant", lang


def test_both_sides_agree_on_many_values() -> None:
    cases = list(drawn())
    texts = phone(cases)
    wrong = [(c, text) for c, text in zip(cases, texts, strict=True) if server(*c) != text]
    assert wrong == []


@given(st.integers(0, 2**53 // 3 - 1))
def test_quantities_are_those_of_runtime(whole: int) -> None:
    """The scan page groups digits and names m² in English; numbers and units are the same."""
    plain = {name: (server(whole, name, "zh") or "").replace(",", "") for name in ("mass", "area")}
    assert plain == {"mass": show("mass", whole, "zh"), "area": show("area", whole, "zh")}
    jin = (server(whole, "mass_jin", "zh") or "").replace(",", "")
    assert jin == show("mass", whole, "zh", jin=True)


def test_canonical_bytes_are_those_of_another_library() -> None:
    """Also keys outside the BMP, whose order by UTF-16 differs from that by code point."""
    values: list[Any] = [
        {"\ufffd": 1, "\U0001f600": 2, "a": 3},
        {"": 1, "\u20ac": 2, "\r": 3, "1": 4, "\u0080": 5},
        ['\u2028\u2029\u0000\u001f\u007f"\\/', -(2**53) + 1, 2**53 - 1, None, True, {}],
        {"b": {"z": [], "a": {}}, "a": [[1, [2]]]},
    ]
    written = run_script("driver.mjs", [{"do": "canonical", "value": value} for value in values])
    assert written == [rfc8785.dumps(value).decode() for value in values]


@pytest.mark.parametrize(
    "custody, zh, en",
    [
        ("own", "甲厂（签名登记）", "Signed by 甲厂"),
        ("platform", "甲厂（平台代为登记）", "Recorded by the platform for 甲厂"),
    ],
)
def test_who_recorded(custody: str, zh: str, en: str) -> None:
    assert (voucher_text("甲厂", custody, "zh"), voucher_text("甲厂", custody, "en")) == (zh, en)


def test_verdicts_stand_in_the_rank_of_the_rules() -> None:
    assert list(verdict_kinds()) == [
        "recalled",
        "void",
        "altered",
        "mistyped",
        "unknown",
        "not_in_use",
        "mark_revoked",
        "mark_suspended",
        "mark_expired",
        "copy_suspected",
        "mark_ended_since",
        "found_first",
        "found_again",
        "found",
    ]
    colours = [kind.colour for kind in verdict_kinds().values()]
    assert colours == ["red"] * 9 + ["amber"] * 2 + ["green"] * 3


def test_no_sentence_promises_what_nobody_can_keep() -> None:
    words = (Path(__file__).parents[2] / "static" / "words.json").read_text(encoding="utf-8")
    for promise in ("正品", "保真", "绝对安全", "genuine", "guarantee"):
        assert promise not in words


def test_words_are_those_of_the_areas() -> None:
    """The phone has its own list, because it reads codes from verified bytes; it says the same."""
    for step, meaning in MEANINGS.items():
        said = tuple(code_words("step", NAMESPACE + step, lang) for lang in LANGUAGES)
        assert said == (meaning.zh, meaning.en.capitalize())
    for category, words in CATEGORY_WORDS.items():
        assert tuple(code_words("category", category, lang) for lang in LANGUAGES) == words


def test_unknown_codes_stay_as_they_are() -> None:
    assert code_words("step", "urn:x:unheard", "zh") == "urn:x:unheard"
