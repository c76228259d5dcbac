"""The log's tables: what is appended for ever, what is derived from it, and the outbox.

History, append-only by trigger and by right: `entries`, `entry_streams`, `tiles` (full tiles
only; partial ones are derived when read), `heads` (one signed head per commit).

Derived and updated: `stream_counts` (the row whose lock gives `n`) and `log_state` (one row:
where the writer stands, and the fencing epoch of the leader).

`key_entries` says which entry registered which key; `outbox` holds what is committed but has no
place yet, and is emptied by the sequencer.

A reader of one table can always check it against another: `log_state` equals the last head, the
last head the tree over `entries.hash`, `tiles` the same tree, `stream_counts` the largest
`n` of `entry_streams` and `outbox`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table

_Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only under a key declared INTEGER."""


class EntryRow(Base):
    """One entry: its bytes as hashed, under its index."""

    __tablename__ = "entries"
    __table_args__ = table(TableClass.LOG, history=True)

    index: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    payload_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    content: Mapped[bytes] = mapped_column("bytes", LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class EntryStreamRow(Base):
    """The `n`-th entry of a stream."""

    __tablename__ = "entry_streams"
    __table_args__ = ({**table(TableClass.LOG, history=True)[-1], "sqlite_with_rowid": False},)

    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger)


class TileRow(Base):
    """A full tile: 256 hashes, and the hash that the level above holds for it."""

    __tablename__ = "tiles"
    __table_args__ = table(TableClass.LOG, history=True)

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class HeadRow(Base):
    """The signed head of one commit; `note` is a checkpoint in the form of C2SP."""

    __tablename__ = "heads"
    __table_args__ = table(TableClass.LOG, history=True)

    size: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)


class StreamCountRow(Base):
    """How many entries a stream has been promised, outbox included."""

    __tablename__ = "stream_counts"
    __table_args__ = table(TableClass.DERIVED)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)


class LogStateRow(Base):
    """Where the writer stands; the one row has `id` 1. `tip` is the hash of the last entry."""

    __tablename__ = "log_state"
    __table_args__ = table(TableClass.DERIVED)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    tip: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)


class KeyEntryRow(Base):
    """A key that a GENESIS or KEY entry registered; `stream` is its party's, if it has one."""

    __tablename__ = "key_entries"
    __table_args__ = table(TableClass.REGISTER, history=True)

    actor: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str] = mapped_column(Text)
    custody: Mapped[str] = mapped_column(Text)
    stream: Mapped[str | None] = mapped_column(Text)
    payload_id: Mapped[bytes] = mapped_column(LargeBinary)


class OutboxRow(Base):
    """A payload that is committed and has no index yet.

    `streams` is the JSON `[[id, n], …]`. A continuation names the row of its first payload in
    `head`; a first payload says in `parts` how many continuations follow it. Rows are numbered
    after their stream locks were taken, so that the order of `id` keeps the order of every `n`.
    """

    __tablename__ = "outbox"
    __table_args__ = table(TableClass.UNPROTECTED, Index(None, "head"))

    id: Mapped[int] = mapped_column(_Serial, primary_key=True)
    head: Mapped[int | None] = mapped_column(BigInteger)
    part: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer)
    payload_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    sig: Mapped[bytes] = mapped_column(LargeBinary)
    streams: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime] = mapped_column(Instant)
