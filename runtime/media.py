"""What a file is, by what it holds: PDF, PNG or JPEG, whole and harmless, or nothing.

Neither the name nor what a browser says about a file is believed; a name that contradicts the
content is refused, because somebody downstream may believe it. `examine` checks, in this order:

 1. not empty, and no more bytes than allowed
 2. it begins as one of the three kinds do; there is no fourth kind, SVG and HTML least of all
 3. its name ends as files of this kind do, or has no ending
 4. PDF: `runtime.pdf`, in a process of its own
    PNG: `runtime.png`, nothing beside one whole picture
    JPEG: every pixel can be decoded, with bounds on pixels and scans
 5. nothing inside makes it a web page or an archive to another program

`MediaError.fault`: empty, too_large, unknown, misnamed, broken, encrypted, active, too_many.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from runtime import pdf, png

MediaFault = Literal[
    "empty", "too_large", "unknown", "misnamed", "broken", "encrypted", "active", "too_many"
]

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
BYTES_MAX = 10 << 20
PIXELS_MAX = 50_000_000
SIDES = (1, 20_000)
SCANS_MAX = 100
ENDINGS: Mapping[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
}
"""How names of each kind end; the first is ours."""

_STARTS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe)\b", re.IGNORECASE)
_LOOKED_AT = 1_024
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 22 + 0xFFFF


class MediaError(ValueError):
    """A file that is not taken; `fault` says why."""

    def __init__(self, fault: MediaFault, what: str) -> None:
        super().__init__(what)
        self.fault: MediaFault = fault


@dataclass(frozen=True)
class Media:
    """A file that was looked into: its kind, SHA-256 (hexadecimal), and size.

    `pages` are those of a PDF; `width` and `height` are pixels of a picture. The others are None.
    """

    type: str
    digest: str
    size_bytes: int
    pages: int | None = None
    width: int | None = None
    height: int | None = None


def examine(content: bytes, name: str = "", *, bytes_max: int = BYTES_MAX) -> Media:
    """Say what a file is. `name` is what its owner calls it. Raises MediaError."""
    if not content:
        raise MediaError("empty", "no bytes")
    if len(content) > bytes_max:
        raise MediaError("too_large", f"{len(content)} bytes, at most {bytes_max}")
    type_ = kind_of(content)
    _check_ending(name, type_)
    digest = hashlib.sha256(content).hexdigest()
    found = _EXAMINE[type_](content, Media(type_, digest, len(content)))
    _refuse_double(content)
    return found


def kind_of(content: bytes) -> str:
    """Step 2. Raises MediaError."""
    for start, type_ in _STARTS:
        if content.startswith(start):
            return type_
    raise MediaError("unknown", "neither PDF nor PNG nor JPEG")


def _check_ending(name: str, type_: str) -> None:
    """Step 3."""
    _, dot, letters = name.rpartition(".")
    ending = f"{dot}{letters}".lower()
    if _ENDING.fullmatch(ending) and ending not in ENDINGS[type_]:
        raise MediaError("misnamed", f"{type_} in a file called {ending}")


def _examine_pdf(content: bytes, media: Media) -> Media:
    try:
        facts = pdf.inspect_apart(content)
    except pdf.PdfError as error:
        fault: MediaFault = "too_many" if error.fault == "too_large" else error.fault
        raise MediaError(fault, str(error)) from error
    return Media(media.type, media.digest, media.size_bytes, pages=facts.pages)


def _examine_png(content: bytes, media: Media) -> Media:
    # The header says how much would be unpacked; `measure` would unpack it before we see it.
    if content[12:16] == b"IHDR" and len(content) >= 24:
        _check_pixels(*struct.unpack(">II", content[16:24]))
    try:
        header = png.measure(content, bytes_max=len(content), sides=SIDES)
    except png.PngError as error:
        raise MediaError("broken", str(error)) from error
    return Media(
        media.type, media.digest, media.size_bytes, width=header.width, height=header.height
    )


def _examine_jpeg(content: bytes, media: Media) -> Media:
    if content.count(b"\xff\xda") > SCANS_MAX:
        raise MediaError("too_many", "so many scans take hours to decode")
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
            width, height = picture.size
            _check_pixels(width, height)
            picture.verify()
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError("too_many", "more pixels than are decoded") from error
    except (OSError, SyntaxError, ValueError, struct.error, IndexError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError("broken", "it cannot be decoded") from error
    return Media(media.type, media.digest, media.size_bytes, width=width, height=height)


def _check_pixels(width: int, height: int) -> None:
    if width * height > PIXELS_MAX or max(width, height) > SIDES[1]:
        raise MediaError("too_many", f"{width} x {height} pixels")


def _refuse_double(content: bytes) -> None:
    """Step 5: the head and, for an archive, the tail is where other programs look."""
    if _MARKUP.search(content[:_LOOKED_AT]) or _MARKUP.search(content[-_LOOKED_AT:]):
        raise MediaError("active", "it is a web page as well")
    tail = content[-_ARCHIVE_TAIL:]
    at = tail.rfind(_ARCHIVE_END)
    if at >= 0 and at + 22 <= len(tail):
        (comment,) = struct.unpack_from("<H", tail, at + 20)
        if at + 22 + comment == len(tail):
            raise MediaError("active", "it is an archive as well")


_EXAMINE: Mapping[str, Callable[[bytes, Media], Media]] = {
    PDF: _examine_pdf,
    PNG: _examine_png,
    JPEG: _examine_jpeg,
}
