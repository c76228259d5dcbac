"""The checker's tree: against the definition, against vectors of others, and grown in any way."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.checker.merkle import (
    EMPTY_ROOT,
    Broken,
    Tree,
    check_growth,
    check_inclusion,
    leaf,
    leaves,
    node,
    pyramid,
)
from ledger.checker.paths import Address, cut, read_address
from tests.ledger.dishonest import bundle, root_of

HASHES = leaves([each.to_bytes(4, "big") for each in range(70_000)])


def grown(size: int) -> Tree:
    tree = Tree()
    for low in range(0, size, 256):
        tree.add(HASHES[low : min(low + 256, size)])
    return tree


def test_hashes_are_those_of_rfc_6962() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node(HASHES[0], HASHES[1]) == root_of(HASHES[:2])
    assert pyramid(HASHES[:5])[1] == [node(*HASHES[:2]), node(*HASHES[2:4])]


def test_every_root_of_every_small_tree() -> None:
    for size in (0, 1, 2, 3, 7, 8, 100, 255, 256, 257, 511, 512, 513, 800):
        tree = grown(size)
        assert tree.size == size
        for earlier in {0, *range(max(0, size - 300), size + 1)}:
            assert tree.root(earlier) == root_of(HASHES[:earlier])
        for wrong in (-1, size + 1):
            with pytest.raises(ValueError):
                tree.root(wrong)


def test_roots_and_tiles_of_three_levels() -> None:
    tree = grown(70_000)
    for size in (70_000, 65_536, 65_535, 65_537, 66_000, 256, 1, 32_768, 40_001):
        assert tree.root(size) == root_of(HASHES[:size])
    assert tree.levels() == 3
    assert [tree.width(level) for level in range(4)] == [70_000, 273, 1, 0]
    assert tree.tile(0, 273) == b"".join(HASHES[273 * 256 :])
    assert tree.tile(1, 0)[:32] == root_of(HASHES[:256]) == tree.tile_root(0, 0)
    assert tree.tile(2, 0) == root_of(HASHES[:65_536]) == tree.tile_root(1, 0)
    assert tree.tile(2, 1) == tree.tile(3, 0) == tree.tile(0, -1) == b""
    assert tree.leaf(69_999) == HASHES[69_999]


def test_nothing_follows_a_bundle_that_is_not_full() -> None:
    tree = grown(255)
    for wrong in (HASHES[:1], HASHES[:256]):
        with pytest.raises(ValueError):
            tree.add(wrong)
    for wrong in ([], HASHES[:257]):
        with pytest.raises(ValueError):
            Tree().add(wrong)


# --- Proofs ------------------------------------------------------------------------------------


def path_of(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1, word for word."""
    if len(hashes) <= 1:
        return []
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if index < k:
        return [*path_of(index, hashes[:k]), root_of(hashes[k:])]
    return [*path_of(index - k, hashes[k:]), root_of(hashes[:k])]


def growth_of(old: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2, word for word."""
    if old == len(hashes):
        return [] if whole else [root_of(hashes)]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    if old <= k:
        return [*growth_of(old, hashes[:k], whole), root_of(hashes[k:])]
    return [*growth_of(old - k, hashes[k:], False), root_of(hashes[:k])]


def altered(proof: list[bytes]) -> list[list[bytes]]:
    others = [[*proof, HASHES[0]], [HASHES[0], *proof], *([proof[:-1]] if proof else [])]
    for at, each in enumerate(proof):
        others.append([*proof[:at], bytes([each[0] ^ 1]) + each[1:], *proof[at + 1 :]])
        others.append([*proof[:at], each[:-1], *proof[at + 1 :]])
    return others


def refused(call: Callable[..., None], *arguments: object) -> None:
    with pytest.raises(Broken):
        call(*arguments)


def test_every_inclusion_in_every_small_tree() -> None:
    for size in range(1, 41):
        root = root_of(HASHES[:size])
        for index in range(size):
            path = path_of(index, HASHES[:size])
            check_inclusion(index, size, HASHES[index], path, root)
            refused(check_inclusion, index, size, HASHES[index + 1], path, root)
            refused(check_inclusion, index, size, HASHES[index], path, HASHES[0][::-1])
            for other in altered(path):
                refused(check_inclusion, index, size, HASHES[index], other, root)
        refused(check_inclusion, size, size, HASHES[0], [], root)
        refused(check_inclusion, -1, size, HASHES[0], [], root)


def test_every_growth_of_every_small_tree() -> None:
    roots = [root_of(HASHES[:size]) for size in range(34)]
    for new in range(34):
        for old in range(new + 1):
            proof = growth_of(old, HASHES[:new]) if old else []
            check_growth(old, new, roots[old], roots[new], proof)
            for other in altered(proof):
                refused(check_growth, old, new, roots[old], roots[new], other)
            if old != new:
                refused(check_growth, old, new, roots[new], roots[new], proof)
                refused(check_growth, new, old, roots[new], roots[old], proof)
            if old > 0:
                refused(check_growth, old, new, roots[old], roots[old - 1], proof)


def hashes(values: list[str] | None) -> list[bytes]:
    return [b64decode(each) for each in values or []]


def test_inclusion_vectors_of_others(vectors: Path) -> None:
    files = sorted((vectors / "rfc6962" / "inclusion").rglob("*.json"))
    assert files
    for file in files:
        case = json.loads(file.read_bytes())
        try:
            check_inclusion(
                case["leafIdx"],
                case["treeSize"],
                b64decode(case["leafHash"] or ""),
                hashes(case["proof"]),
                b64decode(case["root"] or ""),
            )
            failed = False
        except Broken:
            failed = True
        assert failed == case["wantErr"], file


def test_consistency_vectors_of_others(vectors: Path) -> None:
    files = sorted((vectors / "rfc6962" / "consistency").rglob("*.json"))
    assert files
    for file in files:
        case = json.loads(file.read_bytes())
        roots = (b64decode(case["root1"] or ""), b64decode(case["root2"] or ""))
        try:
            check_growth(case["size1"], case["size2"], *roots, hashes(case["proof"]))
            failed = False
        except Broken:
            failed = True
        assert failed == case["wantErr"], file


# --- Files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address, text",
    [
        (Address(0, 1234067, 256), "tile/0/x001/x234/067"),
        (Address(1, 0, 17), "tile/1/000.p/17"),
        (Address(None, 999, 256), "tile/entries/999"),
        (Address(None, 1000, 1), "tile/entries/x001/000.p/1"),
        (Address(63, 0, 255), "tile/63/000.p/255"),
    ],
)
def test_addresses(address: Address, text: str) -> None:
    assert address.text() == text
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/entry/000",
        "tile/0/000/",
        "tile/0/٠٠٠",
        "/tile/0/000",
        "tile/0/000.tmp",
    ],
)
def test_other_spellings_are_no_addresses(text: str) -> None:
    assert read_address(text) is None


def test_bundles_are_cut_where_their_lengths_say() -> None:
    entries = [b"", b"x", b"y" * 65_535, b"z" * 258]
    whole = bundle(entries)
    assert cut(whole) == entries
    assert cut(b"") == []
    for end in range(len(whole)):
        if end not in (0, 2, 5, 5 + 65_537, len(whole)):
            assert cut(whole[:end]) is None
            if end > 100:
                break
    assert cut(whole + b"\0") is None
    assert cut(whole[:-1]) is None
