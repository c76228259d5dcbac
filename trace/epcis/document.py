"""An EPCIS document in JSON, split into its events.

    read_document(data, limit=1000).events[0].pointer == "/epcisBody/eventList/0"

A document is an EPCISDocument (capture, files) or an EPCISQueryDocument (what another repository
answered). What is wrong with the document refuses it whole; events are only split off here and
looked at one by one by `check.check_event`, so that one bad event does not take the others along.

`value` is the event as the strict reader gives it (numbers other than plain integers are
`Numeral`s). The bytes that were received stay with the caller; `pointer` names the event in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runtime.clock import instant_text
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json, Numeral, StrictJsonError, read
from trace.epcis.findings import Examination
from trace.epcis.kinds import texts
from trace.epcis.namespaces import STANDARD, expand_key, prefixes
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.shapes import DOCUMENTS

EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
DEPTH_MAX = 64
BARE_POINTER = "/epcisBody/eventList/0"
"""Where the only event of an envelope stands."""
_BYTES_PER_ITEM = 4
"""No list item or member is shorter than this in a document worth reading: `"",` has three."""


@dataclass(frozen=True)
class Context:
    """What holds around an event: its prefixes, and the keys that its hash leaves out."""

    namespaces: Mapping[str, str]
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReceivedEvent:
    """One event of a document: its position, where it stands in the document, what it says."""

    index: int
    pointer: str
    value: Json
    context: Context


@dataclass(frozen=True)
class Document:
    """A document: its type and its events."""

    type: str
    events: tuple[ReceivedEvent, ...]


def read_document(data: bytes, limit: int, *, max_bytes: int = 1 << 20) -> Document:
    """Read a document of at most `limit` events and `max_bytes` bytes.

    Raises `Refusal` with `EpcisRefusal`s whose pointers are those of the document.
    """
    value = read_json(data, max_bytes)
    if not isinstance(value, dict):
        refuse(EpcisRefusal.NOT_EPCIS, "")
    kind = str(value.get("type"))
    shape = DOCUMENTS.get(kind)
    if shape is None:
        refuse(EpcisRefusal.NOT_EPCIS, "/type")
    context = _context(value.get("@context"), STANDARD)
    check = Examination(None, "", context)
    shape(check, value, ())
    pointer, events, around = _split(value)
    texts(check, around, ())
    found = check.findings()
    if found:
        raise Refusal(*(finding.reason for finding in found))
    if len(events) > limit:
        refuse(EpcisRefusal.TOO_MANY_EVENTS, pointer, limit=limit, events=len(events))
    ignored = _ignored(around, context)
    return Document(kind, tuple(_received(events, pointer, context, ignored)))


def read_json(data: bytes, max_bytes: int) -> Json:
    """Read the bytes of a document or event strictly. Raises `Refusal` with `EpcisRefusal`."""
    items = max(100_000, max_bytes // _BYTES_PER_ITEM)
    try:
        return read(data, max_bytes=max_bytes, max_depth=DEPTH_MAX, max_items=items)
    except StrictJsonError as error:
        code = EpcisRefusal[error.code.upper()]
        raise Refusal(Reason(code, error.pointer, {"limit": max_bytes})) from None


def _context(context: Any, around: Mapping[str, str]) -> dict[str, str]:
    """Give the prefixes that hold inside a `@context`."""
    return {**around, **prefixes(context)}


def _split(document: dict[str, Any]) -> tuple[str, list[Any], dict[str, Any]]:
    """Give the pointer of the event list, the events, and the document without them.

    Where the document has no event list the events are empty; its shape has said so before.
    """
    names = ["epcisBody", "eventList"]
    if document["type"] == "EPCISQueryDocument":
        names[1:1] = ["queryResults", "resultsBody"]
    around = here = dict(document)
    for name in names[:-1]:
        inner = here.get(name)
        here[name] = dict(inner) if isinstance(inner, dict) else {}
        here = here[name]
    events = here.pop(names[-1], None)
    return "/" + "/".join(names), events if isinstance(events, list) else [], around


def _ignored(around: dict[str, Any], context: Mapping[str, str]) -> frozenset[str]:
    """Give the keys that a query answer marks as its own additions (`…:ignoreFields`)."""
    results = around["epcisBody"].get("queryResults", {})
    names: set[str] = set()
    for key, value in results.items():
        if (expand_key(key, context) or "").endswith("}ignoreFields") and isinstance(value, list):
            names.update(expand_key(str(name), context) or str(name) for name in value)
    return frozenset(names)


def _received(
    events: Sequence[Any], pointer: str, namespaces: Mapping[str, str], ignored: frozenset[str]
) -> Iterator[ReceivedEvent]:
    shared = Context(namespaces, ignored)
    for index, value in enumerate(events):
        context = shared
        if isinstance(value, dict) and "@context" in value:
            context = Context(_context(value["@context"], namespaces), ignored)
        yield ReceivedEvent(index, f"{pointer}/{index}", value, context)


def enveloped(event: bytes, value: Mapping[str, Any], now: datetime) -> bytes:
    """Give a document whose only event is these bytes; `value` is what they say.

    The event's own `@context` stays where it is and holds for it; around it stands the standard's.
    """
    head = {
        "@context": [EPCIS_CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": instant_text(now),
    }
    if "@context" not in value:
        refuse(EpcisRefusal.FIELD_MISSING, "/@context")
    start = _written(head)[:-1] + ',"epcisBody":{"eventList":['
    return start.encode("utf-8") + event + b"]}}"


def received(event: dict[str, Any], namespaces: Mapping[str, str]) -> ReceivedEvent:
    """Give an event of our own making as if it had come alone in a document."""
    context = Context({**STANDARD, **namespaces})
    return ReceivedEvent(0, "/epcisBody/eventList/0", event, context)


def write_document(
    events: Sequence[Mapping[str, Any]], created_at: datetime, namespaces: Mapping[str, str]
) -> bytes:
    """Write events into an EPCISDocument; the same input gives the same bytes.

    Numbers are written as their `Numeral` spells them. Raises `TypeError` for a float.
    """
    document = {
        "@context": [EPCIS_CONTEXT, dict(namespaces)] if namespaces else [EPCIS_CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": instant_text(created_at),
        "epcisBody": {"eventList": list(events)},
    }
    return written(document)


def written(value: Any) -> bytes:
    """Write JSON in UTF-8, numbers as their `Numeral` spells them; `TypeError` for a float."""
    return _written(value).encode("utf-8")


def _written(value: Any) -> str:
    """Write JSON with numbers as they are spelled."""
    if isinstance(value, Numeral):
        return value.spelling
    if isinstance(value, float):
        raise TypeError("events hold no floats")
    if isinstance(value, Mapping):
        members = (f"{json.dumps(key)}:{_written(item)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
