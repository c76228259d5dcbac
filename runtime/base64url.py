"""Base64url as the log writes it: RFC 4648 §5, without padding, in its one canonical spelling.

`encode(b"\\xff\\xfe") == "__4"`. A text whose unused trailing bits are not zero would be a second
spelling of the same bytes, so `decode` refuses it, with padding, white space and foreign letters.
"""

from __future__ import annotations

import base64
import binascii


class Base64UrlError(ValueError):
    """The text is not canonical unpadded base64url."""


def encode(data: bytes) -> str:
    """Give the unpadded base64url text of some bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Give the bytes behind a text; raise `Base64UrlError` unless `encode` would give that text."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Base64UrlError(f"not base64url: {error}") from error
    # The library skips foreign letters and ignores trailing bits: only the way back proves it.
    if encode(data) != text:
        raise Base64UrlError("not the canonical unpadded spelling")
    return data
