"""One leader sequences on PostgreSQL; the others wait for its end.

Business transactions commit outbox rows side by side. The leader holds a session advisory lock and
drains them in batches, each batch in one transaction: entries, tiles, head, outbox. Whatever ends
it (crash, lost connection, kill) ends the transaction and releases the lock, so a row is in the
outbox or in the log, never in both or neither.

The lock alone is not enough: a leader that sleeps through the loss of its connection must not
write when it wakes. So each new leader raises the *fencing epoch* in `log_state`, and every batch
reads it under the row's lock (`Fenced` when it is no longer this leader's).

The outbox is looked at every 100 ms, or at once after `wake`; an idle leader writes nothing.
States: *waiting* for the lock, *leading*, and *broken* after `LogBroken`: then nothing is sequenced
until a person has looked, `failure` says why, and readiness must say so too.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from ledger.entries.tables import LogStateRow, OutboxRow
from ledger.errors import Fenced, LogBroken
from ledger.log_keys import LogKeys
from ledger.sequencer import BATCH_MAX, Head, sequence
from runtime.clock import Clock

LEADER_LOCK: Final = 0x45434F4C4F47
"""The advisory lock of a database's leader; locks of one database do not meet another's."""
POLL_SECONDS: Final = 0.1

journal = structlog.get_logger("ledger.leader")


class Leader:
    """A thread that leads whenever nobody else does."""

    def __init__(self, engine: Engine, keys: LogKeys, clock: Clock) -> None:
        """`engine` writes to the business database (PostgreSQL)."""
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.leading = False
        self.failure: LogBroken | None = None

    def start(self) -> None:
        """Begin to wait for the lock, and lead once it is ours."""
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="leader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, give the lock back and end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Look at the outbox now: something was committed."""
        self._wake.set()

    def run(self) -> None:
        """Lead again and again until `stop`; lost connections and newer leaders are survived."""
        while not self._stop.is_set():
            try:
                self.lead()
            except LogBroken as error:
                self.failure = error
                journal.exception("log_broken")
                return
            except Fenced:
                journal.warning("leader_fenced")
            except DBAPIError:
                journal.warning("leader_lost_database", exc_info=True)
            self._stop.wait(POLL_SECONDS)

    def lead(self) -> None:
        """Take the lock, unless another has it, and drain until `stop`.

        Raises `Fenced`, `LogBroken` and the database's own errors.
        """
        with self._engine.connect() as connection:
            # Outside of the pool: closing this connection ends the session, and with it the lock.
            connection.detach()
            epoch = take_leadership(connection)
            if epoch is None:
                return
            self.leading = True
            try:
                self._drain(connection, epoch)
            finally:
                self.leading = False

    def _drain(self, connection: Connection, epoch: int) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            if drain_batch(connection, self._keys, self._clock.now(), epoch) is None:
                self._wake.wait(POLL_SECONDS)


def take_leadership(connection: Connection) -> int | None:
    """Try for the advisory lock of this session; gives the new fencing epoch, or None.

    None too before `init`, when there is nothing to lead.
    """
    with connection.begin():
        query = text("SELECT pg_try_advisory_lock(:lock)")
        if not connection.scalar(query, {"lock": LEADER_LOCK}):
            return None
        raised = update(LogStateRow).where(LogStateRow.id == 1)
        epoch: int | None = connection.scalar(
            raised.values(epoch=LogStateRow.epoch + 1).returning(LogStateRow.epoch)
        )
        return epoch


def drain_batch(
    connection: Connection, keys: LogKeys, now: datetime, epoch: int | None = None
) -> Head | None:
    """Sequence up to one batch in a transaction of its own; None when nothing waited.

    Safe beside a leader, because the row of `log_state` is locked; without `epoch` it is the
    command line's way to empty the outbox when no server runs.
    """
    with connection.begin():
        # An idle look takes no lock, so that it leaves nothing in the write-ahead log.
        if connection.scalar(select(OutboxRow.id).limit(1)) is None:
            return None
        return sequence(connection, keys, now, limit=BATCH_MAX, epoch=epoch)


def drain(engine: Engine, keys: LogKeys, clock: Clock) -> Head | None:
    """Sequence everything that waits now, in batches; gives the newest head, or None."""
    head: Head | None = None
    with engine.connect() as connection:
        while (next_head := drain_batch(connection, keys, clock.now())) is not None:
            head = next_head
    return head
