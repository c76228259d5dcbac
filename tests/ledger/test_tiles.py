"""Tile addresses, bundles, and the right edge held against a tree built anew for every size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import TileError
from ledger.tiles import (
    TILE_WIDTH,
    FullTile,
    RightEdge,
    TilePath,
    bundles_at,
    decode_bundle,
    encode_bundle,
    levels_of,
    number_path,
    parse_path,
    split_hashes,
    tiles_at,
)
from ledger.tree import EMPTY_ROOT, LeafList, leaf_hash


@pytest.mark.parametrize(
    "number, path",
    [
        (0, "000"),
        (7, "007"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_numbers_in_paths(number: int, path: str) -> None:
    assert number_path(number) == path
    assert parse_path(f"tile/0/{path}") == TilePath(0, number)
    assert parse_path(f"tile/entries/{path}.p/9") == TilePath(None, number, 9)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/x001/1",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p",
        "tile/0/000/",
        "/tile/0/000",
        "tile/entry/000",
        "tile/0/００0",
        "tile/0/000\n",
    ],
)
def test_addresses_that_are_refused(path: str) -> None:
    with pytest.raises(TileError):
        parse_path(path)


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_addresses_come_back(level: int, number: int, width: int) -> None:
    for path in (TilePath(level, number, width), TilePath(None, number, width)):
        assert parse_path(str(path)) == path


def test_the_tree_of_seventy_thousand_of_c2sp() -> None:
    """The example of tlog-tiles, "Partial Tiles"."""
    tiles = list(tiles_at(70_000))
    assert sum(each.level == 0 and each.width == 256 for each in tiles) == 273
    rest = [str(each) for each in tiles if each.level or each.width != 256]
    assert rest == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert [str(each) for each in tiles_at(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert list(tiles_at(0)) == []
    assert [str(each) for each in bundles_at(257)] == ["tile/entries/000", "tile/entries/001.p/1"]


@pytest.mark.parametrize("size, levels", [(0, 0), (1, 1), (255, 1), (256, 2), (65_536, 3)])
def test_levels(size: int, levels: int) -> None:
    assert levels_of(size) == levels
    assert len({each.level for each in tiles_at(size)}) == levels


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries)) == entries


def test_bundles_that_are_refused() -> None:
    whole = encode_bundle([b"abc", b"de"])
    for cut in range(1, len(whole)):
        if cut != 5:
            with pytest.raises(TileError):
                decode_bundle(whole[:cut])
    assert decode_bundle(whole[:5]) == [b"abc"]
    with pytest.raises(TileError):
        decode_bundle(encode_bundle([b""]) * 257)
    with pytest.raises(TileError):
        encode_bundle([bytes(65_536)])
    assert decode_bundle(encode_bundle([bytes(65_535)])) == [bytes(65_535)]


@pytest.mark.parametrize("length", [0, 31, 33, 32 * 257])
def test_tiles_that_are_refused(length: int) -> None:
    with pytest.raises(TileError):
        split_hashes(bytes(length))


# --- The right edge ----------------------------------------------------------------------------

LEAVES = [leaf_hash(each.to_bytes(3, "big")) for each in range(1100)]
TREE = LeafList(LEAVES)


def edge_of(size: int) -> RightEdge:
    """The edge as it would be rebuilt from stored tiles."""
    rows = []
    hashes = LEAVES[:size]
    for _ in range(levels_of(size)):
        full = len(hashes) // TILE_WIDTH
        rows.append(hashes[full * TILE_WIDTH :])
        hashes = [
            LeafList(hashes[at * TILE_WIDTH : (at + 1) * TILE_WIDTH]).root() for at in range(full)
        ]
    return RightEdge(size, rows)


def test_one_by_one_all_sizes() -> None:
    edge = RightEdge()
    assert edge.root() == EMPTY_ROOT
    for size in range(1, len(LEAVES)):
        full = edge.append([LEAVES[size - 1]])
        assert edge.root() == TREE.root(size)
        assert bool(full) == (size % TILE_WIDTH == 0)


@pytest.mark.parametrize("batch", [1, 2, 100, 255, 256, 257, 511, 1000])
def test_batches_of_any_size_give_the_same_tiles(batch: int) -> None:
    edge, full = RightEdge(), []
    for at in range(0, len(LEAVES), batch):
        full += edge.append(LEAVES[at : at + batch])
    assert edge.root() == TREE.root(len(LEAVES))
    assert full == [
        FullTile(
            0,
            number,
            b"".join(LEAVES[number * 256 : (number + 1) * 256]),
            LeafList(LEAVES[number * 256 : (number + 1) * 256]).root(),
        )
        for number in range(4)
    ]


def test_the_level_above_fills_too() -> None:
    leaf = LEAVES[0]
    edge = RightEdge()
    full = edge.append([leaf] * 65_536)
    assert [each.number for each in full if each.level == 0] == list(range(256))
    top = [each for each in full if each.level == 1]
    assert len(top) == 1
    assert top[0].root == edge.root()
    assert edge.append([]) == []


def test_a_rebuilt_edge_goes_on_as_the_old_one() -> None:
    for size in [0, 1, 5, 255, 256, 257, 300, 512, 700, 1023]:
        edge = edge_of(size)
        assert edge.root() == TREE.root(size)
        edge.append(LEAVES[size : size + 50])
        assert edge.root() == TREE.root(size + 50)


@pytest.mark.parametrize(
    "size, rows", [(1, []), (0, [LEAVES[:1]]), (2, [LEAVES[:1]]), (256, [[], []]), (257, [[]])]
)
def test_rows_that_are_no_edge(size: int, rows: list[list[bytes]]) -> None:
    with pytest.raises(ValueError):
        RightEdge(size, rows)
