"""The log's SQL, written out for both databases.

The hot path knows no ORM: each statement is sent as it stands, with whole batches as one parameter
(`json_each` on SQLite, arrays on PostgreSQL) or as one `executemany`. Binary arrays (`%b`)
spare PostgreSQL the hexadecimal form of bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from ledger.errors import LogBroken

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Statements:
    """One database's spelling of everything that door and sequencer ask."""

    state: str
    """Locks and reads where the writer stands: origin, epoch, size, root, tip, at."""
    waiting: str
    """First payloads in the outbox, in order: id, parts, payload_id, payload, sig, streams."""
    parts: str
    """The continuations of one outbox row: id, payload_id, payload, sig, streams."""
    predecessors: str
    """For pairs of stream and n: stream, n, entry hash."""
    find_key: str
    """Purpose and custody of an actor's key."""
    newest: str
    """Size and root of the newest head, without a lock."""
    placed: str
    """The index of a payload that has its place."""
    take_numbers: str
    """Counts one up in each stream, in the given order, and returns id and n."""
    enter: str
    """Inserts one outbox row and returns its id, or nothing where the payload is there already."""
    add_key: str
    """Inserts a key and returns its actor, or nothing where the key is registered already."""
    add_opening: str
    """Inserts the sealed openings of one entry and one subject."""
    add_entries: str
    add_places: str
    add_tiles: str
    add_head: str
    set_state: str
    """Moves the writer on; it still holds the lock of `state`."""
    forget: str
    """Deletes outbox rows by id."""
    as_list: Callable[[Iterable[Any]], Any]
    """A list of ids as one parameter."""
    as_pairs: Callable[[Sequence[tuple[str, int]]], tuple[Any, ...]]
    """Pairs as parameters of `predecessors`."""
    as_rows: Callable[[Rows], Any]
    """Rows as the parameters of an `add_…` statement."""


def _json(values: Iterable[Any]) -> str:
    return orjson.dumps(list(values)).decode()


def _columns(rows: Rows) -> tuple[list[Any], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))


_STATE: Final = "SELECT origin, epoch, size, root, tip, at FROM log_state WHERE id = 1"
_WAITING: Final = (
    "SELECT id, parts, payload_id, payload, sig, streams FROM outbox WHERE head IS NULL ORDER BY id"
)
_PARTS: Final = (
    "SELECT id, payload_id, payload, sig, streams FROM outbox WHERE head = {} ORDER BY part"
)
_FIND_KEY: Final = "SELECT purpose, custody FROM key_entries WHERE actor = {}"
_NEWEST: Final = "SELECT size, root FROM log_state WHERE id = 1"
_PLACED: Final = 'SELECT "index" FROM entries WHERE payload_id = {}'
_ADD_OPENING: Final = (
    "INSERT INTO openings (payload_id, subject, record_salt, nonce, ciphertext)"
    " VALUES ({0}, {0}, {0}, {0}, {0})"
)
_OUTBOX: Final = "head, part, parts, payload_id, payload, sig, streams, accepted_at"
_ENTER: Final = (
    "INSERT INTO outbox ({}) VALUES ({}) ON CONFLICT (payload_id) DO NOTHING RETURNING id"
)
_ADD_KEY: Final = (
    "INSERT INTO key_entries (actor, public_key, purpose, custody, stream, payload_id)"
    " VALUES ({}) ON CONFLICT (actor) DO NOTHING RETURNING actor"
)
_COUNT: Final = "ON CONFLICT (id) DO UPDATE SET n = stream_counts.n + 1 RETURNING id, n"

SQLITE: Final = Statements(
    state=_STATE,
    waiting=f"{_WAITING} LIMIT ?",
    parts=_PARTS.format("?"),
    predecessors=(
        "SELECT s.stream, s.n, e.hash FROM json_each(?) AS j"
        " CROSS JOIN entry_streams AS s ON s.stream = j.value ->> 0 AND s.n = j.value ->> 1"
        ' JOIN entries AS e ON e."index" = s."index"'
    ),
    find_key=_FIND_KEY.format("?"),
    newest=_NEWEST,
    placed=_PLACED.format("?"),
    take_numbers=(
        "INSERT INTO stream_counts (id, n) SELECT value, 1 FROM json_each(?) WHERE true " + _COUNT
    ),
    enter=_ENTER.format(_OUTBOX, "?, ?, ?, ?, ?, ?, ?, ?"),
    add_key=_ADD_KEY.format("?, ?, ?, ?, ?, ?"),
    add_opening=_ADD_OPENING.format("?"),
    add_entries='INSERT INTO entries ("index", payload_id, bytes, hash) VALUES (?, ?, ?, ?)',
    add_places='INSERT INTO entry_streams (stream, n, "index") VALUES (?, ?, ?)',
    add_tiles="INSERT INTO tiles (level, number, hashes, root) VALUES (?, ?, ?, ?)",
    add_head="INSERT INTO heads (size, root, note, at) VALUES (?, ?, ?, ?)",
    set_state="UPDATE log_state SET size = ?, root = ?, tip = ?, at = ? WHERE id = 1",
    forget="DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))",
    as_list=_json,
    as_pairs=lambda pairs: (_json(pairs),),
    as_rows=list,
)

POSTGRESQL: Final = Statements(
    state=f"{_STATE} FOR UPDATE",
    waiting=f"{_WAITING} LIMIT %s",
    parts=_PARTS.format("%s"),
    predecessors=(
        "SELECT s.stream, s.n, e.hash FROM unnest(%s::text[], %s::bigint[]) AS j (stream, n)"
        " JOIN entry_streams AS s ON s.stream = j.stream AND s.n = j.n"
        ' JOIN entries AS e ON e."index" = s."index"'
    ),
    find_key=_FIND_KEY.format("%s"),
    newest=_NEWEST,
    placed=_PLACED.format("%s"),
    take_numbers=(
        "INSERT INTO stream_counts (id, n) SELECT id, 1 FROM unnest(%s::text[])"
        " WITH ORDINALITY AS t (id, place) ORDER BY place " + _COUNT
    ),
    enter=_ENTER.format(_OUTBOX, "%s, %s, %s, %s, %s, %s, %s, %s"),
    add_key=_ADD_KEY.format("%s, %s, %s, %s, %s, %s"),
    add_opening=_ADD_OPENING.format("%s"),
    add_entries=(
        'INSERT INTO entries ("index", payload_id, bytes, hash)'
        " SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[])"
    ),
    add_places=(
        'INSERT INTO entry_streams (stream, n, "index")'
        " SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bigint[])"
    ),
    add_tiles=(
        "INSERT INTO tiles (level, number, hashes, root)"
        " SELECT * FROM unnest(%b::int[], %b::bigint[], %b::bytea[], %b::bytea[])"
    ),
    add_head="INSERT INTO heads (size, root, note, at) VALUES (%s, %s, %s, %s)",
    set_state="UPDATE log_state SET size = %s, root = %s, tip = %s, at = %s WHERE id = 1",
    forget="DELETE FROM outbox WHERE id = ANY(%s)",
    as_list=list,
    as_pairs=lambda pairs: ([each[0] for each in pairs], [each[1] for each in pairs]),
    as_rows=_columns,
)

_BY_DIALECT: Final = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def statements_for(connection: Connection) -> Statements:
    """The spelling for a connection's database."""
    return _BY_DIALECT[connection.dialect.name]


@dataclass(frozen=True)
class State:
    """Where the writer of the log stands. `at` counts microseconds since 1970, UTC."""

    origin: str
    epoch: int
    size: int
    root: bytes
    tip: bytes
    at: int


def read_state(connection: Connection) -> State | None:
    """Lock and read the one row of `log_state`; None before `init`.

    On SQLite the transaction holds the only write lock already.
    """
    rows = connection.exec_driver_sql(statements_for(connection).state).all()
    if len(rows) > 1:
        raise LogBroken(f"{len(rows)} rows say where the log stands")
    return State(*rows[0]) if rows else None
