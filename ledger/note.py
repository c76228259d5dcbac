"""Signed notes and checkpoints: the text by which a log commits to its tree (C2SP signed-note).

A note is a text that ends in a newline, an empty line, and one or more signature lines::

    example.com/log
    2
    jTpXSSGXAUbfSYxbq3zHBVdqmyo7ukLiR5YaZZYJDpQ=

    — example.com/log w4p0Sbase64OfKeyIdAndSignature=

A signature line is an em dash, a space, the key's name, a space, and standard padded base64 of the
four-byte key id and the signature. Key id = first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)`
for Ed25519 (type 0x01), which signs the text with its last newline and without the empty line.

A verifier key is written `name+xxxxxxxx+base64(0x01 ‖ key)` with the id in eight hex digits
(the file `vkey` of an export); a signing key `PRIVATE+KEY+name+xxxxxxxx+base64(0x01 ‖ seed)`.

A checkpoint (C2SP tlog-checkpoint) is a note whose text is origin, decimal tree size and standard
base64 of the root, one per line. Extension lines are refused: nobody could audit them.

Refusals raise `NoteError`: signatures of unknown keys are passed over by rule, a failing
signature of a known key spoils the note, and without any good one there is no note.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import NoteError

NOTE_BYTES_MAX = 1 << 20
SIGNATURES_MAX = 100
"""C2SP signed-note asks verifiers to take at least 16 and to have a limit."""

_ED25519 = b"\x01"
_SIGNATURE_LINE = re.compile(r"— (\S+) (\S+)\n")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class NoteSigner(Protocol):
    """Whoever can sign a note text under a name."""

    @property
    def name(self) -> str:
        """Key name: for checkpoints the origin of the log."""

    @property
    def key_id(self) -> bytes:
        """Four bytes; see the head of this module."""

    def sign(self, text: bytes) -> bytes:
        """The raw signature of the note text."""


@dataclass(frozen=True)
class Verifier:
    """A public Ed25519 key under a name; `public_key` is 32 raw bytes (RFC 8032)."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public_key) != 32:
            raise NoteError(f"an Ed25519 key has 32 bytes, not {len(self.public_key)}")

    @property
    def key_id(self) -> bytes:
        """Four bytes that name this key in signature lines."""
        return key_id(self.name, self.public_key)

    def vkey(self) -> str:
        """The key as one line of text, without a newline."""
        encoded = base64.b64encode(_ED25519 + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise `NoteError` unless `signature` is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} does not verify") from error


class Ed25519NoteSigner:
    """A note signer that holds an Ed25519 key of 32 secret bytes."""

    def __init__(self, name: str, seed: bytes) -> None:
        check_name(name)
        self._private_key = Ed25519PrivateKey.from_private_bytes(seed)
        self.name = name
        self.public_key = self._private_key.public_key().public_bytes_raw()
        self.key_id = key_id(name, self.public_key)

    def sign(self, text: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `text`."""
        return self._private_key.sign(text)

    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.public_key)


@dataclass(frozen=True)
class Signature:
    """One signature line, taken apart; `signature` is what follows the key id."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A note taken apart; `signatures` are unverified until `open_note` has been through."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: the first three lines of a checkpoint note."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\n"


def check_name(name: str) -> None:
    """Refuse key names that are empty or contain spaces, plus or control characters."""
    if not name or "+" in name or any(each.isspace() or ord(each) < 0x20 for each in name):
        raise NoteError(f"{name!r} cannot be the name of a key")


def key_id(name: str, public_key: bytes) -> bytes:
    """Key id of an Ed25519 key for note signatures of type 0x01."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def parse_vkey(line: str) -> Verifier:
    """Read a verifier key; `NoteError` when malformed, of another type or with a wrong id."""
    matched = _VKEY.fullmatch(line.removesuffix("\n"))
    if matched is None:
        raise NoteError("a verifier key is written name+id+base64")
    name, written_id, encoded = matched.groups()
    key = strict_base64(encoded)
    if key[:1] != _ED25519:
        raise NoteError("the verifier key is not of type Ed25519 (0x01)")
    verifier = Verifier(name, key[1:])
    if verifier.key_id.hex() != written_id:
        raise NoteError(f"a key with id {verifier.key_id.hex()} says that it has id {written_id}")
    return verifier


def signing_key_text(name: str, seed: bytes) -> str:
    """A private key as one line of text, for a file that goes off-line."""
    signer = Ed25519NoteSigner(name, seed)
    encoded = base64.b64encode(_ED25519 + seed).decode("ascii")
    return f"PRIVATE+KEY+{name}+{signer.key_id.hex()}+{encoded}"


def strict_base64(text: str) -> bytes:
    """Decode standard padded base64 (RFC 4648 §4) of which there is only one spelling."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if base64.b64encode(decoded).decode("ascii") != text:
        raise NoteError("not the canonical spelling of base64")
    return decoded


def sign_note(text: str, signers: Iterable[NoteSigner]) -> bytes:
    """The signed note over `text`, with one line per signer. `text` ends in a newline."""
    _check_text(text)
    encoded = text.encode()
    lines = [
        f"— {each.name} {base64.b64encode(each.key_id + each.sign(encoded)).decode('ascii')}\n"
        for each in signers
    ]
    if not lines:
        raise ValueError("a note needs a signer")
    return (text + "\n" + "".join(lines)).encode()


def parse_note(note: bytes) -> Note:
    """Take a note apart without trusting it; `NoteError` when malformed."""
    if len(note) > NOTE_BYTES_MAX:
        raise NoteError(f"a note of {len(note)} bytes is over {NOTE_BYTES_MAX}")
    try:
        decoded = note.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8") from error
    head, blank, tail = decoded.rpartition("\n\n")
    if not blank:
        raise NoteError("no empty line before the signatures")
    _check_text(head + "\n")
    return Note(head + "\n", _signatures(tail))


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("the text of a note ends in a newline")
    if any(ord(each) < 0x20 and each != "\n" for each in text):
        raise NoteError("a note has no control characters but newlines")


def _signatures(tail: str) -> tuple[Signature, ...]:
    lines = tail.splitlines(keepends=True)
    if not 1 <= len(lines) <= SIGNATURES_MAX:
        raise NoteError(f"{len(lines)} signature lines; 1 to {SIGNATURES_MAX} are taken")
    return tuple(_signature(line) for line in lines)


def _signature(line: str) -> Signature:
    matched = _SIGNATURE_LINE.fullmatch(line)
    if matched is None:
        raise NoteError(f"malformed signature line {line!r}")
    name, encoded = matched.groups()
    check_name(name)
    decoded = strict_base64(encoded)
    if len(decoded) < 5:
        raise NoteError("a signature line holds a key id of 4 bytes and a signature")
    return Signature(name, decoded[:4], decoded[4:])


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> Note:
    """Parse a note and verify it; what comes back holds verified signatures only.

    Raises `NoteError` when a signature of a known key fails, or when there is none.
    """
    known = {(each.name, each.key_id): each for each in verifiers}
    parsed = parse_note(note)
    verified = []
    for signature in parsed.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is not None:
            verifier.verify(parsed.text.encode(), signature.signature)
            verified.append(signature)
    if not verified:
        raise NoteError("no known key signed this note")
    return Note(parsed.text, tuple(verified))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint note; `NoteError` unless it is exactly three lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise NoteError("a checkpoint is origin, size and root, without extension lines")
    origin, size, encoded = lines[:3]
    if not origin:
        raise NoteError("the origin of a checkpoint is empty")
    if _DECIMAL.fullmatch(size) is None:
        raise NoteError(f"{size!r} is no tree size")
    root = strict_base64(encoded)
    if len(root) != 32:
        raise NoteError(f"a root has 32 bytes, not {len(root)}")
    return Checkpoint(origin, int(size), root)


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """The checkpoint as a note signed by the log's checkpoint key, whose name is the origin."""
    if signer.name != checkpoint.origin:
        raise ValueError(f"key {signer.name!r} does not sign for {checkpoint.origin!r}")
    return sign_note(checkpoint.text(), [signer])


def open_checkpoint(note: bytes, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """Verify a checkpoint note of the log `origin`; `NoteError` when anything is off."""
    checkpoint = parse_checkpoint(open_note(note, verifiers).text)
    if checkpoint.origin != origin:
        raise NoteError(f"a checkpoint of {checkpoint.origin!r}, not of {origin!r}")
    return checkpoint
