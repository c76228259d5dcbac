"""Times as EPCIS writes them: xsd:dateTimeStamp, that is ISO 8601 with seconds and offset.

`read_time` refuses what has two readings or none: no offset, leap seconds, more than nine digits
of a second, offsets beyond 14:00, the year 9999.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))\Z"
)
_YEAR_LIMIT = 9999
"""Python's last year: rounding up in it could leave the calendar."""

OFFSET = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)\Z")
"""`eventTimeZoneOffset` (EPCIS 2.0, 7.4.1)."""


def read_time(text: str) -> tuple[datetime, str] | None:
    """Give the instant to the whole second in UTC and the digits of its fraction; None if bad."""
    match = _TIME.match(text)
    if match is None:
        return None
    whole, fraction, offset = match.groups()
    try:
        instant = datetime.fromisoformat(whole + offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (instant, fraction or "") if instant.year < _YEAR_LIMIT else None


def instant_of(text: str) -> datetime:
    """Give the instant of a checked time in UTC, cut to microseconds; `ValueError` for another."""
    read = read_time(text)
    if read is None:
        raise ValueError("not a checked time")
    instant, fraction = read
    return instant.replace(microsecond=int(fraction[:6].ljust(6, "0")))


def millisecond_text(text: str) -> str:
    """Give a checked time in UTC to the millisecond, as the event hash wants it (CBV 2.0, 8.9.2).

    Finer digits are rounded, halves to even: the reference implementation does so, and the hash
    is worth nothing unless it is equal to everybody else's.
    """
    instant = instant_of(text)
    milliseconds = round(instant.microsecond, -3)
    carried = instant.replace(microsecond=0) + timedelta(microseconds=milliseconds)
    return carried.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
