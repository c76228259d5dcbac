"""A log of its own in a temporary folder, for benchmarks below the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ecotrace.entry_types import ENTRY_TYPES
from ecotrace.tables import metadata
from ledger.entries.model import Payload
from ledger.genesis import init_log
from ledger.log_keys import LogKeys, make_log_keys, make_root_keys
from ledger.sequencer import Prepared, prepare, sequence
from ledger.signer import Ed25519Signer
from ledger.work import Work
from runtime.canonical import ledger_bytes
from runtime.database import Database, make_tables
from runtime.randomness import SeededRandomness
from runtime.vault import Vault

ORIGIN = "bench.example/log"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ScratchLog:
    """A database with a log that has begun."""

    database: Database
    vault: Vault
    keys: LogKeys
    randomness: SeededRandomness
    folder: Path

    def work(self, connection: object) -> Work:
        """Give the session of a business transaction on a connection."""
        return Work(
            connection,  # type: ignore[arg-type]
            join_transaction_mode="create_savepoint",
            randomness=self.randomness,
            vault=self.vault,
            entry_types=ENTRY_TYPES,
            origin=ORIGIN,
        )


@contextmanager
def scratch_log() -> Iterator[ScratchLog]:
    """Make a log with GENESIS on SQLite, WAL and FULL, as it is served."""
    with TemporaryDirectory() as folder:
        randomness = SeededRandomness(b"bench")
        vault = Vault(f"sqlite:///{folder}/keys.sqlite3", bytes(32), randomness)
        vault.create_tables()
        database = Database(f"sqlite:///{folder}/log.sqlite3")
        make_tables(database.write_engine, metadata)
        keys = make_log_keys(vault, ORIGIN, randomness)
        log = ScratchLog(database, vault, keys, randomness, Path(folder))
        roots = [root.public_key for root in make_root_keys(ORIGIN, randomness)]
        with database.write_engine.begin() as connection:
            with log.work(connection) as work:
                init_log(work, keys, roots, demo=True, now=NOW)
                work.commit()
            sequence(connection, keys, NOW)
        yield log
        database.dispose()
        vault.dispose()


def payloads(count: int, first: int = 0) -> list[bytes]:
    """Make canonical payload bytes as an event has them: one stream, three commitments."""
    signer = Ed25519Signer(bytes(31) + b"\x07")
    return [
        ledger_bytes(
            Payload(
                type="trace.event.capture",
                id=number.to_bytes(16, "big"),
                origin=ORIGIN,
                actor=signer.actor,
                streams=(f"lot:{number:020d}",),
                effective_at=NOW,
                facts={},
                commit={name: bytes(31) + bytes([at]) for at, name in enumerate(_FIELDS)},
                seen=None,
            ).value()
        )
        for number in range(first, first + count)
    ]


_FIELDS = ("raw", "shown", "understood")


def prepared(count: int, first: int = 0) -> list[Prepared]:
    """Make prepared payloads, each the first entry of a stream of its own; signatures are zeros."""
    return [
        prepare(payload, bytes(64), [(f"lot:{number:020d}", 1)])
        for number, payload in enumerate(payloads(count, first), first)
    ]
