"""How passwords are hashed: argon2id, with the cost that a small server can pay.

19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet. Eight
threads then need 152 MiB at most, where the library's own default (64 MiB) would need 512.
Hashing takes some tens of milliseconds and happens at the edge, never in the writer thread.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from argon2 import PasswordHasher

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
FORM: Final = "NFKC"

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def normal(password: str) -> str:
    """Return a password in normal form KC: what different keyboards make of the same keys."""
    return unicodedata.normalize(FORM, password)


def hash_password(password: str) -> str:
    """Return the argon2id hash (PHC string) of a password, freshly salted."""
    return _HASHER.hash(normal(password))
