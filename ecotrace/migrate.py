"""Brings the business database to the tables that this version needs, or back.

Each run is one transaction on the owner's connection, in these steps:
 1. wait until nobody else migrates
 2. run the revisions of `migrations/versions/` between here and there
 3. check that no reference of a row hangs in the air (SQLite rebuilds tables with references off)
 4. check that every history table refuses to be changed
 5. PostgreSQL: give the serving role its rights, which are INSERT and SELECT on history

Whatever fails raises, and the database is as it was. The key database has one shape and no
revisions; `runtime.vault` makes it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from certification.search.tables import is_full_text
from ecotrace import PROJECT
from ecotrace.tables import HISTORY, metadata
from runtime.database import (
    SQLITE_PRAGMAS,
    drop_append_only_ddl,
    grant_ddl,
    open_engine,
    sqlite_engine,
    usable_url,
)
from runtime.settings import Settings

SCRIPTS = PROJECT / "migrations"

# Any number will do that nobody else locks in the same database: "ecotrace" on a telephone keypad.
_MIGRATING = 32687223


class MigrationError(RuntimeError):
    """A revision left the database in a state that it may not be left in."""


def in_table_classes(name: str | None, _kind: str, _parents: object) -> bool:
    """Leave out what each database keeps for its full text: no table class knows of it."""
    return not is_full_text(name)


class Migrations:
    """The revisions, and the database that they are run on."""

    def __init__(self, owner_url: str, serving_url: str | None = None) -> None:
        """`owner_url` is the address with the rights of the tables' owner; `serving_url`, where
        it names another PostgreSQL role, the address of the serving process.
        """
        self._url = usable_url(owner_url)
        self._serving_role = usable_url(serving_url or owner_url).username

    def upgrade(self, revision: str = "head") -> None:
        """Go forward to a revision. Raises `MigrationError` when checks 3 or 4 fail."""
        with self._connection() as connection:
            command.upgrade(_config(connection), revision)
            self._finish(connection)

    def downgrade(self, revision: str) -> None:
        """Go back to a revision, or to `base`: no tables. Raises `MigrationError` as above."""
        with self._connection() as connection:
            command.downgrade(_config(connection), revision)
            self._finish(connection)

    def current(self) -> str | None:
        """Give the revision at which the database is; None before the first."""
        with self._connection() as connection:
            return _current(connection)

    def differences(self) -> list[Any]:
        """Give what Alembic would change to make the database equal to the table classes."""
        with self._connection() as connection:
            options = {"include_name": in_table_classes}
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, metadata))

    def _finish(self, connection: Connection) -> None:
        if _current(connection) is None:
            for statement in drop_append_only_ddl(connection.dialect.name):
                connection.exec_driver_sql(statement)
        if connection.dialect.name == "sqlite":
            _refuse_hanging_references(connection)
        _refuse_open_history(connection)
        self._grant(connection)

    def _grant(self, connection: Connection) -> None:
        """Give the serving role its rights, where it is not the owner itself."""
        role = self._serving_role
        if connection.dialect.name == "sqlite" or role in (None, self._url.username):
            return
        present = set(inspect(connection).get_table_names())
        tables = [table for table in metadata.sorted_tables if table.name in present]
        for statement in grant_ddl(tables, str(role)):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"GRANT SELECT ON TABLE alembic_version TO {role}")

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Give the owner's connection, alone, in a transaction that commits at the end."""
        engine = self._engine()
        try:
            with engine.connect() as connection:
                if engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    lock = text("SELECT pg_advisory_xact_lock(:key)")
                    connection.execute(lock, {"key": _MIGRATING})
                yield connection
                connection.commit()
        finally:
            engine.dispose()

    def _engine(self) -> Engine:
        if self._url.get_backend_name() != "sqlite":
            return open_engine(self._url)
        # A table is altered by making it anew; with references on, dropping the old one would
        # run into every row that refers to it (sqlite.org, "Making Other Kinds Of Table Schema
        # Changes"). Step 3 looks afterwards.
        return sqlite_engine(self._url, (*SQLITE_PRAGMAS, "foreign_keys=OFF"))


def migrations(settings: Settings) -> Migrations:
    """Give the migrations of a node's business database."""
    return Migrations(settings.owner_url, settings.database_url)


def upgrade(settings: Settings) -> None:
    """Bring a node's business database to the newest revision."""
    migrations(settings).upgrade()


def downgrade(settings: Settings, revision: str) -> None:
    """Bring a node's business database back to a revision, or to `base`."""
    migrations(settings).downgrade(revision)


def current(settings: Settings) -> str | None:
    """Give the revision of a node's business database; None before the first."""
    return migrations(settings).current()


def head() -> str | None:
    """Give the newest revision that this version knows; None when there is none yet."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def draft(message: str) -> Path:
    """Write a revision from what changed in the table classes since the last; give its file.

    The comparison is made on an SQLite database of its own, brought to the last revision.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = Migrations(f"sqlite:///{folder}/scratch.sqlite3")
        scratch.upgrade()
        with scratch._connection() as connection:
            number = f"{int(head() or 0) + 1:04}"
            script = command.revision(
                _config(connection), message, autogenerate=True, rev_id=number
            )
    if not isinstance(script, Script):
        raise MigrationError(f"Alembic wrote no single revision: {script}")
    return Path(script.path)


def _config(connection: Connection | None = None) -> Config:
    """Give Alembic what `alembic.ini` would say."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_hanging_references(connection: Connection) -> None:
    hanging = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
    if hanging:
        raise MigrationError(f"rows refer to rows that are not there: {hanging}")


# A table is guarded when the triggers of `runtime.database.append_only_ddl` stand on it and fire.
_GUARDED = {
    "sqlite": (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' "
        "AND name IN (tbl_name || '_no_update', tbl_name || '_no_delete') "
        "GROUP BY tbl_name HAVING count(*) = 2"
    ),
    "postgresql": (
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgname = relname || '_append_only' AND tgenabled = 'A'"
    ),
}


def _refuse_open_history(connection: Connection) -> None:
    """Raise unless every history table that exists is guarded."""
    present = set(inspect(connection).get_table_names())
    guarded = set(connection.exec_driver_sql(_GUARDED[connection.dialect.name]).scalars())
    is_open = present & set(HISTORY) - guarded
    if is_open:
        raise MigrationError(f"history tables without append_only(): {', '.join(sorted(is_open))}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "draft" or not sys.argv[2].strip():
        sys.exit('usage: python -m ecotrace.migrate draft "what changes"')
    print(draft(sys.argv[2]))  # noqa: T201 -- the command's answer
