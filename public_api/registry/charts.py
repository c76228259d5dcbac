"""Bar charts for pages without script: what stands where, computed here and drawn as inline SVG.

A chart has no `viewBox`: bars are wide by per cent and letters high by pixels, so that a phone and
a screen both read it at the size of the text around it. Each bar says its number in words, nothing
is told by colour alone, and the same numbers stand in a table beside the chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

LINE = 24
BAR = 18
GAP = 18
WIDTH_MAX = 76
"""Per cent of the width that the longest bar takes; the rest is for its number."""
LETTERS_MAX = 40
"""Width of a line of a label in Latin letters; a Chinese character takes two."""


@dataclass(frozen=True)
class Amount:
    """One number to draw; `of` is the number that it is held against, None without one."""

    label: str
    value: int
    of: int | None = None


@dataclass(frozen=True)
class Line:
    """One line of a label, at its base line in pixels from the top."""

    text: str
    y: int


@dataclass(frozen=True)
class Bar:
    """A bar: pixels from the top, per cent from the left; `mark` is where `of` stands."""

    lines: tuple[Line, ...]
    y: int
    width: float
    mark: float | None
    said: str


@dataclass(frozen=True)
class Chart:
    """All bars, and the height of the whole in pixels."""

    bars: tuple[Bar, ...]
    height: int


def bar_chart(amounts: Sequence[Amount]) -> Chart:
    """Lay out horizontal bars, one below the other, all to the same scale."""
    greatest = max((max(each.value, each.of or 0) for each in amounts), default=0) or 1
    bars: list[Bar] = []
    top = 0
    for each in amounts:
        lines = tuple(
            Line(text, top + LINE * place - 6) for place, text in enumerate(wrapped(each.label), 1)
        )
        y = top + LINE * len(lines)
        bars.append(
            Bar(
                lines=lines,
                y=y,
                width=round(WIDTH_MAX * each.value / greatest, 2),
                mark=None if each.of is None else round(WIDTH_MAX * each.of / greatest, 2),
                said=f"{each.value:,}" if each.of is None else f"{each.value:,} / {each.of:,}",
            )
        )
        top = y + BAR + GAP
    return Chart(tuple(bars), max(top - GAP + 4, 0))


def wrapped(label: str) -> list[str]:
    """Break a label into lines that fit a phone, between words where there are any."""
    lines, line = [""], ""
    for piece in _pieces(label):
        if line and _letters(line + piece.rstrip()) > LETTERS_MAX:
            lines.append("")
            line = ""
        line += piece if line else piece.lstrip()
        lines[-1] = line.rstrip()
    return lines


def _pieces(label: str) -> Iterable[str]:
    """Where a line may break: after each blank, and between Chinese characters."""
    piece = ""
    for letter in label:
        piece += letter
        if letter == " " or _is_wide(letter):
            yield piece
            piece = ""
    if piece:
        yield piece


def _letters(text: str) -> int:
    return sum(2 if _is_wide(letter) else 1 for letter in text)


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"
