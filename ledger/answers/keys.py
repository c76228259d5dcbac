"""Keys that sign answers: one key, one purpose.

Such a key is neither the log's checkpoint key nor anybody's party key. Its public half is published
as one line in the form of a C2SP verifier key::

    example.com/log/answer+xxxxxxxx+base64(0xff ‖ "ecotrace.answer.v1" ‖ key)

The name is the log's origin with a word for the purpose. The signature type 0xff with its
identifier says what the key is for, so that it can never pass as a key for checkpoints (type 0x01)
nor for another kind of answer. The id is the first four bytes of SHA-256(name ‖ 0x0A ‖ type and
identifier ‖ key) in hexadecimal, as in signed notes. `kid` in an answer is `name+id`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CHECKPOINT_TYPE = b"\x01"
SEED_BYTES = 32
_KEY_BYTES = 32
_LINE = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


class VerifierKeyError(ValueError):
    """A line is no verifier key, or its id does not belong to it."""


@dataclass(frozen=True)
class SigningKey:
    """A private key under its name and type (with identifier); `seed` is 32 secret bytes."""

    name: str
    type: bytes
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @property
    def public_key(self) -> bytes:
        """32 raw bytes (RFC 8032)."""
        private_key = Ed25519PrivateKey.from_private_bytes(self.seed)
        return private_key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.type, self.public_key)

    @property
    def kid(self) -> str:
        """How an answer names its key."""
        return self.verifier.kid

    def vkey(self) -> str:
        """The public half as one line, without a newline."""
        return self.verifier.line()


@dataclass(frozen=True)
class VerifierKey:
    """A public key as its line says it: name, type (with identifier), 32 raw bytes."""

    name: str
    type: bytes
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes, as in C2SP signed-note."""
        return sha256(self.name.encode() + b"\n" + self.type + self.public_key).digest()[:4]

    @property
    def kid(self) -> str:
        """`name+id`, the id in hexadecimal."""
        return f"{self.name}+{self.key_id.hex()}"

    @property
    def signs_answers(self) -> bool:
        """True for a key of answers, False for a checkpoint key."""
        return self.type != CHECKPOINT_TYPE

    def line(self) -> str:
        """The key as one line, without a newline."""
        encoded = base64.b64encode(self.type + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


def read_vkeys(text: str, *purposes: bytes) -> tuple[VerifierKey, ...]:
    """Read checkpoint keys and those of the given types, one a line.

    Empty lines and lines that begin with # are passed over, and keys of other types too, as C2SP
    asks. Raises VerifierKeyError for a line that is no key or whose id is wrong.
    """
    lines = [line.strip() for line in text.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    return tuple(_read_lines(wanted, (*purposes, CHECKPOINT_TYPE)))


def _read_lines(lines: Sequence[str], types: Sequence[bytes]) -> Iterator[VerifierKey]:
    for line in lines:
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise VerifierKeyError("a verifier key is written name+id+base64")
        key = _typed_key(matched[1], _decoded(matched[3]), types)
        if key is None:
            continue
        if key.key_id.hex() != matched[2]:
            message = f"the key {key.name} has id {key.key_id.hex()}, not {matched[2]}"
            raise VerifierKeyError(message)
        yield key


def _typed_key(name: str, typed: bytes, types: Sequence[bytes]) -> VerifierKey | None:
    for key_type in types:
        if typed.startswith(key_type) and len(typed) == len(key_type) + _KEY_BYTES:
            return VerifierKey(name, key_type, typed[len(key_type) :])
    return None


def _decoded(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise VerifierKeyError("the key is not base64") from error
    if base64.b64encode(decoded).decode("ascii") != text:
        raise VerifierKeyError("the key is not in the canonical spelling of base64")
    return decoded
