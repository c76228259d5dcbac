"""Compares the register of labels with its log entries and with the openings still held.

Nothing here is used by the writer. The caller reads the log once and passes the payloads of trace
by payload id, with what of them could be opened. The steps, each its own function:
 1. every print, bind and void entry has its row, and every row its entry
 2. what a row says is what the entry's opening says, and is true of the entry's streams and time
 3. numbers of runs do not overlap, and spans of one kind do not meet
 4. the guard rows are the sums of the rows
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.model import Opened
from runtime.clock import instant_text
from trace.labels.entries import BIND, PRINT, VOID
from trace.labels.model import Binding, RunFacts, Span, VoidReason, freed_by_lot
from trace.labels.tables import (
    LabelBinding,
    LabelNumbers,
    LabelRun,
    LabelVoid,
    RunNumbers,
    RunTotals,
)

Entries = Mapping[str, Payload]
Openings = Mapping[str, Mapping[str, Opened]]


@dataclass(frozen=True)
class Told:
    """One row as its entry tells it: its name, its columns, the streams it has to stand in."""

    table: str
    row: str
    payload_id: str
    stored: Mapping[str, object]
    at: datetime
    streams: frozenset[str]


def replay_labels(session: Session, entries: Entries, opened: Openings) -> Iterator[Difference]:
    """Yield the differences between the tables of labels and the log; none on a healthy node."""
    runs = {row.id: row for row in session.scalars(select(LabelRun).order_by(LabelRun.number))}
    bindings = _by_run(session.scalars(select(LabelBinding).order_by(LabelBinding.first)))
    voids = _by_run(session.scalars(select(LabelVoid).order_by(LabelVoid.first)))
    told = [*_runs(runs.values()), *_bindings(bindings), *_voids(voids)]
    yield from unmatched(told, entries, {PRINT, BIND, VOID})
    for each in told:
        yield from compared(each, entries, opened, _BOUND_BY)
    yield from _overlaps(runs.values(), bindings, voids)
    yield from _guards(session, runs, bindings, voids)


def labelled_quantities(session: Session) -> dict[str, int]:
    """Give for each lot the quantity (mg or pieces) that its labels stand for, from the rows."""
    runs = {row.id: row for row in session.scalars(select(LabelRun))}
    bindings = _by_run(session.scalars(select(LabelBinding)))
    voids = _by_run(session.scalars(select(LabelVoid)))
    found: dict[str, int] = defaultdict(int)
    for run_id, rows in bindings.items():
        run = runs[run_id]
        each = run.net_mg or 1
        bound = tuple(Binding(Span(row.first, row.last), row.lot_id) for row in rows)
        for binding in bound:
            found[binding.lot_id] += binding.span.count * each
        facts = RunFacts(run.product_id, run.count, bound, ())
        for void in voids.get(run_id, ()):
            freed = freed_by_lot(facts, Span(void.first, void.last), VoidReason(void.reason))
            for lot_id, count in freed.items():
                found[lot_id] -= count * each
    return dict(found)


# A run that was printed for its lot is bound, from its first label to its last, by the entry that
# printed it; later ones by an entry of their own.
_BOUND_BY: dict[str, dict[str, str | int]] = {
    PRINT: {"bind_first": 1, "bind_last": "count", "bind_lot": "lot"},
    BIND: {"bind_first": "first", "bind_last": "last", "bind_lot": "lot"},
}


def unmatched(told: Sequence[Told], entries: Entries, types: set[str]) -> Iterator[Difference]:
    """Step 1: yield rows without entry and entries without row."""
    known = {each.payload_id for each in told}
    for each in told:
        if each.payload_id not in entries or entries[each.payload_id].type not in types:
            yield Difference(each.table, each.row, "payload_id", None, each.payload_id, "no entry")
    for name, payload in entries.items():
        if payload.type in types and name not in known:
            yield Difference(payload.type, name, "payload_id", name, "no row", name)


def compared(
    told: Told,
    entries: Entries,
    opened: Openings,
    implied: Mapping[str, Mapping[str, str | int]],
) -> Iterator[Difference]:
    """Step 2: yield where a row says other things than its entry and its opening.

    `implied` names, for an entry type, members that follow from others of its record. An erased
    opening is compared in its public part only.
    """
    payload = entries.get(told.payload_id)
    if payload is None:
        return
    pairs: dict[str, tuple[object, object]] = {
        "streams": (told.streams & frozenset(payload.streams), told.streams),
        "at": (instant_text(told.at), instant_text(payload.effective_at)),
    }
    opening = opened.get(told.payload_id, {}).get("record")
    if opening is not None:
        record = cast(dict[str, Any], opening.value)
        for name, source in implied.get(payload.type, {}).items():
            record = {**record, name: record.get(source) if isinstance(source, str) else source}
        pairs |= {name: (value, record.get(name)) for name, value in told.stored.items()}
    for column, (stored, logged) in pairs.items():
        if stored != logged:
            yield Difference(
                told.table, told.row, column, told.payload_id, _shown(stored), _shown(logged)
            )


def _runs(rows: Iterable[LabelRun]) -> Iterator[Told]:
    for row in rows:
        stored = {
            "run": row.id,
            "number": row.number,
            "letter": row.letter,
            "item": row.item,
            "first": row.first,
            "count": row.count,
            "product": row.product_id,
            "lot_code": row.lot_code,
            "base_url": row.base_url,
            "net_mg": row.net_mg,
            "certificate": row.cert_id,
            "certificate_number": row.cert_number,
            "certificate_unit": row.cert_unit,
            "account": row.account_id,
            "with_mark": row.with_mark,
            "mark_certificate": row.mark_cert_id,
            "mark_artwork": row.mark_artwork,
            "owner": row.owner_id,
        }
        streams = frozenset(each for each in (row.id, row.cert_id, row.account_id) if each)
        yield Told(LabelRun.__tablename__, row.id, row.payload_id, stored, row.printed_at, streams)


def _bindings(by_run: Mapping[str, Sequence[LabelBinding]]) -> Iterator[Told]:
    for row in (row for rows in by_run.values() for row in rows):
        stored = {
            "run": row.run_id,
            "bind_first": row.first,
            "bind_last": row.last,
            "bind_lot": row.lot_id,
        }
        streams = frozenset((row.run_id, row.lot_id))
        name = f"{row.run_id}/{row.first}"
        table = LabelBinding.__tablename__
        yield Told(table, name, row.payload_id, stored, row.bound_at, streams)


def _voids(by_run: Mapping[str, Sequence[LabelVoid]]) -> Iterator[Told]:
    for row in (row for rows in by_run.values() for row in rows):
        stored = {
            "run": row.run_id,
            "first": row.first,
            "last": row.last,
            "reason": row.reason,
        }
        name = f"{row.run_id}/{row.first}"
        streams = frozenset((row.run_id,))
        yield Told(LabelVoid.__tablename__, name, row.payload_id, stored, row.voided_at, streams)


def _overlaps(
    runs: Iterable[LabelRun],
    bindings: Mapping[str, Sequence[LabelBinding]],
    voids: Mapping[str, Sequence[LabelVoid]],
) -> Iterator[Difference]:
    """Step 3."""
    numbers: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for run in runs:
        numbers[run.letter, run.item].append((run.first, run.first + run.count - 1, run.id))
    for spans in numbers.values():
        yield from _meeting(LabelRun.__tablename__, spans)
    for table, by_run in (
        (LabelBinding.__tablename__, bindings),
        (LabelVoid.__tablename__, voids),
    ):
        for run_id, rows in by_run.items():
            yield from _meeting(table, [(row.first, row.last, run_id) for row in rows])


def _meeting(table: str, spans: list[tuple[int, int, str]]) -> Iterator[Difference]:
    for (_, last, _), (first, _, name) in pairwise(sorted(spans)):
        if first <= last:
            yield Difference(table, name, "first", None, str(first), f"above {last}")


def _guards(
    session: Session,
    runs: Mapping[str, LabelRun],
    bindings: Mapping[str, Sequence[LabelBinding]],
    voids: Mapping[str, Sequence[LabelVoid]],
) -> Iterator[Difference]:
    """Step 4."""
    nexts: dict[str, int] = {}
    for run in runs.values():
        key = f"{run.letter}/{run.item}"
        nexts[key] = max(nexts.get(key, 0), run.first + run.count)
    stored = {f"{row.letter}/{row.item}": row.next for row in session.scalars(select(LabelNumbers))}
    yield from _sums(LabelNumbers.__tablename__, "next", stored, nexts)
    newest = {"1": max(run.number for run in runs.values())} if runs else {}
    rows = {str(row.id): row.newest for row in session.scalars(select(RunNumbers))}
    yield from _sums(RunNumbers.__tablename__, "newest", rows, newest)
    totals = {row.run_id: row for row in session.scalars(select(RunTotals))}
    for column, by_run in (("bound", bindings), ("void", voids)):
        kept = {name: cast(int, getattr(row, column)) for name, row in totals.items()}
        yield from _sums(RunTotals.__tablename__, column, kept, _counts(runs, by_run))


def _counts(
    runs: Iterable[str], by_run: Mapping[str, Sequence[LabelBinding] | Sequence[LabelVoid]]
) -> dict[str, int]:
    return {run: sum(row.last - row.first + 1 for row in by_run.get(run, ())) for run in runs}


def _sums(
    table: str, column: str, stored: Mapping[str, int], logged: Mapping[str, int]
) -> Iterator[Difference]:
    """Yield where a guard row is not what the rows add up to."""
    for name in sorted(stored.keys() | logged.keys()):
        found, wanted = stored.get(name), logged.get(name, 0)
        if found != wanted:
            yield Difference(table, name, column, None, _shown(found), str(wanted))


def _by_run(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.run_id].append(row)
    return found


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "no row" if value is None else str(value)
