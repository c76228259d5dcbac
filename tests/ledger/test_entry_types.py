"""Declarations: what a field allows, and what a type refuses to publish."""

from __future__ import annotations

import pytest

from ledger.entry_types import (
    ENTRY_TYPES,
    RESERVED,
    EntryType,
    Field,
    registry,
    table_rows,
)
from ledger.refusals import LedgerRefusal
from runtime import base64url

DIGEST = base64url.encode(bytes(32))
CODE = Field("code", vocabulary=("kg", "piece"))
FORM = Field("code", pattern="[a-z][0-9]{2}")

ALLOWED = [
    (Field("int"), [0, 5, 2**53 - 1], [-1, 2**53, True, "5", None, 1.0]),
    (Field("int", low=-3, high=3), [-3, 3], [-4, 4]),
    (Field("bool"), [True, False], [0, 1, "true", None]),
    (CODE, ["kg", "piece"], ["Kg", "", "kg ", None, ["kg"]]),
    (FORM, ["a12"], ["a1", "a123", "a12\n", "A12"]),
    (Field("number"), ["TJ-2026/001(2)", "0"], ["", "-1", "津001", "a" * 41, "a b", 7]),
    (Field("number", pattern="津[0-9]{3}"), ["津001"], ["津1", "TJ-2026"]),
    (Field("instant"), ["2026-11-22T00:00:00.000000Z"], ["2026-11-22", "2026-11-22T00:00:00Z"]),
    (Field("date"), ["2026-02-28"], ["2026-02-29", "20260228", "2026-2-28", "2026-W01-1"]),
    (Field("digest"), [DIGEST], [DIGEST[:-1], DIGEST + "=", base64url.encode(bytes(31)), "米"]),
    (Field("key"), [DIGEST], [DIGEST[:-1] + "B"]),
    (Field("list", item=CODE), [[], ["kg"], ("kg", "kg")], [["x"], "kg", None, ["kg"] * 257]),
]


@pytest.mark.parametrize("field, good, bad", ALLOWED)
def test_what_a_field_allows(field: Field, good: list[object], bad: list[object]) -> None:
    assert [each for each in good if not field.allows(each)] == []
    assert [each for each in bad if field.allows(each)] == []


TYPE = EntryType(
    "trace.step.take", {"unit": CODE, "mass": Field("int", optional=True)}, ("raw",), "Why."
)


@pytest.mark.parametrize(
    "facts, commit, wanted",
    [
        ({"unit": "kg"}, [], []),
        ({"unit": "kg", "mass": 5}, ["raw"], []),
        ({}, [], [(LedgerRefusal.MISSING_FACT, "/facts")]),
        ({"unit": "t"}, [], [(LedgerRefusal.MALFORMED_FACT, "/facts/unit")]),
        ({"unit": None}, [], [(LedgerRefusal.MALFORMED_FACT, "/facts/unit")]),
        ({"unit": "kg", "raw": DIGEST}, [], [(LedgerRefusal.UNDECLARED_FACT, "/facts/raw")]),
        ({"unit": "kg", "a/b": 1}, [], [(LedgerRefusal.UNDECLARED_FACT, "/facts/a~1b")]),
        (
            {"unit": "kg"},
            ["unit", "raw", "rest"],
            [
                (LedgerRefusal.UNDECLARED_COMMITMENT, "/commit/unit"),
                (LedgerRefusal.UNDECLARED_COMMITMENT, "/commit/rest"),
            ],
        ),
    ],
)
def test_what_a_type_refuses(
    facts: dict[str, object], commit: list[str], wanted: list[tuple[LedgerRefusal, str]]
) -> None:
    found = [(each.code, each.pointer) for each in TYPE.problems(facts, commit)]
    assert found == wanted


@pytest.mark.parametrize(
    "declare",
    [
        lambda: EntryType("trace.step", {}, (), "Why."),
        lambda: EntryType("Trace.step.take", {}, (), "Why."),
        lambda: EntryType("UNHEARD", {}, (), "Why."),
        lambda: EntryType("trace.step.take", {"Unit": CODE}, (), "Why."),
        lambda: EntryType("trace.step.take", {"unit": CODE}, ("unit",), "Why."),
        lambda: EntryType("trace.step.take", {}, ("a b",), "Why."),
        lambda: EntryType("trace.step.take", {}, (), " "),
        lambda: Field("code"),
        lambda: Field("list"),
        lambda: Field("int", item=CODE),
        lambda: registry([TYPE], [TYPE]),
    ],
)
def test_declarations_that_are_mistakes(declare: object) -> None:
    assert callable(declare)
    with pytest.raises(ValueError):
        declare()


def test_the_logs_own_types_are_reserved() -> None:
    assert {each.type for each in ENTRY_TYPES} <= RESERVED
    assert len(RESERVED) == 10


def test_table_rows_say_type_fields_and_reason() -> None:
    (row,) = table_rows([TYPE])
    assert row == "| `trace.step.take` | `mass` int (optional), `unit` code | `raw` | Why. |"
