"""The leader on PostgreSQL: one at a time, and none that can lose or double an entry by dying."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from ledger.errors import Fenced
from ledger.leader import Leader, drain, drain_batch, take_leadership
from ledger.log_keys import load_log_keys
from ledger.outbox import record
from runtime.clock import SystemClock
from tests.fixtures.databases import Tamper
from tests.fixtures.processes import forkserver
from tests.ledger.conftest import ORIGIN, Log
from tests.ledger.leading import lead
from tests.ledger.test_sequencer import check_everything


class Died(Exception):
    """The process ends here."""


def leader_of(log: Log) -> Leader:
    """A leader as another process would make it, with an empty cache."""
    return Leader(log.database.write_engine, load_log_keys(log.vault, ORIGIN), SystemClock())


@contextmanager
def running(leader: Leader) -> Iterator[Leader]:
    leader.start()
    try:
        yield leader
    finally:
        leader.stop()


def until(condition: Callable[[], bool], seconds: float = 20) -> float:
    """Wait for a condition; gives how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.01)
    return time.monotonic() - start


def size(log: Log) -> int:
    with log.reader() as reader:
        return reader.size


def put(log: Log, payloads: int = 1) -> list[str]:
    """Payloads in one business transaction, left in the outbox."""
    with log.unsequenced() as work:
        return [
            record(work, log.step("lot:a", "lot:b"), log.firm, log.now).payload_id
            for _ in range(payloads)
        ]


def test_committed_payloads_have_a_place_within_a_second(postgres_log: Log) -> None:
    took = []
    with running(leader_of(postgres_log)) as leader:
        until(lambda: leader.leading)
        for wanted in range(5, 11):
            put(postgres_log)
            if wanted % 2:
                leader.wake()
            took.append(until(lambda wanted=wanted: size(postgres_log) == wanted))  # type: ignore[misc]
    # The best of several: how busy the machine of a test is, is no property of the leader.
    assert min(took) < 1
    check_everything(postgres_log)


def test_two_leaders_take_turns(postgres_log: Log) -> None:
    first, second = leader_of(postgres_log), leader_of(postgres_log)
    with running(second):
        with running(first):
            until(lambda: first.leading or second.leading)
            time.sleep(0.3)
            assert first.leading != second.leading
            put(postgres_log, 3)
            until(lambda: size(postgres_log) == 7)
        until(lambda: second.leading)
        assert not first.leading
        put(postgres_log)
        until(lambda: size(postgres_log) == 8)
    check_everything(postgres_log)


def test_a_leader_that_lost_its_lock_is_fenced(postgres_log: Log) -> None:
    engine = postgres_log.database.write_engine
    keys = postgres_log.keys
    put(postgres_log)
    with engine.connect() as old, engine.connect() as new:
        epoch = take_leadership(old)
        assert epoch is not None
        assert take_leadership(new) is None
        with old.begin():
            old.execute(text("SELECT pg_advisory_unlock_all()"))
        newer = take_leadership(new)
        assert newer == epoch + 1
        with pytest.raises(Fenced):
            drain_batch(old, keys, postgres_log.now, epoch)
        assert size(postgres_log) == 4
        head = drain_batch(new, keys, postgres_log.now, newer)
        assert head is not None
        assert head.size == 5
        with new.begin():
            new.execute(text("SELECT pg_advisory_unlock_all()"))
    check_everything(postgres_log)


def test_before_init_there_is_nothing_to_lead(
    empty_log: Log, request: pytest.FixtureRequest
) -> None:
    if empty_log.database.dialect == "sqlite":
        assert drain(empty_log.database.write_engine, empty_log.keys, empty_log.clock) is None
        return
    with empty_log.database.write_engine.connect() as connection:
        assert take_leadership(connection) is None


@contextmanager
def dying_at(engine: Engine, step: int) -> Iterator[list[str]]:
    """Cut the connection before statement number `step`, or before the commit that follows."""
    statements: list[str] = []

    def cut(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.close()
        raise Died

    def execute(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement.split()[0])
        if len(statements) == step:
            cut(connection)

    def commit(connection: Connection) -> None:
        statements.append("COMMIT")
        if len(statements) == step:
            cut(connection)

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "commit", commit)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        event.remove(engine, "commit", commit)


def test_a_leader_may_die_before_any_statement(postgres_log: Log) -> None:
    engine = postgres_log.database.write_engine
    entered: list[str] = []
    for step in count(1):
        before = size(postgres_log)
        entered += put(postgres_log, 2)
        died = False
        with dying_at(engine, step) as statements:
            connection = engine.connect()
            try:
                drain_batch(connection, postgres_log.keys, postgres_log.now)
            except (Died, OperationalError):
                died = True
            finally:
                connection.invalidate()
                connection.close()
        if not died:
            break
        assert size(postgres_log) == before
        postgres_log.drain()
        assert size(postgres_log) == before + 2
    assert statements[-1] == "COMMIT"
    assert step > 8
    check_everything(postgres_log)
    with postgres_log.reader() as reader:
        assert sorted(reader.indexes_of(entered).values()) == list(range(4, 4 + len(entered)))


def test_a_leader_survives_the_loss_of_its_connection(postgres_log: Log) -> None:
    leader = leader_of(postgres_log)
    with running(leader):
        until(lambda: leader.leading)
        with postgres_log.database.write_engine.begin() as connection:
            epoch = connection.scalar(text("SELECT epoch FROM log_state"))
            ended = connection.execute(
                text(
                    "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d"
                    " ON d.oid = l.database WHERE l.locktype = 'advisory'"
                    " AND d.datname = current_database()"
                )
            ).all()
        assert len(ended) == 1
        put(postgres_log)
        until(lambda: size(postgres_log) == 5)
        assert leader.failure is None
    with postgres_log.database.read() as session:
        assert session.scalar(text("SELECT epoch FROM log_state")) > (epoch or 0)
    check_everything(postgres_log)


def test_an_idle_leader_writes_nothing(postgres_log: Log) -> None:
    statements: list[str] = []

    def execute(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    engine = postgres_log.database.write_engine
    with running(leader_of(postgres_log)) as leader:
        until(lambda: leader.leading)
        time.sleep(0.2)
        event.listen(engine, "before_cursor_execute", execute)
        time.sleep(0.5)
        event.remove(engine, "before_cursor_execute", execute)
    assert statements
    assert {each.split()[0] for each in statements} == {"SELECT"}
    assert not any("FOR UPDATE" in each for each in statements)


def test_a_broken_log_stops_its_leader(postgres_log: Log, tamper: Tamper) -> None:
    with tamper(postgres_log.database) as connection:
        connection.execute(text("UPDATE log_state SET root = tip"))
    put(postgres_log)
    leader = leader_of(postgres_log)
    with running(leader):
        until(lambda: leader.failure is not None)
        assert not leader.leading
    assert size(postgres_log) == 4


def test_killed_processes_lose_and_double_nothing(postgres_log: Log) -> None:
    """Each round kills the leading process while business transactions go on."""
    url = postgres_log.database.url.render_as_string(hide_password=False)
    vault_url = postgres_log.vault.engine.url.render_as_string(hide_password=False)
    context = forkserver()
    entered: list[str] = []
    for _ in range(4):
        process = context.Process(target=lead, args=(url, vault_url, ORIGIN))
        process.start()
        try:
            before = size(postgres_log)
            while size(postgres_log) < before + 30:
                entered += put(postgres_log, 5)
                assert process.exitcode is None
        finally:
            process.kill()
            process.join()
        assert process.exitcode == -signal.SIGKILL
        entered += put(postgres_log, 3)
    postgres_log.drain()
    check_everything(postgres_log)
    with postgres_log.reader() as reader:
        assert sorted(reader.indexes_of(entered).values()) == list(range(4, 4 + len(entered)))
