"""Compares inspections with the log, the openings still held, and the photos in the file store.

A step has one entry; the row of the inspection is told by the first. What is derived (standings,
nonconformities) is folded again from the rows of the steps. Nothing here is used by the writer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.inspections.entries import INSPECTION_STEP
from certification.inspections.model import InspectionEvent
from certification.inspections.reading import step_from
from certification.inspections.standing import Standing, fold
from certification.inspections.tables import (
    InspectionRow,
    InspectionStandingRow,
    InspectionStepRow,
    NonconformityRow,
)
from certification.told import Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.errors import OpeningBroken
from ledger.openings.sealed_files import read_file
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.vault import Vault

_INSPECTIONS = InspectionRow.__tablename__
_STEPS = InspectionStepRow.__tablename__
_STANDINGS = InspectionStandingRow.__tablename__
_FOUND = NonconformityRow.__tablename__

_PLANNED = ("about", "kind", "scheme", "scheme_version", "holder", "office", "draw")
_DONE = ("n", "event", "person", "party", "said")


def replay_inspections(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences of rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id. Raises `OpeningBroken`.
    """
    told = steps_told(session, vault, payloads, INSPECTION_STEP)
    rows = {row.id: row for row in session.scalars(select(InspectionRow))}
    yield from missing(_INSPECTIONS, rows.keys(), told.keys())
    for id in sorted(rows.keys() & told.keys()):
        yield from _inspection(rows[id], told[id][0])
    steps = _step_rows(session)
    yield from _compared_steps(steps, told)
    standings = {id: fold(map(step_from, found)) for id, found in steps.items()}
    yield from _standings(session, rows, standings)
    yield from _nonconformities(session, rows, standings)


def replay_photos(session: Session, vault: Vault, files: FileStore) -> Iterator[Difference]:
    """Yield the photos whose sealed file is missing, damaged, or opens to something else.

    Raises `OSError` where the store does not answer: that says nothing about any photo.
    """
    query = (
        select(InspectionStepRow, InspectionRow.holder)
        .join(InspectionRow, InspectionRow.id == InspectionStepRow.inspection_id)
        .where(InspectionStepRow.event == InspectionEvent.PHOTO.value)
        .order_by(InspectionStepRow.inspection_id, InspectionStepRow.n)
    )
    for row, holder in session.execute(query):
        name, digest = f"{row.inspection_id}/{row.n}", str(row.said["digest"])
        try:
            read_file(session, vault, files, digest, holder)
        except FileMissing:
            yield Difference(_STEPS, name, "digest", row.payload_id, "no file", digest)
        except (FileDamaged, OpeningBroken, ValueError):
            yield Difference(_STEPS, name, "digest", row.payload_id, "another file", digest)


def _inspection(row: InspectionRow, first: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "planned_at": (row.planned_at, first.payload.effective_at)
    }
    if first.record is not None:
        said = first.record["said"]
        pairs |= {column: (getattr(row, column), said.get(column)) for column in _PLANNED}
    yield from compared(_INSPECTIONS, row.id, first.name, pairs)


def _step_rows(session: Session) -> dict[str, list[InspectionStepRow]]:
    found: dict[str, list[InspectionStepRow]] = defaultdict(list)
    query = select(InspectionStepRow)
    for row in session.scalars(
        query.order_by(InspectionStepRow.inspection_id, InspectionStepRow.n)
    ):
        found[row.inspection_id].append(row)
    return found


def _compared_steps(
    rows: Mapping[str, Sequence[InspectionStepRow]], told: Mapping[str, Sequence[Told]]
) -> Iterator[Difference]:
    stored = {f"{id}/{row.n}": row for id, found in rows.items() for row in found}
    logged = {f"{id}/{n}": each for id, steps in told.items() for n, each in enumerate(steps, 1)}
    yield from missing(_STEPS, stored.keys(), logged.keys())
    for key in sorted(stored.keys() & logged.keys()):
        row, each = stored[key], logged[key]
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, each.name),
            "at": (row.at, each.payload.effective_at),
        }
        if each.record is not None:
            pairs |= {column: (getattr(row, column), each.record[column]) for column in _DONE}
        yield from compared(_STEPS, key, each.name, pairs)


def _standings(
    session: Session, rows: Mapping[str, InspectionRow], folded: Mapping[str, Standing]
) -> Iterator[Difference]:
    stored = {row.inspection_id: row for row in session.scalars(select(InspectionStandingRow))}
    yield from missing(_STANDINGS, stored.keys(), folded.keys())
    for id in sorted(stored.keys() & folded.keys() & rows.keys()):
        row, standing, of = stored[id], folded[id], rows[id]
        pairs: dict[str, tuple[object, object]] = {
            "about": (row.about, of.about),
            "scheme": (row.scheme, of.scheme),
            "state": (row.state, standing.state.value),
            "day": (row.day, standing.day),
            "inspectors": (list(row.inspectors), list(standing.inspectors)),
            "n": (row.n, standing.n),
            "finished_at": (row.finished_at, standing.finished_at),
        }
        yield from compared(_STANDINGS, id, of.id, pairs)


def _nonconformities(
    session: Session, rows: Mapping[str, InspectionRow], folded: Mapping[str, Standing]
) -> Iterator[Difference]:
    stored = {
        f"{row.inspection_id}/{row.no}": row for row in session.scalars(select(NonconformityRow))
    }
    found = {f"{id}/{each.no}": (id, each) for id, one in folded.items() for each in one.found}
    yield from missing(_FOUND, stored.keys(), found.keys())
    for key in sorted(stored.keys() & found.keys()):
        row, (id, each) = stored[key], found[key]
        pairs: dict[str, tuple[object, object]] = {
            "about": (row.about, rows[id].about if id in rows else None),
            "item": (row.item, each.item),
            "severity": (row.severity, each.severity),
            "state": (row.state, each.state.value),
            "opened_at": (row.opened_at, each.opened_at),
            "correct_by": (row.correct_by, each.correct_by),
            "evidence": (row.evidence, each.evidence),
        }
        yield from compared(_FOUND, key, id, pairs)
