"""Small documents to begin a test with."""

from __future__ import annotations

import json
from typing import Any

from trace.epcis.check import check_event
from trace.epcis.document import ReceivedEvent, read_document

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"ext": "https://ns.example.com/ext/"},
]


def event(**changes: Any) -> dict[str, Any]:
    """An event of goods that were seen; a field changed to `...` is left out."""
    whole = {
        "type": "ObjectEvent",
        "eventTime": "2026-10-18T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": ["https://id.gs1.org/01/09521141012345/21/2017"],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def document(*events: Any, **changes: Any) -> dict[str, Any]:
    whole = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-10-18T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


def read(*events: Any) -> tuple[ReceivedEvent, ...]:
    return read_document(written(document(*events)), 1000).events


def faults(*events: Any, now: Any = None) -> list[tuple[str, str]]:
    """Codes, and pointers relative to the event."""
    return [
        (finding.code.code, finding.pointer.removeprefix(f"/epcisBody/eventList/{finding.index}"))
        for one in read(*events)
        for finding in check_event(one, now)
    ]
