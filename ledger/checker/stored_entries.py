"""The tables `entries` and `entry_streams`, read side by side in the order of the log.

`history` judges what the bytes say; here the columns beside them are held against the bytes. Rows
that are missing leave a gap, for which the hash that the next entry repeats in its `prev` stands
in; rows that stand at an index which is not the one in their bytes are named and left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ledger.checker.encodings import from_base64url, hash_texts
from ledger.checker.history import History
from ledger.checker.merkle import HASH, WIDTH, Tree, leaves
from ledger.checker.report import Fault, Findings
from ledger.checker.rows import Grouped, Row, is_bytes, key_text, rows, same

_ENTRIES = 'SELECT "index", payload_id, bytes, hash FROM entries ORDER BY "index"'
_PLACES = 'SELECT "index", stream, n FROM entry_streams ORDER BY "index"'
_GAP_MAX = 1 << 20
_OWN_PLACE = re.compile(rb'","index":([0-9]{1,16}),"prev":"([A-Za-z0-9_-]{43})","streams":\[')


Said = tuple[bytes, dict[str, int]]
"""What the bytes of an entry say: its payload_id, and its streams with their n."""


class Stored(NamedTuple):
    """What the table has for one index: a row, or, where that is missing, a hash to stand in."""

    row: Row | None
    stand_in: bytes = bytes(HASH)


class EntriesCheck:
    """Fills `tree` and `history` from the tables, and says what is wrong in them."""

    def __init__(
        self, connection: Connection, tree: Tree, history: History, findings: Findings
    ) -> None:
        self._connection = connection
        self._tree = tree
        self._history = history
        self._findings = findings
        self._unclear: dict[int, tuple[bytes, object]] = {}
        self._said: dict[int, Said] = {}
        history.tell = self._hear

    def _hear(self, index: int, name: bytes, places: list[dict[str, Any]]) -> None:
        self._said[index] = (name, {place["id"]: place["n"] for place in places})

    def run(self, tip: object, progress: Callable[[int], None]) -> None:
        """Read both tables; `tip` is the hash that `log_state` has for the last entry."""
        self._places = Grouped(rows(self._connection, _PLACES))
        stored = self._aligned(rows(self._connection, _ENTRIES))
        while portion := list(islice(stored, WIDTH)):
            self._check_portion(portion)
            progress(len(portion))
        self._history.end(self._tree.size)
        for index in list(self._unclear):
            self._settle(index, tip)
        for row in self._places.rest():
            self._say_place(row)

    # --- entries -------------------------------------------------------------------------------

    def _aligned(self, stored: Iterator[Row]) -> Iterator[Stored]:
        """Every index once and in order, whatever the column says."""
        position = 0
        for row in stored:
            index = row[0]
            if not same(index, position):
                claimed, prev = _own_place(row[2])
                real = type(index) is int and claimed == index > position
                if real and index - position <= _GAP_MAX:
                    self._say_gap(position, index)
                    yield from [Stored(None)] * (index - position - 1)
                    yield Stored(None, prev)
                    position = index
                else:
                    wanted = position if claimed is None else claimed
                    self._findings.differs("entries", "index", _name(row), wanted, index)
                    if claimed != position:
                        continue
            yield Stored(row)
            position += 1

    def _say_gap(self, low: int, high: int) -> None:
        name = key_text(index=low if high == low + 1 else f"{low}…{high - 1}")
        self._findings.say_row(Fault.ROW_MISSING, "entries", "index", name, entry=low)

    def _check_portion(self, portion: list[Stored]) -> None:
        """Up to 256 indexes, which are one bundle."""
        first = self._tree.size
        entries = [_bytes_of(stored) for stored in portion]
        hashes = [
            stored.stand_in if stored.row is None else computed
            for stored, computed in zip(portion, leaves(entries), strict=True)
        ]
        self._tree.add(hashes)
        self._judge(first, portion, entries, hash_texts(hashes))
        for index, (stored, computed) in enumerate(zip(portion, hashes, strict=True), first):
            said = self._said.pop(index, None)
            if stored.row is not None:
                self._check_row(index, stored.row, computed, said)
            self._check_places(index, said)
        self._settle_earlier(first, entries)

    def _judge(
        self, first: int, portion: list[Stored], entries: list[bytes], texts: list[str]
    ) -> None:
        """Show the entries to `history`, with the gaps between them."""
        low = 0
        for there, run in groupby(portion, key=lambda stored: stored.row is not None):
            high = low + len(list(run))
            if there:
                self._history.take(first + low, entries[low:high], texts[low:high])
            else:
                self._history.gap(texts[high - 1])
            low = high

    def _check_row(self, index: int, row: Row, computed: bytes, said: Said | None) -> None:
        if not is_bytes(row[2]):
            kind = type(row[2]).__name__
            self._findings.differs("entries", "bytes", _name(row), "bytes", kind, index)
        if row[3] != computed:
            self._unclear[index] = (computed, row[3])
        if said is not None and not same(row[1], said[0]):
            self._findings.differs("entries", "payload_id", _name(row), said[0], row[1], index)

    # --- Bytes or hash? ------------------------------------------------------------------------

    def _settle_earlier(self, first: int, entries: list[bytes]) -> None:
        """Ask the next entry, which repeats the hash in its `prev`, where hash and bytes differ."""
        for index in [each for each in self._unclear if each + 1 < first + len(entries)]:
            _, prev = _own_place(entries[index + 1 - first])
            self._settle(index, prev)

    def _settle(self, index: int, witness: object) -> None:
        """Name the column that is wrong, or both where the witness speaks for neither."""
        computed, stored = self._unclear.pop(index)
        name = key_text(index=index)
        for column, wanted, found in (("bytes", stored, computed), ("hash", computed, stored)):
            if witness == wanted or witness not in (computed, stored):
                self._findings.say_row(
                    Fault.HASH,
                    "entries",
                    column,
                    name,
                    entry=index,
                    expected=wanted,
                    found=found,
                )

    # --- entry_streams -------------------------------------------------------------------------

    def _check_places(self, index: int, said: Said | None) -> None:
        """The rows of one entry; nothing is said about one that is missing or cannot be read."""
        found = self._places.take(index, self._say_place)
        if said is None:
            return
        missing = said[1]
        strange = [row for row in found if not same(row[2], missing.get(row[1]))]
        for _, stream, n in found:
            if same(n, missing.get(stream)):
                del missing[stream]
        for row in strange:
            self._say_wrong_place(index, row, missing)
        for stream, n in missing.items():
            name = key_text(stream=stream, n=n)
            self._findings.say_row(
                Fault.ROW_MISSING, "entry_streams", "index", name, entry=index, expected=index
            )

    def _say_wrong_place(self, index: int, row: Row, missing: dict[str, int]) -> None:
        """A row that the entry does not ask for: the one that it misses, with an altered key?"""
        _, stream, n = row
        name = key_text(stream=stream, n=n)
        of_this_n = [wanted for wanted in missing if same(n, missing[wanted])]
        if stream in missing:
            wanted_n = missing.pop(stream)
            self._findings.differs("entry_streams", "n", name, wanted_n, n, index)
        elif of_this_n:
            del missing[of_this_n[0]]
            self._findings.differs("entry_streams", "stream", name, of_this_n[0], stream, index)
        else:
            self._say_place(row)

    def _say_place(self, row: Row) -> None:
        """A row whose entry is not there, or does not stand in that stream."""
        name = key_text(stream=row[1], n=row[2])
        self._findings.say_row(Fault.ROW_UNEXPECTED, "entry_streams", "index", name, found=row[0])


def _name(row: Row) -> str:
    return key_text(index=row[0])


def _bytes_of(stored: Stored) -> bytes:
    """The bytes of an entry; what is no bytes is read as nothing, which is no entry."""
    found = stored.row[2] if stored.row is not None else b""
    return found if isinstance(found, bytes) else b""


def _own_place(entry: object) -> tuple[int | None, bytes]:
    """The index that an entry gives itself and the hash of the one before; only a hint."""
    matches = list(_OWN_PLACE.finditer(entry)) if isinstance(entry, bytes) else []
    if not matches:
        return None, bytes(HASH)
    try:
        return int(matches[-1][1]), from_base64url(matches[-1][2].decode("ascii"))
    except ValueError:
        return int(matches[-1][1]), bytes(HASH)
