"""Scan pages over HTTP: repeats against a trivial view, p95 at 500/s, first scans, memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from benchmarks.figure import Figure, report
from benchmarks.http_load import run
from benchmarks.labelled import Labelled, labelled
from benchmarks.served import Served, demo

_PAGE = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (Linux; Android 10)"}
_ROUNDS = 5


def main() -> None:
    """Measure."""
    with demo() as served:
        small = labelled(served.data, 1_000, 1_000)
        big = labelled(served.data, 1_000_000, 4_000)
        for name, lot in (("1,000 labels", small), ("1,000,000 labels", big)):
            run(served.base, lot.paths[:1000], threads=4, seconds=4, headers=_PAGE)
            _repeats(served, name, lot)
        _first_scans(served)
        report(Figure("memory while serving", served.memory_mb(), "MB", 512, "less"))


def _repeats(served: Served, name: str, lot: Labelled) -> None:
    ratios, rates, shares = [], [], []
    warm = lot.paths[:500]
    run(served.base, warm, threads=4, seconds=2, headers=_PAGE)
    for _ in range(_ROUNDS):
        limit = run(served.base, ["/_trivial"], threads=4, seconds=2, headers=_PAGE)
        scans = run(served.base, warm, threads=4, seconds=2, headers=_PAGE)
        ratios.append(scans.rate / limit.rate)
        rates.append(scans.rate)
        shares.append(scans.cpu_share)
    beside = {"scans_per_s": sorted(rates)[2], "generator_cpu": sorted(shares)[2]}
    ratio = sorted(ratios)[2]
    report(Figure(f"repeat scans / trivial view, {name}", ratio, "ratio", 0.5, beside=beside))
    paced = [
        run(served.base, warm, threads=8, seconds=4, rate=500, headers=_PAGE) for _ in range(3)
    ]
    p95 = sorted(load.p95_ms for load in paced)[1]
    beside = {
        "rate": sorted(load.rate for load in paced)[1],
        "failed": sum(load.failed for load in paced),
        "generator_cpu": sorted(load.cpu_share for load in paced)[1],
    }
    report(Figure(f"p95 at 500 scans/s, {name}", p95, "ms", 20, "less", beside))


def _first_scans(served: Served) -> None:
    rates = []
    for _ in range(3):
        fresh = labelled(served.data, 4_000, 4_000)
        before = _claimed(served)
        load = run(served.base, fresh.paths, threads=16, seconds=3, headers=_PAGE)
        rates.append((_claimed(served) - before) / load.seconds)
    report(Figure("first scans, each durable", sorted(rates)[1], "per s", 300))


def _claimed(served: Served) -> int:
    """Count the first scans that are durable; a page without a statement claims none."""
    with closing(sqlite3.connect(served.data / "ecotrace.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM first_scans").fetchone()[0])


if __name__ == "__main__":
    main()
