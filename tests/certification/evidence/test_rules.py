"""What an application still lacks, what was given before, and the form of answers: rules alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from certification.evidence.answers import answer_reasons
from certification.evidence.model import (
    Answer,
    Attachment,
    Evidence,
    day_reasons,
    is_too_old,
    missing_reasons,
    share_of,
)
from certification.schemes.model import AnswerKind, TrackKind
from tests.certification.evidence.desk import DOCUMENTS, FIELDS, asking
from tests.identity.codes import made_code

TODAY = date(2026, 11, 1)
NOW, EARLIER = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)


def evidence(document: str | None = None, *fields: str, **days: date) -> Evidence:
    return Evidence(
        "evid:x", "org:x", document, "00", "image/png", 1,
        days.get("valid_from"), days.get("valid_until"), fields, NOW, "org:x", "p",
    )  # fmt: skip


def handed_in(one: Evidence, at: datetime = NOW) -> Attachment:
    return Attachment("case:x", one, at)


def lacking(asks: str, *given: Attachment, answered: tuple[str, ...] = ()) -> list[str]:
    made = asking(*asks.split())
    track = made.tracks[TrackKind.INITIAL]
    reasons = missing_reasons(made, track, given, NOW, answered)
    return [f"{each.pointer} {each.code.code}" for each in reasons]


REPORT = evidence("report", valid_from=date(2026, 6, 1))
LACKING: list[tuple[str, list[Attachment], list[str]]] = [
    (
        "licence contact",
        [],
        ["/documents/licence document_missing", "/answers/contact answer_missing"],
    ),
    ("licence contact", [handed_in(evidence("licence", "contact"))], []),
    ("licence", [handed_in(evidence("map"))], ["/documents/licence document_missing"]),
    ("contact area", [handed_in(evidence(None, "contact")), handed_in(evidence(None, "area"))], []),
    ("licence", [handed_in(evidence("licence", valid_until=TODAY))], []),
    (
        "licence",
        [handed_in(evidence("licence", valid_until=date(2026, 10, 31)))],
        ["/documents/licence document_ended"],
    ),
    (
        "licence",
        [handed_in(evidence("licence", valid_from=date(2026, 11, 2)))],
        ["/documents/licence document_not_yet"],
    ),
    # One usable document is enough, whichever was handed in last.
    (
        "licence",
        [
            handed_in(evidence("licence")),
            handed_in(evidence("licence", valid_until=date(2026, 1, 1))),
        ],
        [],
    ),
    ("statement", [handed_in(evidence("statement", valid_from=date(2026, 5, 1)))], []),
    (
        "statement",
        [handed_in(evidence("statement", valid_from=date(2026, 4, 30)))],
        ["/documents/statement document_too_old"],
    ),
    ("statement", [handed_in(evidence("statement"))], ["/documents/statement document_too_old"]),
    (
        "report",
        [handed_in(evidence("report", valid_from=date(2025, 10, 31)))],
        ["/documents/report report_expired"],
    ),
    # Age counts to the day on which it was handed in, not to today.
    (
        "report",
        [handed_in(evidence("report", valid_from=date(2025, 1, 1)), EARLIER)],
        [],
    ),
]  # fmt: skip


@pytest.mark.parametrize("asks, given, expected", LACKING)
def test_what_a_case_lacks(asks: str, given: list[Attachment], expected: list[str]) -> None:
    assert lacking(asks, *given) == expected


def test_answers_of_the_case_itself_count() -> None:
    assert lacking("contact area", answered=("area",)) == ["/answers/contact answer_missing"]


def test_reasons_name_the_thing_in_both_languages() -> None:
    made = asking("report", "contact")
    reasons = missing_reasons(made, made.tracks[TrackKind.INITIAL], [], NOW)
    assert [each.text("zh") for each in reasons] == ["缺少材料：检验报告", "此项尚未填写"]
    assert reasons[0].text("en") == "Missing: 检验报告"


@pytest.mark.parametrize(
    "day, handed, old",
    [
        (date(2025, 11, 1), TODAY, False),
        (date(2025, 10, 31), TODAY, True),
        (None, TODAY, True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 28), date(2025, 2, 28), False),
        (date(2024, 2, 27), date(2025, 2, 28), True),
    ],
)
def test_age_of_a_document(day: date | None, handed: date, old: bool) -> None:
    assert is_too_old(DOCUMENTS["report"], day, handed) is old
    assert not is_too_old(DOCUMENTS["licence"], day, handed)


DAYS: list[tuple[str | None, dict[str, date], list[str]]] = [
    ("licence", {}, []),
    ("licence", {"valid_from": date(2027, 1, 1)}, []),
    ("licence", {"valid_from": TODAY, "valid_until": TODAY}, []),
    ("licence", {"valid_from": TODAY, "valid_until": date(2026, 10, 31)}, ["dates_reversed"]),
    ("licence", {"valid_from": date(1949, 12, 31)}, ["date_out_of_range"]),
    ("licence", {"valid_until": date(9999, 12, 31)}, ["date_out_of_range"]),
    ("report", {}, ["document_day_missing"]),
    ("report", {"valid_from": TODAY}, []),
    ("report", {"valid_from": date(2026, 11, 2)}, ["document_from_future"]),
    (None, {"valid_until": date(2026, 1, 1)}, []),
]


@pytest.mark.parametrize("document, days, expected", DAYS)
def test_days_of_a_document(
    document: str | None, days: dict[str, date], expected: list[str]
) -> None:
    rule = DOCUMENTS.get(document or "")
    found = day_reasons(rule, days.get("valid_from"), days.get("valid_until"), TODAY)
    assert [each.code.code for each in found] == expected


def test_the_share_that_is_new() -> None:
    made = asking("licence", "report", "contact", "area", "phone")
    track = made.tracks[TrackKind.INITIAL]
    held = [evidence("licence", "contact"), REPORT, evidence(None, "area")]
    found = share_of(made, track, held, None)
    assert (found.known, found.new) == (("licence", "report", "contact", "area"), ("phone",))
    assert found.of_new == Fraction(1, 5)
    assert share_of(made, track, [], None).of_new == 1
    assert share_of(made, track, held, date(2027, 6, 2)).new == ("report", "phone")
    assert share_of(asking(), asking().tracks[TrackKind.INITIAL], [], None).of_new == 0


ANSWERS: list[tuple[str, Any, str | None]] = [
    ("contact", "村民甲", None),
    ("contact", "一二三四五六七八九十一", "text_too_long"),
    ("contact", "", "text_empty"),
    ("contact", "甲\u202e", "text_unseen"),
    ("contact", "<b>", "text_markup"),
    ("employees", "1", None),
    ("employees", "500", None),
    ("employees", "0", "answer_out_of_range"),
    ("employees", "501", "answer_out_of_range"),
    ("employees", "-1", "answer_malformed"),
    ("employees", "07", "answer_malformed"),
    ("employees", "1.5", "answer_malformed"),
    ("employees", "１", "answer_malformed"),
    ("employees", ("1", "个"), "answer_malformed"),
    ("area", ("12.5", "亩"), None),
    ("area", ("12.555", "亩"), "answer_malformed"),
    ("area", ("12", "m²"), "answer_malformed"),
    ("area", ("12", "斗"), "answer_malformed"),
    ("area", "12", "answer_malformed"),
    ("area", ("-1", "亩"), "answer_malformed"),
    ("founded", "2026-02-28", None),
    ("founded", "2026-02-30", "answer_malformed"),
    ("founded", "20260228", "answer_malformed"),
    ("irrigated", "yes", None),
    ("irrigated", "是", "answer_malformed"),
    ("grade", "aa", None),
    ("grade", "AA", "answer_malformed"),
    ("place", "120112102", None),
    ("place", "99", "answer_malformed"),
    ("products", "prod:AAAAAAAAAAAAAAAAAAAA", None),
    ("products", "prod:AAAAAAAAAAAAAAAAAAAA prod:BAAAAAAAAAAAAAAAAAAA", None),
    ("products", "prod:AAAAAAAAAAAAAAAAAAAA prod:AAAAAAAAAAAAAAAAAAAA", "answer_malformed"),
    ("products", "base:AAAAAAAAAAAAAAAAAAAA", "answer_malformed"),
    ("products", "", "answer_malformed"),
    ("bases", "base:AAAAAAAAAAAAAAAAAAAA", None),
    ("code", made_code("91", 1), None),
    ("code", made_code("91", 1).lower(), "answer_malformed"),
    ("code", made_code("91", 1)[:-1] + "0", "answer_malformed"),
    ("phone", "13800000000", None),
    ("phone", "138 0000 0000", "answer_malformed"),
    ("unheard_of", "x", "answer_unknown"),
]


@pytest.mark.parametrize("key, value, expected", ANSWERS)
def test_the_form_of_answers(key: str, value: Any, expected: str | None) -> None:
    answer = Answer(key, *((value,) if isinstance(value, str) else value))
    found = answer_reasons(FIELDS, [answer])
    assert [each.code.code for each in found[:1]] == ([] if expected is None else [expected])
    assert all(each.pointer == f"/answers/{key}" for each in found)


def test_an_answer_stands_once() -> None:
    twice = [Answer("irrigated", "yes"), Answer("irrigated", "no")]
    assert [each.code.code for each in answer_reasons(FIELDS, twice)] == ["answer_repeated"]


def test_every_kind_of_field_is_in_the_table() -> None:
    assert {rule.kind for rule in FIELDS.values()} == set(AnswerKind)
    assert {key for key, _, _ in ANSWERS} >= FIELDS.keys()
