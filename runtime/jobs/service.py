"""Jobs: put in with the transaction that needs them, taken under a lease, repeated until done.

A job is *waiting* until `due_at`, *leased* while somebody who claimed it works on it (its `due_at`
is then the end of the lease), gone when done, and *dead* after `ATTEMPTS_MAX` attempts; dead jobs
stay for `ecotrace doctor` to show. A worker that dies does nothing: the lease runs out and the job
is due again, with that attempt counted. So a job may run more than once, and must bear it.

An attempt is named by its number: who held the lease of attempt 3 can neither finish nor fail the
job once attempt 4 has begun (`LeaseLost`). No function here commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, delete, exists, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Delete

from runtime.jobs.tables import JobRow

ATTEMPTS_MAX = 10
BACKOFF_FIRST = timedelta(seconds=5)
BACKOFF_MAX = timedelta(hours=1)


class LeaseLost(RuntimeError):
    """The job was claimed again, or finished, since this attempt began."""


@dataclass(frozen=True)
class Job:
    """A claimed job and the number of this attempt, from 1."""

    id: int
    kind: str
    body: Mapping[str, Any]
    attempt: int


def enqueue(
    session: Session,
    kind: str,
    body: Mapping[str, Any],
    due: datetime,
    *,
    key: str | None = None,
) -> bool:
    """Put a job in; False when a job with the same `key` is still there, which then stands.

    `body` is a JSON object without personal data: it is stored as it is, not sealed.
    """
    if key is not None and session.scalar(select(exists().where(JobRow.key == key))):
        return False
    values = {"kind": kind, "key": key, "body": dict(body), "due_at": due, "attempts": 0}
    session.execute(insert(JobRow).values(values))
    return True


def claim(
    session: Session, now: datetime, lease: timedelta, kinds: Collection[str] | None = None
) -> Job | None:
    """Take the job that is due longest, until `now + lease`; None when nothing is due.

    `kinds` limits the choice. Two claimers never get the same job: SQLite admits one writer at a
    time, PostgreSQL passes over rows that another transaction has locked.
    """
    query = select(JobRow).where(JobRow.due_at <= now, JobRow.attempts < ATTEMPTS_MAX)
    if kinds is not None:
        query = query.where(JobRow.kind.in_(kinds))
    query = query.order_by(JobRow.due_at, JobRow.id).limit(1)
    row = session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.attempts += 1
    row.due_at = now + lease
    session.flush()
    return Job(row.id, row.kind, row.body, row.attempts)


def done(session: Session, job: Job) -> None:
    """Take the job out; raise `LeaseLost` when it is no longer this attempt's."""
    _as_this_attempt(session, delete(JobRow), job)


def failed(session: Session, job: Job, now: datetime, error: str) -> None:
    """Put the job back, later with each attempt; raise `LeaseLost`.

    `error` names what happened (a class or a code) and must hold nothing personal.
    """
    change = update(JobRow).values(due_at=now + backoff(job.attempt), last_error=error)
    _as_this_attempt(session, change, job)


def backoff(attempt: int) -> timedelta:
    """Give the pause after an attempt: 5 s, doubled each time, at most an hour."""
    return min(BACKOFF_FIRST * (1 << min(attempt - 1, 10)), BACKOFF_MAX)


def dead(session: Session, now: datetime) -> Sequence[JobRow]:
    """List the jobs that have used up their attempts."""
    query = select(JobRow).where(JobRow.attempts >= ATTEMPTS_MAX, JobRow.due_at <= now)
    return session.scalars(query.order_by(JobRow.id)).all()


def _as_this_attempt(session: Session, change: Update | Delete, job: Job) -> None:
    """Run a change that may only touch the job while this attempt holds it."""
    mine = change.where(JobRow.id == job.id, JobRow.attempts == job.attempt)
    result = session.execute(mine.execution_options(synchronize_session=False))
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise LeaseLost(f"job {job.id}, attempt {job.attempt}")
