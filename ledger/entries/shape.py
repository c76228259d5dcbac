"""Reading the members of a parsed JSON object, with the pointer of whatever is wrong.

Every function gives the value in the program's own type or refuses (`MISSING_MEMBER`,
`UNKNOWN_MEMBER`, `MALFORMED_VALUE`) at its JSON pointer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NoReturn

from ledger.refusals import LedgerRefusal
from runtime import base64url
from runtime.clock import parse_instant
from runtime.refusal import refuse
from runtime.strict_json import Json

INTEGER_MAX: Final = 2**53 - 1


def members(
    value: Json, required: frozenset[str], pointer: str, optional: frozenset[str] = frozenset()
) -> dict[str, Json]:
    """An object with exactly these members."""
    if not isinstance(value, dict):
        malformed(pointer, "object")
    for name in value:
        if name not in required and name not in optional:
            refuse(LedgerRefusal.UNKNOWN_MEMBER, pointer, member=name[:64])
    for name in sorted(required):
        if name not in value:
            refuse(LedgerRefusal.MISSING_MEMBER, pointer, member=name)
    return value


def mapping(value: Json, pointer: str) -> Mapping[str, Json]:
    """An object of any members."""
    if not isinstance(value, dict):
        malformed(pointer, "object")
    return value


def items(value: Json, pointer: str) -> list[Json]:
    """An array."""
    if not isinstance(value, list):
        malformed(pointer, "array")
    return value


def text(value: Json, pattern: re.Pattern[str], pointer: str) -> str:
    """A string that `pattern` matches whole."""
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        malformed(pointer, pattern.pattern)
    return value


def integer(value: Json, low: int, pointer: str) -> int:
    """An integer from `low` to 2^53 - 1."""
    if type(value) is not int or not low <= value <= INTEGER_MAX:
        malformed(pointer, f"{low}…{INTEGER_MAX}")
    return value


def binary(value: Json, length: int, pointer: str) -> bytes:
    """`length` bytes in canonical unpadded base64url."""
    wanted = f"base64url({length})"
    if not isinstance(value, str):
        malformed(pointer, wanted)
    try:
        decoded = base64url.decode(value)
    except ValueError:
        malformed(pointer, wanted)
    if len(decoded) != length:
        malformed(pointer, wanted)
    return decoded


def instant(value: Json, pointer: str) -> datetime:
    """An instant in its one spelling."""
    wanted = "YYYY-MM-DDThh:mm:ss.ffffffZ"
    if not isinstance(value, str):
        malformed(pointer, wanted)
    try:
        return parse_instant(value)
    except ValueError:
        malformed(pointer, wanted)


def malformed(pointer: str, wanted: str) -> NoReturn:
    """Refuse the value at `pointer`, saying what was wanted."""
    refuse(LedgerRefusal.MALFORMED_VALUE, pointer, wanted=wanted)
