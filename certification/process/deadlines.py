"""When something is due: working days by the official calendar, notices by their own rule.

A period begins on the day after the day on which the case came to its state (the day itself does
not count) and ends with its last day, at 24:00 Beijing time. Where the calendar of a year was not
announced yet, a deadline for somebody's work is simply not known (None); a public notice, whose end
everybody must be able to compute, is refused until it is (CALENDAR_YEAR_UNKNOWN).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from certification.calendar.service import add_working_days
from certification.process.standing import CaseState, Process, Standing
from certification.schemes.model import DayKind, Notice, Window
from runtime.clock import beijing_date
from runtime.refusal import Refusal


def notice_until(notice: Notice, published: date) -> date:
    """The last day of a notice. Raises Refusal CALENDAR_YEAR_UNKNOWN for working days."""
    if notice.day_kind is DayKind.CALENDAR:
        return published + timedelta(days=notice.days)
    return add_working_days(published, notice.days)


def due(process: Process, standing: Standing) -> date | None:
    """The last day for whoever has to act now; None where nothing is due or nobody can know it."""
    if standing.since is None or standing.state.is_final:
        return None
    days = _days(process, standing)
    return None if days is None else _counted(beijing_date(standing.since), days)


def _days(process: Process, standing: Standing) -> int | None:
    if standing.state is CaseState.DRAFT:
        return process.track.reply_working_days if standing.returned else None
    step = process.step(standing.state)
    return None if step is None else step.working_days


def earliest(process: Process, standing: Standing) -> date | None:
    """The first day on which the step may be completed; None where it may be at once."""
    step = process.step(standing.state)
    if step is None or step.deadline is None or standing.since is None:
        return None
    if step.deadline.after_working_days == 0:
        return None
    return _counted(beijing_date(standing.since), step.deadline.after_working_days)


def window_of(window: Window, ends: date) -> tuple[date, date]:
    """First and last day on which a track may be entered, towards a period's last day."""
    return months_before(ends, window.opens_months), months_before(ends, window.closes_months)


def year_end(from_date: date, today: date) -> date:
    """The last day of the year of a term in which `today` lies; the first year's before it begins.

    Annual checks are made towards the end of each year of the term, not of the calendar.
    """
    years = max(today.year - from_date.year, 1)
    ends = months_before(from_date, -12 * years) - timedelta(days=1)
    return ends if ends >= today else months_before(from_date, -12 * (years + 1)) - timedelta(1)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _counted(day: date, days: int) -> date | None:
    try:
        return add_working_days(day, days)
    except Refusal:
        return None
