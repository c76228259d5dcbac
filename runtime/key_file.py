"""Keys in files of their own: the master key of the key database, the key of web sessions.

A key file holds 32 random bytes as one line of base64url, is made once, by `init`, for the owner
only (mode 0600), and is never overwritten: without the old master key nothing sealed opens again.
A file that others may read is refused when it is used, not only when it is made.
"""

from __future__ import annotations

import os
from pathlib import Path

from runtime import base64url
from runtime.randomness import Randomness
from runtime.sealing import KEY_BYTES

_OTHERS = 0o077


class KeyFileError(RuntimeError):
    """A key file is missing, open to others, or holds no key."""


def make_key_file(path: Path, randomness: Randomness) -> bytes:
    """Draw a key and write it; raise `KeyFileError` when the file is already there."""
    key = randomness.token(KEY_BYTES)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise KeyFileError(f"{path} exists and is not overwritten") from None
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(base64url.encode(key) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key


def read_key_file(path: Path) -> bytes:
    """Read a key of 32 bytes; raise `KeyFileError`."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise KeyFileError(f"{path} may be read by others: chmod 600")
        key = base64url.decode(path.read_text(encoding="ascii").removesuffix("\n"))
    except (OSError, ValueError) as error:
        raise KeyFileError(f"{path} holds no key: {error}") from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path} holds {len(key)} bytes instead of {KEY_BYTES}")
    return key
