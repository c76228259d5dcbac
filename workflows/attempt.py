"""One use case tried once, inside a transaction that somebody else opened.

The steps, in this order:
 1. a savepoint of its own, so that what is refused leaves nothing
 2. the idempotency key is claimed, or the first answer is returned
 3. the use case runs
 4. its answer is kept under the key
 5. the audit row is written
 6. the savepoint is released
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from identity.actor import Actor
from identity.audit.model import AuditRow, targets_of
from identity.audit.service import write_audit
from ledger.work import Work
from workflows import idempotency

FAULT = "fault"
"""The outcome in the audit trail of an attempt that ended by a mistake of ours."""

OpenWork = Callable[[Connection], Work]


@dataclass(frozen=True)
class Attempt:
    """A use case with its command, its actor and, once it has run, its outcome."""

    use_case: Callable[..., Any]
    command: object
    actor: Actor
    key: str | None = None
    audited: bool = True
    outcome: Future[Any] = field(default_factory=Future)

    @property
    def name(self) -> str:
        """The dotted name of the use case."""
        return idempotency.name_of(self.use_case)


def perform(attempt: Attempt, connection: Connection, open_work: OpenWork, now: datetime) -> Any:
    """Run the steps above and return the result; whatever is raised has left nothing behind."""
    work = open_work(connection)
    try:
        result = _keyed(attempt, work, now)
        if attempt.audited:
            write_audit(work, _audit_row(attempt, work, now, "ok"))
        work.commit()
        return result
    finally:
        work.close()


def record_refusal(
    attempt: Attempt, connection: Connection, open_work: OpenWork, now: datetime, outcome: str
) -> None:
    """Write the one row that a refused attempt leaves: who asked for what, and why not."""
    work = open_work(connection)
    try:
        write_audit(work, _audit_row(attempt, work, now, outcome))
        work.commit()
    finally:
        work.close()


def _keyed(attempt: Attempt, work: Work, now: datetime) -> Any:
    if attempt.key is None:
        return attempt.use_case(work, attempt.command, attempt.actor, now)
    scope = idempotency.scope_of(attempt.actor)
    secret = work.vault.subject_key(idempotency.SUBJECT)
    digest = idempotency.digest_of(secret, attempt.use_case, attempt.command)
    first = idempotency.claim(work, scope, attempt.key, attempt.name, digest, now)
    if first is not None:
        return idempotency.decode_answer(attempt.use_case, first)
    result = attempt.use_case(work, attempt.command, attempt.actor, now)
    idempotency.keep(work, scope, attempt.key, idempotency.encode_answer(result))
    return result


def _audit_row(attempt: Attempt, work: Work, now: datetime, outcome: str) -> AuditRow:
    return AuditRow(
        at=now,
        actor=attempt.actor,
        use_case=attempt.name,
        outcome=outcome,
        key=attempt.key,
        targets=targets_of(attempt.command),
        payload_ids=tuple(recorded.payload_id for recorded in work.recorded),
    )
