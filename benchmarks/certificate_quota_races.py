"""Races of 64 issuers for the last unit of a print permit, on both databases; none over-issues.

    python -m benchmarks.certificate_quota_races [RACES]

Each race is one unit in a permit and 64 threads that print one label each, all through the runner
of use cases, with log entries. Without a number 10,000 races are run on each database, which takes
long; `make test` runs two.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, report, seconds
from identity.actor import SYSTEM
from ledger.genesis import init_log
from ledger.leader import drain
from ledger.log_keys import make_log_keys, make_root_keys
from ledger.sequencer import sequence
from runtime.clock import FixedClock
from runtime.database import Database
from runtime.files import FolderStore
from runtime.randomness import SystemRandomness
from runtime.settings import load
from runtime.vault import Vault
from tests.certification.desk import Desk, open_desk
from tests.certification.quotas.racing import HANDS, Raced, race
from tests.fixtures import postgres
from tests.fixtures.databases import Addresses, fill
from tests.fixtures.nodes import ORIGIN, open_work, transaction
from trace.labels.keys import MakeLabelKey, make_label_key
from web.node import Node
from workflows.unit import Unit

RACES = 10_000
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Race on both databases."""
    races = int(sys.argv[1]) if len(sys.argv) > 1 else RACES
    with TemporaryDirectory() as folder:
        # The unprivileged account of the database server has to reach its folder.
        Path(folder).chmod(0o755)
        for kind, addresses in _databases(Path(folder)):
            with _desk(addresses, Path(folder) / kind) as desk:
                _report(kind, desk, races)


def _report(kind: str, desk: Desk, races: int) -> None:
    found: list[Raced] = []
    taken = seconds(lambda: found.append(race(desk, races)))
    differences = desk.differences()
    beside = {
        "races": races,
        "issuers": HANDS,
        "printed": found[0].printed,
        "refused": found[0].refused,
        "replay_differences": len(differences),
        "seconds": round(taken, 1),
    }
    name = f"over-issued in {races} races of {HANDS} issuers on {kind}"
    report(Figure(name, found[0].over_issued, "labels", 0, "less", beside))
    print(
        f"races {races} printed {found[0].printed} over-issued {found[0].over_issued} {kind}",
        file=sys.stderr,
    )


def _databases(folder: Path) -> Iterator[tuple[str, Addresses]]:
    """An empty database of each kind with all tables."""
    url = f"sqlite:///{folder / 'races.sqlite3'}"
    server = postgres.start(folder)
    try:
        server.make_roles()
        server.make_database("races")
        owner, serving = (server.url("races", role) for role in (postgres.OWNER, postgres.SERVER))
        kinds = {"sqlite": Addresses(url, url), "postgresql": Addresses(owner, serving)}
        for kind, addresses in kinds.items():
            fill(addresses)
            yield kind, addresses
    finally:
        server.drop_database("races")
        postgres.stop(folder)


@contextmanager
def _desk(addresses: Addresses, data: Path) -> Iterator[Desk]:
    """A brand office with two packing houses on a node of its own."""
    data.mkdir()
    randomness, clock = SystemRandomness(), FixedClock(_NOW)
    database = Database(addresses.serving_url)
    vault = Vault(f"sqlite:///{data / 'keys.sqlite3'}", bytes(range(32)), randomness, clock)
    vault.create_tables()
    keys = make_log_keys(vault, ORIGIN, randomness)

    def sequence_now() -> None:
        drain(database.write_engine, keys, clock)

    unit = Unit(
        database,
        clock,
        randomness,
        lambda connection: open_work(connection, vault, randomness),
        lambda connection, now: sequence(connection, keys, now),
        sequence_now,
    )
    settings = replace(load({**os.environ, "ECOTRACE_DATA": str(data)}), origin=ORIGIN, demo=True)
    files = FolderStore(data / "files")
    node = Node(settings, database, vault, unit, clock, randomness, files, keys)
    with transaction(node) as work:
        roots = [root.public_key for root in make_root_keys(ORIGIN, randomness)]
        init_log(work, keys, roots, demo=True, now=_NOW)
        make_label_key(work, MakeLabelKey(), SYSTEM, _NOW)
    yield open_desk(node)
    unit.stop()
    database.dispose()
    vault.dispose()


if __name__ == "__main__":
    main()
