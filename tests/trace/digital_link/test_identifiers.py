"""Our table of identifiers against the dictionary that GS1 publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from trace.digital_link.identifiers import IDENTIFIERS, broken_rule

# How the dictionary calls what we check, and what we leave to others: prefixes that have to be
# GS1's, countries, and the index of an importer.
RULES = {
    "csum": "csum",
    "zero": "zero",
    "pieceoftotal": "piece",
    "nozeroprefix": "norm",
    "yymmdd": "date",
    "yymmd0": "date0",
    "hhmi": "time",
}
NOT_CHECKED = {"gcppos1", "gcppos2", "iso3166", "iso3166999", "importeridx"}


@dataclass(frozen=True)
class Row:
    """A row of the dictionary, in our words."""

    format: tuple[tuple[str, int, int, bool, str | None], ...]
    qualifiers: tuple[tuple[str, ...], ...] | None
    is_attribute: bool


def components(words: list[str]) -> Iterator[tuple[str, int, int, bool, str | None]]:
    for word in words:
        shape, *linters = word.split(",")
        match = re.fullmatch(r"(\[?)([NXY])(\.\.)?(\d+)\]?", shape)
        if match is None:
            raise ValueError(word)
        rules = [RULES[name] for name in linters if name not in NOT_CHECKED]
        length = int(match[4])
        shortest = 1 if match[3] else length
        yield match[2], shortest, length, bool(match[1]), rules[0] if rules else None


def orders(words: list[str]) -> tuple[tuple[str, ...], ...] | None:
    for word in words:
        if word == "dlpkey":
            return ()
        if word.startswith("dlpkey="):
            sequences = word.removeprefix("dlpkey=").split("|")
            return tuple(tuple(sequence.split(",")) for sequence in sequences)
    return None


def read_row(line: str) -> tuple[list[str], Row]:
    span, *words = line.partition("#")[0].split()
    flags = words.pop(0) if re.fullmatch(r"[*?]+", words[0]) else ""
    format_words = [w for w in words if re.match(r"\[?[NXYZ](\.\.)?\d", w)]
    attributes = words[len(format_words) :]
    first, _, last = span.partition("-")
    numbers = [f"{n:0{len(first)}d}" for n in range(int(first), int(last or first) + 1)]
    try:
        format_ = tuple(components(format_words))
    except (ValueError, KeyError):
        format_ = ()  # a row with content that we have no word for, and so no row of ours
    return numbers, Row(format_, orders(attributes), "?" in flags)


@pytest.fixture(scope="session")
def dictionary(vectors) -> dict[str, Row]:
    text = (vectors / "gs1" / "gs1-syntax-dictionary.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\d", line)]
    rows = map(read_row, lines)
    return {number: row for numbers, row in rows for number in numbers}


def test_the_dictionary_was_read(dictionary):
    assert len(dictionary) > 400
    assert dictionary["253"].format == (("N", 13, 13, False, "csum"), ("X", 1, 17, True, None))


@pytest.mark.parametrize("ai", sorted(IDENTIFIERS))
def test_every_row_is_the_dictionarys(dictionary, ai):
    ours = IDENTIFIERS[ai]
    format_ = tuple((c.characters, c.shortest, c.longest, c.optional, c.rule) for c in ours.format)
    row = Row(format_, ours.qualifiers if ours.is_key else None, ours.is_attribute)
    if ai == "8003":
        # Digit and serial of an asset stand in the dictionary as they stand here.
        assert row.format[0] == ("N", 1, 1, False, "zero")
    assert row == dictionary[ai]


def test_every_key_of_the_dictionary_is_ours_or_known_to_be_left_out(dictionary):
    keys = {ai for ai, row in dictionary.items() if row.qualifiers is not None}
    # Payment slips, and models of medical devices: nothing on the way of a farm product.
    assert keys - {ai for ai, row in IDENTIFIERS.items() if row.is_key} == {"415", "8013"}


def test_every_qualifier_of_our_keys_is_in_the_table():
    qualifiers = {ai for row in IDENTIFIERS.values() for order in row.qualifiers for ai in order}
    assert qualifiers <= set(IDENTIFIERS)


@pytest.mark.parametrize(
    ("ai", "value", "broken"),
    [
        ("01", "09521234543213", None),
        ("01", "09521234543214", "csum"),
        ("01", "9521234543213", "format"),
        ("01", "0952123454321３", "format"),  # a full-width digit is no digit
        ("00", "095201234567891235", None),
        ("00", "095201234567891234", "csum"),
        ("10", "", "format"),
        ("10", "A" * 20, None),
        ("10", "A" * 21, "format"),
        ("10", "A B", "format"),
        ("10", "批次", "format"),
        ("10", "A#1", "format"),
        ("10", "A\n", "format"),
        ("253", "9521321000018", None),
        ("253", "9521321000018ABC", None),
        ("253", "9521321000019ABC", "csum"),
        ("8003", "09521321000018X", None),
        ("8003", "19521321000018X", "zero"),
        ("8006", "095212345432130102", None),
        ("8006", "095212345432130201", "piece"),
        ("8006", "095212345432130001", "piece"),
        ("8011", "0", None),
        ("8011", "01", "norm"),
        ("17", "270228", None),
        ("17", "270229", "date0"),
        ("17", "270200", None),
        ("17", "271300", "date0"),
        ("7003", "2702282359", None),
        ("7003", "2702282400", "time"),
        ("7007", "270101", None),
        ("7007", "270101270131", None),
        ("7007", "2701012701", "format"),
    ],
)
def test_values(ai, value, broken):
    assert broken_rule(IDENTIFIERS[ai], value) == broken
