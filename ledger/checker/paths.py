"""Addresses of tiles and entry bundles, and how a bundle is cut (C2SP tlog-tiles).

`tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`; `<N>` is written in groups of three digits,
all but the last behind an `x`. A bundle is entries, each behind its length in two bytes.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ledger.checker.merkle import WIDTH

BUNDLE_MAX: Final = WIDTH * (2 + 0xFFFF)
TILE_MAX: Final = WIDTH * 32
_LEVELS = 64
_ADDRESS = re.compile(
    r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII
)


class Address(NamedTuple):
    """One file: the level of a tile, None for a bundle; its number; how many hashes or entries."""

    level: int | None
    number: int
    width: int

    def text(self) -> str:
        """The address, relative to the log."""
        digits = str(self.number)
        groups = [digits[max(0, at - 3) : at].zfill(3) for at in range(len(digits), 0, -3)]
        number = "/".join([f"x{group}" for group in groups[:0:-1]] + groups[:1])
        level = "entries" if self.level is None else str(self.level)
        partial = f".p/{self.width}" if self.width != WIDTH else ""
        return f"tile/{level}/{number}{partial}"


def read_address(text: str) -> Address | None:
    """The address that is written so, or None where it is written differently or is none."""
    matched = _ADDRESS.fullmatch(text)
    if matched is None:
        return None
    level = None if matched[1] == "entries" else int(matched[1])
    number = int(matched[2].replace("x", "").replace("/", ""))
    address = Address(level, number, WIDTH if matched[3] is None else int(matched[3]))
    fits = (level is None or level < _LEVELS) and 1 <= address.width <= WIDTH
    return address if fits and address.text() == text else None


def cut(bundle: bytes) -> list[bytes] | None:
    """The entries of a bundle; None where the lengths do not lead to its end."""
    entries: list[bytes] = []
    at, end = 0, len(bundle)
    while at + 1 < end:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        entries.append(bundle[start:at])
    return entries if at == end else None
