"""Checking the log with a reader that shares no code with the writer (`ledger.checker`).

Four ways in: a folder of `ecotrace log export`, the tables of a database, the openings beside them,
and a proof file. The first three never raise for what they find, and list it; the last gives what
is proved or raises `CheckFault`. `Difference.text("zh")` and `.text("en")` are lines for people,
`.as_json()` is for machines.

    with snapshot(database.read_engine) as connection:
        report = check_database(connection, vkey)
    for difference in report.differences:
        print(difference.text("en"))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from ledger.checker.database import check_database
from ledger.checker.folder import check_export, tree_and_chain
from ledger.checker.openings import (
    OpeningsReport,
    OpenValue,
    SealBroken,
    SealedOpening,
    check_openings,
)
from ledger.checker.proofs import Proved, check_proof_file
from ledger.checker.report import CheckFault, Difference, Fault, Report

__all__ = [
    "CheckFault",
    "Difference",
    "Fault",
    "OpenValue",
    "OpeningsReport",
    "Proved",
    "Report",
    "SealBroken",
    "SealedOpening",
    "check_database",
    "check_export",
    "check_openings",
    "check_proof_file",
    "snapshot",
    "tree_and_chain",
]


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database until the block ends.

    SQLite's transactions do so by themselves, PostgreSQL's at the level REPEATABLE READ.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection
