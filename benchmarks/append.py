"""Append at 1,000 entries a commit against a raw INSERT of the same rows, both durable.

Canonical payload bytes are given and signatures were checked before; how fast they are checked is
reported beside the figure. Tiles, head and its signature are inside the measured time.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from pathlib import Path

from benchmarks.figure import Figure, report
from benchmarks.scratch import NOW, ScratchLog, payloads, prepared, scratch_log
from ledger.entries.model import signed_bytes, verify_signature
from ledger.sequencer import append_prepared
from ledger.signer import Ed25519Signer

BATCH = 1_000
BATCHES = 40
_ROUNDS = 5
_TABLES = ("entries", "entry_streams", "tiles", "heads")


def main() -> None:
    """Measure."""
    ratios, rates, limits = [], [], []
    for _ in range(_ROUNDS):
        with scratch_log() as log:
            ours, before = _append(log)
            limits.append(_raw(log, before))
        rates.append(ours)
        ratios.append(ours / limits[-1])
    beside = {
        "verify_signatures_per_s": _verified(),
        "raw_rows_per_s": statistics.median(limits),
    }
    report(Figure("append / raw INSERT", statistics.median(ratios), "ratio", 0.35))
    rate = statistics.median(rates)
    report(Figure("append, 1,000 per commit", rate, "entries/s", 40_000, beside=beside))


def _append(log: ScratchLog) -> tuple[float, int]:
    """Append to a log that is as empty as the tables of the limit.

    Gives entries a second and the size of the log before.
    """
    count = BATCH * BATCHES
    ready = prepared(count, first=1)
    with log.database.write_engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT max(size) FROM heads").scalar_one()
        connection.rollback()
        start = time.perf_counter()
        for low in range(0, count, BATCH):
            with connection.begin():
                append_prepared(connection, ready[low : low + BATCH], log.keys, NOW)
        return count / (time.perf_counter() - start), before


def _raw(log: ScratchLog, before: int) -> float:
    """Insert the rows that an append has just written into empty copies of its tables."""
    path = log.folder / "raw.sqlite3"
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        each.unlink(missing_ok=True)
    source = sqlite3.connect(log.folder / "log.sqlite3")
    target = sqlite3.connect(path, isolation_level=None)
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536")
    for pragma in (*pragmas, "wal_autocheckpoint=8192"):
        target.execute(f"PRAGMA {pragma}")
    rows = {}
    for table in _TABLES:
        kinds = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index')"
        for (sql,) in source.execute(kinds, (table,)):
            if sql is not None:
                target.execute(sql)
        rows[table] = list(source.execute(f"SELECT * FROM {table}"))
    keep = {"entries": 0, "entry_streams": 2, "heads": 0}
    for table, column in keep.items():
        rows[table] = [row for row in rows[table] if row[column] >= before]
    start = time.perf_counter()
    for low in range(0, BATCH * BATCHES, BATCH):
        target.execute("BEGIN IMMEDIATE")
        for table, count in (("entries", BATCH), ("entry_streams", BATCH), ("heads", 1)):
            at = low // BATCH * count
            _insert(target, table, rows[table][at : at + count])
        _insert(target, "tiles", rows["tiles"][low // 256 : (low + BATCH) // 256])
        target.execute("COMMIT")
    taken = time.perf_counter() - start
    target.close()
    source.close()
    return BATCH * BATCHES / taken


def _insert(target: sqlite3.Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _verified() -> float:
    signer = Ed25519Signer(bytes(31) + b"\x07")
    pairs = [(each, signer.sign(signed_bytes(each))) for each in payloads(1_000)]
    start = time.perf_counter()
    for payload, signature in pairs:
        verify_signature(signer.public_key, payload, signature)
    return len(pairs) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
