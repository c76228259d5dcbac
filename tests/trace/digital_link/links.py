"""Links drawn at random, for every key of the table."""

from __future__ import annotations

import re

from biip.checksums import gs1_standard_check_digit
from hypothesis import strategies as some

from trace.digital_link import link
from trace.digital_link.identifiers import IDENTIFIERS, PRODUCT, Component, broken_rule
from trace.digital_link.identifiers import PRODUCT_QUALIFIERS as PRODUCT_ORDERS

KEYS = sorted(ai for ai, row in IDENTIFIERS.items() if row.is_key)
ATTRIBUTES = sorted(ai for ai, row in IDENTIFIERS.items() if row.is_attribute)
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz"
PREFIXED = {"401", "8004", "8010"}
"""Keys that begin with a company prefix and have no check digit."""
SETS = {"N": "0123456789", "X": SET_82, "Y": "#-/0123456789ABCXYZ"}


def checked(digits: str) -> str:
    """Append the check digit."""
    return digits + str(gs1_standard_check_digit(digits))


def part(component: Component) -> some.SearchStrategy[str]:
    letters = SETS[component.characters]
    if component.rule == "csum":
        length = component.longest - 1
        return some.text(letters, min_size=length, max_size=length).map(checked)
    fixed = {
        "zero": some.just("0"),
        "piece": some.tuples(some.integers(1, 99), some.integers(0, 98)).map(
            lambda pair: f"{pair[0]:02d}{min(99, pair[0] + pair[1]):02d}"
        ),
        "date": some.dates().map(lambda day: f"{day:%y%m%d}"),
        "date0": some.dates().map(lambda day: f"{day:%y%m}00"),
        "time": some.times().map(lambda time: f"{time:%H%M}"),
    }
    text = some.text(letters, min_size=component.shortest, max_size=component.longest)
    return fixed.get(component.rule or "", text)


def values(ai: str) -> some.SearchStrategy[str]:
    """Values that fit a row; the later optional parts only after the earlier."""
    row = IDENTIFIERS[ai]
    parts = some.tuples(*map(part, row.format))
    needed = sum(not component.optional for component in row.format)
    counts = some.integers(needed, len(row.format))
    joined = some.tuples(parts, counts).map(lambda drawn: "".join(drawn[0][: drawn[1]]))
    if ai in PREFIXED:
        joined = joined.map(lambda value: f"952132{value}"[:30])
    # A path cannot carry these two; 29 February exists only in some years.
    return joined.filter(lambda value: value not in (".", "..") and not broken_rule(row, value))


@some.composite
def links(draw: some.DrawFn) -> link.Link:
    key = draw(some.sampled_from([*KEYS, PRODUCT]))
    orders: tuple[tuple[str, ...], ...]
    if key == PRODUCT:
        value, orders = draw(some.from_regex(r"[A-Za-z0-9-]{1,20}", fullmatch=True)), PRODUCT_ORDERS
    else:
        value, orders = draw(values(key)), IDENTIFIERS[key].qualifiers
    order = draw(some.sampled_from([(), *orders]))
    chosen = [ai for ai in order if draw(some.booleans())]
    qualifiers = [(ai, draw(values(ai))) for ai in chosen]
    names = draw(some.lists(some.sampled_from(ATTRIBUTES), unique=True, max_size=3))
    attributes = [(ai, draw(values(ai))) for ai in names]
    further = some.tuples(some.text(max_size=8), some.text(max_size=8)).filter(
        lambda pair: pair[0] not in IDENTIFIERS and not re.search("[\ud800-\udfff]", "".join(pair))
    )
    return link.make(key, value, qualifiers, attributes, draw(some.lists(further, max_size=3)))
