"""Counting working days by the notices that ship; see `model` for the rules.

Every function refuses years without a notice: CALENDAR_YEAR_UNKNOWN, with the year.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from certification.calendar import model
from certification.calendar.model import Calendar, CalendarError, Year, YearUnknown, read_year
from certification.refusals import CertificationRefusal
from runtime.refusal import Reason, Refusal

DATA = Path(__file__).parent / "data"


def read_folder(folder: Path) -> dict[int, Year]:
    """Read every `<year>.toml` of a folder; raises CalendarError."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CalendarError(path.name, "a TOML file in UTF-8", str(error)) from error
        year = read_year(document)
        if str(year.year) != path.stem:
            raise CalendarError("year", f"the name of the file, {path.stem}", year.year)
        found[year.year] = year
    return found


@cache
def calendar() -> Calendar:
    """The notices that ship, by year."""
    return MappingProxyType(read_folder(DATA))


def years() -> Mapping[int, Year]:
    """The years whose working days are known."""
    return calendar()


def is_working_day(day: date) -> bool:
    """Whether people work on a day (Beijing). Raises Refusal CALENDAR_YEAR_UNKNOWN."""
    try:
        return model.is_working_day(calendar(), day)
    except YearUnknown as error:
        raise _refusal(error) from error


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after a day; the day itself for 0. Raises CALENDAR_YEAR_UNKNOWN."""
    try:
        return model.add(calendar(), day, n)
    except YearUnknown as error:
        raise _refusal(error) from error


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last`. Raises CALENDAR_YEAR_UNKNOWN."""
    try:
        return model.between(calendar(), first, last)
    except YearUnknown as error:
        raise _refusal(error) from error


def _refusal(error: YearUnknown) -> Refusal:
    # A text, since a number would be shown with a thousands separator by some sentences.
    numbers = {"year": str(error.year)}
    return Refusal(Reason(CertificationRefusal.CALENDAR_YEAR_UNKNOWN, None, numbers))
