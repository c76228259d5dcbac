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
    operator: Party

    def run(self, use_case: Callable[..., Any], command: object, actor: Actor = SYSTEM, **k) -> Any:
        """Run a use case as the platform, or as somebody else."""
        return self.unit.run(use_case, command, actor=actor, **k)

    def read(self):
        """Give a session that cannot write."""
        return self.database.read()


def make_platform(
    database: Database, vault: Vault, clock: FixedClock, randomness: SeededRandomness
) -> Platform:
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

    def begin(work: Work, command: object, actor: Actor, now: datetime) -> None:
        roots = [each.public_key for each in make_root_keys(ORIGIN, randomness)]
        init_log(work, keys, roots, demo=False, now=now)

    unit.run(begin, None, actor=SYSTEM)
    office = RegisterParty(
        kind="public_office",
        name_zh="演示市品牌办公室",
        name_en="Demo Brand Office",
        code=made_code("11", 1),
        region="120000",
    )
    operator = unit.run(register_operator, office, actor=SYSTEM)
    return Platform(database, vault, keys, clock, randomness, unit, operator)


@pytest.fixture
def platform(database, vault, clock, randomness):
    """A log with its operator, once on each kind of database."""
    made = make_platform(database, vault, clock, randomness)
    yield made
    made.unit.stop()


@pytest.fixture
def sqlite_platform(sqlite_database, vault, clock, randomness):
    """The same on SQLite only, for what does not depend on the database."""
    made = make_platform(sqlite_database, vault, clock, randomness)
    yield made
    made.unit.stop()


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
