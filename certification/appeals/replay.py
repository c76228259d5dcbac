"""Rebuilds appeals from their entries and the openings still held, and compares the tables.

Nothing here is used by the writer; what was erased is compared in its public part only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.appeals.entries import APPEAL_STEP
from certification.appeals.model import AppealKind, AppealState
from certification.appeals.tables import AppealRow, AppealStandingRow, AppealStepRow
from certification.told import Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.vault import Vault

_APPEALS = AppealRow.__tablename__
_STEPS = AppealStepRow.__tablename__
_STANDINGS = AppealStandingRow.__tablename__

_FILED = ("kind", "target", "subject", "scheme", "holder", "filed_by")
_STEP = ("event", "state", "person", "party")


def replay_appeals(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id.
    """
    told = steps_told(session, vault, payloads, APPEAL_STEP)
    rows = {row.appeal_id: row for row in session.scalars(select(AppealRow))}
    standings = {row.appeal_id: row for row in session.scalars(select(AppealStandingRow))}
    for table, stored in ((_APPEALS, rows), (_STANDINGS, standings)):
        yield from missing(table, stored.keys(), told.keys())
    for appeal_id in sorted(rows.keys() & told.keys()):
        yield from _filing(rows[appeal_id], told[appeal_id][0])
        if appeal_id in standings:
            yield from _standing(standings[appeal_id], rows[appeal_id], told[appeal_id])
    yield from _steps(session, told)


def _filing(row: AppealRow, first: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "filed_at": (row.filed_at, first.payload.effective_at)
    }
    if first.record is not None:
        said = first.record
        pairs |= {column: (getattr(row, column), said.get(column)) for column in _FILED}
        pairs["n"] = (row.n, said.get("subject_n"))
    yield from compared(_APPEALS, row.appeal_id, first.name, pairs)


def _standing(row: AppealStandingRow, of: AppealRow, steps: Sequence[Told]) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "n": (row.n, len(steps)),
        "scheme": (row.scheme, of.scheme),
    }
    last = steps[-1].record
    if last is not None:
        pairs["state"] = (row.state, last.get("state"))
        runs = of.kind == AppealKind.APPEAL and not AppealState(str(last.get("state"))).is_final
        named = f"{of.target}/{of.subject}/{of.n or 0}"
        pairs["running"] = (row.running, named if runs else None)
    yield from compared(_STANDINGS, row.appeal_id, steps[-1].name, pairs)


def _steps(session: Session, told: Mapping[str, Sequence[Told]]) -> Iterator[Difference]:
    rows = {f"{row.appeal_id}/{row.n}": row for row in session.scalars(select(AppealStepRow))}
    logged = {f"{id}/{n}": each for id, steps in told.items() for n, each in enumerate(steps, 1)}
    yield from missing(_STEPS, rows.keys(), logged.keys())
    for key in sorted(rows.keys() & logged.keys()):
        row, entry = rows[key], logged[key]
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, entry.name),
            "at": (row.at, entry.payload.effective_at),
        }
        if entry.record is not None:
            pairs |= {column: (getattr(row, column), entry.record.get(column)) for column in _STEP}
        yield from compared(_STEPS, key, entry.name, pairs)
