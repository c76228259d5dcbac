"""Compares issued papers with their log entries and with the openings still held.

Nothing here is used by the writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.papers.entries import ISSUE
from certification.papers.tables import PaperRow
from certification.quotas.replay import compared, unmatched
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime.vault import Vault

_TABLE = PaperRow.__tablename__


def replay_papers(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node."""
    entries = {name: payload for name, payload in payloads if payload.type == ISSUE}
    rows = {row.payload_id: row for row in session.scalars(select(PaperRow))}
    yield from unmatched(_TABLE, "payload_id", rows, entries)
    both = sorted(rows.keys() & entries.keys())
    opened = open_entries(session, vault, both)
    for name in both:
        row, entry = rows[name], entries[name]
        pairs: dict[str, tuple[object, object]] = {
            "paper_id": (row.paper_id, entry.streams[0]),
            "issued_at": (row.issued_at, entry.effective_at),
        }
        opening = opened[name].get("record")
        if opening is not None and isinstance(opening.value, dict):
            told = opening.value
            pairs |= {
                "cert_id": (row.cert_id, told.get("certificate")),
                "n": (row.n, told.get("n")),
                "digest": (row.digest, told.get("digest")),
                "size_bytes": (row.size_bytes, told.get("size_bytes")),
                "office": (row.office, told.get("office")),
            }
        yield from compared(_TABLE, row.paper_id, name, pairs)
