"""Bars: how long, for whom, from when to when, and that an annulment lifts exactly its own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from certification.bars import entries
from certification.bars.model import Bar, last_day, present_bar, years_of
from certification.bars.replay import replay_bars
from certification.bars.service import LiftBar, MakeBar, bar_of, bars_of, lift_bar, make_bar
from certification.replay import _payloads
from certification.schemes.service import scheme
from ecotrace import entry_types
from tests.certification.books import logged, opened

CERT = "cert:AAAAAAAAAAAAAAAAAAAA"
NOV_1 = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def declared_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests log is known to the log, whether or not the application lists it."""
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in entries.ENTRY_TYPES:
        monkeypatch.setitem(known, each.type, each)


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2026, 11, 22), 1, date(2027, 11, 21)),
        (date(2026, 11, 22), 5, date(2031, 11, 21)),
        (date(2024, 2, 29), 1, date(2025, 2, 27)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2027, 3, 1), 1, date(2028, 2, 29)),
        (date(2026, 1, 1), 3, date(2028, 12, 31)),
    ],
)
def test_a_bar_lasts_whole_years(first, years, last):
    assert last_day(first, years) == last


def test_the_years_come_from_the_ground_of_the_scheme():
    organic = scheme("organic")
    assert sorted({years_of(organic, each.key) or 0 for each in organic.grounds}) == [1, 5]
    assert years_of(organic, None) == organic.bar_years
    listing = scheme("mtyx")
    assert [years_of(listing, each.key) for each in listing.grounds] == [None, None]


def test_of_several_bars_the_last_to_end_is_told():
    def bar(name: str, first: date, until: date | None) -> Bar:
        return Bar(name, "org:a", "jnjp", CERT, 1, None, first, until)

    day = date(2026, 11, 1)
    short, long = bar("a", day, date(2027, 1, 1)), bar("b", day, date(2028, 1, 1))
    endless, later = bar("c", day, None), bar("d", date(2026, 11, 2), None)
    assert present_bar([short, long], day) == long
    assert present_bar([short, endless, long], day) == endless
    assert present_bar([later], day) is None
    assert present_bar([short], date(2027, 1, 1)) == short
    assert present_bar([short], date(2027, 1, 2)) is None


def made(office, n=2, ground="mark_misuse", **changes):
    command = MakeBar(office.firm, "organic", CERT, n, NOV_1, ground)
    return office.run(make_bar, command)


def differences(office):
    with office.read() as session:
        found = list(replay_bars(session, office.node.vault, list(_payloads(session))))
    return [(each.table, each.column) for each in found]


def test_a_revocation_bars_and_its_annulment_lifts(office, tamper):
    ground = next(each for each in scheme("organic").grounds if each.bar_years == 5).key
    bar = made(office, 2, ground)
    entry = logged(office.node, bar.payload_id)
    assert (entry.facts, entry.streams) == ({}, (bar.id,))
    assert opened(office.node, bar.payload_id)["until"] == "2031-10-31"
    short = made(office, 4, None)
    now = NOV_1 + timedelta(days=1)
    with office.read() as session:
        found = bar_of(session, office.firm, "organic", now)
        assert (found.id, found.until) == (bar.id, date(2031, 10, 31))
        assert bar_of(session, office.firm, "green", now) is None
        assert bar_of(session, office.actor.party, "organic", now) is None
        assert bar_of(session, office.firm, "organic", NOV_1 - timedelta(days=1)) is None
        ended = datetime(2031, 10, 31, 16, tzinfo=UTC)  # midnight in Beijing
        assert bar_of(session, office.firm, "organic", ended - timedelta(seconds=1)) is not None
        assert bar_of(session, office.firm, "organic", ended) is None
    assert office.run(lift_bar, LiftBar(CERT, 3)) is None
    assert office.run(lift_bar, LiftBar(CERT, 2)).id == bar.id
    assert office.run(lift_bar, LiftBar(CERT, 2)) is None, "lifted once"
    with office.read() as session:
        assert bar_of(session, office.firm, "organic", now).id == short.id
        assert [each.id for each in bars_of(session, office.firm)] == [short.id]
    assert differences(office) == []
    changed = "SET until = '2026-11-02', holder = 'org:x', ground = 'x' WHERE n = 2"
    with tamper(office.node.database) as connection:
        connection.exec_driver_sql(f"UPDATE certification_bars {changed}")
        connection.exec_driver_sql("DELETE FROM certification_lifted_bars")
    assert sorted(differences(office)) == [
        ("certification_bars", "ground"), ("certification_bars", "holder"),
        ("certification_bars", "until"), ("certification_lifted_bars", "id"),
    ]  # fmt: skip


def test_a_scheme_without_years_bars_nobody(office):
    ground = scheme("mtyx").grounds[0].key
    assert office.run(make_bar, MakeBar(office.firm, "mtyx", CERT, 2, NOV_1, ground)) is None
    with office.read() as session:
        assert bar_of(session, office.firm, "mtyx", NOV_1) is None
