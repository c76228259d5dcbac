"""Instants have one text each; legal days are Beijing days and end at 24:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.clock import (
    BEIJING,
    FixedClock,
    SystemClock,
    beijing_date,
    day_end,
    from_microseconds,
    instant_text,
    parse_instant,
    to_microseconds,
)

instants = some.datetimes(timezones=some.just(UTC))


@given(instants)
def test_text_and_microseconds_name_the_same_instant(instant: datetime) -> None:
    assert parse_instant(instant_text(instant)) == instant
    assert from_microseconds(to_microseconds(instant)) == instant


@given(instants, instants)
def test_text_sorts_as_time(one: datetime, other: datetime) -> None:
    assert (one < other) == (instant_text(one) < instant_text(other))


def test_the_offset_does_not_change_the_text() -> None:
    in_urumqi = datetime(2026, 11, 1, 6, 30, tzinfo=timezone(timedelta(hours=6)))
    assert instant_text(in_urumqi) == "2026-11-01T00:30:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-01T00:30:00Z",
        "2026-11-01T00:30:00.000Z",
        "2026-11-01T00:30:00.0000000Z",
        "2026-11-01T00:30:00.000000+00:00",
        "2026-11-01T00:30:00.000000z",
        "2026-11-01 00:30:00.000000Z",
        "2026-11-01T24:00:00.000000Z",
        "2026-11-01T00:30:60.000000Z",
        "2026-13-01T00:30:00.000000Z",
        "2026-02-29T00:30:00.000000Z",
        "0000-01-01T00:00:00.000000Z",
        "２026-11-01T00:30:00.000000Z",
        "2026-11-01T00:30:00.000000Z\n",
        "",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError):
        instant_text(datetime(2026, 11, 1))  # noqa: DTZ001  # the very mistake under test
    with pytest.raises(ValueError):
        FixedClock(datetime(2026, 11, 1))  # noqa: DTZ001


def test_a_day_ends_at_24_in_beijing() -> None:
    last = day_end(date(2026, 12, 31))
    assert last == datetime(2027, 1, 1, tzinfo=BEIJING)
    assert beijing_date(last - timedelta(microseconds=1)) == date(2026, 12, 31)
    assert beijing_date(last) == date(2027, 1, 1)


@given(some.dates())
def test_every_day_has_an_end(day: date) -> None:
    assert beijing_date(day_end(day) - timedelta(microseconds=1)) == day


def test_the_last_instant_has_a_day() -> None:
    assert beijing_date(datetime.max.replace(tzinfo=UTC)) == date.max


def test_clocks() -> None:
    clock = FixedClock(datetime(2026, 11, 1, 8, tzinfo=BEIJING))
    assert instant_text(clock.now()) == "2026-11-01T00:00:00.000000Z"
    clock.advance(timedelta(days=1))
    assert clock.now() == datetime(2026, 11, 2, tzinfo=UTC)
    assert SystemClock().now().utcoffset() == timedelta(0)
