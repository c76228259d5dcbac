"""Where random bytes come from.

Ids, salts, nonces and keys are drawn from a `Randomness` that is passed in. Only the system's
generator is fit for use; the seeded one repeats itself on purpose and serves tests, the demo's
fixed pictures and benchmarks.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from typing import Protocol


class Randomness(Protocol):
    """Whoever needs unpredictable bytes takes one of these."""

    def token(self, n: int) -> bytes:
        """Give `n` random bytes."""
        ...


class SystemRandomness:
    """The operating system's generator."""

    def token(self, n: int) -> bytes:
        """Give `n` bytes that nobody can predict."""
        return secrets.token_bytes(n)


class SeededRandomness:
    """The same bytes for the same seed, in every run and on every machine; never for real keys."""

    def __init__(self, seed: bytes) -> None:
        self._seed = hashlib.sha256(seed).digest()
        self._drawn = 0
        self._lock = threading.Lock()

    def token(self, n: int) -> bytes:
        """Give the next `n` bytes of the seed's sequence."""
        with self._lock:
            self._drawn += 1
            drawn = self._drawn
        return hashlib.shake_256(self._seed + drawn.to_bytes(8, "big")).digest(n)
