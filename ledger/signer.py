"""Who signs payloads: an Ed25519 key behind a small interface (RFC 8032).

A `Signer` may be a key in this process, in the vault, or in a device; the log sees the raw public
key, the actor (its SHA-256), and signatures.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.entries.model import actor_of


class Signer(Protocol):
    """Signs for one actor."""

    @property
    def actor(self) -> bytes:
        """SHA-256 of the raw public key: 32 bytes."""

    @property
    def public_key(self) -> bytes:
        """The raw Ed25519 public key: 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `message`."""


class Ed25519Signer:
    """A signer that holds its 32 secret bytes in memory."""

    def __init__(self, seed: bytes) -> None:
        self._private_key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private_key.public_key().public_bytes_raw()
        self.actor = actor_of(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature."""
        return self._private_key.sign(message)
