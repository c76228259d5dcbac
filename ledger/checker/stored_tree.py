"""The tables `tiles` and `heads`, held against the tree over the entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from ledger.checker.encodings import microseconds
from ledger.checker.history import History
from ledger.checker.merkle import HASH, WIDTH, Tree
from ledger.checker.notes import Checkpoint, LogKey, open_checkpoint
from ledger.checker.report import CheckFault, Fault, Findings
from ledger.checker.rows import Row, is_bytes, key_text, rows, same

_TILES = "SELECT level, number, hashes, root FROM tiles ORDER BY level, number"
_HEADS = "SELECT size, root, note, at FROM heads ORDER BY size"

TileKey = tuple[int, int]


# --- tiles -------------------------------------------------------------------------------------


def check_tiles(connection: Connection, tree: Tree, findings: Findings) -> None:
    """Every full tile is there as computed, with its root, and no other row."""
    missing = dict.fromkeys(_full_tiles(tree))
    strange: list[Row] = []
    for row in rows(connection, _TILES):
        key = (row[0], row[1])
        if type(row[0]) is int and type(row[1]) is int and key in missing:
            del missing[key]
            _check_tile(row, tree, findings)
        else:
            strange.append(row)
    _say_strange(strange, list(missing), tree, findings)


def _full_tiles(tree: Tree) -> Iterator[TileKey]:
    for level in range(tree.levels()):
        yield from ((level, number) for number in range(tree.width(level) // WIDTH))


def _check_tile(row: Row, tree: Tree, findings: Findings) -> None:
    level, number, hashes, root = row
    name = key_text(level=level, number=number)
    tile = tree.tile(level, number)
    if not is_bytes(hashes) or len(hashes) != len(tile):
        findings.differs("tiles", "hashes", name, f"{len(tile)} bytes", hashes)
    elif hashes != tile:
        at = next(
            at for at in range(0, len(tile), HASH) if not hashes.startswith(tile[: at + HASH])
        )
        findings.say_row(
            Fault.TILE,
            "tiles",
            "hashes",
            name,
            entry=number * WIDTH + at // HASH if level == 0 else None,
            expected=tile[at : at + HASH],
            found=hashes[at : at + HASH],
        )
    if not same(root, tree.tile_root(level, number)):
        findings.differs("tiles", "root", name, tree.tile_root(level, number), root)


def _say_strange(
    strange: list[Row], missing: list[TileKey], tree: Tree, findings: Findings
) -> None:
    """Rows without a tile and tiles without a row; where they are the same one, say so."""
    for row in strange:
        name = key_text(level=row[0], number=row[1])
        moved = [key for key in missing if tree.tile(*key) == row[2]]
        if not moved:
            findings.say_row(Fault.ROW_UNEXPECTED, "tiles", "number", name)
            continue
        missing.remove(moved[0])
        for column, wanted, found in zip(("level", "number"), moved[0], row, strict=False):
            if not same(found, wanted):
                findings.differs("tiles", column, name, wanted, found)
    for level, number in missing:
        name = key_text(level=level, number=number)
        findings.say_row(Fault.ROW_MISSING, "tiles", "number", name)


# --- heads -------------------------------------------------------------------------------------


def check_heads(
    connection: Connection,
    keys: list[LogKey],
    tree: Tree,
    history: History,
    findings: Findings,
) -> None:
    """Each head by itself, and that together they cover all entries and all that signers saw."""
    sizes: set[object] = set()
    for row in rows(connection, _HEADS):
        sizes.add(row[0])
        said = _open(row, keys, findings)
        if said is not None:
            _check_columns(row, said, history, findings)
            _check_tree(row, said, tree, history, findings)
    wanted = {*history.seen_sizes, *([tree.size] if tree.size else [])}
    for size in sorted(wanted - sizes):
        fault = Fault.UNCOVERED if size == tree.size else Fault.ROW_MISSING
        name = key_text(size=size)
        findings.say_row(fault, "heads", "size", name, expected=size)


def _open(row: Row, keys: list[LogKey], findings: Findings) -> Checkpoint | None:
    """The signed checkpoint of a head; says what is wrong with the note."""
    note = row[2] if isinstance(row[2], bytes) else b""
    try:
        return open_checkpoint(note, keys)
    except CheckFault as fault:
        name = key_text(size=row[0])
        findings.add(replace(fault.difference, table="heads", column="note", row=name))
        return None


def _check_columns(row: Row, said: Checkpoint, history: History, findings: Findings) -> None:
    """The note is signed, so it is what the other columns have to repeat."""
    size, root, _, at = row
    name = key_text(size=size)
    if said.origin != history.origin:
        findings.differs("heads", "note", name, history.origin, said.origin)
    if not same(size, said.size):
        findings.differs("heads", "size", name, said.size, size)
    if not same(root, said.root):
        findings.differs("heads", "root", name, said.root, root)
    moment = moment_of(history, said.size)
    if moment is not None and not same(at, moment):
        findings.differs("heads", "at", name, moment, at)


def _check_tree(
    row: Row, said: Checkpoint, tree: Tree, history: History, findings: Findings
) -> None:
    """What was signed is the tree of the first entries, and parts no operation."""
    name = key_text(size=row[0])
    if not 0 < said.size <= tree.size:
        findings.differs("heads", "note", name, f"1…{tree.size}", said.size)
        return
    root = tree.root(said.size)
    if root != said.root:
        findings.say_row(Fault.ROOT, "heads", "note", name, expected=root, found=said.root)
    if said.size in history.splits:
        findings.say_row(Fault.SPLIT, "heads", "note", name, found=said.size)


def moment_of(history: History, size: int) -> int | None:
    """The microseconds of `at` of the last of so many entries; None where none could be read."""
    at = history.at(size - 1)
    return microseconds(at) if at else None
