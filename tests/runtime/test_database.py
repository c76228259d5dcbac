"""Both databases: transactions, savepoints, types, and readers that cannot write."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as search
from hypothesis import strategies as some
from sqlalchemy import Integer, MetaData, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from runtime.canonical import INTEGER_LIMIT, CanonicalError
from runtime.database import (
    NAMING,
    Base,
    Database,
    DatabaseUrlError,
    Instant,
    JsonText,
    TableClass,
    is_history,
    table,
)
from tests.runtime.conftest import Filled


class Plain(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Note(Plain):
    __tablename__ = "notes"
    __table_args__ = table(TableClass.DERIVED)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime | None] = mapped_column(Instant)
    body: Mapped[Any] = mapped_column(JsonText, nullable=True)


@pytest.fixture
def notes(filled: Filled) -> Database:
    return filled(Plain.metadata)


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Note)) or 0


def test_a_reader_sees_what_was_committed_and_nothing_else(notes: Database) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1))
        session.flush()
        assert count(notes) == 0
        session.commit()
    assert count(notes) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO notes (id) VALUES (9)",
        "UPDATE notes SET id = 9",
        "DELETE FROM notes",
        "CREATE TABLE other (id INTEGER)",
        "DROP TABLE notes",
    ],
)
def test_a_reader_cannot_write(notes: Database, statement: str) -> None:
    with Session(notes.write_engine) as session, session.begin():
        session.add(Note(id=1))
    with pytest.raises(DBAPIError) as refused, notes.read() as session:
        session.execute(text(statement))
    assert "read" in str(refused.value.orig).lower()
    assert count(notes) == 1


def test_a_reader_sees_one_state_on_sqlite_and_never_waits_for_a_writer(notes: Database) -> None:
    with Session(notes.write_engine) as writer:
        writer.add(Note(id=1))
        writer.flush()
        with notes.read() as reader:
            assert reader.scalars(select(Note.id)).all() == []
            writer.commit()
            later = reader.scalars(select(Note.id)).all()
    # READ COMMITTED looks anew with each statement; SQLite keeps its snapshot.
    assert later == ([] if notes.dialect == "sqlite" else [1])


def test_a_savepoint_undoes_only_its_own(notes: Database) -> None:
    with Session(notes.write_engine) as session, session.begin():
        session.add(Note(id=1))
        savepoint = session.begin_nested()
        session.add(Note(id=2))
        session.flush()
        with pytest.raises(IntegrityError):
            session.execute(text("INSERT INTO notes (id) VALUES (1)"))
        savepoint.rollback()
        with session.begin_nested():
            session.add(Note(id=3))
        inner = session.begin_nested()
        session.add(Note(id=4))
        session.flush()
        inner.rollback()
    with notes.read() as session:
        assert session.scalars(select(Note.id).order_by(Note.id)).all() == [1, 3]


def test_a_rollback_undoes_all(notes: Database) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1))
        with session.begin_nested():
            session.add(Note(id=2))
        session.rollback()
    assert count(notes) == 0


def test_counting_up_from_many_threads_loses_nothing(notes: Database) -> None:
    """Read, then write: SQLite makes each wait at BEGIN, PostgreSQL at the locked row."""
    with Session(notes.write_engine) as session, session.begin():
        session.add(Note(id=1, body=0))

    def add() -> None:
        for _ in range(10):
            with Session(notes.write_engine) as session, session.begin():
                note = session.scalars(select(Note).with_for_update()).one()
                note.body += 1

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with notes.read() as session:
        assert session.scalars(select(Note.body)).one() == 60


@search(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(instant=some.datetimes(timezones=some.just(UTC)))
def test_instants_come_back_to_the_microsecond(notes: Database, instant: datetime) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1, at=instant))
        session.flush()
        session.expire_all()
        assert session.scalars(select(Note.at)).one() == instant
        assert session.scalar(select(Note.id).where(Note.at >= instant)) == 1


def test_an_instant_without_offset_is_not_stored(notes: Database) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1, at=datetime(2026, 11, 1)))  # noqa: DTZ001  # the mistake under test
        with pytest.raises(StatementError, match="offset"):
            session.flush()


@pytest.mark.parametrize(
    "value", [None, 0, "米", "\0", [], {}, {"b": [1, {"a": None}], "a": 1.5}, True, 2**52]
)
def test_json_comes_back(notes: Database, value: Any) -> None:
    if value == "\0" and notes.dialect == "postgresql":
        value = "\u0001"
    with Session(notes.write_engine) as session:
        session.add(Note(id=1, body=value))
        session.flush()
        session.expire_all()
        assert session.scalars(select(Note.body)).one() == value


def test_equal_json_is_equal_text(notes: Database) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1, body={"b": 1, "a": "\u00e9"}))
        session.flush()
        assert session.scalar(text("SELECT body FROM notes")) == '{"a":"\u00e9","b":1}'
        assert session.scalar(select(Note.id).where(Note.body == {"a": "\u00e9", "b": 1})) == 1


def test_json_without_canonical_text_is_not_stored(notes: Database) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1, body=INTEGER_LIMIT))
        with pytest.raises(StatementError) as refused:
            session.flush()
    assert isinstance(refused.value.orig, CanonicalError)


def test_errors_do_not_quote_values(notes: Database) -> None:
    with Session(notes.write_engine) as session:
        session.add(Note(id=1, body="王小明"))
        session.flush()
        session.expunge_all()
        session.add(Note(id=1, body="王小明"))
        with pytest.raises(IntegrityError) as refused:
            session.flush()
    assert "王小明" not in str(refused.value)


def test_sqlite_runs_as_promised(tmp_path: Path) -> None:
    """What is acknowledged is on the disk; the databases of other tests do not wait for it."""
    database = Database(f"sqlite:///{tmp_path / 'ecotrace.sqlite3'}")
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 10_000,
        "query_only": 0,
    }
    with database.write_engine.connect() as connection:
        for pragma, value in expected.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    with database.read_engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
    database.dispose()


def test_a_second_writer_on_sqlite_waits_at_begin(sqlite_database: Database) -> None:
    with sqlite_database.write_engine.connect() as first:
        first.begin()
        second = sqlite_database.write_engine.connect()
        second.connection.cursor().execute("PRAGMA busy_timeout=1")
        with pytest.raises(OperationalError, match="locked"):
            second.begin()
        second.close()
        first.rollback()
    with sqlite_database.write_engine.connect() as third:
        third.begin()


def test_postgresql_runs_as_promised(postgres_database: Database) -> None:
    with postgres_database.write_engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "off"
    with postgres_database.read_engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


def test_options_in_the_address_are_kept(postgres_database: Database) -> None:
    url = postgres_database.url.update_query_dict({"options": "-c statement_timeout=1234"})
    database = Database(url.render_as_string(hide_password=False))
    for engine, read_only in [(database.write_engine, "off"), (database.read_engine, "on")]:
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "1234ms"
            shown = connection.exec_driver_sql("SHOW default_transaction_read_only").scalar()
            assert shown == read_only
    database.dispose()


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///:memory:", "mysql://h/d", "file.sqlite3", "://", "nothing://x"],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlError):
        Database(url)


def test_a_bare_postgresql_address_means_psycopg(tmp_path: Path) -> None:
    database = Database("postgresql://nobody@localhost/none")
    assert database.write_engine.driver == "psycopg"
    assert database.dialect == "postgresql"
    assert Database(f"sqlite:///{tmp_path}/x.sqlite3").dialect == "sqlite"


def test_a_table_says_what_it_is() -> None:
    notes = Plain.metadata.tables["notes"]
    assert notes.info == {"class": TableClass.DERIVED, "history": False}
    assert not is_history(notes)
    assert Base.metadata.naming_convention["ix"] == "ix_%(table_name)s_%(column_0_N_name)s"
