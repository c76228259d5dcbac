"""The tables of the log: every column of every one, altered by somebody with every right.

What must be found is found on both databases; a difference names table, column and row. Beside the
log of each test lie continuations, openings, and payloads that still wait in the outbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Table, text

from ledger.checker.rows import Grouped, Row
from ledger.entries.tables import (
    EntryRow,
    EntryStreamRow,
    HeadRow,
    KeyEntryRow,
    LogStateRow,
    OutboxRow,
    StreamCountRow,
    TileRow,
)
from ledger.fsck import Difference, Fault, Report, check_database, snapshot
from ledger.genesis import register_key
from ledger.outbox import record
from ledger.signer import Ed25519Signer
from runtime.database import Database
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import Log, Plant, begun
from tests.ledger.dishonest import STRANGER, vkey

TABLES = (
    EntryRow,
    EntryStreamRow,
    TileRow,
    HeadRow,
    StreamCountRow,
    LogStateRow,
    KeyEntryRow,
    OutboxRow,
)
COLUMNS = [
    (table.__tablename__, column.name)
    for table in TABLES
    for column in cast(Table, table.__table__).columns
]
KEYS = {
    table.__tablename__: [
        column.name for column in cast(Table, table.__table__).primary_key.columns
    ]
    for table in TABLES
}


def check(log: Log, given: str | None = None, **options: Any) -> Report:
    with snapshot(log.database.read_engine) as connection:
        return check_database(connection, given, **options)


def fill(log: Log) -> Log:
    """A full tile, an operation of three entries, and five payloads that wait."""
    begun(log)
    log.grow(260, "lot:a", "lot:b")
    log.record("lot:a", secrets={"raw": "米"})
    many = [f"lot:{each:03}" for each in range(250)]
    with log.work() as work:
        record(work, log.step(*many), log.firm, log.now)
    with log.unsequenced() as work:
        record(work, log.step("lot:a"), log.firm, log.now)
        record(work, log.step(*many), log.firm, log.now)
        record(work, log.step("lot:a", "lot:b"), log.firm, log.now)
        third = Ed25519Signer(b"t" * 32)
        register_key(work, third.public_key, "platform", "org:third", log.keys.system, log.now)
        record(work, log.step("lot:new"), third, log.now)
    return log


@pytest.fixture
def full(database: Database, plant: Plant) -> Log:
    return plant(database, fill)


@pytest.fixture
def full_sqlite(sqlite_database: Database, plant: Plant) -> Log:
    return plant(sqlite_database, fill)


def test_a_log_with_all_that_it_can_hold_is_right(full: Log) -> None:
    steps: list[int] = []
    for given in (None, full.keys.vkey()):
        report = check(full, given, progress=steps.append)
        assert report.differences == ()
        assert (report.size, report.origin) == (268, "log.example/test")
        with full.reader() as reader:
            assert report.root == reader.head().root
        assert report.own_key == (given is None)
    assert steps == [256, 12, 256, 12]
    assert check(full, signatures=False).good


def test_a_log_that_has_only_begun_is_right(log: Log, empty_log: Log) -> None:
    assert check(log).good


def test_a_log_whose_first_entries_wait_is_right(postgres_log: Log, tamper: Tamper) -> None:
    """As `init` leaves it on PostgreSQL until a leader comes."""
    with postgres_log.reader() as reader:
        entries = [reader.entry(index) for index in range(4)]
    with tamper(postgres_log.database) as connection:
        for table in ("entries", "entry_streams", "heads", "log_state", "key_entries"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM stream_counts"))
    from ledger.genesis import init_log

    with postgres_log.unsequenced() as work:
        roots = [each.public_key for each in postgres_log.roots]
        init_log(work, postgres_log.keys, roots, demo=True, now=postgres_log.now)
    report = check(postgres_log)
    assert report.differences == ()
    assert (report.size, len(entries)) == (0, 4)


def test_no_log_at_all_is_not_a_good_one(empty_log: Log) -> None:
    report = check(empty_log)
    assert [(each.fault, each.table) for each in report.differences] == [
        (Fault.ROW_MISSING, "log_state")
    ]


def test_a_log_that_changes_is_not_checked(postgres_log: Log) -> None:
    with (
        postgres_log.database.read_engine.connect() as connection,
        pytest.raises(ValueError, match="read committed"),
    ):
        check_database(connection)


# --- Every column ------------------------------------------------------------------------------


def others(value: Any) -> list[Any]:
    """What an altered value can be, the likeliest first."""
    if value is None:
        return [7]
    if isinstance(value, bytes):
        flipped = [
            value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
            for at in sorted({len(value) // 3, len(value) - 1, 0})
        ]
        return [*flipped, value[:-1], value + b"\0", b""]
    if isinstance(value, str):
        return [value[:-1] + ("~" if value[-1] != "~" else "}"), value + " ", ""]
    return [value + 100_000, -1]


def rows_of(log: Log, table: str) -> list[dict[str, Any]]:
    order = ", ".join(f'"{name}"' for name in KEYS[table])
    with log.database.read() as session:
        found = session.execute(text(f"SELECT * FROM {table} ORDER BY {order}")).mappings().all()
    return [dict(row) for row in found]


def some_of(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """The last row, one in the middle, and one whose value is not null."""
    chosen = [len(rows) - 1, len(rows) // 2]
    chosen.append(next(at for at, row in enumerate(rows) if row[column] is not None))
    return [rows[at] for at in dict.fromkeys(chosen)]


class Attack:
    """Alters one value after the other, checks the database with it, and puts it back.

    On SQLite all happens in one transaction that sees itself; on PostgreSQL, where the checker
    wants a snapshot, each alteration is committed.
    """

    def __init__(self, log: Log, tamper: Tamper) -> None:
        self.log = log
        self._tamper = tamper
        self._sqlite = log.database.dialect == "sqlite"

    @contextmanager
    def connection(self) -> Iterator[Connection | None]:
        """What `altered` needs to go on."""
        if not self._sqlite:
            yield None
            return
        with self._tamper(self.log.database) as connection:
            yield connection

    def altered(
        self,
        connection: Connection | None,
        table: str,
        row: dict[str, Any],
        values: dict[str, Any],
        **options: Any,
    ) -> Report:
        """The report on a log in which one row holds other values."""
        keys = {name: row[name] for name in KEYS[table]}
        if connection is not None:
            connection.exec_driver_sql("SAVEPOINT attack")
            _update(connection, table, keys, values)
            report = check_database(connection, **options)
            connection.exec_driver_sql("ROLLBACK TO attack")
            return report
        with self._tamper(self.log.database) as own:
            _update(own, table, keys, values)
        report = check(self.log, **options)
        with self._tamper(self.log.database) as own:
            before = {name: row[name] for name in values}
            moved = {name: values.get(name, value) for name, value in keys.items()}
            _update(own, table, moved, before)
        return report


def _update(
    connection: Connection, table: str, keys: dict[str, Any], values: dict[str, Any]
) -> None:
    where = " AND ".join(f'"{name}" = :k{at}' for at, name in enumerate(keys))
    change = ", ".join(f'"{name}" = :v{at}' for at, name in enumerate(values))
    given = {f"k{at}": each for at, each in enumerate(keys.values())}
    given |= {f"v{at}": each for at, each in enumerate(values.values())}
    assert connection.execute(text(f"UPDATE {table} SET {change} WHERE {where}"), given).rowcount


FORM_ONLY = {("outbox", "accepted_at"), ("log_state", "epoch"), ("outbox", "id")}
"""Columns that repeat nothing: only impossible values are found. Of outbox numbers the order."""

SIGNED = {("entries", "bytes"), ("outbox", "payload"), ("outbox", "sig"), ("outbox", "payload_id")}


def named(report: Report, table: str, column: str) -> list[Difference]:
    return [d for d in report.differences if (d.table, d.column) == (table, column)]


def test_every_altered_value_is_found(full: Log, tamper: Tamper) -> None:
    attack = Attack(full, tamper)
    stored = {table: rows_of(full, table) for table in KEYS}
    with attack.connection() as connection:
        for table, column in [each for each in COLUMNS if each not in FORM_ONLY]:
            rows = some_of(stored[table], column)
            cells = [(row, value) for row in rows for value in others(row[column])]
            # Both databases meet every column; only the cheaper one every alteration.
            for row, value in cells if connection is not None else cells[:1]:
                signatures = (table, column) in SIGNED
                values = {column: value}
                report = attack.altered(connection, table, row, values, signatures=signatures)
                found = named(report, table, column)
                assert found, f"{table}.{column} {row[column]!r} → {value!r}: {report.differences}"
                assert all(each.row is not None for each in found)
    assert check(full).good


def test_a_stream_that_takes_the_place_of_another_is_found(
    full_sqlite: Log, tamper: Tamper
) -> None:
    attack = Attack(full_sqlite, tamper)
    row = rows_of(full_sqlite, "entry_streams")[-1]
    with attack.connection() as connection:
        values = {"stream": "lot:000", "n": 500}
        report = attack.altered(connection, "entry_streams", row, values)
        assert named(report, "entry_streams", "index")


@pytest.mark.parametrize("table, column", sorted(FORM_ONLY))
def test_values_that_repeat_nothing(full: Log, tamper: Tamper, table: str, column: str) -> None:
    attack, row = Attack(full, tamper), rows_of(full, table)[0]
    with attack.connection() as connection:
        if column == "id":
            # The first of two that follow one another in a stream comes behind the other.
            values = {column: row[column] + 100_000}
            assert named(attack.altered(connection, table, row, values), "outbox", "streams")
            return
        negative = attack.altered(connection, table, row, {column: -1})
        assert named(negative, table, column)
        large = attack.altered(connection, table, row, {column: 2**62})
        unlimited = (column, full.database.dialect) == ("epoch", "postgresql")
        assert bool(named(large, table, column)) != unlimited
    assert check(full).good


def test_a_value_of_another_type_is_found(full_sqlite: Log, tamper: Tamper) -> None:
    """SQLite stores in a column whatever it is given, if it cannot convert it."""
    # The number of the row itself is the one thing that is nothing but an integer.
    integers = {("entries", "index"), ("heads", "size"), ("log_state", "id"), ("outbox", "id")}
    attack = Attack(full_sqlite, tamper)
    stored = {table: rows_of(full_sqlite, table) for table in KEYS}
    with attack.connection() as connection:
        for table, column in [each for each in COLUMNS if each not in integers]:
            row = some_of(stored[table], column)[-1]
            value = row[column]
            if isinstance(value, bytes):
                other: Any = value.decode("latin-1")
            else:
                other = value.encode() if isinstance(value, str) else f"{value}.5"
            report = attack.altered(connection, table, row, {column: other}, signatures=False)
            assert named(report, table, column), (table, column, report.differences)


# --- Whole rows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table, where, column",
    [
        ("entries", '"index" = 5', "index"),
        ("entries", '"index" BETWEEN 5 AND 7', "index"),
        ("entries", '"index" = 0', "index"),
        ("entry_streams", "stream = 'lot:a' AND n = 7", "index"),
        ("tiles", "level = 0", "number"),
        ("heads", "size = 4", "size"),
        ("heads", "size = 268", "size"),
        ("stream_counts", "id = 'lot:b'", "id"),
        ("key_entries", "purpose = 'system'", "actor"),
        ("log_state", "id = 1", "id"),
        ("outbox", "part = 1", "payload"),
        ("outbox", "part = 2", "parts"),
        ("outbox", "head IS NULL", "payload"),
    ],
)
def test_a_missing_row_is_found(
    full_sqlite: Log, tamper: Tamper, table: str, where: str, column: str
) -> None:
    with tamper(full_sqlite.database) as connection:
        assert connection.execute(text(f"DELETE FROM {table} WHERE {where}")).rowcount > 0
    report = check(full_sqlite)
    assert named(report, table, column), report.differences


def test_the_last_entries_and_all_that_speaks_of_them(full_sqlite: Log, tamper: Tamper) -> None:
    """A log cut back to an earlier head is whole, but for what waits and who held more."""
    with tamper(full_sqlite.database) as connection:
        for statement in (
            'DELETE FROM entries WHERE "index" >= 265',
            'DELETE FROM entry_streams WHERE "index" >= 265',
            "DELETE FROM heads WHERE size > 265",
        ):
            connection.execute(text(statement))
    report = check(full_sqlite)
    assert named(report, "log_state", "size")
    assert named(report, "stream_counts", "n") or named(report, "outbox", "streams")


TOO_MANY = {
    "entries of 5000": (
        'INSERT INTO entries ("index", payload_id, bytes, hash)'
        ' SELECT 5000, hash, bytes, hash FROM entries WHERE "index" = 9'
    ),
    "entries of 268": (
        'INSERT INTO entries ("index", payload_id, bytes, hash)'
        ' SELECT 268, hash, bytes, hash FROM entries WHERE "index" = 9'
    ),
    "entry_streams of an entry": "INSERT INTO entry_streams VALUES ('lot:a', 900, 9)",
    "entry_streams of none": "INSERT INTO entry_streams VALUES ('lot:x', 1, 9000)",
    "tiles again": (
        "INSERT INTO tiles (level, number, hashes, root) SELECT 1, 0, hashes, root FROM tiles"
    ),
    "tiles not full_sqlite": (
        "INSERT INTO tiles (level, number, hashes, root) SELECT 1, 0, root, root FROM tiles"
    ),
    "heads of another size": (
        "INSERT INTO heads (size, root, note, at)"
        " SELECT 7, root, note, at FROM heads WHERE size = 4"
    ),
    "stream_counts of no stream": "INSERT INTO stream_counts (id, n) VALUES ('lot:x', 1)",
    "key_entries of nobody": (
        "INSERT INTO key_entries (actor, public_key, purpose, custody, payload_id)"
        " SELECT payload_id, public_key, purpose, custody, payload_id FROM key_entries"
        " WHERE purpose = 'system'"
    ),
    "log_state twice": (
        "INSERT INTO log_state (id, origin, epoch, size, root, tip, at)"
        " SELECT 2, origin, epoch, size, root, tip, at FROM log_state"
    ),
    "outbox again": (
        "INSERT INTO outbox (id, part, parts, payload_id, payload, sig, streams, accepted_at)"
        " SELECT 9000, part, parts, sig, payload, sig, streams, accepted_at FROM outbox"
        " WHERE id = (SELECT min(id) FROM outbox)"
    ),
}


@pytest.mark.parametrize("case", TOO_MANY)
def test_a_row_too_many_is_found(full_sqlite: Log, tamper: Tamper, case: str) -> None:
    with tamper(full_sqlite.database) as connection:
        connection.execute(text(TOO_MANY[case]))
    report = check(full_sqlite)
    found = {each.table for each in report.differences}
    assert case.partition(" ")[0] in found, report.differences
    assert all(each.row is not None for each in report.differences)


def test_two_entries_that_changed_places_are_found(full_sqlite: Log, tamper: Tamper) -> None:
    with tamper(full_sqlite.database) as connection:
        for old, new in ((50, -9), (51, 50), (-9, 51)):
            change = text('UPDATE entries SET "index" = :new WHERE "index" = :old')
            connection.execute(change, {"old": old, "new": new})
    report = check(full_sqlite)
    assert {(each.entry, each.fault) for each in named(report, "entries", "bytes")} >= {
        (50, Fault.INDEX),
        (51, Fault.INDEX),
        (51, Fault.PREV),
    }


def test_one_missing_entry_is_one_missing_entry(full_sqlite: Log, tamper: Tamper) -> None:
    """The hash that the next entry repeats stands in for it."""
    with tamper(full_sqlite.database) as connection:
        connection.execute(text('DELETE FROM entries WHERE "index" = 40'))
    report = check(full_sqlite)
    missing = [each for each in report.differences if each.fault == Fault.ROW_MISSING]
    assert [(each.table, each.entry) for each in missing] == [("entries", 40)]
    # Its streams go on with another number, and its places have no entry.
    assert {(each.table, each.entry) for each in report.differences} <= {
        ("entries", 40),
        ("entries", 41),
        ("entry_streams", None),
        ("entry_streams", 40),
    }


def test_bytes_and_hash_are_told_apart(full_sqlite: Log, tamper: Tamper) -> None:
    """The next entry, or for the last one the state, says which of the two was altered."""
    attack, rows = Attack(full_sqlite, tamper), rows_of(full_sqlite, "entries")
    with attack.connection() as connection:
        for index in (0, 40, 255, 256, 267):
            for column in ("bytes", "hash"):
                value = rows[index][column]
                values = {column: value[:-1] + bytes([value[-1] ^ 1])}
                report = attack.altered(connection, "entries", rows[index], values)
                told = [d.column for d in report.differences if d.fault == Fault.HASH]
                assert told == [column], index


@pytest.mark.parametrize("signatures", [True, False])
def test_payload_name_and_signature_are_told_apart(
    full_sqlite: Log, tamper: Tamper, signatures: bool
) -> None:
    attack, row = Attack(full_sqlite, tamper), rows_of(full_sqlite, "outbox")[0]
    later = row["payload"].replace(b'"effective_at":"2026', b'"effective_at":"2027')
    cases = {"payload": later, "payload_id": bytes(32), "sig": bytes(64)}
    with attack.connection() as connection:
        for column, value in cases.items():
            report = attack.altered(
                connection, "outbox", row, {column: value}, signatures=signatures
            )
            told = {each.column for each in report.differences}
            if signatures:
                assert told == {column}
            else:
                assert told == (set() if column == "sig" else {"payload", "payload_id"})


def test_what_a_payload_in_the_outbox_may_not_be(full_sqlite: Log, tamper: Tamper) -> None:
    """Altered with its name, so that only what it says and its signature are left to show it."""
    attack, first = Attack(full_sqlite, tamper), rows_of(full_sqlite, "outbox")[0]
    with attack.connection() as connection:
        for old, new, column in (
            (b"log.example/test", b"log.example/tset", "payload"),
            (b'"type":"trace.step.take"', b'"type":"SEAL"', "payload"),
            (b'"type":"trace.step.take"', b'"type":"GENESIS"', "payload"),
            (b'"size":', b'"size":9', "payload"),
            (b'"root":"', b'"root":"A', "payload"),
            (b"lot:a", b"lot:b", "streams"),
            (b'"effective_at":"2026', b'"effective_at":"2027', "sig"),
        ):
            payload = first["payload"].replace(old, new)
            assert payload != first["payload"]
            name = sha256(b"ecotrace/payload/v1\0" + payload).digest()
            values = {"payload": payload, "payload_id": name}
            report = attack.altered(connection, "outbox", first, values)
            assert named(report, "outbox", column), (old, report.differences)
    assert check(full_sqlite).good


# --- Keys --------------------------------------------------------------------------------------


def test_another_key_than_the_one_that_was_given(full_sqlite: Log) -> None:
    report = check(full_sqlite, vkey(STRANGER))
    assert {each.fault for each in report.differences} == {
        Fault.CHECKPOINT_KEY,
        Fault.NOTE_UNSIGNED,
    }
    assert named(report, "heads", "note")
    nonsense = check(full_sqlite, "nonsense")
    assert Fault.VKEY_MALFORMED in {each.fault for each in nonsense.differences}


def test_a_head_that_parts_an_operation(full_sqlite: Log, tamper: Tamper) -> None:
    """Signed by the log's own key: the log itself is dishonest."""
    from ledger.note import Checkpoint, sign_checkpoint

    with full_sqlite.reader() as reader:
        root = reader.root(266)
        at = reader.head().at
    note = sign_checkpoint(Checkpoint("log.example/test", 266, root), full_sqlite.keys.checkpoint)
    with tamper(full_sqlite.database) as connection:
        connection.execute(
            text("INSERT INTO heads (size, root, note, at) VALUES (266, :root, :note, :at)"),
            {"root": root, "note": note, "at": int(at.timestamp() * 10**6)},
        )
    report = check(full_sqlite)
    assert [(each.fault, each.row) for each in report.differences] == [(Fault.SPLIT, "size=266")]


# --- Rows in groups ----------------------------------------------------------------------------


def test_rows_are_given_out_by_their_number() -> None:
    strange: list[Row] = []
    grouped = Grouped(iter([(None, "a"), (-1, "b"), (1, "c"), (1, "d"), (3, "e"), ("x", "f")]))
    assert grouped.take(0, strange.append) == []
    assert grouped.take(1, strange.append) == [(1, "c"), (1, "d")]
    assert grouped.take(2, strange.append) == []
    assert [each[1] for each in strange] == ["a", "b"]
    assert list(grouped.rest()) == [(3, "e"), ("x", "f")]
    assert list(Grouped(iter([])).rest()) == []
