"""Events given back: as they were received, with `eventID` and `recordTime` of this repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.openings.service import read_document
from public_api.refusals import PublicRefusal
from runtime.clock import instant_text
from runtime.refusal import refuse
from runtime.strict_json import DEPTH_MAX, read
from runtime.vault import Vault
from trace.epcis.document import EPCIS_CONTEXT, written
from trace.events.tables import Event


@dataclass
class Shelf:
    """The documents of one answer, each opened and read once."""

    session: Session
    vault: Vault
    documents: dict[tuple[str, str], Any] = field(default_factory=dict)

    def event(self, row: Event) -> dict[str, Any] | None:
        """Give the event of a row, or None where its document has been erased."""
        key = (row.document, row.party_id)
        if key not in self.documents:
            data = read_document(self.session, self.vault, *key)
            self.documents[key] = None if data is None else _read(data)
        document = self.documents[key]
        if document is None:
            return None
        said = _at(document, row.pointer)
        # The standard's own context stands around the answer; what else the document declared has
        # to go with the event, or its extension fields would mean nothing.
        context = [*_contexts(document), *_contexts(said)]
        own = [each for each in context if each != EPCIS_CONTEXT]
        return {
            **({"@context": own} if own else {}),
            **{name: value for name, value in said.items() if name != "@context"},
            "eventID": said.get("eventID", row.event_hash),
            "recordTime": instant_text(row.recorded_at),
        }


def _read(data: bytes) -> Any:
    """Read a document that was read before; it was within the limits when it came."""
    return read(data, max_bytes=len(data), max_depth=DEPTH_MAX, max_items=len(data) + 1)


def find_event(session: Session, vault: Vault, party: str, event_id: str) -> bytes:
    """Give one event of a party by its CBV hash.

    Raises Refusal EVENT_UNKNOWN, EVENT_ERASED.
    """
    query = select(Event).where(Event.party_id == party, Event.event_hash == event_id[:100])
    row = session.scalar(query.order_by(Event.recorded_at, Event.payload_id).limit(1))
    if row is None:
        refuse(PublicRefusal.EVENT_UNKNOWN)
    event = Shelf(session, vault).event(row)
    if event is None:
        refuse(PublicRefusal.EVENT_ERASED)
    return written({**event, "@context": [EPCIS_CONTEXT, *event.get("@context", ())]})


def query_document(events: Iterable[Mapping[str, Any]], now: str) -> bytes:
    """Write the answer to a simple event query (EPCIS 2.0, EPCISQueryDocument)."""
    return written(
        {
            "@context": [EPCIS_CONTEXT],
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": now,
            "epcisBody": {
                "queryResults": {
                    "queryName": "SimpleEventQuery",
                    "resultsBody": {"eventList": list(events)},
                }
            },
        }
    )


def _contexts(value: Mapping[str, Any]) -> Iterator[Any]:
    context = value.get("@context", [])
    yield from context if isinstance(context, list) else [context]


def _at(document: Any, pointer: str) -> dict[str, Any]:
    """Give the event at the pointer that was kept when the document was split."""
    here = document
    for step in pointer.split("/")[1:]:
        here = here[int(step)] if isinstance(here, list) else here[step]
    event: dict[str, Any] = here
    return event
