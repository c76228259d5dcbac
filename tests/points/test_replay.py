"""The replay: silent on a healthy node, naming what was altered, counting what was erased."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from points.credit.records.model import CloseRecord
from points.credit.records.service import close_record
from points.penalties.service import ReverseTransfer, reverse
from points.replay import replay
from tests.certification.books import put_back, rows_of
from tests.fixtures.nodes import Grow
from tests.points.conftest import OCT_26, PointsOffice, open_office
from web.node import Node

TABLES = (
    "points_accounts",
    "points_claims",
    "points_transfers",
    "points_balances",
    "points_postings",
    "points_lots",
    "points_lot_shares",
    "points_packs",
    "credit_records",
    "credit_closings",
)
ALTERED = [
    ("UPDATE points_balances SET balance_milli = balance_milli + 1", "points_balances"),
    ("UPDATE points_balances SET postings = postings + 1", "points_balances"),
    ("DELETE FROM points_balances", "points_balances"),
    ("UPDATE points_accounts SET party = 'org:AAAAAAAAAAAAAAAAAAAA'", "points_accounts"),
    ("UPDATE points_claims SET event_id = event_id || 'x'", "points_claims"),
    ("UPDATE points_transfers SET amount_milli = amount_milli + 1", "points_transfers"),
    ("UPDATE points_transfers SET balance_after_milli = 0", "points_transfers"),
    ("UPDATE points_transfers SET effective_at = effective_at + 1", "points_transfers"),
    ("UPDATE points_transfers SET rule = 'x'", "points_transfers"),
    ("UPDATE points_transfers SET cap_key = 'x'", "points_transfers"),
    ("UPDATE points_transfers SET reverses = NULL", "points_transfers"),
    ("UPDATE points_transfers SET seq = seq + 100", "points_transfers"),
    ("UPDATE points_transfers SET kind = 'award'", "points_transfers"),
    ("UPDATE points_postings SET amount_milli = amount_milli + 1", "points_postings"),
    ("DELETE FROM points_postings", "points_postings"),
    ("UPDATE points_lots SET amount_milli = amount_milli + 1", "points_lots"),
    ("UPDATE points_lots SET expires_at = NULL", "points_lots"),
    ("DELETE FROM points_lots", "points_lots"),
    ("DELETE FROM points_lot_shares", "points_lot_shares"),
    ("UPDATE points_packs SET version = version + 1", "points_packs"),
    ("UPDATE points_packs SET content = digest", "points_packs"),
    ("UPDATE credit_records SET disclosure_end = '2030-01-01'", "credit_records"),
    ("UPDATE credit_records SET subject = 'org:AAAAAAAAAAAAAAAAAAAA'", "credit_records"),
    ("UPDATE credit_records SET penalty_class = 'serious'", "credit_records"),
    ("UPDATE credit_closings SET effective_at = effective_at - 1", "credit_closings"),
    ("DELETE FROM credit_closings", "credit_records"),
]


@pytest.fixture
def busy(grow: Grow[PointsOffice]) -> PointsOffice:
    """Awards, a penalty with its deduction, a reversal, an expiry, a withdrawn record."""
    return grow(busy_office)


def busy_office(node: Node) -> PointsOffice:
    points = open_office(node)
    points.award("old", at=datetime(2024, 9, 1, tzinfo=UTC))
    points.award()
    record_id = points.record()
    taken = points.deduct(record_id)
    points.award("lot-2")
    back = ReverseTransfer(taken.transfer_id, "withdrawn-1", OCT_26, "处罚决定已撤销")
    points.run(reverse, back)
    closing = CloseRecord(record_id, "withdrawn", OCT_26, "演示农撤〔2026〕1号")
    points.run(close_record, closing)
    return points


def found(points):
    with points.read() as session:
        return replay(session, points.node.vault)


def test_a_healthy_node_and_every_altered_value(busy, tamper):
    healthy = found(busy)
    assert healthy.differences == []
    assert (list(healthy.balances_milli.values()), healthy.transfers) == ([40_000], 6)
    stored = rows_of(busy.node, TABLES)
    for statement, table in ALTERED:
        with tamper(busy.node.database) as connection:
            connection.execute(text(statement))
        assert table in {each.table for each in found(busy).differences}, statement
        put_back(busy.node, tamper, stored)
    assert found(busy).differences == []


def test_an_erased_opening_is_counted_and_is_no_difference(busy):
    with busy.node.database.write_engine.begin() as connection:
        connection.execute(text("DELETE FROM openings"))
    erased = found(busy)
    assert (erased.differences, erased.transfers) == ([], 0)
    assert erased.erased == 6 + 2


def test_rows_without_an_entry_and_entries_without_a_row(busy, tamper):
    with tamper(busy.node.database) as connection:
        connection.execute(text("UPDATE points_transfers SET payload_id = 'x' WHERE seq = 2"))
    columns = {(each.table, each.column, each.logged) for each in found(busy).differences}
    assert ("points_transfers", "payload_id", "no entry") in columns
