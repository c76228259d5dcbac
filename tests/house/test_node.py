"""The node that the tests of views and workflows stand on is one that `init` could have made."""

from __future__ import annotations

from sqlalchemy import text

from ledger.reader import LogReader
from ledger.work import Work
from tests.fixtures.nodes import ORIGIN, transaction
from web.node import Node


def test_its_log_has_begun(node: Node) -> None:
    with node.database.read() as session:
        reader = LogReader(session)
        assert reader.size >= 2
        assert b'"type":"GENESIS"' in reader.entry(0)
        assert ORIGIN.encode() in reader.entry(0)


def test_what_a_test_writes_is_there_when_it_ends(node: Node) -> None:
    with transaction(node) as work:
        work.execute(text("DELETE FROM jobs"))
        assert work.in_transaction()
    with node.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM jobs")) == 0


def test_work_is_a_session_that_can_enter_the_log(work: Work) -> None:
    assert work.origin == ORIGIN
    assert "trace.lot.open" in work.entry_types
    assert work.recorded == []
