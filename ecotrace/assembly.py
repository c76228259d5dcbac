"""Puts a node together from its settings, and makes a new one.

`open_node` reads what `initialise` made: the key files, the key database, the log's own keys. It
never makes any of them, so that a node that was restored without its keys says so at the start
instead of beginning a second log.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from certification.papers.seals import make_seal
from certification.schemes.service import check_published
from certification.statuses.keys import make_status_key
from ecotrace import migrate
from ecotrace.entry_types import ENTRY_TYPES
from identity.actor import SYSTEM, Actor
from ledger.genesis import init_log
from ledger.leader import Leader, drain
from ledger.log_keys import LogKeys, load_log_keys, make_log_keys, make_root_keys
from ledger.outbox import Recorded
from ledger.reader import LogReader
from ledger.refusals import LedgerRefusal
from ledger.sequencer import sequence
from ledger.work import Work
from points.credit.answer_keys import make_answer_key
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from runtime.files import open_store
from runtime.key_file import make_key_file, read_key_file
from runtime.randomness import Randomness, SystemRandomness
from runtime.refusal import refuse
from runtime.settings import Settings
from runtime.vault import Vault
from trace.labels.keys import MakeLabelKey, make_label_key
from web.node import Node
from workflows.unit import Unit

ROOT_KEY_FOLDER = "root-keys"
SETTLE_TRIES, SETTLE_SECONDS = 50, 0.1


def open_node(
    settings: Settings, clock: Clock | None = None, randomness: Randomness | None = None
) -> Node:
    """Open an initialised node.

    Raises KeyFileError, VaultError, Refusal LOG_MISSING where there is no log yet, and
    SchemeChanged where a scheme that was published ships otherwise now.
    """
    clock, randomness = clock or SystemClock(), randomness or SystemRandomness()
    vault = open_vault(settings, clock, randomness)
    keys = load_log_keys(vault, settings.origin)
    database = Database(settings.database_url)
    with database.read() as session:
        check_published(session)
    leader = _leader(database, keys, clock)
    return Node(
        settings=settings,
        database=database,
        vault=vault,
        unit=make_unit(database, vault, keys, clock, randomness, leader),
        clock=clock,
        randomness=randomness,
        files=open_store(settings.files_url),
        log_keys=keys,
        leader=leader,
    )


def open_vault(settings: Settings, clock: Clock, randomness: Randomness) -> Vault:
    """Open the key database with the master key of its file."""
    master_key = read_key_file(settings.master_key_file)
    return Vault(settings.keys_url, master_key, randomness, clock)


def make_unit(
    database: Database,
    vault: Vault,
    keys: LogKeys,
    clock: Clock,
    randomness: Randomness,
    leader: Leader | None = None,
) -> Unit:
    """Make the runner of use cases, with the log behind it."""

    def open_work(connection: Connection) -> Work:
        return Work(
            connection,
            join_transaction_mode="create_savepoint",
            randomness=randomness,
            vault=vault,
            entry_types=ENTRY_TYPES,
            origin=keys.origin,
        )

    def sequence_here(connection: Connection, now: datetime) -> object:
        return sequence(connection, keys, now)

    nudge = leader.wake if leader is not None else _nobody_waits
    return Unit(database, clock, randomness, open_work, sequence_here, nudge)


def _nobody_waits() -> None:
    """On SQLite the writer sequences in its own transaction."""


def _leader(database: Database, keys: LogKeys, clock: Clock) -> Leader | None:
    """Give the leader that a server starts; on SQLite there is none."""
    if database.dialect == "sqlite":
        return None
    return Leader(database.write_engine, keys, clock)


def close_node(node: Node) -> None:
    """Finish what was accepted, give it its place in the log, and close all connections."""
    node.unit.stop()
    if node.leader is not None:
        node.leader.stop()
        settle(node)
    node.database.dispose()
    node.vault.dispose()


def settle(node: Node) -> None:
    """Wait until nothing waits for its place in the log (PostgreSQL); lead if nobody does."""
    for _ in range(SETTLE_TRIES):
        drain(node.database.write_engine, node.log_keys, node.clock)
        with node.database.read() as session:
            if LogReader(session).waiting()[0] == 0:
                return
        time.sleep(SETTLE_SECONDS)


@dataclass(frozen=True)
class BeginLog:
    """The public halves of the three root keys, and whether this is a demo."""

    root_keys: tuple[bytes, ...]
    demo: bool


@dataclass(frozen=True)
class LogBegun:
    """The GENESIS entry."""

    payload_id: str


def refuse_second_log(settings: Settings) -> None:
    """Raise Refusal LOG_EXISTS where the data folder has a log: its settings must stay as they are.

    `initialise` refuses too, but only after the settings of the new node were written.
    """
    if not settings.data.is_dir() or migrate.current(settings) is None:
        return
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            if LogReader(session).origin() is not None:
                refuse(LedgerRefusal.LOG_EXISTS)
    finally:
        database.dispose()


def initialise(settings: Settings, *, demo: bool = False) -> Path:
    """Make a new node: key files, databases, root keys, GENESIS, the first label key.

    Returns the folder with the private halves of the three root keys, which the operator takes
    off-line. Each step that is done already is kept, so that a broken `init` can be repeated.
    Raises Refusal LOG_EXISTS where there is a log.
    """
    clock, randomness = SystemClock(), SystemRandomness()
    settings.data.mkdir(parents=True, exist_ok=True)
    for path in (settings.master_key_file, settings.secret_key_file):
        if not path.exists():
            make_key_file(path, randomness)
    vault = open_vault(settings, clock, randomness)
    vault.create_tables()
    migrate.upgrade(settings)
    keys = make_log_keys(vault, settings.origin, randomness)
    database = Database(settings.database_url)
    unit = make_unit(database, vault, keys, clock, randomness)
    try:
        return _begin(settings, database, unit, vault, keys, randomness, demo)
    finally:
        unit.stop()
        database.dispose()
        vault.dispose()


def _begin(
    settings: Settings,
    database: Database,
    unit: Unit,
    vault: Vault,
    keys: LogKeys,
    randomness: Randomness,
    demo: bool,
) -> Path:
    with database.read() as session:
        if LogReader(session).origin() is not None:
            refuse(LedgerRefusal.LOG_EXISTS)
    roots = make_root_keys(settings.origin, randomness)

    def begin_log(work: Work, command: BeginLog, actor: Actor, now: datetime) -> LogBegun:
        recorded: Recorded = init_log(work, keys, command.root_keys, demo=command.demo, now=now)
        return LogBegun(recorded.payload_id)

    folder = settings.data / ROOT_KEY_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for root in roots:
        path = folder / (root.name.rpartition("/")[2] + ".key")
        path.touch(mode=0o600)
        path.write_text(root.private_text + "\n", encoding="ascii")
    unit.run(begin_log, BeginLog(tuple(root.public_key for root in roots), demo), actor=SYSTEM)
    make_answer_key(vault, randomness)
    make_status_key(vault, randomness)
    make_seal(vault, randomness, settings.origin, SystemClock().now())
    unit.run(make_label_key, MakeLabelKey(), actor=SYSTEM)
    return folder
