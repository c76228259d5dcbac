"""Every small way to alter some bytes."""

from __future__ import annotations

from collections.abc import Iterator


def mangled(valid: bytes) -> Iterator[bytes]:
    """Each byte with one bit turned, raised by one, removed, doubled; and every truncation."""
    for at, byte in enumerate(valid):
        before, after = valid[:at], valid[at + 1 :]
        for other in (byte ^ 1, byte ^ 0x20, byte ^ 0x80, (byte + 1) % 256, 0, 10, 32):
            if other != byte:
                yield before + bytes([other]) + after
        yield before
        # Taking one of two equal neighbours away, or doubling one, is the same as with the other.
        if after[:1] != bytes([byte]):
            yield before + after
            yield before + bytes([byte, byte]) + after
    yield valid + b"\n"
    yield valid + valid
