"""Facts in the reader's words: quantities, moments, places, states, and refusals with them.

Moments are Beijing time. Quantities are shown in full, in kilograms or pieces, with groups of
three digits. A refusal's sentence is the area's own; only its numbers are written as people read
them (a moment instead of an instant in UTC, 公斤 instead of kg, the name of a step instead of its
code).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from certification.certificates.model import STATE_WORDS, State
from identity.roles import ROLE_NAMES, Role
from points.accounts.model import points_text
from runtime.clock import BEIJING, beijing_date, parse_instant
from runtime.quantities import show
from runtime.refusal import Reason
from runtime.regions import region_words
from trace.epcis.farm import MEANINGS, FarmStep
from trace.products.model import CATEGORY_WORDS, Category
from trace.recall.model import RecallState
from web.language import current_language, t
from web.node import current_node

_GROUPS = re.compile(r"(?<![\d.])\d{4,}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_IN_CHINESE = ((" kg", " 公斤"), (" pieces", " 件"), (" piece", " 件"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

UNITS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "mass": (
        ("公斤", "公斤", "kg"), ("斤", "斤", "jin (500 g)"), ("吨", "吨", "t"),
        ("两", "两", "liang (50 g)"), ("克", "克", "g"),
    ),
    "pieces": (
        ("件", "件", "pieces"), ("只", "只", "head"), ("箱", "箱", "boxes"), ("袋", "袋", "bags"),
        ("个", "个", "items"), ("公", "只（公）", "males"), ("母", "只（母）", "females"),
    ),
    "area": (("亩", "亩", "mu"), ("m²", "平方米", "m²"), ("公顷", "公顷", "ha")),
}  # fmt: skip
"""The units that a form offers, by what is measured: spelling, Chinese, English."""

PROBLEM_WORDS: Mapping[str, tuple[str, str]] = {
    "not_a_number": ("不是数字", "not a number"),
    "negative": ("小于零", "below zero"),
    "inexact": ("不能精确换算", "not exact"),
    "unknown_unit": ("单位不认识", "unknown unit"),
    "too_large": ("数字过大", "too large"),
}

RECALL_WORDS: Mapping[RecallState, tuple[str, str, str]] = {
    RecallState.PROPOSED: ("待另一人确认", "Waiting for a second person", "amber"),
    RecallState.ORDERED: ("召回中", "Being recalled", "red"),
    RecallState.ENDED: ("已结束", "Ended", "plain"),
}

_STATE_COLOURS = {State.ACTIVE: "green", State.SUSPENDED: "amber", State.NOT_YET: "plain"}

_STATE_SHORT: Mapping[State, tuple[str, str]] = {
    State.UNKNOWN: ("未登记", "Not on record"),
    State.ANNULLED: ("已更正为无效", "Annulled"),
    State.REVOKED: ("撤销", "Revoked"),
    State.CANCELLED: ("注销", "Given up"),
    State.SUPERSEDED: ("已换发", "Superseded"),
    State.TRANSFERRED: ("已转移", "Passed on"),
    State.NOT_YET: ("未开始", "Not begun"),
    State.EXPIRED: ("到期", "Ended"),
    State.SUSPENDED: ("暂停", "Suspended"),
    State.ACTIVE: ("有效", "Valid"),
}
CAUSE_WORDS: Mapping[str, tuple[str, str]] = {
    "trace": ("追溯事实", "Traced fact"),
    "points.credit": ("处罚记录", "Recorded penalty"),
    "points.reversal": ("冲正", "Reversal"),
    "points.expiry": ("到期清零", "Lapse"),
}
"""Where a posting's cause was recorded, by its source."""


def grouped(text: str) -> str:
    """Write the whole numbers of a text in groups of three digits: 46,800 公斤."""
    return _GROUPS.sub(lambda found: f"{int(found[0]):,}", text)


def quantity(measure: str, whole: int) -> str:
    """Write mg or pieces (`measure` is "mass" or "pieces") in the reader's language."""
    kind = "mass" if measure in ("mass", "mg") else "pieces"
    return grouped(show(kind, whole, current_language()))  # type: ignore[arg-type]


def area(square_metres: int) -> str:
    """Write an area in 亩."""
    return grouped(show("area", square_metres, current_language()))


def unit_choices(measure: str) -> list[tuple[str, str]]:
    """Give the units in which something may be typed, with their names."""
    return [(unit, t(zh, en)) for unit, zh, en in UNITS[measure]]


def moment(at: datetime) -> str:
    """Write an instant to the minute, Beijing time."""
    here = at.astimezone(BEIJING)
    return f"{day(here.date())} {here:%H:%M}"


def day(of: date) -> str:
    """Write a legal day; of an instant, the day in which it lies in Beijing."""
    of = beijing_date(of) if isinstance(of, datetime) else of
    return t(f"{of.year}年{of.month}月{of.day}日", f"{of.day} {_MONTHS[of.month - 1]} {of.year}")


def minute_text(at: datetime) -> str:
    """Give what a field for date and time holds, Beijing time, cut to the minute."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")


def now_text() -> str:
    """Give the present minute as a field for date and time holds it."""
    return minute_text(current_node().clock.now())


def place(region: str | None) -> str:
    """Write a region code in words; a code that our table does not hold stays a code."""
    return region_words(region) or region if region else ""


def step_name(code: str | None) -> str:
    """Name a step of the farm vocabulary; a partner's own kind of event is just an event."""
    if code not in set(FarmStep):
        return t("事件", "Event")
    meaning = MEANINGS[FarmStep(code)]
    return t(meaning.zh, meaning.en.capitalize())


def category_name(code: str) -> str:
    """Name a class of products."""
    return t(*CATEGORY_WORDS[Category(code)])


def state_badge(state: State | str, short: bool = False) -> tuple[str, str]:
    """Give the words of a certificate's state and the colour of its badge; `short` for tables."""
    known = State(state)
    if short:
        return t(*_STATE_SHORT[known]), _STATE_COLOURS.get(known, "red")
    return STATE_WORDS[known].text(current_language()), _STATE_COLOURS.get(known, "red")


def recall_badge(state: RecallState) -> tuple[str, str]:
    """Give the words of a recall's state and the colour of its badge."""
    zh, en, colour = RECALL_WORDS[state]
    return t(zh, en), colour


def role_names(roles: Any) -> str:
    """Name the roles of somebody."""
    return t("、", ", ").join(t(*ROLE_NAMES[Role(role)]) for role in sorted(roles))


def cause_name(source: str | None) -> str:
    """Name the source of a posting; another one stays as it is, an erased one says so."""
    if source is None:
        return t("已删除", "Erased")
    return t(*CAUSE_WORDS[source]) if source in CAUSE_WORDS else source


def points(amount_milli: int) -> str:
    """Write milli-points as points, with a sign that also minus has."""
    return points_text(amount_milli).replace("-", "−")


def in_words(reason: Reason) -> str:
    """Give the sentence of a refusal in the reader's language, its numbers as people read them."""
    numbers = {name: _number_in_words(name, value) for name, value in reason.numbers.items()}
    return replace(reason, numbers=numbers).text(current_language())


def _number_in_words(name: str, value: str | int) -> str | int:
    if not isinstance(value, str):
        return value
    if name == "why" and value in PROBLEM_WORDS:
        return t(*PROBLEM_WORDS[value])
    if name == "other":
        return step_name(value)
    if name == "state" and value in set(RecallState):
        return recall_badge(RecallState(value))[0]
    if _INSTANT.fullmatch(value):
        return moment(parse_instant(value))
    if _DAY.fullmatch(value):
        return day(date.fromisoformat(value))
    return _quantity_in_words(value)


def _quantity_in_words(text: str) -> str:
    if current_language() == "en":
        return grouped(text)
    for english, chinese in _IN_CHINESE:
        text = text.removesuffix(english) + (chinese if text.endswith(english) else "")
    return grouped(text)


def page_words() -> dict[str, Any]:
    """Give the templates everything above that writes something."""
    functions = (
        quantity, area, unit_choices, moment, day, minute_text, place, step_name, category_name,
        state_badge, recall_badge, role_names, points, in_words, grouped,
        cause_name,
    )  # fmt: skip
    return {each.__name__: each for each in functions}
