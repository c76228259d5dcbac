"""Reading the log: entries, streams, tiles, proofs, and the bundle of proofs behind a page.

A reader sees what is committed and never more than the size that it is asked for: `size` names a
signed head, and every proof leads to that head's root. Proofs are computed from tiles, so a page
with a dozen entries costs a handful of SELECTs whatever the size of the log.

Asking for an entry, tile or size that is not there raises `NotInLog`; tables that contradict each
other raise `LogBroken`. Nothing here trusts a cache, and nothing writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from ledger.entries.tables import (
    EntryRow,
    EntryStreamRow,
    HeadRow,
    KeyEntryRow,
    LogStateRow,
    OutboxRow,
    TileRow,
)
from ledger.errors import LogBroken, NotInLog
from ledger.portions import spans
from ledger.proof_file import ProofFile
from ledger.right_edge import row_hashes
from ledger.sequencer import Head
from ledger.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TilePath,
    encode_bundle,
    split_hashes,
)
from ledger.tree import (
    LeafList,
    consistency_proof,
    consistency_ranges,
    inclusion_proof,
    inclusion_ranges,
    perfect_subtrees,
    range_root,
)
from runtime import base64url

_PORTION = 400


@dataclass(frozen=True)
class ProvedEntry:
    """An entry with the proof that it stands at `index` in the tree of the bundle."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class ProofBundle:
    """What a page needs to prove facts: entries, their proofs, and one signed checkpoint."""

    size: int
    root: bytes
    checkpoint: bytes
    entries: tuple[ProvedEntry, ...]


@dataclass(frozen=True)
class RegisteredKey:
    """A key that an entry registered; `index` is None while that entry waits for its place."""

    actor: bytes
    public_key: bytes
    purpose: str
    custody: str
    stream: str | None
    payload_id: str
    index: int | None


class LogReader:
    """The log as one session sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # --- Heads ---------------------------------------------------------------------------------

    def origin(self) -> str | None:
        """The log's name, or None before `init`."""
        return self._session.scalar(select(LogStateRow.origin).where(LogStateRow.id == 1))

    def head(self, size: int | None = None) -> Head:
        """The newest signed head, or the one of exactly this size; raises `NotInLog`."""
        query = select(HeadRow).order_by(HeadRow.size.desc()).limit(1)
        if size is not None:
            query = select(HeadRow).where(HeadRow.size == size)
        row = self._session.scalar(query)
        if row is None:
            raise NotInLog("the log is empty" if size is None else f"no head of size {size}")
        return Head(row.size, row.root, row.note, row.at)

    @property
    def size(self) -> int:
        """How many entries the newest head covers; 0 for an empty log."""
        return self._session.scalar(select(func.max(HeadRow.size))) or 0

    def checkpoint(self) -> bytes:
        """The newest checkpoint, a signed note; raises `NotInLog` for an empty log."""
        return self.head().note

    # --- Entries -------------------------------------------------------------------------------

    def entry(self, index: int) -> bytes:
        """The bytes of one entry."""
        return self.entries([index])[index]

    def entries(self, indexes: Iterable[int]) -> dict[int, bytes]:
        """The bytes of several entries by index; raises `NotInLog` when one is not there."""
        wanted = sorted(set(indexes))
        found: dict[int, bytes] = {}
        for low, high in spans(len(wanted), _PORTION):
            query = select(EntryRow.index, EntryRow.content).where(
                EntryRow.index.in_(wanted[low:high])
            )
            found.update((index, entry) for index, entry in self._session.execute(query))
        missing = [index for index in wanted if index not in found]
        if missing:
            raise NotInLog(f"no entry {missing[0]}")
        return found

    def entry_range(self, low: int, high: int) -> Iterator[bytes]:
        """The bytes of the entries `low` … `high - 1`, read in portions."""
        for first, last in spans(high - low, TILE_WIDTH):
            query = select(EntryRow.content).where(
                EntryRow.index >= low + first, EntryRow.index < low + last
            )
            contents = self._session.scalars(query.order_by(EntryRow.index)).all()
            if len(contents) != last - first:
                raise NotInLog(f"entries are missing between {low + first} and {low + last}")
            yield from contents

    def index_of(self, payload_id: str) -> int | None:
        """The place of a payload, or None while it waits or when it never came."""
        return self.indexes_of([payload_id]).get(payload_id)

    def indexes_of(self, payload_ids: Iterable[str]) -> dict[str, int]:
        """The places of those payloads that have one."""
        names = [base64url.decode(each) for each in payload_ids]
        found: dict[str, int] = {}
        for low, high in spans(len(names), _PORTION):
            query = select(EntryRow.payload_id, EntryRow.index).where(
                EntryRow.payload_id.in_(names[low:high])
            )
            rows = self._session.execute(query)
            found.update((base64url.encode(name), index) for name, index in rows)
        return found

    def waiting(self) -> tuple[int, datetime | None]:
        """How many payloads wait in the outbox, and since when the oldest does."""
        query = select(func.count(), func.min(OutboxRow.accepted_at)).select_from(OutboxRow)
        row = self._session.execute(query).one()
        return row[0], row[1]

    # --- Streams and keys ----------------------------------------------------------------------

    def stream(self, stream_id: str) -> list[int]:
        """The indexes of a stream's entries, in the order of `n`."""
        return self.streams([stream_id])[stream_id]

    def streams(self, stream_ids: Iterable[str]) -> dict[str, list[int]]:
        """The indexes of several streams; a stream without entries has an empty list."""
        wanted = list(stream_ids)
        found: dict[str, list[int]] = {each: [] for each in wanted}
        for low, high in spans(len(wanted), _PORTION):
            query = (
                select(EntryStreamRow.stream, EntryStreamRow.index)
                .where(EntryStreamRow.stream.in_(wanted[low:high]))
                .order_by(EntryStreamRow.stream, EntryStreamRow.n)
            )
            for stream, index in self._session.execute(query):
                found[stream].append(index)
        return found

    def key_of(self, actor: bytes) -> RegisteredKey | None:
        """The registered key of an actor."""
        return self.keys_of([actor]).get(actor)

    def keys_of(self, actors: Iterable[bytes]) -> dict[bytes, RegisteredKey]:
        """The registered keys of several actors."""
        wanted = list(actors)
        keys: dict[bytes, RegisteredKey] = {}
        for low, high in spans(len(wanted), _PORTION):
            query = _keys().where(KeyEntryRow.actor.in_(wanted[low:high]))
            rows = self._session.execute(query)
            keys.update((row.actor, _key(row, index)) for row, index in rows)
        return keys

    def keys_of_stream(self, stream_id: str) -> list[RegisteredKey]:
        """The registered keys of a party, by its `org:` stream, in the order of the log."""
        query = _keys().where(KeyEntryRow.stream == stream_id)
        return _in_order(_key(row, index) for row, index in self._session.execute(query))

    def key_entries(self) -> list[RegisteredKey]:
        """All registered keys in the order of the log, those that still wait at the end."""
        return _in_order(_key(row, index) for row, index in self._session.execute(_keys()))

    # --- Tiles ---------------------------------------------------------------------------------

    def tile(self, level: int, number: int, width: int = TILE_WIDTH) -> bytes:
        """The first `width` hashes of a tile of the newest tree; raises `NotInLog`."""
        TilePath(level, number, width)
        first = number * TILE_WIDTH
        if first + width > self.size >> (TILE_HEIGHT * level):
            raise NotInLog(f"no tile {number} of width {width} on level {level}")
        stored = self.full_tiles({(level, number)}).get((level, number))
        if stored is None:
            stored = self.row_hashes(level, first, first + width)
        return b"".join(stored[:width])

    def entry_bundle(self, number: int, width: int = TILE_WIDTH) -> bytes:
        """The first `width` entries of a bundle in the form of C2SP; raises `NotInLog`."""
        TilePath(None, number, width)
        first = number * TILE_WIDTH
        if first + width > self.size:
            raise NotInLog(f"no bundle {number} of width {width}")
        return encode_bundle(self.entry_range(first, first + width))

    # --- Proofs --------------------------------------------------------------------------------

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries, computed from tiles."""
        self._check_size(size)
        nodes = _Nodes(self, perfect_subtrees(0, size), size)
        return range_root(0, size, nodes.node)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The inclusion proof of entry `index` in the tree of `size` (RFC 6962 §2.1.1)."""
        return self.inclusions([index], size)[0]

    def inclusions(self, indexes: Sequence[int], size: int) -> list[list[bytes]]:
        """Inclusion proofs of several entries, with the tiles that they share read once."""
        self._check_size(size)
        for index in indexes:
            if not 0 <= index < size:
                raise NotInLog(f"no entry {index} in the tree of size {size}")
        needed = [
            subtree
            for index in indexes
            for low, high in inclusion_ranges(index, size)
            for subtree in perfect_subtrees(low, high)
        ]
        nodes = _Nodes(self, needed, size)
        return [inclusion_proof(index, size, nodes.node) for index in indexes]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `old` is a prefix of that of `new` (RFC 6962 §2.1.2)."""
        self._check_size(new)
        if not 0 <= old <= new:
            raise NotInLog(f"no tree of size {old} within size {new}")
        needed = [
            subtree
            for low, high in consistency_ranges(old, new)
            for subtree in perfect_subtrees(low, high)
        ]
        return consistency_proof(old, new, _Nodes(self, needed, new).node)

    def proof_bundle(self, indexes: Iterable[int], size: int | None = None) -> ProofBundle:
        """Entries with inclusion proofs to one signed head: the newest, or that of `size`.

        In a handful of SELECTs. Raises `NotInLog` for indexes outside of that head and for sizes
        that were never signed.
        """
        head = self.head(size)
        wanted = sorted(set(indexes))
        proofs = self.inclusions(wanted, head.size)
        entries = self.entries(wanted)
        proved = tuple(
            ProvedEntry(index, entries[index], tuple(proof))
            for index, proof in zip(wanted, proofs, strict=True)
        )
        return ProofBundle(head.size, head.root, head.note, proved)

    def proof_file(self, index: int, size: int | None = None) -> ProofFile:
        """One entry as a proof file (C2SP tlog-proof) that needs neither database nor network."""
        bundle = self.proof_bundle([index], size)
        proved = bundle.entries[0]
        return ProofFile(proved.index, proved.proof, bundle.checkpoint, proved.entry)

    # --- Hashes behind tiles and proofs --------------------------------------------------------

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise NotInLog(f"no tree of size {size}")

    def row_hashes(self, level: int, low: int, high: int) -> list[bytes]:
        """The hashes `low` … `high - 1` of a level, whichever tiles they lie in."""
        hashes = row_hashes(self._session.connection(), level, low, high)
        if len(hashes) != high - low:
            raise LogBroken(f"hashes {low} to {high} of level {level} are not all there")
        return hashes

    def full_tiles(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[bytes]]:
        """The hashes of those tiles `(level, number)` that are full and stored."""
        pairs = sorted(wanted)
        tiles: dict[tuple[int, int], list[bytes]] = {}
        for low, high in spans(len(pairs), _PORTION):
            query = select(TileRow.level, TileRow.number, TileRow.hashes).where(
                tuple_(TileRow.level, TileRow.number).in_(pairs[low:high])
            )
            for row in self._session.execute(query):
                tiles[row.level, row.number] = split_hashes(row.hashes)
        return tiles


class _Nodes:
    """The perfect subtrees that one answer needs, over tiles that were read together.

    A tile that is full in the stored tree is one row. One that is partial there is the rightmost of
    its level, so there is at most one per level.
    """

    def __init__(self, reader: LogReader, needed: Sequence[tuple[int, int]], size: int) -> None:
        wanted = {_tile_of(height, position) for height, position in needed}
        tiles = reader.full_tiles(wanted)
        for level, number in wanted - tiles.keys():
            first = number * TILE_WIDTH
            end = min(first + TILE_WIDTH, size >> (TILE_HEIGHT * level))
            tiles[level, number] = reader.row_hashes(level, first, end)
        self._trees = {tile: LeafList(hashes) for tile, hashes in tiles.items()}

    def node(self, height: int, position: int) -> bytes:
        """The hash of a perfect subtree that was asked for."""
        level, number = _tile_of(height, position)
        above = height - level * TILE_HEIGHT
        within = position - (number << (TILE_HEIGHT - above))
        return self._trees[level, number].node(above, within)


def _tile_of(height: int, position: int) -> tuple[int, int]:
    """The tile whose hashes lie at or below a perfect subtree, and within which it lies whole."""
    level, above = divmod(height, TILE_HEIGHT)
    return level, position >> (TILE_HEIGHT - above)


def _keys() -> Select[KeyEntryRow, int]:
    query = select(KeyEntryRow, EntryRow.index)
    return query.outerjoin(EntryRow, EntryRow.payload_id == KeyEntryRow.payload_id)


def _in_order(keys: Iterable[RegisteredKey]) -> list[RegisteredKey]:
    return sorted(keys, key=lambda key: (key.index is None, key.index or 0))


def _key(key: KeyEntryRow, index: int | None) -> RegisteredKey:
    return RegisteredKey(
        actor=key.actor,
        public_key=key.public_key,
        purpose=key.purpose,
        custody=key.custody,
        stream=key.stream,
        payload_id=base64url.encode(key.payload_id),
        index=index,
    )
