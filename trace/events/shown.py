"""The part of an event that strangers see on a scan page, committed beside the whole.

To open a commitment is to show all of it, and the understood record of an event names operators,
buyers, carriers and prices. So an event carries a third commitment, `shown`: a small record, drawn
from the understood one, of what anybody may read. It is opened on scan pages; `raw` and
`understood` are opened to the owner, his partners and authorities only (ADR 0008).

    {"step": "harvest", "at": "2026-10-18T01:00:00.000000Z", "offset": "+08:00",
     "details": {"moisturePercent": "14.5"},
     "goods": [{"lot": "XZD2026", "typed": ["72000", "公斤"]}]}

Quantities are shown where goods come into being; what a partner buys is his own affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trace.digital_link import link
from trace.digital_link.refusals import LinkRefused
from trace.epcis.farm import NAMESPACE
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

_MADE = frozenset({"harvest", "processing", "packing", "split", "merge", "seed_or_stocking"})


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what strangers see of an understood event; JSON-able, no names of people."""
    step = record.get(_name("step"))
    part: dict[str, Any] = {
        "step": step or str(record.get("bizStep", record["type"])),
        "at": record["eventTime"],
        "offset": record["eventTimeZoneOffset"],
        "details": {name: record[_name(name)] for name in DETAILS if _name(name) in record},
    }
    if step == "inspection":
        failed = str(record.get("disposition", "")).endswith("non_conformant")
        part["result"] = "failed" if failed else "passed"
    if step in _MADE or step is None:
        part["goods"] = list(_goods(record))
    return part


def _goods(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    typed = {_lot_code(goods[_name("lot")]): goods for goods in record.get(_name("goods"), ())}
    for thing in named(record):
        if thing.role == "input" or thing.quantity is None:
            continue
        lot = _lot_code(thing.uri)
        told = typed.get(lot, {})
        yield {
            "lot": lot,
            "typed": [
                told.get(_name("typedValue"), thing.quantity),
                told.get(_name("typedUnit"), "公斤" if thing.unit == "KGM" else thing.unit or "件"),
            ],
        }


def _lot_code(uri: str) -> str:
    try:
        return link.parse("/" + uri.partition("://")[2].partition("/")[2]).lot or ""
    except LinkRefused:
        return ""


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
