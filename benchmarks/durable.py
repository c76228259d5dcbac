"""One durable append (business row, entry, tile, signed head) against a raw one-row commit."""

from __future__ import annotations

import sqlite3
import statistics
import time
from datetime import timedelta

from benchmarks.figure import Figure, report
from benchmarks.scratch import NOW, ScratchLog, prepared, scratch_log
from ledger.sequencer import append_prepared

_ROUNDS = 7
_COMMITS = 200
_TABLE = "CREATE TABLE bench_rows (id INTEGER PRIMARY KEY, said TEXT)"
_ROW = "INSERT INTO bench_rows (id, said) VALUES (?, ?)"


def main() -> None:
    """Measure."""
    with scratch_log() as log:
        with log.database.write_engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE bench_rows (id INTEGER PRIMARY KEY, said TEXT)"
            )
        added, raws = [], []
        for number in range(_ROUNDS):
            raw = _raw(log)
            added.append((_append(log, number) - raw) * 1000)
            raws.append(raw * 1000)
        beside = {"raw_commit_ms": statistics.median(raws)}
        more = statistics.median(added)
        report(Figure("durable append beyond a raw commit", more, "ms", 1.5, "less", beside))


def _append(log: ScratchLog, number: int) -> float:
    ready = prepared(_COMMITS, first=1 + number * _COMMITS)
    start = time.perf_counter()
    for at, each in enumerate(ready):
        with log.database.write_engine.begin() as connection:
            row = (number * _COMMITS + at, "a business row")
            connection.exec_driver_sql(_ROW, row)
            append_prepared(connection, [each], log.keys, NOW + timedelta(seconds=at))
    return (time.perf_counter() - start) / _COMMITS


def _raw(log: ScratchLog) -> float:
    database = sqlite3.connect(log.folder / "one.sqlite3", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("DROP TABLE IF EXISTS bench_rows")
    database.execute(_TABLE)
    start = time.perf_counter()
    for at in range(_COMMITS):
        database.execute("BEGIN IMMEDIATE")
        database.execute(_ROW, (at, "a business row"))
        database.execute("COMMIT")
    taken = (time.perf_counter() - start) / _COMMITS
    database.close()
    return taken


if __name__ == "__main__":
    main()
