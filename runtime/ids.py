"""Names of rows and of log streams.

An id is `kind:` and random base64url letters, at most 26 characters, the limit that the log sets
for a stream id: `lot:Zk3v9QmC2xT0aWb7_L1e`. It says nothing but its kind, may stand in the public
log for ever, and is both primary key and, where the noun has a stream, the stream's name.
A kind has two to six small letters; up to five letters leave room for 120 random bits, six for 112.
"""

from __future__ import annotations

import re

from runtime import base64url
from runtime.randomness import Randomness

ID_LENGTH_MAX = 26

_RANDOM_BYTES_MAX = 15
_KIND = re.compile(r"[a-z]{2,6}")
_ID = re.compile(r"([a-z]{2,6}):([A-Za-z0-9_-]{19,20})")


def new_id(kind: str, randomness: Randomness) -> str:
    """Draw a fresh id of a kind; raise `ValueError` when the kind is no short word."""
    if not _KIND.fullmatch(kind):
        raise ValueError(f"kind {kind!r} is not two to six small letters")
    return f"{kind}:{base64url.encode(randomness.token(_random_bytes(kind)))}"


def kind_of(identifier: str) -> str:
    """Give the kind of an id; raise `ValueError` for what `new_id` cannot have made."""
    match = _ID.fullmatch(identifier)
    if match is None or len(base64url.decode(match[2])) != _random_bytes(match[1]):
        raise ValueError("not an id")
    return match[1]


def _random_bytes(kind: str) -> int:
    """Count the random bytes that fit behind a kind and its colon."""
    letters = ID_LENGTH_MAX - len(kind) - 1
    return min(_RANDOM_BYTES_MAX, letters * 3 // 4)
