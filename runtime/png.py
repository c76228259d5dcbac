"""Pictures from outside: one PNG, whole, of a sensible size, and nothing beside it.

Decoders differ in what they forgive: one skips a missing palette, another a checksum, a third what
follows the end. A picture that is to be shown, printed and named by its hash has to be the same
to all of them, so nothing is forgiven here (PNG, third edition, clauses 5 and 11).

`measure` checks, in this order:
 1. no more bytes than allowed
 2. chunks with right checksums from the signature to IEND, and nothing after it
 3. a header that the standard knows, with sides within the bounds
 4. the critical chunks in their order, each as often as it may stand, and no other critical chunk;
    one picture, not several (no APNG)
 5. as much image data as the header says, in rows that can be decoded
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

PngFault = Literal["too_large", "wrong_sides", "malformed"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Colour type: (samples of a pixel, bit depths), table 12.
_COLOURS: dict[int, tuple[int, tuple[int, ...]]] = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
_INDEXED = 3
_WITHOUT_PALETTE = (0, 4)
_FILTER_MAX = 4
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
# First pixel and steps of each pass of Adam7, clause 8.1.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2))  # fmt: skip

Chunk = tuple[bytes, bytes]


class PngError(ValueError):
    """A picture that is not taken; `fault` says why."""

    def __init__(self, fault: PngFault, what: str) -> None:
        super().__init__(what)
        self.fault: PngFault = fault


@dataclass(frozen=True)
class Header:
    """What IHDR says; sides in pixels."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    def passes(self) -> list[tuple[int, int]]:
        """How the unpacked image data is made up: rows, and bytes of each with its filter byte."""
        steps = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        bits = _COLOURS[self.colour][0] * self.depth
        sizes = (
            (-(-(self.width - x) // across), -(-(self.height - y) // down))
            for x, y, across, down in steps
        )
        return [(height, 1 + -(-width * bits // 8)) for width, height in sizes if width and height]


def measure(png: bytes, *, bytes_max: int, sides: tuple[int, int]) -> Header:
    """Check a picture and give its header; `sides` is the least and the greatest, in pixels.

    Raises PngError.
    """
    if len(png) > bytes_max:
        raise PngError("too_large", f"{len(png)} bytes, at most {bytes_max}")
    chunks = list(_chunks(png))
    header = _header(chunks)
    if not all(sides[0] <= side <= sides[1] for side in (header.width, header.height)):
        raise PngError("wrong_sides", f"{header.width} x {header.height} pixels")
    _check_order(chunks, header)
    _check_data(chunks, header)
    return header


def _malformed(what: str) -> PngError:
    return PngError("malformed", what)


def _chunks(png: bytes) -> Iterator[Chunk]:
    """Step 2."""
    if not png.startswith(_SIGNATURE):
        raise _malformed("no signature")
    at, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        if at + 12 > len(png):
            raise _malformed("it ends before IEND")
        length, kind = struct.unpack_from(">I4s", png, at)
        content = png[at + 8 : at + 8 + length]
        end = at + 12 + length
        if png[end - 4 : end] != struct.pack(">I", zlib.crc32(kind + content)):
            raise _malformed(f"a chunk at {at} is cut or altered")
        yield kind, content
        at = end
    if at != len(png):
        raise _malformed("something follows IEND")


def _header(chunks: Sequence[Chunk]) -> Header:
    """Step 3."""
    kind, content = chunks[0]
    if kind != b"IHDR" or len(content) != 13:
        raise _malformed("no header")
    width, height, depth, colour, packing, filtering, interlace = struct.unpack(">II5B", content)
    known = colour in _COLOURS and depth in _COLOURS[colour][1]
    if not known or packing or filtering or interlace > 1:
        raise _malformed("a header that the standard does not know")
    return Header(width, height, depth, colour, bool(interlace))


def _check_order(chunks: Sequence[Chunk], header: Header) -> None:
    """Step 4."""
    # Chunks of image data follow one another and count as one.
    kinds = [kind for kind, _ in chunks]
    ordered = [kind for at, kind in enumerate(kinds) if kind != b"IDAT" or kinds[at - 1] != kind]
    palette = [content for kind, content in chunks if kind == b"PLTE"]
    wanted = [b"IHDR", *([b"PLTE"] if palette else []), b"IDAT", b"IEND"]
    if [kind for kind in ordered if kind[:1].isupper()] != wanted or chunks[-1][1]:
        raise _malformed("critical chunks that are missing, repeated, unknown or out of order")
    if not _ANIMATION.isdisjoint(kinds):
        raise _malformed("several pictures")
    needed, useless = header.colour == _INDEXED, header.colour in _WITHOUT_PALETTE
    if (needed and not palette) or (useless and palette):
        raise _malformed("a palette that is missing or means nothing")
    most = 1 << header.depth if header.colour == _INDEXED else 256
    if any(len(each) % 3 or not 3 <= len(each) <= 3 * most for each in palette):
        raise _malformed("a palette of a wrong size")


def _check_data(chunks: Sequence[Chunk], header: Header) -> None:
    """Step 5."""
    packed = b"".join(content for kind, content in chunks if kind == b"IDAT")
    passes = header.passes()
    size = sum(rows * length for rows, length in passes)
    stream = zlib.decompressobj()
    try:
        # One byte over the limit is unpacked and no more: a small file may hold gigabytes.
        unpacked = stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise _malformed("image data that cannot be unpacked") from error
    if len(unpacked) != size or not stream.eof or stream.unused_data:
        raise _malformed("more or less image data than the header says")
    start = 0
    for rows, length in passes:
        end = start + rows * length
        if any(filtering > _FILTER_MAX for filtering in unpacked[start:end:length]):
            raise _malformed("a filter that the standard does not know")
        start = end
