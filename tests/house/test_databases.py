"""The databases that the tests stand on are what they say, and history in them only grows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Date, Engine, LargeBinary, Numeric, Table, create_engine, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Boolean, Integer, TypeDecorator

from ecotrace.tables import HISTORY, metadata
from runtime.database import Database
from tests.fixtures import postgres
from tests.fixtures.databases import Tamper
from tests.fixtures.run import PREFIX, remove_abandoned

# What somebody might try on a table of history; `{first}` is one of its columns, `{key}` its key.
ATTACKS = {
    "sqlite": {
        "update": "UPDATE {table} SET {first} = {first}",
        "delete": "DELETE FROM {table}",
        "replace": "REPLACE INTO {table} SELECT * FROM {table}",
        "insert or replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "update or replace": "UPDATE OR REPLACE {table} SET {first} = {first}",
        "upsert": (
            "INSERT INTO {table} SELECT * FROM {table} WHERE true "
            "ON CONFLICT DO UPDATE SET {first} = excluded.{first}"
        ),
    },
    "postgresql": {
        "update": "UPDATE {table} SET {first} = {first}",
        "delete": "DELETE FROM {table}",
        "upsert": (
            "INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {table} "
            "ON CONFLICT ({key}) DO UPDATE SET {first} = excluded.{first}"
        ),
        "merge": (
            "MERGE INTO {table} AS old USING {table} AS new ON old.{first} = new.{first} "
            "WHEN MATCHED THEN UPDATE SET {first} = new.{first}"
        ),
        "truncate": "TRUNCATE {table}",
        "truncate cascade": "TRUNCATE {table} CASCADE",
    },
}


def attacks(dialect: str, table: Table) -> Iterator[tuple[str, str]]:
    """Give every attack on every column of a table, by name."""
    key = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    for name, pattern in ATTACKS[dialect].items():
        for column in table.columns if "{first}" in pattern else list(table.columns)[:1]:
            statement = pattern.format(table=table.name, first=f'"{column.name}"', key=key)
            yield f"{name} {table.name}.{column.name}", statement


def any_value(column: Any) -> Any:
    """Give a value of a column's type, as the driver takes it."""
    kind = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer | Numeric):
        return 1
    if isinstance(kind, Date):
        return "2026-11-01"
    return b"x" if isinstance(kind, LargeBinary) else "x"


def put_one_row_into_each(connection: Connection) -> None:
    """Fill each history table, whatever its checks and references say."""
    postgresql = connection.dialect.name == "postgresql"
    for name in HISTORY:
        if postgresql:
            drop_checks(connection, name)
        row = {column.name: any_value(column) for column in metadata.tables[name].columns}
        names = ", ".join(f'"{each}"' for each in row)
        places = ", ".join(f"%({each})s" if postgresql else f":{each}" for each in row)
        overriding = "OVERRIDING SYSTEM VALUE" if postgresql else ""
        statement = f"INSERT INTO {name} ({names}) {overriding} VALUES ({places})"
        connection.exec_driver_sql(statement, row)


def drop_checks(connection: Connection, table: str) -> None:
    checks = connection.exec_driver_sql(
        f"SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = '{table}'::regclass"
    )
    for constraint in checks.scalars().all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def survived(engine: Engine, wanted: Callable[[DBAPIError], bool]) -> list[str]:
    """Give the attacks that were not refused for the wanted reason."""
    went_through = []
    for table in (metadata.tables[name] for name in HISTORY):
        for name, statement in attacks(engine.dialect.name, table):
            with engine.connect() as connection:
                try:
                    connection.exec_driver_sql(statement)
                    went_through.append(name)
                except DBAPIError as refused:
                    if not wanted(refused):
                        went_through.append(f"{name}: {refused.orig}")
    return went_through


def by_trigger(refused: DBAPIError) -> bool:
    return "append-only table" in str(refused.orig)


def by_trigger_or_reference(refused: DBAPIError) -> bool:
    return by_trigger(refused) or "cannot truncate a table referenced" in str(refused.orig)


def by_right(refused: DBAPIError) -> bool:
    return "permission denied" in str(refused.orig)


@pytest.fixture
def lived_in(database: Database, tamper: Tamper) -> Database:
    """A database with one row in each history table."""
    with tamper(database) as connection:
        put_one_row_into_each(connection)
    return database


def test_history_only_grows(lived_in: Database) -> None:
    assert HISTORY
    wanted = by_trigger if lived_in.dialect == "sqlite" else by_right
    assert survived(lived_in.write_engine, wanted) == []


def test_not_even_the_owner_of_the_tables_changes_history(
    postgres_server: postgres.Server, postgres_database: Database, tamper: Tamper
) -> None:
    with tamper(postgres_database) as connection:
        put_one_row_into_each(connection)
    name = str(postgres_database.url.database)
    owner = create_engine(
        postgres_server.url(name, postgres.OWNER).replace("://", "+psycopg://", 1)
    )
    try:
        assert survived(owner, by_trigger_or_reference) == []
    finally:
        owner.dispose()


def test_tables_that_are_not_history_may_be_rewritten(database: Database) -> None:
    others = [table for table in metadata.sorted_tables if table.name not in HISTORY]
    assert others
    with database.write_engine.begin() as connection:
        for table in others:
            connection.exec_driver_sql(f"DELETE FROM {table.name}")


def test_a_reader_cannot_write(database: Database) -> None:
    table = next(table for table in metadata.sorted_tables if table.name not in HISTORY)
    with database.read() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(insert(table).from_select(list(table.columns), table.select()))


def test_the_serving_role_makes_no_tables(postgres_database: Database) -> None:
    with (
        postgres_database.write_engine.connect() as connection,
        pytest.raises(DBAPIError, match="permission denied"),
    ):
        connection.exec_driver_sql("CREATE TABLE mine (id int)")


@pytest.mark.parametrize(
    ("fixture", "fsync"), [("postgres_database", "off"), ("durable_postgres_database", "on")]
)
def test_only_the_durable_server_waits_for_the_disk(
    request: pytest.FixtureRequest, fixture: str, fsync: str
) -> None:
    database: Database = request.getfixturevalue(fixture)
    if request.getfixturevalue("postgres_server").name == "named":
        pytest.skip("the server that ECOTRACE_TEST_POSTGRES names keeps its own settings")
    with database.write_engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit"):
            assert connection.exec_driver_sql(f"SHOW {setting}").scalar_one() == fsync


def test_what_a_killed_run_left_behind_is_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    abandoned, alive, begun = (tmp_path / f"{PREFIX}{name}" for name in "abc")
    for folder, pid in ((abandoned, str(ended.pid)), (alive, str(os.getpid())), (begun, "")):
        folder.mkdir(mode=0o711)
        (folder / "pid").write_text(pid)
    remove_abandoned(tmp_path)
    assert not abandoned.exists()
    assert alive.exists()
    assert begun.exists()
