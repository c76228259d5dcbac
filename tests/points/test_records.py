"""Credit records: when one may be shown, how long, and what may not be entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.credit.records.model import (
    CloseRecord,
    Closing,
    CreditRecord,
    Ending,
    RecordKind,
    names_a_person,
    published_at,
)
from points.credit.records.service import close_record, published_records, record_penalty
from points.credit.regimes.model import PenaltyClass, read_regimes, regime_on
from points.credit.regimes.service import regimes
from tests.certification.books import codes, logged, opened

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))

RECORD = CreditRecord(
    record_id="case:x",
    kind=RecordKind.PENALTY,
    subject="org:x",
    subject_natural=False,
    document_number="演示〔2026〕1号",
    authority="演示局",
    decided=date(2026, 10, 20),
    penalty_class=PenaltyClass.ORDINARY,
    offence="label.copied",
    finding="proved",
    occurred_at=datetime(2026, 10, 1, tzinfo=UTC),
    basis="x",
    disclosure_start=date(2026, 10, 21),
    disclosure_end=date(2027, 4, 20),
    recorded_at=datetime(2026, 10, 20, 4, tzinfo=UTC),
    payload_id="p",
)
REPAIRED = Closing(
    Ending.REPAIRED,
    datetime(2027, 1, 21, tzinfo=UTC),
    datetime(2027, 1, 22, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "at, shown",
    [
        (datetime(2026, 10, 20, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 20, 16, tzinfo=UTC), True),
        (datetime(2027, 4, 20, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2027, 4, 20, 16, tzinfo=UTC), False),
    ],
)
def test_disclosure_runs_in_beijing_days(at, shown):
    assert published_at(RECORD, at) is shown


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_natural": True},
        {"kind": RecordKind.DECISION},
        {"disclosure_start": None, "disclosure_end": None},
    ],
)
def test_what_is_never_shown(changes):
    assert not published_at(replace(RECORD, **changes), NOV_1)


def test_a_repaired_record_is_shown_no_more_but_was():
    closed = replace(RECORD, closings=(REPAIRED,))
    assert published_at(closed, REPAIRED.effective_at - timedelta(microseconds=1))
    assert not published_at(closed, REPAIRED.effective_at)
    # Between the repair and the day we learned of it, our books could not know better.
    assert published_at(closed, REPAIRED.effective_at, as_known_at=REPAIRED.effective_at)


def test_nothing_is_known_before_it_was_recorded():
    assert not published_at(RECORD, NOV_1, as_known_at=RECORD.recorded_at - timedelta(seconds=1))


days = st.dates(date(2019, 7, 1), date(2032, 12, 31))
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(days, st.integers(0, 1200), st.integers(-400, 1600), st.integers(0, 86_399), zones)
def test_no_record_is_shown_past_its_end_in_any_time_zone(start, length, after, seconds, zone):
    """I14, leap days included: only Beijing's calendar counts, wherever the question comes from."""
    end = start + timedelta(days=length)
    record = replace(RECORD, decided=start, disclosure_start=start, disclosure_end=end)
    local = datetime(start.year, start.month, start.day, tzinfo=BEIJING)
    asked = (local + timedelta(days=after, seconds=seconds)).astimezone(zone)
    assert published_at(record, asked) is (0 <= after <= length)


@pytest.mark.parametrize(
    "decided, regime",
    [
        (date(2019, 7, 1), "2019"),
        (date(2023, 4, 30), "2019"),
        (date(2023, 5, 1), "2023"),
        (date(2026, 3, 31), "2023"),
        (date(2026, 4, 1), "2026"),
    ],
)
def test_the_date_of_the_decision_picks_the_regime(decided, regime):
    assert regime_on(regimes(), decided).code == regime


def test_one_penalty_under_three_regimes():
    terms = {r.code: r.terms[PenaltyClass.SERIOUS] for r in regimes()}
    assert {code: (t.least_months, t.most_months) for code, t in terms.items()} == {
        "2019": (6, 36),
        "2023": (3, 36),
        "2026": (12, 36),
    }


GOOD: dict[str, object] = {
    "code": "x",
    "in_force": date(2020, 1, 1),
    "source": "s",
    "minor": {"least": 0, "most": 3},
    "ordinary": {"least": 3, "most": 12},
    "serious": {"least": 6, "most": 36},
}


@pytest.mark.parametrize(
    "rows",
    [
        [GOOD, GOOD],
        [GOOD | {"minor": {"least": 4, "most": 3}}],
        [GOOD | {"source": " "}],
    ],
)
def test_wrong_regimes_are_refused(rows):
    with pytest.raises(ValueError, match="regime"):
        read_regimes({"regime": rows})


@pytest.mark.parametrize(
    "text, personal",
    [
        ("身份证 11010519491231002X 的当事人", True),
        ("身份证 110105 1949 1231 002X", True),
        ("１１０１０５１９４９１２３１００２Ｘ", True),
        ("旧号 110105491231002", True),
        ("电话13800001234", True),
        ("138-0000-1234", True),
        ("超量印制 9360 枚标签，罚款 5000 元", False),
        ("演示农罚〔2026〕1号，2026-10-20", False),
        ("条码 6901234567892", False),
    ],
)
def test_numbers_of_people_are_found(text, personal):
    assert names_a_person(text) is personal


# --- On both databases ---------------------------------------------------------------------------


def test_a_record_is_committed_whole_and_public_in_nothing(points):
    made = points.run(record_penalty, points.penalty())
    payload = logged(points.node, made.payload_id)
    record = opened(points.node, made.payload_id)
    with points.read() as session:
        shown = published_records(session, points.firm, NOV_1)
    assert (payload.facts, set(payload.commit)) == ({}, {"record", "narrative"})
    assert payload.streams == (points.firm,)
    assert record["document_number"] == "演示农罚〔2026〕1号"
    assert opened(points.node, made.payload_id, "narrative").startswith("当事人")
    assert [each.record_id for each in shown] == [made.record_id]


def test_refused_penalties_leave_nothing(points):
    villager = points.register("household", 9, host_party=points.firm, phone="13800001234")
    none = {"disclosure_start": None, "disclosure_end": None}
    cases = [
        ({"subject": villager}, ["natural_person"]),
        ({"subject": "org:AAAAAAAAAAAAAAAAAAAA"}, ["subject_unknown"]),
        ({"document_number": " "}, ["document_number_missing"]),
        ({"authority": ""}, ["text_empty"]),
        ({"narrative": "x" * 501}, ["text_too_long"]),
        ({"narrative": "<script>"}, ["text_markup"]),
        ({"narrative": "联系 13800001234"}, ["personal_data"]),
        ({"penalty_class": "grave"}, ["class_unknown"]),
        ({"offence": "复制"}, ["offence_malformed"]),
        ({"decided": date(2026, 11, 2)}, ["decision_in_future", "disclosure_before_decision"]),
        ({"decided": date(2018, 1, 1)}, ["no_regime"]),
        ({"occurred_at": datetime(2026, 11, 2, tzinfo=UTC)}, ["in_the_future"]),
        (none, ["disclosure_required"]),
        ({"disclosure_end": None}, ["disclosure_incomplete"]),
        ({"disclosure_start": date(2026, 10, 19)}, ["disclosure_before_decision"]),
        (
            {"disclosure_end": date(2026, 10, 20)},
            ["disclosure_reversed", "disclosure_too_short"],
        ),
        ({"disclosure_end": date(2027, 1, 19)}, ["disclosure_too_short"]),
        ({"disclosure_end": date(2027, 10, 21)}, ["disclosure_too_long"]),
        ({"penalty_class": "serious"}, ["disclosure_too_short"]),
        ({"penalty_class": "minor"}, ["disclosure_too_long"]),
    ]
    for changes, expected in cases:
        assert codes(points.run, record_penalty, points.penalty(**changes)) == expected, changes
    far = replace(points.actor, region="370500")
    assert codes(points.run, record_penalty, points.penalty(), far) == ["other_region"]
    officer = replace(points.actor, roles=frozenset({"points_officer"}))
    assert codes(points.run, record_penalty, points.penalty(), officer) == ["not_allowed"]
    with points.read() as session:
        assert published_records(session, points.firm, NOV_1) == ()
    points.record(2, penalty_class="minor", **none)
    with points.read() as session:
        assert published_records(session, points.firm, NOV_1) == ()


def test_a_document_counts_once_per_authority_and_subject(points):
    points.record()
    assert codes(points.run, record_penalty, points.penalty()) == ["document_taken"]
    points.record(1, authority="演示市场监管局")


def test_repair_and_withdrawal(points):
    record_id = points.record()
    command = CloseRecord(record_id, "repaired", NOV_1, "演示修复〔2026〕1号")
    assert codes(points.run, close_record, command) == ["repair_too_early"]
    assert codes(points.run, close_record, replace(command, ending="gone")) == ["ending_unknown"]
    early = replace(command, effective_at=NOV_1 + timedelta(days=400))
    assert codes(points.run, close_record, early) == ["in_the_future"]
    assert codes(points.run, close_record, replace(command, record_id="case:none")) == [
        "record_unknown"
    ]
    points.node.clock.advance(timedelta(days=81))
    repaired = replace(command, effective_at=datetime(2027, 1, 20, tzinfo=UTC))
    points.run(close_record, repaired)
    assert codes(points.run, close_record, repaired) == ["record_closed"]
    with points.read() as session:
        assert published_records(session, points.firm, NOV_1)
        assert not published_records(session, points.firm, points.node.clock.now())
    other = points.record(2)
    points.run(close_record, CloseRecord(other, "withdrawn", NOV_1, "演示撤〔2026〕1号"))
