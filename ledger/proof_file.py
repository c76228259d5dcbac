"""Proof files: entry, inclusion proof and checkpoint, checked off-line (C2SP tlog-proof).

::

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry bytes>
    index 7
    <base64 hash of the leaf's sibling>
    <base64 hash … up to the root's child>

    example.com/log
    9
    <base64 root>

    — example.com/log <base64>

The extra line is opaque to C2SP; ours carries the entry bytes, so that the file needs no other.
It proves nothing by itself: the hash of those bytes must lead to the signed root. A file ends in
`.tlog-proof`.

`parse` refuses every spelling but the one that `text` writes; `verify` is what a reader asks
for. Both raise `ProofError` or `NoteError`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.errors import NoteError, ProofError
from ledger.note import Checkpoint, Verifier, open_checkpoint, strict_base64
from ledger.tree import HASH_BYTES, leaf_hash, verify_inclusion

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
PROOF_BYTES_MAX: Final = 1 << 18
_HASHES_MAX: Final = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class ProofFile:
    """A tlog-proof: `checkpoint` is the signed note as published, `extra` the entry bytes."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None

    def text(self) -> bytes:
        """The file's bytes."""
        lines = [FIRST_LINE]
        if self.extra is not None:
            lines.append(f"extra {_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(_base64(each) for each in self.proof)
        return ("\n".join(lines) + "\n\n").encode() + self.checkpoint


def parse(file: bytes) -> ProofFile:
    """Read a proof file without trusting it; `ProofError` when malformed."""
    if len(file) > PROOF_BYTES_MAX:
        raise ProofError(f"a proof file of {len(file)} bytes is over {PROOF_BYTES_MAX}")
    head, blank, checkpoint = file.partition(b"\n\n")
    if not blank:
        raise ProofError("no empty line before the checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ProofError("the lines before the checkpoint are ASCII") from error
    parsed = _from_lines(lines, checkpoint)
    if parsed.text() != file:
        raise ProofError("not the canonical spelling of a proof file")
    return parsed


def _from_lines(lines: list[str], checkpoint: bytes) -> ProofFile:
    if lines[0] != FIRST_LINE:
        raise ProofError(f"a proof file begins with {FIRST_LINE}")
    rest = lines[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = _decode(rest.pop(0).removeprefix("extra "))
    matched = _INDEX.fullmatch(rest[0]) if rest else None
    if matched is None:
        raise ProofError("the index line is missing")
    proof = tuple(_decode(each) for each in rest[1:])
    if len(proof) > _HASHES_MAX or any(len(each) != HASH_BYTES for each in proof):
        raise ProofError("a proof is at most 63 hashes of 32 bytes")
    return ProofFile(int(matched[1]), proof, checkpoint, extra)


def verify(file: ProofFile, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """Check signature, origin and inclusion of the entry in `extra`; gives the checkpoint.

    Raises `NoteError` for the checkpoint and `ProofError` for the rest. What the entry itself
    says, and its actor's signature, is for `ledger.entries` to check.
    """
    checkpoint = open_checkpoint(file.checkpoint, verifiers, origin)
    if file.extra is None:
        raise ProofError("the proof file does not carry its entry")
    leaf = leaf_hash(file.extra)
    verify_inclusion(file.index, checkpoint.size, leaf, file.proof, checkpoint.root)
    return checkpoint


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    try:
        return strict_base64(text)
    except NoteError as error:
        raise ProofError(f"malformed line in the proof: {error}") from error
