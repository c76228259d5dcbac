"""An exported log: a folder of `checkpoint`, `tile/…`, `tile/entries/…` and `vkey`.

The steps of `check_export`:

 1. the verifier key: the one that was given, or that of the folder
 2. the checkpoint: its signature, origin, size and root
 3. bundle by bundle: cut it, hash its entries, hold the hashes against the tile of level 0
 4. the entries themselves and the rules between them (`history`), or only their `prev`
 5. every tile of every level above
 6. the root, the checkpoint's key, operations cut by the size, checkpoints held from before
 7. files that the log has no place for; older partial files must agree with the newer ones

Where a bundle is missing or broken, the hashes of its tile stand in, so that what lies behind can
still be checked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Final

from ledger.checker.encodings import hash_texts, many_hashes
from ledger.checker.history import History
from ledger.checker.merkle import HASH, WIDTH, Tree, leaves
from ledger.checker.notes import NOTE_MAX, Checkpoint, LogKey, open_checkpoint, read_vkey
from ledger.checker.paths import BUNDLE_MAX, TILE_MAX, Address, cut, read_address
from ledger.checker.report import CheckFault, Difference, Fault, Findings, Report

Progress = Callable[[int], None]
Files = dict[tuple[int | None, int], list[int]]
"""The widths in which a tile, or with level None a bundle, lies in the folder."""

_SEQ = b',"seq":{"at":"'
_TO_INDEX: Final = len(_SEQ) + len('YYYY-MM-DDThh:mm:ss.ffffffZ","index":')
_TO_PREV: Final = len(',"prev":"')


def check_export(
    folder: Path,
    vkey: str | None = None,
    *,
    entries: bool = True,
    signatures: bool = True,
    held: Sequence[bytes] = (),
    progress: Progress = lambda entries: None,
) -> Report:
    """Check an exported log from end to end; never raises for what it finds.

    `vkey` is the verifier key that the caller holds from elsewhere; without it the folder's own is
    taken, and the report says so. `held` are checkpoints from before, signed by the same key.
    `entries` False takes the bytes of entries as given: `prev`, tree, tiles and checkpoint only.
    `signatures` False leaves out the signatures of actors. `progress` is told how many entries
    each step has checked.
    """
    started = perf_counter()
    check = _ExportCheck(folder, vkey, held, entries, entries and signatures, progress)
    check.run()
    return check.report(perf_counter() - started)


def tree_and_chain(bundles: Iterable[bytes], tree: Tree | None = None) -> tuple[Tree, list[int]]:
    """The tree over the entries of bundles, and the indexes at which the chain of `prev` breaks.

    Entry bytes are taken as given. `ValueError` for a bundle that cannot be cut, or that is not
    full although others follow it.
    """
    grown = Tree() if tree is None else tree
    broken: list[int] = []
    before = bytes(HASH)
    for bundle in bundles:
        entries, first = cut(bundle), grown.size
        if not entries:
            raise ValueError(f"the bundle of entry {first} cannot be cut")
        hashes = leaves(entries)
        broken += breaks(first, entries, [before, *hashes[:-1]])
        grown.add(hashes)
        before = hashes[-1]
    return grown, broken


def breaks(first: int, entries: Sequence[bytes], before: Sequence[bytes]) -> list[int]:
    """The indexes of those entries whose `prev` is not the hash given for the entry before."""
    wanted, found = many_hashes(before), _prevs(first, entries)
    if b"A".join(found) + b"A" == wanted:
        return []
    spelled = [wanted[at : at + 43] for at in range(0, len(wanted), 44)]
    pairs = zip(spelled, found, strict=True)
    return [first + offset for offset, (text, prev) in enumerate(pairs) if text != prev]


def _prevs(first: int, entries: Sequence[bytes]) -> list[bytes]:
    """The text of `prev` in each entry.

    It is found from the last `seq` in the bytes, which is the entry's own: behind it stand no
    texts but ids, hashes and the signature.
    """
    ten = 10 ** len(str(first))
    if first + len(entries) > ten:
        longer = ten - first
        return _prevs(first, entries[:longer]) + _prevs(ten, entries[longer:])
    seq, step = _SEQ, _TO_INDEX + len(str(first)) + _TO_PREV
    return [entry[(at := entry.rfind(seq) + step) : at + 43] for entry in entries]


class _ExportCheck:
    """One run over one folder."""

    def __init__(
        self,
        folder: Path,
        vkey: str | None,
        held: Sequence[bytes],
        entries: bool,
        signatures: bool,
        progress: Progress,
    ) -> None:
        self.findings = Findings()
        self.tree = Tree()
        self._folder = folder
        self._vkey = vkey
        self._held = held
        self._entries = entries
        self._signatures = signatures
        self._progress = progress
        self._file = ""
        self._before = bytes(HASH)
        self._checkpoint: Checkpoint | None = None
        self._history = History("", self.tree.root, self._place, signatures=signatures)

    def run(self) -> None:
        """Steps 1 to 7."""
        key = self._find_key()
        if key is None:
            return
        checkpoint = self._checkpoint = self._find_checkpoint(key)
        if checkpoint is None:
            return
        self._history.origin = checkpoint.origin
        files = self._list_files(checkpoint.size)
        for number in self._numbers(files, checkpoint.size):
            self._check_bundle(files, number, min(WIDTH, checkpoint.size - number * WIDTH))
        if self.tree.size == checkpoint.size:
            self._check_tiles(files)
            self._check_end(key, checkpoint)

    def report(self, seconds: float) -> Report:
        """What was found."""
        origin = self._checkpoint.origin if self._checkpoint else None
        return Report(
            origin=origin,
            size=self.tree.size,
            root=self.tree.root(self.tree.size) if self._checkpoint else None,
            differences=tuple(self.findings.listed),
            count=self.findings.count,
            own_key=self._vkey is None,
            signatures=self._signatures,
            seconds=seconds,
        )

    # --- Key and checkpoint --------------------------------------------------------------------

    def _find_key(self) -> LogKey | None:
        """Step 1. A given key rules; the folder's own must be the same."""
        own = self._read("vkey", NOTE_MAX)
        line = own.decode("utf-8", "replace") if own is not None else None
        try:
            # The file ends in a newline, a line that somebody hands us may.
            if line is not None and not line.endswith("\n"):
                raise CheckFault(Fault.VKEY_MALFORMED, found=line)
            found = read_vkey(line[:-1]) if line is not None else None
        except CheckFault as fault:
            self._add(fault, "vkey")
            found = None
        if self._vkey is None:
            return found
        try:
            given = read_vkey(self._vkey.removesuffix("\n"))
        except CheckFault as fault:
            self._add(fault, None)
            return None
        if found is not None and found != given:
            self.findings.say(Fault.VKEY_DIFFERS, file="vkey", expected=self._vkey, found=line)
        return given

    def _find_checkpoint(self, key: LogKey) -> Checkpoint | None:
        """Step 2."""
        note = self._read("checkpoint", NOTE_MAX)
        if note is None:
            return None
        try:
            checkpoint = open_checkpoint(note, [key])
        except CheckFault as fault:
            self._add(fault, "checkpoint")
            return None
        if checkpoint.origin != key.name:
            self.findings.say(
                Fault.CHECKPOINT_ORIGIN,
                file="checkpoint",
                expected=key.name,
                found=checkpoint.origin,
            )
        return checkpoint

    # --- Bundles -------------------------------------------------------------------------------

    def _numbers(self, files: Files, size: int) -> range:
        """The numbers of the bundles to be read.

        A size is only a claim: where the last bundles are all absent, that is said once.
        """
        wanted = -(-size // WIDTH)
        present = [number for level, number in files if level is None]
        # One file with a large number does not make us count up to it.
        last = min(wanted, max(present, default=-1) + 1, 2 * len(present) + 1)
        if last < wanted:
            missing = Address(None, last, min(WIDTH, size - last * WIDTH)).text()
            self.findings.say(Fault.MISSING, file=missing, expected=size, found=last * WIDTH)
        return range(last)

    def _check_bundle(self, files: Files, number: int, width: int) -> None:
        """Steps 3 and 4 for one bundle."""
        first = number * WIDTH
        stored = self._read(Address(0, number, width).text(), TILE_MAX)
        self._file = Address(None, number, width).text()
        bundle = self._read(self._file, BUNDLE_MAX)
        entries = self._cut(bundle, width)
        hashes = leaves(entries)
        tile = self.tree.add([*hashes, *_stand_ins(stored, len(hashes), width)])
        if stored is not None:
            self._compare_tile(Address(0, number, width), tile, stored)
        if bundle is not None:
            self._check_older(files, number, width, bundle, entries)
        if self._entries:
            self._history.take(first, entries, hash_texts(hashes))
            if len(entries) < width:
                self._history.gap()
        elif entries:
            self._check_chain(first, entries, hashes)
        self._before = tile[-HASH:]
        self._progress(len(entries))

    def _cut(self, bundle: bytes | None, width: int) -> list[bytes]:
        """The entries of a bundle, as many as it should have at most."""
        if bundle is None:
            return []
        entries = cut(bundle)
        if entries is None:
            self.findings.say(Fault.BUNDLE, file=self._file)
            return []
        if len(entries) != width:
            found = len(entries)
            self.findings.say(Fault.BUNDLE_COUNT, file=self._file, expected=width, found=found)
        return entries[:width]

    def _check_chain(self, first: int, entries: list[bytes], hashes: list[bytes]) -> None:
        """`prev` alone, where the bytes of the entries are taken as given."""
        for index in breaks(first, entries, [self._before, *hashes[:-1]]):
            self.findings.say(Fault.PREV, entry=index, file=self._file)

    def _check_older(
        self,
        files: Files,
        number: int,
        width: int,
        bundle: bytes,
        entries: list[bytes],
    ) -> None:
        """Step 7 for bundles: an older partial one is the beginning of the newer one."""
        for older in self._older(files, None, number, width):
            end = sum(2 + len(entry) for entry in entries[: older.width])
            if self._read(older.text(), BUNDLE_MAX) not in (None, bundle[:end]):
                self.findings.say(Fault.PARTIAL, file=older.text())

    # --- Tiles ---------------------------------------------------------------------------------

    def _check_tiles(self, files: Files) -> None:
        """Steps 5 and 7 for tiles; those of level 0 have been compared, but not the older ones."""
        for level in range(self.tree.levels()):
            for number in range(-(-self.tree.width(level) // WIDTH)):
                tile = self.tree.tile(level, number)
                address = Address(level, number, len(tile) // HASH)
                if level:
                    stored = self._read(address.text(), TILE_MAX)
                    if stored is not None:
                        self._compare_tile(address, tile, stored)
                for older in self._older(files, level, number, address.width):
                    if self._read(older.text(), TILE_MAX) not in (None, tile[: older.width * HASH]):
                        self.findings.say(Fault.PARTIAL, file=older.text())

    def _compare_tile(self, address: Address, tile: bytes, stored: bytes) -> None:
        """Name each hash of a stored tile that is not that of the tree."""
        if stored == tile:
            return
        for at in range(0, max(len(tile), len(stored)), HASH):
            wanted, found = tile[at : at + HASH], stored[at : at + HASH]
            if wanted != found:
                index = (address.number * WIDTH + at // HASH) if address.level == 0 else None
                self.findings.say(
                    Fault.TILE, entry=index, file=address.text(), expected=wanted, found=found
                )

    # --- The end -------------------------------------------------------------------------------

    def _check_end(self, key: LogKey, checkpoint: Checkpoint) -> None:
        """Step 6."""
        root = self.tree.root(checkpoint.size)
        if root != checkpoint.root:
            found = checkpoint.root
            self.findings.say(Fault.ROOT, file="checkpoint", expected=root, found=found)
        for note in self._held:
            self._check_held(key, note)
        if self._entries:
            self._file = "checkpoint"
            self._history.end(checkpoint.size)
            if key.public_key not in self._history.keys.of_checkpoints():
                self.findings.say(Fault.CHECKPOINT_KEY, file="checkpoint", found=key.public_key)

    def _check_held(self, key: LogKey, note: bytes) -> None:
        """A checkpoint from before is of a tree that this one continues."""
        try:
            earlier = open_checkpoint(note, [key])
        except CheckFault as fault:
            self._add(fault, None)
            return
        found = self.tree.root(earlier.size) if earlier.size <= self.tree.size else None
        if found != earlier.root:
            self.findings.say(
                Fault.FORKED,
                file="checkpoint",
                expected=f"{earlier.size} {earlier.root.hex()}",
                found=found if found is not None else self.tree.size,
            )

    # --- Files ---------------------------------------------------------------------------------

    def _list_files(self, size: int) -> Files:
        """All tiles and bundles; says which files have no place in a log of `size`."""
        files: Files = {}
        for path in _walk(self._folder):
            address = read_address(path)
            if address is None or not _fits(address, size):
                # A name may be any bytes; what is said about it has to be text.
                name = os.fsencode(path).decode("utf-8", "backslashreplace")
                self.findings.say(Fault.FILE_UNEXPECTED, file=name)
            else:
                files.setdefault((address.level, address.number), []).append(address.width)
        return files

    @staticmethod
    def _older(files: Files, level: int | None, number: int, width: int) -> Iterator[Address]:
        """The narrower files of the same tile or bundle that lie in the folder."""
        for narrower in files.get((level, number), ()):
            if narrower < width:
                yield Address(level, number, narrower)

    def _read(self, path: str, most: int) -> bytes | None:
        """A file of the folder, or None after saying why not; `most` is in bytes."""
        try:
            with open(f"{self._folder}{os.sep}{path}", "rb", buffering=0) as file:
                # A buffer of the size that is allowed would cost more than reading what is there.
                size = os.fstat(file.fileno()).st_size
                content = file.read(min(size, most) + 1)
        except OSError:
            self.findings.say(Fault.FILE_MISSING, file=path)
            return None
        if len(content) > most:
            self.findings.say(Fault.FILE_TOO_LARGE, file=path, expected=most)
            return None
        return content

    def _place(self, difference: Difference) -> None:
        """Take what `history` says about an entry of the bundle at hand."""
        self.findings.add(replace(difference, file=self._file))

    def _add(self, fault: CheckFault, file: str | None) -> None:
        self.findings.add(replace(fault.difference, file=file))


def _walk(folder: Path) -> Iterator[str]:
    """The addresses of all files below `tile`, whatever they are, in a settled order."""
    # Every log of some size has tens of thousands; with Path objects the list would take as long
    # to make as a tenth of the whole check.
    start = len(f"{folder}{os.sep}")
    for above, folders, names in os.walk(f"{folder}{os.sep}tile"):
        folders.sort()
        place = above[start:].replace(os.sep, "/")
        yield from [f"{place}/{name}" for name in sorted(names)]


def _fits(address: Address, size: int) -> bool:
    """Whether a log of so many entries has, or once had, a file at the address."""
    row = size >> (8 * address.level) if address.level is not None else size
    return address.number * WIDTH + address.width <= row


def _stand_ins(stored: bytes | None, have: int, width: int) -> list[bytes]:
    """Hashes for entries that are missing: those of the stored tile, or zeros."""
    if have == width:
        return []
    tile = stored if stored is not None and len(stored) == width * HASH else bytes(width * HASH)
    return [tile[at * HASH : (at + 1) * HASH] for at in range(have, width)]
