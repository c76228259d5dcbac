"""The code that people read on a label and type at /t/: `RUN-NNNNNNN-C`.

    human_code(12, 345) == "12-0000345-J"

RUN is the number of the print run, NNNNNNN the label's position in it (from 1), both in decimal.
C comes from `ABCDEFGHJKLMNPQRTUVWXY2` (nothing that looks like a digit of the code but 2), its
index is the sum of digit * 2^i mod 23 over all digits, i counted from the right and from 0.

23 is a prime above 9 and 2^i is never 0 modulo it, so one wrong digit (a change of d * 2^i) and
two neighbours swapped (a change of d * 2^i again) always give another letter. The code tells run
and position only; it proves nothing, which is why it is answered for run and lot alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXY2"
POSITION_MAX = 9_999_999
RUN_MAX = 999_999_999

_TYPED_MAX = 40
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_SHAPE = re.compile(r"([1-9][0-9]{0,8})[- ]?([0-9]{7})[- ]?([A-Z0-9])")


@dataclass(frozen=True)
class HumanCode:
    """Run number and position (from 1) of one label."""

    run: int
    position: int


def human_code(run: int, position: int) -> str:
    """Write the code. Raises ValueError when run or position is out of range."""
    if not (1 <= run <= RUN_MAX and 1 <= position <= POSITION_MAX):
        raise ValueError("run or position out of range")
    digits = f"{run}{position:07d}"
    return f"{run}-{position:07d}-{_check_letter(digits)}"


def read_code(typed: str) -> HumanCode | None:
    """Read what somebody typed; None when it is no code or its letter does not fit.

    Forgiven: small letters, full-width characters, other dashes, spaces or no separator at all.
    """
    text = unicodedata.normalize("NFKC", typed[:_TYPED_MAX]).translate(_DASHES)
    match = _SHAPE.fullmatch(text.strip().upper())
    if match is None:
        return None
    run, position, letter = match.groups()
    if int(position) == 0 or _check_letter(run + position) != letter:
        return None
    return HumanCode(int(run), int(position))


def _check_letter(digits: str) -> str:
    total = sum(int(digit) << i for i, digit in enumerate(reversed(digits)))
    return CHECK_LETTERS[total % 23]
