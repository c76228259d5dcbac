"""The tables of the log: every column of every one, altered by somebody with every right.

What must be found is found on both databases; a difference names table, column and row. Beside the
log of each test lie continuations, openings, and payloads that still wait in the outbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

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
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import Log
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
    (table.__tablename__, column.name) for table in TABLES for column in table.__table__.columns
]
KEYS = {
    table.__tablename__: [column.name for column in table.__table__.primary_key.columns]
    for table in TABLES
}


def check(log: Log, given: str | None = None, **options: Any) -> Report:
    with snapshot(log.database.read_engine) as connection:
        return check_database(connection, given, **options)


def fill(log: Log) -> Log:
    """A full tile, an operation of three entries, and five payloads that wait."""
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
def full(log: Log) -> Log:
    return fill(log)


@pytest.fixture
def full_sqlite(sqlite_log: Log) -> Log:
    return fill(sqlite_log)


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


def others(value: Any) -> Iterator[Any]:
    """What an altered value can be."""
    if value is None:
        yield 7
    elif isinstance(value, bytes):
        for at in {0, len(value) // 3, len(value) - 1}:
            yield value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        yield value[:-1]
        yield value + b"\0"
        yield b""
    elif isinstance(value, str):
        yield value[:-1] + ("b" if value[-1] != "b" else "c")
        yield value + " "
        yield ""
    else:
        yield value + 100_000
        yield -1


class Cell:
    """One value in one row, which can be altered and put back."""

    def __init__(self, log: Log, tamper: Tamper, table: str, column: str, row: dict[str, Any]):
        self.log, self.tamper, self.table, self.column = log, tamper, table, column
        self.value = row[column]
        self._keys = {name: row[name] for name in KEYS[table]}

    def put(self, value: Any) -> None:
        where = " AND ".join(f'"{name}" = :k{at}' for at, name in enumerate(self._keys))
        values = {f"k{at}": each for at, each in enumerate(self._keys.values())}
        with self.tamper(self.log.database) as connection:
            statement = f'UPDATE {self.table} SET "{self.column}" = :value WHERE {where}'
            done = connection.execute(text(statement), {"value": value, **values})
            assert done.rowcount == 1
        if self.column in self._keys:
            self._keys[self.column] = value


def rows_of(log: Log, table: str) -> list[dict[str, Any]]:
    order = ", ".join(f'"{name}"' for name in KEYS[table])
    with log.database.read() as session:
        found = session.execute(text(f"SELECT * FROM {table} ORDER BY {order}")).mappings().all()
    return [dict(row) for row in found]


def some_of(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """First, middle and last row, and one whose value is not null."""
    chosen = {0, len(rows) // 2, len(rows) - 1}
    chosen |= {next(at for at, row in enumerate(rows) if row[column] is not None)}
    return [rows[at] for at in sorted(chosen)]


FORM_ONLY = {("outbox", "accepted_at"), ("log_state", "epoch"), ("outbox", "id")}
"""Columns that repeat nothing: only impossible values are found. Of outbox numbers the order."""


def named(report: Report, table: str, column: str) -> list[Difference]:
    return [d for d in report.differences if (d.table, d.column) == (table, column)]


@pytest.mark.parametrize("table, column", [each for each in COLUMNS if each not in FORM_ONLY])
def test_every_altered_value_is_found(full: Log, tamper: Tamper, table: str, column: str) -> None:
    for row in some_of(rows_of(full, table), column):
        cell = Cell(full, tamper, table, column, row)
        alterations = list(others(cell.value))
        # Both databases meet every column; only the cheaper one every alteration.
        for value in alterations if full.database.dialect == "sqlite" else alterations[:2]:
            if value == -1 and column in ("head", "part", "parts") and cell.value == -1:
                continue
            cell.put(value)
            report = check(full)
            found = named(report, table, column)
            assert found, f"{table}.{column} {cell.value!r} → {value!r}: {report.differences}"
            assert all(each.row is not None for each in found)
            assert all(each.text("zh") and each.text("en") for each in report.differences)
        cell.put(cell.value)
    assert check(full).good


@pytest.mark.parametrize("table, column", sorted(FORM_ONLY))
def test_values_that_repeat_nothing(full: Log, tamper: Tamper, table: str, column: str) -> None:
    row = rows_of(full, table)[0]
    cell = Cell(full, tamper, table, column, row)
    if column == "id":
        # The first of two that follow one another in a stream comes behind the other.
        cell.put(cell.value + 100_000)
        assert named(check(full), "outbox", "streams")
    else:
        cell.put(-1)
        assert named(check(full), table, column)
        cell.put(2**62)
        unlimited = (column, full.database.dialect) == ("epoch", "postgresql")
        assert bool(named(check(full), table, column)) != unlimited
    cell.put(row[column])
    assert check(full).good


@pytest.mark.parametrize(
    "table, column", [each for each in COLUMNS if each[0] != "outbox" and each[1] != "epoch"]
)
def test_a_value_of_another_type_is_found(
    full_sqlite: Log, tamper: Tamper, table: str, column: str
) -> None:
    """SQLite stores in a column whatever it is given, if it cannot convert it."""
    rows = rows_of(full_sqlite, table)
    cell = Cell(full_sqlite, tamper, table, column, some_of(rows, column)[-1])
    text_of = {bytes: lambda v: v.decode("latin-1"), str: lambda v: v.encode()}
    other = text_of.get(type(cell.value), lambda value: f"{value}.5")(cell.value)
    if (table, column) in {("entries", "index"), ("heads", "size")}:
        return  # the number of the row itself, which SQLite holds as nothing but an integer
    cell.put(other)
    report = check(full_sqlite)
    assert named(report, table, column), report.differences
    cell.put(cell.value)
    assert check(full_sqlite).good


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
    full: Log, tamper: Tamper, table: str, where: str, column: str
) -> None:
    with tamper(full.database) as connection:
        assert connection.execute(text(f"DELETE FROM {table} WHERE {where}")).rowcount > 0
    report = check(full)
    assert named(report, table, column), report.differences


def test_the_last_entries_and_all_that_speaks_of_them(full: Log, tamper: Tamper) -> None:
    """A log cut back to an earlier head is whole, but for what waits and who held more."""
    with tamper(full.database) as connection:
        for statement in (
            'DELETE FROM entries WHERE "index" >= 265',
            'DELETE FROM entry_streams WHERE "index" >= 265',
            "DELETE FROM heads WHERE size > 265",
        ):
            connection.execute(text(statement))
    report = check(full)
    assert named(report, "log_state", "size")
    assert named(report, "stream_counts", "n") or named(report, "outbox", "streams")


@pytest.mark.parametrize(
    "statement, table, column",
    [
        (
            'INSERT INTO entries ("index", payload_id, bytes, hash)'
            ' SELECT 5000, hash, bytes, hash FROM entries WHERE "index" = 9',
            "entries",
            "index",
        ),
        (
            'INSERT INTO entries ("index", payload_id, bytes, hash)'
            ' SELECT 268, hash, bytes, hash FROM entries WHERE "index" = 9',
            "entries",
            "bytes",
        ),
        (
            "INSERT INTO entry_streams (stream, n, \"index\") VALUES ('lot:a', 900, 9)",
            "entry_streams",
            "index",
        ),
        (
            "INSERT INTO entry_streams (stream, n, \"index\") VALUES ('lot:x', 1, 9000)",
            "entry_streams",
            "index",
        ),
        (
            "INSERT INTO tiles (level, number, hashes, root) SELECT 1, 0, hashes, root FROM tiles",
            "tiles",
            "level",
        ),
        (
            "INSERT INTO tiles (level, number, hashes, root) SELECT 1, 0, root, root FROM tiles",
            "tiles",
            "number",
        ),
        (
            "INSERT INTO heads (size, root, note, at)"
            " SELECT 7, root, note, at FROM heads WHERE size = 4",
            "heads",
            "size",
        ),
        ("INSERT INTO stream_counts (id, n) VALUES ('lot:x', 1)", "stream_counts", "id"),
        (
            "INSERT INTO key_entries (actor, public_key, purpose, custody, payload_id)"
            " SELECT payload_id, public_key, purpose, custody, payload_id FROM key_entries"
            " WHERE purpose = 'system'",
            "key_entries",
            "actor",
        ),
        (
            "INSERT INTO log_state (id, origin, epoch, size, root, tip, at)"
            " SELECT 2, origin, epoch, size, root, tip, at FROM log_state",
            "log_state",
            "id",
        ),
        (
            "INSERT INTO outbox (id, part, parts, payload_id, payload, sig, streams, accepted_at)"
            " SELECT 9000, part, parts, sig, payload, sig, streams, accepted_at FROM outbox"
            " WHERE id = (SELECT min(id) FROM outbox)",
            "outbox",
            "payload",
        ),
    ],
)
def test_a_row_too_many_is_found(
    full: Log, tamper: Tamper, statement: str, table: str, column: str
) -> None:
    with tamper(full.database) as connection:
        # A second tile of level 1 needs a first, so that case has none; the others insert one.
        connection.execute(text(statement))
    report = check(full)
    wanted = {column, "number"} if table == "tiles" else {column}
    assert any(named(report, table, each) for each in wanted), report.differences


def test_two_entries_that_changed_places_are_found(full: Log, tamper: Tamper) -> None:
    with tamper(full.database) as connection:
        for old, new in ((50, -9), (51, 50), (-9, 51)):
            change = text('UPDATE entries SET "index" = :new WHERE "index" = :old')
            connection.execute(change, {"old": old, "new": new})
    report = check(full)
    assert {(each.entry, each.fault) for each in named(report, "entries", "bytes")} >= {
        (50, Fault.INDEX),
        (51, Fault.INDEX),
        (51, Fault.PREV),
    }


def test_one_missing_entry_is_one_missing_entry(full: Log, tamper: Tamper) -> None:
    """The hash that the next entry repeats stands in for it."""
    with tamper(full.database) as connection:
        connection.execute(text('DELETE FROM entries WHERE "index" = 40'))
    report = check(full)
    missing = [each for each in report.differences if each.fault == Fault.ROW_MISSING]
    assert [(each.table, each.entry) for each in missing] == [("entries", 40)]
    # Its streams go on with another number, and its places have no entry.
    assert {(each.table, each.entry) for each in report.differences} <= {
        ("entries", 40),
        ("entries", 41),
        ("entry_streams", None),
        ("entry_streams", 40),
    }


def test_bytes_and_hash_are_told_apart(full: Log, tamper: Tamper) -> None:
    """The next entry, or for the last one the state, says which of the two was altered."""
    for index in (0, 40, 255, 256, 267):
        row = rows_of(full, "entries")[index]
        for column, other in (("bytes", "hash"), ("hash", "bytes")):
            cell = Cell(full, tamper, "entries", column, row)
            cell.put(cell.value[:-1] + bytes([cell.value[-1] ^ 1]))
            report = check(full)
            assert [each.column for each in report.differences if each.fault == Fault.HASH] == [
                column
            ], (index, other)
            cell.put(cell.value)


def test_what_a_payload_in_the_outbox_may_not_be(full: Log, tamper: Tamper) -> None:
    """Altered with its name, so that only what it says and its signature are left to show it."""
    from hashlib import sha256

    first = rows_of(full, "outbox")[0]
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
        cells = [Cell(full, tamper, "outbox", each, first) for each in ("payload", "payload_id")]
        for cell, value in zip(cells, (payload, name), strict=True):
            cell.put(value)
        report = check(full)
        assert named(report, "outbox", column), (old, report.differences)
        for cell in cells:
            cell.put(cell.value)
    assert check(full).good


# --- Keys --------------------------------------------------------------------------------------


def test_another_key_than_the_one_that_was_given(full: Log) -> None:
    report = check(full, vkey(STRANGER))
    assert {each.fault for each in report.differences} == {
        Fault.CHECKPOINT_KEY,
        Fault.NOTE_UNSIGNED,
    }
    assert report.count > len(report.differences) or report.count >= 2
    nonsense = check(full, "nonsense")
    assert Fault.VKEY_MALFORMED in {each.fault for each in nonsense.differences}


def test_a_head_that_parts_an_operation(full: Log, tamper: Tamper) -> None:
    """Signed by the log's own key: the log itself is dishonest."""
    from ledger.note import Checkpoint, sign_checkpoint

    with full.reader() as reader:
        root = reader.root(266)
        at = reader.head().at
    note = sign_checkpoint(Checkpoint("log.example/test", 266, root), full.keys.checkpoint)
    with tamper(full.database) as connection:
        connection.execute(
            text("INSERT INTO heads (size, root, note, at) VALUES (266, :root, :note, :at)"),
            {"root": root, "note": note, "at": int(at.timestamp() * 10**6)},
        )
    report = check(full)
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
