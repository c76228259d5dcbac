"""The serial of a label (AI 21): whose number this is can be checked without looking it up.

A serial is 20 characters: one key letter A-Z, then 19 base64url characters, which are 114 bits:

    30-bit number || 84-bit tag

    tag = the first 84 bits of HMAC-SHA-256(K_letter,
              "ecotrace/label/v1" || 0x00
              || uint16be(length of origin) || origin
              || uint16be(length of item)   || item
              || uint32be(number))

Origin is the name of the log, item the GTIN-14 or `p/{product}`, both in UTF-8. Both carry their
length, so that no two pairs of texts feed the MAC the same bytes.

    mint({"A": 32 times 0x00}, "A", "log.example", "09521234543213", 0)
    == "AAAAAA6Be2kz0uYF-l4I"

Invariants: `check(mint(…))` gives the number back; any other key, origin, item, letter or character
gives `Mistyped`; the tag is compared in constant time. A MAC stops guessing, not copying.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Protocol

NUMBERS = 2**30
"""How many numbers a letter has for one product; they are never used again."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_CONTEXT = b"ecotrace/label/v1\x00"
_TAG_BITS = 84
_SHAPE = re.compile(r"[A-Z][A-Za-z0-9_-]{19}")
# 114 bits are 19 characters; a 20th, of six zero bits, makes them whole bytes for the codec.
_PADDING_BITS = 6


class KeyRing(Protocol):
    """Label MAC keys by letter; a dict is one."""

    def get(self, letter: str, /) -> bytes | None:
        """Give the key of a letter, or None."""
        ...


class Mistyped(StrEnum):
    """Why a serial is none of ours; people are told "mistyped" in each case."""

    SHAPE = "shape"
    LETTER = "letter"
    TAG = "tag"


def mint(keys: KeyRing, letter: str, origin: str, item: str, number: int) -> str:
    """Make the serial of a number. Raises ValueError for a number or letter out of range."""
    key = keys.get(letter)
    if key is None:
        raise ValueError(f"no label key {letter!r}")
    if not 0 <= number < NUMBERS:
        raise ValueError("a label number has 30 bits")
    bits = (number << _TAG_BITS | _tag(key, origin, item, number)) << _PADDING_BITS
    return letter + urlsafe_b64encode(bits.to_bytes(15, "big"))[:19].decode()


def check(serial: str, keys: KeyRing, origin: str, item: str) -> int | Mistyped:
    """Give the number of a serial whose tag is right, or why it is not.

    The steps: 1. shape; 2. a key of this letter; 3. the tag, in constant time.
    """
    if not _SHAPE.fullmatch(serial):
        return Mistyped.SHAPE
    key = keys.get(serial[0])
    if key is None:
        return Mistyped.LETTER
    bits = int.from_bytes(urlsafe_b64decode(serial[1:] + "A"), "big") >> _PADDING_BITS
    number, tag = bits >> _TAG_BITS, bits & (1 << _TAG_BITS) - 1
    expected = _tag(key, origin, item, number)
    same = hmac.compare_digest(tag.to_bytes(11, "big"), expected.to_bytes(11, "big"))
    return number if same else Mistyped.TAG


def _tag(key: bytes, origin: str, item: str, number: int) -> int:
    message = _CONTEXT + _prefixed(origin) + _prefixed(item) + number.to_bytes(4, "big")
    digest = hmac.digest(key, message, hashlib.sha256)
    return int.from_bytes(digest[:11], "big") >> 88 - _TAG_BITS


def _prefixed(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw
