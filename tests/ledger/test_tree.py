"""Roots and proofs, against other people's vectors and exhaustively for small trees."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import ProofError
from ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    LeafList,
    consistency_proof,
    consistency_ranges,
    inclusion_proof,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    perfect_subtrees,
    range_root,
    split_point,
    verify_consistency,
    verify_inclusion,
)

SIZES = range(101)
LEAVES = [leaf_hash(bytes([each])) for each in SIZES]
TREE = LeafList(LEAVES)


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 defines it, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


ROOTS = [naive_root(LEAVES[:size]) for size in SIZES]


def test_known_roots_of_rfc_6962() -> None:
    """The eight-leaf test tree of Certificate Transparency."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves = [leaf_hash(bytes.fromhex(each)) for each in inputs]
    leaves.append(leaf_hash(bytes.fromhex("606162636465666768696a6b6c6d6e6f")))
    wanted = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert LeafList(leaves).root().hex() == wanted
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_every_root_to_100_by_three_ways() -> None:
    frontier = Frontier()
    for size in SIZES:
        assert TREE.root(size) == ROOTS[size]
        assert frontier.root() == ROOTS[size]
        assert Frontier(LEAVES[:size]).root() == ROOTS[size]
        frontier.extend([LEAVES[size]])


def test_every_inclusion_to_100() -> None:
    for size in SIZES:
        for index in range(size):
            proof = inclusion_proof(index, size, TREE.node)
            verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


def test_every_consistency_to_100() -> None:
    for new in SIZES:
        for old in range(new + 1):
            proof = consistency_proof(old, new, TREE.node)
            verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)


def test_no_inclusion_holds_elsewhere() -> None:
    for size in range(1, 20):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE.node)
            for other in range(size):
                if other != index:
                    with pytest.raises(ProofError):
                        verify_inclusion(other, size, LEAVES[index], proof, ROOTS[size])
                    with pytest.raises(ProofError):
                        verify_inclusion(index, size, LEAVES[other], proof, ROOTS[size])


def test_no_altered_proof_holds() -> None:
    for size in range(2, 20):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE.node)
            for altered in alterations(proof):
                with pytest.raises(ProofError):
                    verify_inclusion(index, size, LEAVES[index], altered, ROOTS[size])


def test_no_altered_consistency_holds() -> None:
    for new in range(2, 20):
        for old in range(1, new):
            proof = consistency_proof(old, new, TREE.node)
            for altered in alterations(proof):
                with pytest.raises(ProofError):
                    verify_consistency(old, new, ROOTS[old], ROOTS[new], altered)
            for wrong in (node_hash(ROOTS[old], ROOTS[new]), ROOTS[new]):
                with pytest.raises(ProofError):
                    verify_consistency(old, new, wrong, ROOTS[new], proof)
            with pytest.raises(ProofError):
                verify_consistency(old, new, ROOTS[old], ROOTS[old], proof)


def alterations(proof: list[bytes]) -> list[list[bytes]]:
    """Every hash removed, doubled or with one bit turned, hashes added, and hashes cut."""
    altered = [proof + [LEAVES[0]], [LEAVES[0]] + proof]
    for at, each in enumerate(proof):
        altered.append(proof[:at] + proof[at + 1 :])
        altered.append(proof[: at + 1] + proof[at:])
        altered.append([*proof[:at], bytes([each[0] ^ 1]) + each[1:], *proof[at + 1 :]])
        altered.append([*proof[:at], each[:-1], *proof[at + 1 :]])
    return altered


@pytest.mark.parametrize(
    "old, new, old_root, new_root, proof",
    [
        (0, 0, ROOTS[1], ROOTS[1], []),
        (0, 0, EMPTY_ROOT, EMPTY_ROOT, [ROOTS[1]]),
        (0, 3, ROOTS[1], ROOTS[3], []),
        (0, 3, EMPTY_ROOT, ROOTS[3], [ROOTS[1]]),
        (3, 3, ROOTS[3], ROOTS[2], []),
        (3, 3, ROOTS[3], ROOTS[3], [ROOTS[1]]),
        (3, 2, ROOTS[3], ROOTS[2], []),
        (-1, 2, ROOTS[3], ROOTS[2], []),
        (2, 3, ROOTS[2], ROOTS[3], []),
        (3, 0, ROOTS[3], EMPTY_ROOT, []),
    ],
)
def test_edges_of_consistency_that_are_refused(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(ProofError):
        verify_consistency(old, new, old_root, new_root, proof)


def test_the_empty_tree_is_consistent_with_itself() -> None:
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


@pytest.mark.parametrize("index, size", [(0, 0), (1, 1), (-1, 3), (2**64, 8)])
def test_inclusion_outside_of_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        verify_inclusion(index, size, LEAVES[0], [], LEAVES[0])


def test_wrong_numbers_from_the_program_are_value_errors() -> None:
    for wrong in (
        lambda: inclusion_ranges(3, 3),
        lambda: inclusion_ranges(-1, 3),
        lambda: consistency_ranges(4, 3),
        lambda: consistency_ranges(-1, 3),
        lambda: split_point(1),
        lambda: perfect_subtrees(1, 4),
    ):
        with pytest.raises(ValueError):
            wrong()


def test_range_roots_are_those_of_the_leaves_alone() -> None:
    for low, high in [(0, 0), (0, 100), (64, 96), (96, 100), (8, 12), (99, 100)]:
        assert range_root(low, high, TREE.node) == naive_root(LEAVES[low:high])


# --- Vectors of transparency-dev/merkle (Apache-2.0), read where they lie -----------------------


def cases(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.json"))
    assert found
    return found


def hashes(values: list[str] | None) -> list[bytes]:
    return [b64decode(each) for each in values or []]


def test_inclusion_vectors_of_others(vectors: Path) -> None:
    for file in cases(vectors / "rfc6962" / "inclusion"):
        case = json.loads(file.read_text())

        def check(case: dict[str, object] = case) -> None:
            verify_inclusion(
                int(str(case["leafIdx"])),
                int(str(case["treeSize"])),
                b64decode(str(case["leafHash"] or "")),
                hashes(case["proof"]),  # type: ignore[arg-type]
                b64decode(str(case["root"] or "")),
            )

        expect(file, case["wantErr"], check)


def test_consistency_vectors_of_others(vectors: Path) -> None:
    for file in cases(vectors / "rfc6962" / "consistency"):
        case = json.loads(file.read_text())

        def check(case: dict[str, object] = case) -> None:
            verify_consistency(
                int(str(case["size1"])),
                int(str(case["size2"])),
                b64decode(str(case["root1"])),
                b64decode(str(case["root2"])),
                hashes(case["proof"]),  # type: ignore[arg-type]
            )

        expect(file, case["wantErr"], check)


def expect(file: Path, wanted_error: bool, check: object) -> None:
    assert callable(check)
    try:
        check()
        failed = False
    except ProofError:
        failed = True
    assert failed == wanted_error, file
