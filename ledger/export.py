"""The log as a folder of static files, in the addresses of C2SP tlog-tiles.

`checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`, and beside them `vkey` with the
verifier key. The folder can be served as it is, or checked by `ecotrace verify --log`.

The head is chosen first and everything is written for its size; the checkpoint comes last and
replaces the old one in one step, so a reader never meets a checkpoint whose tiles are missing. A
folder may be exported into again; one that holds another log's `vkey` is refused (`ExportError`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.errors import ExportError
from ledger.reader import LogReader
from ledger.sequencer import Head
from ledger.tiles import bundles_at, tiles_at


def export_log(
    reader: LogReader,
    folder: Path,
    vkey: str,
    progress: Callable[[int], None] = lambda entries: None,
) -> Head:
    """Write the newest signed tree into `folder`; gives its head.

    `vkey` is one line without a newline; `progress` is told how many entries each step wrote.
    Raises `NotInLog` for an empty log.
    """
    head = reader.head()
    _claim(folder, vkey)
    for bundle in bundles_at(head.size):
        _write(folder / str(bundle), reader.entry_bundle(bundle.number, bundle.width))
        progress(bundle.width)
    for tile in tiles_at(head.size):
        _write(folder / str(tile), reader.tile(tile.level or 0, tile.number, tile.width))
    part = folder / "checkpoint.part"
    part.write_bytes(head.note)
    part.replace(folder / "checkpoint")
    return head


def _claim(folder: Path, vkey: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "vkey"
    line = f"{vkey}\n"
    if file.exists() and file.read_text(encoding="utf-8") != line:
        raise ExportError(f"{folder} holds the export of another log")
    file.write_text(line, encoding="utf-8")


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
