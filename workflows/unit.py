"""The only runner: everything that is written goes through `Unit.run`.

A use case is a plain function `(work, command, actor, now) -> result`. It never opens, commits or
retries; this module does, and adds what every business transaction has:

- idempotency: the same key gives the first answer, another body under it is refused (409)
- one audit row for each attempt, also for a refused one (then in a short second transaction)
- the log: on SQLite the entries are sequenced and the head is signed in the same transaction; on
  PostgreSQL a leader does it within a second, from rows that this transaction committed
- retries: on PostgreSQL, READ COMMITTED, serialisation failures and deadlocks are tried five times
  with jitter, then the request is refused as busy (503)

A caller is answered after the commit, never before. A refused request leaves its audit row only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as OutcomeTimeout
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from identity.actor import Actor
from ledger.work import Work
from runtime.clock import Clock
from runtime.database import Database
from runtime.randomness import Randomness
from runtime.refusal import Reason, Refusal
from workflows.attempt import FAULT, Attempt, OpenWork, perform, record_refusal
from workflows.group_commit import GroupCommit
from workflows.refusals import UnitRefusal

Command = TypeVar("Command")
Result = TypeVar("Result")
UseCase = Callable[[Work, Command, Actor, datetime], Result]

TRIES = 5
# SQLSTATE of serialization_failure and deadlock_detected: PostgreSQL appendix A, class 40.
_TRANSIENT = frozenset({"40001", "40P01"})


class Unit:
    """Runs use cases on one database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        open_work: OpenWork,
        sequence: Callable[[Connection, datetime], object],
        nudge: Callable[[], None],
    ) -> None:
        """Bind the runner to its database.

        `open_work` makes the session of one attempt on a connection; `sequence` puts committed or
        about to be committed outbox rows into the log (SQLite); `nudge` wakes the leader
        (PostgreSQL).
        """
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._open_work = open_work
        self._nudge = nudge
        self._group = GroupCommit(database.write_engine, open_work, sequence, clock.now)

    def run(
        self,
        use_case: Callable[[Work, Command, Actor, datetime], Result],
        command: Command,
        *,
        actor: Actor,
        idempotency_key: str | None = None,
    ) -> Result:
        """Run a use case in one durable transaction and return its result.

        Raises Refusal: what the use case refuses, and the codes of `UnitRefusal`.
        """
        attempt = Attempt(use_case, command, actor, idempotency_key)
        if self._database.dialect == "sqlite":
            self._group.submit(attempt)
            result: Result = attempt.outcome.result()
            return result
        return self._run_here(attempt)  # type: ignore[no-any-return]

    def run_within(
        self,
        seconds: float,
        use_case: Callable[[Work, Command, Actor, datetime], Result],
        command: Command,
        *,
        actor: Actor,
    ) -> Result | None:
        """Run an unaudited use case, or give up after so many seconds and return None.

        For the first scan: the page is served in time, without a statement that did not become
        durable in time. An attempt that has not begun by then is withdrawn.
        """
        attempt = Attempt(use_case, command, actor, audited=False)
        if self._database.dialect != "sqlite":
            return self._run_here(attempt, seconds)  # type: ignore[no-any-return]
        self._group.submit(attempt)
        try:
            result: Result = attempt.outcome.result(seconds)
        except OutcomeTimeout:
            attempt.outcome.cancel()
            return None
        return result

    def maintain(self, write: Callable[[Connection], object]) -> None:
        """Write what is no use case and no history (scan counts), in a transaction of its own."""
        with self._database.write_engine.begin() as connection:
            write(connection)

    def stop(self) -> None:
        """Finish what has been accepted and end the writer thread."""
        self._group.stop()

    def _run_here(self, attempt: Attempt, seconds: float | None = None) -> Any:
        for attempted in range(TRIES):
            now = self._clock.now()
            try:
                with self._database.write_engine.begin() as connection:
                    if seconds is not None:
                        _limit(connection, seconds)
                    result = perform(attempt, connection, self._open_work, now)
                self._nudge()
                return result
            except Refusal as refused:
                self._refused(attempt, now, refused.first.code.code)
                raise
            except DBAPIError as error:
                if seconds is not None and getattr(error.orig, "sqlstate", None) in _TIMED_OUT:
                    return None
                if getattr(error.orig, "sqlstate", None) not in _TRANSIENT:
                    self._refused(attempt, now, FAULT)
                    raise
            except Exception:
                # A fault of the use case is its caller's; what is kept is that it was tried.
                self._refused(attempt, now, FAULT)
                raise
            jitter = self._randomness.token(1)[0] / 255
            time.sleep(0.01 * 2**attempted * (0.5 + jitter))
        self._refused(attempt, self._clock.now(), UnitRefusal.BUSY.code)
        raise Refusal(Reason(UnitRefusal.BUSY))

    def _refused(self, attempt: Attempt, now: datetime, outcome: str) -> None:
        if attempt.audited:
            with self._database.write_engine.begin() as connection:
                record_refusal(attempt, connection, self._open_work, now, outcome)


# query_canceled (statement_timeout) and lock_not_available (lock_timeout).
_TIMED_OUT = frozenset({"57014", "55P03"})


def _limit(connection: Connection, seconds: float) -> None:
    milliseconds = max(1, int(seconds * 1000))
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
