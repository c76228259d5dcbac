"""The part of an event that strangers see on a scan page, committed beside the whole.

To open a commitment is to show all of it, and the understood record of an event names operators,
buyers, carriers and prices. So an event carries a third commitment, `shown`: a small record, drawn
from the understood one, of what anybody may read. It is opened on scan pages; `raw` and
`understood` are opened to the owner, his partners and authorities only (ADR 0008).

    {"step": "harvest", "at": "2026-10-18T01:00:00.000000Z", "offset": "+08:00",
     "details": {"moisturePercent": "14.5", "areaTyped": ["120", "亩"]},
     "goods": [{"lot": "XZD2026", "typed": ["72000", "公斤"]}]}

Quantities are shown where goods come into being; what a partner buys is his own affair. What was
typed is shown only where it is the same amount as the event's own quantity. A detail with a unit is
a pair of number and unit, both as typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from runtime.quantities import QuantityError, parse
from trace.digital_link import link
from trace.digital_link.refusals import LinkRefused
from trace.epcis.farm import NAMESPACE, FarmStep, step_of
from trace.epcis.understood import named

DETAILS = (
    "variety", "areaTyped", "areaUnit", "headCount",
    "inputKind", "inputName", "registration", "dose", "doseUnit", "intervalDays",
    "moisturePercent", "sugarPercent", "growthDays",
    "temperatureC", "humidityPercent", "process",
    "laboratory", "reportNumber", "reportSha256", "items",
    "pack", "pieces",
)  # fmt: skip
"""Extension fields of the farm vocabulary that anybody may read."""
_UNITS = {"areaTyped": "areaUnit", "dose": "doseUnit"}
_COUNTED = {"headCount": "只", "pieces": "件"}

_MADE = frozenset(
    {
        FarmStep.SEED_OR_STOCKING,
        FarmStep.HARVEST,
        FarmStep.PROCESSING,
        FarmStep.PACKING,
        FarmStep.SPLIT,
        FarmStep.MERGE,
    }
)


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what strangers see of an understood event; JSON-able, no names of people."""
    step = step_of(record)
    part: dict[str, Any] = {
        "step": step.value if step else str(record.get("bizStep", record["type"])),
        "at": record["eventTime"],
        "offset": record["eventTimeZoneOffset"],
        "details": dict(_details(record)),
    }
    if step is FarmStep.INSPECTION:
        failed = str(record.get("disposition", "")).endswith("non_conformant")
        part["result"] = "failed" if failed else "passed"
    if step in _MADE or (step is None and _makes(record)):
        part["goods"] = list(_goods(record))
    return part


def _details(record: Mapping[str, Any]) -> Iterator[tuple[str, str | list[str]]]:
    """Yield the open details that are plain texts; a partner may have nested what he likes."""
    texts = {name: text for name in DETAILS if isinstance(text := record.get(_name(name)), str)}
    beside = {_UNITS[name] for name in _UNITS if name in texts}
    for name, text in texts.items():
        unit = _COUNTED.get(name) or texts.get(_UNITS.get(name, ""))
        if name not in beside:
            yield name, text if unit is None else [text, unit]


def _makes(record: Mapping[str, Any]) -> bool:
    """Whether goods come into being in a partner's event."""
    made = record["type"] == "ObjectEvent" and record.get("action") == "ADD"
    return made or record["type"] == "TransformationEvent"


def _goods(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    typed = dict(_typed(record.get(_name("goods"))))
    for thing in named(record):
        if thing.role == "input" or thing.quantity is None:
            continue
        unit = "公斤" if thing.unit == "KGM" else thing.unit or "件"
        told = typed.get(_path(thing.uri))
        amount = _amount(thing.quantity, unit)
        same = told is not None and amount is not None and _amount(*told) == amount
        pair = told if told is not None and same else (thing.quantity, unit)
        yield {"lot": _lot_code(thing.uri), "typed": list(pair)}


def _typed(goods: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what was typed for each lot, as far as the extension is what we write ourselves."""
    for each in goods if isinstance(goods, list) else ():
        words = each if isinstance(each, dict) else {}
        match [words.get(_name(name)) for name in ("lot", "typedValue", "typedUnit")]:
            case [str(lot), str(value), str(unit)]:
                yield _path(lot), (value, unit)


def _amount(value: str, unit: str) -> tuple[str, Fraction] | None:
    """Return kind and exact amount of a quantity, None for one that we cannot read."""
    try:
        quantity = parse(value, unit)
    except QuantityError:
        return None
    return quantity.kind, quantity.exact


def _lot_code(uri: str) -> str:
    try:
        return link.parse(_path(uri)).lot or ""
    except LinkRefused:
        return ""


def _path(uri: str) -> str:
    """Return the path of an address, which is the same under our host and under GS1's."""
    return "/" + uri.partition("://")[2].partition("/")[2]


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
