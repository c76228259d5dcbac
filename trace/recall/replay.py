"""Rebuilds recalls from their entries: one for each step, in the recall's own stream.

Which lots an ordered recall covers is public in the streams of its order; who decided, and why, is
in the openings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from trace.comparison import Key, Log, compared, differing, unmatched
from trace.recall.tables import Recall, RecalledLot, RecallStanding, RecallStep

PROPOSE, ORDER, END = "trace.recall.propose", "trace.recall.order", "trace.recall.end"
_STATES = {PROPOSE: "proposed", ORDER: "ordered", END: "ended"}


def replay_recalls(session: Session, log: Log) -> Iterator[Difference]:
    """Yield the differences between recalls and the log; none on a healthy node."""
    steps: dict[str, list[str]] = {}
    for name in log.of_type(*_STATES):
        recall_id = next(id for id in log.streams[name] if not id.startswith("lot:"))
        steps.setdefault(recall_id, []).append(name)
    rows = {row.id: row for row in session.scalars(select(Recall))}
    yield from unmatched("recalls", {id: id for id in rows}, steps, "id")
    for recall_id in sorted(rows.keys() & steps.keys()):
        yield from _recall(log, rows[recall_id], steps[recall_id])
    yield from _steps(session, log, steps)
    yield from _standings(session, log, steps)
    yield from _covered(session, log, steps)


def _recall(log: Log, row: Recall, steps: list[str]) -> Iterator[Difference]:
    pairs: list[tuple[str, object, object]] = [("at", row.at, log.entries[steps[0]].effective_at)]
    proposed = log.committed(steps[0], "decision")
    if proposed is not None:
        pairs.append(("proposed_by", row.proposed_by, proposed["person"]))
    for name in steps:
        decision, record = log.committed(name, "decision"), log.committed(name)
        if decision is not None:
            pairs += [
                ("lot_id", row.lot_id, decision["lot"]),
                ("office_id", row.office_id, decision["office"]),
            ]
        if record is not None:
            pairs += [
                (each, getattr(row, each), record[each]) for each in ("reason_zh", "reason_en")
            ]
            radius = hashlib.sha256("\n".join(sorted(record["lots"])).encode()).hexdigest()
            pairs.append(("radius", row.radius, radius))
    yield from differing("recalls", row.id, steps[0], pairs)


def _steps(session: Session, log: Log, steps: Mapping[str, list[str]]) -> Iterator[Difference]:
    stored: dict[Key, Mapping[str, object]] = {}
    logged: dict[Key, Mapping[str, object]] = {}
    rows = {(row.recall_id, row.n): row for row in session.scalars(select(RecallStep))}
    for recall_id, names in steps.items():
        for n, name in enumerate(names, 1):
            payload, decision = log.entries[name], log.committed(name, "decision")
            logged[recall_id, n] = {
                "state": _STATES[payload.type],
                "at": payload.effective_at,
                "payload_id": name,
                **({"person": decision["person"]} if decision is not None else {}),
            }
    for key, row in rows.items():
        columns = ("state", "at", "payload_id", "person")
        stored[key] = {column: getattr(row, column) for column in columns}
    yield from compared("recall_steps", ("recall_id", "n"), stored, logged)


def _standings(session: Session, log: Log, steps: Mapping[str, list[str]]) -> Iterator[Difference]:
    logged: dict[Key, Mapping[str, object]] = {
        (id,): {"state": _STATES[log.entries[names[-1]].type], "steps": len(names)}
        for id, names in steps.items()
    }
    stored: dict[Key, Mapping[str, object]] = {
        (row.recall_id,): {"state": row.state, "steps": row.steps}
        for row in session.scalars(select(RecallStanding))
    }
    yield from compared("recall_standings", ("recall_id",), stored, logged)


def _covered(session: Session, log: Log, steps: Mapping[str, list[str]]) -> Iterator[Difference]:
    logged: dict[Key, Mapping[str, object]] = {
        (recall_id, lot_id): {}
        for recall_id, names in steps.items()
        for name in names
        if log.entries[name].type == ORDER
        for lot_id in log.streams[name] - {recall_id}
    }
    stored: dict[Key, Mapping[str, object]] = {
        (row.recall_id, row.lot_id): {} for row in session.scalars(select(RecalledLot))
    }
    yield from compared("recalled_lots", ("recall_id", "lot_id"), stored, logged)
