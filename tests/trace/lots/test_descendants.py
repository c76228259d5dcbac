"""Everything that came from lots, against a graph search by a library, on graphs of any shape."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from random import Random

import networkx as nx  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from runtime.database import Database
from trace.lots.service import ancestors, descendants, descendants_of, existing_lots

_TABLE = (
    "CREATE TABLE lot_edges (parent_id TEXT, child_id TEXT, payload_id TEXT, at BIGINT,"
    " PRIMARY KEY (parent_id, child_id, payload_id))"
)
_EDGE = text(
    "INSERT INTO lot_edges (parent_id, child_id, payload_id, at) VALUES (:parent, :child, :name, 0)"
)
Edges = Iterable[tuple[str, str]]


def enter(connection: Connection, edges: Edges) -> None:
    rows = [
        {"parent": parent, "child": child, "name": f"event-{n}"}
        for n, (parent, child) in enumerate(edges)
    ]
    if rows:
        connection.execute(_EDGE, rows)


def reached(graph: nx.DiGraph, seeds: Iterable[str]) -> set[str]:
    """What the library finds: the seeds, and what can be reached from any of them."""
    found: set[str] = set()
    for seed in seeds:
        found |= {seed} | (nx.descendants(graph, seed) if seed in graph else set())
    return found


@pytest.fixture(scope="module")
def bare() -> Iterator[Connection]:
    """The one table of edges in memory, without references to lots."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False),
        poolclass=StaticPool,
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(_TABLE)
        yield connection
    engine.dispose()


LOTS = st.integers(0, 11).map(lambda n: f"lot:{n:02d}")
EDGES = st.lists(st.tuples(LOTS, LOTS).filter(lambda edge: edge[0] != edge[1]), max_size=30)


@given(edges=EDGES, seeds=st.sets(LOTS, max_size=4))
def test_the_radius_is_what_a_library_finds(bare, edges, seeds) -> None:
    bare.exec_driver_sql("DELETE FROM lot_edges")
    enter(bare, edges)
    graph = nx.DiGraph(edges)
    with Session(bare) as session:
        assert descendants_of(session, seeds) == reached(graph, seeds)
        for seed in seeds & set(graph):
            far = nx.single_source_shortest_path_length(graph, seed)
            nearest = sorted(far, key=lambda lot: (far[lot], lot))
            assert descendants(session, seed) == nearest
            back = nx.single_source_shortest_path_length(graph.reverse(), seed)
            assert ancestors(session, seed) == sorted(back, key=lambda lot: (back[lot], lot))


def shapes(random: Random) -> Iterator[list[tuple[str, str]]]:
    """Graphs beside one another: chains, fans in and out, layers that mix, and ways that return."""
    for number in range(40):
        lots = [f"lot:{number:02d}-{n:02d}" for n in range(random.randint(2, 12))]
        pairs = [(one, other) for one in lots for other in lots if one != other]
        forward = [pair for pair in pairs if pair[0] < pair[1]]
        chosen = pairs if number % 4 == 0 else forward
        yield random.sample(chosen, min(len(chosen), random.randint(1, 20)))
    yield [(f"lot:chain-{n:04d}", f"lot:chain-{n + 1:04d}") for n in range(300)]
    yield [("lot:hub", f"lot:leaf-{n:04d}") for n in range(500)]
    yield [(f"lot:leaf-{n:04d}", "lot:mixed") for n in range(0, 500, 7)]


def test_both_databases_find_the_same(database: Database, tamper) -> None:
    random = Random("radius")
    edges = [edge for shape in shapes(random) for edge in shape]
    with tamper(database) as connection:
        enter(connection, edges)
    graph = nx.DiGraph(edges)
    lots = sorted(graph)
    with database.read() as session:
        assert descendants_of(session, ()) == frozenset()
        assert descendants_of(session, ["lot:none"]) == {"lot:none"}
        for size in (1, 1, 1, 2, 5, 50, len(lots)):
            for _ in range(8 if size < 50 else 1):
                seeds = random.sample(lots, size)
                assert descendants_of(session, seeds) == reached(graph, seeds), seeds
        assert descendants(session, "lot:chain-0000")[-1] == "lot:chain-0300"
        assert len(ancestors(session, "lot:mixed")) == len(range(0, 500, 7)) + 2


def test_more_lots_than_a_statement_has_variables(database: Database) -> None:
    many = [f"lot:{n:06d}" for n in range(70_000)]
    with database.read() as session:
        assert descendants_of(session, many) == frozenset(many)
        assert existing_lots(session, many) == frozenset()
