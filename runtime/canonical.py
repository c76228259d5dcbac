"""One value, one sequence of bytes.

`jcs` is RFC 8785 in full: keys in UTF-16 order, numbers as ECMAScript writes them, strings with
the fewest escapes, UTF-8. `ledger_bytes` first refuses what lies outside the log's profile (keys
in ASCII, no fractions, |integer| < 2**53, text in NFC) and then gives the same bytes, faster.
`ledger_bytes({"n": 1, "b": [True, "米"]}) == b'{"b":[true,"米"],"n":1}'` (UTF-8).

Values are dict, list, tuple, str, int, float, bool and None, exactly: a subclass, an enum member
or a `Numeral` could be written in more than one way and is refused. Text is never converted here:
what is not NFC is refused, because somebody may already have signed it.
"""

from __future__ import annotations

import math
import unicodedata
from json.encoder import encode_basestring

import orjson

from runtime.json_pointer import pointer_text

INTEGER_LIMIT = 2**53
DEPTH_MAX = 128

Path = tuple[str | int, ...]


class CanonicalError(ValueError):
    """The value has no canonical bytes; `pointer` (RFC 6901) says where."""

    def __init__(self, problem: str, path: Path) -> None:
        self.pointer = pointer_text(path)
        super().__init__(f"{problem} at {self.pointer!r}")


def jcs(value: object) -> bytes:
    """Give the RFC 8785 bytes of a value; raise `CanonicalError` when it has none."""
    parts: list[str] = []
    _write(value, parts, ())
    return "".join(parts).encode("utf-8")


def ledger_bytes(value: object) -> bytes:
    """Give the RFC 8785 bytes of a value inside the log's profile; else raise `CanonicalError`."""
    _check_profile(value, ())
    # Inside the profile orjson's order (code points) and numbers are those of RFC 8785.
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _write(value: object, parts: list[str], path: Path) -> None:
    """Append the text of a value (RFC 8785 §3.2)."""
    if value is None or value is True or value is False:
        parts.append({None: "null", True: "true", False: "false"}[value])
    elif type(value) is str:
        _check_scalars(value, path)
        parts.append(encode_basestring(value))
    elif type(value) is int:
        _check_integer(value, path)
        parts.append(str(value))
    elif type(value) is float:
        parts.append(_number(value, path))
    elif type(value) is dict:
        _write_object(value, parts, path)
    elif type(value) is list or type(value) is tuple:
        _write_array(value, parts, path)
    else:
        raise CanonicalError(f"{type(value).__name__} is no JSON value", path)


def _write_object(value: dict[object, object], parts: list[str], path: Path) -> None:
    """Append an object, its members sorted by UTF-16 code units (RFC 8785 §3.2.3)."""
    _check_depth(path)
    separator = "{"
    for key in _sorted_keys(value, path):
        parts.append(f"{separator}{encode_basestring(key)}:")
        _write(value[key], parts, (*path, key))
        separator = ","
    parts.append("}" if value else "{}")


def _sorted_keys(value: dict[object, object], path: Path) -> list[str]:
    """Give the keys of an object in the order of their UTF-16 code units."""
    keys: list[str] = []
    for key in value:
        if type(key) is not str:
            raise CanonicalError("a key is no text", path)
        _check_scalars(key, path)
        keys.append(key)
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _write_array(value: list[object] | tuple[object, ...], parts: list[str], path: Path) -> None:
    """Append an array in its own order."""
    _check_depth(path)
    separator = "["
    for position, item in enumerate(value):
        parts.append(separator)
        _write(item, parts, (*path, position))
        separator = ","
    parts.append("]" if value else "[]")


def _number(value: float, path: Path) -> str:
    """Write a double as ECMA-262 Number::toString does (RFC 8785 §3.2.2.3)."""
    if not math.isfinite(value):
        raise CanonicalError("a number is not finite", path)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, point = _shortest_digits(abs(value))
    return sign + _laid_out(digits, point)


def _shortest_digits(value: float) -> tuple[str, int]:
    """Give the shortest digits that read back as this double, and where the point stands.

    ECMA-262's `k` digits `s` and exponent `n`, so that the value is 0.s × 10**n. Python's `repr`
    finds the same digits (both ask for the shortest, and among those the nearest).
    """
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return digits.rstrip("0"), point


def _laid_out(digits: str, point: int) -> str:
    """Place point or exponent as steps 6-10 of ECMA-262 Number::toString say."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def _check_profile(value: object, path: Path) -> None:
    """Refuse what the log's profile excludes."""
    if type(value) is str:
        _check_text(value, path)
    elif type(value) is int:
        _check_integer(value, path)
    elif type(value) is dict:
        _check_members(value, path)
    elif type(value) is list or type(value) is tuple:
        _check_depth(path)
        for position, item in enumerate(value):
            _check_profile(item, (*path, position))
    elif type(value) is float:
        raise CanonicalError("the log holds no fractions", path)
    elif value is not None and type(value) is not bool:
        raise CanonicalError(f"{type(value).__name__} is no JSON value", path)


def _check_members(value: dict[object, object], path: Path) -> None:
    """Refuse an object with a key outside ASCII, or with a value outside the profile."""
    _check_depth(path)
    for key, item in value.items():
        if type(key) is not str or not key.isascii():
            raise CanonicalError("a key is no ASCII text", path)
        _check_profile(item, (*path, key))


def _check_text(value: str, path: Path) -> None:
    """Refuse text that is not NFC (Unicode Standard Annex 15) or holds half a surrogate pair."""
    if value.isascii():
        return
    _check_scalars(value, path)
    if not unicodedata.is_normalized("NFC", value):
        raise CanonicalError("text is not in Unicode normalisation form C", path)


def _check_scalars(value: str, path: Path) -> None:
    """Refuse half a surrogate pair, which has no UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise CanonicalError("text holds half a surrogate pair", path) from None


def _check_integer(value: int, path: Path) -> None:
    """Refuse an integer that a double cannot tell from its neighbours (RFC 7493 §2.2)."""
    if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
        raise CanonicalError("an integer reaches 2**53", path)


def _check_depth(path: Path) -> None:
    """Refuse nesting that a reader could not follow."""
    if len(path) >= DEPTH_MAX:
        raise CanonicalError(f"nested deeper than {DEPTH_MAX}", path)
