"""The one runner: first answers, refusals that leave one row, faults that stay with callers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import delete, func, select

from identity.actor import SYSTEM, Actor
from identity.audit.tables import AuditTableRow
from ledger.reader import LogReader
from ledger.work import Work
from runtime.files import FileStore
from runtime.refusal import Refusal, refuse
from trace.brands.tables import Brand
from trace.refusals import TraceRefusal
from web.node import Node
from workflows.refusals import UnitRefusal
from workflows.tables import FirstAnswer

PERSON = Actor(party=None, person="pers:aaaaaaaaaaaaaaaaaaaa", channel="console")
OTHER = Actor(party=None, person="pers:bbbbbbbbbbbbbbbbbbbb", channel="console")


@dataclass(frozen=True)
class Say:
    """A word to be stored, how it should end, and how long it takes."""

    word: str
    end: str = "well"


@dataclass(frozen=True)
class Said:
    """What was stored."""

    word: str
    at: datetime


class Fault(RuntimeError):
    """A mistake of a use case."""


def say(work: Work, command: Say, actor: Actor, now: datetime) -> Said:
    """Store a row, then end as the command says."""
    work.add(
        Brand(
            id=f"brand:{command.word}",
            code=command.word,
            name_zh=command.word,
            name_en=command.word,
            region="12",
            owner_id="org:x",
            recorded_at=now,
            payload_id="-",
        )
    )
    work.flush()
    if command.end == "refused":
        refuse(TraceRefusal.NAME_MISSING)
    if command.end == "fault":
        raise Fault(command.word)
    return Said(command.word, now)


def words(node: Node) -> list[str]:
    """Give what is stored."""
    with node.database.read() as session:
        return list(session.scalars(select(Brand.code).order_by(Brand.code)))


def outcomes(node: Node) -> list[str]:
    """Give how the attempts ended, as the audit trail says."""
    with node.database.read() as session:
        rows = session.scalars(select(AuditTableRow.outcome).order_by(AuditTableRow.number))
        return list(rows)


def test_what_is_refused_leaves_only_its_audit_row(node: Node) -> None:
    with pytest.raises(Refusal) as refused:
        node.unit.run(say, Say("no", "refused"), actor=PERSON)
    assert refused.value.first.code is TraceRefusal.NAME_MISSING
    assert words(node) == []
    assert outcomes(node) == ["name_missing"]


def test_a_fault_reaches_its_caller_and_leaves_only_its_audit_row(node: Node) -> None:
    with pytest.raises(Fault, match="oops"):
        node.unit.run(say, Say("oops", "fault"), actor=PERSON)
    assert words(node) == []
    assert outcomes(node) == ["fault"]


def test_the_same_key_gives_the_first_answer(node: Node) -> None:
    first = node.unit.run(say, Say("one"), actor=PERSON, idempotency_key="k1")
    again = node.unit.run(say, Say("one"), actor=PERSON, idempotency_key="k1")
    assert again == first
    assert words(node) == ["one"]


def test_another_body_under_a_key_is_a_conflict(node: Node) -> None:
    node.unit.run(say, Say("one"), actor=PERSON, idempotency_key="k1")
    with pytest.raises(Refusal) as refused:
        node.unit.run(say, Say("two"), actor=PERSON, idempotency_key="k1")
    assert refused.value.first.code is UnitRefusal.IDEMPOTENCY_CONFLICT
    assert refused.value.status == 409
    assert words(node) == ["one"]


def test_a_key_belongs_to_who_used_it(node: Node) -> None:
    node.unit.run(say, Say("one"), actor=PERSON, idempotency_key="k1")
    node.unit.run(say, Say("two"), actor=OTHER, idempotency_key="k1")
    assert words(node) == ["one", "two"]


def test_a_refused_request_may_be_sent_again_under_its_key(node: Node) -> None:
    with pytest.raises(Refusal):
        node.unit.run(say, Say("one", "refused"), actor=PERSON, idempotency_key="k1")
    node.unit.run(say, Say("one"), actor=PERSON, idempotency_key="k1")
    assert words(node) == ["one"]


@pytest.mark.parametrize("key", ["", " ", "a b", "k\n", "é", "x" * 201])
def test_malformed_keys_are_refused(node: Node, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        node.unit.run(say, Say("one"), actor=PERSON, idempotency_key=key)
    assert refused.value.first.code is UnitRefusal.IDEMPOTENCY_KEY_MALFORMED
    assert words(node) == []


def test_a_kept_answer_does_not_give_the_command_away(node: Node) -> None:
    node.unit.run(say, Say("secret-word"), actor=PERSON, idempotency_key="k1")
    with node.database.read() as session:
        digest = session.scalars(select(FirstAnswer.digest)).one()
    import hashlib

    assert digest != hashlib.sha256(b"secret-word").digest()
    assert len(digest) == 32


def test_of_many_at_once_each_is_answered_by_its_own_end(node: Node) -> None:
    ends = ["well", "refused", "fault"] * 8
    answered: dict[str, str] = {}

    def ask(number: int, end: str) -> None:
        word = f"w{number:02}"
        try:
            answered[word] = node.unit.run(say, Say(word, end), actor=SYSTEM).word
        except (Refusal, Fault) as error:
            answered[word] = type(error).__name__

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(ends)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {"well": None, "refused": "Refusal", "fault": "Fault"}
    assert answered == {
        f"w{number:02}": wanted[end] or f"w{number:02}" for number, end in enumerate(ends)
    }
    assert words(node) == [f"w{number:02}" for number, end in enumerate(ends) if end == "well"]
    assert sorted(outcomes(node)) == sorted(
        {"well": "ok", "refused": "name_missing", "fault": "fault"}[end] for end in ends
    )


def test_of_one_key_used_at_once_only_one_request_runs(node: Node) -> None:
    results: list[Said] = []

    def ask() -> None:
        results.append(node.unit.run(say, Say("one"), actor=PERSON, idempotency_key="k1"))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 12
    assert len(set(results)) == 1
    assert words(node) == ["one"]


def test_an_attempt_that_cannot_finish_in_time_is_withdrawn(node: Node) -> None:
    if node.database.dialect == "sqlite":
        # Somebody else holds the write lock: the attempt waits, and is given up.
        with node.database.write_engine.begin():
            assert node.unit.run_within(0.05, say, Say("late"), actor=SYSTEM) is None
    assert node.unit.run_within(5.0, say, Say("soon"), actor=SYSTEM) is not None
    assert "soon" in words(node)


def test_reading_sessions_cannot_write(node: Node) -> None:
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError), node.database.read() as session:
        session.execute(delete(FirstAnswer))


def test_the_log_does_not_grow_by_use_cases_that_record_nothing(node: Node) -> None:
    with node.database.read() as session:
        before = LogReader(session).size
    node.unit.run(say, Say("one"), actor=PERSON)
    with node.database.read() as session:
        assert LogReader(session).size == before
        assert session.scalar(select(func.count()).select_from(Brand)) == 1
    assert isinstance(node.files, FileStore)
