"""Cells of decision tables: the unary tests of S-FEEL (DMN), as far as packs use them.

    -                       anything, also nothing
    "unbroken"              this text
    "a", "b"                one of these texts
    5    < 5    >= 0.5      numbers, exact decimals
    [1..5]   ]1..5[         intervals, closed and open ends ( `(1..5)` is the same as `]1..5[` )
    not("a")   not([1..5])  none of these

A cell holds texts or numbers, not both. There are no floats: numbers are exact fractions. Whether
two cells can both match is decided exactly, by trying the points at which an answer can change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from points.packs.errors import PackError

Value = str | Fraction
_NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?"
_TEXT_TEST = re.compile(r'"([^"\\]{1,60})"')
_NUMBER_TEST = re.compile(rf"(<=|>=|<|>)?\s*({_NUMBER})")
_RANGE_TEST = re.compile(rf"([\[(\]])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\])\[])")
_NOT = re.compile(r"not\((.*)\)")


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends; None is infinity."""

    low: Fraction | None
    low_closed: bool
    high: Fraction | None
    high_closed: bool

    def holds(self, number: Fraction) -> bool:
        """True when the number lies inside."""
        above = self.low is None or number > self.low or (self.low_closed and number == self.low)
        below = (
            self.high is None or number < self.high or (self.high_closed and number == self.high)
        )
        return above and below


@dataclass(frozen=True)
class Cell:
    """One parsed cell: a union of tests, perhaps negated; no tests at all means `-`."""

    text: str
    words: frozenset[str] = frozenset()
    intervals: tuple[Interval, ...] = ()
    negated: bool = False

    @property
    def accepts_anything(self) -> bool:
        """True for `-`, the only cell that also matches an absent value."""
        return not self.words and not self.intervals

    def matches(self, value: Value | None) -> bool:
        """Whether a value passes; a value of the other type never does."""
        if self.accepts_anything:
            return True
        if value is None or isinstance(value, str) is not bool(self.words):
            return False
        return self._listed(value) is not self.negated

    def _listed(self, value: Value) -> bool:
        if isinstance(value, str):
            return value in self.words
        return any(interval.holds(value) for interval in self.intervals)

    def turning_points(self) -> Iterator[Value]:
        """Values at which the answer can change, which is all that an overlap check must try."""
        yield from self.words
        for interval in self.intervals:
            yield from (end for end in (interval.low, interval.high) if end is not None)


def overlap(one: Cell, other: Cell) -> bool:
    """True when some value passes both cells."""
    if one.accepts_anything or other.accepts_anything:
        return True
    if bool(one.words) is not bool(other.words):
        return False
    return any(one.matches(value) and other.matches(value) for value in _samples(one, other))


def _samples(one: Cell, other: Cell) -> Iterator[Value]:
    points = [*one.turning_points(), *other.turning_points()]
    yield from points
    # A text that neither cell names stands for all others.
    yield "\0"
    numbers = sorted({value for value in points if isinstance(value, Fraction)})
    if numbers:
        yield from (numbers[0] - 1, numbers[-1] + 1)
        yield from ((low + high) / 2 for low, high in pairwise(numbers))


def parse_cell(text: str, place: str) -> Cell:
    """Parse one cell; raises PackError naming `place`."""
    stripped = text.strip()
    if stripped == "-":
        return Cell(text)
    inner = _NOT.fullmatch(stripped)
    tests = list(_tests(inner[1] if inner else stripped, place))
    words = frozenset(test for test in tests if isinstance(test, str))
    intervals = tuple(test for test in tests if isinstance(test, Interval))
    if bool(words) is bool(intervals):
        raise PackError(place, "texts or numbers, not both", text)
    return Cell(text, words, intervals, negated=inner is not None)


def _tests(text: str, place: str) -> Iterator[str | Interval]:
    rest = text.strip()
    while True:
        test, end = _test(rest, place)
        yield test
        rest = rest[end:].lstrip()
        if not rest:
            return
        if not rest.startswith(","):
            raise PackError(place, "a comma between tests", text)
        rest = rest[1:].lstrip()


def _test(text: str, place: str) -> tuple[str | Interval, int]:
    if match := _TEXT_TEST.match(text):
        return match[1], match.end()
    if match := _RANGE_TEST.match(text):
        return _range(match, place), match.end()
    if match := _NUMBER_TEST.match(text):
        return _comparison(match[1], Fraction(match[2])), match.end()
    raise PackError(place, "a text, number, comparison or interval", text)


def _range(match: re.Match[str], place: str) -> Interval:
    low, high = Fraction(match[2]), Fraction(match[3])
    if low > high:
        raise PackError(place, "an interval whose ends are in order", match[0])
    return Interval(low, match[1] == "[", high, match[4] == "]")


def _comparison(sign: str | None, number: Fraction) -> Interval:
    if sign in ("<", "<="):
        return Interval(None, False, number, sign == "<=")
    if sign in (">", ">="):
        return Interval(number, sign == ">=", None, False)
    return Interval(number, True, number, True)
