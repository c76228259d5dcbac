"""What a process does that prints under a permit as fast as it can; several race in
`test_races.py`."""

from __future__ import annotations

from datetime import UTC, datetime

from identity.actor import Actor
from ledger.leader import drain
from ledger.log_keys import load_log_keys
from ledger.sequencer import sequence
from runtime.clock import FixedClock
from runtime.database import Database
from runtime.randomness import SystemRandomness
from runtime.refusal import Refusal
from runtime.vault import Vault
from tests.certification.desk import Book, book
from tests.fixtures.nodes import ORIGIN, open_work
from workflows.unit import Unit

TRIES = 10


def printed(url: str, keys_url: str, office: str, permit: str) -> int:
    """Try, and give how often it went well; addresses are those of database and key database."""
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
    taken, actor = 0, Actor(office, None, frozenset({"brand_officer"}))
    for _ in range(TRIES):
        try:
            unit.run(book, Book(permit, "print", 1), actor=actor)
            taken += 1
        except Refusal as refusal:
            assert refusal.first.code.code == "over_quota_pieces", refusal
    unit.stop()
    return taken
