"""Claiming the first scan, counting the others, and throwing away pages that are no longer true.

Statements here are plain SQL that SQLite and PostgreSQL both read, because each runs once per scan
or once for a million labels.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from identity.actor import Actor
from ledger.work import Work
from runtime.clock import from_microseconds, to_microseconds
from trace.scans.tables import FirstScan, ScanCount

PLACE_MAX = 60

_CLAIM = text(
    "INSERT INTO first_scans (run_id, number, at, place) VALUES (:run, :number, :at, :place) "
    "ON CONFLICT DO NOTHING RETURNING number"
)
_COUNT = text(
    "INSERT INTO scan_counts (run_id, number, count) VALUES (:run, :number, :count) "
    "ON CONFLICT (run_id, number) DO UPDATE SET count = scan_counts.count + excluded.count"
)
_SEEN = text(
    "SELECT f.at AS first_at, f.place AS place, c.count AS scans FROM (SELECT 1 AS one) o "
    "LEFT JOIN first_scans f ON f.run_id = :run AND f.number = :number "
    "LEFT JOIN scan_counts c ON c.run_id = :run AND c.number = :number"
)
_OPEN_EPOCH = text("INSERT INTO scan_epochs (lot_id, epoch) VALUES (:id, 1) ON CONFLICT DO NOTHING")
_BUMP_LOT = text(
    "INSERT INTO scan_epochs (lot_id, epoch) VALUES (:id, 2) "
    "ON CONFLICT (lot_id) DO UPDATE SET epoch = scan_epochs.epoch + 1"
)
_OPEN_GROUP = text("INSERT INTO scan_groups (id, epoch) VALUES (:id, 1) ON CONFLICT DO NOTHING")
_BUMP_GROUP = text(
    "INSERT INTO scan_groups (id, epoch) VALUES (:id, 2) "
    "ON CONFLICT (id) DO UPDATE SET epoch = scan_groups.epoch + 1"
)
_JOIN = text(
    "INSERT INTO scan_memberships (lot_id, group_id) VALUES (:lot, :group) ON CONFLICT DO NOTHING"
)
_EPOCH = text(
    "SELECT COALESCE((SELECT epoch FROM scan_epochs WHERE lot_id = :lot), 0) + "
    "COALESCE((SELECT SUM(g.epoch) FROM scan_groups g "
    "JOIN scan_memberships m ON m.group_id = g.id WHERE m.lot_id = :lot), 0)"
)


@dataclass(frozen=True)
class ClaimFirst:
    """One label (its run and number) scanned somewhere; `place` is a province or city, or None."""

    run: str
    number: int
    place: str | None = None


@dataclass(frozen=True)
class Claimed:
    """Whether this visitor is the first."""

    first: bool


@dataclass(frozen=True)
class Seen:
    """What is known of a label's scans before this one."""

    first_at: datetime | None
    place: str | None
    count: int


def claim_first(
    session: Session | Connection, run: str, number: int, at: datetime, place: str | None
) -> bool:
    """Claim a label's first scan; exactly one caller is ever told True, once it has committed.

    Others, in any process, wait for a claim that is being committed and are told False.
    """
    city = None if place is None else place[:PLACE_MAX]
    row = {"run": run, "number": number, "at": to_microseconds(at), "place": city}
    return session.execute(_CLAIM, row).first() is not None


def claim_first_scan(work: Work, command: ClaimFirst, actor: Actor, now: datetime) -> Claimed:
    """`claim_first` as a use case, for the runner's `run_within`."""
    return Claimed(claim_first(work, command.run, command.number, now, command.place))


def seen(session: Session | Connection, run: str, number: int) -> Seen:
    """Give the first scan of a label and the scans that were flushed. One SELECT."""
    row = session.execute(_SEEN, {"run": run, "number": number}).one()
    first_at = None if row.first_at is None else from_microseconds(row.first_at)
    return Seen(first_at, row.place, row.scans or 0)


@dataclass(frozen=True)
class RunScans:
    """How much a print run was scanned: labels at least once, and scans in all."""

    labels: int
    scans: int


def scans_of_run(session: Session, run: str) -> RunScans:
    """Give how much a print run was scanned."""
    labels = select(func.count()).select_from(FirstScan).where(FirstScan.run_id == run)
    scans = select(func.coalesce(func.sum(ScanCount.count), 0)).where(ScanCount.run_id == run)
    return RunScans(session.scalar(labels) or 0, int(session.scalar(scans) or 0))


class ScanCounter:
    """Counts scans of this process in memory; somebody flushes it each second.

    A crash loses what was not flushed, and another process sees a count up to a second late; a
    first scan is never counted here alone. Threads may use one counter together.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: Counter[tuple[str, int]] = Counter()

    def note(self, run: str, number: int) -> int:
        """Count one scan of a label and give how many of it are not yet flushed."""
        with self._lock:
            self._pending[run, number] += 1
            return self._pending[run, number]

    def flush(self, session: Session | Connection) -> int:
        """Write what is pending and give how many labels that were; the caller commits.

        If a statement fails, what was pending is kept and the error goes on.
        """
        with self._lock:
            taken, self._pending = self._pending, Counter()
        if not taken:
            return 0
        # Sorted, so that two processes that flush at once lock rows in one order.
        rows = [
            {"run": run, "number": number, "count": count}
            for (run, number), count in sorted(taken.items())
        ]
        try:
            session.execute(_COUNT, rows)
        except SQLAlchemyError:
            with self._lock:
                self._pending.update(taken)
            raise
        return len(rows)


def open_epoch(work: Session, lot_id: str) -> None:
    """Give a new lot its epoch row, before anybody has to bump it."""
    work.execute(_OPEN_EPOCH, {"id": lot_id})


def bump_lots(work: Session, lot_ids: Iterable[str]) -> None:
    """Throw away the cached pages of these lots, in every process, with this commit."""
    rows = [{"id": lot_id} for lot_id in sorted(set(lot_ids))]
    if rows:
        work.execute(_BUMP_LOT, rows)


def bump_group(work: Session, group_id: str) -> None:
    """Throw away the cached pages of every lot that points to a group: one row, however many."""
    work.execute(_BUMP_GROUP, {"id": group_id})


def bump(work: Session, target: str) -> None:
    """Throw away the cached pages of a lot (`lot:…`) or of all lots of a group (any other id)."""
    if target.startswith("lot:"):
        bump_lots(work, [target])
    else:
        bump_group(work, target)


def join_group(work: Session, lot_id: str, group_id: str) -> None:
    """Let a lot point to a group (a certificate, a recall); joining changes its epoch too."""
    work.execute(_OPEN_GROUP, {"id": group_id})
    work.execute(_JOIN, {"lot": lot_id, "group": group_id})


def epoch_of(session: Session | Connection, lot_id: str) -> int:
    """Give the epoch of a lot's page: it grows whenever the page may have changed. One SELECT."""
    return int(session.execute(_EPOCH, {"lot": lot_id}).scalar_one())
