"""Rebuilds events, what they did to lots, balances and kinship, and compares the tables.

The reading of an event here is a second one: it shares nothing with `trace.events.service` and
`trace.events.gates`. The steps:
 1. every capture has its row and every row its entry, and both say the same; the received bytes,
    where they are still held, are what the entry understood, and give the event's hash
 2. events of one hash are put in the order of the log: the first is accepted (or declares what
    never came), one declaration of the same party takes it back, all others are clashes
 3. accepted events and the declarations that take them back move the lots of their streams
 4. moves give `event_lots`, edges and balances; labels give what they stand for
An event whose opening was erased counts as its rows say.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.openings.service import read_document
from runtime.canonical import ledger_bytes
from runtime.clock import instant_text, parse_instant
from runtime.vault import Vault
from trace.comparison import Key, Log, compared, differing, unmatched
from trace.epcis.document import ReceivedEvent
from trace.epcis.document import read_document as read_epcis
from trace.epcis.event_hash import event_hash
from trace.epcis.farm import NAMESPACE, FarmStep
from trace.epcis.understood import understood
from trace.events.tables import Event, EventLot, EventName
from trace.labels.replay import labelled_quantities
from trace.lots.tables import Lot, LotBalance, LotEdge
from trace.products.tables import Product

CAPTURE = "trace.event.capture"
_LOT = re.compile(
    r"https?://[^/?#]+/(?:01/([0-9]{14})|p/([A-Za-z0-9-]{1,20}))(?:/22/[^/?#]+)?/10/([^/?#]+)\Z"
)
_RETAIL = "https://ref.gs1.org/cbv/BizStep-retail_selling"
_LISTS = (
    ("quantityList", None),
    ("childQuantityList", None),
    ("epcList", None),
    ("childEPCs", None),
    ("inputQuantityList", "consume"),
    ("inputEPCList", "consume"),
    ("outputQuantityList", "receive"),
    ("outputEPCList", "receive"),
)
_MG = {"KGM": 10**6, "TNE": 10**9, "GRM": 10**3, "MGM": 1}
_SIZE_MAX = 1 << 30
_COLUMNS = {"receive": "received", "consume": "consumed", "sell": "sold"}


@dataclass
class Told:
    """One event as its entry tells it; `record` is None where its opening was erased."""

    name: str
    row: Event | None
    record: Mapping[str, Any] | None
    raw: Mapping[str, Any] | None
    party: str | None
    hash: str
    digest: bytes
    at: datetime
    outcome: str = ""
    refers_to: str | None = None
    moved: dict[tuple[str, str], int] = field(default_factory=dict)


def replay_events(session: Session, vault: Vault, log: Log) -> Iterator[Difference]:
    """Yield the differences between events, balances, edges and the log; none when healthy."""
    rows = {row.payload_id: row for row in session.scalars(select(Event))}
    names = log.of_type(CAPTURE)
    yield from unmatched("events", {name: name for name in rows}, names)
    documents = _Documents(session, vault)
    told = [_told(log, vault, documents, rows.get(name), name) for name in names]
    _settle(told)
    lots = _lots_by_item(session)
    erased: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in session.scalars(select(EventLot)):
        erased[row.payload_id][row.lot_id, row.move] = row.quantity
    for each in told:
        _move(each, lots, log.streams[each.name], erased)
    for each in told:
        yield from _row(each, documents)
    yield from _derived(session, told)


def _told(log: Log, vault: Vault, documents: _Documents, row: Event | None, name: str) -> Told:
    record, raw = log.committed(name, "understood"), log.committed(name, "raw")
    party = next(iter(log.subjects.get(name, ())), row.party_id if row else None)
    event = documents.event(raw, party)
    told = Told(
        name=name,
        row=row,
        record=record,
        raw=raw,
        party=party,
        hash=event_hash(event) if event else row.event_hash if row else "",
        digest=row.digest if row else b"",
        at=log.entries[name].effective_at,
    )
    key = vault.find_key(party) if party else None
    if record is not None and key is not None:
        said = {field: value for field, value in record.items() if field != "recordTime"}
        told.digest = hmac.new(key, ledger_bytes(said), hashlib.sha256).digest()
    return told


class _Documents:
    """Received documents, each opened and read once."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self._session, self._vault = session, vault
        self._read: dict[tuple[str, str], dict[str, ReceivedEvent]] = {}

    def event(self, raw: Mapping[str, Any] | None, party: str | None) -> ReceivedEvent | None:
        """Return the event that an entry's `raw` points to, None where the bytes are gone."""
        if raw is None or party is None:
            return None
        key = (raw["document"], party)
        if key not in self._read:
            content = read_document(self._session, self._vault, *key)
            events: Iterable[ReceivedEvent] = ()
            if content is not None:
                events = read_epcis(content, len(content), max_bytes=_SIZE_MAX).events
            self._read[key] = {each.pointer: each for each in events}
        return self._read[key].get(raw["pointer"])


def _settle(told: Iterable[Told]) -> None:
    """Step 2."""
    by_hash: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        if each.record is None:
            if each.row is not None:
                each.outcome, each.refers_to = each.row.outcome, each.row.refers_to
        else:
            _decide(each, by_hash[each.hash], "errorDeclaration" in each.record)
        by_hash[each.hash].append(each)


def _decide(event: Told, before: list[Told], declares: bool) -> None:
    original = next((each for each in before if each.outcome == "accepted"), None)
    event.refers_to = original.name if original else None
    if not before:
        event.outcome = "declared" if declares else "accepted"
        return
    open_still = original is not None and all(each.outcome != "declared" for each in before)
    mine = original is not None and original.party == event.party
    event.outcome = "declared" if declares and open_still and mine else "clash"


def _lots_by_item(session: Session) -> dict[tuple[str, str], tuple[str, str]]:
    """Give lot id and measure by (GTIN or code of the product, code of the lot)."""
    query = select(Lot.id, Lot.code, Product.gtin, Product.code, Product.measure).join(
        Product, Product.id == Lot.product_id
    )
    found = {}
    for lot_id, lot_code, gtin, code, measure in session.execute(query):
        found[f"p/{code}", lot_code] = (lot_id, measure)
        if gtin is not None:
            found[gtin, lot_code] = (lot_id, measure)
    return found


def _move(
    event: Told,
    lots: Mapping[tuple[str, str], tuple[str, str]],
    streams: frozenset[str],
    stored: Mapping[str, dict[tuple[str, str], int]],
) -> None:
    """Step 3. An event changes the lots in whose streams it stands, and no others."""
    takes_back = event.outcome == "declared" and event.refers_to is not None
    if event.outcome != "accepted" and not takes_back:
        return
    if event.record is None:
        event.moved = stored.get(event.name, {})
        return
    for uri, move, quantity, unit in _named(event.record):
        match = _LOT.match(uri)
        key = (match[1] or f"p/{match[2]}", unquote(match[3])) if match else None
        lot = lots.get(key) if key else None
        if lot is None or lot[0] not in streams:
            continue
        place = (lot[0], move)
        event.moved[place] = event.moved.get(place, 0) + _whole(quantity, unit)


def _named(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Yield identifier, move, quantity and unit of everything that an event names."""
    if isinstance(record.get("parentID"), str):
        yield record["parentID"], "touch", None, None
    for name, move in _LISTS:
        for item in record.get(name, ()):
            thing = {"epcClass": item} if isinstance(item, str) else item
            quantity = thing.get("quantity")
            yield thing["epcClass"], move or _plain(record, quantity), quantity, thing.get("uom")


def _plain(record: Mapping[str, Any], quantity: str | None) -> str:
    """Return what happens to goods that are neither input nor output."""
    action = record.get("action") if record["type"] == "ObjectEvent" else None
    if _step(record) == "sale" or record.get("bizStep") == _RETAIL or action == "DELETE":
        return "sell"
    return "receive" if action == "ADD" and quantity is not None else "touch"


def _whole(quantity: str | None, unit: str | None) -> int:
    if quantity is None:
        return 0
    return int(Fraction(Decimal(quantity)) * _MG.get(unit or "", 1))


def _step(record: Mapping[str, Any]) -> str | None:
    value = str(record.get(f"{{{NAMESPACE}}}step")).removeprefix(NAMESPACE)
    return value if value in set(FarmStep) else None


def _row(told: Told, documents: _Documents) -> Iterator[Difference]:
    """Step 1, columns."""
    row, record, raw = told.row, told.record, told.raw
    if row is None:
        return
    pairs: list[tuple[str, object, object]] = [
        ("effective_at", row.effective_at, told.at),
        ("party_id", row.party_id, told.party),
        ("event_hash", row.event_hash, told.hash),
        ("digest", row.digest, told.digest),
        ("outcome", row.outcome, told.outcome),
        ("refers_to", row.refers_to, told.refers_to),
    ]
    if raw is not None:
        pairs += [
            ("document", row.document, raw["document"]),
            ("pointer", row.pointer, raw["pointer"]),
            ("recorded_at", instant_text(row.recorded_at), raw["received_at"]),
        ]
    if record is not None:
        pairs += [
            ("type", row.type, record["type"]),
            ("step", row.step, _step(record)),
            ("offset", row.offset, record["eventTimeZoneOffset"]),
            ("effective_at", row.effective_at, parse_instant(record["eventTime"])),
        ]
        event = documents.event(raw, told.party)
        if event is not None:
            pairs.append(("document", record, understood(event)))
    yield from differing("events", told.name, told.name, pairs)


def _derived(session: Session, told: Iterable[Told]) -> Iterator[Difference]:
    """Step 4."""
    lots: dict[Key, Mapping[str, object]] = {}
    edges: dict[Key, Mapping[str, object]] = {}
    totals: dict[tuple[str, str], int] = defaultdict(int)
    names: dict[Key, Mapping[str, object]] = {}
    for each in told:
        names[each.hash,] = {}
        sign = 1 if each.outcome == "accepted" else -1
        for (lot_id, move), quantity in each.moved.items():
            lots[lot_id, each.name, move] = {"quantity": quantity}
            totals[lot_id, move] += sign * quantity
        if each.outcome == "accepted":
            edges |= {(*pair, each.name): {"at": each.at} for pair in _kin(each.moved)}
    yield from compared(
        "event_lots",
        ("lot_id", "payload_id", "move"),
        {
            (row.lot_id, row.payload_id, row.move): {"quantity": row.quantity}
            for row in session.scalars(select(EventLot))
        },
        lots,
    )
    yield from compared(
        "lot_edges",
        ("parent_id", "child_id", "payload_id"),
        {
            (row.parent_id, row.child_id, row.payload_id): {"at": row.at}
            for row in session.scalars(select(LotEdge))
        },
        edges,
    )
    stored_names: dict[Key, Mapping[str, object]] = {
        (row.event_hash,): {} for row in session.scalars(select(EventName))
    }
    yield from compared("event_names", ("event_hash",), stored_names, names)
    yield from _balances(session, totals)


def _kin(moved: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    keys = list(moved)
    for parent, taken in keys:
        for child, given in keys:
            if (taken, given) == ("consume", "receive") and parent != child:
                yield parent, child


def _balances(session: Session, totals: Mapping[tuple[str, str], int]) -> Iterator[Difference]:
    labelled = labelled_quantities(session)
    logged: dict[Key, Mapping[str, object]] = {
        (lot_id,): {
            **{column: totals.get((lot_id, move), 0) for move, column in _COLUMNS.items()},
            "labelled": labelled.get(lot_id, 0),
        }
        for lot_id in session.scalars(select(Lot.id))
    }
    stored: dict[Key, Mapping[str, object]] = {
        (row.lot_id,): {
            "received": row.received,
            "consumed": row.consumed,
            "sold": row.sold,
            "labelled": row.labelled,
        }
        for row in session.scalars(select(LotBalance))
    }
    yield from compared("lot_balances", ("lot_id",), stored, logged)
