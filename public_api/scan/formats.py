"""A value of the record in the reader's words: the server's side of static/js/format.js.

Both sides read words and patterns from static/words.json, and one table of cases goes through
both. The formats: `text`, `texts`, `date`, `instant`, `mass`, `mass_jin`, `area`, `pieces[:unit]`,
`typed`, `code:<vocabulary>`, `region`; the head of format.js says what each takes. Instants are
shown in Beijing time, whatever their offset. Mass and pieces are shown in full; an area is rounded
to 0.01 亩, half to even.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from public_api.scan.words import code_words, pattern, table
from runtime.clock import BEIJING

_DAY = re.compile(r"([12][0-9]{3})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"([12][0-9]{3})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_INTEGER_MAX = 2**53 - 1
_MG_PER_KG = 1_000_000
_MG_PER_JIN = 500_000
_MU_PER_SQUARE_METRE = Fraction(3, 2000)


class FormatError(ValueError):
    """A value has not the form that its format wants: a mistake of whoever chose the format."""


@dataclass(frozen=True)
class _Reader:
    """Who reads: the language, what stands behind the colon of the format, and the regions."""

    lang: str
    detail: str
    regions: Mapping[str, str]


def format_value(value: Any, name: str, lang: str, regions: Mapping[str, str] | None = None) -> str:
    """Write a value in `lang`. Raises FormatError."""
    kind, _, detail = name.partition(":")
    if kind not in _FORMATS:
        raise FormatError(f"unknown format {name}")
    return _FORMATS[kind](value, _Reader(lang, detail, regions or {}))


def voucher_text(name: str, custody: str, lang: str) -> str:
    """Say who recorded: signed with an own key, or recorded by the platform for somebody."""
    which = "voucher_own" if custody == "own" else "voucher_platform"
    return pattern(which, lang).format(name=name)


def _text(value: Any, _: _Reader) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FormatError("not a text")
    return str(value)


def _texts(value: Any, reader: _Reader) -> str:
    if not isinstance(value, list | tuple):
        raise FormatError("not a list")
    return pattern("texts", reader.lang).join(_text(item, reader) for item in value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _INTEGER_MAX:
        raise FormatError("not a whole number")
    return value


def _grouped(number: str) -> str:
    whole, dot, fraction = number.partition(".")
    return re.sub(r"\B(?=(?:[0-9]{3})+\Z)", ",", whole) + dot + fraction


def _decimal(count: int, per_unit: int, places: int) -> str:
    whole, rest = divmod(count * (10**places // per_unit), 10**places)
    fraction = f"{rest:0{places}d}".rstrip("0")
    return _grouped(f"{whole}.{fraction}" if fraction else str(whole))


def _mass(value: Any, reader: _Reader) -> str:
    number = _decimal(_whole(value), _MG_PER_KG, 6)
    return pattern("mass", reader.lang).format(number=number)


def _mass_jin(value: Any, reader: _Reader) -> str:
    number = _decimal(_whole(value), _MG_PER_JIN, 6)
    return pattern("mass_jin", reader.lang).format(number=number)


def _area(value: Any, reader: _Reader) -> str:
    square = _whole(value)
    if square * 3 > _INTEGER_MAX:
        raise FormatError("area out of range")
    number = _decimal(round(square * _MU_PER_SQUARE_METRE * 100), 100, 2)
    return pattern("area", reader.lang).format(number=number, square=_grouped(str(square)))


def _pieces(value: Any, reader: _Reader) -> str:
    unit = code_words("unit", reader.detail or "pieces", reader.lang)
    number = _grouped(str(_whole(value)))
    return pattern("quantity", reader.lang).format(number=number, unit=unit)


def _typed(value: Any, reader: _Reader) -> str:
    pair = isinstance(value, list | tuple) and len(value) == 2
    if not pair or not all(isinstance(part, str) for part in value):
        raise FormatError("not a typed quantity")
    number = _grouped(value[0]) if _NUMBER.fullmatch(value[0]) else value[0]
    unit = code_words("unit", value[1], reader.lang)
    return pattern("quantity", reader.lang).format(number=number, unit=unit)


def _in_beijing(value: Any) -> datetime:
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise FormatError("not an instant")
    *moment, sign, hours, minutes = match.groups()
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise FormatError("no such offset")
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-offset if sign == "-" else offset) if sign else UTC
    try:
        year, month, day, hour, minute, second = map(int, moment)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(BEIJING)
    except ValueError as error:
        raise FormatError("no such time") from error


def _day_parts(day: date) -> dict[str, str]:
    return {
        "year": str(day.year),
        "month": str(day.month),
        "monthname": table()["months"][day.month - 1],
        "day": str(day.day),
    }


def _date(value: Any, reader: _Reader) -> str:
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        day = date(*map(int, match.groups())) if match else _in_beijing(value).date()
    except ValueError as error:
        raise FormatError("no such day") from error
    return pattern("date", reader.lang).format(**_day_parts(day))


def _instant(value: Any, reader: _Reader) -> str:
    moment = _in_beijing(value)
    parts = {**_day_parts(moment.date()), "hour": f"{moment:%H}", "minute": f"{moment:%M}"}
    return pattern("instant", reader.lang).format(**parts)


def _code(value: Any, reader: _Reader) -> str:
    text = str(value).lower() if isinstance(value, bool) else _text(value, reader)
    return code_words(reader.detail, text, reader.lang)


def _region(value: Any, reader: _Reader) -> str:
    code = _text(value, reader)
    return reader.regions.get(code, code)


_FORMATS: dict[str, Callable[[Any, _Reader], str]] = {
    "text": _text,
    "texts": _texts,
    "date": _date,
    "instant": _instant,
    "mass": _mass,
    "mass_jin": _mass_jin,
    "area": _area,
    "pieces": _pieces,
    "typed": _typed,
    "code": _code,
    "region": _region,
}
