"""The business database: two engines, one for writing and one that cannot write.

SQLite runs WAL with `synchronous=FULL`, so an acknowledged commit survives a power cut, with
foreign keys and recursive triggers on. The write engine begins every transaction with
`BEGIN IMMEDIATE`: a transaction that will write waits for its turn at the start and never fails
half-way for want of the lock. PostgreSQL runs READ COMMITTED. Readers are refused every write by
the database itself (`query_only`, `default_transaction_read_only`). Errors do not repeat the
parameters of a statement; PostgreSQL's own detail line may still name the value of a key, which is
why the journal writes no messages of errors.

Every table says its class and whether it is history (`table(TableClass.LOG, history=True)`).
History is never updated or deleted: `append_only_ddl` gives the triggers that refuse it, and
`grant_ddl` the rights of a serving role that owns no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Constraint,
    Dialect,
    Engine,
    Index,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from runtime.canonical import jcs
from runtime.clock import from_microseconds, to_microseconds

DialectName = Literal["sqlite", "postgresql"]

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

_BUSY_TIMEOUT_MS = 10_000
_CONNECTIONS_MAX = 16
SQLITE_PRAGMAS = (
    f"busy_timeout={_BUSY_TIMEOUT_MS}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
)
# 64 MB: an append touches random pages of two unique indexes, which should stay in memory.
_WRITE_CACHE = "cache_size=-65536"
# 32 MB of log before it is folded back: pages that many commits touch are written back once.
_WRITE_LOG = "wal_autocheckpoint=8192"
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class DatabaseUrlError(ValueError):
    """The address names no database that we can use."""


class Base(DeclarativeBase):
    """Base of all tables of the business database."""

    metadata = MetaData(naming_convention=NAMING)


class TableClass(StrEnum):
    """What a table means to somebody who checks it; `docs/tables.md` lists them."""

    LOG = "log"  # the log itself, checked against its own proofs
    DERIVED = "derived"  # rebuilt by replay from entries and openings
    OPENING = "opening"  # salts and sealed contents of commitments; may be deleted
    SEALED = "sealed"  # may change; nothing in the log speaks for it until SEAL entries are written
    UNPROTECTED = "unprotected"  # sessions, caches, jobs; the reason stands in the docs
    REGISTER = "register"  # facts whose truth is committed in an entry; checked by replay


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Count microseconds; raise `ValueError` for a datetime without an offset."""
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give the instant in UTC."""
        return None if value is None else from_microseconds(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value, stored as its canonical text, so that equal values have equal columns.

    Python's None is SQL's NULL, not JSON's null.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Give the RFC 8785 text; raise `CanonicalError` for what has none."""
        return None if value is None else jcs(value).decode("utf-8")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Give the value again."""
        return None if value is None else orjson.loads(value)


def table(
    table_class: TableClass, *constraints: Constraint | Index, history: bool = False
) -> tuple[Any, ...]:
    """Give the `__table_args__` of a table: its class, its constraints, whether it is history."""
    return (*constraints, {"info": {"class": table_class, "history": history}})


def is_history(any_table: Table) -> bool:
    """Tell whether a table may only grow."""
    return bool(any_table.info.get("history", False))


class Database:
    """Two engines on one address; `dispose` closes their connections."""

    def __init__(self, url: str) -> None:
        self.url = usable_url(url)
        self.write_engine = open_engine(self.url)
        self.read_engine = open_engine(self.url, read_only=True)

    @property
    def dialect(self) -> DialectName:
        """Which of the two kinds of database it is."""
        return "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that cannot write; it sees one state and ends with the block."""
        with Session(self.read_engine, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self.write_engine.dispose()
        self.read_engine.dispose()


def usable_url(text: str) -> URL:
    """Parse an address; raise `DatabaseUrlError` unless it is an SQLite file or PostgreSQL."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseUrlError("not a database address") from error
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseUrlError(f"{backend} is neither sqlite nor postgresql")
    if url.database in (None, "", ":memory:"):
        raise DatabaseUrlError("an SQLite database in memory would be lost: name a file")
    return url


def open_engine(url: URL, *, read_only: bool = False) -> Engine:
    """Make an engine with the rules of this module."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, read_only)
    return _postgresql_engine(url, read_only)


def _sqlite_engine(url: URL, read_only: bool) -> Engine:
    """Make an SQLite engine that begins its transactions itself."""
    if read_only:
        engine = sqlite_engine(url, (*SQLITE_PRAGMAS, "query_only=ON"))
    else:
        engine = sqlite_engine(url, (*SQLITE_PRAGMAS, _WRITE_CACHE, _WRITE_LOG))
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", on_begin)
    return engine


def sqlite_engine(url: URL, pragmas: Sequence[str]) -> Engine:
    """Make a bare SQLite engine: no transactions of the driver's own, these pragmas set."""
    engine = create_engine(url, pool_size=_CONNECTIONS_MAX, max_overflow=0, hide_parameters=True)

    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # sqlite3 would begin transactions late and break SAVEPOINT; whoever needs one begins it.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", on_connect)
    return engine


def _postgresql_engine(url: URL, read_only: bool) -> Engine:
    """Make a PostgreSQL engine; a read-only one asks the server to refuse writes."""
    options = [str(url.query["options"])] if "options" in url.query else []
    if read_only:
        options.append("-c default_transaction_read_only=on")
    return create_engine(
        url.difference_update_query(["options"]),
        isolation_level="READ COMMITTED",
        pool_size=_CONNECTIONS_MAX,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": " ".join(options)} if options else {},
    )


def append_only_ddl(dialect: str, table: str) -> list[str]:
    """Give the statements that make a table refuse UPDATE and DELETE (and TRUNCATE)."""
    _check_name(table)
    if dialect == "sqlite":
        return [_sqlite_trigger(table, verb) for verb in ("update", "delete")]
    return [_POSTGRESQL_FUNCTION, *_postgresql_trigger(table)]


def drop_append_only_ddl(dialect: str) -> list[str]:
    """Give what is left to drop after the last history table is gone."""
    return [] if dialect == "sqlite" else ["DROP FUNCTION IF EXISTS ecotrace_append_only()"]


def _sqlite_trigger(table: str, verb: str) -> str:
    """Give one trigger; with `recursive_triggers=ON` REPLACE runs into the one for DELETE."""
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only table {table}'); END"
    )


_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION ecotrace_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    MESSAGE = 'append-only table ' || TG_TABLE_NAME, ERRCODE = 'restrict_violation';
END $$
""".strip()


def _postgresql_trigger(table: str) -> list[str]:
    """Give one trigger for all verbs, fired once per statement, whatever the session's role."""
    name = f"{table}_append_only"
    create = (
        f"CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ecotrace_append_only()"
    )
    return [create, f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"]


def grant_ddl(tables: Sequence[Table], role: str) -> list[str]:
    """Give the PostgreSQL statements for a serving role that owns no table.

    History: SELECT and INSERT. Other tables: UPDATE and DELETE too. Nothing else.
    """
    _check_name(role)
    statements = [f"GRANT USAGE ON SCHEMA public TO {role}"]
    for each in tables:
        rights = "SELECT, INSERT" if is_history(each) else "SELECT, INSERT, UPDATE, DELETE"
        statements.append(f"REVOKE ALL ON TABLE {each.name} FROM {role}")
        statements.append(f"GRANT {rights} ON TABLE {each.name} TO {role}")
    statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    return statements


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Create all tables with their triggers at once; for tests. Others use the migrations."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        for each in metadata.sorted_tables:
            if is_history(each):
                for statement in append_only_ddl(engine.dialect.name, each.name):
                    connection.exec_driver_sql(statement)


def _check_name(name: str) -> None:
    """Refuse a name that would need quoting in the statements above."""
    if not _PLAIN_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no plain lower-case name")
