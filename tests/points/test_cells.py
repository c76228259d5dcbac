"""Cells of decision tables: S-FEEL unary tests, and when two of them can both match."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.packs.cells import overlap, parse_cell
from points.packs.errors import PackError

CASES = [
    ("-", None, True),
    ("-", "a", True),
    ("-", 5, True),
    ('"a"', "a", True),
    ('"a"', "b", False),
    ('"a"', None, False),
    ('"a", "b"', "b", True),
    ('not("a")', "b", True),
    ('not("a")', "a", False),
    ('not("a", "b")', "b", False),
    ('not("a")', None, False),
    ('"a"', 5, False),
    ("5", 5, True),
    ("5", "5", False),
    ("< 5", 5, False),
    ("<= 5", 5, True),
    (">0.5", Fraction(1, 2), False),
    (">=0.5", Fraction(1, 2), True),
    ("[1..5]", 1, True),
    ("]1..5[", 1, False),
    ("(1..5)", 5, False),
    ("[1..5[", 5, False),
    ("]1..5]", 5, True),
    ("not([1..5])", 6, True),
    ("< 0, > 10", 11, True),
    ("< 0, > 10", 5, False),
    ("-3", -3, True),
]


@pytest.mark.parametrize("text, value, passes", CASES)
def test_cells(text, value, passes):
    asked = Fraction(value) if isinstance(value, int) else value
    assert parse_cell(text, "place").matches(asked) is passes


@pytest.mark.parametrize(
    "text",
    ["", '"a', "a", '"a" "b"', '"a", 5', "[5..1]", "[1..5", "1e3", "not()", "=> 5", "NaN", "٣"]
    + ['""', "5,", "not(-)", "0x1", "1.", "[1,5]"],
)
def test_what_is_no_cell(text):
    with pytest.raises(PackError):
        parse_cell(text, "place")


numbers = st.integers(-4, 4)
tests = st.one_of(
    numbers.map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), numbers).map(lambda t: f"{t[0]} {t[1]}"),
    st.tuples(st.sampled_from("[("), numbers, numbers, st.sampled_from("])")).map(
        lambda t: f"{t[0]}{min(t[1], t[2])}..{max(t[1], t[2])}{t[3]}"
    ),
)
cells = st.tuples(st.booleans(), st.lists(tests, min_size=1, max_size=3)).map(
    lambda t: f"not({', '.join(t[1])})" if t[0] else ", ".join(t[1])
)


@given(cells, cells)
def test_overlap_is_what_trying_every_quarter_finds(one, other):
    first, second = parse_cell(one, "a"), parse_cell(other, "b")
    tried = [Fraction(quarter, 4) for quarter in range(-40, 41)]
    assert overlap(first, second) is any(
        first.matches(value) and second.matches(value) for value in tried
    )


@pytest.mark.parametrize(
    "one, other, both",
    [
        ('"a"', '"b"', False),
        ('"a"', 'not("a")', False),
        ('not("a")', 'not("b")', True),
        ('"a"', "-", True),
        ('"a"', "5", False),
    ],
)
def test_overlap_of_texts(one, other, both):
    assert overlap(parse_cell(one, "a"), parse_cell(other, "b")) is both
