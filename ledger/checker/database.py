"""The log in a database: every column of its tables, held against the bytes of the entries.

The entries are the truth here; all other columns follow from them, and so does what each must be:

| table | what is expected |
|---|---|
| `entries` | `index` 0, 1, 2 …; `payload_id` and `hash` computed from `bytes`; `bytes` by `history` |
| `entry_streams` | one row for each stream of each entry, with its `n` |
| `tiles` | every full tile of the tree and its root, nothing else |
| `heads` | trees of the log, signed; `at` of their last entry; all that entries have `seen`; the last covers everything and none parts an operation |
| `key_entries` | what GENESIS and KEY entries say, those in the outbox included |
| `outbox` | payloads that could be sequenced next, in this order |
| `stream_counts` | the last `n` of each stream, the outbox included |
| `log_state` | one row: the newest head |

Two columns say nothing that could be held against anything: `accepted_at` of the outbox and, on
PostgreSQL, the fencing `epoch`; they are looked at for being numbers of a possible size only. The
numbers of outbox rows matter by their order only.

The connection's transaction must see one state throughout: on SQLite it does, on PostgreSQL it must
be REPEATABLE READ, else `ValueError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby, islice
from time import perf_counter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, text

from ledger.checker.encodings import ZERO_TEXT, hash_texts, microseconds, to_base64url
from ledger.checker.history import History, Taken
from ledger.checker.merkle import EMPTY_ROOT, HASH, WIDTH, Tree, leaves
from ledger.checker.notes import LogKey, open_checkpoint, read_vkey
from ledger.checker.outbox import Waiting
from ledger.checker.report import CheckFault, Difference, Fault, Findings, Report, shown
from ledger.checker.rows import Row, is_bytes, key_text, rows, same

Progress = Callable[[int], None]
_LATEST = 253_402_300_800_000_000
"""The beginning of the year 10000 in microseconds since 1970."""


def check_database(
    connection: Connection,
    vkey: str | None = None,
    *,
    signatures: bool = True,
    progress: Progress = lambda entries: None,
) -> Report:
    """Check the tables of the log; never raises for what they hold.

    `vkey` is the verifier key that the caller holds; without it heads are checked by the keys that
    the log registers for itself. `signatures` False leaves out the signatures of actors.
    `progress` is told how many entries each step has checked.
    """
    _want_snapshot(connection)
    started = perf_counter()
    check = _DatabaseCheck(connection, vkey, signatures, progress)
    check.run()
    return check.report(perf_counter() - started)


def _want_snapshot(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    level = connection.scalar(text("SELECT current_setting('transaction_isolation')"))
    if level not in ("repeatable read", "serializable"):
        raise ValueError(f"the log cannot be checked while it changes: isolation is {level}")


class _State(NamedTuple):
    """The row of `log_state`."""

    id: int
    origin: str
    epoch: int
    size: int
    root: bytes
    tip: bytes
    at: int


class _DatabaseCheck:
    """One run over one database."""

    def __init__(
        self, connection: Connection, vkey: str | None, signatures: bool, progress: Progress
    ) -> None:
        self.findings = Findings()
        self.tree = Tree()
        self._connection = connection
        self._vkey = vkey
        self._signatures = signatures
        self._progress = progress
        self._history = History(None, self.tree.root, self._place, signatures=signatures)
        self._unclear: dict[int, tuple[bytes, object]] = {}
        self._places = _grouped(rows(
            connection, 'SELECT "index", stream, n FROM entry_streams ORDER BY "index"'
        ))

    def run(self) -> None:
        """All tables, entries first because everything follows from them."""
        state = self._read_state()
        if state is not None and type(state.origin) is str:
            self._history.origin = state.origin
        self._check_entries()
        self._settle(state.tip if state else None)
        self._check_left_over_places()
        self._check_tiles()
        self._check_heads()
        self._check_waiting()
        if state is not None:
            self._check_state(state)

    def report(self, seconds: float) -> Report:
        """What was found."""
        return Report(
            origin=self._history.origin,
            size=self.tree.size,
            root=self.tree.root(self.tree.size),
            differences=tuple(self.findings.listed),
            count=self.findings.count,
            own_key=self._vkey is None,
            signatures=self._signatures,
            seconds=seconds,
        )

    # --- entries -------------------------------------------------------------------------------

    def _check_entries(self) -> None:
        query = 'SELECT "index", payload_id, bytes, hash FROM entries ORDER BY "index"'
        stored = rows(self._connection, query)
        while portion := list(islice(stored, WIDTH)):
            self._check_portion(portion)
            self._progress(len(portion))
        self._history.end(self.tree.size)

    def _check_portion(self, portion: list[Row]) -> None:
        """Up to 256 rows, which are one bundle."""
        first = self.tree.size
        for position, row in enumerate(portion, first):
            if not same(row[0], position):
                self._differs("entries", "index", key_text(index=row[0]), position, row[0])
        entries = [row[2] if is_bytes(row[2]) else b"" for row in portion]
        hashes = leaves(entries)
        self.tree.add(hashes)
        taken = self._history.take(first, entries, hash_texts(hashes))
        for position, (row, computed, says) in enumerate(
            zip(portion, hashes, taken, strict=True), first
        ):
            self._check_row(position, row, computed, says)
        self._settle_portion(first, entries)

    def _check_row(self, index: int, row: Row, computed: bytes, says: Taken | None) -> None:
        """Columns and places of one entry."""
        name = key_text(index=row[0])
        if not is_bytes(row[2]):
            self._differs("entries", "bytes", name, "bytes", type(row[2]).__name__)
        if row[3] != computed:
            self._unclear[index] = (computed, row[3])
        if says is not None and not same(row[1], says.name):
            self._differs("entries", "payload_id", name, says.name, row[1])
        wanted = {} if says is None else {place["id"]: place["n"] for place in says.places}
        self._check_places(index, wanted, says is not None)

    def _settle_portion(self, first: int, entries: list[bytes]) -> None:
        """Say of entries whose hash and bytes differ which of the two the next entry contradicts.

        The entry behind repeats the hash in its `prev`.
        """
        for index in [each for each in self._unclear if each + 1 < first + len(entries)]:
            text_of = {to_base64url(each): each for each in self._hashes_of(index)}
            successor = entries[index + 1 - first]
            known = [each for name, each in text_of.items() if f'"{name}"'.encode() in successor]
            self._settle_one(index, known[0] if len(known) == 1 else None)

    def _hashes_of(self, index: int) -> list[bytes]:
        computed, stored = self._unclear[index]
        return [computed, *([stored] if isinstance(stored, bytes) else [])]

    def _settle(self, tip: object) -> None:
        """The same for the last entry, whose hash `log_state` repeats."""
        for index in list(self._unclear):
            self._settle_one(index, tip)

    def _settle_one(self, index: int, witness: object) -> None:
        """Name the column that is wrong, or both where nothing speaks for either."""
        computed, stored = self._unclear.pop(index)
        row = key_text(index=index)
        for column, right in (("bytes", stored), ("hash", computed)):
            if witness == right or witness not in (computed, stored):
                self.findings.say(
                    Fault.HASH,
                    entry=index,
                    table="entries",
                    column=column,
                    row=row,
                    expected=stored if column == "bytes" else computed,
                    found=computed if column == "bytes" else stored,
                )

    def _place(self, difference: Difference) -> None:
        """Take what `history` says about an entry."""
        row = key_text(index=difference.entry)
        self.findings.add(replace(difference, table="entries", column="bytes", row=row))

    # --- entry_streams -------------------------------------------------------------------------

    def _check_places(self, index: int, wanted: dict[str, int], readable: bool) -> None:
        """The rows of one entry; nothing is said about one that cannot be read."""
        found = self._places.up_to(index, self._say_place)
        if not readable:
            return
        missing = dict(wanted)
        extra: list[Row] = []
        for row in found:
            if type(row[2]) is int and missing.get(row[1]) == row[2]:
                del missing[row[1]]
            else:
                extra.append(row)
        for row in extra:
            self._say_wrong_place(index, row, missing)
        for stream, n in missing.items():
            self.findings.say(
                Fault.ROW_MISSING,
                entry=index,
                table="entry_streams",
                column="index",
                row=key_text(stream=stream, n=n),
            )

    def _say_wrong_place(self, index: int, row: Row, missing: dict[str, int]) -> None:
        """A row that the entry does not ask for: is it one that it misses, with an altered key?"""
        _, stream, n = row
        by_n = [name for name, wanted in missing.items() if same(n, wanted)]
        if stream in missing:
            self._differs("entry_streams", "n", _place_text(row), missing.pop(stream), n, index)
        elif by_n:
            del missing[by_n[0]]
            place = _place_text(row)
            self._differs("entry_streams", "stream", place, by_n[0], stream, index)
        else:
            self._say_place(row)

    def _say_place(self, row: Row) -> None:
        """A row whose entry is not there, or does not stand in that stream."""
        entry = row[0] if type(row[0]) is int else None
        self.findings.say(
            Fault.ROW_UNEXPECTED,
            entry=entry,
            table="entry_streams",
            column="index",
            row=_place_text(row),
            found=row[0],
        )

    def _check_left_over_places(self) -> None:
        for row in self._places.rest():
            self._say_place(row)

    # --- tiles ---------------------------------------------------------------------------------

    def _check_tiles(self) -> None:
        """Every full tile is there as computed, and no other."""
        expected = self._full_tiles()
        wanted = next(expected, None)
        missing: list[tuple[int, int]] = []
        strange: list[Row] = []
        query = "SELECT level, number, hashes, root FROM tiles ORDER BY level, number"
        for row in rows(self._connection, query):
            key = (row[0], row[1])
            while wanted is not None and _before(wanted, key):
                missing.append(wanted)
                wanted = next(expected, None)
            if wanted is not None and same(row[0], wanted[0]) and same(row[1], wanted[1]):
                self._check_tile(row)
                wanted = next(expected, None)
            else:
                strange.append(row)
        missing += [each for each in (wanted, *expected) if each is not None]
        self._say_strange_tiles(strange, missing)

    def _full_tiles(self) -> Iterator[tuple[int, int]]:
        for level in range(self.tree.levels()):
            yield from ((level, number) for number in range(self.tree.width(level) // WIDTH))

    def _check_tile(self, row: Row) -> None:
        level, number, hashes, root = row
        name = key_text(level=level, number=number)
        tile = self.tree.tile(level, number)
        if hashes != tile:
            at = _first_difference(tile, hashes)
            self.findings.say(
                Fault.TILE,
                entry=number * WIDTH + at // HASH if level == 0 else None,
                table="tiles",
                column="hashes",
                row=name,
                expected=tile[at : at + HASH],
                found=hashes[at : at + HASH] if is_bytes(hashes) else type(hashes).__name__,
            )
        if not same(root, self.tree.tile_root(level, number)):
            self._differs("tiles", "root", name, self.tree.tile_root(level, number), root)

    def _say_strange_tiles(self, strange: list[Row], missing: list[tuple[int, int]]) -> None:
        """Rows without a tile and tiles without a row; where they are the same one, say so."""
        for row in strange:
            name = key_text(level=row[0], number=row[1])
            moved = [each for each in missing if self.tree.tile(*each) == row[2]]
            if not moved:
                self.findings.say(
                    Fault.ROW_UNEXPECTED, table="tiles", column="level, number", row=name
                )
                continue
            missing.remove(moved[0])
            for column, wanted, found in zip(("level", "number"), moved[0], row, strict=False):
                if not same(found, wanted):
                    self._differs("tiles", column, name, wanted, found)
        for level, number in missing:
            name = key_text(level=level, number=number)
            self.findings.say(Fault.ROW_MISSING, table="tiles", column="level, number", row=name)

    # --- heads ---------------------------------------------------------------------------------

    def _check_heads(self) -> None:
        """Each head by itself, then that they cover all entries and all that signers saw."""
        keys = self._head_keys()
        sizes: set[object] = set()
        for row in rows(self._connection, "SELECT size, root, note, at FROM heads ORDER BY size"):
            sizes.add(row[0])
            self._check_head(row, keys)
        last = self.tree.size
        for size in sorted({*self._history.seen_sizes, *([last] if last else [])} - sizes):
            fault = Fault.UNCOVERED if size == last else Fault.ROW_MISSING
            name = key_text(size=size)
            self.findings.say(fault, table="heads", column="size", row=name, expected=size)

    def _head_keys(self) -> list[LogKey]:
        """The keys that sign heads: those of the log's KEY entries, and the one that was given."""
        registered = self._history.keys.of_checkpoints()
        keys = [LogKey(self._history.origin or "", key) for key in sorted(registered)]
        if self._vkey is None:
            return keys
        try:
            given = read_vkey(self._vkey.removesuffix("\n"))
        except CheckFault as fault:
            self.findings.add(fault.difference)
            return []
        if given not in keys:
            self.findings.say(Fault.CHECKPOINT_KEY, table="heads", found=self._vkey)
        return [given]

    def _check_head(self, row: Row, keys: list[LogKey]) -> None:
        """The note is the truth; the other columns repeat it."""
        size, root, note, at = row
        name = key_text(size=size)
        try:
            said = open_checkpoint(note if is_bytes(note) else b"", keys)
        except CheckFault as fault:
            place = replace(fault.difference, table="heads", column="note", row=name)
            self.findings.add(place)
            return
        if said.origin != self._history.origin:
            self._differs("heads", "note", name, self._history.origin, said.origin)
        if not same(size, said.size):
            self._differs("heads", "size", name, said.size, size)
        if not same(root, said.root):
            self._differs("heads", "root", name, said.root, root)
        if not 0 < said.size <= self.tree.size:
            self._differs("heads", "note", name, f"1…{self.tree.size}", said.size)
            return
        wanted = self.tree.root(said.size)
        if wanted != said.root:
            place = {"table": "heads", "column": "note", "row": name}
            self.findings.say(Fault.ROOT, **place, expected=wanted, found=said.root)
        if said.size in self._history.splits:
            self.findings.say(Fault.SPLIT, table="heads", column="size", row=name)
        moment = self._moment(said.size)
        if moment is not None and not same(at, moment):
            self._differs("heads", "at", name, moment, at)

    def _moment(self, size: int) -> int | None:
        """The microseconds of `at` of the last of so many entries; None where it has no good one."""
        try:
            return microseconds(self._history.at(size - 1))
        except ValueError:
            return None

    # --- outbox, counts, keys ------------------------------------------------------------------

    def _check_waiting(self) -> None:
        """The outbox, and the two tables that hold what is promised beside what is done."""
        waiting = Waiting(self._history, self.findings, self.tree, self._signatures)
        query = (
            "SELECT id, head, part, parts, payload_id, payload, sig, streams, accepted_at"
            " FROM outbox ORDER BY id"
        )
        for row in rows(self._connection, query):
            waiting.take(row)
            if not (type(row[8]) is int and 0 <= row[8] < _LATEST):
                name = key_text(id=row[0])
                self._differs("outbox", "accepted_at", name, f"0…{_LATEST}", row[8])
        waiting.end()
        self._check_counts(waiting.counts())
        self._check_keys()

    def _check_counts(self, counts: dict[str, int]) -> None:
        for stream, n in rows(self._connection, "SELECT id, n FROM stream_counts"):
            name = key_text(id=stream)
            if stream not in counts:
                self.findings.say(
                    Fault.ROW_UNEXPECTED, table="stream_counts", column="id", row=name, found=n
                )
                continue
            wanted = counts.pop(stream)
            if not same(n, wanted):
                self._differs("stream_counts", "n", name, wanted, n)
        for stream in sorted(counts):
            name = key_text(id=stream)
            self.findings.say(
                Fault.ROW_MISSING, table="stream_counts", column="id", row=name
            )

    def _check_keys(self) -> None:
        """`key_entries` repeats GENESIS and the KEY entries, those of the outbox included."""
        wanted = {
            actor: {
                "public_key": key.public_key,
                "purpose": key.purpose,
                "custody": key.custody,
                "stream": key.stream,
                "payload_id": key.name,
            }
            for actor, key in self._history.keys.registered().items()
        }
        query = "SELECT actor, public_key, purpose, custody, stream, payload_id FROM key_entries"
        for actor, *values in rows(self._connection, query):
            name = key_text(actor=actor)
            expected = wanted.pop(actor, None) if is_bytes(actor) else None
            if expected is None:
                self.findings.say(
                    Fault.ROW_UNEXPECTED, table="key_entries", column="actor", row=name
                )
                continue
            for (column, value), found in zip(expected.items(), values, strict=True):
                if not same(found, value):
                    self._differs("key_entries", column, name, value, found)
        for actor in sorted(wanted):
            name = key_text(actor=actor)
            self.findings.say(Fault.ROW_MISSING, table="key_entries", column="actor", row=name)

    # --- log_state -----------------------------------------------------------------------------

    def _read_state(self) -> _State | None:
        query = "SELECT id, origin, epoch, size, root, tip, at FROM log_state ORDER BY id"
        found = list(islice(rows(self._connection, query), 2))
        if not found:
            self.findings.say(Fault.ROW_MISSING, table="log_state", column="id", row="id=1")
        for row in found[1:]:
            name = key_text(id=row[0])
            self.findings.say(Fault.ROW_UNEXPECTED, table="log_state", column="id", row=name)
        return _State(*found[0]) if found else None

    def _check_state(self, state: _State) -> None:
        """The one row stands where the entries end."""
        size = self.tree.size
        wanted: dict[str, object] = {
            "id": 1,
            "origin": self._history.origin,
            "size": size,
            "root": self.tree.root(size) if size else EMPTY_ROOT,
            "tip": self.tree.leaf(size - 1) if size else bytes(HASH),
            "at": self._moment(size) if size else 0,
        }
        name = key_text(id=state.id)
        for column, value in wanted.items():
            found = getattr(state, column)
            if value is not None and not same(found, value):
                self._differs("log_state", column, name, value, found)
        fenced = self._connection.dialect.name == "postgresql"
        if not (type(state.epoch) is int and (state.epoch == 0 or (fenced and state.epoch > 0))):
            self._differs("log_state", "epoch", name, "≥ 0" if fenced else 0, state.epoch)

    def _differs(
        self,
        table: str,
        column: str,
        row: str,
        expected: object,
        found: object,
        entry: int | None = None,
    ) -> None:
        place = Difference(Fault.VALUE, entry, None, table, column, row)
        self.findings.add(replace(place, expected=shown(expected), found=shown(found)))


class _grouped:
    pass
