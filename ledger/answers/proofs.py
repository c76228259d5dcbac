"""Checking a log proof off-line, with code of its own.

Whoever checks an answer must not rely on the code that wrote the log, so nothing of its writer is
imported here. The formats are those of `docs/log-format.md`:

- checkpoint: C2SP signed-note whose text is origin, size and root, one a line; the signature line
  is `— name base64(key id ‖ signature)`, Ed25519 over the text with its last newline
- inclusion: RFC 9162 §2.1.3.2; leaf SHA-256(0x00 ‖ entry), node SHA-256(0x01 ‖ left ‖ right)
- entry: the canonical JSON of {"v": 1, "payload", "sig", "seq"}
- commitment: SHA-256("ecotrace/commit/v1" ‖ 0x00 ‖ salt ‖ JCS([field, value]))

Everything wrong raises `LogProofError` with the fault's code.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.answers.keys import VerifierKey
from ledger.answers.refusals import AnswerFault
from runtime import base64url
from runtime.canonical import CanonicalError, jcs
from runtime.clock import parse_instant
from runtime.refusal import RefusalCode
from runtime.strict_json import Json, Numeral, StrictJsonError, read

_SALT_BYTES = 32


class LogProofError(ValueError):
    """A proof does not hold, or proves another thing than is stated; `fault` says what is wrong."""

    def __init__(self, fault: RefusalCode) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(frozen=True)
class Tree:
    """A tree head whose signature was checked."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class LoggedEntry:
    """What an entry says, once its place in the tree was checked.

    `at` is the log's own time of the entry, `effective_at` the signer's claim.
    """

    index: int
    at: datetime
    type: str
    streams: tuple[str, ...]
    effective_at: datetime
    facts: Mapping[str, Any]
    commit: Mapping[str, Any]


def open_checkpoint(note: str, origin: str, keys: Iterable[VerifierKey]) -> Tree:
    """The tree that a checkpoint of `origin` signs, by a given key of that name."""
    own = [key for key in keys if key.name == origin and not key.signs_answers]
    if not own:
        raise LogProofError(AnswerFault.LOG_KEY_UNKNOWN)
    text, separator, tail = note.partition("\n\n")
    text += "\n"
    if not separator or not any(_signed(text, tail, key) for key in own):
        raise LogProofError(AnswerFault.CHECKPOINT_WRONG)
    return _tree(text, origin)


def _signed(text: str, tail: str, key: VerifierKey) -> bool:
    for line in tail.splitlines():
        words = line.split(" ")
        if len(words) != 3 or words[:2] != ["—", key.name]:
            continue
        raw = _base64(words[2])
        if raw[:4] == key.key_id and _verifies(key.public_key, raw[4:], text.encode()):
            return True
    return False


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _verifies(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _tree(text: str, origin: str) -> Tree:
    lines = text.split("\n")
    root = _base64(lines[2]) if len(lines) == 4 else b""
    if lines[0] != origin or not lines[1].isdecimal() or len(root) != 32:
        raise LogProofError(AnswerFault.CHECKPOINT_WRONG)
    return Tree(origin, int(lines[1]), root)


def open_entry(entry: bytes, index: int, proof: Sequence[bytes], tree: Tree) -> LoggedEntry:
    """What an entry says, if it stands at `index` of the tree and of itself says so."""
    if not _included(sha256(b"\x00" + entry).digest(), index, proof, tree):
        raise LogProofError(AnswerFault.PROOF_WRONG)
    value = _json(entry)
    try:
        payload, seq = value["payload"], value["seq"]
        found = LoggedEntry(
            index=int(seq["index"]),
            at=parse_instant(seq["at"]),
            type=str(payload["type"]),
            streams=tuple(map(str, payload["streams"])),
            effective_at=parse_instant(payload["effective_at"]),
            facts=dict(payload["facts"]),
            commit=dict(payload["commit"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LogProofError(AnswerFault.ENTRY_MALFORMED) from error
    if found.index != index or payload["origin"] != tree.origin:
        raise LogProofError(AnswerFault.PROOF_WRONG)
    return found


def _json(entry: bytes) -> Any:
    try:
        value: Any = read(entry)
        if jcs(value) != entry:
            raise LogProofError(AnswerFault.ENTRY_MALFORMED)
    except (StrictJsonError, CanonicalError, TypeError) as error:
        raise LogProofError(AnswerFault.ENTRY_MALFORMED) from error
    return value


def _included(leaf: bytes, index: int, proof: Sequence[bytes], tree: Tree) -> bool:
    """RFC 9162 §2.1.3.2, steps 1 to 6."""
    if not 0 <= index < tree.size:
        return False
    number, last, root = index, tree.size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            root = sha256(b"\x01" + node + root).digest()
            while not number & 1 and number != 0:
                number >>= 1
                last >>= 1
        else:
            root = sha256(b"\x01" + root + node).digest()
        number >>= 1
        last >>= 1
    return last == 0 and root == tree.root


def check_opening(entry: LoggedEntry, field: str, salt: bytes, value: Json | Numeral) -> None:
    """Whether a disclosed value is the one that the entry commits to under `field`."""
    try:
        committed = sha256(b"ecotrace/commit/v1\x00" + salt + jcs([field, value])).digest()
    except (CanonicalError, TypeError) as error:
        raise LogProofError(AnswerFault.OPENING_WRONG) from error
    if len(salt) != _SALT_BYTES or entry.commit.get(field) != base64url.encode(committed):
        raise LogProofError(AnswerFault.OPENING_WRONG)
