"""How a record is sealed: AES-256-GCM under a key that belongs to this record alone.

The record's key is derived (HKDF-SHA256, RFC 5869) from the key of its subject, with the record's
stored random salt and the record's name. Destroying the subject's key, or the salt, makes the
record unreadable for ever. Sealed bytes are bound to a context (`aad`), so that a sealed record
moved to another row does not open there.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 32

_RECORD_PREFIX = b"ecotrace/record/v1\x00"


class SealBroken(Exception):
    """The sealed bytes do not open: another key or context, or they were altered."""


def record_key(subject_key: bytes, record_salt: bytes, record: str) -> bytes:
    """Derive the 32-byte key of the record with this name and salt."""
    info = _RECORD_PREFIX + record.encode("utf-8")
    derivation = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=record_salt, info=info)
    return derivation.derive(subject_key)


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Give ciphertext and tag; the nonce (12 bytes) must be fresh for this key."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def unseal(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    """Give the plaintext; raise `SealBroken` when anything differs from what was sealed."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag as broken:
        raise SealBroken("the seal does not open with this key and context") from broken
