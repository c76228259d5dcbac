"""Moving the certificates of a body that leaves or failed: decisions by people, the rest by a job.

The steps:
 1. an administrator opens a move; a job is put in for the moment at which its last day has passed
 2. people of the new body attest or decline; a job is put in for what they attested
 3. the job works off a portion in each transaction and puts itself in again behind its cursor, so
    that a server that dies in the middle goes on where it was
 4. what the system suspends turns its scan pages and its place in the public register; what is
    moved looks as before

A job bears being run twice: a ticket that was worked off is not found again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from certification.moves import service
from certification.moves.model import TicketState
from certification.moves.service import (
    DecideTickets,
    MoveResult,
    OpenMove,
    WorkedOff,
    WorkOff,
    require_move,
)
from identity.actor import SYSTEM, Actor
from ledger.work import Work
from runtime.clock import Clock, day_end
from runtime.jobs.service import Job, LeaseLost, claim, done, enqueue, failed
from runtime.refusal import Refusal
from trace.scans.service import bump_group
from workflows.index_certificates import index_certificate
from workflows.unit import Unit

JOB = "certification.move"
LEASE = timedelta(minutes=5)
PORTION = 25


def open_move(work: Work, command: OpenMove, actor: Actor, now: datetime) -> MoveResult:
    """Open a move. Raises Refusal: those of `certification.moves.service.open_move`."""
    opened = service.open_move(work, command, actor, now)
    _enqueue(work, opened.id, "late", day_end(command.until))
    return opened


def decide_tickets(work: Work, command: DecideTickets, actor: Actor, now: datetime) -> MoveResult:
    """Attest or decline certificates of a move; what was attested is moved soon after.

    Raises Refusal: those of `certification.moves.service.decide_tickets`.
    """
    decided = service.decide_tickets(work, command, actor, now)
    if command.verdict == TicketState.ATTESTED:
        _enqueue(work, decided.id, "attested", now)
    return decided


@dataclass(frozen=True)
class WorkPortion:
    """One attempt of a job: a portion of a move behind a cursor."""

    job: int
    attempt: int
    body: dict[str, str]


def work_portion(work: Work, command: WorkPortion, actor: Actor, now: datetime) -> WorkedOff:
    """Work off one portion, and put the job in again where something is left.

    Raises LeaseLost where another worker took the job over; nothing is done then.
    """
    move, cursor = command.body["move"], command.body["after"]
    portion = service.work_off(work, WorkOff(move, cursor, PORTION), actor, now)
    for cert_id in portion.suspended:
        bump_group(work, cert_id)
        index_certificate(work, cert_id, now)
    done(work, Job(command.job, JOB, command.body, command.attempt))
    if portion.after is not None:
        _enqueue(work, move, command.body["why"], now, portion.after)
    return portion


def run_jobs(unit: Unit, clock: Clock, seconds: float) -> int:
    """Work off due portions, one after another, for about so long; gives how many were done."""
    end, portions = time.monotonic() + seconds, 0
    while time.monotonic() < end and (job := _claimed(unit, clock.now())) is not None:
        command = WorkPortion(job.id, job.attempt, dict(job.body))
        try:
            unit.run(work_portion, command, actor=SYSTEM)
        except Refusal as refusal:
            _failed(unit, job, clock.now(), refusal.first.code.code)
        except LeaseLost:
            # Another worker has the job by now and does what this one did not.
            continue
        else:
            portions += 1
    return portions


def unfinished(session: Session, move: str) -> bool:
    """Whether certificates of a move wait for the job: attested and not moved yet."""
    return service.result_of(session, require_move(session, move).id).attested > 0


def _enqueue(work: Work, move: str, why: str, due: datetime, after: str = "") -> None:
    body: Mapping[str, Any] = {"move": move, "why": why, "after": after}
    enqueue(work, JOB, body, due, key=f"{JOB}/{move}/{why}")


def _claimed(unit: Unit, now: datetime) -> Job | None:
    found: list[Job | None] = []

    def take(connection: Connection) -> None:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            found.append(claim(session, now, LEASE, [JOB]))
            session.commit()

    unit.maintain(take)
    return found[0]


def _failed(unit: Unit, job: Job, now: datetime, code: str) -> None:
    def put_back(connection: Connection) -> None:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            failed(session, job, now, code)
            session.commit()

    unit.maintain(put_back)
