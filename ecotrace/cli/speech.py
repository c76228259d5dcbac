"""What a command says: a line for people in their language, or one JSON value for machines."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import click
import orjson

from runtime.refusal import Refusal

DONE, DIFFERENCE, USAGE, ENVIRONMENT = 0, 1, 2, 3
"""The documented exit codes."""


def language() -> str:
    """Give `zh` or `en` as `ECOTRACE_LANG` says; Chinese is the default."""
    return "en" if os.environ.get("ECOTRACE_LANG", "zh") == "en" else "zh"


def pick(zh: str, en: str) -> str:
    """Give the sentence in the language of the command line."""
    return en if language() == "en" else zh


class Voice:
    """Says the results of one command, as lines or as JSON."""

    def __init__(self, *, json: bool) -> None:
        """With `json` nothing is printed but one JSON value at the end."""
        self.json = json

    def line(self, word: str, *parts: str | int) -> None:
        """Print a line that a program may read; its first word is never translated."""
        if not self.json:
            click.echo(" ".join([word, *map(str, parts)]))

    def tell(self, zh: str, en: str) -> None:
        """Print a sentence for people."""
        if not self.json:
            click.echo(pick(zh, en))

    def answer(self, value: Mapping[str, Any]) -> None:
        """Print the JSON value, if that was asked for."""
        if self.json:
            click.echo(orjson.dumps(value).decode())

    def refused(self, refusal: Refusal) -> None:
        """Print each reason of a refusal: code, sentence, where."""
        reasons = [
            {
                "code": reason.code.code,
                "detail": reason.text(language()),
                "pointer": reason.pointer,
                "numbers": dict(reason.numbers),
            }
            for reason in refusal.reasons
        ]
        if self.json:
            click.echo(orjson.dumps({"refused": reasons}).decode())
        for reason in refusal.reasons:
            text = f"refused {reason.code.code} {reason.pointer or '-'} {reason.text(language())}"
            click.echo(text, err=True)
