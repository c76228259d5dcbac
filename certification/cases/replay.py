"""Rebuilds cases from their entries and the openings still held, and compares the tables.

A case has one entry for each step, in its own stream. What was applied for stands in the first;
where an opening was erased nothing is said about what stood in it. Standings and guard rows are
checked against the steps themselves. Nothing here is used by the writer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.cases.entries import CASE_STEP
from certification.cases.register import step_from
from certification.cases.tables import CaseRow, OutcomeRow, RunningCaseRow, StandingRow, StepRow
from certification.process.standing import CaseState, Event, fold
from certification.told import Pairs, Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.vault import Vault

_CASES = CaseRow.__tablename__
_STEPS = StepRow.__tablename__
_OUTCOMES = OutcomeRow.__tablename__
_STANDINGS = StandingRow.__tablename__
_RUNNING = RunningCaseRow.__tablename__

_OPENING = ("holder", "scheme", "scheme_version", "track", "cert_id")
_STEP = ("event", "outcome", "state", "person", "party", "task", "assignee", "objection", "fee")
_GRANTED = ("kind", "subject", "number", "n")


def replay_cases(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id.
    """
    told = steps_told(session, vault, payloads, CASE_STEP)
    cases = {row.case_id: row for row in session.scalars(select(CaseRow))}
    standings = {row.case_id: row for row in session.scalars(select(StandingRow))}
    for table, stored in ((_CASES, cases), (_STANDINGS, standings)):
        yield from missing(table, stored.keys(), told.keys())
    for case_id in sorted(cases.keys() & told.keys()):
        yield from _opening(cases[case_id], told[case_id][0])
    steps = _rows(session)
    yield from _steps(steps, told)
    yield from _outcomes(session, told)
    for case_id in sorted(standings.keys() & steps.keys()):
        yield from _standing(standings[case_id], steps[case_id], told.get(case_id, ()))
    yield from _running(session, cases, standings)


def _rows(session: Session) -> dict[str, list[StepRow]]:
    found: dict[str, list[StepRow]] = defaultdict(list)
    for row in session.scalars(select(StepRow).order_by(StepRow.case_id, StepRow.n)):
        found[row.case_id].append(row)
    return found


def _opening(row: CaseRow, first: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "opened_at": (row.opened_at, first.payload.effective_at)
    }
    if first.record is not None:
        said = first.record
        pairs |= {column: (getattr(row, column), said.get(column)) for column in _OPENING}
    yield from compared(_CASES, row.case_id, first.name, pairs)


def _steps(
    steps: Mapping[str, Sequence[StepRow]], told: Mapping[str, Sequence[Told]]
) -> Iterator[Difference]:
    rows = {f"{row.case_id}/{row.n}": row for each in steps.values() for row in each}
    logged = {f"{id}/{n}": one for id, each in told.items() for n, one in enumerate(each, 1)}
    yield from missing(_STEPS, rows.keys(), logged.keys())
    for key in sorted(rows.keys() & logged.keys()):
        row, entry = rows[key], logged[key]
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, entry.name),
            "at": (row.at, entry.payload.effective_at),
        }
        if entry.record is not None:
            pairs |= _said(row, entry.record)
        yield from compared(_STEPS, key, entry.name, pairs)


def _said(row: StepRow, record: Mapping[str, Any]) -> Pairs:
    said = {column: (getattr(row, column), record.get(column)) for column in _STEP}
    until = None if row.until is None else row.until.isoformat()
    excluded = (list(row.excluded), record.get("excluded"))
    return said | {"until": (until, record.get("until")), "excluded": excluded}


def _outcomes(session: Session, told: Mapping[str, Sequence[Told]]) -> Iterator[Difference]:
    rows = {row.case_id: row for row in session.scalars(select(OutcomeRow))}
    granted = {
        case_id: entry
        for case_id, steps in told.items()
        for entry in steps
        if entry.record is not None and entry.record.get("event") == Event.GRANT
    }
    erased = {id for id, steps in told.items() if any(each.record is None for each in steps)}
    yield from missing(_OUTCOMES, rows.keys() - (erased - granted.keys()), granted.keys())
    for case_id in sorted(rows.keys() & granted.keys()):
        row, entry = rows[case_id], granted[case_id]
        said = (entry.record or {}).get("granted", {})
        pairs: dict[str, tuple[object, object]] = {
            column: (getattr(row, column), said.get(column)) for column in _GRANTED
        }
        pairs["payload_id"] = (row.payload_id, entry.name)
        yield from compared(_OUTCOMES, case_id, entry.name, pairs)


def _standing(
    row: StandingRow, steps: Sequence[StepRow], told: Sequence[Told]
) -> Iterator[Difference]:
    standing = fold(tuple(map(step_from, steps)))
    pairs: dict[str, tuple[object, object]] = {
        "state": (row.state, standing.state.value),
        "since": (row.since, standing.since),
        "n": (row.n, standing.n),
    }
    records = [each.record for each in told if each.record is not None]
    submitted = [said for said in records if said.get("event") == Event.SUBMIT]
    # A draft holds what was typed since; the log hears of it when it is submitted.
    unchanged = standing.state is not CaseState.DRAFT and not _saved_since(
        standing.state, standing.returned
    )
    if submitted and unchanged and len(records) == len(told):
        pairs["answers"] = (row.answers, submitted[-1].get("answers_digest"))
    yield from compared(_STANDINGS, row.case_id, steps[-1].payload_id, pairs)


def _saved_since(state: CaseState, returned: bool) -> bool:
    """Whether the applicant could type after the last submission: a returned draft that ended."""
    return returned and state in (CaseState.WITHDRAWN, CaseState.LAPSED)


def _running(
    session: Session, cases: Mapping[str, CaseRow], standings: Mapping[str, StandingRow]
) -> Iterator[Difference]:
    wanted = {
        (row.holder, row.scheme, row.track, row.cert_id or ""): row.case_id
        for row in cases.values()
        if row.case_id in standings and not CaseState(standings[row.case_id].state).is_final
    }
    rows = session.scalars(select(RunningCaseRow))
    stored = {(row.holder, row.scheme, row.track, row.about): row.case_id for row in rows}
    for key in sorted(wanted.keys() | stored.keys()):
        if stored.get(key) != wanted.get(key):
            name = "/".join(key)
            found, logged = str(stored.get(key)), str(wanted.get(key))
            yield Difference(_RUNNING, name, "case_id", None, found, logged)
