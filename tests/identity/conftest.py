"""A small platform: a log with its operator, and one way to run use cases on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from identity.actor import SYSTEM, Actor
from identity.entries import ENTRY_TYPES
from identity.parties.model import Party, RegisterParty
from identity.parties.service import register_operator
from ledger.entry_types import registry
from ledger.genesis import init_log
from ledger.log_keys import LogKeys, make_log_keys, make_root_keys
from ledger.sequencer import sequence
from ledger.work import Work
from runtime.clock import FixedClock
from runtime.database import Database
from runtime.randomness import SeededRandomness
from runtime.vault import Vault
from tests.fixtures.worlds import Ground
from tests.identity.codes import made_code
from workflows.unit import Unit

ORIGIN = "log.example/identity"
TYPES = registry(ENTRY_TYPES)


@dataclass
class Platform:
    """What a test needs to run use cases and to look at what they left."""

    database: Database
    vault: Vault
    keys: LogKeys
    clock: FixedClock
    randomness: SeededRandomness
    unit: Unit
    operator: Party = None  # type: ignore[assignment]

    def run(self, use_case: Callable[..., Any], command: object, actor: Actor = SYSTEM, **k) -> Any:
        """Run a use case as the platform, or as somebody else."""
        return self.unit.run(use_case, command, actor=actor, **k)

    def read(self):
        """Give a session that cannot write."""
        return self.database.read()


def prepare(ground: Ground) -> Platform:
    """Keys, tables and a runner; there is no operator yet."""
    database, vault, clock = ground.database, ground.vault, ground.clock
    randomness = ground.randomness
    keys = make_log_keys(vault, ORIGIN, randomness)

    def open_work(connection: Connection) -> Work:
        return Work(
            connection,
            join_transaction_mode="create_savepoint",
            randomness=randomness,
            vault=vault,
            entry_types=TYPES,
            origin=ORIGIN,
        )

    def sequence_here(connection: Connection, now: datetime) -> object:
        return sequence(connection, keys, now)

    def nudge() -> None:
        if database.dialect == "postgresql":
            with database.write_engine.begin() as connection:
                sequence(connection, keys, clock.now())

    unit = Unit(database, clock, randomness, open_work, sequence_here, nudge)
    return Platform(database, vault, keys, clock, randomness, unit)


def begin(platform: Platform) -> Party:
    """Begin the log and register the operator."""

    def init(work: Work, command: object, actor: Actor, now: datetime) -> None:
        roots = [each.public_key for each in make_root_keys(ORIGIN, platform.randomness)]
        init_log(work, platform.keys, roots, demo=False, now=now)

    platform.run(init, None)
    office = RegisterParty(
        kind="public_office",
        name_zh="演示市品牌办公室",
        name_en="Demo Brand Office",
        code=made_code("11", 1),
        region="120000",
    )
    operator: Party = platform.run(register_operator, office)
    return operator


@pytest.fixture
def platform_on(vault, clock, randomness, worlds, tmp_path):
    """Gives a log with its operator on a database."""
    made: list[Platform] = []

    def on(database: Database) -> Platform:
        ground = Ground(database, vault, clock, randomness, tmp_path)

        def stand() -> Platform:
            made.append(prepare(ground))
            return made[-1]

        operator = worlds.on(ground, stand, begin)
        made[-1].operator = operator
        return made[-1]

    yield on
    for each in made:
        each.unit.stop()


@pytest.fixture
def platform(database, platform_on):
    """A log with its operator, once on each kind of database."""
    return platform_on(database)


@pytest.fixture
def sqlite_platform(sqlite_database, platform_on):
    """The same on SQLite only, for what does not depend on the database."""
    return platform_on(sqlite_database)


def cooperative(number: int = 1, region: str = "120112") -> RegisterParty:
    """Give a co-operative to register; its code lies in a division that does not exist."""
    return RegisterParty(
        kind="cooperative",
        name_zh=f"演示第{number}水稻合作社",
        name_en=f"Demo Rice Co-operative {number}",
        code=made_code("93", number),
        region=region,
        phone="022-88880001",
    )
