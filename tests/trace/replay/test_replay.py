"""The second reader of trace: silent on a healthy node, and naming every altered column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ecotrace.demo.story import tell
from identity.actor import Actor
from identity.replay import Difference
from runtime.clock import FixedClock
from runtime.vault import Vault
from tests.fixtures.databases import Tamper
from tests.trace.chain import REGULATORS, Farm, added, wrong
from trace.bases.service import RegisterBase, register_base
from trace.bases.tables import ProductionBase
from trace.brands.service import RegisterBrand, register_brand
from trace.brands.tables import Brand
from trace.events.tables import Event, EventLot, EventName
from trace.lots.service import OpenLot
from trace.lots.tables import Lot, LotBalance, LotEdge
from trace.products.service import RegisterProduct, register_product
from trace.products.tables import Product
from trace.recall.service import (
    ConfirmRecall,
    EndRecall,
    ProposeRecall,
    confirm_recall,
    end_recall,
    propose_recall,
)
from trace.recall.tables import Recall, RecalledLot, RecallStanding, RecallStep
from trace.replay import replay
from web.node import Node
from workflows.open_lot import open_lot

AFTER_THE_SEASON = datetime(2026, 11, 22, tzinfo=UTC)
TABLES = (
    Brand, Product, ProductionBase, Lot, Event, EventLot, EventName, LotEdge, LotBalance,
    Recall, RecallStep, RecallStanding, RecalledLot,
)  # fmt: skip


def play(field: Farm) -> None:
    """Fill every table, every column among them with a value at least once."""
    coop = field.stage.coop
    do = field.stage.do
    do(register_brand, RegisterBrand("JNJP", "演示精品", "Demo", "120112", coop))
    ring = [["117.1", "39"], [118, 39], [118, 40], ["117.1", "39"]]
    outline = {"type": "Polygon", "coordinates": [ring]}
    command = RegisterBase(coop, "基地", "Base", "120112", ("120.5", "亩"), "村", outline)
    base = do(register_base, command)
    product = RegisterProduct(
        coop, "pear", "梨", "Pear", "fruit", "mass", "06901234567892", "JNJP", "一级", "甜",
        "sweet", "9月", ("5", "公斤"), ("7", "吨"), "合作社", "保护", "鲜食", "120112",
    )  # fmt: skip
    do(register_product, product)
    now = field.node.clock.now()
    do(open_lot, OpenLot(coop, "06901234567892", "P1", now, base.id))
    field.open("A", "B", "C", "D")
    field.harvest("A", "100", operator="王小明", note="晴")
    field.split("A", {"B": "60", "C": "40"})
    field.merge({"B": "10.5", "C": "20"}, "D")
    field.sell("D", "5")
    field.one(added("C", "7"))
    field.one(wrong(added("C", "7")))
    field.one({**added("D", "7"), "eventID": "urn:x:1"})
    field.one({**added("D", "7"), "eventID": "urn:x:2"})
    field.stage.print(2, field.lots["D"])
    recalls(field)


def recalls(field: Farm) -> None:
    office = field.stage.rival
    first, second = (Actor(office, f"pers:{name}", REGULATORS) for name in ("one", "two"))
    for code, done in (("B", 3), ("C", 2), ("A", 1)):
        command = ProposeRecall(office, field.lots[code], "抽检不合格", "Failed a test")
        proposed = field.stage.do(propose_recall, command, first)
        if done > 1:
            order = ConfirmRecall(proposed.id, proposed.radius)
            field.stage.do(confirm_recall, order, second)
        if done > 2:
            field.stage.do(end_recall, EndRecall(proposed.id), first)


def differences(node: Node) -> list[Difference]:
    with node.database.read() as session:
        return replay(session, node.vault)


def test_a_healthy_node_shows_no_difference(field: Farm) -> None:
    assert differences(field.node) == []
    play(field)
    assert differences(field.node) == []


def test_the_demo_shows_none(node: Node, clock: FixedClock) -> None:
    clock.at = AFTER_THE_SEASON
    tell(node)
    assert differences(node) == []


def test_what_waits_in_the_outbox_counts_as_logged(field: Farm) -> None:
    field.open("A")
    unit = field.node.unit
    if field.node.database.dialect == "postgresql":
        unit._nudge = lambda: None
    field.harvest("A", "10")
    assert differences(field.node) == []


def test_every_changed_column_is_named(field: Farm, tamper: Tamper) -> None:
    play(field)
    vault = field.node.vault
    with tamper(field.node.database) as connection:
        for table in (model.__table__ for model in TABLES):
            assert isinstance(table, Table)
            rows = connection.execute(select(table)).mappings().all()
            for column in table.columns:
                filled = [row for row in rows if row[column.name] is not None]
                row = filled[len(filled) // 2]
                statement = update(table).values({column: changed(row[column.name])})
                found = tried(connection, vault, statement.where(*same(table, row)))
                where = f"{table.name}.{column.name} of {dict(row)}: {found}"
                assert ("", "") in found or (table.name, column.name) in found, where


def test_a_deleted_row_is_named(field: Farm, tamper: Tamper) -> None:
    play(field)
    with tamper(field.node.database) as connection:
        for table in (model.__table__ for model in TABLES):
            assert isinstance(table, Table)
            row = connection.execute(select(table)).mappings().all()[-1]
            found = tried(connection, field.node.vault, delete(table).where(*same(table, row)))
            assert table.name in {name for name, _ in found}, table.name


@pytest.mark.parametrize("erased", ["coop", "rival"])
def test_an_erased_opening_is_no_difference(field: Farm, erased: str) -> None:
    play(field)
    field.node.vault.destroy(getattr(field.stage, erased))
    assert differences(field.node) == []


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return bytes(32)
    if isinstance(value, dict):
        return {**value, "type": "MultiPolygon"}
    if isinstance(value, str):
        return ("B" if value[:1] != "B" else "C") + value[1:]
    return value.replace(year=value.year - 1)


def same(table: Table, row: Any) -> Iterator[Any]:
    yield from (column == row[column.name] for column in table.primary_key.columns)


def tried(connection: Connection, vault: Vault, statement: Any) -> set[tuple[str, str]]:
    """Table and column of what the second reader says of a change that is then undone."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(statement)
    except IntegrityError:
        # A check that holds even against somebody with every right is as good as a report.
        savepoint.rollback()
        return {("", ""), (statement.table.name, "")}
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = {(each.table, each.column) for each in replay(session, vault)}
    savepoint.rollback()
    return found
