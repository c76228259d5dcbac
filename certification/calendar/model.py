"""Which days are working days, by the yearly notice of the State Council's General Office.

Nouns. A *year* (the notice) has *holidays*: a first and a last day off, and the days at weekends
that are worked in exchange (调休). Every other day follows the week: Monday to Friday are worked.

Invariants, checked when a file is read: the file is named after its year; a holiday ends no earlier
than it begins and begins in its year; a day is off at most once; a day worked in exchange is a
Saturday or Sunday and not off.

A year without a notice has no working days that anybody could know, so counting into it is refused
(CALENDAR_YEAR_UNKNOWN) and never guessed: deadlines bind applicants and offices.

Counting. A deadline of n working days begins on the day after (第二日起算, Civil Code article 201),
so `add(day, n)` is the n-th working day after `day`, and `add(day, 0)` is `day` itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

FORMAT = 1
_SATURDAY = 5
_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A calendar file breaks a rule; `place` is a dotted path inside it."""

    def __init__(self, place: str, expected: str, found: object) -> None:
        super().__init__(f"calendar: {place}: expected {expected}, found {found!r}")
        self.place = place


class YearUnknown(LookupError):
    """No notice of this year is on record."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no notice of {year}")
        self.year = year


@dataclass(frozen=True)
class Holiday:
    """Days off from `first` to `last`, and the weekend days worked in exchange."""

    zh: str
    en: str
    first: date
    last: date
    worked: tuple[date, ...]

    def days(self) -> Iterator[date]:
        """Every day off."""
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY


@dataclass(frozen=True)
class Year:
    """The notice of one year: its number, the day it was issued, and where it was found."""

    year: int
    notice: str
    issued: date
    source: str
    holidays: tuple[Holiday, ...]
    off: frozenset[date]
    worked: frozenset[date]


Calendar = Mapping[int, Year]
"""Notices by year."""


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether people work on a day. Raises YearUnknown."""
    year = calendar.get(day.year)
    if year is None:
        raise YearUnknown(day.year)
    if day in year.worked:
        return True
    return day.weekday() < _SATURDAY and day not in year.off


def add(calendar: Calendar, day: date, working_days: int) -> date:
    """The working day that lies so many working days after a day. Raises YearUnknown."""
    if working_days < 0:
        raise ValueError("working days are counted forwards")
    while working_days > 0:
        day += _DAY
        working_days -= is_working_day(calendar, day)
    return day


def between(calendar: Calendar, first: date, last: date) -> int:
    """Working days after `first` up to and with `last`; 0 where last is no later.

    Raises YearUnknown.
    """
    days = (first + _DAY * n for n in range(1, (last - first).days + 1))
    return sum(is_working_day(calendar, day) for day in days)


def read_year(document: Mapping[str, Any]) -> Year:
    """Build a year from a parsed file; raises CalendarError naming the place."""
    _closed(document, {"format", "year", "notice", "issued", "source", "holidays"}, "")
    _require(document["format"] == FORMAT, "format", str(FORMAT), document["format"])
    year = document["year"]
    _require(type(year) is int and 2000 <= year <= 2199, "year", "2000..2199", year)
    for name in ("notice", "source"):
        told = document[name]
        _require(isinstance(told, str) and bool(told.strip()), name, "a text", told)
    _require(type(document["issued"]) is date, "issued", "a date", document["issued"])
    rows = document["holidays"]
    _require(isinstance(rows, list) and bool(rows), "holidays", "a list", rows)
    holidays = tuple(_holiday(row, f"holidays.{n}", year) for n, row in enumerate(rows, 1))
    off, worked = _days(holidays)
    return Year(
        year, document["notice"], document["issued"], document["source"], holidays, off, worked
    )


def _holiday(row: Any, place: str, year: int) -> Holiday:
    _require(isinstance(row, Mapping), place, "a table", row)
    _closed(row, {"name", "first", "last", "worked"}, f"{place}.")
    for name in ("first", "last"):
        _require(type(row[name]) is date, f"{place}.{name}", "a date", row[name])
    _require(row["first"] <= row["last"], f"{place}.last", "no earlier than first", row["last"])
    _require(row["first"].year == year, f"{place}.first", f"a day of {year}", row["first"])
    _require(row["last"].year == year, f"{place}.last", f"a day of {year}", row["last"])
    name, worked = row["name"], row["worked"]
    named = isinstance(name, Mapping) and set(name) == {"zh", "en"}
    _require(named, f"{place}.name", "{ zh, en }", name)
    _require(isinstance(worked, list), f"{place}.worked", "a list of dates", worked)
    for day in worked:
        fits = type(day) is date and day.year == year and day.weekday() >= _SATURDAY
        _require(fits, f"{place}.worked", "weekend days of the year", day)
    return Holiday(name["zh"], name["en"], row["first"], row["last"], tuple(worked))


def _days(holidays: tuple[Holiday, ...]) -> tuple[frozenset[date], frozenset[date]]:
    off: set[date] = set()
    for number, holiday in enumerate(holidays, 1):
        for day in holiday.days():
            _require(day not in off, f"holidays.{number}", "no day off twice", day)
            off.add(day)
    worked = {day for holiday in holidays for day in holiday.worked}
    for number, holiday in enumerate(holidays, 1):
        for day in holiday.worked:
            _require(day not in off, f"holidays.{number}.worked", "no day that is off", day)
    return frozenset(off), frozenset(worked)


def _closed(found: Mapping[str, Any], members: set[str], place: str) -> None:
    for name in sorted(members.symmetric_difference(found)):
        expected = "a member" if name in members else "no such member"
        raise CalendarError(f"{place}{name}", expected, found.get(name))


def _require(holds: bool, place: str, expected: str, found: object) -> None:
    if not holds:
        raise CalendarError(place, expected, found)
