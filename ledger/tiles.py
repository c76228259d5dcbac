"""Tiles and entry bundles: the tree and its leaves as static files (C2SP tlog-tiles).

A *tile* `(level, number)` is up to 256 hashes of 32 bytes: at level 0 the leaf hashes
`256·number …`, above it the roots of full tiles one level below. Full tiles never change. A
*partial* tile is the rightmost one of its level in a tree of some size; only full tiles are hashed
into the level above. An *entry bundle* is the same span of entries, each behind its length as
uint16, big-endian.

Addresses, relative to the log::

    tile/0/x001/x234/067          full tile 1234067 of level 0
    tile/1/000.p/17               partial tile of 17 hashes
    tile/entries/x001/x234/067    full bundle

Malformed addresses and bundles raise `TileError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import TileError
from ledger.tree import EMPTY_ROOT, HASH_BYTES, Frontier, fold

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
LEVEL_MAX: Final = 63
ENTRY_BYTES_MAX: Final = 0xFFFF
"""What the length prefix of a bundle can say; the log's own limit is lower."""

_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True)
class TilePath:
    """One address. `level` is None for an entry bundle, `width` 256 for a full tile."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= LEVEL_MAX:
            raise TileError(f"no tile level {self.level}")
        if self.number < 0 or not 1 <= self.width <= TILE_WIDTH:
            raise TileError(f"no tile {self.number} of width {self.width}")

    def __str__(self) -> str:
        """The address, relative to the log and without a leading slash."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"


def number_path(number: int) -> str:
    """`1234067` → `x001/x234/067`."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def parse_path(path: str) -> TilePath:
    """Read an address as `str(TilePath)` writes it; any other spelling is refused."""
    matched = _PATH.fullmatch(path)
    if matched is None:
        raise TileError(f"{path!r} is no tile address")
    level, groups, width = matched.groups()
    parsed = TilePath(
        None if level == "entries" else int(level),
        int(groups.replace("x", "").replace("/", "")),
        TILE_WIDTH if width is None else int(width),
    )
    if str(parsed) != path:
        raise TileError(f"{path!r} is written {parsed}")
    return parsed


def tiles_at(size: int) -> Iterator[TilePath]:
    """Every tile of a tree of `size` leaves, full and partial, from level 0 upwards."""
    level, count = 0, size
    while count:
        yield from _row(level, count)
        level, count = level + 1, count >> TILE_HEIGHT


def bundles_at(size: int) -> Iterator[TilePath]:
    """Every entry bundle of a log of `size` entries."""
    yield from _row(None, size)


def _row(level: int | None, count: int) -> Iterator[TilePath]:
    full, rest = divmod(count, TILE_WIDTH)
    for number in range(full):
        yield TilePath(level, number)
    if rest:
        yield TilePath(level, full, rest)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries behind their lengths; `TileError` where one is over 65,535 bytes."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise TileError(f"an entry of {len(entry)} bytes does not fit into a bundle")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; `TileError` when it is cut or holds more than 256."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            raise TileError("the entry bundle is cut short")
        entries.append(bundle[start:at])
    if len(entries) > TILE_WIDTH:
        raise TileError(f"a bundle of {len(entries)} entries")
    return entries


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile; `TileError` unless it holds 1 to 256 whole ones."""
    count, rest = divmod(len(tile), HASH_BYTES)
    if rest or not 1 <= count <= TILE_WIDTH:
        raise TileError(f"a tile of {len(tile)} bytes")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


# --- The right edge, for appending -------------------------------------------------------------


@dataclass(frozen=True)
class FullTile:
    """A tile that has just become full; `root` is its hash in the level above."""

    level: int
    number: int
    hashes: bytes
    root: bytes


class _Level:
    """The partial tile of one level: its hashes and the little tree above them."""

    __slots__ = ("frontier", "hashes", "number")

    def __init__(self, number: int, hashes: Sequence[bytes]) -> None:
        self.number = number
        self.hashes = list(hashes)
        self.frontier = Frontier(hashes)


class RightEdge:
    """The unfinished tiles of a tree, kept in memory by whoever appends.

    Invariant: level `l` holds the last `size // 256^l mod 256` hashes of its row; a tile that
    fills up leaves the edge, and its root enters the level above. So an append costs one node
    hash on average, and nothing is ever read back.
    """

    __slots__ = ("_levels", "size")

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        """`rows[l]` are the hashes of the partial tile of level `l`, possibly none."""
        counts = [size >> (TILE_HEIGHT * level) for level in range(len(rows))]
        if size >> (TILE_HEIGHT * len(rows)) or any(
            len(row) != count % TILE_WIDTH for row, count in zip(rows, counts, strict=True)
        ):
            raise ValueError(f"these rows are not the right edge of a tree of {size}")
        self.size = size
        self._levels = [
            _Level(count >> TILE_HEIGHT, row) for row, count in zip(rows, counts, strict=True)
        ]

    def append(self, leaves: Sequence[bytes]) -> list[FullTile]:
        """Add leaf hashes on the right; gives the tiles that became full, lower levels first."""
        full = self._append(0, leaves)
        self.size += len(leaves)
        return full

    def _append(self, number: int, hashes: Sequence[bytes]) -> list[FullTile]:
        if not hashes:
            return []
        if number == len(self._levels):
            self._levels.append(_Level(0, ()))
        full: list[FullTile] = []
        level, at = self._levels[number], 0
        while at < len(hashes):
            taken = hashes[at : at + TILE_WIDTH - len(level.hashes)]
            at += len(taken)
            level.hashes.extend(taken)
            level.frontier.extend(taken)
            if len(level.hashes) == TILE_WIDTH:
                full.append(
                    FullTile(number, level.number, b"".join(level.hashes), level.frontier.root())
                )
                level = self._levels[number] = _Level(level.number + 1, ())
        return full + self._append(number + 1, [each.root for each in full])

    def root(self) -> bytes:
        """Root of the whole tree, from the highest level down to the leaves."""
        hashes = [each for level in reversed(self._levels) for each in level.frontier]
        return fold(hashes) if hashes else EMPTY_ROOT


def levels_of(size: int) -> int:
    """How many levels of tiles a tree of `size` leaves has."""
    return -(-size.bit_length() // TILE_HEIGHT)
