"""The artwork of a scheme: one PNG, named by its SHA-256, of which the newest counts.

A brand office registers it; labels printed with the mark of the scheme bear the artwork that was
the newest when they were printed. Nothing is taken back: a better picture is registered after it.

Invariants:

- the picture is one PNG of at most `BYTES_MAX` with sides of `SIDES` pixels, the same to every
  decoder (`runtime.png`)
- the digest is that of the file as the office sent it, byte for byte

Refused: ARTWORK_TOO_LARGE, ARTWORK_SIDES, ARTWORK_MALFORMED.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from certification.refusals import CertificationRefusal
from runtime import png
from runtime.refusal import Reason, Refusal

BYTES_MAX = 1 << 19
"""512 KiB: half of what a request may hold by default, and ample for a mark of 9 mm."""
SIDES = (16, 2000)
"""Least and greatest side in pixels; 9 mm at 300 dpi are 107."""

_CODES: Mapping[png.PngFault, CertificationRefusal] = {
    "too_large": CertificationRefusal.ARTWORK_TOO_LARGE,
    "wrong_sides": CertificationRefusal.ARTWORK_SIDES,
    "malformed": CertificationRefusal.ARTWORK_MALFORMED,
}
_NUMBERS = {"most_kib": BYTES_MAX >> 10, "least": SIDES[0], "most": SIDES[1]}


@dataclass(frozen=True)
class Picture:
    """A picture that may be an artwork: SHA-256 (hexadecimal), size in bytes, sides in pixels."""

    digest: str
    size_bytes: int
    width: int
    height: int


@dataclass(frozen=True)
class Artwork:
    """A registered artwork: of which scheme, which picture, by which office (a party), when.

    `payload_id` names the log entry that says so.
    """

    id: str
    scheme: str
    picture: Picture
    office: str
    registered_at: datetime
    payload_id: str


def read_picture(content: bytes) -> Picture:
    """Check a file and say what it is. Raises Refusal, as above, at `/artwork`."""
    try:
        header = png.measure(content, bytes_max=BYTES_MAX, sides=SIDES)
    except png.PngError as error:
        raise Refusal(Reason(_CODES[error.fault], "/artwork", _NUMBERS)) from error
    digest = hashlib.sha256(content).hexdigest()
    return Picture(digest, len(content), header.width, header.height)
