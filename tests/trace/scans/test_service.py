"""First scans, counts and epochs, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from runtime.database import Database
from tests.fixtures.nodes import transaction
from tests.trace.labels.stage import BAG_MG, Stage
from tests.trace.scans.claimers import AT, RUN, race
from trace.scans.service import (
    Claimed,
    ClaimFirst,
    RunScans,
    ScanCounter,
    Seen,
    bump,
    bump_group,
    bump_lots,
    claim_first,
    claim_first_scan,
    epoch_of,
    join_group,
    open_epoch,
    scans_of_run,
    seen,
)
from trace.scans.tables import FirstScan, ScanCount

CERT, OTHER = "cert:" + "c" * 20, "cert:" + "d" * 20

# ---- the first scan ----------------------------------------------------------------------------


def test_one_is_first_and_the_others_are_not(database: Database):
    with database.write_engine.begin() as connection:
        assert claim_first(connection, RUN, 7, AT, "天津市")
        assert not claim_first(connection, RUN, 7, AT + timedelta(hours=1), "上海市")
    with database.write_engine.begin() as connection:
        assert not claim_first(connection, RUN, 7, AT, None)
        assert claim_first(connection, RUN, 8, AT, None)
    with database.read() as session:
        assert seen(session, RUN, 7) == Seen(AT, "天津市", 0)
        assert seen(session, RUN, 8) == Seen(AT, None, 0)
        assert seen(session, RUN, 9) == Seen(None, None, 0)


def test_a_claim_that_is_not_committed_was_never_made(database: Database):
    with database.write_engine.connect() as connection, connection.begin() as transaction:
        assert claim_first(connection, RUN, 7, AT, None)
        transaction.rollback()
    with database.write_engine.begin() as connection:
        assert claim_first(connection, RUN, 7, AT, None)


def test_a_first_scan_is_history(database: Database):
    with database.write_engine.begin() as connection:
        claim_first(connection, RUN, 7, AT, None)
    upsert = "ON CONFLICT (run_id, number) DO UPDATE SET at = 1"
    for statement in (
        "UPDATE first_scans SET place = 'x'",
        "DELETE FROM first_scans",
        f"INSERT INTO first_scans (run_id, number, at) VALUES ('{RUN}', 7, 1) {upsert}",
    ):
        with pytest.raises(DBAPIError), database.write_engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with database.read() as session:
        assert seen(session, RUN, 7).first_at == AT


def test_sixteen_processes_claim_each_label_once(database: Database):
    url = database.url.render_as_string(hide_password=False)
    outcomes = race(url, processes=16, labels=30)
    assert sorted(number for told in outcomes for number in told) == list(range(30))
    assert sum(bool(told) for told in outcomes) > 1, "one process did all: that was no race"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FirstScan)) == 30


def test_a_place_is_a_short_name(database: Database):
    with database.write_engine.begin() as connection:
        claim_first(connection, RUN, 1, AT, "城" * 500)
    with database.read() as session:
        assert seen(session, RUN, 1).place == "城" * 60


def test_the_runner_claims_too(stage: Stage):
    command = ClaimFirst(RUN, 3, "天津市")
    assert stage.do(claim_first_scan, command) == Claimed(True)
    assert stage.do(claim_first_scan, command) == Claimed(False)
    with stage.node.database.read() as session:
        assert seen(session, RUN, 3).first_at == stage.node.clock.now()


# ---- counting ----------------------------------------------------------------------------------


def test_scans_are_counted_in_memory_and_flushed(database: Database):
    counter = ScanCounter()
    assert [counter.note(RUN, 1), counter.note(RUN, 1), counter.note(RUN, 2)] == [1, 2, 1]
    for expected in (2, 0):
        with database.write_engine.begin() as connection:
            assert counter.flush(connection) == expected
    assert counter.note(RUN, 1) == 1
    with database.write_engine.begin() as connection:
        assert counter.flush(connection) == 1
    with database.read() as session:
        assert seen(session, RUN, 1).count == 3
        assert seen(session, RUN, 2).count == 1
        assert scans_of_run(session, RUN) == RunScans(0, 4)
        assert scans_of_run(session, "run:other") == RunScans(0, 0)


def test_a_run_says_how_much_it_was_scanned(database: Database):
    counter = ScanCounter()
    with database.write_engine.begin() as connection:
        for number in (1, 2):
            claim_first(connection, RUN, number, AT, None)
            counter.note(RUN, number)
        counter.note(RUN, 2)
        counter.flush(connection)
    with database.read() as session:
        assert scans_of_run(session, RUN) == RunScans(2, 3)


def test_threads_lose_no_scan(database: Database):
    counter = ScanCounter()

    def scan() -> None:
        for number in range(500):
            counter.note(RUN, number % 5)

    def flush() -> None:
        with database.write_engine.begin() as connection:
            counter.flush(connection)

    threads = [Thread(target=scan) for _ in range(4)] + [Thread(target=flush) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flush()
    with database.read() as session:
        assert session.scalar(select(func.sum(ScanCount.count))) == 2_000
        assert [seen(session, RUN, number).count for number in range(5)] == [400] * 5


def test_what_could_not_be_flushed_is_kept(database: Database):
    counter = ScanCounter()
    counter.note(RUN, 1)
    with pytest.raises(DBAPIError), database.read_engine.begin() as connection:
        counter.flush(connection)
    counter.note(RUN, 1)
    with database.write_engine.begin() as connection:
        assert counter.flush(connection) == 1
    with database.read() as session:
        assert seen(session, RUN, 1).count == 2


# ---- epochs ------------------------------------------------------------------------------------


def epochs(stage: Stage, *lots: str) -> list[int]:
    with stage.node.database.read() as session:
        return [epoch_of(session, lot) for lot in lots]


def test_a_page_is_thrown_away_by_its_lot_or_by_any_of_its_groups(stage: Stage):
    lots = [stage.lot("rice", code, BAG_MG) for code in ("L1", "L2", "L3")]
    one, two, three = lots
    before = epochs(stage, *lots)

    def changed(*uses) -> list[bool]:
        nonlocal before
        with transaction(stage.node) as work:
            for use, *arguments in uses:
                use(work, *arguments)
        now = epochs(stage, *lots)
        assert all(new >= old for old, new in zip(before, now, strict=True))
        moved = [new > old for old, new in zip(before, now, strict=True)]
        before = now
        return moved

    assert changed((bump, one)) == [True, False, False]
    assert changed((bump_lots, [two, three, two])) == [False, True, True]
    assert changed((join_group, one, CERT), (join_group, two, CERT)) == [True, True, False]
    assert changed((bump_group, CERT)) == [True, True, False]
    assert changed((join_group, two, OTHER)) == [False, True, False]
    assert changed((bump, OTHER)) == [False, True, False]
    assert changed((bump, CERT)) == [True, True, False]
    # joining again and bumping a group that nobody points to change nothing
    assert changed((join_group, two, OTHER)) == [False, False, False]
    assert changed((bump_group, "recall:" + "r" * 19)) == [False, False, False]
    assert changed((bump_lots, [])) == [False, False, False]
    assert changed((open_epoch, one)) == [False, False, False]


def test_a_group_bumped_before_anybody_joins_still_counts(stage: Stage):
    lot = stage.lot("rice", "L1", BAG_MG)
    (before,) = epochs(stage, lot)
    with transaction(stage.node) as work:
        bump_group(work, CERT)
        join_group(work, lot, CERT)
    assert epochs(stage, lot) > [before]


def test_an_unknown_lot_has_epoch_nought(database: Database):
    with database.read() as session:
        assert epoch_of(session, "lot:nowhere") == 0


def test_a_group_of_many_lots_turns_red_with_one_row(stage: Stage):
    lots = [stage.lot("rice", f"L{n}", BAG_MG) for n in range(5)]
    with transaction(stage.node) as work:
        for lot in lots:
            join_group(work, lot, CERT)
    before = epochs(stage, *lots)
    with stage.node.database.write_engine.begin() as connection:
        written = connection.exec_driver_sql(
            f"UPDATE scan_groups SET epoch = epoch + 1 WHERE id = '{CERT}'"
        ).rowcount
    assert written == 1
    assert epochs(stage, *lots) == [epoch + 1 for epoch in before]


def test_times_of_first_scans_are_exact(database: Database):
    at = datetime(2026, 11, 1, 3, 4, 5, 678_901, tzinfo=UTC)
    with database.write_engine.begin() as connection:
        claim_first(connection, RUN, 1, at, None)
    with database.read() as session:
        assert seen(session, RUN, 1).first_at == at
