"""Signed notes, verifier keys and checkpoints (C2SP signed-note, tlog-checkpoint).

A note is a text whose last character is a newline, an empty line, and signature lines

    — <name> <base64 of key id and signature>

The key id is the first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key); only Ed25519 (0x01) is
known here. Signatures by keys that nobody gave us are passed over, but must be well-formed; one bad
signature of a given key spoils the note. A checkpoint is a note of exactly three lines: origin,
size in decimal, root in base64.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.checker.encodings import from_base64
from ledger.checker.report import CheckFault, Fault

NOTE_MAX: Final = 1 << 20
_LINES_MAX = 100
_KIND = b"\x01"
_NAME = r"[^\s+\x00-\x1f]+"
_LINE = re.compile(rf"— ({_NAME}) ([A-Za-z0-9+/]+={{0,2}})")
_VKEY = re.compile(rf"({_NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]+={{0,2}})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class LogKey:
    """A public key that signs checkpoints, under the name of its log."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which signature lines name the key."""
        return sha256(self.name.encode() + b"\n" + _KIND + self.public_key).digest()[:4]

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether the signature is this key's over the text (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Checkpoint:
    """What a log says about its tree."""

    origin: str
    size: int
    root: bytes


def read_vkey(line: str) -> LogKey:
    """A verifier key from its line without newline; `CheckFault` when malformed."""
    matched = _VKEY.fullmatch(line)
    if matched is None:
        raise CheckFault(Fault.VKEY_MALFORMED, found=line)
    name, key_id, encoded = matched.groups()
    try:
        key = from_base64(encoded)
    except ValueError as error:
        raise CheckFault(Fault.VKEY_MALFORMED, found=line) from error
    if len(key) != 33 or key[:1] != _KIND:
        raise CheckFault(Fault.VKEY_MALFORMED, found=line)
    read = LogKey(name, key[1:])
    if read.key_id.hex() != key_id:
        raise CheckFault(Fault.VKEY_MALFORMED, expected=read.key_id.hex(), found=key_id)
    return read


def open_checkpoint(note: bytes, keys: Iterable[LogKey]) -> Checkpoint:
    """The checkpoint in a note that one of these keys signed; `CheckFault` for any other."""
    text, lines = _taken_apart(note)
    known = {(key.name, key.key_id): key for key in keys}
    signed = False
    for name, key_id, signature in lines:
        key = known.get((name, key_id))
        if key is not None:
            if not key.verifies(signature, text.encode()):
                raise CheckFault(Fault.NOTE_FORGED, found=name)
            signed = True
    if not signed:
        raise CheckFault(Fault.NOTE_UNSIGNED)
    return _checkpoint(text)


def _taken_apart(note: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text of a note, and name, key id and signature of each of its lines."""
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CheckFault(Fault.NOTE_MALFORMED) from error
    text, blank, rest = whole.rpartition("\n\n")
    lines = rest.split("\n")
    ended = lines.pop() == ""
    if not (blank and ended and 0 < len(lines) <= _LINES_MAX) or _CONTROL.search(whole):
        raise CheckFault(Fault.NOTE_MALFORMED)
    return text + "\n", [_line(line) for line in lines]


def _line(line: str) -> tuple[str, bytes, bytes]:
    matched = _LINE.fullmatch(line)
    try:
        decoded = from_base64(matched[2]) if matched else b""
    except ValueError:
        decoded = b""
    if matched is None or len(decoded) < 5:
        raise CheckFault(Fault.NOTE_MALFORMED, found=line)
    return matched[1], decoded[:4], decoded[4:]


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise CheckFault(Fault.CHECKPOINT_MALFORMED, found=text)
    try:
        root = from_base64(lines[2])
    except ValueError as error:
        raise CheckFault(Fault.CHECKPOINT_MALFORMED, found=lines[2]) from error
    if len(root) != 32:
        raise CheckFault(Fault.CHECKPOINT_MALFORMED, found=lines[2])
    return Checkpoint(lines[0], int(lines[1]), root)
