"""The strict reader against other people's cases, against bombs, and against itself."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.strict_json import (
    DEPTH_MAX,
    NUMBER_CHARS_MAX,
    Numeral,
    StrictJsonError,
    decimals_as_strings,
    read,
)

ACCEPTED, REFUSED = 93, 188


def refusal(data: bytes, **limits: int) -> StrictJsonError:
    with pytest.raises(StrictJsonError) as refused:
        read(data, **limits)
    return refused.value


def with_floats(value: Any) -> Any:
    """Give what the standard library would have read."""
    if isinstance(value, Numeral):
        return json.loads(value.spelling)
    if isinstance(value, dict):
        return {key: with_floats(item) for key, item in value.items()}
    return [with_floats(item) for item in value] if isinstance(value, list) else value


def test_everything_that_must_be_accepted_is(vectors: Path) -> None:
    accepted = 0
    for file in sorted((vectors / "json-parsing").glob("y_*.json")):
        if file.stem.startswith("y_object_duplicated_key"):
            error = refusal(file.read_bytes())
            assert (error.code, error.pointer) == ("duplicate_key", "/a")
            continue
        assert with_floats(read(file.read_bytes())) == json.loads(file.read_bytes()), file.name
        accepted += 1
    assert accepted == ACCEPTED


def test_everything_that_must_be_refused_is(vectors: Path) -> None:
    files = sorted((vectors / "json-parsing").glob("n_*.json"))
    for file in files:
        refusal(file.read_bytes())
    assert len(files) == REFUSED


LONG = b"1" * NUMBER_CHARS_MAX


# What JSONTestSuite leaves open (its `i_` cases), and what we decided.
@pytest.mark.parametrize(
    "data, code",
    [
        (b"\xef\xbb\xbf{}", "bom"),
        (b"\xff\xfe[\x00]\x00", "not_utf8"),
        (b"\x00[\x00]", "syntax"),
        (b'["\xc0\xaf"]', "not_utf8"),
        (b'["\xed\xa0\x80"]', "not_utf8"),
        (b'["\xf4\x90\x80\x80"]', "not_utf8"),
        (b'["\xe6\x97"]', "not_utf8"),
        (b'["\\ud800"]', "lone_surrogate"),
        (b'["\\uDd1e\\uD834"]', "lone_surrogate"),
        (b'["\\uD800\\n"]', "lone_surrogate"),
        (b'{"\\uDFAA":0}', "lone_surrogate"),
        (b"[0.4e00669999999999999999999999999999999999999999999999999999999]", "number_range"),
        (b"[-1e+9999]", "number_range"),
        (b"[1.5e-9999]", "number_range"),
        (b"[" + LONG + b"1]", "number_range"),
        (b"[0.0" + LONG + b"]", "number_range"),
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b'{"a":' * 65 + b"0" + b"}" * 65, "too_deep"),
        (b"[NaN]", "syntax"),
        (b"[-Infinity]", "syntax"),
        (b"[01]", "syntax"),
        (b"[1,]", "syntax"),
        (b"[\x0b1]", "syntax"),
        (b'["\t"]', "syntax"),
        (b'["\x00"]', "syntax"),
        (b"['a']", "syntax"),
        (b"[\xc2\xa01]", "syntax"),
        ("[１]".encode(), "syntax"),
        (b"", "syntax"),
        (b"  ", "syntax"),
        (b"1 2", "syntax"),
        (b"{} // note", "syntax"),
    ],
)
def test_open_cases_are_decided(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_numbers_keep_their_spelling() -> None:
    value = read(b"[7, -7, 0, -0, 1.0, 1.50, 1e3, 1E3, -0.0, 9007199254740993]")
    assert value == [
        *(7, -7, 0),
        *map(Numeral, ["-0", "1.0", "1.50", "1e3", "1E3", "-0.0"]),
        9007199254740993,
    ]
    assert Numeral("1.5") != Numeral("1.50")
    assert Numeral("1.5").decimal == Numeral("1.50").decimal == Decimal("1.5")
    assert read(LONG) == int(LONG)


def test_numbers_become_strings_for_the_record_of_what_was_understood() -> None:
    value = read(b'{"q": [1.50, 7, -0, true, null, "x", 9007199254740993], "1": {"e": 1E2}}')
    assert decimals_as_strings(value) == {
        "q": ["1.50", "7", "-0", True, None, "x", "9007199254740993"],
        "1": {"e": "1E2"},
    }


@pytest.mark.parametrize(
    "data, pointer",
    [
        (b'{"a":1,"a":1}', "/a"),
        (b'{"a":1,"\\u0061":2}', "/a"),
        (b'{"x":[{"b":0},{"c":{"a/b~":1,"k":2,"a/b~":3}}]}', "/x/1/c/a~1b~0"),
        (b'{"a":{"b":1,"b":2},"a":3}', "/a/b"),
        (b'{"":1,"":2}', "/"),
        (b'{"\\ud800":1,"\\ud800":2}', "/\\ud800"),
        ('[{"米":1,"米":2}]'.encode(), "/0/米"),
    ],
)
def test_a_repeated_key_is_named(data: bytes, pointer: str) -> None:
    error = refusal(data)
    assert (error.code, error.pointer, error.offset) == ("duplicate_key", pointer, None)
    str(error).encode()


@pytest.mark.parametrize(
    "data, pointer",
    [
        (b'{"a":["x","\\uDEAD"]}', "/a/1"),
        (b'{"a":{"\\uDEAD":"\\ud83d\\ude00"}}', "/a"),
    ],
)
def test_half_a_surrogate_pair_is_named(data: bytes, pointer: str) -> None:
    assert refusal(data).pointer == pointer


def test_whole_pairs_and_escaped_backslashes_are_no_halves() -> None:
    assert read(b'["\\ud83d\\ude00", "\\\\ud800"]') == ["😀", "\\ud800"]


@pytest.mark.parametrize(
    "data, offset",
    [
        ('["é", NaN]'.encode(), 7),
        ('["NaN é", -Infinity]'.encode(), 11),
        ('{"é": 01}'.encode(), 8),
        (b"[0.001e401, 1e401]", 12),
        (b'["1e401", 11e401, 1e401]', 10),
        (b'["abc\xff"]', 5),
        (b"[1 2]", 3),
    ],
)
def test_the_byte_is_named(data: bytes, offset: int) -> None:
    assert refusal(data).offset == offset


def test_limits_are_exact_and_brackets_in_strings_do_not_count() -> None:
    deep = b"[" * 64 + b"]" * 64
    assert read(deep) is not None
    assert refusal(b"[" + deep + b"]").offset == 64
    text = b'["' + b'[{,\\"' * 1000 + b'"]'
    assert read(text, max_items=1) is not None
    assert read(b"[1,2,3]", max_items=3) == [1, 2, 3]
    error = refusal(b'[",,,",2,3,4]', max_items=3)
    assert (error.code, error.offset) == ("too_many", 10)
    assert read(b"[10]", max_bytes=4) == [10]
    assert refusal(b"[100]", max_bytes=4).code == "too_large"


def test_a_reader_cannot_be_asked_to_go_too_deep() -> None:
    with pytest.raises(ValueError, match="deeper"):
        read(b"[]", max_depth=DEPTH_MAX + 1)
    assert read(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX, max_depth=DEPTH_MAX) is not None


MIB = 1 << 20


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * MIB,
        b"]" * MIB,
        b"[]" * (MIB // 2),
        b'{"a":' * (MIB // 5),
        b'"' * MIB,
        b'["' + b'\\"' * (MIB // 2 - 1),
        b'["' + b"\\" * (MIB - 2),
        b'["' + b'[\\"' * (MIB // 3 - 1),
        b'["' + b"[" * 65 + b"\\" * (MIB - 67),
        b"[" * 65 + b'"' * (MIB - 65),
        b"[" + b'"",' * (MIB // 3 - 1),
        b"[" + b"1," * (MIB // 2 - 1),
        b"1" * MIB,
        b"0." + b"1" * (MIB - 2),
        b"1e" + b"1" * (MIB - 2),
        b" " * MIB,
        b'"' + b"\\ud800" * (MIB // 6 - 1) + b'"',
        b"{" + b'"a":0,' * (MIB // 6 - 1) + b'"a":0}',
    ],
    ids=lambda bomb: bomb[:8].decode(),
)
def test_bombs_are_refused_within_a_second(bomb: bytes) -> None:
    begun = time.process_time()
    refusal(bomb)
    assert time.process_time() - begun < 1


JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(10**30), 10**30)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(some.characters(exclude_categories=["Cs"])),
    lambda inner: (
        some.lists(inner)
        | some.dictionaries(
            some.text(some.characters(exclude_categories=["Cs"]), max_size=6), inner
        )
    ),
    max_leaves=20,
)


@given(JSON, some.booleans(), some.sampled_from([None, 1]))
def test_reads_what_the_standard_library_writes(value: Any, ascii_only: bool, indent: Any) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert with_floats(read(data)) == value


@given(
    some.binary(max_size=60)
    | some.text(alphabet='[]{}",:\\u0dD8e+-.1 tn', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = read(data)
    except StrictJsonError as error:
        assert (error.pointer is None) or error.pointer.encode() is not None
        return
    assert with_floats(value) == json.loads(data)


@given(JSON, some.data())
def test_one_changed_byte_never_does_worse_than_a_refusal(
    value: Any, draw: some.DataObject
) -> None:
    data = bytearray(json.dumps(value).encode())
    data[draw.draw(some.integers(0, len(data) - 1))] = draw.draw(some.integers(0, 255))
    try:
        read(bytes(data))
    except StrictJsonError as error:
        assert error.code
