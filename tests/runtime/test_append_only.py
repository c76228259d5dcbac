"""History only grows: every way to change it is tried, by the serving role and by the owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, ForeignKey, Integer, MetaData, Text, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from runtime.database import (
    NAMING,
    Database,
    TableClass,
    append_only_ddl,
    drop_append_only_ddl,
    grant_ddl,
    make_tables,
    open_engine,
    table,
    usable_url,
)
from tests.fixtures.databases import Addresses


class Plain(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Thing(Plain):
    __tablename__ = "things"
    __table_args__ = table(TableClass.DERIVED)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class Loose(Plain):
    """A table that no history refers to."""

    __tablename__ = "loose"
    __table_args__ = table(TableClass.UNPROTECTED)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class Fact(Plain):
    __tablename__ = "facts"
    __table_args__ = table(TableClass.LOG, history=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text, unique=True)
    thing: Mapped[int | None] = mapped_column(
        ForeignKey("things.id", ondelete="CASCADE", onupdate="CASCADE")
    )


@pytest.fixture
def owner(bare_database: Addresses) -> Iterator[Engine]:
    """The owner of the tables, with one fact and one thing in them."""
    engine = open_engine(usable_url(bare_database.owner_url))
    make_tables(engine, Plain.metadata)
    with engine.begin() as connection:
        connection.execute(insert(Thing), [{"id": 7}, {"id": 8}])
        connection.execute(insert(Fact), [{"id": 1, "words": "one", "thing": 7}])
    yield engine
    engine.dispose()


@pytest.fixture
def serving(owner: Engine, bare_database: Addresses) -> Iterator[Engine]:
    """The serving role, which on PostgreSQL owns no table."""
    database = Database(bare_database.serving_url)
    if database.url.username is not None:
        with owner.begin() as connection:
            for statement in grant_ddl(Plain.metadata.sorted_tables, database.url.username):
                connection.exec_driver_sql(statement)
    yield database.write_engine
    database.dispose()


EVERYWHERE = [
    "UPDATE facts SET words = 'other'",
    "UPDATE facts SET words = words WHERE id = 1",
    "DELETE FROM facts",
    "DELETE FROM facts WHERE id = 1",
    "INSERT INTO facts (id, words) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET words = 'x'",
    "DELETE FROM things WHERE id = 7",
    "UPDATE things SET id = 9 WHERE id = 7",
]
SQLITE = [
    "REPLACE INTO facts (id, words) VALUES (1, 'other')",
    "INSERT OR REPLACE INTO facts (id, words) VALUES (2, 'one')",
    "UPDATE OR REPLACE facts SET id = 2",
    "UPDATE OR IGNORE facts SET id = 2",
]
MERGE = "MERGE INTO facts USING (SELECT 1 AS id) AS new ON facts.id = new.id WHEN MATCHED THEN"
POSTGRESQL = [
    "TRUNCATE facts",
    "TRUNCATE things CASCADE",
    f"{MERGE} UPDATE SET words = 'x'",
    f"{MERGE} DELETE",
    "UPDATE facts SET words = 'x' WHERE false",
]


def facts(engine: Engine) -> list[tuple[int, str, int | None]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(Fact.__table__))]


def attempts(engine: Engine) -> list[str]:
    return EVERYWHERE + (SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL)


def test_no_statement_of_the_owner_changes_history(owner: Engine) -> None:
    for statement in attempts(owner):
        with (
            pytest.raises(DBAPIError, match="append-only table facts"),
            owner.begin() as connection,
        ):
            connection.execute(text(statement))
        assert facts(owner) == [(1, "one", 7)], statement


def test_no_statement_of_the_serving_role_changes_history(serving: Engine) -> None:
    for statement in attempts(serving):
        with pytest.raises(DBAPIError), serving.begin() as connection:
            connection.execute(text(statement))
        assert facts(serving) == [(1, "one", 7)], statement


def test_history_grows_and_other_tables_change(serving: Engine) -> None:
    with serving.begin() as connection:
        connection.execute(insert(Fact).values(id=2, words="two"))
        connection.execute(
            text("INSERT INTO facts (id, words) VALUES (2, 'x') ON CONFLICT DO NOTHING")
        )
        connection.execute(text("INSERT INTO loose DEFAULT VALUES"))
        assert connection.execute(text("UPDATE loose SET id = 9")).rowcount == 1
        assert connection.execute(text("DELETE FROM loose WHERE id = 9")).rowcount == 1
    assert facts(serving) == [(1, "one", 7), (2, "two", None)]


def test_the_guards_may_be_made_again_and_go_with_the_table(owner: Engine) -> None:
    make_tables(owner, Plain.metadata)
    Plain.metadata.drop_all(owner)
    with owner.begin() as connection:
        for statement in drop_append_only_ddl(owner.dialect.name):
            connection.exec_driver_sql(statement)
    make_tables(owner, Plain.metadata)
    assert facts(owner) == []


@pytest.mark.parametrize("bare_database", ["postgresql"], indirect=True)
def test_a_session_that_plays_replica_is_refused_too(
    owner: Engine, request: pytest.FixtureRequest
) -> None:
    """Logical replication and careless restores switch ordinary triggers off."""
    server = request.getfixturevalue("postgres_server")
    administrator = open_engine(usable_url(server.url(str(owner.url.database))))
    with administrator.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        with pytest.raises(DBAPIError, match="append-only"):
            connection.exec_driver_sql("DELETE FROM facts")
    administrator.dispose()


@pytest.mark.parametrize("name", ["", "Facts", "facts; DROP TABLE facts", "f\u00e4cts", "1facts"])
def test_a_name_that_needs_quoting_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        append_only_ddl("sqlite", name)
    with pytest.raises(ValueError, match="plain"):
        grant_ddl([], name)
