"""Work beside the requests: one thread in the server, or `ecotrace worker`.

Each second the counts of repeated scans are flushed, and due portions of moves of certificates are
worked off. Each hour applications whose applicant stayed silent lapse, public notices that nobody
questioned end, and keys that no opening uses are swept from the key database. A failed round is
written to the journal and tried again at the next.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from certification.cases.register import for_the_system
from identity.actor import SYSTEM
from ledger.openings.service import subjects_in_use
from runtime.refusal import Refusal
from trace.scans.service import ScanCounter
from web.node import Node
from workflows import idempotency
from workflows.advance_case import advance_case
from workflows.move_certificates import run_jobs

FLUSH_SECONDS = 1.0
JOB_SECONDS = 0.5
SWITCH_SECONDS = 0.0005
SWEEP_SECONDS = 3600.0
SWEEP_GRACE = timedelta(hours=2)
journal = structlog.get_logger("ecotrace.background")


def start(node: Node, counter: ScanCounter) -> threading.Thread:
    """Start the thread of a server process, and on PostgreSQL the leader of the log."""
    # A thread that comes back from the database or the network waits for the interpreter lock.
    # With the default of 5 ms a scan page of 1 ms waited many times its own length behind others.
    sys.setswitchinterval(SWITCH_SECONDS)
    if node.leader is not None:
        node.leader.start()
    thread = threading.Thread(
        target=run, args=(node, counter, lambda: False), name="background", daemon=True
    )
    thread.start()
    return thread


def run(node: Node, counter: ScanCounter, stop: Callable[[], bool]) -> None:
    """Work until `stop` says so."""
    swept_at = time.monotonic()
    while not stop():
        time.sleep(FLUSH_SECONDS)
        _attempt("flush_failed", lambda: node.unit.maintain(counter.flush))
        _attempt("job_failed", lambda: run_jobs(node.unit, node.clock, JOB_SECONDS))
        if time.monotonic() - swept_at > SWEEP_SECONDS:
            swept_at = time.monotonic()
            _attempt("cases_failed", lambda: move_cases(node))
            _attempt("sweep_failed", lambda: sweep(node))


def move_cases(node: Node) -> int:
    """Do what waits for the platform itself in applications; returns how much was done.

    A case that moved meanwhile refuses, and is left to the people who moved it.
    """
    with node.database.read() as session:
        waiting = for_the_system(session, node.clock.now())
    done = 0
    for deed in waiting:
        try:
            node.unit.run(advance_case, deed, actor=SYSTEM)
        except Refusal as refusal:
            journal.info("case_refused", case=deed.case_id, code=refusal.first.code.code)
        else:
            done += 1
    return done


def sweep(node: Node) -> int:
    """Remove keys of subjects that nothing was sealed for; returns how many."""

    def used(subjects: Iterable[str]) -> set[str]:
        asked = set(subjects)
        with node.database.read() as session:
            return subjects_in_use(session, asked) | (asked & {idempotency.SUBJECT})

    return node.vault.sweep(used, SWEEP_GRACE)


def _attempt(failure: str, work: Callable[[], object]) -> None:
    try:
        work()
    except SQLAlchemyError:
        journal.warning(failure, exc_info=True)
