"""A small initialised log with two organisations, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from ledger.entries.model import ID_BYTES, Payload, signed_bytes
from ledger.entry_types import EntryType, Field, registry
from ledger.genesis import init_log, register_key
from ledger.leader import drain
from ledger.log_keys import LogKeys, RootKey, make_log_keys, make_root_keys
from ledger.outbox import Draft, Recorded, Secret, record
from ledger.reader import LogReader
from ledger.sequencer import Prepared, append_prepared, prepare, sequence
from ledger.signer import Ed25519Signer
from ledger.work import Work
from runtime.clock import FixedClock
from runtime.database import Database
from runtime.randomness import SeededRandomness
from runtime.vault import Vault
from tests.fixtures.worlds import Ground, Worlds

ORIGIN = "log.example/test"
FIRM = "org:AAAAAAAAAAAAAAAAAAAA"
OFFICE = "org:BBBBBBBBBBBBBBBBBBBB"

STEP = EntryType(
    "trace.step.take",
    {
        "kind": Field("code", vocabulary=("harvest", "sale"), optional=True),
        "mass_mg": Field("int", high=10**12, optional=True),
    },
    ("raw", "understood"),
    "A test type.",
)


@dataclass
class Log:
    """A log with a firm whose key the platform holds, and an office that holds its own."""

    database: Database
    vault: Vault
    clock: FixedClock
    randomness: SeededRandomness
    keys: LogKeys
    roots: tuple[RootKey, ...]
    firm: Ed25519Signer = field(default_factory=lambda: Ed25519Signer(b"f" * 32))
    office: Ed25519Signer = field(default_factory=lambda: Ed25519Signer(b"o" * 32))
    entry_types: dict[str, EntryType] = field(default_factory=lambda: registry([STEP]))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @contextmanager
    def unsequenced(self) -> Iterator[Work]:
        """A business transaction that leaves its payloads in the outbox."""
        engine = self.database.write_engine
        with engine.begin() as connection, self.open_work(connection) as work:
            yield work
            work.commit()

    def open_work(self, connection: object) -> Work:
        return Work(
            connection,  # type: ignore[arg-type]
            randomness=self.randomness,
            vault=self.vault,
            entry_types=self.entry_types,
            origin=ORIGIN,
            join_transaction_mode="create_savepoint",
        )

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A business transaction whose payloads are in the log afterwards."""
        with self.database.write_engine.begin() as connection:
            with self.open_work(connection) as work:
                yield work
                work.commit()
            if self.database.dialect == "sqlite":
                sequence(connection, self.keys, self.now)
        if self.database.dialect != "sqlite":
            self.drain()

    def drain(self) -> None:
        drain(self.database.write_engine, self.keys, self.clock)

    @contextmanager
    def reader(self) -> Iterator[LogReader]:
        with self.database.read() as session:
            yield LogReader(session)

    def step(
        self, *streams: str, secrets: dict[str, object] | None = None, **facts: object
    ) -> Draft:
        """A draft of the test type."""
        return Draft(
            STEP.type,
            streams,
            self.now,
            facts,  # type: ignore[arg-type]
            tuple(Secret(name, value, FIRM) for name, value in (secrets or {}).items()),
        )

    def record(self, *streams: str, secrets: dict[str, object] | None = None) -> Recorded:
        """One entry of the firm, sequenced."""
        with self.work() as work:
            return record(work, self.step(*streams, secrets=secrets), self.firm, self.now)

    def prepared(self, streams: dict[str, int], number: int = 0) -> Prepared:
        """A signed payload with numbers of the test's choice, past the door."""
        payload = Payload(
            type=STEP.type,
            id=number.to_bytes(ID_BYTES, "big"),
            origin=ORIGIN,
            actor=self.firm.actor,
            streams=tuple(sorted(streams)),
            effective_at=self.now,
            facts={},
            commit={},
        ).canonical()
        sig = self.firm.sign(signed_bytes(payload))
        return prepare(payload, sig, sorted(streams.items()))

    def append(self, batch: list[Prepared], keys: LogKeys | None = None) -> None:
        """One commit of such payloads."""
        with self.database.write_engine.begin() as connection:
            append_prepared(connection, batch, keys or self.keys, self.now)

    def grow(self, count: int, *streams: str) -> None:
        """Many entries of the firm through the door, sequenced in one batch."""
        with self.work() as work:
            for _ in range(count):
                record(work, self.step(*streams), self.firm, self.now)


def without_genesis(
    database: Database, vault: Vault, clock: FixedClock, randomness: SeededRandomness
) -> Log:
    """Keys and tables only."""
    keys = make_log_keys(vault, ORIGIN, randomness)
    # Of their own, so that they are the same for a log that is here already.
    roots = make_root_keys(ORIGIN, SeededRandomness(b"roots"))
    return Log(database, vault, clock, randomness, keys, roots)


def begun(log: Log) -> Log:
    """GENESIS, the checkpoint key, the firm's key, the office's key: four entries."""
    with log.work() as work:
        roots = [each.public_key for each in log.roots]
        init_log(work, log.keys, roots, demo=True, now=log.now)
    with log.work() as work:
        system = log.keys.system
        register_key(work, log.firm.public_key, "platform", FIRM, system, log.now)
        register_key(work, log.office.public_key, "own", OFFICE, system, log.now)
    return log


Plant = Callable[[Database, Callable[[Log], Log]], Log]
"""Gives a log on a database after something was done with it, which is done once in a process."""


@pytest.fixture
def plant(
    vault: Vault, clock: FixedClock, randomness: SeededRandomness, worlds: Worlds, tmp_path: Path
) -> Plant:
    def planted(database: Database, build: Callable[[Log], Log]) -> Log:
        ground = Ground(database, vault, clock, randomness, tmp_path)
        return worlds.on(ground, lambda: without_genesis(database, vault, clock, randomness), build)

    return planted


@pytest.fixture
def empty_log(
    database: Database, vault: Vault, clock: FixedClock, randomness: SeededRandomness
) -> Log:
    """A log without GENESIS, on either database."""
    return without_genesis(database, vault, clock, randomness)


@pytest.fixture
def log(database: Database, plant: Plant) -> Log:
    """A log of four entries, on either database."""
    return plant(database, begun)


@pytest.fixture
def sqlite_log(sqlite_database: Database, plant: Plant) -> Log:
    """The same on SQLite only, for tables of cases in which the database plays no part."""
    return plant(sqlite_database, begun)


@pytest.fixture
def postgres_log(postgres_database: Database, plant: Plant) -> Log:
    """The same on PostgreSQL only, where a leader sequences."""
    return plant(postgres_database, begun)
