"""Instants and days.

Instants are aware datetimes in UTC with microseconds; their text is always
`YYYY-MM-DDThh:mm:ss.ffffffZ`, so that equal instants have equal bytes and text sorts as time.
Legal days are Beijing days, Xinjiang included, and end at 24:00. Beijing time is a fixed UTC+8
(GB/T 7408): the summer times of 1986-1991 lie before every record kept here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Protocol

BEIJING = timezone(timedelta(hours=8), "Beijing")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z"
)
_DAY_END_IN_UTC = time(16, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Whoever needs the time takes one of these."""

    def now(self) -> datetime:
        """Give the present instant: aware, UTC, microseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the machine's time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests, the demo and replays."""

    def __init__(self, at: datetime) -> None:
        self.at = in_utc(at)

    def now(self) -> datetime:
        """Give the instant at which the clock stands."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock on (or back, with a negative span)."""
        self.at += by


def in_utc(instant: datetime) -> datetime:
    """Give the same instant in UTC; raise `ValueError` for one without an offset."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset from UTC")
    return instant.astimezone(UTC)


def instant_text(instant: datetime) -> str:
    """Give the one text of an instant; raise `ValueError` for one without an offset."""
    return in_utc(instant).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """Read the text that `instant_text` writes; raise `ValueError` for every other spelling."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError("an instant is written YYYY-MM-DDThh:mm:ss.ffffffZ")
    year, month, day, hour, minute, second, microsecond = map(int, match.groups())
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)


def to_microseconds(instant: datetime) -> int:
    """Count the microseconds from 1970-01-01T00:00Z, negative before it."""
    return (in_utc(instant) - EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Give the instant that lies so many microseconds after 1970-01-01T00:00Z."""
    return EPOCH + timedelta(microseconds=count)


def beijing_date(instant: datetime) -> date:
    """Give the legal day in which an instant lies."""
    try:
        return in_utc(instant).astimezone(BEIJING).date()
    except OverflowError:
        # Only the last eight hours of the year 9999 have no next day in Python.
        return date.max


def day_end(day: date) -> datetime:
    """Give the instant at which a legal day ends: 24:00 in Beijing, which is 16:00 UTC."""
    return datetime.combine(day, _DAY_END_IN_UTC)
