"""Canonical bytes: other people's vectors, another implementation, and what is refused."""

from __future__ import annotations

import json
import math
import struct
import unicodedata
from decimal import Decimal
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as some

from runtime.canonical import DEPTH_MAX, INTEGER_LIMIT, CanonicalError, jcs, ledger_bytes
from runtime.strict_json import Numeral

SAFE = some.integers(-INTEGER_LIMIT + 1, INTEGER_LIMIT - 1)
DOUBLES = some.floats(allow_nan=False, allow_infinity=False)
# Every scalar value of Unicode, but no half surrogate pairs.
TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
NFC_TEXT = TEXT.map(lambda text: unicodedata.normalize("NFC", text))
ASCII_TEXT = some.text(some.characters(max_codepoint=127), max_size=8)


def documents(leaves: some.SearchStrategy[Any], keys: some.SearchStrategy[str]) -> Any:
    return some.recursive(
        leaves,
        lambda inner: some.lists(inner, max_size=5) | some.dictionaries(keys, inner, max_size=5),
        max_leaves=20,
    )


ANY = documents(some.none() | some.booleans() | SAFE | DOUBLES | TEXT, TEXT)
PROFILE = documents(some.none() | some.booleans() | SAFE | NFC_TEXT, ASCII_TEXT)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_vectors(vectors: Path, name: str) -> None:
    given_text = (vectors / "jcs" / "input" / f"{name}.json").read_bytes()
    assert jcs(json.loads(given_text)) == (vectors / "jcs" / "output" / f"{name}.json").read_bytes()


def test_the_vectors_are_all_listed_above(vectors: Path) -> None:
    assert len(list((vectors / "jcs" / "input").iterdir())) == 6


@given(ANY)
def test_equals_another_implementation(value: Any) -> None:
    assert jcs(value) == rfc8785.dumps(value)


@given(ANY)
def test_canonical_bytes_read_back_and_stay(value: Any) -> None:
    once = jcs(value)
    # A double above 2**53 may look like an integer, and only a double reads it back.
    assert jcs(json.loads(once, parse_int=float)) == once


@given(PROFILE)
def test_inside_the_profile_both_functions_agree(value: Any) -> None:
    assert ledger_bytes(value) == jcs(value) == rfc8785.dumps(value)


@given(ANY)
def test_the_profile_decides_alone(value: Any) -> None:
    """Whatever gets through the profile has the bytes of RFC 8785."""
    try:
        found = ledger_bytes(value)
    except CanonicalError:
        return
    assert found == rfc8785.dumps(value)


@given(some.binary(min_size=8, max_size=8))
def test_doubles_of_every_bit_pattern(bits: bytes) -> None:
    (value,) = struct.unpack(">d", bits)
    assume(math.isfinite(value))
    assert jcs(value) == rfc8785.dumps(value)
    assert float(jcs(value)) == value


# RFC 8785 appendix B, and the borders at which ECMAScript changes its notation.
@pytest.mark.parametrize(
    "bits, text",
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
        ("4024000000000000", "10"),
        ("3ff8000000000000", "1.5"),
    ],
)
def test_numbers_as_ecmascript_writes_them(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs(value).decode() == text


def test_keys_are_sorted_by_utf_16_units() -> None:
    # U+10000 is above U+FB33 as a character, but its first surrogate is below.
    assert jcs({"\ufb33": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ufb33":1}'.encode()


class Word(StrEnum):
    A = "a"


class Number(IntEnum):
    ONE = 1


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


OUTSIDE_JSON = [
    ({"a": [1, math.nan]}, "/a/1"),
    (math.inf, ""),
    (-math.inf, ""),
    (INTEGER_LIMIT, ""),
    ({"n": -INTEGER_LIMIT}, "/n"),
    (10**400, ""),
    ("\ud800", ""),
    ({"x": "a\udfffb"}, "/x"),
    ({"\ud800": 1}, ""),
    ({1: 1}, ""),
    ({None: 1}, ""),
    ({Word.A: 1}, ""),
    ({"w": Word.A}, "/w"),
    (Number.ONE, ""),
    (Decimal("1"), ""),
    (Numeral("1.50"), ""),
    (b"bytes", ""),
    ({"s": {1, 2}}, "/s"),
    ({"a/b~": object()}, "/a~1b~0"),
    (nested(DEPTH_MAX + 1), "/0" * DEPTH_MAX),
    (nested(5000), "/0" * DEPTH_MAX),
]

OUTSIDE_PROFILE = [
    ({"m": 1.5}, "/m"),
    ([0.0], "/0"),
    ({"\u00e9": 1}, ""),
    ({"a": {"米": 1}}, "/a"),
    ({"name": "A\u030a"}, "/name"),
    (["\u212b"], "/0"),
]


@pytest.mark.parametrize("value, pointer", OUTSIDE_JSON)
def test_what_has_no_canonical_bytes_is_refused_by_both(value: Any, pointer: str) -> None:
    for write in (jcs, ledger_bytes):
        with pytest.raises(CanonicalError) as refused:
            write(value)
        assert refused.value.pointer == pointer


@pytest.mark.parametrize("value, pointer", OUTSIDE_PROFILE)
def test_the_log_profile_refuses_more(value: Any, pointer: str) -> None:
    assert jcs(value) == rfc8785.dumps(value)
    with pytest.raises(CanonicalError) as refused:
        ledger_bytes(value)
    assert refused.value.pointer == pointer


def test_the_deepest_value_that_is_allowed() -> None:
    assert (
        jcs(nested(DEPTH_MAX)) == ledger_bytes(nested(DEPTH_MAX)) == orjson.dumps(nested(DEPTH_MAX))
    )


def test_tuples_are_arrays_and_empty_containers_stay() -> None:
    value: Any = {"t": (1, (), {}), "l": []}
    assert jcs(value) == ledger_bytes(value) == b'{"l":[],"t":[1,[],{}]}'


def test_every_control_character_has_the_escape_of_rfc_8785() -> None:
    for code in range(0x80):
        assert jcs(chr(code)) == ledger_bytes(chr(code)) == rfc8785.dumps(chr(code))
