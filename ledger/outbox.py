"""The door of the log: what is checked, signed, numbered and put into the outbox.

Nouns. A *draft* is what a use case wants to state. `record` makes a payload of it for a signer
whose key the platform holds; `accept` takes a payload that was signed elsewhere. Both leave, in
the caller's transaction, outbox rows with their numbers and the sealed openings.

States of a payload: *committed* with the business transaction, then *sequenced* when it has an
index (at once on SQLite, within a second on PostgreSQL), later *witnessed*.

Invariants:

1. What passes the door can be sequenced: canonical, within its declared type, signed by a
   registered key for this purpose, and small enough at the largest index and numbers.
2. Numbers are taken under the row locks of the streams, in sorted order, and outbox rows are
   numbered after that; so the order of rows keeps the order of every stream.
3. A payload enters once, whether its first copy still waits or has its place already.
4. An operation over more than 96 streams is one payload and continuations (CONT), entered together.

Refusals: `ledger.refusals`; all reasons about the content are listed together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import select

from ledger.entries.model import (
    ID_BYTES,
    SALT_BYTES,
    STREAMS_MAX,
    Payload,
    Seen,
    actor_of,
    check_streams,
    parse_payload,
    payload_id,
    refuse_oversize,
    signed_bytes,
    verify_signature,
)
from ledger.entries.tables import HeadRow
from ledger.entry_types import CONT, RESERVED, EntryType
from ledger.openings.model import Opening
from ledger.openings.service import keep_openings
from ledger.portions import spans
from ledger.refusals import LedgerRefusal
from ledger.signer import Signer
from ledger.statements import statements_for
from ledger.work import KnownKey, Recorded, Work
from runtime import base64url
from runtime.canonical import CanonicalError, ledger_bytes
from runtime.clock import to_microseconds
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

__all__ = ["Draft", "Opening", "Recorded", "Secret", "Signer", "accept", "enter", "record"]

PARTY: Final = "party"
SYSTEM: Final = "system"


@dataclass(frozen=True)
class Secret:
    """A field that is committed; its opening is sealed under the key of `subject`.

    `value` is any JSON value: dict, list, tuple, str, int, bool, None.
    """

    field: str
    value: object
    subject: str


@dataclass(frozen=True)
class Draft:
    """What a use case states: public `facts`, committed `secrets`, and the streams it changes.

    The order of `streams` does not matter and repeated ids count once.
    """

    type: str
    streams: tuple[str, ...]
    effective_at: datetime
    facts: Mapping[str, Json]
    secrets: tuple[Secret, ...]


@dataclass(frozen=True)
class Signed:
    """A canonical payload with its signature, and what it says."""

    payload: Payload
    canonical: bytes
    sig: bytes


def record(work: Work, draft: Draft, signer: Signer, now: datetime) -> Recorded:
    """State a draft in the log, signed by `signer`, in this transaction.

    Gives the payload's name and its numbers. Refuses undeclared types, facts and commitments,
    unregistered keys, and entries that could exceed 16,384 bytes.
    """
    return enter(work, draft, _declared(work, draft.type), signer, PARTY, now)


def enter(
    work: Work, draft: Draft, declared: EntryType, signer: Signer, purpose: str, now: datetime
) -> Recorded:
    """`record` for a type that the caller answers for; the log's own entries come this way."""
    _refuse_problems(declared.problems(draft.facts, [each.field for each in draft.secrets]))
    if signer.actor != actor_of(signer.public_key):
        raise ValueError("a signer's actor is the SHA-256 of its public key")
    _check_key(work, signer.public_key, purpose)
    openings = tuple(_salted(work, each) for each in draft.secrets)
    streams = check_streams(sorted(set(draft.streams)))
    payload = Payload(
        type=draft.type,
        id=work.randomness.token(ID_BYTES),
        origin=work.origin,
        actor=signer.actor,
        streams=streams[:STREAMS_MAX],
        effective_at=draft.effective_at,
        facts=draft.facts,
        commit=_commitments(openings),
        seen=_newest(work),
    )
    first = _sign(payload, signer)
    rest = _continuations(work, first, streams[STREAMS_MAX:], signer)
    return _put(work, [first, *rest], openings, now)


def accept(
    work: Work,
    payload: bytes,
    sig: bytes,
    public_key: bytes,
    openings: Sequence[Opening],
    now: datetime,
    continuations: Sequence[tuple[bytes, bytes]] = (),
) -> Recorded:
    """Take a payload that was signed elsewhere, with an opening for each of its commitments.

    `payload` are the canonical bytes and `sig` is raw (64 bytes); `continuations` are
    further pairs of both for an operation over more than 96 streams. The steps, in this order:

     1. parse strictly, and want the canonical bytes back
     2. profile, origin, type, facts and commitments
     3. the key: the payload's actor, registered for parties, in its owner's custody
     4. the signature
     5. the checkpoint that the signer saw was one of ours
     6. openings match commitments, continuations match their first payload
     7. sizes, numbers, outbox
    """
    first = Signed(parse_payload(payload), payload, sig)
    _check_content(work, first)
    _check_actor(work, first.payload, public_key)
    verify_signature(public_key, payload, sig)
    _check_seen(work, first.payload.seen)
    _check_openings(first.payload, openings)
    rest = [Signed(parse_payload(each), each, also) for each, also in continuations]
    _check_continuations(first, rest, public_key)
    for each in (first, *rest):
        refuse_oversize(each.canonical, each.payload.streams)
    return _put(work, [first, *rest], openings, now)


# --- Content -----------------------------------------------------------------------------------


def _declared(work: Work, type_name: str) -> EntryType:
    if type_name in RESERVED:
        refuse(LedgerRefusal.RESERVED_TYPE, "/type", type=type_name)
    declared = work.entry_types.get(type_name)
    if declared is None:
        refuse(LedgerRefusal.UNKNOWN_TYPE, "/type", type=type_name[:64])
    return declared


def _refuse_problems(reasons: Iterable[Reason]) -> None:
    found = tuple(reasons)
    if found:
        raise Refusal(*found)


def _check_content(work: Work, signed: Signed) -> None:
    """Steps 2 of `accept`; reasons about type, facts and commitments are given together."""
    payload = signed.payload
    try:
        ledger_bytes(payload.value())
    except CanonicalError as error:
        refuse(LedgerRefusal.OUTSIDE_PROFILE, error.pointer)
    reasons = _declared(work, payload.type).problems(payload.facts, payload.commit)
    if payload.origin != work.origin:
        numbers = {"found": payload.origin, "wanted": work.origin}
        reasons.append(Reason(LedgerRefusal.WRONG_ORIGIN, "/origin", numbers))
    _refuse_problems(reasons)


def _salted(work: Work, secret: Secret) -> Opening:
    salt = work.randomness.token(SALT_BYTES)
    return Opening(secret.field, salt, secret.value, secret.subject)


def _commitments(openings: Iterable[Opening]) -> dict[str, bytes]:
    commit: dict[str, bytes] = {}
    for each in openings:
        if each.field in commit:
            raise ValueError(f"field {each.field!r} is committed twice in one entry")
        try:
            commit[each.field] = each.commitment()
        except CanonicalError as error:
            # The pointer is into [field, value], which is what was hashed.
            within = error.pointer.removeprefix("/1")
            refuse(LedgerRefusal.OUTSIDE_PROFILE, f"/commit/{each.field}{within}")
    return commit


def _check_openings(payload: Payload, openings: Sequence[Opening]) -> None:
    """Every commitment opens, and nothing is opened that was not committed."""
    missing = set(payload.commit) - {each.field for each in openings}
    for name in sorted(missing):
        refuse(LedgerRefusal.OPENING_MISSING, "/commit", field=name)
    for each in openings:
        try:
            matches = payload.commit.get(each.field) == each.commitment()
        except CanonicalError:
            matches = False
        if not matches:
            refuse(LedgerRefusal.OPENING_MISMATCH, "/commit", field=each.field[:64])


# --- Keys and what was seen --------------------------------------------------------------------


def _check_key(work: Work, public_key: bytes, purpose: str) -> KnownKey:
    """Refuse keys that no GENESIS or KEY entry registered for this purpose."""
    actor = actor_of(public_key)
    known = work.known_keys.get(actor)
    if known is None:
        connection = work.connection()
        query = statements_for(connection).find_key
        row = connection.exec_driver_sql(query, (actor,)).one_or_none()
        if row is None:
            refuse(LedgerRefusal.UNKNOWN_KEY, "/actor")
        known = work.known_keys[actor] = KnownKey(*row)
    if known.purpose != purpose:
        refuse(LedgerRefusal.WRONG_KEY_PURPOSE, "/actor", purpose=known.purpose)
    return known


def _check_actor(work: Work, payload: Payload, public_key: bytes) -> None:
    if payload.actor != actor_of(public_key):
        refuse(LedgerRefusal.WRONG_ACTOR, "/actor")
    if _check_key(work, public_key, PARTY).custody != "own":
        refuse(LedgerRefusal.WRONG_KEY_CUSTODY, "/actor")


def _newest(work: Work) -> Seen | None:
    """The newest head when this transaction first asked; what its signers have seen."""
    if work.newest is None:
        connection = work.connection()
        row = connection.exec_driver_sql(statements_for(connection).newest).one_or_none()
        if row is None:
            refuse(LedgerRefusal.LOG_MISSING)
        size, root = row
        work.newest = Seen(size, root) if size else None
    return work.newest


def _check_seen(work: Work, seen: Seen | None) -> None:
    if seen is None:
        return
    known = work.scalar(select(HeadRow.root).where(HeadRow.size == seen.size))
    if known != seen.root:
        refuse(LedgerRefusal.UNKNOWN_CHECKPOINT, "/seen", size=seen.size)


# --- Continuations -----------------------------------------------------------------------------


def _sign(payload: Payload, signer: Signer) -> Signed:
    canonical = payload.canonical()
    refuse_oversize(canonical, payload.streams)
    return Signed(payload, canonical, signer.sign(signed_bytes(canonical)))


def _continuations(
    work: Work, first: Signed, streams: Sequence[str], signer: Signer
) -> list[Signed]:
    """CONT payloads for the streams beyond the first 96."""
    portions = [streams[low:high] for low, high in spans(len(streams), STREAMS_MAX)]
    of = base64url.encode(payload_id(first.canonical))
    return [
        _sign(
            replace(
                first.payload,
                type=CONT.type,
                id=work.randomness.token(ID_BYTES),
                streams=tuple(portion),
                facts={"of": of, "part": part, "parts": len(portions)},
                commit={},
            ),
            signer,
        )
        for part, portion in enumerate(portions, 1)
    ]


def _check_continuations(first: Signed, rest: Sequence[Signed], public_key: bytes) -> None:
    """Refuse continuations that `_continuations` would not have made of the first payload."""
    of = base64url.encode(payload_id(first.canonical))
    before = first.payload.streams
    for part, each in enumerate(rest, 1):
        wanted = replace(
            first.payload,
            type=CONT.type,
            id=each.payload.id,
            streams=each.payload.streams,
            facts={"of": of, "part": part, "parts": len(rest)},
            commit={},
        )
        follows = bool(each.payload.streams) and before[-1:] < each.payload.streams[:1]
        if each.payload != wanted or len(before) != STREAMS_MAX or not follows:
            refuse(LedgerRefusal.MALFORMED_CONTINUATION, f"/continuations/{part - 1}")
        verify_signature(public_key, each.canonical, each.sig)
        before = each.payload.streams


# --- Numbers and rows --------------------------------------------------------------------------


def _put(
    work: Work, signed: Sequence[Signed], openings: Sequence[Opening], now: datetime
) -> Recorded:
    """Take the numbers of all streams, then insert the rows; a continuation names the first row."""
    streams = [name for each in signed for name in each.payload.streams]
    numbers = _take_numbers(work, streams)
    head: int | None = None
    for part, each in enumerate(signed):
        row_id = _insert(work, each, head, part, len(signed) - 1, numbers, now)
        head = row_id if head is None else head
    name = payload_id(signed[0].canonical)
    keep_openings(work, name, openings)
    recorded = Recorded(
        base64url.encode(name), tuple((stream, numbers[stream]) for stream in streams)
    )
    work.recorded.append(recorded)
    return recorded


def _take_numbers(work: Work, streams: Sequence[str]) -> dict[str, int]:
    """Count each stream up under its row lock; `streams` are sorted, so locks are too."""
    if not streams:
        return {}
    connection = work.connection()
    spelled = statements_for(connection)
    rows = connection.exec_driver_sql(spelled.take_numbers, (spelled.as_list(streams),))
    return {row[0]: row[1] for row in rows}


def _insert(
    work: Work,
    signed: Signed,
    head: int | None,
    part: int,
    parts: int,
    numbers: Mapping[str, int],
    now: datetime,
) -> int:
    """Insert one outbox row; refuses (`REPEATED_PAYLOAD`) one that is or was there."""
    connection = work.connection()
    name = payload_id(signed.canonical)
    places = orjson.dumps([(each, numbers[each]) for each in signed.payload.streams]).decode()
    values = (
        head,
        part,
        0 if head is not None else parts,
        name,
        signed.canonical,
        signed.sig,
        places,
        to_microseconds(now),
    )
    spelled = statements_for(connection)
    row_id = connection.exec_driver_sql(spelled.enter, values).scalar()
    # Asked after the insert: a leader that sequenced the first copy deletes its outbox row and
    # adds its entry in one commit, so whoever no longer meets the row does meet the entry.
    placed = connection.exec_driver_sql(spelled.placed, (name,)).first()
    if row_id is None or placed is not None:
        refuse(LedgerRefusal.REPEATED_PAYLOAD)
    return int(row_id)
