"""Rebuilds consequences from their entries and the openings still held, and compares the tables.

A consequence has one entry for each step, in its own stream. What was proposed stands in the first;
where an opening was erased nothing is said about what stood in it. Nothing here is used by the
writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from certification.consequences.entries import CONSEQUENCE_STEP
from certification.consequences.model import ConsequenceEvent, radius_from
from certification.consequences.tables import (
    ConsequenceRow,
    ConsequenceStandingRow,
    ConsequenceStepRow,
    FollowUpRow,
)
from certification.told import Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.clock import instant_text
from runtime.vault import Vault

_CONSEQUENCES = ConsequenceRow.__tablename__
_STANDINGS = ConsequenceStandingRow.__tablename__
_STEPS = ConsequenceStepRow.__tablename__
_FOLLOW_UPS = FollowUpRow.__tablename__

_PROPOSED = ("verb", "reason", "document", "ground", "office", "radius")
_DONE = ("event", "office", "person", "note")


def replay_consequences(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id.
    """
    told = steps_told(session, vault, payloads, CONSEQUENCE_STEP)
    query = select(ConsequenceRow).options(undefer(ConsequenceRow.radius))
    rows = {row.id: row for row in session.scalars(query)}
    standings = {row.consequence_id: row for row in session.scalars(select(ConsequenceStandingRow))}
    for table, stored in ((_CONSEQUENCES, rows), (_STANDINGS, standings)):
        yield from missing(table, stored.keys(), told.keys())
    for id in sorted(rows.keys() & told.keys()):
        yield from _proposal(rows[id], told[id][0])
        if id in standings:
            yield from _standing(standings[id], rows[id], told[id])
    yield from _steps(session, told)
    yield from _follow_ups(session, told)


def _proposal(row: ConsequenceRow, first: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "proposed_at": (row.proposed_at, first.payload.effective_at)
    }
    if first.record is not None:
        said = first.record
        until = row.hold_until
        pairs |= {column: (getattr(row, column), said[column]) for column in _PROPOSED}
        pairs |= {
            "cert_id": (row.cert_id, said["certificate"]),
            "proposed_by": (row.proposed_by, said["person"]),
            "effective_at": (instant_text(row.effective_at), said["effective_at"]),
            "hold_until": (None if until is None else instant_text(until), said["hold_until"]),
            "radius_digest": (row.radius_digest, _digest(said["radius"])),
        }
    yield from compared(_CONSEQUENCES, row.id, first.name, pairs)


def _digest(radius: Mapping[str, Any]) -> str:
    return radius_from(radius, int(radius["labels"])).digest


def _standing(
    row: ConsequenceStandingRow, of: ConsequenceRow, steps: Sequence[Told]
) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "steps": (row.steps, len(steps)),
        "cert_id": (row.cert_id, of.cert_id),
    }
    last = steps[-1].record
    if last is not None:
        pairs["state"] = (row.state, ConsequenceEvent(last["event"]).leads_to.value)
    yield from compared(_STANDINGS, row.consequence_id, steps[-1].name, pairs)


def _steps(session: Session, told: Mapping[str, Sequence[Told]]) -> Iterator[Difference]:
    query = select(ConsequenceStepRow).options(undefer(ConsequenceStepRow.radius))
    rows = {f"{row.consequence_id}/{row.n}": row for row in session.scalars(query)}
    logged = {f"{id}/{n}": each for id, steps in told.items() for n, each in enumerate(steps, 1)}
    yield from missing(_STEPS, rows.keys(), logged.keys())
    for key in sorted(rows.keys() & logged.keys()):
        row, each = rows[key], logged[key]
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, each.name),
            "at": (row.at, each.payload.effective_at),
        }
        if each.record is not None:
            pairs |= {column: (getattr(row, column), each.record[column]) for column in _DONE}
            confirmed = each.record if row.event == ConsequenceEvent.CONFIRM else {}
            pairs |= {
                column: (getattr(row, column), confirmed.get(column))
                for column in ("change", "radius")
            }
        yield from compared(_STEPS, key, each.name, pairs)


def _follow_ups(session: Session, told: Mapping[str, Sequence[Told]]) -> Iterator[Difference]:
    erased = {id for id, steps in told.items() if any(each.record is None for each in steps)}
    logged = {
        f"{id}/{kind}/{subject}"
        for id, steps in told.items()
        for each in steps
        for kind, subject in (each.record or {}).get("follow_ups", ())
    }
    stored = {
        f"{row.consequence_id}/{row.kind}/{row.subject}"
        for row in session.scalars(select(FollowUpRow))
        if row.consequence_id not in erased
    }
    yield from missing(_FOLLOW_UPS, stored, logged)
