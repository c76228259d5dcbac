"""The replay of quantities: silent on a healthy node, and naming every altered column and row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from certification.certificates.commands import GrantLine
from certification.lines.service import AddLine, AmendLine, add_line, amend_line
from certification.permits.replay import replay_permits
from certification.permits.service import close_permit, freeze_permit, thaw_permit
from certification.permits.tables import PermitDeedRow, PermitNumbers, PermitRow
from certification.quotas.replay import replay_quotas
from certification.quotas.tables import LineAmendmentRow, LineRow, QuotaRow
from certification.transactions.replay import replay_transactions
from certification.transactions.service import (
    IssueTransaction,
    VoidTransaction,
    declare_void,
    issue,
)
from certification.transactions.tables import (
    TransactionNumbers,
    TransactionRow,
    TransactionVoidRow,
)
from ledger.entries.model import Payload, parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from tests.certification.conftest import PRODUCT
from tests.certification.desk import GREEN, KG, Desk, open_desk
from tests.fixtures.nodes import Grow
from web.node import Node

TABLES = (
    QuotaRow, LineRow, LineAmendmentRow, PermitRow, PermitDeedRow, PermitNumbers, TransactionRow,
    TransactionVoidRow, TransactionNumbers,
)  # fmt: skip
SAID = {"reason": "再认证", "document": "演示〔2026〕7号", "quantity": "9", "unit": "公斤"}


def busy_desk(node: Node) -> Desk:
    """Every table filled, and every column that can be with a value at least once."""
    desk = open_desk(node)
    lines = (GrantLine(PRODUCT, "2026", "5", "公斤"),)
    decided = desk.grant(**{**GREEN, "quantity": None, "unit": None, "lines": lines})
    desk.run(add_line, AddLine(decided.cert_id, PRODUCT, "2027", **SAID))
    line = desk.run(amend_line, AmendLine(decided.cert_id, PRODUCT, "2026", **SAID))
    words: dict[str, Any] = {"unit": "公斤", "product": PRODUCT, "season": "2026"}
    more = {"document": "演示〔2026〕8号", "case_id": "case:1"}
    first = desk.open(decided.cert_id, "4", **words, **more)
    second = desk.open(decided.cert_id, "2", desk.second, **words)
    desk.print(first.permit_id, 2 * KG)
    desk.print(line.line_id, KG)
    desk.void(line.line_id, KG // 2)
    desk.move(first.number, second.number, "1", "公斤")
    desk.change(freeze_permit, second.number)
    desk.change(thaw_permit, second.number)
    desk.change(close_permit, first.number)
    desk.void(first.permit_id, KG)
    sale = IssueTransaction(
        decided.cert_id, desk.packer, PRODUCT, "3", "公斤", date(2026, 10, 20), "2026", ("lot:1",),
        "演示〔2026〕9号",
    )  # fmt: skip
    sold = desk.run(issue, sale)
    desk.run(declare_void, VoidTransaction(sold.number, "退货"))
    return desk


@pytest.fixture
def busy(grow: Grow[Desk]) -> Desk:
    return grow(busy_desk)


def test_every_changed_column_and_deleted_row_is_named_and_no_erased_opening(busy, tamper):
    assert busy.differences() == []
    vault, payloads = busy.node.vault, logged_payloads(busy)
    # Which column differs is found by the same code on both databases.
    exhaustive = busy.node.database.dialect == "sqlite"
    with tamper(busy.node.database) as connection:
        for table in (model.__table__ for model in TABLES):
            assert isinstance(table, Table)
            rows = connection.execute(select(table)).mappings().all()
            for column in table.columns if exhaustive else ():
                filled = [row for row in rows if row[column.name] is not None]
                row = filled[len(filled) // 2]
                statement = update(table).values({column: changed(row[column.name])})
                found = tried(connection, vault, payloads, statement.where(*same(table, row)))
                assert found, f"{table.name}.{column.name}"
                assert ("", "") in found or table.name in {name for name, _ in found}, found
            row = rows[-1]
            found = tried(connection, vault, payloads, delete(table).where(*same(table, row)))
            assert table.name in {name for name, _ in found} or ("", "") in found
    for party in (busy.firm, busy.packer, busy.second):
        busy.node.vault.destroy(party)
    assert busy.differences() == []


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, "lot:9"]
    if isinstance(value, str):
        return ("B" if value[:1] != "B" else "C") + value[1:]
    return value.replace(year=value.year - 1)


def same(table: Table, row: Any):
    return [column == row[column.name] for column in table.primary_key.columns]


def logged_payloads(desk: Desk) -> list[tuple[str, Payload]]:
    """What the replays are given, read once."""
    with desk.read() as session:
        reader = LogReader(session)
        entries = [parse_entry(content) for content in reader.entry_range(0, reader.size)]
    return [(base64url.encode(payload_id(each.payload_bytes)), each.payload) for each in entries]


def tried(
    connection: Connection, vault: Any, payloads: Any, statement: Any
) -> set[tuple[str, str]]:
    """Table and column of what the second reader says of a change that is then undone."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(statement)
    except IntegrityError:
        # A check that holds even against somebody with every right is as good as a report.
        savepoint.rollback()
        return {("", "")}
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        replays = (replay_quotas, replay_permits, replay_transactions)
        told = [each for replay in replays for each in replay(session, vault, payloads)]
        found = {(each.table, each.column) for each in told}
    savepoint.rollback()
    return found
