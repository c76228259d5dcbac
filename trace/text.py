"""Text that people or partners wrote, before it is signed.

What is signed is never changed afterwards, so text is refused, not repaired, when it could show
something else than it holds:
- characters that turn the direction of writing (UAX #9 explicit formatting), by which
  `abc<RLO>fdp.exe` looks like another name; letters that run from right to left, Uyghur among
  them, are welcome
- characters without a shape: everything that Unicode calls default-ignorable (UAX #44), the blank
  braille cell, non-characters, half surrogate pairs; two texts that look alike must be alike
- control characters (C0, C1, line and paragraph separator); tabulator and line ends are let
  through where the caller says that the text may have several lines
- text that is not in Unicode normalisation form C (UAX #15), which the log does not hold
HTML is plain text here; it is escaped where it is shown.
"""

from __future__ import annotations

import re
import unicodedata

from runtime.refusal import RefusalCode, Sentence, refuse


class TextRefusal(RefusalCode):
    """What is wrong with a text, in rank order."""

    BIDI_TEXT = Sentence(
        422,
        "文字中含有改变书写方向的控制字符，请删除后重新提交",
        "The text holds characters that turn the direction of writing; remove them",
    )
    INVISIBLE_TEXT = Sentence(
        422,
        "文字中含有看不见的字符，请删除后重新提交",
        "The text holds characters that nobody can see; remove them",
    )
    CONTROL_TEXT = Sentence(
        422,
        "文字中含有控制字符，请删除后重新提交",
        "The text holds control characters; remove them",
    )
    TEXT_NOT_NFC = Sentence(
        422,
        "文字未采用 Unicode 规范形式 C（NFC），请转换后重新提交",
        "The text is not in Unicode normalisation form C (NFC); convert it",
    )
    TEXT_TOO_LONG = Sentence(
        422,
        "文字最多 {limit} 个字符，现有 {length} 个",
        "The text may have {limit} characters and has {length}",
    )


_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + 0xFFFE + low) for plane in range(17) for low in (0, 1))
    + "]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")


def text_fault(value: str, *, lines: bool = False) -> TextRefusal | None:
    """Give the reason why a text is refused, or None.

    `lines` lets tabulators and line ends through.
    """
    if value.isascii() and value.isprintable():
        return None
    if _BIDI.search(value):
        return TextRefusal.BIDI_TEXT
    if _INVISIBLE.search(value):
        return TextRefusal.INVISIBLE_TEXT
    if (_CONTROL_BUT_LINES if lines else _CONTROL).search(value):
        return TextRefusal.CONTROL_TEXT
    if not unicodedata.is_normalized("NFC", value):
        return TextRefusal.TEXT_NOT_NFC
    return None


def clean_text(
    value: str, length_max: int, pointer: str | None = None, *, lines: bool = False
) -> str:
    """Give a typed text without the spaces around it, at most `length_max` code points long.

    Raises `Refusal` with a `TextRefusal` at `pointer`. Nothing inside the text is changed.
    """
    text = value.strip(" \u3000")
    fault = text_fault(text, lines=lines)
    if fault is not None:
        refuse(fault, pointer)
    if len(text) > length_max:
        refuse(TextRefusal.TEXT_TOO_LONG, pointer, limit=length_max, length=len(text))
    return text
