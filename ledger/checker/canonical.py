"""Strict JSON and canonical JSON (RFC 8785), for the checker alone.

`parse` gives the value of bytes that are the canonical JSON of it, and of nothing else: repeated
names, white space, other escapes, other spellings of numbers and any order of names but that of
UTF-16 code units all make other bytes. Whether a number or a depth is allowed where it stands is
for `check_plain`: entries hold integers below 2^53 only.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from ledger.checker.report import CheckFault, Fault

INTEGER_LIMIT: Final = 2**53
DEPTH_MAX: Final = 64
_STACK_MAX = 200


def parse(data: bytes, *, fractions: bool = False) -> Any:
    """The value whose canonical bytes these are; `CheckFault` when they are not canonical.

    With `fractions` numbers may be any double; without, some bytes with fractions are refused here
    and the rest by `check_plain`.
    """
    try:
        value = orjson.loads(data)
        # orjson sorts by code points, which is the order of UTF-16 as long as all is ASCII, and
        # writes integers, but not fractions, as RFC 8785 does.
        fast = data.isascii() and not fractions
        again = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if fast else jcs(value)
    except orjson.JSONDecodeError as error:
        raise CheckFault(Fault.NOT_JSON, found=str(error)) from error
    except orjson.JSONEncodeError as error:
        raise CheckFault(Fault.TOO_DEEP) from error
    if again != data:
        raise CheckFault(Fault.NOT_CANONICAL)
    return value


def check_plain(value: object, pointer: str, depth: int = 1) -> None:
    """Refuse fractions, integers of 2^53 and more, and more than 64 levels of nesting."""
    if type(value) is int:
        if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
            raise CheckFault(Fault.NUMBER, pointer, found=str(value))
    elif type(value) is float:
        raise CheckFault(Fault.NUMBER, pointer, found=str(value))
    elif type(value) is dict or type(value) is list:
        if depth > DEPTH_MAX:
            raise CheckFault(Fault.TOO_DEEP, pointer)
        members = value.items() if type(value) is dict else enumerate(value)
        for name, item in members:
            check_plain(item, f"{pointer}/{_escaped(name)}", depth + 1)


def jcs(value: object, depth: int = 1) -> bytes:
    """The canonical bytes of a parsed value, fractions included; `CheckFault` when too deep."""
    if depth > _STACK_MAX:
        raise CheckFault(Fault.TOO_DEEP)
    if type(value) is dict:
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        members = [orjson.dumps(name) + b":" + jcs(value[name], depth + 1) for name in names]
        return b"{" + b",".join(members) + b"}"
    if type(value) is list:
        return b"[" + b",".join([jcs(item, depth + 1) for item in value]) + b"]"
    if type(value) is float:
        return _number(value).encode("ascii")
    return orjson.dumps(value)


def _number(value: float) -> str:
    """A fraction as ECMAScript writes it (RFC 8785 §3.2.2.3).

    Python's `repr` has the same digits; it differs in when it uses an exponent and how it spells
    that.
    """
    text = repr(value)
    mantissa, _, exponent = text.removeprefix("-").partition("e")
    sign = "-" if text[0] == "-" and value else ""
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The value is 0.digits times ten to the `point`.
    point = len(digits) - len(fraction) + int(exponent or 0)
    digits = digits.rstrip("0") or "0"
    if value == 0:
        return "0"
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    rest = "." + digits[1:] if digits[1:] else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _escaped(name: object) -> str:
    """A name as a step of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")
