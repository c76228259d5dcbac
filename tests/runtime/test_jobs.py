"""Jobs on both databases: leased to one at a time, repeated until done, given up in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from runtime.clock import FixedClock
from runtime.database import Database
from runtime.jobs.service import (
    ATTEMPTS_MAX,
    BACKOFF_MAX,
    LeaseLost,
    backoff,
    claim,
    dead,
    done,
    enqueue,
    failed,
)
from runtime.jobs.tables import JobRow
from tests.runtime.conftest import Filled

LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def jobs(filled: Filled) -> Database:
    return filled(JobRow.metadata)


@pytest.fixture
def session(jobs: Database) -> Iterator[Session]:
    with Session(jobs.write_engine) as session:
        yield session


def test_a_job_goes_from_waiting_to_done(session: Session, clock: FixedClock) -> None:
    enqueue(session, "sweep", {"of": ["a", 1]}, clock.now() + SECOND)
    assert claim(session, clock.now(), LEASE) is None
    clock.advance(SECOND)
    job = claim(session, clock.now(), LEASE)
    assert job is not None
    assert (job.kind, job.body, job.attempt) == ("sweep", {"of": ["a", 1]}, 1)
    assert claim(session, clock.now(), LEASE) is None
    done(session, job)
    clock.advance(LEASE)
    assert claim(session, clock.now(), LEASE) is None
    with pytest.raises(LeaseLost):
        done(session, job)


def test_the_job_due_longest_comes_first_and_kinds_may_be_chosen(
    session: Session, clock: FixedClock
) -> None:
    now = clock.now()
    for kind, late in [("b", 1), ("a", 3), ("c", 2)]:
        enqueue(session, kind, {}, now - late * SECOND)
    chosen = claim(session, now, LEASE, kinds=("b", "c"))
    assert chosen is not None
    assert chosen.kind == "c"
    order = [claim(session, now, LEASE) for _ in range(3)]
    assert [job and job.kind for job in order] == ["a", "b", None]


def test_a_dead_workers_job_comes_back_when_its_lease_ends(
    session: Session, clock: FixedClock
) -> None:
    enqueue(session, "sweep", {}, clock.now())
    first = claim(session, clock.now(), LEASE)
    clock.advance(LEASE - SECOND)
    assert claim(session, clock.now(), LEASE) is None
    clock.advance(SECOND)
    second = claim(session, clock.now(), LEASE)
    assert first is not None
    assert second is not None
    assert (first.id, first.attempt, second.attempt) == (second.id, 1, 2)
    for late in (lambda: done(session, first), lambda: failed(session, first, clock.now(), "X")):
        with pytest.raises(LeaseLost):
            late()
    done(session, second)


def test_failures_wait_longer_each_time_and_end(session: Session, clock: FixedClock) -> None:
    enqueue(session, "sweep", {}, clock.now())
    for attempt in range(1, ATTEMPTS_MAX + 1):
        job = claim(session, clock.now(), LEASE)
        assert job is not None
        assert job.attempt == attempt
        failed(session, job, clock.now(), "ConnectionError")
        assert dead(session, clock.now()) == []
        clock.advance(backoff(attempt) - SECOND)
        assert claim(session, clock.now(), LEASE) is None
        clock.advance(SECOND)
    assert claim(session, clock.now(), LEASE) is None
    (given_up,) = dead(session, clock.now())
    assert (given_up.attempts, given_up.last_error) == (ATTEMPTS_MAX, "ConnectionError")


def test_a_job_that_kills_its_worker_ends_too(session: Session, clock: FixedClock) -> None:
    enqueue(session, "sweep", {}, clock.now())
    attempts = 0
    while claim(session, clock.now(), LEASE) is not None:
        attempts += 1
        clock.advance(LEASE)
    assert attempts == ATTEMPTS_MAX
    assert len(dead(session, clock.now())) == 1


@pytest.mark.parametrize(
    "attempt, seconds", [(1, 5), (2, 10), (3, 20), (8, 640), (10, 2560), (11, 3600), (60, 3600)]
)
def test_pauses(attempt: int, seconds: int) -> None:
    assert backoff(attempt) == timedelta(seconds=seconds) <= BACKOFF_MAX


def test_a_key_keeps_a_job_single_until_it_is_done(session: Session, clock: FixedClock) -> None:
    assert enqueue(session, "sweep", {"n": 1}, clock.now(), key="sweep")
    assert not enqueue(session, "sweep", {}, clock.now(), key="sweep")
    assert enqueue(session, "sweep", {}, clock.now())
    job = claim(session, clock.now(), LEASE)
    assert job is not None
    assert job.body == {"n": 1}
    done(session, job)
    assert enqueue(session, "sweep", {}, clock.now(), key="sweep")


def test_a_job_belongs_to_the_transaction_that_needs_it(jobs: Database, clock: FixedClock) -> None:
    with Session(jobs.write_engine) as session:
        enqueue(session, "sweep", {}, clock.now())
        session.rollback()
        assert claim(session, clock.now(), LEASE) is None


def test_two_claimers_never_get_the_same_job(jobs: Database, clock: FixedClock) -> None:
    with Session(jobs.write_engine) as session, session.begin():
        for number in range(60):
            enqueue(session, "count", {"n": number}, clock.now())
    taken: list[int] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        while True:
            with Session(jobs.write_engine) as session, session.begin():
                job = claim(session, clock.now(), LEASE)
            if job is None:
                return
            taken.append(job.body["n"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(60))


@pytest.mark.parametrize("bare_database", ["postgresql"], indirect=True)
def test_an_open_claim_hides_its_job_from_others_on_postgresql(
    jobs: Database, clock: FixedClock
) -> None:
    """Before the claim is committed the lease is not yet seen; the locked row is passed over."""
    with Session(jobs.write_engine) as one, Session(jobs.write_engine) as other:
        for number in (1, 2):
            enqueue(one, "count", {"n": number}, clock.now())
        one.commit()
        first = claim(one, clock.now(), LEASE)
        second = claim(other, clock.now(), LEASE)
        assert first is not None
        assert second is not None
        assert {first.body["n"], second.body["n"]} == {1, 2}
        assert claim(other, clock.now(), LEASE) is None
