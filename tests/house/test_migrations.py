"""Migrations go up and down on both databases and end where the table classes are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from ecotrace import PROJECT, migrate
from ecotrace.migrate import MigrationError, Migrations
from ecotrace.tables import HISTORY, metadata
from runtime.database import Database, open_engine, usable_url
from runtime.settings import Settings
from tests.fixtures import databases
from tests.fixtures.databases import Addresses

REVISION = '''
"""A history table, {guarded} and then altered so that it is made anew."""
import sqlalchemy as sa
from alembic import op
from migrations.append_only import append_only

revision, down_revision = "0001", None


def upgrade():
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))
    {before}
    with op.batch_alter_table("{table}", recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.Text))
    {after}


def downgrade():
    op.drop_table("{table}")
'''


@pytest.fixture
def engine(bare_database: Addresses) -> Iterator[Engine]:
    """The owner's engine on a database that has no tables yet."""
    engine = open_engine(usable_url(bare_database.owner_url))
    yield engine
    engine.dispose()


@pytest.fixture
def made(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The owner's engine on a database of the same kind, whose tables the classes made."""
    sqlite = engine.dialect.name == "sqlite"
    database: Database = request.getfixturevalue(
        "sqlite_database" if sqlite else "postgres_database"
    )
    made = open_engine(database.url if sqlite else engine.url.set(database=database.url.database))
    yield made
    made.dispose()


@pytest.fixture
def migrations(bare_database: Addresses) -> Migrations:
    return Migrations(bare_database.owner_url, bare_database.serving_url)


def shape(connection: Connection) -> dict[str, Any]:
    """Everything about the tables that the database itself knows, in comparable form."""
    look = inspect(connection)
    parts: dict[str, Any] = {
        "columns": look.get_multi_columns(),
        "key": look.get_multi_pk_constraint(),
        "references": look.get_multi_foreign_keys(),
        "unique": look.get_multi_unique_constraints(),
        "checks": look.get_multi_check_constraints(),
        "indexes": look.get_multi_indexes(),
    }
    names = {name for _, name in parts["columns"]} - {"alembic_version"}
    return {
        name: {part: comparable(found.get((None, name))) for part, found in parts.items()}
        for name in names
    }


def comparable(found: Any) -> Any:
    """Types by their text; constraints, which stand in no order, by name."""
    if isinstance(found, list):
        things = [{key: written(value) for key, value in thing.items()} for thing in found]
        return things if found and "type" in found[0] else sorted(things, key=str)
    return found


def written(value: Any) -> str:
    """What is said about a thing, the condition of an index as its SQL."""
    if isinstance(value, dict):
        return str({key: str(part) for key, part in value.items()})
    return str(value)


def triggers(connection: Connection) -> list[str]:
    query = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT pg_get_triggerdef(oid) || tgenabled::text "
            "FROM pg_trigger WHERE NOT tgisinternal"
        ),
    }[connection.dialect.name]
    return sorted(connection.exec_driver_sql(query).scalars())


def rights(connection: Connection) -> list[tuple[str, ...]]:
    """Who may do what on PostgreSQL, but for the table that Alembic keeps."""
    if connection.dialect.name == "sqlite":
        return []
    query = (
        "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
    )
    return sorted(tuple(row) for row in connection.exec_driver_sql(query))


def everything(engine: Engine) -> tuple[Any, ...]:
    with engine.connect() as connection:
        return shape(connection), triggers(connection), rights(connection)


def test_up_ends_where_the_table_classes_are(
    migrations: Migrations, engine: Engine, made: Engine
) -> None:
    migrations.upgrade()
    assert migrations.current() == migrate.head() is not None
    assert migrations.differences() == []
    assert everything(engine) == everything(made)


def test_down_leaves_nothing_and_up_again_is_the_same(
    migrations: Migrations, engine: Engine
) -> None:
    migrations.upgrade()
    first = everything(engine)
    migrations.downgrade("base")
    assert migrations.current() is None
    with engine.connect() as connection:
        assert shape(connection) == {}
        assert triggers(connection) == []
        if engine.dialect.name == "postgresql":
            left = "SELECT proname FROM pg_proc WHERE starts_with(proname, 'ecotrace')"
            assert connection.exec_driver_sql(left).all() == []
    migrations.upgrade()
    assert everything(engine) == first


def test_every_step_can_be_taken_back(migrations: Migrations, engine: Engine) -> None:
    scripts = ScriptDirectory.from_config(migrate._config())
    for script in reversed(list(scripts.walk_revisions())):
        with engine.connect() as connection:
            before = shape(connection)
        migrations.upgrade(script.revision)
        migrations.downgrade(str(script.down_revision or "base"))
        with engine.connect() as connection:
            assert shape(connection) == before, script.revision
        migrations.upgrade(script.revision)


def test_revisions_stand_in_one_line_and_import_no_table() -> None:
    scripts = ScriptDirectory.from_config(migrate._config())
    assert len(scripts.get_heads()) == 1
    for path in (PROJECT / "migrations" / "versions").glob("*.py"):
        assert ".tables" not in path.read_text("utf-8"), path.name


def test_two_processes_that_migrate_at_once_wait_for_each_other(
    bare_database: Addresses, migrations: Migrations
) -> None:
    code = (
        "import sys; from ecotrace.migrate import Migrations; Migrations(*sys.argv[1:]).upgrade()"
    )
    command = [sys.executable, "-c", code, bare_database.owner_url, bare_database.serving_url]
    started = [
        subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert migrations.current() == migrate.head()


def test_a_node_is_migrated_by_its_settings(
    bare_database: Addresses, settings: Settings, migrations: Migrations
) -> None:
    node = replace(
        settings, owner_url=bare_database.owner_url, database_url=bare_database.serving_url
    )
    migrate.upgrade(node)
    assert migrate.current(node) == migrate.head() == migrations.current()
    migrate.downgrade(node, "base")
    assert migrate.current(node) is None


# ---- what a revision may not do, shown on revisions of our own ---------------------------------


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of revisions that is empty, in place of ours."""
    folder = tmp_path / "scripts"
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        shutil.copy(PROJECT / "migrations" / name, folder / name)
    monkeypatch.setattr(migrate, "SCRIPTS", folder)
    return folder


def write_revision(scripts: Path, *, before: bool, after: bool) -> str:
    table = HISTORY[0]
    guard = f'append_only("{table}")'
    text = REVISION.format(
        guarded="guarded",
        table=table,
        before=guard if before else "",
        after=guard if after else "",
    )
    (scripts / "versions" / "r0001_first.py").write_text(text)
    return table


def test_a_history_table_left_open_is_refused_and_nothing_remains(
    scripts: Path, migrations: Migrations, engine: Engine
) -> None:
    table = write_revision(scripts, before=False, after=False)
    with pytest.raises(MigrationError, match=f"without append_only.*{table}"):
        migrations.upgrade()
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_triggers_lost_when_a_table_is_made_anew_are_noticed(
    scripts: Path, migrations: Migrations
) -> None:
    write_revision(scripts, before=True, after=False)
    with pytest.raises(MigrationError, match="without append_only"):
        migrations.upgrade()


def test_a_guarded_table_passes(scripts: Path, migrations: Migrations) -> None:
    write_revision(scripts, before=True, after=True)
    migrations.upgrade()
    assert migrations.current() == "0001"
    migrations.downgrade("base")


def test_a_draft_makes_all_tables_with_their_guards(
    scripts: Path, migrations: Migrations, engine: Engine, made: Engine
) -> None:
    """The first revision drafted from nothing gives the very tables of the classes.

    The full text of a database is for a revision of its own: a draft knows the table classes only.
    """
    drafted = migrate.draft("All tables")
    assert drafted.name == "r0001_all_tables.py"
    assert drafted.read_text("utf-8").count("append_only('") == len(HISTORY)
    shutil.copy(PROJECT / "migrations" / "versions" / "r0002_full_text.py", drafted.parent)
    migrations.upgrade()
    assert migrations.differences() == []
    assert everything(engine) == everything(made)
    migrations.downgrade("base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_a_reference_that_hangs_is_refused(scripts: Path, tmp_path: Path) -> None:
    """SQLite only: references are off while a migration runs, so somebody has to look."""
    (scripts / "versions" / "r0001_first.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE a (id INTEGER PRIMARY KEY)')\n"
        "    op.execute('CREATE TABLE b (a INTEGER REFERENCES a (id))')\n"
        "    op.execute('INSERT INTO b VALUES (7)')\n"
        "def downgrade(): pass\n"
    )
    with pytest.raises(MigrationError, match="not there"):
        Migrations(f"sqlite:///{tmp_path / 'bare.sqlite3'}").upgrade()


def test_the_template_of_the_tests_is_filled(bare_database: Addresses, engine: Engine) -> None:
    databases.fill(bare_database)
    names = {table.name for table in metadata.sorted_tables}
    with engine.connect() as connection:
        assert names <= set(inspect(connection).get_table_names())
