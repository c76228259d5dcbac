"""How long it takes to say what suspending a certificate touches, among 1,000,000 events.

The chain of `benchmarks.chain` is written in bulk: lots, balances, kinship, events and what each
did to its lots, and a print run for every packed lot that a holder labelled. Two holders have a
certificate: one labelled a hundredth of all packed lots, the other a tenth. What is measured is
`workflows.blast_radius.blast_radius` as a proposal calls it, each time with a session of its own;
what it finds is compared with a search of networkx over the same graph.

    python -m benchmarks.blast_radius [--events N] [--rounds N]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any

import networkx as nx  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Connection, insert

from benchmarks.chain import PER_WEEK, Happened, Season
from benchmarks.figure import Figure, report, seconds
from benchmarks.scratch import NOW, ScratchLog, scratch_log
from certification.certificates.service import GrantCertificate
from ecotrace.assembly import make_unit
from ecotrace.demo.stage import invented_code
from identity.actor import SYSTEM
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator
from runtime.clock import FixedClock
from trace.events.tables import Event, EventLot
from trace.labels.tables import LabelBinding, LabelRun, RunTotals
from trace.lots.tables import Lot, LotBalance, LotEdge
from trace.products.service import RegisterProduct, register_product
from workflows.blast_radius import blast_radius
from workflows.change_certificate import grant_certificate

LABELS = 200
SHARES = {"a hundredth": 100, "a tenth": 10}
_PORTION = 50_000


@dataclass
class Rows:
    """Rows that wait to be written, by table."""

    connection: Connection
    waiting: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: Any, **row: Any) -> None:
        """Keep a row, and write when there are many."""
        rows = self.waiting.setdefault(table, [])
        rows.append(row)
        if len(rows) >= _PORTION:
            self.flush()

    def flush(self) -> None:
        """Write what waits; lots first, for the others refer to them."""
        for table in (Lot, LotBalance, Event, EventLot, LotEdge, LabelRun, RunTotals, LabelBinding):
            rows = self.waiting.pop(table, [])
            if rows:
                self.connection.execute(insert(table), rows)


@dataclass(frozen=True)
class Holder:
    """A certificate and what was labelled under it."""

    cert_id: str
    number: str
    every: int
    labelled: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What all rows refer to."""

    owner: str
    product: str
    holders: tuple[Holder, ...]


def main() -> int:
    """Measure; 1 where the library finds something else."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=7)
    asked = arguments.parse_args()
    with scratch_log() as log:
        ground = _ground(log)
        graph = nx.DiGraph()
        taken = seconds(lambda: _write(log, ground, asked.events, graph))
        beside = {"events": asked.events, "lots": len(graph), "edges": graph.number_of_edges()}
        print(f"# {beside}, written in {taken:.0f} s", file=sys.stderr)
        equal = [_measure(log, ground, name, graph, asked.rounds, beside) for name in SHARES]
    return 0 if all(equal) else 1


def _measure(
    log: ScratchLog,
    ground: Ground,
    name: str,
    graph: nx.DiGraph,
    rounds: int,
    beside: dict[str, Any],
) -> bool:
    holder = next(each for each in ground.holders if each.every == SHARES[name])
    times = []
    found = None
    for _ in range(rounds):
        with log.database.read() as session:
            times.append(seconds(lambda: blast_radius(session, holder.cert_id, NOW)))
    with log.database.read() as session:
        found = blast_radius(session, holder.cert_id, NOW)
    graph.add_edges_from(("", lot) for lot in holder.labelled)
    library = nx.descendants(graph, "")
    graph.remove_node("")
    equal = bool(set(found.lots) == library)
    told = {
        **beside,
        "labelled_lots": len(holder.labelled),
        "lots_in_radius": len(found.lots),
        "labels": found.labels,
        "equal_to_networkx": equal,
        "slowest": max(times),
    }
    report(Figure(f"blast radius, {name} of the labels", median(times), "s", 2.0, "less", told))
    return equal


def _ground(log: ScratchLog) -> Ground:
    unit = make_unit(log.database, log.vault, log.keys, FixedClock(NOW), log.randomness)
    try:
        party = RegisterParty("public_office", "基准办公室", "Bench", invented_code(1), "120000")
        owner = unit.run(register_operator, party, actor=SYSTEM).id
        made = RegisterProduct(owner, "BENCH", "基准产品", "Bench", "grain", "pieces")
        product = unit.run(register_product, made, actor=SYSTEM).id
        holders = []
        for number, every in enumerate(SHARES.values(), 1):
            order = GrantCertificate(
                f"JNJP-2026-{number:04d}", "jnjp", owner, (product,), date(2026, 1, 1),
                date(2028, 12, 31), NOW - timedelta(days=300), "基准", (), "1000000000", "件",
            )  # fmt: skip
            cert_id = unit.run(grant_certificate, order, actor=SYSTEM).cert_id
            holders.append(Holder(cert_id, order.number, every))
        return Ground(owner, product, tuple(holders))
    finally:
        unit.stop()


def _write(log: ScratchLog, ground: Ground, events: int, graph: nx.DiGraph) -> None:
    season = Season(Random("season"))
    with log.database.write_engine.begin() as connection:
        # What is written is real; only whether others could refer to it is not asked row by row.
        rows = Rows(connection)
        number = 0
        for week in range(events // PER_WEEK):
            for happened in season.week():
                number += 1
                _event(rows, ground, number, happened, graph)
            _labels(rows, ground, week, season.packed[-12:])
        rows.flush()
    with log.database.write_engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


_NOTHING = {"received": 0, "consumed": 0, "sold": 0, "labelled": 0}


def _event(rows: Rows, ground: Ground, number: int, happened: Happened, graph: nx.DiGraph) -> None:
    at, name = NOW - timedelta(days=200) + timedelta(seconds=number), f"{number:043d}"
    made = happened.step not in ("storage", "sale")
    if made:
        for lot in happened.children:
            graph.add_node(lot)
            rows.add(
                Lot, id=lot, code=lot[-20:], product_id=ground.product, owner_id=ground.owner,
                base_id=None, opened_at=at, recorded_at=at, payload_id=name,
            )  # fmt: skip
            rows.add(LotBalance, lot_id=lot, **_NOTHING)
    rows.add(
        Event, payload_id=name, event_hash=name, digest=bytes(32), type="ObjectEvent",
        step=happened.step, party_id=ground.owner, effective_at=at, offset="+08:00",
        recorded_at=at, document="0" * 64, pointer="", outcome="accepted", refers_to=None,
    )  # fmt: skip
    for lot, move in _touched(happened, made):
        rows.add(EventLot, lot_id=lot, payload_id=name, move=move, quantity=1)
    for parent in happened.parents:
        for child in happened.children:
            graph.add_edge(parent, child)
            rows.add(LotEdge, parent_id=parent, child_id=child, payload_id=name, at=at)


def _touched(happened: Happened, made: bool) -> Iterator[tuple[str, str]]:
    yield from ((lot, "consume") for lot in happened.parents)
    yield from ((lot, "receive" if made else "touch") for lot in happened.children)


def _labels(rows: Rows, ground: Ground, week: int, packed: Sequence[str]) -> None:
    """A run for each packed lot of the weeks in which a holder labels."""
    for holder in ground.holders:
        if week % holder.every:
            continue
        for lot in packed:
            holder.labelled.append(lot)
            _run(rows, ground, holder, lot)


def _run(rows: Rows, ground: Ground, holder: Holder, lot: str) -> None:
    number = sum(len(each.labelled) for each in ground.holders)
    run = f"run:{number:020d}"
    rows.add(
        LabelRun, id=run, number=number, letter="A", item="p/BENCH",
        product_id=ground.product, owner_id=ground.owner, first=number * LABELS, count=LABELS,
        base_url="https://trace.example", lot_code=lot[-20:], net_mg=None, cert_id=holder.cert_id,
        cert_number=holder.number, cert_unit="piece", with_mark=True,
        mark_cert_id=holder.cert_id, mark_artwork=None, printed_at=NOW, payload_id=run,
    )  # fmt: skip
    rows.add(RunTotals, run_id=run, bound=LABELS, void=0)
    rows.add(
        LabelBinding, run_id=run, first=1, last=LABELS, lot_id=lot, bound_at=NOW, payload_id=run
    )


if __name__ == "__main__":
    sys.exit(main())
