"""A proof file by itself: one entry, its place, a signed checkpoint (C2SP tlog-proof).

The steps of `check_proof_file` (`docs/log-format.md`, "One fact", steps 1 to 3):

 1. the file's form: first line, `extra` with the entry, `index`, hashes, empty line, checkpoint
 2. the checkpoint's signature by the given key, and its origin
 3. the entry's hash, index and path lead to the checkpoint's root
 4. the entry read strictly; its own `index` is the one proved and its `origin` the log's

The actor's signature is not checked: the key stands in another entry. `Proved.actor` names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.checker.encodings import from_base64, to_base64url
from ledger.checker.entry import PAYLOAD_PREFIX, read_entry
from ledger.checker.merkle import HASH, Broken, check_inclusion, leaf
from ledger.checker.notes import open_checkpoint, read_vkey
from ledger.checker.report import CheckFault, Fault

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
FILE_MAX: Final = 1 << 18
_PATH_MAX = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class Proved:
    """An entry that stands at `index` of the signed tree of `size` and `root` of log `origin`.

    `payload_id` is its name in base64url, `payload` what its actor states, `at` when the log says
    that it took it; `checkpoint` is the signed note.
    """

    origin: str
    size: int
    root: bytes
    index: int
    entry: bytes
    payload_id: str
    payload: Mapping[str, Any]
    at: str
    checkpoint: bytes

    @property
    def actor(self) -> str:
        """The SHA-256 of the public key that signed the payload, in base64url."""
        return str(self.payload["actor"])


def check_proof_file(file: bytes, vkey: str) -> Proved:
    """Check a proof file with a verifier key held from elsewhere; `CheckFault` if it fails."""
    key = read_vkey(vkey.removesuffix("\n"))
    index, path, entry, note = _read(file)
    checkpoint = open_checkpoint(note, [key])
    if checkpoint.origin != key.name:
        raise CheckFault(Fault.CHECKPOINT_ORIGIN, None, key.name, checkpoint.origin)
    try:
        check_inclusion(index, checkpoint.size, leaf(entry), path, checkpoint.root)
    except Broken as error:
        raise CheckFault(Fault.INCLUSION, found=str(error)) from error
    value, payload_bytes = read_entry(entry)
    payload, seq = value["payload"], value["seq"]
    if seq["index"] != index:
        raise CheckFault(Fault.INDEX, "/seq/index", str(index), str(seq["index"]))
    if payload["origin"] != checkpoint.origin:
        raise CheckFault(Fault.ORIGIN, "/payload/origin", checkpoint.origin, payload["origin"])
    name = to_base64url(sha256(PAYLOAD_PREFIX + payload_bytes).digest())
    size, root = checkpoint.size, checkpoint.root
    return Proved(checkpoint.origin, size, root, index, entry, name, payload, seq["at"], note)


def _read(file: bytes) -> tuple[int, list[bytes], bytes, bytes]:
    """Index, path, entry and checkpoint of a file of the right form."""
    head, blank, note = file.partition(b"\n\n")
    if len(file) > FILE_MAX or not blank:
        raise CheckFault(Fault.PROOF_MALFORMED)
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise CheckFault(Fault.PROOF_MALFORMED) from error
    if first != FIRST_LINE:
        raise CheckFault(Fault.PROOF_MALFORMED, None, FIRST_LINE, first)
    if not lines or not lines[0].startswith("extra "):
        raise CheckFault(Fault.PROOF_WITHOUT_ENTRY)
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if index is None:
        raise CheckFault(Fault.PROOF_MALFORMED, None, "index N")
    entry, *path = [_decoded(text) for text in (lines[0].removeprefix("extra "), *lines[2:])]
    if len(path) > _PATH_MAX or any(len(each) != HASH for each in path):
        raise CheckFault(Fault.PROOF_MALFORMED, found=f"{len(path)} hashes")
    return int(index[1]), path, entry, note


def _decoded(text: str) -> bytes:
    try:
        return from_base64(text)
    except ValueError as error:
        raise CheckFault(Fault.PROOF_MALFORMED, found=text) from error
