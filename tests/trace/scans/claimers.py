"""Visitors in processes of their own, who all scan the same labels at once."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from runtime.database import open_engine, usable_url
from tests.fixtures.processes import forkserver
from trace.scans.service import claim_first

RUN = "run:AAAAAAAAAAAAAAAAAAAA"
AT = datetime(2026, 11, 1, tzinfo=UTC)


def claim_all(url: str, seed: int, labels: int, step: Barrier, told: Queue[tuple[int, list[int]]]):
    """Claim every label once, in an order of one's own; say of which one was told "first"."""
    engine = open_engine(usable_url(url))
    numbers = list(range(labels))
    random.Random(seed).shuffle(numbers)
    first = []
    for number in numbers:
        # Step by step: whoever has SQLite's lock would otherwise keep it until the last label.
        step.wait(60)
        with engine.begin() as connection:
            if claim_first(connection, RUN, number, AT, None):
                first.append(number)
    engine.dispose()
    told.put((seed, first))


def race(url: str, processes: int, labels: int) -> list[list[int]]:
    """Let so many processes claim so many labels; gives for each what it was told."""
    context = forkserver()
    step, told = context.Barrier(processes), context.Queue()
    visitors = [
        context.Process(target=claim_all, args=(url, seed, labels, step, told))
        for seed in range(processes)
    ]
    for visitor in visitors:
        visitor.start()
    outcomes = [told.get(timeout=120)[1] for _ in visitors]
    for visitor in visitors:
        visitor.join(60)
        assert visitor.exitcode == 0
    return outcomes
