"""Capturing events: one way in for a partner's document, a form and the command line.

Each event of a document is decided by itself; what is refused leaves nothing. The steps for one
event, after the document was read and its lots were locked:
 1. what is wrong with it as EPCIS (`trace.epcis.check`)
 2. what we understand of it, and its two names: CBV hash and digest of the understood record
 3. duplicate, clash or error declaration of an earlier event
 4. the gates (`trace.events.gates`), unless it is a clash
 5. the name is claimed: of two captures at once one is the duplicate
 6. log entry with the commitments `raw`, `understood` and `shown`
 7. rows, balances, kinship, and pages that are no longer true
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.openings.service import keep_document
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.canonical import ledger_bytes
from runtime.clock import parse_instant
from runtime.refusal import Reason, Refusal
from trace.acting import check_acting
from trace.epcis.check import check_event
from trace.epcis.document import ReceivedEvent, read_document
from trace.epcis.event_hash import event_hash
from trace.epcis.farm import step_of
from trace.epcis.understood import named, understood
from trace.events.at_hand import AtHand, load, lot_key
from trace.events.gates import Candidate, Passed, pass_gates
from trace.events.model import Outcome, moves
from trace.events.shown import shown
from trace.events.tables import Event, EventLot, EventName
from trace.lots.model import Move
from trace.lots.service import descendants
from trace.lots.tables import LotEdge
from trace.scans.service import bump_lots


@dataclass(frozen=True)
class CaptureDocument:
    """An EPCIS document as received, recorded for a party.

    `base_url`, `limit` (events) and `max_bytes` are the node's settings.
    """

    party: str
    document: bytes
    base_url: str
    limit: int = 1000
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
    """What all events of one document share."""

    work: Work
    command: CaptureDocument
    document: str
    at_hand: AtHand
    earlier: dict[str, list[tuple[bytes, str]]]
    now: datetime


def capture(work: Work, command: CaptureDocument, actor: Actor, now: datetime) -> Captured:
    """Capture a document, event by event.

    Raises Refusal for the document as a whole: not EPCIS, too many events, not allowed.
    """
    check_acting(actor, command.party, Scope.CAPTURE)
    document = read_document(command.document, command.limit, max_bytes=command.max_bytes)
    digest_key = work.vault.subject_key(command.party)
    read = [_read(event, digest_key, now) for event in document.events]
    sound = [each for each in read if isinstance(each, _Read)]
    keys = {
        key
        for each in sound
        for thing in named(each.record)
        if (key := lot_key(thing.uri, command.base_url)) is not None
    }
    desk = _Desk(
        work,
        command,
        keep_document(work, command.document, command.party) if sound else "",
        load(work, keys),
        _earlier(work, [each.hash for each in sound]),
        now,
    )
    results = tuple(
        each if isinstance(each, EventResult) else _settled(desk, each) for each in read
    )
    _turn_pages(desk)
    return Captured(results)


def capture_one(work: Work, command: CaptureDocument, actor: Actor, now: datetime) -> EventResult:
    """Capture a document of one event of our own making; a rejection is raised as a refusal."""
    check_acting(actor, command.party, Scope.CAPTURE)
    (event,) = read_document(command.document, 1, max_bytes=command.max_bytes).events
    findings = check_event(event, now)
    if findings:
        raise Refusal(*(finding.reason for finding in findings))
    read = _understand(event, work.vault.subject_key(command.party))
    keys = {key for t in named(read.record) if (key := lot_key(t.uri, command.base_url))}
    document = keep_document(work, command.document, command.party)
    desk = _Desk(work, command, document, load(work, keys), _earlier(work, [read.hash]), now)
    result = _decide(desk, read)
    _turn_pages(desk)
    return result


def _read(event: ReceivedEvent, digest_key: bytes, now: datetime) -> _Read | EventResult:
    findings = check_event(event, now)
    if findings:
        return _rejected(event, Refusal(*(finding.reason for finding in findings)))
    return _understand(event, digest_key)


def _understand(event: ReceivedEvent, digest_key: bytes) -> _Read:
    record = understood(event)
    # recordTime is the repository's to set (EPCIS 2.0 §7.4.1): resending does not make a clash.
    said = {name: value for name, value in record.items() if name != "recordTime"}
    digest = hmac.new(digest_key, ledger_bytes(said), hashlib.sha256).digest()
    return _Read(event, record, event_hash(event), digest)


def _settled(desk: _Desk, read: _Read) -> EventResult:
    try:
        return _decide(desk, read)
    except Refusal as refusal:
        return _rejected(read.event, refusal)


def _decide(desk: _Desk, read: _Read) -> EventResult:
    """Steps 3 to 7."""
    same = desk.earlier.get(read.hash, [])
    for digest, payload_id in same:
        if digest == read.digest:
            return EventResult(read.event.index, Outcome.DUPLICATE, read.hash, payload_id)
    declares = "errorDeclaration" in read.record
    clash = bool(same) and not declares
    candidate = Candidate(
        desk.command.party,
        step_of(read.record),
        parse_instant(str(read.record["eventTime"])),
        moves(read.record, sold=step_of(read.record) == "sale"),
        takes_back=bool(same) and declares,
    )
    # A declaration about an event that we never had, and a clash, move nothing.
    counts = not clash and not (declares and not same)
    passed = pass_gates(candidate, desk.at_hand, desk.command.base_url) if counts else ()
    name = {"event_hash": read.hash, "digest": read.digest}
    if not insert_unless_there(desk.work, EventName, name):
        return EventResult(read.event.index, Outcome.DUPLICATE, read.hash)
    outcome = Outcome.CLASH if clash else Outcome.ACCEPTED
    refers_to = same[0][1] if same else None
    payload_id = _log(desk, read, candidate.at, passed)
    _keep(desk, read, candidate, outcome, refers_to, payload_id)
    _apply(desk, candidate, passed, payload_id)
    desk.earlier.setdefault(read.hash, []).append((read.digest, payload_id))
    return EventResult(read.event.index, outcome, read.hash, payload_id, refers_to)


def _log(desk: _Desk, read: _Read, at: datetime, passed: tuple[Passed, ...]) -> str:
    party = desk.command.party
    lots = {desk.at_hand.lots[each.key].lot.id for each in passed}
    raw = {"document": desk.document, "pointer": read.event.pointer}
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
    return record(desk.work, draft, signer_for(desk.work, party), desk.now).payload_id


def _keep(
    desk: _Desk,
    read: _Read,
    candidate: Candidate,
    outcome: Outcome,
    refers_to: str | None,
    payload_id: str,
) -> None:
    desk.work.add(
        Event(
            payload_id=payload_id,
            event_hash=read.hash,
            digest=read.digest,
            type=str(read.record["type"]),
            step=candidate.step,
            party_id=candidate.party,
            effective_at=candidate.at,
            offset=str(read.record["eventTimeZoneOffset"]),
            recorded_at=desk.now,
            document=desk.document,
            pointer=read.event.pointer,
            outcome="declared" if candidate.takes_back else outcome.value,
            refers_to=refers_to,
        )
    )
    desk.work.flush()


def _apply(desk: _Desk, candidate: Candidate, passed: tuple[Passed, ...], payload_id: str) -> None:
    totals: dict[tuple[str, str], int] = {}
    for each in passed:
        known = desk.at_hand.lots[each.key]
        known.balance = each.after
        known.row.store(each.after)
        if candidate.step is not None and not candidate.takes_back:
            first = known.first.get(candidate.step, candidate.at)
            known.first[candidate.step] = min(first, candidate.at)
        key = (known.lot.id, each.move.value)
        totals[key] = totals.get(key, 0) + each.quantity
    desk.work.add_all(
        EventLot(lot_id=lot_id, payload_id=payload_id, move=move, quantity=quantity)
        for (lot_id, move), quantity in totals.items()
    )
    if not candidate.takes_back:
        desk.work.add_all(_edges(totals, payload_id, candidate.at))
    desk.work.flush()


def _edges(totals: Mapping[tuple[str, str], int], payload_id: str, at: datetime) -> list[LotEdge]:
    parents = [lot_id for lot_id, move in totals if move == Move.CONSUME]
    children = [lot_id for lot_id, move in totals if move == Move.RECEIVE]
    return [
        LotEdge(parent_id=parent, child_id=child, payload_id=payload_id, at=at)
        for parent in parents
        for child in children
        if parent != child
    ]


def _turn_pages(desk: _Desk) -> None:
    """Make the pages of all touched lots, and of what came from them, anew."""
    touched = [known.lot.id for known in desk.at_hand.lots.values()]
    bump_lots(desk.work, {lot for start in touched for lot in descendants(desk.work, start)})


def _earlier(work: Work, hashes: list[str]) -> dict[str, list[tuple[bytes, str]]]:
    query = (
        select(Event.event_hash, Event.digest, Event.payload_id)
        .where(Event.event_hash.in_(hashes))
        .order_by(Event.recorded_at, Event.payload_id)
    )
    found: dict[str, list[tuple[bytes, str]]] = {}
    for name, digest, payload_id in work.execute(query):
        found.setdefault(name, []).append((digest, payload_id))
    return found


def _rejected(event: ReceivedEvent, refusal: Refusal) -> EventResult:
    faults = tuple(
        Fault(reason.code.code, _pointer(event, reason), reason.text("zh"), reason.text("en"))
        for reason in refusal.reasons
    )
    return EventResult(event.index, Outcome.REJECTED, faults=faults)


def _pointer(event: ReceivedEvent, reason: Reason) -> str:
    pointer = reason.pointer or ""
    return pointer if pointer.startswith(event.pointer) else event.pointer + pointer
