"""Compares the register of certificates of conformity with the log and the openings still held.

Nothing here is used by the writer; see `trace.labels.replay` for what the caller passes. A
certificate whose opening was erased is compared in lot, time and order only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from trace.conformity.entries import ISSUE
from trace.conformity.tables import ConformityCertificate
from trace.labels.replay import Entries, Openings, Told, compared, unmatched

_TABLE = ConformityCertificate.__tablename__


def replay_conformity(session: Session, entries: Entries, opened: Openings) -> Iterator[Difference]:
    """Yield the differences between the table and the log; none on a healthy node.

    Each row has its entry and each entry its row, both say the same, and the certificates of a lot
    are numbered from 1, each replacing the one before.
    """
    query = select(ConformityCertificate).order_by(
        ConformityCertificate.lot_id, ConformityCertificate.n
    )
    by_lot: dict[str, list[ConformityCertificate]] = defaultdict(list)
    for row in session.scalars(query):
        by_lot[row.lot_id].append(row)
    told = [each for rows in by_lot.values() for each in _told(rows)]
    yield from unmatched(told, entries, {ISSUE})
    for each in told:
        yield from compared(each, entries, opened, {})
    for rows in by_lot.values():
        yield from _numbers(rows)


def _told(rows: list[ConformityCertificate]) -> Iterator[Told]:
    before: str | None = None
    for row in rows:
        stored = {
            "id": row.id,
            "lot": row.lot_id,
            "owner": row.party_id,
            "style": row.style,
            "supersedes": before,
        }
        streams = frozenset((row.lot_id,))
        yield Told(_TABLE, row.id, row.payload_id, stored, row.issued_at, streams)
        before = row.id


def _numbers(rows: list[ConformityCertificate]) -> Iterator[Difference]:
    for wanted, row in enumerate(rows, 1):
        if row.n != wanted:
            yield Difference(_TABLE, row.id, "n", row.payload_id, str(row.n), str(wanted))
