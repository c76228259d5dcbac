"""The log in a database: every column of its tables, held against the bytes of the entries.

The entries are the truth here; every other column follows from them, and must be:

| table | what is expected |
|---|---|
| `entries` | `index` 0, 1, 2 …; `payload_id` and `hash` as computed from `bytes` |
| `entry_streams` | one row for each stream of each entry, with its `n` |
| `tiles` | every full tile of the tree and its root, nothing else |
| `heads` | signed trees of this log, with the `at` of their last entry; the last covers all |
| `key_entries` | what GENESIS and KEY entries say, those in the outbox included |
| `outbox` | payloads that could be sequenced next, in this order |
| `stream_counts` | the last `n` of each stream, the outbox included |
| `log_state` | one row, which repeats the newest head |

Two columns repeat nothing and are looked at for their form only: `accepted_at` of the outbox and,
on PostgreSQL, the fencing `epoch`. Of the numbers of outbox rows only the order matters. A head
that was removed is missed when an entry has `seen` it, or when it was the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.checker.history import History
from ledger.checker.merkle import EMPTY_ROOT, HASH, Tree
from ledger.checker.notes import LogKey, read_vkey
from ledger.checker.report import CheckFault, Difference, Fault, Findings, Report
from ledger.checker.rows import Row, key_text, rows, same
from ledger.checker.stored_entries import EntriesCheck
from ledger.checker.stored_tree import check_heads, check_tiles, moment_of
from ledger.checker.waiting import Waiting, check_counts, check_keys

_STATE = "SELECT id, origin, epoch, size, root, tip, at FROM log_state ORDER BY id"


def check_database(
    connection: Connection,
    vkey: str | None = None,
    *,
    signatures: bool = True,
    progress: Callable[[int], None] = lambda entries: None,
) -> Report:
    """Check the tables of the log; never raises for what they hold.

    `vkey` is the verifier key that the caller holds; without it heads are checked by the keys that
    the log registers for itself. `signatures` False leaves out the signatures of actors.
    `progress` is told how many entries each step has checked.

    The connection's transaction must see one state throughout. On SQLite every transaction does; on
    PostgreSQL it must be REPEATABLE READ, else `ValueError`.
    """
    _want_snapshot(connection)
    started = perf_counter()
    check = _DatabaseCheck(connection, vkey, signatures)
    check.run(progress)
    return check.report(perf_counter() - started)


def _want_snapshot(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    level = connection.scalar(text("SELECT current_setting('transaction_isolation')"))
    if level not in ("repeatable read", "serializable"):
        raise ValueError(f"the log cannot be checked while it changes: isolation is {level}")


class _State(NamedTuple):
    """The row of `log_state`; any value may be of any type."""

    id: object
    origin: object
    epoch: object
    size: object
    root: object
    tip: object
    at: object


class _DatabaseCheck:
    """One run over one database."""

    def __init__(self, connection: Connection, vkey: str | None, signatures: bool) -> None:
        self._connection = connection
        self._vkey = vkey
        self._signatures = signatures
        self._findings = Findings()
        self._tree = Tree()
        self._history = History(None, self._tree.root, self._place, signatures=signatures)

    def run(self, progress: Callable[[int], None]) -> None:
        """All tables, entries first because everything follows from them."""
        connection, tree, history, findings = (
            self._connection,
            self._tree,
            self._history,
            self._findings,
        )
        state = self._read_state()
        entries = EntriesCheck(connection, tree, history, findings)
        entries.run(state.tip if state is not None else None, progress)
        check_tiles(connection, tree, findings)
        check_heads(connection, self._head_keys(), tree, history, findings)
        waiting = Waiting(history, tree, findings, signatures=self._signatures)
        waiting.run(connection)
        check_counts(connection, waiting.counts, findings)
        check_keys(connection, history, findings)
        if state is not None:
            self._check_state(state)

    def report(self, seconds: float) -> Report:
        """What was found."""
        return Report(
            origin=self._history.origin,
            size=self._tree.size,
            root=self._tree.root(self._tree.size),
            differences=tuple(self._findings.listed),
            count=self._findings.count,
            own_key=self._vkey is None,
            signatures=self._signatures,
            seconds=seconds,
        )

    def _place(self, difference: Difference) -> None:
        """Take what `history` says about an entry."""
        row = key_text(index=difference.entry)
        self._findings.add(replace(difference, table="entries", column="bytes", row=row))

    def _head_keys(self) -> list[LogKey]:
        """The key that was given, else the keys that the log registers for its checkpoints."""
        registered = self._history.keys.of_checkpoints()
        keys = [LogKey(self._history.origin or "", key) for key in sorted(registered)]
        if self._vkey is None:
            return keys
        try:
            given = read_vkey(self._vkey.removesuffix("\n"))
        except CheckFault as fault:
            self._findings.add(fault.difference)
            return []
        if given not in keys:
            self._findings.say_row(Fault.CHECKPOINT_KEY, "heads", "note", None, found=self._vkey)
        return [given]

    def _read_state(self) -> _State | None:
        found: list[Row] = list(islice(rows(self._connection, _STATE), 2))
        if not found:
            self._findings.say_row(Fault.ROW_MISSING, "log_state", "id", "id=1")
            return None
        for row in found[1:]:
            name = key_text(id=row[0])
            self._findings.say_row(Fault.ROW_UNEXPECTED, "log_state", "id", name)
        return _State(*found[0])

    def _check_state(self, state: _State) -> None:
        """The one row stands where the entries end."""
        size = self._tree.size
        wanted: dict[str, object] = {
            "id": 1,
            "origin": self._history.origin,
            "size": size,
            "root": self._tree.root(size) if size else EMPTY_ROOT,
            "tip": self._tree.leaf(size - 1) if size else bytes(HASH),
            "at": moment_of(self._history, size) if size else 0,
        }
        name = key_text(id=state.id)
        for column, value in wanted.items():
            found = getattr(state, column)
            if value is not None and not same(found, value):
                self._findings.differs("log_state", column, name, value, found)
        fenced = self._connection.dialect.name == "postgresql"
        epoch = state.epoch
        if not (type(epoch) is int and (epoch == 0 or (fenced and epoch > 0))):
            self._findings.differs("log_state", "epoch", name, "≥ 0" if fenced else 0, epoch)
