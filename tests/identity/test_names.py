"""Which single lines of text are refused, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.names import text_reasons


def refused(text: str, most: int = 80) -> list[str]:
    return sorted(reason.code.code for reason in text_reasons(text, "/name_zh", most))


@pytest.mark.parametrize(
    "text",
    [
        "小站稻",
        "Golden Rice & Sons (Tianjin) No. 5",
        "𠮷田村",
        "شىنجاڭ ئالمىسى",
        "一" * 80,
        "O'Brien",
    ],
)
def test_names_that_are_welcome(text: str):
    assert refused(text) == []


@pytest.mark.parametrize(
    "text, codes",
    [
        ("", ["text_empty"]),
        (" \u3000", ["text_empty"]),
        ("一" * 81, ["text_too_long"]),
        (" 小站", ["text_unseen"]),
        ("小站\u3000", ["text_unseen"]),
        ("小\u200b站", ["text_unseen"]),
        ("小\u202e站", ["text_unseen"]),
        ("小\u2066站", ["text_unseen"]),
        ("小\u200d站", ["text_unseen"]),
        ("小\u3164站", ["text_unseen"]),
        ("小\ufe0f站", ["text_unseen"]),
        ("小\U000e0100站", ["text_unseen"]),
        ("小\x00站", ["text_unseen"]),
        ("小\n站", ["text_unseen"]),
        ("小\u2028站", ["text_unseen"]),
        ("小\ud800站", ["text_unseen"]),
        ("小\u2800站", ["text_unseen"]),
        ("小\ue81e站", ["text_unshared"]),
        ("小\uffff站", ["text_unshared"]),
        ("e\u0301", ["text_not_normal"]),
        ("\uf900", ["text_not_normal"]),
        ("<b>小站</b>", ["text_markup"]),
        ("a>b", ["text_markup"]),
        ("<e\u0301\u202e", ["text_markup", "text_not_normal", "text_unseen"]),
    ],
)
def test_names_that_are_refused(text: str, codes: list[str]):
    assert refused(text) == codes


@given(st.text(max_size=100))
def test_what_passes_looks_like_what_it_holds(text: str):
    if not refused(text):
        assert text == text.strip()
        assert not set(text) & set("<>\u200b\u202e\x00")
        text.encode("utf-8")
