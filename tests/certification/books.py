"""What tests of certificates and of points look at: entries, openings, refusals, whole tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from ledger.entries.model import Payload, parse_entry
from ledger.openings.service import open_entry
from ledger.reader import LogReader
from runtime.refusal import Refusal

Rows = dict[str, list[dict[str, Any]]]


def codes(call: Any, *arguments: Any, **named: Any) -> list[str]:
    """The codes with which a call is refused."""
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    return [reason.code.code for reason in caught.value.reasons]


def logged(node: Any, payload_id: str) -> Payload:
    """The payload of an entry that has its place in the log."""
    with node.database.read() as session:
        reader = LogReader(session)
        index = reader.index_of(payload_id)
        assert index is not None
        return parse_entry(reader.entry(index)).payload


def opened(node: Any, payload_id: str, field: str = "record") -> Any:
    """The value behind a commitment."""
    with node.database.read() as session:
        return open_entry(session, node.vault, payload_id)[field].value


def rows_of(node: Any, tables: Sequence[str]) -> Rows:
    """All rows of some tables, as they are stored."""
    with node.database.read_engine.connect() as connection:
        found = {name: connection.execute(text(f"SELECT * FROM {name}")) for name in tables}
        return {name: [dict(row) for row in rows.mappings()] for name, rows in found.items()}


def put_back(node: Any, tamper: Any, rows: Rows) -> None:
    """Make tables hold again what `rows_of` found in them, whatever was done since."""
    with tamper(node.database) as connection:
        for name in reversed(list(rows)):
            connection.execute(text(f"DELETE FROM {name}"))
        for name, stored in rows.items():
            for row in stored:
                columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
                connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({values})"), row)
