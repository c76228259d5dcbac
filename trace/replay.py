"""Compares every table of trace with the log and the openings still held.

`ecotrace verify` calls `replay`. It reads the log once, opens what can be opened (each opening is
held against its commitment before it counts) and hands both to the replays of the nouns. Nothing
here is used by the writer. Payloads that wait in the outbox count as logged, so that a healthy node
shows no difference at any moment; what was erased is no difference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import Payload, parse_entry, parse_payload, payload_id
from ledger.entries.tables import OutboxRow
from ledger.entry_types import CONT
from ledger.openings.service import open_entries
from ledger.openings.tables import OpeningRow
from ledger.reader import LogReader
from runtime import base64url
from runtime.vault import Vault
from trace.comparison import Log
from trace.conformity.replay import replay_conformity
from trace.events.replay import replay_events
from trace.labels.replay import replay_labels
from trace.lots.replay import replay_lots
from trace.products.replay import replay_registers
from trace.recall.replay import replay_recalls

_TYPE = re.compile(rb'"type":"(?:trace\.|CONT")')


def replay(session: Session, vault: Vault) -> list[Difference]:
    """Return the differences between the tables of this area and the log; none on a healthy node.

    Raises `ledger.errors.OpeningBroken` for an opening that contradicts its commitment.
    """
    log = read_log(session, vault)
    return [
        *replay_registers(session, log),
        *replay_lots(session, log),
        *replay_events(session, vault, log),
        *replay_labels(session, log.entries, log.opened),
        *replay_conformity(session, log.entries, log.opened),
        *replay_recalls(session, log),
    ]


def read_log(session: Session, vault: Vault) -> Log:
    """Return the entries of trace as the replays read them."""
    entries: dict[str, Payload] = {}
    streams: dict[str, frozenset[str]] = defaultdict(frozenset)
    for name, payload in _payloads(session):
        whole = name if payload.type != CONT.type else str(payload.facts["of"])
        streams[whole] |= frozenset(payload.streams)
        if payload.type != CONT.type:
            entries[name] = payload
    subjects: dict[str, frozenset[str]] = defaultdict(frozenset)
    for raw_name, subject in session.execute(select(OpeningRow.payload_id, OpeningRow.subject)):
        subjects[base64url.encode(raw_name)] |= {subject}
    return Log(entries, streams, open_entries(session, vault, list(entries)), subjects)


def _payloads(session: Session) -> Iterator[tuple[str, Payload]]:
    """Give payloads of trace and continuations in the order of the log; then those that wait."""
    waiting = select(OutboxRow.payload_id, OutboxRow.payload).order_by(OutboxRow.id)
    waited = list(session.execute(waiting))
    reader = LogReader(session)
    seen = set()
    for content in reader.entry_range(0, reader.size):
        # Most entries may be of other areas, and a type cannot be spelled in another way.
        if _TYPE.search(content):
            entry = parse_entry(content)
            name = base64url.encode(payload_id(entry.payload_bytes))
            seen.add(name)
            yield name, entry.payload
    for raw_name, payload in waited:
        name = base64url.encode(raw_name)
        if name not in seen and _TYPE.search(payload):
            yield name, parse_payload(payload)
