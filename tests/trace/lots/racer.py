"""A process that takes goods from a lot as fast as it can; several race in `test_races.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue

from identity.actor import SYSTEM
from ledger.leader import drain
from ledger.log_keys import load_log_keys
from ledger.sequencer import sequence
from runtime.clock import FixedClock
from runtime.database import Database
from runtime.randomness import SystemRandomness
from runtime.refusal import Refusal
from runtime.vault import Vault
from tests.fixtures.nodes import BASE_URL, ORIGIN, open_work
from trace.steps.service import LotAmount, RecordStep, record_step
from workflows.unit import Unit

TRIES = 10
KILOGRAMS = "30"


def take(url: str, keys_url: str, party: str, lot: str, number: int, told: Queue[int]) -> None:
    """Try, and say how many tries were not refused; `number` is that of the process."""
    randomness, clock = SystemRandomness(), FixedClock(datetime(2026, 11, 1, 1, tzinfo=UTC))
    database, vault = Database(url), Vault(keys_url, bytes(range(32)), randomness, clock)
    keys = load_log_keys(vault, ORIGIN)

    def sequence_now() -> None:
        drain(database.write_engine, keys, clock)

    unit = Unit(
        database,
        clock,
        randomness,
        lambda connection: open_work(connection, vault, randomness),
        lambda connection, now: sequence(connection, keys, now),
        sequence_now,
    )
    taken = 0
    for n in range(TRIES):
        at = datetime(2026, 10, 5, tzinfo=UTC) + timedelta(minutes=number * TRIES + n)
        goods = (LotAmount(lot, KILOGRAMS, "公斤"),)
        try:
            unit.run(record_step, RecordStep(party, "sale", at, BASE_URL, lots=goods), actor=SYSTEM)
            taken += 1
        except Refusal as refusal:
            assert refusal.first.code.name == "MORE_THAN_HELD", refusal
    unit.stop()
    told.put(taken)
