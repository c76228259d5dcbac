"""The Merkle tree of RFC 6962 §2.1 over SHA-256: roots, proofs, and a frontier for appending.

Nouns. A *leaf hash* is `SHA-256(0x00 ‖ entry)`, a *node* `SHA-256(0x01 ‖ left ‖ right)`, the
root of the empty tree `SHA-256("")`. `MTH[lo, hi)` is the root over the leaves `lo` to
`hi-1` of a larger tree. A *perfect* subtree `(height, position)` spans the leaves
`[position · 2^height, (position + 1) · 2^height)`; those are the nodes that a store keeps.

Invariants. Proofs are made here from ranges, recursively as RFC 6962 defines them, and checked by
the iterative algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2, so that the two ends share no reasoning.
Storage is unknown here: whoever wants a proof brings a function from perfect subtree to hash.

Wrong numbers from the program (an index outside of the tree) raise `ValueError`; a proof that
does not hold raises `ProofError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from ledger.errors import ProofError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]
NodeReader = Callable[[int, int], bytes]
"""From `(height, position)` of a perfect subtree to its hash."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf (RFC 6962 §2.1); of a log entry this is its `entry_hash`."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node from the hashes of its two sides (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def split_point(count: int) -> int:
    """The largest power of two below `count` (RFC 6962 §2.1); `count` is at least 2."""
    if count < 2:
        raise ValueError(f"a tree of {count} leaves has no split point")
    return 1 << ((count - 1).bit_length() - 1)


# --- What a proof consists of ------------------------------------------------------------------


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose roots prove leaf `index` in a tree of `size`, from the leaf upwards.

    PATH(m, D[n]) of RFC 6962 §2.1.1. Raises `ValueError` unless `0 <= index < size`.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    ranges: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split_point(high - low)
        if index < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    ranges.reverse()
    return ranges


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose roots prove that the tree of `old` leaves is a prefix of that of `new`.

    PROOF(m, D[n]) of RFC 6962 §2.1.2. From size 0, and from a size to itself, the proof is empty.
    Raises `ValueError` unless `0 <= old <= new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"no proof from size {old} to size {new}")
    if old in (0, new):
        return []
    ranges: list[Range] = []
    low, high, whole = 0, new, True
    while high != old:
        middle = low + split_point(high - low)
        if old <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low, whole = middle, False
    if not whole:
        # Unless [low, high) is the old tree itself, whose root the verifier already has.
        ranges.append((low, high))
    ranges.reverse()
    return ranges


def perfect_subtrees(low: int, high: int) -> list[tuple[int, int]]:
    """The perfect subtrees `(height, position)` that make up `[low, high)`, left to right.

    `[low, high)` must be a range that a tree has: all of a tree, or one side of a split.
    """
    subtrees: list[tuple[int, int]] = []
    while low < high:
        height = (high - low).bit_length() - 1
        if low & ((1 << height) - 1):
            raise ValueError(f"[{low}, {high}) is no subtree")
        subtrees.append((height, low >> height))
        low += 1 << height
    return subtrees


def range_root(low: int, high: int, node: NodeReader) -> bytes:
    """`MTH[low, high)`, from the perfect subtrees that `node` knows; empty ranges included."""
    if low == high:
        return EMPTY_ROOT
    hashes = [node(height, position) for height, position in perfect_subtrees(low, high)]
    return fold(hashes)


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root above perfect subtrees of falling height, joined from the right (RFC 6962 §2.1)."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size`, from the leaf's sibling upwards."""
    return [range_root(low, high, node) for low, high in inclusion_ranges(index, size)]


def consistency_proof(old: int, new: int, node: NodeReader) -> list[bytes]:
    """The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves."""
    return [range_root(low, high, node) for low, high in consistency_ranges(old, new)]


# --- Checking proofs ---------------------------------------------------------------------------


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` (a leaf hash) stands at `index` of the tree with `size` and `root`.

    RFC 9162 §2.1.3.2. Raises `ProofError` saying what failed.
    """
    if not 0 <= index < size:
        raise ProofError(f"index {index} lies outside of a tree of size {size}")
    _refuse_wrong_widths([leaf, root, *proof])
    position, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while position & 1 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the inclusion proof is too short")
    _want_root(found, root)


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree (`old`, `old_root`) is a prefix of the tree (`new`, `new_root`).

    RFC 9162 §2.1.4.2, with the two cases that it leaves open: every tree continues the empty one,
    whose root must be `SHA-256("")` and whose proof is empty; and a size continues itself only
    with the same root and an empty proof. Raises `ProofError`.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a tree of size {new} cannot continue one of size {old}")
    _refuse_wrong_widths([old_root, new_root, *proof])
    for size, root in ((old, old_root), (new, new_root)):
        if size == 0:
            _want_root(EMPTY_ROOT, root)
    if old in (0, new):
        if proof:
            raise ProofError(f"expected an empty proof, got {len(proof)} hashes")
        if old == new:
            _want_root(old_root, new_root)
        return
    _verify_growth(old, new, old_root, new_root, proof)


def _verify_growth(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Steps 2 to 6 of RFC 9162 §2.1.4.2, for `0 < old < new`."""
    # Step 2: when `old` is a power of two its root is the first node of the path.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise ProofError("the consistency proof is empty")
    # Step 3 and 4: skip the levels at which both trees share a right edge.
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    # Step 5 and 6: walk up, building both roots from the same hashes.
    found_old = found_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if position & 1 or position == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while position & 1 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the consistency proof is too short")
    _want_root(found_old, old_root)
    _want_root(found_new, new_root)


def _want_root(found: bytes, wanted: bytes) -> None:
    if found != wanted:
        raise ProofError(f"the proof leads to root {found.hex()}, not {wanted.hex()}")


def _refuse_wrong_widths(hashes: Sequence[bytes]) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise ProofError(f"a hash of {len(each)} bytes where SHA-256 has {HASH_BYTES}")


# --- Appending ---------------------------------------------------------------------------------


class Frontier:
    """The right edge of a growing tree: one hash per one-bit of its size.

    Invariant: `_hashes` are the perfect subtrees of `[0, size)`, left to right. Appending a
    leaf costs one node hash on average, and the root one per hash held.
    """

    __slots__ = ("_hashes", "size")

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self._hashes: list[bytes] = []
        self.size = 0
        self.extend(leaves)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes on the right, one after the other."""
        hashes, size = self._hashes, self.size
        for leaf in leaves:
            node, carry = leaf, size
            while carry & 1:
                node = sha256(b"\x01" + hashes.pop() + node).digest()
                carry >>= 1
            hashes.append(node)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """Root of the leaves appended so far."""
        return fold(self._hashes) if self._hashes else EMPTY_ROOT

    def __iter__(self) -> Iterator[bytes]:
        """The perfect subtrees, left to right."""
        return iter(self._hashes)


class LeafList:
    """A small tree over hashes that are all in memory, such as those of one tile.

    Each perfect subtree is computed once.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels: list[list[bytes]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([node_hash(left, right) for left, right in pairs])

    def node(self, height: int, position: int) -> bytes:
        """The hash of a perfect subtree; `IndexError` where the list has none."""
        return self._levels[height][position]

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves (default: all)."""
        return range_root(0, len(self._levels[0]) if size is None else size, self.node)
