"""Random questions about the state of certificates, against a replay of the public log.

    python -m benchmarks.certificate_status [QUESTIONS]

Certificates live through random decisions, made by the use cases and recorded late as offices do;
then each question (certificate, moment, state of knowledge) is answered by the tables and by the
public facts of the log, which a reader of its own folds. Signed answers are timed beside.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, report, seconds
from certification.statuses.check import verify_status
from certification.statuses.keys import load_status_key, make_status_key
from certification.statuses.service import StatusQuestion, answer_status
from ecotrace.tables import metadata
from ledger.genesis import init_log
from ledger.log_keys import make_log_keys, make_root_keys
from ledger.sequencer import sequence
from runtime.clock import FixedClock
from runtime.database import Database, make_tables
from runtime.files import FolderStore
from runtime.randomness import SeededRandomness
from runtime.settings import load
from runtime.vault import Vault
from tests.certification.conftest import Office, open_appointed_office
from tests.certification.statuses.lives import granted, live
from tests.certification.statuses.questions import ask
from tests.fixtures.nodes import ORIGIN, open_work, transaction
from web.node import Node
from workflows.unit import Unit

QUESTIONS = 10_000
_CERTIFICATES, _DEEDS, _SIGNED = 100, 1_500, 50
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Ask."""
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS
    random = Random(2026)
    with _office() as office:
        certificates = granted(office, _CERTIFICATES, random)
        done = live(office, certificates, _DEEDS, random)
        # The first difference raises, so what is counted is equal.
        seen = ask(office, certificates, questions, random)
        beside = {"certificates": _CERTIFICATES, "decisions": done, **dict(sorted(seen.items()))}
        equal = float(sum(seen.values()))
        report(Figure("status questions equal to a replay", equal, "of them", questions, "more",
                      beside))  # fmt: skip
        numbers = [random.choice(certificates).number for _ in range(_SIGNED)]
        taken = [seconds(partial(_signed, office, number)) * 1_000 for number in numbers]
    report(Figure("status answer signed and checked", statistics.median(taken), "ms", 50, "less"))


def _signed(office: Office, number: str) -> None:
    node, now = office.node, office.node.clock.now()
    question = StatusQuestion(number, now, now, "nonce-0001")
    with node.database.read() as session:
        token = answer_status(session, node.vault, question, now).token
    keys = f"{node.log_keys.vkey()}\n{load_status_key(node.vault, ORIGIN).vkey()}\n"
    assert verify_status(token, keys, number=number).holds


@contextmanager
def _office() -> Iterator[Office]:
    """A brand office and a firm on a node of its own, with SQLite."""
    with TemporaryDirectory() as folder:
        data, randomness, clock = Path(folder), SeededRandomness(b"status"), FixedClock(_NOW)
        database = Database(f"sqlite:///{data / 'node.sqlite3'}")
        make_tables(database.write_engine, metadata)
        vault = Vault(f"sqlite:///{data / 'keys.sqlite3'}", bytes(32), randomness, clock)
        vault.create_tables()
        keys = make_log_keys(vault, ORIGIN, randomness)
        make_status_key(vault, randomness)
        unit = Unit(
            database,
            clock,
            randomness,
            lambda connection: open_work(connection, vault, randomness),
            lambda connection, now: sequence(connection, keys, now),
            lambda: None,
        )
        settings = replace(load({**os.environ, "ECOTRACE_DATA": folder}), origin=ORIGIN, demo=True)
        files = FolderStore(data / "files")
        node = Node(settings, database, vault, unit, clock, randomness, files, keys)
        roots = [root.public_key for root in make_root_keys(ORIGIN, randomness)]
        with transaction(node) as work:
            init_log(work, keys, roots, demo=True, now=_NOW)
        yield open_appointed_office(node)
        unit.stop()
        database.dispose()
        vault.dispose()


if __name__ == "__main__":
    main()
