"""Rebuilding the right edge of the tree from the tables, and checking it against the head.

Needed by a process that has not written before, or after somebody else wrote. Level 0 comes from
the hashes of the last entries, the levels above from the roots of full tiles; at most 255 hashes
are read per level.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.entries.tables import EntryRow, TileRow
from ledger.errors import LogBroken
from ledger.statements import State
from ledger.tiles import TILE_HEIGHT, TILE_WIDTH, RightEdge, levels_of


def load_edge(connection: Connection, state: State) -> RightEdge:
    """The edge of the stored tree; `LogBroken` when it does not give the stored root."""
    rows = [partial_tile(connection, level, state.size) for level in range(levels_of(state.size))]
    try:
        edge = RightEdge(state.size, rows)
    except ValueError as error:
        raise LogBroken(f"hashes are missing at size {state.size}") from error
    if edge.root() != state.root:
        raise LogBroken(f"the tables do not give the root of size {state.size}")
    return edge


def partial_tile(connection: Connection, level: int, size: int) -> list[bytes]:
    """The hashes of the partial tile of `level` in a tree of `size`; possibly none."""
    count = size >> (TILE_HEIGHT * level)
    return row_hashes(connection, level, count - count % TILE_WIDTH, count)


def row_hashes(connection: Connection, level: int, low: int, high: int) -> list[bytes]:
    """The hashes `low` … `high - 1` of one level of tiles, from the level's own source."""
    if low == high:
        return []
    if level == 0:
        entries = select(EntryRow.hash).where(EntryRow.index >= low, EntryRow.index < high)
        return list(connection.scalars(entries.order_by(EntryRow.index)))
    tiles = select(TileRow.root).where(
        TileRow.level == level - 1, TileRow.number >= low, TileRow.number < high
    )
    return list(connection.scalars(tiles.order_by(TileRow.number)))
