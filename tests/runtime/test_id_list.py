"""A list of ids as one parameter: any length, any text, each once."""

from __future__ import annotations

import pytest

from runtime.database import Database
from runtime.id_list import id_list

CASES: list[tuple[str, list[str]]] = [
    ("none", []),
    ("one", ["lot:a"]),
    ("one twice", ["lot:a", "lot:a"]),
    ("what JSON and SQL have to quote", ["'", '"', "\\", "a,b", "]", "%", "黄河口", "1", "null"]),
    ("more than a statement has parameters", [f"lot:{n:06d}" for n in range(70_000)]),
]


@pytest.mark.parametrize("ids", [ids for _, ids in CASES], ids=[name for name, _ in CASES])
def test_the_database_reads_what_was_given(database: Database, ids: list[str]) -> None:
    with database.read() as session:
        found = list(session.scalars(id_list(session, iter(ids))))
    assert sorted(found) == sorted(set(ids))
