"""The names of events: what was captured under a hash before, and who may capture under it now.

Two captures of one hash must not both believe to be the first. A name has a row, and who captures
under it holds the row until its transaction ends; rows are locked in one order. On PostgreSQL the
second waits here and then reads what the first has committed; SQLite has one writer anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.portions import spans
from ledger.work import Work
from trace.events.model import Earlier
from trace.events.tables import Event, EventName

_PORTION = 500


def lock_names(work: Work, hashes: Collection[str]) -> None:
    """Hold these names, new or known, until the transaction ends."""
    if not hashes:
        return
    insert = sqlite.insert if work.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(EventName)
    # An update that changes nothing takes the lock of a row that is there.
    held = statement.on_conflict_do_update(
        index_elements=["event_hash"], set_={"event_hash": statement.excluded.event_hash}
    )
    work.connection().execute(held, [{"event_hash": each} for each in sorted(hashes)])


def free_names(work: Work, hashes: Collection[str]) -> None:
    """Forget names under which nothing was captured after all."""
    for some in _portions(hashes):
        work.execute(delete(EventName).where(EventName.event_hash.in_(some)))


def earlier_events(work: Work, hashes: Collection[str]) -> dict[str, list[Earlier]]:
    """What was captured under these names; a name that is held is read as it will stay."""
    found: dict[str, list[Earlier]] = {}
    query = select(Event.event_hash, Event.digest, Event.payload_id, Event.outcome, Event.party_id)
    for some in _portions(hashes):
        rows = work.execute(query.where(Event.event_hash.in_(some)))
        for name, digest, payload_id, outcome, party in rows:
            found.setdefault(name, []).append(Earlier(digest, payload_id, outcome, party))
    return found


def _portions(hashes: Collection[str]) -> list[Sequence[str]]:
    ordered = sorted(hashes)
    return [ordered[low:high] for low, high in spans(len(ordered), _PORTION)]
