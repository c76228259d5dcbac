"""Giving entries their place: index, chain, streams, tree and signed head, in one transaction.

Invariants:

1. The caller's transaction holds the right to write: the write lock of SQLite, the locked row of
   `log_state` on PostgreSQL. Everything here happens under it or not at all.
2. Rows leave the outbox in the order of their `id`, which keeps the order of every `n`;
   continuations follow their first payload at once, under one head.
3. `n` of an entry in a stream is that of the stream's last entry plus one; anything else means
   that tables contradict each other and stops the log (`LogBroken`).
4. `at` is the later of now and the `at` before: time in the log never goes back.
5. A head is signed before the commit but can be seen only after it, so that no two heads of one
   size with different roots are ever shown.

The steps of one append are numbered in `append_prepared`.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ledger.entries.model import ZERO_HASH, assemble, payload_id
from ledger.errors import Fenced, LogBroken
from ledger.log_keys import LogKeys
from ledger.note import Checkpoint, sign_checkpoint
from ledger.right_edge import load_edge
from ledger.statements import Rows, State, Statements, read_state, statements_for
from ledger.tiles import FullTile
from runtime.clock import from_microseconds, instant_text, to_microseconds

BATCH_MAX: Final = 1_000
"""How many first payloads one head covers when a leader drains a long outbox."""


class Prepared(NamedTuple):
    """A payload whose signature was verified, with its numbers; ready for its place."""

    payload: bytes
    sig: bytes
    payload_id: bytes
    streams: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Head:
    """The tree after an append; `note` is its signed checkpoint."""

    size: int
    root: bytes
    note: bytes
    at: datetime


def prepare(payload: bytes, sig: bytes, streams: Iterable[tuple[str, int]]) -> Prepared:
    """Name a canonical payload; `streams` are its ids with their `n`, sorted by id."""
    return Prepared(payload, sig, payload_id(payload), tuple(streams))


def sequence(
    bind: Connection | Session,
    keys: LogKeys,
    now: datetime,
    *,
    limit: int | None = None,
    epoch: int | None = None,
) -> Head | None:
    """Empty the outbox, or its first `limit` payloads, into the log; None when it was empty.

    Nothing is committed here. With `epoch` the caller is a leader, and `Fenced` is raised when
    another one has taken over. `LogBroken` when the stored log contradicts itself.
    """
    connection = bind.connection() if isinstance(bind, Session) else bind
    spelled = statements_for(connection)
    state = read_state(connection)
    if state is not None and epoch is not None and state.epoch != epoch:
        raise Fenced(f"leader of epoch {epoch} met epoch {state.epoch}")
    ids, prepared = _waiting(connection, spelled, limit)
    if not prepared:
        return None
    if state is None:
        raise LogBroken("the outbox holds payloads for a log that is not initialised")
    head = _append(connection, spelled, prepared, keys, state, now)
    connection.exec_driver_sql(spelled.forget, (spelled.as_list(ids),))
    return head


def append_prepared(
    connection: Connection, prepared: Sequence[Prepared], keys: LogKeys, now: datetime
) -> Head:
    """Append payloads in this order, whose signatures and numbers the caller answers for.

    Raises `LogBroken` when a number does not follow its stream or a payload repeats, `ValueError`
    for an empty batch. Nothing is committed here.
    """
    if not prepared:
        raise ValueError("nothing to append")
    state = read_state(connection)
    if state is None:
        raise LogBroken("the log is not initialised")
    return _append(connection, statements_for(connection), prepared, keys, state, now)


def _waiting(
    connection: Connection, spelled: Statements, limit: int | None
) -> tuple[list[int], list[Prepared]]:
    """Rows of the outbox in the order of the log, with their ids."""
    ids: list[int] = []
    prepared: list[Prepared] = []
    rows = connection.exec_driver_sql(spelled.waiting, (2**31 if limit is None else limit,)).all()
    for row_id, parts, name, payload, sig, streams in rows:
        ids.append(row_id)
        prepared.append(Prepared(payload, sig, name, _numbers(streams)))
        if parts:
            _continued(connection, spelled, row_id, parts, ids, prepared)
    return ids, prepared


def _continued(
    connection: Connection,
    spelled: Statements,
    head: int,
    parts: int,
    ids: list[int],
    prepared: list[Prepared],
) -> None:
    """Add the continuations of one outbox row behind it."""
    rows = connection.exec_driver_sql(spelled.parts, (head,)).all()
    if len(rows) != parts:
        raise LogBroken(f"outbox row {head} has {len(rows)} continuations of {parts}")
    for row_id, name, payload, sig, streams in rows:
        ids.append(row_id)
        prepared.append(Prepared(payload, sig, name, _numbers(streams)))


def _numbers(streams: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, n) for name, n in orjson.loads(streams))


def _append(
    connection: Connection,
    spelled: Statements,
    prepared: Sequence[Prepared],
    keys: LogKeys,
    state: State,
    now: datetime,
) -> Head:
    """The steps of one append.

    1. Refuse to write another log than the one that the keys belong to.
    2. Take the right edge of the tree, from memory or from the tables.
    3. Fetch the last entry hash of every stream that goes on.
    4. Assemble and hash the entries, each with the hashes before it.
    5. Extend the tree; sign its new head.
    6. Write entries, places, full tiles, head, and where the writer stands now.
    7. Keep the edge for the next append.
    """
    if state.origin != keys.origin:
        raise LogBroken(f"keys of {keys.origin!r} cannot write the log {state.origin!r}")
    edge = keys.cache.take(state.size, state.root) or load_edge(connection, state)
    at = max(to_microseconds(now), state.at)
    tips = _tips(connection, spelled, prepared)
    entries, places = _entries(prepared, state, instant_text(from_microseconds(at)), tips)
    full = edge.append([row[3] for row in entries])
    checkpoint = Checkpoint(keys.origin, edge.size, edge.root())
    note = sign_checkpoint(checkpoint, keys.checkpoint)
    _write(connection, spelled, entries, places, full)
    connection.exec_driver_sql(spelled.add_head, (edge.size, checkpoint.root, note, at))
    tip = entries[-1][3]
    connection.exec_driver_sql(spelled.set_state, (edge.size, checkpoint.root, tip, at))
    keys.cache.edge = edge
    return Head(edge.size, checkpoint.root, note, from_microseconds(at))


def _tips(
    connection: Connection, spelled: Statements, prepared: Sequence[Prepared]
) -> dict[str, tuple[int, str]]:
    """For every stream of the batch: the number and hash of its last entry in the log."""
    first: dict[str, int] = {}
    for each in prepared:
        for stream, n in each.streams:
            if stream not in first:
                first[stream] = n
    tips = dict.fromkeys(first, (0, _ZERO_TEXT))
    pairs = [(stream, n - 1) for stream, n in first.items() if n > 1]
    if pairs:
        rows = connection.exec_driver_sql(spelled.predecessors, spelled.as_pairs(pairs))
        tips.update({stream: (n, _text(tip)) for stream, n, tip in rows})
    return tips


EntryTuple = tuple[int, bytes, bytes, bytes]
PlaceTuple = tuple[str, int, int]


def _entries(
    prepared: Sequence[Prepared], state: State, at: str, tips: dict[str, tuple[int, str]]
) -> tuple[list[EntryTuple], list[PlaceTuple]]:
    """Rows of `entries` and `entry_streams`; `tips` moves on. The hot loop."""
    entries: list[EntryTuple] = []
    places: list[PlaceTuple] = []
    index, prev = state.size, _text(state.tip)
    for payload, sig, name, streams in prepared:
        seats = []
        for stream, n in streams:
            last, tip = tips[stream]
            if n != last + 1:
                raise LogBroken(f"entry {index} has n {n} in {stream}, which ends at {last}")
            seats.append((stream, n, tip))
            places.append((stream, n, index))
        entry = assemble(payload, _text(sig), index, prev, at, seats)
        digest = sha256(b"\x00" + entry).digest()
        prev = _text(digest)
        for stream, n in streams:
            tips[stream] = (n, prev)
        entries.append((index, name, entry, digest))
        index += 1
    return entries, places


def _write(
    connection: Connection,
    spelled: Statements,
    entries: list[EntryTuple],
    places: list[PlaceTuple],
    full: list[FullTile],
) -> None:
    tiles = [(each.level, each.number, each.hashes, each.root) for each in full]
    batches: tuple[tuple[str, Rows], ...] = (
        (spelled.add_entries, entries),
        (spelled.add_places, places),
        (spelled.add_tiles, tiles),
    )
    try:
        for statement, rows in batches:
            if rows:
                connection.exec_driver_sql(statement, spelled.as_rows(rows))
    except IntegrityError as error:
        # The door lets nothing repeat: trying again would fail for ever.
        raise LogBroken(f"a place or payload from index {entries[0][0]} on is taken") from error


def _text(data: bytes) -> str:
    """Unpadded base64url, as `runtime.base64url` writes it, in a third of the time.

    Three of these per entry are a fifth of what the log itself costs.
    """
    return b2a_base64(data, newline=False).translate(_URL_ALPHABET, b"=").decode("ascii")


_URL_ALPHABET: Final = bytes.maketrans(b"+/", b"-_")
_ZERO_TEXT: Final = _text(ZERO_HASH)
