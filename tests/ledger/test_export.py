"""An exported folder says everything that the log says, and nothing of another log."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import ExportError, NotInLog
from ledger.export import export_log
from ledger.note import open_checkpoint, parse_vkey
from ledger.tiles import bundles_at, decode_bundle, split_hashes, tiles_at
from ledger.tree import LeafList, leaf_hash
from tests.ledger.conftest import ORIGIN, Log


def export(log: Log, folder: Path) -> list[int]:
    steps: list[int] = []
    with log.reader() as reader:
        export_log(reader, folder, log.keys.vkey(), steps.append)
    return steps


def check(folder: Path, size: int) -> None:
    """Everything a stranger has: the folder."""
    verifier = parse_vkey((folder / "vkey").read_text())
    checkpoint = open_checkpoint((folder / "checkpoint").read_bytes(), [verifier], ORIGIN)
    assert checkpoint.size == size
    bundles = [(folder / str(path)).read_bytes() for path in bundles_at(size)]
    entries = [entry for bundle in bundles for entry in decode_bundle(bundle)]
    tree = LeafList([leaf_hash(each) for each in entries])
    assert (len(entries), tree.root()) == (size, checkpoint.root)
    for path in tiles_at(size):
        level, first = path.level or 0, path.number * 256
        hashes = split_hashes((folder / str(path)).read_bytes())
        assert hashes == [tree.node(8 * level, first + each) for each in range(path.width)]


def test_an_export_and_a_later_one_into_the_same_folder(log: Log, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "log"
    assert export(log, folder) == [4]
    check(folder, 4)
    log.grow(300, "lot:a")
    assert export(log, folder) == [256, 48]
    check(folder, 304)
    files = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    assert files == {
        "checkpoint",
        "vkey",
        "tile/0/000",
        "tile/0/000.p/4",
        "tile/0/001.p/48",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/000.p/4",
        "tile/entries/001.p/48",
    }


def test_a_folder_of_another_log_is_refused(log: Log, tmp_path: Path) -> None:
    (tmp_path / "vkey").write_text("log.example/other+00000000+AAAA\n")
    with pytest.raises(ExportError):
        export(log, tmp_path)
    assert [each.name for each in tmp_path.iterdir() if each.is_dir()] == []


def test_an_empty_log_has_nothing_to_export(empty_log: Log, tmp_path: Path) -> None:
    with pytest.raises(NotInLog):
        export(empty_log, tmp_path / "log")
    assert not (tmp_path / "log").exists()
