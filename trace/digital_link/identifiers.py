"""The GS1 application identifiers that we read and write, as a table.

Facts (number, format, place in an address) are those of the GS1 Barcode Syntax Dictionary; a test
compares every row with it. Only what meets a farm product on its way is here: the keys of the
GS1 system that name goods, places, parties, documents and assets, their qualifiers, and the
attributes of food. Other attributes pass through an address unread.

A format is a sequence of components, `N` digits, `X` character set 82, `Y` character set 39
(GS1 General Specifications 7.11), each with one length or `..max`; in brackets it may be absent.
After a comma comes the rule for its content: `csum` check digit (7.9), `zero`, `piece` (piece of
total, two digits each), `norm` no leading zero, `date` YYMMDD, `date0` the same but day 00 means
the end of the month (7.12), `time` hhmm.

A row says `key` with the orders in which qualifiers may follow it, `qualifier`, `attribute`
(allowed in the query string), or several of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from biip.checksums import gs1_standard_check_digit

CHARACTERS = {
    "N": "0-9",
    "X": "!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z",
    "Y": "#\\-/0-9A-Z",
}


@dataclass(frozen=True)
class Component:
    """One part of a value: its characters, lengths, whether it may be absent, and its rule."""

    characters: str
    shortest: int
    longest: int
    optional: bool
    rule: str | None


@dataclass(frozen=True)
class Identifier:
    """One row: number, components, and where in an address it may stand."""

    ai: str
    format: tuple[Component, ...]
    pattern: re.Pattern[str]
    is_key: bool
    qualifiers: tuple[tuple[str, ...], ...]
    is_attribute: bool


# AI | format | key, with its orders of qualifiers | may be an attribute
_ROWS = """
00        | N18,csum              | key               | yes
01        | N14,csum              | key 22,10,21 235  | yes
02        | N14,csum              |                   | yes
10        | X..20                 |                   | yes
11        | N6,date0              |                   | yes
13        | N6,date0              |                   | yes
15        | N6,date0              |                   | yes
16        | N6,date0              |                   | yes
17        | N6,date0              |                   | yes
20        | N2                    |                   | yes
21        | X..20                 |                   | no
22        | X..20                 |                   | no
235       | X..28                 |                   | no
240       | X..30                 |                   | yes
241       | X..30                 |                   | yes
250       | X..30                 |                   | yes
251       | X..30                 |                   | yes
253       | N13,csum [X..17]      | key               | yes
254       | X..20                 |                   | no
255       | N13,csum [N..12]      | key               | yes
30        | N..8                  |                   | yes
3100-3105 | N6                    |                   | yes
3140-3145 | N6                    |                   | yes
3150-3155 | N6                    |                   | yes
3300-3305 | N6                    |                   | yes
37        | N..8                  |                   | yes
3920-3929 | N..15                 |                   | yes
400       | X..30                 |                   | yes
401       | X..30                 | key               | yes
402       | N17,csum              | key               | yes
403       | X..30                 |                   | yes
410-413   | N13,csum              |                   | yes
414       | N13,csum              | key 254 7040      | yes
416       | N13,csum              |                   | yes
417       | N13,csum              | key 7040          | yes
420       | X..20                 |                   | yes
422       | N3                    |                   | yes
427       | X..3                  |                   | yes
7003      | N6,date N4,time       |                   | yes
7005      | X..12                 |                   | yes
7006      | N6,date               |                   | yes
7007      | N6,date [N6],date     |                   | yes
7008      | X..3                  |                   | yes
7010      | X..2                  |                   | yes
7030-7039 | N3 X..27              |                   | yes
7040      | N1 X1 X1 X1           |                   | no
7230-7239 | X2 X..28              |                   | yes
8003      | N1,zero N13,csum [X..16] | key            | yes
8004      | X..30                 | key 7040          | yes
8006      | N14,csum N4,piece     | key 22,10,21      | yes
8010      | Y..30                 | key 8011          | yes
8011      | N..12,norm            |                   | no
8017      | N18,csum              | key 8019          | yes
8018      | N18,csum              | key 8019          | yes
8019      | N..10                 |                   | no
"""

_COMPONENT = re.compile(r"(\[)?([NXY])(\.\.)?([0-9]+)\]?(?:,([a-z0-9]+))?\Z")


def _component(text: str) -> Component:
    """Read one component of a format."""
    match = _COMPONENT.match(text)
    if match is None:
        raise ValueError(f"no component: {text}")
    bracket, characters, variable, length, rule = match.groups()
    longest = int(length)
    return Component(characters, 1 if variable else longest, longest, bool(bracket), rule)


def _pattern(components: tuple[Component, ...]) -> re.Pattern[str]:
    """Give the pattern of a whole value, one group for each component."""
    parts = (
        f"([{CHARACTERS[one.characters]}]{{{one.shortest},{one.longest}}})"
        + ("?" if one.optional else "")
        for one in components
    )
    return re.compile("".join(parts) + r"\Z")


def _numbers(span: str) -> Iterator[str]:
    """Give the numbers of a row, which is one number or a range."""
    first, _, last = span.partition("-")
    for number in range(int(first), int(last or first) + 1):
        yield str(number).zfill(len(first))


def _read_row(row: str) -> Iterator[Identifier]:
    """Read one line of the table."""
    span, components, key, attribute = (cell.strip() for cell in row.split("|"))
    format_ = tuple(_component(text) for text in components.split())
    orders = tuple(tuple(order.split(",")) for order in key.split()[1:])
    for ai in _numbers(span):
        yield Identifier(ai, format_, _pattern(format_), bool(key), orders, attribute == "yes")


IDENTIFIERS = {one.ai: one for row in _ROWS.strip().splitlines() for one in _read_row(row)}
"""All rows by number."""

PRODUCT = "p"
"""Our own key for a product without a GTIN, with the behaviour of 01: /p/{product}/10/…/21/…."""

PRODUCT_QUALIFIERS = (("10", "21"),)

PRODUCT_CODE = re.compile(r"[A-Za-z0-9-]{1,20}\Z")


def _check_digit_holds(value: str) -> bool:
    return value[-1] == str(gs1_standard_check_digit(value[:-1]))


def _is_piece_of_total(value: str) -> bool:
    return 1 <= int(value[:2]) <= int(value[2:])


def _is_date(value: str) -> bool:
    """Say whether YYMMDD is a day; years 51-99 of the last century (7.12) share our leap years."""
    try:
        date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
    except ValueError:
        return False
    return True


def _is_date_or_month(value: str) -> bool:
    return _is_date(value[:4] + "01" if value.endswith("00") else value)


_RULES: dict[str, Callable[[str], bool]] = {
    "csum": _check_digit_holds,
    "zero": lambda value: value == "0",
    "piece": _is_piece_of_total,
    "norm": lambda value: value == "0" or not value.startswith("0"),
    "date": _is_date,
    "date0": _is_date_or_month,
    "time": lambda value: int(value[:2]) < 24 and int(value[2:]) < 60,
}


def broken_rule(identifier: Identifier, value: str) -> str | None:
    """Give the rule that a value breaks: `format`, one of the table's rules, or None.

    Lengths and characters come before content: a GTIN with a letter is `format`, not `csum`.
    """
    match = identifier.pattern.match(value)
    if match is None:
        return "format"
    for component, part in zip(identifier.format, match.groups(), strict=True):
        if component.rule and part is not None and not _RULES[component.rule](part):
            return component.rule
    return None
