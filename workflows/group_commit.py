"""The one writer thread of a process on SQLite: many use cases, one durable commit.

SQLite has one writer at a time and pays an fsync for each commit. While one batch is being
committed the next one gathers in the queue, so that under load many requests share an fsync and
when idle a batch of one waits for nobody.

Invariants:
- a request is answered only after the commit that holds it, its log entries and the signed head
- each use case runs in a savepoint: a refusal or a fault of one leaves the others untouched
- if the commit fails, every request of the batch is told so and nothing of it took effect
- other processes (command line, worker) may write too: BEGIN IMMEDIATE, busy timeout, and the log
  head is read again inside the transaction
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from runtime.refusal import Reason, Refusal
from workflows.attempt import FAULT, Attempt, OpenWork, perform, record_refusal
from workflows.refusals import UnitRefusal

BATCH_MAX = 256
QUEUE_MAX = 4096

journal = structlog.get_logger("workflows.group_commit")


class GroupCommit:
    """Takes attempts from any thread and commits them in batches."""

    def __init__(
        self,
        engine: Engine,
        open_work: OpenWork,
        sequence: Callable[[Connection, datetime], object],
        now: Callable[[], datetime],
    ) -> None:
        """Prepare the writer; the thread starts with the first attempt of the process."""
        self._engine = engine
        self._open_work = open_work
        self._sequence = sequence
        self._now = now
        self._queue: queue.Queue[Attempt | None] = queue.Queue(QUEUE_MAX)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def submit(self, attempt: Attempt) -> None:
        """Queue an attempt; its `outcome` is set after the commit. Refuses (BUSY) when full."""
        self._start()
        try:
            self._queue.put_nowait(attempt)
        except queue.Full:
            raise Refusal(Reason(UnitRefusal.BUSY)) from None

    def stop(self) -> None:
        """Finish what is queued and end the thread."""
        if self._thread is not None and self._pid == os.getpid():
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        if self._thread is not None and self._pid == os.getpid():
            return
        with self._lock:
            if self._thread is not None and self._pid == os.getpid():
                return
            # A forked server inherits the object but not its thread: a new process starts afresh.
            self._pid, self._queue = os.getpid(), queue.Queue(QUEUE_MAX)
            self._thread = threading.Thread(target=self._loop, name="writer", daemon=True)
            self._thread.start()

    def _loop(self) -> None:
        stopping = False
        while not stopping:
            batch = [self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            stopping = None in batch
            claimed = [a for a in batch if a is not None]
            self._commit([a for a in claimed if a.outcome.set_running_or_notify_cancel()])

    def _commit(self, batch: list[Attempt]) -> None:
        if not batch:
            return
        try:
            with self._engine.begin() as connection:
                settled = [self._settle(attempt, connection) for attempt in batch]
                self._sequence(connection, self._now())
        except Exception as error:  # noqa: BLE001
            # The writer serves everybody: whatever failed, it answers its batch and goes on.
            journal.exception("commit_failed", attempts=len(batch))
            failed = Refusal(Reason(UnitRefusal.STORAGE_FAILED))
            failed.__cause__ = error
            settled = [_Raised(failed)] * len(batch)
        for attempt, outcome in zip(batch, settled, strict=True):
            if isinstance(outcome, _Raised):
                attempt.outcome.set_exception(outcome.error)
            else:
                attempt.outcome.set_result(outcome)

    def _settle(self, attempt: Attempt, connection: Connection) -> Any:
        now = self._now()
        try:
            return perform(attempt, connection, self._open_work, now)
        except Refusal as refused:
            outcome, code = _Raised(refused), refused.first.code.code
        except SQLAlchemyError as error:
            if connection.invalidated or not connection.in_transaction():
                raise
            outcome, code = _Raised(error), FAULT
        except Exception as error:  # noqa: BLE001
            # A fault of one use case is its caller's; the batch goes on without it.
            outcome, code = _Raised(error), FAULT
        if attempt.audited:
            record_refusal(attempt, connection, self._open_work, now, code)
        return outcome


@dataclass(frozen=True)
class _Raised:
    error: Exception
