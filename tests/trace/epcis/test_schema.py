"""Our verdict against GS1's published JSON Schema, on documents with one thing changed.

Every field of every event of the valid documents is left out, renamed, or given a value of another
type. Where verdicts differ, the difference has to be one of those that `trace.epcis.shapes` lists.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from runtime.refusal import Refusal
from tests.trace.epcis.documents import document, event
from trace.epcis.check import check_event
from trace.epcis.document import read_document
from trace.epcis.vocabulary import MEASUREMENT

Path = tuple[str | int, ...]

SAMPLE = 2500
"""Changes looked at in the quick run; `make test-deep` looks at all."""

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2.5,
    "",
    "text",
    "ext:text",
    "a b",
    "2026-02-30T00:00:00Z",
    "https://ref.gs1.org/cbv/BizStep-nonsense",
    [],
    ["text"],
    {},
    {"bare": 1},
    {"ext1:more": {"bare": [1, "x"]}},
]

# code: where it may stand while the schema accepts. Each is a point of the list in `shapes`.
NARROWER = {
    "identifiers_missing": r"/(epcList|inputEPCList|outputEPCList)$",
    "field_missing": r"/parentID$",
    "event_type_unknown": r"/type$",
    "version_unsupported": r"^/schemaVersion$",
    "namespace_undeclared": "",
    "duplicate_key": "",
    "context_malformed": r"/@context",
    "field_unknown": r"/(readPoint|bizLocation|epcisBody|ext1:more|\w+:\w+)/",
    "vocabulary_unknown": r"/(bizStep|disposition|type|reason|component|exception|(un)?set/\d+)$",
    "list_repeats": r"/(childEPCs|epcList)$",
    "quantity_negative": r"/quantity$",
    "quantity_not_decimal": r"/quantity$",
    "quantity_not_whole": r"/quantity$",
    "unit_without_quantity": r"/uom$",
}


def single(name: str, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each event of a document in a document of its own."""
    whole = json.loads(data)
    for index, one in enumerate(whole["epcisBody"]["eventList"]):
        alone = copy.deepcopy(whole)
        alone["epcisBody"]["eventList"] = [one]
        yield f"{name}#{index}", alone


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from places(item, (*path, position))


@dataclass(frozen=True)
class Change:
    """One thing to do to one place of a document; `value` `...` leaves it out or renames it."""

    path: Path
    how: str
    value: Any = ...

    def made(self, document: dict[str, Any]) -> dict[str, Any]:
        changed = copy.deepcopy(document)
        here: Any = changed
        for step in self.path[:-1]:
            here = here[step]
        last: Any = self.path[-1]
        if self.how == "left out":
            del here[last]
        elif self.how == "renamed":
            here[f"{last}X"] = here.pop(last)
        else:
            here[last] = self.value
        return changed


def changes(document: dict[str, Any]) -> Iterator[Change]:
    for path in places(document):
        yield Change(path, "left out")
        if isinstance(path[-1], str):
            yield Change(path, "renamed")
        for value in VALUES:
            yield Change(path, "replaced", value)


def our_faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        events = read_document(json.dumps(document).encode(), 1000).events
    except Refusal as refusal:
        return [(reason.code.code, reason.pointer or "") for reason in refusal.reasons]
    return [(f.code.code, f.pointer) for one in events for f in check_event(one)]


def as_the_schema_wants(accepted: dict[str, Any]) -> dict[str, Any]:
    """Take out of a document what we accept and the schema does not."""
    wanted = copy.deepcopy(accepted)
    for one in wanted["epcisBody"]["eventList"]:
        one.pop("persistentDisposition", None)
        for element in one.get("sensorElementList", []):
            for report in element["sensorReport"]:
                kind = report.setdefault("type", "Temperature")
                if ":" not in kind and kind not in MEASUREMENT.words:
                    assert re.fullmatch(r"[A-Za-z]\w*", kind)
                    report["type"] = "Temperature"
    return wanted


def difference(document: dict[str, Any], schema: Any) -> str | None:
    """Give what nothing explains about the two verdicts, or None."""
    found = our_faults(document)
    accepted = schema(document)
    if not found and not accepted and not schema(as_the_schema_wants(document)):
        return "only the schema refuses"
    if found and accepted:
        unexplained = [
            (code, pointer)
            for code, pointer in found
            if code not in NARROWER or not re.search(NARROWER[code], pointer)
        ]
        # One explained fault is reason enough to refuse.
        if len(unexplained) == len(found):
            return f"only we refuse: {unexplained}"
    return None


def unexplained(valid: dict[str, bytes], schema: Any, sample: int | None) -> list[str]:
    documents = dict(one for name, data in valid.items() for one in single(name, data))
    every = [(name, change) for name, one in documents.items() for change in changes(one)]
    assert len(every) > 2 * SAMPLE
    if sample is not None:
        every = random.Random(2026).sample(every, sample)
    told = ((*one, difference(one[1].made(documents[one[0]]), schema)) for one in every)
    return [f"{name} {change}: {found}" for name, change, found in told if found is not None]


def test_a_sample_of_changed_documents(valid, schema):
    assert unexplained(valid, schema, SAMPLE) == []


@pytest.mark.deep
def test_all_changed_documents(valid, schema):
    assert unexplained(valid, schema, None) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bizStep": "shipping"}, None),
        ({"bizStep": "transforming"}, None),  # both refuse
        ({"bizStep": "https://ref.gs1.org/cbv/BizStep-nonsense"}, None),  # only we refuse
        ({"eventTime": "2026-10-18t08:00:00Z"}, "only we refuse"),  # on purpose not in NARROWER
    ],
)
def test_differences_are_found(schema, change, told):
    found = difference(document(event(**change)), schema)
    assert (found or "").startswith(told or "")
    assert (found is None) == (told is None)
