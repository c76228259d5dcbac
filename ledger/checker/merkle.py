"""The tree of RFC 6962 §2.1 as one who reads the whole log meets it: 256 leaves at a time.

`Tree` keeps the leaf hashes (32 bytes each), the roots of all full tiles, and for every bundle the
*edge* at its start: the roots of the perfect subtrees that make up everything before. So the root
at any earlier size costs a few hashes, which is what heads, `seen` and older checkpoints ask for.
Its tiles are those of C2SP tlog-tiles.

Proofs are checked by taking the definitions of RFC 6962 §2.1.1 and §2.1.2 backwards, from the root
down. `Broken` is raised where a proof does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

WIDTH: Final = 256
HASH: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

_PYRAMIDS_KEPT = 8

Pyramid = list[list[bytes]]
"""The hashes of one tile, the nodes above them level by level, odd ones at the end left out."""


class Broken(ValueError):
    """A proof does not lead where it should."""


def leaf(entry: bytes) -> bytes:
    """The hash of a leaf, which is the entry's hash."""
    return sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def leaves(entries: Sequence[bytes]) -> list[bytes]:
    """`leaf` of each; a comprehension of its own because most of the checker's time is here."""
    digest = sha256
    return [digest(b"\x00" + entry).digest() for entry in entries]


def pyramid(hashes: Sequence[bytes]) -> Pyramid:
    """All nodes above up to 256 hashes whose subtree is complete."""
    digest = sha256
    below = list(hashes)
    rows = [below]
    while len(below) > 1:
        each = iter(below)
        pairs = zip(each, each, strict=False)
        below = [digest(b"\x01" + left + right).digest() for left, right in pairs]
        rows.append(below)
    return rows


def joined(subtrees: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling size, left to right."""
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node(left, root)
    return root


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]


class Tree:
    """All leaves of a log, added bundle by bundle."""

    def __init__(self) -> None:
        self.size = 0
        self._blobs: list[bytes] = []
        self._edges: list[tuple[bytes, ...]] = [()]
        self._rows: list[list[bytes]] = []
        self._pyramids: dict[int, Pyramid] = {}

    def add(self, hashes: list[bytes]) -> bytes:
        """Add the leaves of the next bundle, 256 or, the last time, fewer; gives their tile."""
        if self.size % WIDTH or not 1 <= len(hashes) <= WIDTH:
            raise ValueError(f"{len(hashes)} leaves cannot follow {self.size}")
        tile = b"".join(hashes)
        number = len(self._blobs)
        self._blobs.append(tile)
        self.size += len(hashes)
        rows = self._keep(number, pyramid(hashes))
        if len(hashes) == WIDTH:
            root = rows[-1][0]
            self._edges.append(_extended(self._edges[-1], number, root))
            self._climb(0, root)
        return tile

    def _climb(self, above: int, root: bytes) -> None:
        """Put the root of a full tile into the row above, and on from there when that is full."""
        if above == len(self._rows):
            self._rows.append([])
        row = self._rows[above]
        row.append(root)
        if len(row) % WIDTH == 0:
            self._climb(above + 1, pyramid(row[-WIDTH:])[-1][0])

    def _pyramid(self, number: int) -> Pyramid:
        """The nodes of a tile of level 0; those of the last few are kept."""
        kept = self._pyramids.get(number)
        if kept is not None:
            return kept
        blob = self._blobs[number]
        return self._keep(number, pyramid(_hashes(blob)))

    def _keep(self, number: int, rows: Pyramid) -> Pyramid:
        if len(self._pyramids) >= _PYRAMIDS_KEPT:
            del self._pyramids[next(iter(self._pyramids))]
        self._pyramids[number] = rows
        return rows

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves; `ValueError` when there are not so many."""
        if not 0 <= size <= self.size:
            raise ValueError(f"{size} leaves asked for, {self.size} there")
        number, rest = divmod(size, WIDTH)
        subtrees = list(self._edges[number])
        if rest:
            rows = self._pyramid(number)
            # One perfect subtree for each one-bit, the largest first.
            subtrees += [
                rows[height][(rest >> height) - 1]
                for height in range(rest.bit_length() - 1, -1, -1)
                if rest >> height & 1
            ]
        return joined(subtrees)

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf."""
        number, at = divmod(index, WIDTH)
        return self._blobs[number][at * HASH : (at + 1) * HASH]

    def width(self, level: int) -> int:
        """How many hashes the level of tiles has."""
        if level == 0:
            return self.size
        return len(self._rows[level - 1]) if level <= len(self._rows) else 0

    def levels(self) -> int:
        """How many levels of tiles the tree has."""
        return 0 if not self.size else 1 + len(self._rows)

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile, as many as there are; empty where there is no such tile."""
        first = number * WIDTH
        if not 0 <= first < self.width(level):
            return b""
        if level == 0:
            return self._blobs[number]
        return b"".join(self._rows[level - 1][first : first + WIDTH])

    def tile_root(self, level: int, number: int) -> bytes:
        """The root of a full tile."""
        return self._rows[level][number]


def _extended(edge: tuple[bytes, ...], number: int, root: bytes) -> tuple[bytes, ...]:
    """The edge after full tile `number`: like adding one to a binary number, with carries."""
    subtrees = list(edge)
    while number & 1:
        root = node(subtrees.pop(), root)
        number >>= 1
    return (*subtrees, root)


# --- Proofs ------------------------------------------------------------------------------------


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def root_above(index: int, size: int, found: bytes, path: list[bytes]) -> bytes:
    """The root to which a path leads from leaf hash `found`; takes the path up (§2.1.1).

    The last hash of the path is the sibling just below the root.
    """
    if size == 1:
        if path:
            raise Broken(f"{len(path)} hashes too many")
        return found
    if not path:
        raise Broken("hashes are missing")
    sibling, half = path.pop(), _split(size)
    if index < half:
        return node(root_above(index, half, found, path), sibling)
    return node(sibling, root_above(index - half, size - half, found, path))


def check_inclusion(
    index: int, size: int, found: bytes, path: Sequence[bytes], root: bytes
) -> None:
    """Raise `Broken` unless the leaf hash `found` stands at `index` below `root` of `size`."""
    if not 0 <= index < size:
        raise Broken(f"index {index} in a tree of {size}")
    _check_widths([found, root, *path])
    if root_above(index, size, found, list(path)) != root:
        raise Broken("the path leads to another root")


def check_growth(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `Broken` unless the tree (`old`, `old_root`) is the beginning of (`new`, `new_root`).

    0 continues as anything with an empty proof, and every size as itself with the same root.
    """
    if not 0 <= old <= new:
        raise Broken(f"size {new} does not continue size {old}")
    _check_widths([old_root, new_root, *proof])
    if (old == 0 and old_root != EMPTY_ROOT) or (new == 0 and new_root != EMPTY_ROOT):
        raise Broken("an empty tree has another root")
    if old in (0, new):
        if proof or (old == new and old_root != new_root):
            raise Broken("a tree continues itself by the same root and an empty proof")
        return
    left = list(proof)
    if _grown(old, new, old_root, left) != (old_root, new_root) or left:
        raise Broken("the proof leads to other roots")


def _grown(old: int, new: int, held: bytes | None, proof: list[bytes]) -> tuple[bytes, bytes]:
    """SUBPROOF of RFC 6962 §2.1.2 backwards: both roots; `held` where the verifier has the old."""
    if old == new:
        if held is not None:
            return held, held
        if not proof:
            raise Broken("hashes are missing")
        found = proof.pop()
        return found, found
    if not proof:
        raise Broken("hashes are missing")
    sibling, half = proof.pop(), _split(new)
    if old <= half:
        before, after = _grown(old, half, held, proof)
        return before, node(after, sibling)
    before, after = _grown(old - half, new - half, None, proof)
    return node(sibling, before), node(sibling, after)


def _check_widths(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH for each in hashes):
        raise Broken("a hash has not 32 bytes")
