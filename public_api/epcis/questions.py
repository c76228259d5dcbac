"""What `GET /epcis/events` asks, and the page of events that answers it.

Events come in the order in which they were recorded. The page's token names the last event that was
looked at, so that nothing is missed or told twice while further events arrive. A filter on what an
event says opens at most `LOOKED_AT_MAX` events for one page; a page may then have fewer events than
asked for, and still name a next one.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from ledger.openings.service import open_entries
from public_api.refusals import PublicRefusal
from runtime import base64url
from runtime.clock import from_microseconds, to_microseconds
from runtime.refusal import refuse
from runtime.vault import Vault
from trace.epcis.times import instant_of
from trace.epcis.vocabulary import BIZ_STEP, DISPOSITION
from trace.events.tables import Event

PER_PAGE, PER_PAGE_MAX = 30, 1000
LOOKED_AT_MAX = 2000

Condition = Callable[[datetime], ColumnElement[bool]]
_TIMES: Mapping[str, Condition] = {
    "GE_eventTime": lambda at: Event.effective_at >= at,
    "LT_eventTime": lambda at: Event.effective_at < at,
    "GE_recordTime": lambda at: Event.recorded_at >= at,
    "LT_recordTime": lambda at: Event.recorded_at < at,
}
_WORDS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "EQ_bizStep": ("bizStep", BIZ_STEP.full_name),
    "EQ_disposition": ("disposition", DISPOSITION.full_name),
    "EQ_action": ("action", str),
}


@dataclass(frozen=True)
class Question:
    """Conditions on rows, wanted words of opened records, and which page."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    per_page: int = PER_PAGE
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True)
class EventPage:
    """Rows of events, and the token of the next page where there is one."""

    events: tuple[Event, ...]
    next: str | None


def read_question(arguments: Mapping[str, str]) -> Question:
    """Read the questions of an address.

    Raises Refusal QUERY_PARAMETER_UNKNOWN, QUERY_PARAMETER_MALFORMED.
    """
    conditions: list[ColumnElement[bool]] = []
    words: dict[str, frozenset[str]] = {}
    per_page, after = PER_PAGE, None
    for name, text in arguments.items():
        if name in _TIMES:
            conditions.append(_TIMES[name](_time(name, text)))
        elif name in _WORDS:
            member, full = _WORDS[name]
            words[member] = frozenset(full(word) for word in _listed(text))
        elif name == "eventType":
            conditions.append(Event.type.in_(_types(text)))
        elif name == "perPage":
            per_page = _per_page(text)
        elif name == "nextPageToken":
            after = _after(text)
        elif name != "lang":
            refuse(PublicRefusal.QUERY_PARAMETER_UNKNOWN, name.replace("\x00", "")[:60])
    return Question(tuple(conditions), words, per_page, after)


def find_events(session: Session, vault: Vault, party: str, question: Question) -> EventPage:
    """Give a page of a party's events."""
    found: list[Event] = []
    looked_at, after = 0, question.after
    while looked_at < LOOKED_AT_MAX:
        rows = list(session.scalars(_portion(party, question, after)))
        for row in _fitting(session, vault, rows, question.words):
            if len(found) == question.per_page:
                return EventPage(tuple(found), _token(found[-1]))
            found.append(row)
        if len(rows) <= question.per_page:
            return EventPage(tuple(found), None)
        looked_at += len(rows)
        after = (rows[-1].recorded_at, rows[-1].payload_id)
    return EventPage(tuple(found), None if after is None else _written_token(*after))


def _portion(party: str, question: Question, after: tuple[datetime, str] | None) -> Select[Event]:
    query = select(Event).where(Event.party_id == party, *question.conditions)
    if after is not None:
        at, payload_id = after
        later = and_(Event.recorded_at == at, Event.payload_id > payload_id)
        query = query.where(or_(Event.recorded_at > at, later))
    return query.order_by(Event.recorded_at, Event.payload_id).limit(question.per_page + 1)


def _fitting(
    session: Session, vault: Vault, rows: Sequence[Event], words: Mapping[str, frozenset[str]]
) -> Iterator[Event]:
    if not words:
        yield from rows
        return
    opened = open_entries(session, vault, [row.payload_id for row in rows])
    for row in rows:
        record: Any = opened[row.payload_id].get("understood")
        if record is not None and all(
            record.value.get(member) in wanted for member, wanted in words.items()
        ):
            yield row


def _listed(text: str) -> list[str]:
    """Split a list of alternatives (EPCIS 2.0, simple event query: `|` in an address)."""
    return [word for word in text.replace("|", ",").split(",") if word]


def _types(text: str) -> list[str]:
    return [word for word in _listed(text) if word.isascii() and word.isalpha()]


def _time(name: str, text: str) -> datetime:
    try:
        # "+" in an address means a blank unless it was escaped; no time has a blank.
        return instant_of(text.replace(" ", "+"))
    except ValueError:
        refuse(PublicRefusal.QUERY_PARAMETER_MALFORMED, name)


def _per_page(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= count <= PER_PAGE_MAX:
        refuse(PublicRefusal.QUERY_PARAMETER_MALFORMED, "perPage")
    return count


def _token(event: Event) -> str:
    return _written_token(event.recorded_at, event.payload_id)


def _written_token(at: datetime, payload_id: str) -> str:
    return base64url.encode(f"{to_microseconds(at)}.{payload_id}".encode())


def _after(token: str) -> tuple[datetime, str]:
    try:
        at, _, payload_id = base64url.decode(token).decode("ascii").partition(".")
        if not (at.isdigit() and len(at) < 17 and payload_id.isprintable()):
            raise ValueError(token)
        return from_microseconds(int(at)), payload_id
    except (ValueError, binascii.Error):
        refuse(PublicRefusal.QUERY_PARAMETER_MALFORMED, "nextPageToken")
