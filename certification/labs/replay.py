"""Compares laboratories, accreditations and reports with their log entries and openings.

Nothing here is used by the writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.evidence.replay import Columns, Named, compared
from certification.labs.entries import ACCREDIT, END, REGISTER, REPORT
from certification.labs.tables import (
    AccreditationEndRow,
    AccreditationRow,
    LaboratoryRow,
    ReportRow,
)
from identity.replay import Difference
from runtime.clock import instant_text
from runtime.vault import Vault

Told = Mapping[str, Columns]


def replay_labs(session: Session, vault: Vault, payloads: Iterable[Named]) -> list[Difference]:
    """The differences of the four tables of laboratories; none on a healthy node.

    `payloads` are those of the log, by payload id. Raises `OpeningBroken`.
    """
    named = list(payloads)
    found: list[Difference] = []
    for type_, table, read in _TABLES:
        rows = {row.payload_id: read(row) for row in session.scalars(select(table))}
        found += compared(session, vault, named, type_, table.__tablename__, rows)
    return found


def _told(row: str, stream: str, at: datetime, **committed: object) -> Told:
    public = {"stream": stream, "at": instant_text(at)}
    return {"name": {"row": row}, "public": public, "committed": committed}


def _lab(row: LaboratoryRow) -> Told:
    by = row.registered_by
    return _told(row.id, row.id, row.registered_at, party=row.party, registered_by=by)


def _accreditation(row: AccreditationRow) -> Told:
    return _told(
        row.id,
        row.lab,
        row.recorded_at,
        accreditation=row.id,
        lab=row.lab,
        authority=row.authority,
        number=row.number,
        from_date=row.from_date.isoformat(),
        until=row.until.isoformat(),
        scope=row.scope,
        recorded_by=row.recorded_by,
    )


def _end(row: AccreditationEndRow) -> Told:
    return _told(
        row.accreditation,
        row.lab,
        row.recorded_at,
        accreditation=row.accreditation,
        lab=row.lab,
        ended_on=row.ended_on.isoformat(),
        recorded_by=row.recorded_by,
    )


def _report(row: ReportRow) -> Told:
    return _told(
        row.id,
        row.id,
        row.recorded_at,
        lab=row.lab,
        evidence_id=row.evidence_id,
        holder=row.holder,
        number=row.number,
        sample=row.sample,
        received_on=row.received_on.isoformat(),
        issued_on=row.issued_on.isoformat(),
        results=row.results,
        recorded_by=row.recorded_by,
        analyst=row.analyst,
    )


_TABLES: tuple[tuple[str, Any, Callable[[Any], Told]], ...] = (
    (REGISTER, LaboratoryRow, _lab),
    (ACCREDIT, AccreditationRow, _accreditation),
    (END, AccreditationEndRow, _end),
    (REPORT, ReportRow, _report),
)
