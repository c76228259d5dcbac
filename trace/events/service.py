"""Capturing events: one way in for a partner's document, a form and the command line.

Each event of a document is decided by itself; what is refused leaves nothing. The steps for one
event, after the document was read and its lots were locked:
 1. what is wrong with it as EPCIS (`trace.epcis.check`)
 2. what we understand of it, and its two names: CBV hash and digest of the understood record
 3. duplicate, clash or error declaration of an earlier event
 4. the gates (`trace.events.gates`), unless it is a clash
 5. log entry with the commitments `raw`, `understood` and `shown`
 6. rows, balances and kinship; at the end of the document, pages that are no longer true

Lots and names are locked in one order before the first step that looks at them, and what others
have committed is read after that: of two captures at once one sees the other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import insert, select

from identity.actor import Actor
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.openings.service import keep_document
from ledger.outbox import Draft, Secret, Signer, record
from ledger.work import Work
from runtime.canonical import ledger_bytes
from runtime.clock import instant_text, parse_instant
from runtime.database import Base
from runtime.refusal import Reason, Refusal, refuse
from trace.acting import check_acting
from trace.epcis.check import check_event
from trace.epcis.document import (
    BARE_POINTER,
    ReceivedEvent,
    enveloped,
    read_document,
    read_json,
)
from trace.epcis.event_hash import event_hash
from trace.epcis.farm import step_of
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.shapes import EVENTS
from trace.epcis.understood import named, understood
from trace.events.at_hand import AtHand, forget_first_times, load, lot_key
from trace.events.gates import Candidate, Passed, pass_gates
from trace.events.model import Earlier, Outcome, Standing, moves, original_of, standing_of
from trace.events.names import earlier_events, free_names, lock_names
from trace.events.shown import shown
from trace.events.tables import Event, EventLot
from trace.lots.model import Move
from trace.lots.service import descendants_of
from trace.lots.tables import LotEdge
from trace.refusals import TraceRefusal
from trace.scans.service import bump_lots

REASONS_MAX = 1000
"""Reasons in one refusal of a whole document, so that no answer outgrows its question."""


@dataclass(frozen=True)
class CaptureDocument:
    """An EPCIS document as received, recorded for a party.

    `base_url`, `limit` (events) and `max_bytes` are the node's settings. `whole` takes all events
    or none (EPCIS 2.0: rollback); otherwise each is taken or rejected by itself (proceed).
    """

    party: str
    document: bytes
    base_url: str
    limit: int = 1000
    max_bytes: int = 1 << 20
    whole: bool = False


@dataclass(frozen=True)
class CaptureEvent:
    """One event as received, bare or as the only one of a document, recorded for a party."""

    party: str
    event: bytes
    base_url: str
    max_bytes: int = 1 << 20


@dataclass(frozen=True)
class Fault:
    """Why an event was rejected: code, JSON pointer into the document, the sentence twice."""

    code: str
    pointer: str
    zh: str
    en: str


@dataclass(frozen=True)
class EventResult:
    """What became of one event; `payload_id` is its log entry, for a duplicate the first one's."""

    index: int
    outcome: str
    event_hash: str | None = None
    payload_id: str | None = None
    refers_to: str | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Captured:
    """What became of each event of a document, in its order."""

    results: tuple[EventResult, ...]


@dataclass(frozen=True)
class _Read:
    """An event that is sound as EPCIS, as we understand it."""

    event: ReceivedEvent
    record: Mapping[str, Any]
    hash: str
    digest: bytes


@dataclass(frozen=True)
class _Desk:
    """What all events of one document share.

    `moved` gathers the lots whose pages change, `rows` what is to be written, by table.
    """

    work: Work
    command: CaptureDocument
    document: str
    signer: Signer
    at_hand: AtHand
    earlier: dict[str, list[Earlier]]
    now: datetime
    moved: set[str] = field(default_factory=set)
    rows: dict[type[Base], list[dict[str, object]]] = field(
        default_factory=lambda: {Event: [], EventLot: [], LotEdge: []}
    )


def capture(work: Work, command: CaptureDocument, actor: Actor, now: datetime) -> Captured:
    """Capture a document, event by event.

    Raises Refusal for the document as a whole: not EPCIS, too many events, not allowed; with
    `whole` also everything for which an event is rejected.
    """
    check_acting(actor, command.party, Scope.CAPTURE)
    document = read_document(command.document, command.limit, max_bytes=command.max_bytes)
    digest_key = work.subject_key(command.party)
    read = [_read(event, digest_key, now) for event in document.events]
    _check_whole(command, document.events, read)
    sound = [each for each in read if isinstance(each, _Read)]
    desk = _desk(work, command, sound, now)
    settled = [_settled(desk, each) if isinstance(each, _Read) else each for each in read]
    _check_whole(command, document.events, settled)
    results = tuple(
        _rejected(event, each) if isinstance(each, Refusal) else each
        for event, each in zip(document.events, settled, strict=True)
    )
    if any(each.outcome in (Outcome.ACCEPTED, Outcome.CLASH) for each in results):
        keep_document(work, command.document, command.party)
    _finish(desk, sound)
    return Captured(results)


def _check_whole(
    command: CaptureDocument, events: Sequence[ReceivedEvent], settled: Sequence[object]
) -> None:
    """Raise the refusals of all events as one, where a document is taken whole or not at all."""
    reasons = [
        replace(reason, pointer=_pointer(event, reason))
        for event, each in zip(events, settled, strict=True)
        if isinstance(each, Refusal)
        for reason in each.reasons
    ]
    if command.whole and reasons:
        raise Refusal(*reasons[:REASONS_MAX])


def capture_one(work: Work, command: CaptureDocument, actor: Actor, now: datetime) -> EventResult:
    """Capture a document of one event of our own making; a rejection is raised as a refusal."""
    check_acting(actor, command.party, Scope.CAPTURE)
    document_read = read_document(command.document, 1, max_bytes=command.max_bytes)
    if not document_read.events:
        refuse(EpcisRefusal.LIST_EMPTY, "/epcisBody/eventList")
    (event,) = document_read.events
    findings = check_event(event, now)
    if findings:
        raise Refusal(*(finding.reason for finding in findings))
    read = _understand(event, work.subject_key(command.party))
    desk = _desk(work, command, [read], now)
    result = _decide(desk, read)
    if result.outcome != Outcome.DUPLICATE:
        keep_document(work, command.document, command.party)
    _finish(desk, [read])
    return result


def _desk(work: Work, command: CaptureDocument, sound: list[_Read], now: datetime) -> _Desk:
    """Lock the lots and names of a document, then ask for earlier events."""
    keys = {
        key
        for each in sound
        for thing in named(each.record)
        if (key := lot_key(thing.uri, command.base_url)) is not None
    }
    signer = signer_for(work, command.party)
    at_hand = load(work, keys)
    hashes = {each.hash for each in sound}
    lock_names(work, hashes)
    document = hashlib.sha256(command.document).hexdigest()
    return _Desk(work, command, document, signer, at_hand, earlier_events(work, hashes), now)


def capture_bare_event(
    work: Work, command: CaptureEvent, actor: Actor, now: datetime
) -> EventResult:
    """Capture one event; a bare one is put into an envelope of ours, its bytes as they came.

    Raises Refusal: everything that makes a captured event be rejected, with pointers into what was
    received; TOO_MANY_EVENTS for a document of several.
    """
    value = read_json(command.event, command.max_bytes)
    document, bare = command.event, False
    if isinstance(value, dict) and value.get("type") in EVENTS:
        document, bare = enveloped(command.event, value, now), True
    most = command.max_bytes + len(document) - len(command.event)
    envelope = CaptureDocument(command.party, document, command.base_url, 1, most)
    try:
        return capture_one(work, envelope, actor, now)
    except Refusal as refusal:
        if not bare:
            raise
        raise Refusal(*map(_unwrapped, refusal.reasons)) from None


def _unwrapped(reason: Reason) -> Reason:
    pointer = (reason.pointer or "").removeprefix(BARE_POINTER)
    return replace(reason, pointer=pointer)


def _read(event: ReceivedEvent, digest_key: bytes, now: datetime) -> _Read | Refusal:
    findings = check_event(event, now)
    if findings:
        return Refusal(*(finding.reason for finding in findings))
    return _understand(event, digest_key)


def _understand(event: ReceivedEvent, digest_key: bytes) -> _Read:
    record = understood(event)
    # recordTime is the repository's to set (EPCIS 2.0 §7.4.1): resending does not make a clash.
    said = {name: value for name, value in record.items() if name != "recordTime"}
    digest = hmac.new(digest_key, ledger_bytes(said), hashlib.sha256).digest()
    return _Read(event, record, event_hash(event), digest)


def _settled(desk: _Desk, read: _Read) -> EventResult | Refusal:
    try:
        return _decide(desk, read)
    except Refusal as refusal:
        return refusal


def _decide(desk: _Desk, read: _Read) -> EventResult:
    """Steps 3 to 6."""
    same = desk.earlier.get(read.hash, [])
    first = _same_record(read, same)
    if first is not None:
        return first
    original = original_of(same)
    standing = standing_of(same, desk.command.party, "errorDeclaration" in read.record)
    candidate = Candidate(
        desk.command.party,
        step_of(read.record),
        parse_instant(str(read.record["eventTime"])),
        moves(read.record, sold=step_of(read.record) == "sale"),
        takes_back=standing is Standing.DECLARED and original is not None,
    )
    # A declaration about an event that we never had, and a clash, move nothing.
    counts = standing is Standing.ACCEPTED or candidate.takes_back
    passed = pass_gates(candidate, desk.at_hand, desk.command.base_url) if counts else ()
    if candidate.takes_back and original is not None:
        _check_takes_back(desk, original, passed)
    outcome = Outcome.CLASH if standing is Standing.CLASH else Outcome.ACCEPTED
    refers_to = original.payload_id if original else None
    payload_id = _log(desk, read, candidate.at, passed)
    _keep(desk, read, candidate, standing, refers_to, payload_id)
    _apply(desk, candidate, passed, payload_id)
    earlier = Earlier(read.digest, payload_id, standing.value, desk.command.party)
    desk.earlier.setdefault(read.hash, []).append(earlier)
    return EventResult(read.event.index, outcome, read.hash, payload_id, refers_to)


def _same_record(read: _Read, same: list[Earlier]) -> EventResult | None:
    for each in same:
        if each.digest == read.digest:
            return EventResult(read.event.index, Outcome.DUPLICATE, read.hash, each.payload_id)
    return None


def _check_takes_back(desk: _Desk, original: Earlier, passed: tuple[Passed, ...]) -> None:
    """Refuse a declaration that would take back other moves than the event has made.

    Two events with one hash may name other lots: CBV 2.0 hashes digit strings as numbers.
    """
    _write(desk)
    query = select(EventLot).filter_by(payload_id=original.payload_id)
    made = {(row.lot_id, row.move): row.quantity for row in desk.work.scalars(query)}
    if _totals(desk, passed) != made:
        refuse(TraceRefusal.DECLARES_OTHER_GOODS, "/errorDeclaration")


def _log(desk: _Desk, read: _Read, at: datetime, passed: tuple[Passed, ...]) -> str:
    party = desk.command.party
    lots = {desk.at_hand.lots[each.key].lot.id for each in passed}
    raw = {
        "document": desk.document,
        "pointer": read.event.pointer,
        "received_at": instant_text(desk.now),
    }
    draft = Draft(
        "trace.event.capture",
        tuple(sorted(lots)) or ((party,) if party.startswith("org:") else ()),
        at,
        {},
        (
            Secret("raw", raw, party),
            Secret("understood", dict(read.record), party),
            Secret("shown", shown(read.record), party),
        ),
    )
    return record(desk.work, draft, desk.signer, desk.now).payload_id


def _keep(
    desk: _Desk,
    read: _Read,
    candidate: Candidate,
    standing: Standing,
    refers_to: str | None,
    payload_id: str,
) -> None:
    desk.rows[Event].append(
        {
            "payload_id": payload_id,
            "event_hash": read.hash,
            "digest": read.digest,
            "type": str(read.record["type"]),
            "step": candidate.step,
            "party_id": candidate.party,
            "effective_at": candidate.at,
            "offset": str(read.record["eventTimeZoneOffset"]),
            "recorded_at": desk.now,
            "document": desk.document,
            "pointer": read.event.pointer,
            "outcome": standing.value,
            "refers_to": refers_to,
        }
    )


def _apply(desk: _Desk, candidate: Candidate, passed: tuple[Passed, ...], payload_id: str) -> None:
    for each in passed:
        known = desk.at_hand.lots[each.key]
        known.balance = each.after
        known.row.store(each.after)
        if candidate.step is not None and not candidate.takes_back:
            first = known.first.get(candidate.step, candidate.at)
            known.first[candidate.step] = min(first, candidate.at)
        desk.moved.add(known.lot.id)
    totals = _totals(desk, passed)
    desk.rows[EventLot] += (
        {"lot_id": lot_id, "payload_id": payload_id, "move": move, "quantity": quantity}
        for (lot_id, move), quantity in totals.items()
    )
    if not candidate.takes_back:
        desk.rows[LotEdge] += _edges(totals, payload_id, candidate.at)
        return
    _write(desk)
    forget_first_times(desk.work, desk.at_hand, {lot_id for lot_id, _ in totals})


def _totals(desk: _Desk, passed: tuple[Passed, ...]) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for each in passed:
        key = (desk.at_hand.lots[each.key].lot.id, each.move.value)
        totals[key] = totals.get(key, 0) + each.quantity
    return totals


def _edges(
    totals: Mapping[tuple[str, str], int], payload_id: str, at: datetime
) -> Iterator[dict[str, object]]:
    parents = [lot_id for lot_id, move in totals if move == Move.CONSUME]
    children = [lot_id for lot_id, move in totals if move == Move.RECEIVE]
    for parent, child in product(parents, children):
        if parent != child:
            yield {"parent_id": parent, "child_id": child, "payload_id": payload_id, "at": at}


def _write(desk: _Desk) -> None:
    """Insert what was gathered; before anything reads it, and at the end of the document."""
    for table, rows in desk.rows.items():
        if rows:
            desk.work.execute(insert(table), rows)
            rows.clear()


def _finish(desk: _Desk, sound: Iterable[_Read]) -> None:
    """Write the rows, free the names of what was rejected, and turn pages.

    The pages of all lots that were touched, and of what came from them, are made anew.
    """
    _write(desk)
    free_names(desk.work, {each.hash for each in sound} - desk.earlier.keys())
    bump_lots(desk.work, descendants_of(desk.work, desk.moved))


def _rejected(event: ReceivedEvent, refusal: Refusal) -> EventResult:
    faults = tuple(
        Fault(reason.code.code, _pointer(event, reason), reason.text("zh"), reason.text("en"))
        for reason in refusal.reasons
    )
    return EventResult(event.index, Outcome.REJECTED, faults=faults)


def _pointer(event: ReceivedEvent, reason: Reason) -> str:
    pointer = reason.pointer or ""
    return pointer if pointer.startswith(event.pointer) else event.pointer + pointer
