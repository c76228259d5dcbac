"""How fast the independent checker is, against limits that were measured in the same run.

A log of 50,000 events is written by the sequencer (1,000 to a commit, one lot stream each, real
signatures) and exported; then, in turn and five times over:

| name | what | limit |
|---|---|---|
| `hash` | `sha256(entry).digest()` for every entry, in a bare loop | |
| `chain` | leaf hashes, `prev`, nodes, tiles and checkpoint, bytes as given | 0.30 × `hash` |
| `parse` | `read_entry`: strict parse, canonical bytes, form | |
| `whole` | the whole folder as log-format says, without actors' signatures | 0.5 × `parse` |

Rates are entries per second; a ratio is the median of the rounds' own. `json` is reported beside
them: `orjson.loads` and canonical bytes alone, without the form of a single member. `signatures` is
one run with the actors' signatures.

    python -m benchmarks.verify_log [--entries N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson

import ecotrace  # noqa: F401 — puts our `trace` before the standard library's
from ledger.checker.entry import read_entry
from ledger.checker.paths import cut
from ledger.entries.model import Payload, Seen, signed_bytes
from ledger.export import export_log
from ledger.fsck import Report, check_export
from ledger.genesis import init_log, register_key
from ledger.log_keys import LogKeys, make_log_keys, make_root_keys
from ledger.reader import LogReader
from ledger.sequencer import Head, Prepared, append_prepared, prepare, sequence
from ledger.signer import Ed25519Signer
from ledger.work import Work
from runtime.clock import FixedClock
from runtime.database import Base, Database, make_tables
from runtime.randomness import SeededRandomness
from runtime.vault import Vault

ORIGIN = "log.example/benchmark"
FIRM = "org:AAAAAAAAAAAAAAAAAAAA"
NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PER_COMMIT = 1_000
PER_STREAM = 8
LIMITS = {"chain": ("hash", 0.30), "whole": ("parse", 0.5)}


def main() -> int:
    """Print the figures as one JSON object, and a line for people on standard error."""
    parser = argparse.ArgumentParser(description="the speed of the independent checker")
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vkey = write_log(Path(folder), options.entries)
        figures = measure(Path(folder) / "log", vkey, options.rounds)
    print(json.dumps(figures))
    print(line(figures), file=sys.stderr)
    return 0 if figures["good"] else 1


def line(figures: dict[str, object]) -> str:
    """The figures in words."""
    parts = [
        f"{name} {figures[f'{name}_per_second']:,} entries/s = {figures[f'{name}_ratio']} × {of}"
        f" (wanted {limit})"
        for name, (of, limit) in LIMITS.items()
    ]
    return "; ".join(parts)


# --- Measuring ---------------------------------------------------------------------------------


def measure(folder: Path, vkey: str, rounds: int) -> dict[str, object]:
    """The figures of an exported log: rates, ratios, and whether all limits hold."""
    files = sorted((folder / "tile" / "entries").rglob("*"))
    entries = [each for file in files if file.is_file() for each in cut(file.read_bytes()) or ()]
    steps: dict[str, Callable[[], None]] = {
        "hash": lambda: hash_all(entries),
        "chain": lambda: want_good(check_export(folder, vkey, entries=False)),
        "json": lambda: canonicalise_all(entries),
        "parse": lambda: read_all(entries),
        "whole": lambda: want_good(check_export(folder, vkey, signatures=False)),
    }
    seconds = {name: [] for name in steps}  # type: dict[str, list[float]]
    for _ in range(rounds):
        for name, step in steps.items():
            started = perf_counter()
            step()
            seconds[name].append(perf_counter() - started)
    figures: dict[str, object] = {"entries": len(entries), "bytes": sum(map(len, entries))}
    for name, each in seconds.items():
        figures[f"{name}_per_second"] = round(len(entries) / median(each))
    good = True
    for name, (of, limit) in LIMITS.items():
        ratio = median(a / b for a, b in zip(seconds[of], seconds[name], strict=True))
        figures[f"{name}_ratio"] = round(ratio, 3)
        good = good and ratio >= limit
    report = check_export(folder, vkey)
    want_good(report)
    return figures | {"signatures_per_second": round(report.entries_per_second), "good": good}


def hash_all(entries: list[bytes]) -> None:
    for entry in entries:
        sha256(entry).digest()


def canonicalise_all(entries: list[bytes]) -> None:
    for entry in entries:
        if orjson.dumps(orjson.loads(entry), option=orjson.OPT_SORT_KEYS) != entry:
            raise ValueError("not canonical")


def read_all(entries: list[bytes]) -> None:
    for entry in entries:
        read_entry(entry)


def want_good(report: Report) -> None:
    """A checker that finds fault with an honest log measures nothing."""
    if not report.good:
        raise ValueError(report.differences[0].text("en"))


# --- The log -----------------------------------------------------------------------------------


def write_log(folder: Path, count: int) -> str:
    """Write a log of about `count` entries and export it to `folder/log`; gives its vkey."""
    clock, randomness = FixedClock(NOW), SeededRandomness(b"verify_log")
    vault = Vault(f"sqlite:///{folder / 'keys.sqlite3'}", bytes(32), randomness, clock)
    vault.create_tables()
    database = Database(f"sqlite:///{folder / 'log.sqlite3'}")
    make_tables(database.write_engine, Base.metadata)
    keys = make_log_keys(vault, ORIGIN, randomness)
    firm = Ed25519Signer(b"f" * 32)
    head = begin(database, vault, keys, firm, randomness)
    for low in range(0, count, PER_COMMIT):
        batch = [
            event(firm, number, head, randomness)
            for number in range(low, min(low + PER_COMMIT, count))
        ]
        with database.write_engine.begin() as connection:
            head = append_prepared(connection, batch, keys, NOW)
    with database.read() as session:
        export_log(LogReader(session), folder / "log", keys.vkey())
    database.dispose()
    vault.dispose()
    return keys.vkey()


def begin(
    database: Database,
    vault: Vault,
    keys: LogKeys,
    firm: Ed25519Signer,
    randomness: SeededRandomness,
) -> Head:
    """GENESIS, the checkpoint key and the key of one firm."""
    roots = [each.public_key for each in make_root_keys(ORIGIN, randomness)]
    with database.write_engine.begin() as connection:
        with Work(
            connection,
            randomness=randomness,
            vault=vault,
            entry_types={},
            origin=ORIGIN,
            join_transaction_mode="create_savepoint",
        ) as work:
            init_log(work, keys, roots, demo=True, now=NOW)
            register_key(work, firm.public_key, "platform", FIRM, keys.system, NOW)
            work.commit()
        head = sequence(connection, keys, NOW)
    if head is None:
        raise RuntimeError("the first entries were not sequenced")
    return head


def event(signer: Ed25519Signer, number: int, head: Head, randomness: SeededRandomness) -> Prepared:
    """One captured event, as large as those of the application."""
    stream = f"lot:{number // PER_STREAM:020}"
    payload = Payload(
        type="trace.event.capture",
        id=randomness.token(16),
        origin=ORIGIN,
        actor=signer.actor,
        streams=(stream,),
        effective_at=NOW,
        facts={},
        commit={"raw": randomness.token(32), "understood": randomness.token(32)},
        seen=Seen(head.size, head.root),
    ).canonical()
    places = [(stream, number % PER_STREAM + 1)]
    return prepare(payload, signer.sign(signed_bytes(payload)), places)


if __name__ == "__main__":
    sys.exit(main())
