"""Serials: what is minted is read back, what is touched is mistyped."""

from __future__ import annotations

import hashlib
import hmac
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trace.labels.serials import NUMBERS, Mistyped, check, mint

KEYS = {"A": b"a" * 32, "B": b"b" * 32}
ORIGIN = "log.example"
GTIN = "09521234543213"
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"

numbers = some.integers(0, NUMBERS - 1)
items = some.sampled_from([GTIN, "p/rice", "p/R-1", "p/" + "x" * 20])


def by_the_book(key: bytes, letter: str, origin: str, item: str, number: int) -> str:
    """A second writer, bit by bit from the text of the specification."""
    message = b"ecotrace/label/v1\x00"
    for text in (origin.encode(), item.encode()):
        message += bytes(divmod(len(text), 256)) + text
    message += bytes((number >> shift) & 255 for shift in (24, 16, 8, 0))
    digest = hmac.new(key, message, hashlib.sha256).digest()
    bits = f"{number:030b}" + "".join(f"{byte:08b}" for byte in digest)[:84]
    assert len(bits) == 114
    return letter + "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, 114, 6))


@given(numbers, items, some.sampled_from("AB"), some.text(min_size=1, max_size=40))
def test_what_is_minted_is_read_back(number, item, letter, origin):
    serial = mint(KEYS, letter, origin, item, number)
    assert serial == by_the_book(KEYS[letter], letter, origin, item, number)
    assert len(serial) == 20
    assert check(serial, KEYS, origin, item) == number


@pytest.mark.parametrize("number", [0, 1, 2**29, NUMBERS - 1])
def test_the_edges_of_thirty_bits(number):
    assert check(mint(KEYS, "A", ORIGIN, GTIN, number), KEYS, ORIGIN, GTIN) == number


@pytest.mark.parametrize("number", [-1, NUMBERS, NUMBERS + 1])
def test_a_number_beyond_thirty_bits_is_a_fault_of_the_program(number):
    with pytest.raises(ValueError, match="30 bits"):
        mint(KEYS, "A", ORIGIN, GTIN, number)


def test_a_letter_without_key_cannot_be_minted():
    with pytest.raises(ValueError, match="no label key"):
        mint(KEYS, "C", ORIGIN, GTIN, 0)


def test_every_single_wrong_character_is_mistyped():
    serial = mint(KEYS, "A", ORIGIN, GTIN, 123_456)
    for i in range(20):
        for wrong in set(ALPHABET) - {serial[i]}:
            changed = serial[:i] + wrong + serial[i + 1 :]
            assert isinstance(check(changed, KEYS, ORIGIN, GTIN), Mistyped), (i, wrong)


def test_every_swap_of_neighbours_is_mistyped():
    serial = mint(KEYS, "A", ORIGIN, GTIN, 987_654_321)
    for i in range(19):
        if serial[i] != serial[i + 1]:
            swapped = serial[:i] + serial[i + 1] + serial[i] + serial[i + 2 :]
            assert isinstance(check(swapped, KEYS, ORIGIN, GTIN), Mistyped), i


@pytest.mark.parametrize(
    "origin, item",
    [
        ("log.exampl", "e" + GTIN),
        ("log.example0", GTIN[1:]),
        (ORIGIN, "09521234543206"),
        (ORIGIN, "p/09521234543213"),
        ("other.example", GTIN),
        ("", ORIGIN + GTIN),
    ],
)
def test_a_serial_is_bound_to_log_and_product(origin, item):
    serial = mint(KEYS, "A", ORIGIN, GTIN, 5)
    assert check(serial, KEYS, origin, item) is Mistyped.TAG


def test_a_serial_is_bound_to_the_key_of_its_letter():
    serial = mint(KEYS, "A", ORIGIN, GTIN, 5)
    assert check(serial, {"A": b"x" * 32}, ORIGIN, GTIN) is Mistyped.TAG
    assert check("B" + serial[1:], KEYS, ORIGIN, GTIN) is Mistyped.TAG
    assert check("C" + serial[1:], KEYS, ORIGIN, GTIN) is Mistyped.LETTER


@pytest.mark.parametrize(
    "serial",
    [
        "",
        "A",
        "7",
        "A" * 19,
        "A" * 21,
        "a" * 20,
        "A" + "!" * 19,
        "A" + "=" * 19,
        "A" * 19 + "\n",
        "A" * 20 + "\n",
        " " + "A" * 19,
        "Ａ" * 20,
        "A" + "é" * 19,
        "A" + "+" * 19,
        "A" + "/" * 19,
        "1" + "A" * 19,
        "A" + "\x00" * 19,
    ],
)
def test_what_has_not_the_shape_of_a_serial(serial):
    assert check(serial, KEYS, ORIGIN, GTIN) is Mistyped.SHAPE


@given(some.text(max_size=30))
def test_no_text_is_a_serial_by_chance_and_none_is_a_fault(text):
    assert isinstance(check(text, KEYS, ORIGIN, GTIN), Mistyped)


def test_guesses_do_not_pass():
    draw = random.Random(7)
    for _ in range(20_000):
        guess = "A" + "".join(draw.choices(ALPHABET, k=19))
        assert check(guess, KEYS, ORIGIN, GTIN) is Mistyped.TAG
