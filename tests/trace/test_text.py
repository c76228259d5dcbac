"""Text from people and partners: what is refused, what is welcome."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.refusal import Refusal
from trace.text import TextRefusal, clean_text, text_fault

BIDI_SPANS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]

WITHOUT_SHAPE = (
    "\u00ad\u034f\u115f\u180e\u200b\u200d\u2060\u2063\u2800\u3164\ufe0f\ufeff\uffa0\ufff9"
    "\U000e0041\U000e0100\ud800\ufdd0\uffff\U0010fffe"
)

WELCOME = [
    "",
    "小站稻",
    "津原89，一级",
    "<script>alert(1)</script> & 'x'",
    "ئۇيغۇر",  # letters that run from right to left
    "哈密瓜　5 斤",
    "5\u00a0kg",  # no-break space
    "🌾",
    "\ue000",  # private use: how some village names are still stored
    "𠮷",
]


@pytest.mark.parametrize("text", WELCOME)
def test_what_people_write_is_welcome(text):
    assert text_fault(text) is None


@pytest.mark.parametrize(
    ("fault", "letters"),
    [
        (TextRefusal.BIDI_TEXT, map(chr, [0x61C, 0x200E, 0x200F, *BIDI_SPANS])),
        (
            TextRefusal.INVISIBLE_TEXT,
            WITHOUT_SHAPE,
        ),
        (TextRefusal.CONTROL_TEXT, "\x00\x07\t\n\r\x1b\x7f\x85\x9f\u2028\u2029"),
        (TextRefusal.TEXT_NOT_NFC, ["e\u0301", "\u212b", "\uf900"]),
    ],
)
def test_each_kind_has_its_code(fault, letters):
    letters = list(letters)
    assert {letter: text_fault(f"米{letter}粉") for letter in letters} == dict.fromkeys(
        letters, fault
    )


def test_lines_are_let_through_only_where_asked_for():
    assert text_fault("一\r\n二\t三", lines=True) is None
    assert text_fault("一\v二", lines=True) is TextRefusal.CONTROL_TEXT
    assert text_fault("一\n二") is TextRefusal.CONTROL_TEXT


@given(some.text())
def test_no_character_of_format_or_control_gets_through(text):
    """Against Unicode's own categories, not against our lists."""
    if text_fault(text) is not None:
        return
    invisible = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    # Arabic number signs and the like are of category Cf and have a shape.
    assert all(unicodedata.bidirectional(c) in ("AN", "AL", "L") for c in invisible)
    assert unicodedata.is_normalized("NFC", text)


def test_every_format_character_without_shape_is_refused():
    with_shape = [0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2]
    with_shape += [0x110BD, 0x110CD, *range(0x13430, 0x13440)]
    let_through = [
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in ("Cf", "Cc", "Cs", "Zl", "Zp")
        and text_fault(chr(code)) is None
    ]
    assert set(let_through) <= set(with_shape)


def test_the_spaces_around_go_and_nothing_else():
    assert clean_text("　 小站  稻 ", 10) == "小站  稻"
    assert clean_text("  ", 10) == ""


@pytest.mark.parametrize(
    ("text", "length", "code"),
    [("a\u202eb", 9, "bidi_text"), ("abc", 2, "text_too_long"), ("𠮷𠮷𠮷", 2, "text_too_long")],
)
def test_refused_at_the_field(text, length, code):
    with pytest.raises(Refusal) as refused:
        clean_text(text, length, "/note")
    assert (refused.value.first.code.code, refused.value.first.pointer) == (code, "/note")
    for lang in ("zh", "en"):
        assert refused.value.first.text(lang)


def test_length_counts_characters():
    assert clean_text("𠮷𠮷", 2) == "𠮷𠮷"
