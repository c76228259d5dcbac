"""A lot with 1,000,000 labels is recalled: how long until every process shows it red."""

from __future__ import annotations

import os
import statistics
import threading
import time
import urllib.request
from dataclasses import replace

from benchmarks.figure import Figure, report
from benchmarks.labelled import labelled
from benchmarks.served import demo, serve
from ecotrace.assembly import close_node, open_node
from identity.actor import SYSTEM
from identity.keys.service import operator_party
from runtime.settings import load
from trace.recall.service import ConfirmRecall, ProposeRecall, confirm_recall, propose_recall

_SECOND_PORT = 8791


def main() -> None:
    """Measure over two server processes."""
    with demo() as served, serve(served.data, _SECOND_PORT):
        bases = (served.base, f"http://127.0.0.1:{_SECOND_PORT}")
        taken = []
        for _ in range(3):
            lot = labelled(served.data, 1_000_000, 4)
            for base in bases:
                _is_red(base + lot.paths[0])
            taken.append(_recall(served.data, lot.lot, [base + lot.paths[0] for base in bases]))
    slowest = statistics.median(taken)
    report(Figure("recall of 1,000,000 labels, red in two processes", slowest, "s", 1, "less"))


def _recall(data: object, lot: str, pages: list[str]) -> float:
    node = open_node(load({**os.environ, "ECOTRACE_DATA": str(data)}))
    first, second = (replace(SYSTEM, person=f"pers:{name * 20}") for name in "ab")
    with node.database.read() as session:
        office = operator_party(session)
    asked = ProposeRecall(office, lot, "基准", "Bench")
    proposed = node.unit.run(propose_recall, asked, actor=first)
    red: dict[str, float] = {}

    def watch(page: str) -> None:
        while not _is_red(page):
            time.sleep(0.005)
        red[page] = time.perf_counter()

    watchers = [threading.Thread(target=watch, args=(page,)) for page in pages]
    for watcher in watchers:
        watcher.start()
    start = time.perf_counter()
    node.unit.run(confirm_recall, ConfirmRecall(proposed.id, proposed.radius), actor=second)
    for watcher in watchers:
        watcher.join()
    close_node(node)
    return max(red.values()) - start


def _is_red(page: str) -> bool:
    asked = urllib.request.Request(page, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return b'data-verdict="recalled"' in answer.read()


if __name__ == "__main__":
    main()
