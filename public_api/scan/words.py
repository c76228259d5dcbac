"""Sentences and words of the scan page, from static/words.json, which the phone's script reads too.

The order of the verdicts is their rank: the first that applies is the headline, all are listed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from web.language import Words

WORDS_FILE = Path(__file__).parents[2] / "static" / "words.json"

Colour = Literal["red", "amber", "green"]


@dataclass(frozen=True)
class VerdictKind:
    """One line of the table of verdicts; `{n}` and `{first}` stand in the sentence of a repeat."""

    code: str
    colour: Colour
    words: Words
    rank: int


@cache
def table() -> dict[str, Any]:
    """Give the whole file."""
    content: dict[str, Any] = json.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return content


@cache
def verdict_kinds() -> dict[str, VerdictKind]:
    """Give the verdicts by code, in rank."""
    return {
        row["code"]: VerdictKind(row["code"], row["colour"], Words(row["zh"], row["en"]), rank)
        for rank, row in enumerate(table()["verdicts"])
    }


def code_words(vocabulary: str, code: str, lang: str) -> str:
    """Give the word of a code, or of the last part of its web address; unknown codes stay.

    The same rule as `word` in static/js/format.js.
    """
    words = table()["vocabularies"].get(vocabulary, {})
    tail = code.rpartition("#")[2].rpartition("/")[2]
    for prefix in ("BizStep-", "Disp-"):
        tail = tail.removeprefix(prefix)
    pair = words.get(code) or words.get(tail)
    return str(pair[lang == "en"]) if pair else code


def pattern(name: str, lang: str) -> str:
    """Give the pattern of a format, with `{name}` for its parts."""
    text: str = table()["patterns"][name]["en" if lang == "en" else "zh"]
    return text


def check_sentence(name: str, lang: str, **values: str | int) -> str:
    """Give a sentence of the phone's check, filled."""
    text: str = table()["check"][name]["en" if lang == "en" else "zh"]
    return text.format(**values)
