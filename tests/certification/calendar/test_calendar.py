"""Working days, against a library that others keep."""

from __future__ import annotations

import copy
import tomllib
from datetime import date, timedelta
from itertools import pairwise

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.calendar.model import CalendarError, read_year
from certification.calendar.service import (
    DATA,
    add_working_days,
    is_working_day,
    read_folder,
    working_days_between,
    years,
)
from tests.certification.books import codes

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def test_three_years_are_known_and_say_where_from():
    assert sorted(years()) == [2024, 2025, 2026]
    assert all("国办发明电" in each.notice and each.source for each in years().values())
    assert all(each.issued.year == number - 1 for number, each in years().items())


def test_every_day_is_as_the_library_says():
    differing = [day for day in DAYS if is_working_day(day) != chinese_calendar.is_workday(day)]
    assert differing == []


@pytest.mark.parametrize(
    "day, n, expected",
    [
        # 国庆 2026: off from 1 to 7 October, Saturday 10 October is worked
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        # a weekend, a day off, nothing
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        (date(2026, 10, 3), 0, date(2026, 10, 3)),
    ],
)
def test_counting(day, n, expected):
    assert add_working_days(day, n) == expected


@given(st.sampled_from(DAYS[:900]), st.integers(0, 60))
def test_adding_and_counting_are_inverse(day, n):
    end = add_working_days(day, n)
    assert working_days_between(day, end) == n
    assert n == 0 or is_working_day(end)


@given(st.sampled_from(DAYS[:900]))
def test_more_days_end_later(day):
    ends = [add_working_days(day, n) for n in range(10)]
    assert all(one < two for one, two in pairwise(ends))


@pytest.mark.parametrize(
    "call, arguments",
    [
        (is_working_day, (date(2027, 1, 1),)),
        (is_working_day, (date(2023, 12, 29),)),
        (add_working_days, (date(2026, 12, 31), 1)),
        (add_working_days, (date(2026, 12, 1), 40)),
        (working_days_between, (date(2026, 12, 1), date(2027, 1, 4))),
    ],
)
def test_a_year_without_a_notice_is_refused(call, arguments):
    assert codes(call, *arguments) == ["calendar_year_unknown"]


def test_days_backwards_are_a_fault_of_the_caller():
    with pytest.raises(ValueError):
        add_working_days(FIRST, -1)


def test_nothing_lies_between_a_day_and_an_earlier_one():
    assert working_days_between(date(2026, 3, 2), date(2026, 3, 1)) == 0


YEAR = tomllib.loads((DATA / "2026.toml").read_text(encoding="utf-8"))


def edited(change):
    document = copy.deepcopy(YEAR)
    change(document)
    return document


@pytest.mark.parametrize(
    "change, place",
    [
        (lambda d: d.pop("notice"), "notice"),
        (lambda d: d.update(extra=1), "extra"),
        (lambda d: d.update(format=2), "format"),
        (lambda d: d.update(year="2026"), "year"),
        (lambda d: d.update(source=" "), "source"),
        (lambda d: d.update(issued="2025-11-04"), "issued"),
        (lambda d: d.update(holidays=[]), "holidays"),
        (lambda d: d["holidays"][0].pop("worked"), "holidays.1.worked"),
        (lambda d: d["holidays"][0].update(name="元旦"), "holidays.1.name"),
        (lambda d: d["holidays"][0].update(first="1 January"), "holidays.1.first"),
        (lambda d: d["holidays"][0].update(last=date(2025, 12, 31)), "holidays.1.last"),
        (lambda d: d["holidays"][0].update(last=date(2026, 2, 15)), "holidays.2"),
        (lambda d: d["holidays"][6].update(last=date(2027, 1, 1)), "holidays.7.last"),
        (lambda d: d["holidays"][0].update(worked=[date(2026, 1, 5)]), "holidays.1.worked"),
        (lambda d: d["holidays"][0].update(worked=[date(2026, 1, 3)]), "holidays.1.worked"),
    ],
)
def test_a_wrong_file_is_refused_by_place(change, place):
    with pytest.raises(CalendarError) as error:
        read_year(edited(change))
    assert error.value.place == place


def test_a_file_is_named_after_its_year(tmp_path):
    (tmp_path / "2025.toml").write_bytes((DATA / "2026.toml").read_bytes())
    with pytest.raises(CalendarError):
        read_folder(tmp_path)


def test_what_is_no_toml(tmp_path):
    (tmp_path / "2025.toml").write_bytes(b"year = ")
    with pytest.raises(CalendarError):
        read_folder(tmp_path)
