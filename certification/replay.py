"""Rebuilds the tables of this area from the log, and compares.

Each noun compares its own in `<noun>/replay.py`; here the payloads are read once for all of them.
Nothing here is used by the writer.

Payloads that are committed but not yet in the log are read from the outbox, so that a healthy node
shows no difference at any moment; a payload in both counts once.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.appeals.replay import replay_appeals
from certification.artworks.replay import replay_artworks
from certification.bars.replay import replay_bars
from certification.bodies.replay import replay_bodies
from certification.cases.replay import replay_cases
from certification.certificates.replay import replay_certificates
from certification.consequences.replay import replay_consequences
from certification.draws.replay import replay_draws
from certification.evidence.replay import replay_evidence
from certification.inspections.replay import replay_inspections
from certification.labs.replay import replay_labs
from certification.moves.replay import replay_moves
from certification.papers.replay import replay_papers
from certification.permits.replay import replay_permits
from certification.quotas.replay import replay_quotas
from certification.schemes.replay import replay_schemes
from certification.transactions.replay import replay_transactions
from identity.replay import Difference
from ledger.entries.model import Payload, parse_entry, parse_payload, payload_id
from ledger.entries.tables import OutboxRow
from ledger.reader import LogReader
from runtime import base64url
from runtime.vault import Vault

Named = tuple[str, Payload]
_TYPES = (b'"type":"certification.', b'"type":"trace.run.')


def replay(session: Session, vault: Vault) -> list[Difference]:
    """Differences between the tables of this area and the log; empty on a healthy node."""
    payloads = list(_payloads(session))
    return [
        *replay_certificates(session, vault, payloads),
        *replay_quotas(session, vault, payloads),
        *replay_permits(session, vault, payloads),
        *replay_papers(session, vault, payloads),
        *replay_transactions(session, vault, payloads),
        *replay_bodies(session, vault, payloads),
        *replay_bars(session, vault, payloads),
        *replay_consequences(session, vault, payloads),
        *replay_moves(session, vault, payloads),
        *replay_appeals(session, vault, payloads),
        *replay_cases(session, vault, payloads),
        *replay_evidence(session, vault, payloads),
        *replay_labs(session, vault, payloads),
        *replay_schemes(session, vault, payloads),
        *replay_draws(session, vault, payloads),
        *replay_inspections(session, vault, payloads),
        *replay_artworks(session, vault, payloads),
    ]


def _payloads(session: Session) -> Iterator[Named]:
    """Payloads of this area and of print runs, in the order of the log; then those that wait."""
    reader = LogReader(session)
    waiting = list(session.execute(select(OutboxRow.payload_id, OutboxRow.payload)))
    seen = set()
    for content in reader.entry_range(0, reader.size):
        # Most entries are about something else; in canonical JSON a type is spelled in one way.
        if any(kind in content for kind in _TYPES):
            entry = parse_entry(content)
            name = base64url.encode(payload_id(entry.payload_bytes))
            seen.add(name)
            yield name, entry.payload
    for raw_name, payload in waiting:
        name = base64url.encode(raw_name)
        if name not in seen:
            yield name, parse_payload(payload)
