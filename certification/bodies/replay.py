"""Rebuilds appointments, competences and declarations from the log, and compares the tables.

Appointments are public facts; what stands in an opening that was erased is not compared. Nothing
here is used by the writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.bodies.entries import (
    APPOINT,
    DECLARE,
    END_APPOINTMENT,
    END_COMPETENCE,
    GRANT_COMPETENCE,
)
from certification.bodies.tables import (
    AppointmentEndRow,
    AppointmentRow,
    CompetenceEndRow,
    CompetenceRow,
    DeclarationRow,
)
from certification.told import Pairs, Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.vault import Vault


def replay_bodies(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id.
    """
    listed = list(payloads)
    for type, table, pairs_of in _TABLES:
        told = {
            each.name: each
            for steps in steps_told(session, vault, listed, type).values()
            for each in steps
        }
        rows = {row.payload_id: row for row in session.scalars(select(table))}
        name = table.__tablename__
        yield from missing(name, rows.keys(), told.keys())
        for entry in sorted(rows.keys() & told.keys()):
            row = rows[entry]
            yield from compared(name, row.id, entry, pairs_of(row, told[entry]))


def _common(row: Any, told: Told, columns: Iterable[str]) -> dict[str, tuple[object, object]]:
    """The stream, the time, and what a record says under the name of its column."""
    pairs: dict[str, tuple[object, object]] = {
        "id": (row.id, told.payload.streams[0]),
        "recorded_at": (row.recorded_at, told.payload.effective_at),
    }
    said = told.record
    if said is not None:
        pairs |= {column: (getattr(row, column), said.get(column)) for column in columns}
    return pairs


def _appointment(row: AppointmentRow, told: Told) -> Pairs:
    facts = told.payload.facts
    public: dict[str, tuple[object, object]] = {
        column: (getattr(row, column), facts.get(column))
        for column in ("party", "scheme", "function")
    }
    to_date = None if row.to_date is None else row.to_date.isoformat()
    public["from_date"] = (row.from_date.isoformat(), facts.get("from"))
    public["to_date"] = (to_date, facts.get("to"))
    return _common(row, told, ("office", "document", "capacity")) | public


def _appointment_end(row: AppointmentEndRow, told: Told) -> Pairs:
    day = (row.to_date.isoformat(), told.payload.facts.get("to"))
    return _common(row, told, ("office",)) | {"to_date": day}


def _competence(row: CompetenceRow, told: Told) -> Pairs:
    pairs = _common(row, told, ("person", "scheme", "task", "party", "document"))
    if told.record is not None:
        pairs["from_date"] = (row.from_date.isoformat(), told.record["from"])
        pairs["to_date"] = (row.to_date.isoformat(), told.record["to"])
    return pairs


def _competence_end(row: CompetenceEndRow, told: Told) -> Pairs:
    pairs = _common(row, told, ())
    if told.record is not None:
        pairs["to_date"] = (row.to_date.isoformat(), told.record["to"])
    return pairs


def _declaration(row: DeclarationRow, told: Told) -> Pairs:
    pairs = _common(row, told, ("person", "party", "relation"))
    if told.record is not None:
        pairs["case_id"] = (row.case_id, told.record["case"])
    return pairs


_TABLES: tuple[tuple[str, Any, Any], ...] = (
    (APPOINT, AppointmentRow, _appointment),
    (END_APPOINTMENT, AppointmentEndRow, _appointment_end),
    (GRANT_COMPETENCE, CompetenceRow, _competence),
    (END_COMPETENCE, CompetenceEndRow, _competence_end),
    (DECLARE, DeclarationRow, _declaration),
)
