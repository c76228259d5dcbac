"""Compares the register of parties and keys with the log and with the openings still held.

Public facts are compared with entries, everything else with openings, each of which is checked
against its commitment before it counts. A record whose opening was erased is compared in its public
part only. Nothing here is used by the writer. Payloads that wait in the outbox count as logged, so
that a healthy node shows no difference at any moment.

The steps, each its own function:
 1. every entry of identity has one row in `party_records`, and every row one entry
 2. versions of a party follow one another without a gap, each naming the one before
 3. what a row says is what the entry and its opening say; a natural person's row says nothing
 4. an entry is signed with the key of whoever has to sign for the party
 5. `party_codes` is exactly what the records say, `party_keys` what the KEY entries say
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.entries import AMEND, REGISTER
from identity.keys.tables import PartyKeyRow, PlatformOperatorRow, RepresentationRow
from identity.parties.model import KINDS, PartyKind
from identity.parties.tables import PartyCodeRow, PartyRecordRow, PartyRow
from ledger.entries.model import Payload, parse_entry, parse_payload, payload_id
from ledger.entries.tables import OutboxRow
from ledger.openings.model import Opened
from ledger.openings.service import open_entries
from ledger.reader import LogReader
from runtime import base64url
from runtime.clock import instant_text
from runtime.vault import Vault

_OWN_TYPES = frozenset({REGISTER, AMEND})
_TYPE = re.compile(rb'"type":"(?:identity\.|KEY")')
_CLEAR = ("name_zh", "name_en", "code", "region")


@dataclass(frozen=True)
class Difference:
    """One value in which a table and the log disagree; `entry` names the log entry, if any."""

    table: str
    row: str
    column: str
    entry: str | None
    stored: str
    logged: str


@dataclass(frozen=True)
class Register:
    """The tables as they are, the entries by payload id, and what of them could be opened."""

    parties: Mapping[str, PartyRow]
    records: Mapping[str, list[PartyRecordRow]]
    represented: Mapping[str, str]
    owners: Mapping[bytes, str]
    operator: str | None
    entries: Mapping[str, Payload]
    opened: Mapping[str, Mapping[str, Opened]]

    def committed(self, payload_id: str, field: str) -> Mapping[str, Any] | None:
        """Return what an entry commits to in a field, None when that has been erased."""
        opened = self.opened[payload_id].get(field)
        return None if opened is None else cast(Mapping[str, Any], opened.value)

    def signs_for(self, party: str) -> str | None:
        """Return who has to sign for a party's record."""
        if self.parties[party].is_natural:
            return self.represented.get(party)
        return self.operator


def replay(session: Session, vault: Vault) -> list[Difference]:
    """Return the differences between the tables of this area and the log; none on a healthy node.

    Raises `ledger.errors.OpeningBroken` for an opening that contradicts its commitment.
    """
    register = _read(session, vault)
    return [
        *_unmatched(register),
        *_parties(register),
        *_versions(register),
        *_codes(session, register),
        *_keys(session, register.entries),
    ]


def _read(session: Session, vault: Vault) -> Register:
    entries = dict(_payloads(session))
    records: dict[str, list[PartyRecordRow]] = defaultdict(list)
    ordered = select(PartyRecordRow).order_by(PartyRecordRow.party, PartyRecordRow.version)
    for row in session.scalars(ordered):
        records[row.party].append(row)
    operator = session.get(PlatformOperatorRow, 1)
    return Register(
        parties={row.id: row for row in session.scalars(select(PartyRow))},
        records=records,
        represented={
            row.party: row.signed_by for row in session.scalars(select(RepresentationRow))
        },
        owners={row.actor: row.party for row in session.scalars(select(PartyKeyRow))},
        operator=None if operator is None else operator.party,
        entries=entries,
        opened=open_entries(session, vault, list(entries)),
    )


def _payloads(session: Session) -> Iterator[tuple[str, Payload]]:
    """Give payloads of identity and KEY by name, in the order of the log; then those that wait."""
    waiting = list(session.execute(select(OutboxRow.payload_id, OutboxRow.payload)))
    reader = LogReader(session)
    for content in reader.entry_range(0, reader.size):
        # Most entries are of other areas, and a type cannot be spelled in another way.
        if _TYPE.search(content):
            entry = parse_entry(content)
            yield base64url.encode(payload_id(entry.payload_bytes)), entry.payload
    for name, payload in waiting:
        if _TYPE.search(payload):
            yield base64url.encode(name), parse_payload(payload)


def _unmatched(register: Register) -> Iterator[Difference]:
    """Step 1."""
    table = PartyRecordRow.__tablename__
    rows = {row.payload_id: row for each in register.records.values() for row in each}
    logged = {name for name, payload in register.entries.items() if payload.type in _OWN_TYPES}
    for name in sorted(rows.keys() - logged):
        row = rows[name]
        yield Difference(table, _name(row), "payload_id", None, name, "no entry")
    for name in sorted(logged - rows.keys()):
        yield Difference(table, name, "payload_id", name, "no row", name)


def _parties(register: Register) -> Iterator[Difference]:
    """What never changes about a party: its kind says whether it is a natural person."""
    table = PartyRow.__tablename__
    for party, row in sorted(register.parties.items()):
        natural = row.kind in set(PartyKind) and KINDS[PartyKind(row.kind)].natural
        if row.is_natural != natural:
            yield Difference(table, party, "is_natural", None, str(row.is_natural), str(natural))
        if party not in register.records:
            yield Difference(table, party, "id", None, party, "no entry")
        signer = row.host or register.operator if natural else None
        stored = register.represented.get(party)
        if stored != signer:
            table_of_signers = RepresentationRow.__tablename__
            yield Difference(table_of_signers, party, "signed_by", None, str(stored), str(signer))


def _versions(register: Register) -> Iterator[Difference]:
    """Steps 2 to 4, record by record."""
    for party, rows in sorted(register.records.items()):
        before: PartyRecordRow | None = None
        for number, row in enumerate(rows, 1):
            payload = register.entries.get(row.payload_id)
            if payload is not None and party in register.parties:
                pairs = _pairs(register, row, payload, number, before)
                yield from _differing(row, pairs)
            before = row


Pairs = Iterable[tuple[str, object, object]]


def _pairs(
    register: Register,
    row: PartyRecordRow,
    payload: Payload,
    number: int,
    before: PartyRecordRow | None,
) -> Pairs:
    """Give column, stored and logged value of everything that one record says."""
    party = register.parties[row.party]
    yield "version", row.version, number
    yield "effective_at", row.effective_at, payload.effective_at
    yield "payload_id", REGISTER if number == 1 else AMEND, payload.type
    yield "party", _streams_of(party), payload.streams
    yield "kind", None if party.is_natural else party.kind, payload.facts.get("kind")
    signer = register.owners.get(payload.actor)
    yield "actor", register.signs_for(row.party), signer
    supersedes = None if before is None else before.payload_id
    if not party.is_natural:
        yield "supersedes", supersedes, payload.facts.get("supersedes")
    record = register.committed(row.payload_id, "record")
    if record is not None:
        yield "kind", party.kind, record.get("kind")
        yield "host", party.host, record.get("host")
        yield "supersedes", supersedes, record.get("supersedes")
        yield "recorded_at", instant_text(row.recorded_at), record.get("recorded_at")
    if party.is_natural:
        yield from ((column, getattr(row, column), None) for column in _CLEAR)
        return
    for told in (record, register.committed(row.payload_id, "shown")):
        if told is not None:
            yield from ((column, getattr(row, column), told.get(column)) for column in _CLEAR)


def _streams_of(party: PartyRow) -> tuple[str, ...]:
    """Return in which streams the entries of a party lie."""
    if not party.is_natural:
        return (party.id,)
    return () if party.host is None else (party.host,)


def _differing(row: PartyRecordRow, pairs: Pairs) -> Iterator[Difference]:
    table = PartyRecordRow.__tablename__
    for column, stored, logged in pairs:
        if stored != logged:
            yield Difference(table, _name(row), column, row.payload_id, str(stored), str(logged))


def _codes(session: Session, register: Register) -> Iterator[Difference]:
    """Step 5, codes: those that any version of a party's record names, and no others."""
    table = PartyCodeRow.__tablename__
    stored = {row.code: row.party for row in session.scalars(select(PartyCodeRow))}
    logged = {
        row.code: party
        for party, rows in register.records.items()
        for row in rows
        if row.code is not None
    }
    for code in sorted(stored.keys() | logged.keys()):
        if stored.get(code) != logged.get(code):
            parties = str(stored.get(code)), str(logged.get(code))
            yield Difference(table, code, "party", None, *parties)


def _keys(session: Session, entries: Mapping[str, Payload]) -> Iterator[Difference]:
    """Step 5, keys: those that a KEY entry registered for a party, in the order of the log."""
    table = PartyKeyRow.__tablename__
    rows = {row.actor: row for row in session.scalars(select(PartyKeyRow))}
    logged = {key.actor: key for key in LogReader(session).key_entries() if key.purpose == "party"}
    numbers: dict[str | None, int] = defaultdict(int)
    for actor, key in logged.items():
        numbers[key.stream] += 1
        row = rows.get(actor)
        name = base64url.encode(actor)
        if row is None:
            yield Difference(table, name, "actor", key.payload_id, "no row", name)
            continue
        for column, stored, told in (
            ("party", row.party, key.stream),
            ("number", row.number, numbers[key.stream]),
            ("public_key", row.public_key.hex(), key.public_key.hex()),
            ("custody", row.custody, key.custody),
            ("payload_id", row.payload_id, key.payload_id),
            ("since_at", row.since_at, entries[key.payload_id].effective_at),
        ):
            if stored != told:
                yield Difference(table, name, column, key.payload_id, str(stored), str(told))
    for actor in sorted(rows.keys() - logged.keys()):
        name = base64url.encode(actor)
        yield Difference(table, name, "actor", None, name, "no entry")


def _name(row: PartyRecordRow) -> str:
    return f"{row.party}/{row.version}"
