"""The second reader of labels and certificates: silent on a healthy node, loud on a changed one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import parse_entry, payload_id
from ledger.openings.service import open_entries
from ledger.reader import LogReader
from runtime import base64url
from tests.fixtures.databases import Tamper
from tests.trace.labels.stage import BAG_MG, Stage, certified
from trace.conformity.entries import ENTRY_TYPES as CONFORMITY
from trace.conformity.model import Fields
from trace.conformity.replay import replay_conformity
from trace.conformity.service import IssueConformity, issue
from trace.conformity.tables import ConformityCertificate
from trace.labels.entries import ENTRY_TYPES as LABELS
from trace.labels.replay import labelled_quantities, replay_labels
from trace.labels.service import BindLabels, Returned, VoidLabels, bind_labels, void_labels
from trace.labels.tables import (
    LabelBinding,
    LabelNumbers,
    LabelRun,
    LabelVoid,
    RunNumbers,
    RunTotals,
)
from trace.lots.tables import LotBalance

TABLES = (
    LabelRun,
    LabelBinding,
    LabelVoid,
    LabelNumbers,
    RunNumbers,
    RunTotals,
    ConformityCertificate,
)
OWN = {each.type for each in (*LABELS, *CONFORMITY)}


def play(stage: Stage) -> list[str]:
    """Print, bind, void and promise in every way; gives the lots."""
    lots = [stage.lot("rice", f"L{n}", 500 * BAG_MG) for n in (1, 2)]
    stage.print(100, lots[0])
    later = stage.print(60, allowance=certified(500, 0))
    stage.print(7, product="crabs")
    for first, last, lot in ((1, 20, lots[0]), (21, 30, lots[1])):
        stage.do(bind_labels, BindLabels(stage.coop, later.id, first, last, lot))
    stage.do(void_labels, VoidLabels(stage.coop, later.id, 15, 25, "misprinted", Returned(451)))
    stage.do(void_labels, VoidLabels(stage.coop, later.id, 50, 60, "lost"))
    fields = Fields(
        "演示大米", ("100", "公斤"), "天津", "演示合作社", "022-60000000", ("own_test",)
    )
    first = stage.do(issue, IssueConformity(stage.coop, lots[0], fields))
    stage.do(issue, IssueConformity(stage.coop, lots[0], fields, supersedes=first.id))
    stage.do(issue, IssueConformity(stage.coop, lots[1], fields))
    return lots


def logged(stage: Stage) -> tuple[dict[str, Any], Any]:
    """The payloads of labels and certificates by payload id, and their openings."""
    with stage.node.database.read() as session:
        reader = LogReader(session)
        entries = {}
        for content in reader.entry_range(0, reader.size):
            entry = parse_entry(content)
            if entry.payload.type in OWN:
                entries[base64url.encode(payload_id(entry.payload_bytes))] = entry.payload
        return entries, open_entries(session, stage.node.vault, list(entries))


def differences(session: Session, told: Any) -> list[Difference]:
    return [*replay_labels(session, *told), *replay_conformity(session, *told)]


def changed_values(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1_000
    if isinstance(value, str):
        return ("B" if value[:1] != "B" else "C") + value[1:]
    return value.replace(year=value.year - 1)


def test_a_healthy_node_shows_no_difference(stage: Stage):
    lots = play(stage)
    told = logged(stage)
    with stage.node.database.read() as session:
        assert differences(session, told) == []
        quantities = labelled_quantities(session)
        stored = {row.lot_id: row.labelled for row in session.scalars(select(LotBalance))}
    assert quantities == stored
    # 100 printed and 20 bound, of which 6 misprinted; 10 bound, of which 5 misprinted
    assert quantities == {lots[0]: 114 * BAG_MG, lots[1]: 5 * BAG_MG}


def test_an_empty_register_shows_none_either(stage: Stage):
    with stage.node.database.read() as session:
        assert differences(session, logged(stage)) == []


def test_every_changed_column_of_every_row_is_named(stage: Stage, tamper: Tamper):
    play(stage)
    told = logged(stage)
    with tamper(stage.node.database) as connection:
        for table in (model.__table__ for model in TABLES):
            assert isinstance(table, Table)
            for row in connection.execute(select(table)).mappings().all():
                for column in table.columns:
                    if row[column.name] is None:
                        continue
                    statement = update(table).values({column: changed_values(row[column.name])})
                    found = tried(connection, told, statement.where(*same(table, row)))
                    where = f"{table.name}.{column.name} of {dict(row)}"
                    assert any(each.table == table.name for each in found), where


def test_every_deleted_row_is_named(stage: Stage, tamper: Tamper):
    play(stage)
    told = logged(stage)
    with tamper(stage.node.database) as connection:
        for table in (model.__table__ for model in TABLES):
            assert isinstance(table, Table)
            for row in connection.execute(select(table)).mappings().all():
                assert tried(connection, told, delete(table).where(*same(table, row))), table.name


def test_an_erased_opening_is_no_difference(stage: Stage):
    play(stage)
    stage.node.vault.destroy(stage.coop)
    told = logged(stage)
    assert all(not each for each in told[1].values())
    with stage.node.database.read() as session:
        assert differences(session, told) == []


def same(table: Table, row: Any) -> Iterator[Any]:
    yield from (column == row[column.name] for column in table.primary_key.columns)


def tried(connection: Connection, told: Any, statement: Any) -> list[Difference]:
    """What the second reader says of a change that is then undone."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(statement)
    except IntegrityError:
        # A check that holds even against somebody with every right is as good as a report.
        savepoint.rollback()
        return [Difference(statement.table.name, "", "", None, "refused", "")]
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = differences(session, told)
    savepoint.rollback()
    return found
