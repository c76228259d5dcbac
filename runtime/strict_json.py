"""The one JSON reader for everything from outside.

Takes exactly RFC 8259 in UTF-8 and refuses, besides what that refuses, whatever two readers could
understand differently: a byte order mark, NaN and Infinity, a key twice in one object, half a
surrogate pair, numbers beyond any use, and more bytes, depth or items than agreed. It never
raises `RecursionError` and its time grows with the number of bytes, whatever they are.

A plain integer becomes an int; every other number (fraction, exponent, `-0`) becomes a `Numeral`
that keeps its spelling, because `1.50` and `1.5` were signed as different bytes:

    read(b'{"n": 7, "w": 1.50}') == {"n": 7, "w": Numeral("1.50")}

The scanner is the C one of the standard library; a cheap look at the bytes goes before it, and
what it lets through wrongly is caught by its hooks. Where JSONTestSuite leaves the answer open
(`i_` cases) the answers are: UTF-16, UTF-8 that is overlong, cut or names surrogates, a byte
order mark, half a surrogate pair, depth and numbers beyond the limits are all refused; integers
up to `NUMBER_CHARS_MAX` digits and fractions that no double can tell apart are kept in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from json import JSONDecodeError, JSONDecoder
from typing import Any, Literal, NoReturn, TypeAlias

from runtime.json_pointer import pointer_text

DEPTH_MAX = 128
NUMBER_CHARS_MAX = 128
EXPONENT_MAX = 400

Code = Literal[
    "too_large",
    "too_deep",
    "too_many",
    "not_utf8",
    "bom",
    "syntax",
    "duplicate_key",
    "lone_surrogate",
    "number_range",
]


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was written; equal only to the same spelling."""

    spelling: str

    @property
    def decimal(self) -> Decimal:
        """The exact value."""
        return Decimal(self.spelling)


Json: TypeAlias = "bool | int | str | Numeral | list[Json] | dict[str, Json] | None"


class StrictJsonError(ValueError):
    """The bytes are refused: why, and at which byte or which JSON pointer where that is known."""

    def __init__(self, code: Code, offset: int | None, pointer: str | None = None) -> None:
        self.code = code
        self.offset = offset
        self.pointer = pointer
        place = f"at byte {offset}" if pointer is None else f"at {pointer!r}"
        super().__init__(f"{code} {place}")


def read(
    data: bytes, *, max_bytes: int = 1 << 20, max_depth: int = 64, max_items: int = 100_000
) -> Json:
    """Read a document; raise `StrictJsonError`.

    `max_depth` counts nested arrays and objects, `max_items` commas and opened brackets together.
    A `max_depth` above `DEPTH_MAX` is a mistake of the caller's and raises `ValueError`.
    """
    if max_depth > DEPTH_MAX:
        raise ValueError(f"no document is read deeper than {DEPTH_MAX}")
    if len(data) > max_bytes:
        raise StrictJsonError("too_large", max_bytes)
    text = _decoded(data)
    _check_size(data, max_depth, max_items)
    value = _scanned(data, text)
    if _HALF_PAIR_ESCAPE.search(data):
        _check_surrogates(value)
    return value


def decimals_as_strings(value: Json) -> Json:
    """Give the value with every number as the string of its decimal spelling.

    The log's records of what was understood carry numbers as they were received (log format,
    "Events"); a plain integer has only one spelling, so its text is what was received.
    """
    if isinstance(value, Numeral):
        return value.spelling
    if isinstance(value, dict):
        return {key: decimals_as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decimals_as_strings(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


# A string up to its closing quote, or to the end where it has none. The possessive quantifiers
# keep this linear: nothing that was once consumed is ever tried again.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?', re.DOTALL)
_HALF_PAIR_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_BOM = b"\xef\xbb\xbf"


class _Found(Exception):
    """A hook refuses a token that the scanner has just read."""

    def __init__(self, code: Code, token: str) -> None:
        super().__init__(code)
        self.code = code
        self.token = token


class _DuplicateKey(Exception):
    """An object names a key twice; where it stands is found in a second, slower reading."""


class _Members(list[tuple[str, Any]]):
    """The members of an object in their order, repeated keys included."""


def _decoded(data: bytes) -> str:
    """Decode UTF-8, strictly and without a byte order mark (RFC 8259 §8.1)."""
    if data.startswith(_BOM):
        raise StrictJsonError("bom", 0)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJsonError("not_utf8", error.start) from None


def _check_size(data: bytes, max_depth: int, max_items: int) -> None:
    """Refuse too much depth or too many items before anything is built from them."""
    opened = data.count(b"[") + data.count(b"{")
    items = opened + data.count(b",")
    if opened <= max_depth and items <= max_items:
        return
    bare = _STRING.sub(b"", data)
    brackets = bare.translate(None, _ALL_BUT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > max_depth:
        raise StrictJsonError("too_deep", _offset_of_depth(data, max_depth))
    if bare.count(b",") + brackets.count(b"[") + brackets.count(b"{") > max_items:
        raise StrictJsonError("too_many", _offset_of_item(data, max_items))


def _scanned(data: bytes, text: str) -> Json:
    """Run the scanner; turn what it and its hooks say into `StrictJsonError`."""
    try:
        value: Json = _DECODER.decode(text)
    except JSONDecodeError as error:
        raise StrictJsonError("syntax", len(text[: error.pos].encode("utf-8"))) from None
    except _Found as found:
        raise StrictJsonError(found.code, _offset_of(data, found.token)) from None
    except _DuplicateKey:
        raise StrictJsonError("duplicate_key", None, _duplicate_pointer(text)) from None
    except RecursionError:
        raise StrictJsonError("too_deep", None) from None
    return value


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; refuse a key that comes twice (RFC 7493 §2.3)."""
    built = dict(members)
    if len(built) != len(members):
        raise _DuplicateKey
    return built


def _integer(spelling: str) -> int | Numeral:
    """Build an integer; minus nought is none, it would lose its sign."""
    if len(spelling) > NUMBER_CHARS_MAX:
        raise _Found("number_range", spelling)
    return Numeral(spelling) if spelling == "-0" else int(spelling)


def _numeral(spelling: str) -> Numeral:
    """Keep a number with its spelling; refuse sizes that no quantity has."""
    if len(spelling) > NUMBER_CHARS_MAX or _exponent(spelling) > EXPONENT_MAX:
        raise _Found("number_range", spelling)
    return Numeral(spelling)


def _exponent(spelling: str) -> int:
    """Give the size of a number's decimal exponent, whichever way it goes."""
    try:
        return abs(Decimal(spelling).adjusted())
    except InvalidOperation:
        # An exponent that not even Decimal can hold.
        return EXPONENT_MAX + 1


def _constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON (RFC 8259 §6)."""
    raise _Found("syntax", name)


_DECODER = JSONDecoder(
    parse_float=_numeral,
    parse_int=_integer,
    parse_constant=_constant,
    object_pairs_hook=_object,
    strict=True,
)
_KEEPING_DECODER = JSONDecoder(object_pairs_hook=_Members, parse_int=str, parse_float=str)


def _check_surrogates(value: Json) -> None:
    """Refuse half a surrogate pair in a text or key (RFC 7493 §2.1), naming where it stands."""
    for path, text in _texts(value, ()):
        if _HALF_PAIR.search(text):
            raise StrictJsonError("lone_surrogate", None, pointer_text(path))


def _texts(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give every text with its path; a key stands at the path of its object."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, (*path, position))


def _duplicate_pointer(text: str) -> str | None:
    """Read again, keeping repeated keys, and give the pointer of the first repeated one."""
    return next((pointer_text(path) for path in _repeated(_KEEPING_DECODER.decode(text), ())), None)


def _repeated(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Give the paths of all keys that their object has had before."""
    if isinstance(value, _Members):
        seen: set[str] = set()
        for key, item in value:
            if key in seen:
                yield (*path, key)
            seen.add(key)
            yield from _repeated(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _repeated(item, (*path, position))


def _blanked(data: bytes) -> bytes:
    """Give the document with its strings blanked out and all offsets kept."""
    return _STRING.sub(lambda match: b" " * len(match[0]), data)


def _offset_of(data: bytes, token: str) -> int | None:
    """Find the first place outside strings where a whole token stands."""
    sought = token.encode("ascii")
    words = re.finditer(rb"[-+.\w]+", _blanked(data))
    return next((word.start() for word in words if word[0] == sought), None)


def _offset_of_item(data: bytes, limit: int) -> int | None:
    """Find the comma or bracket that exceeds the number of items."""
    marks = re.finditer(rb"[,\[{]", _blanked(data))
    return next((mark.start() for count, mark in enumerate(marks) if count == limit), None)


def _offset_of_depth(data: bytes, limit: int) -> int | None:
    """Find the bracket that exceeds the depth."""
    depth = 0
    for mark in re.finditer(rb"[\[\]{}]", _blanked(data)):
        depth += _STEP[mark[0][0]]
        if depth > limit:
            return mark.start()
    return None
