"""A lot with so many labels, in use, for benchmarks: made through the ordinary use cases."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ecotrace.assembly import close_node, open_node
from identity.actor import SYSTEM
from identity.keys.service import operator_party
from runtime.settings import load
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels, require_run
from trace.labels.model import Span
from trace.lots.service import OpenLot
from trace.products.service import RegisterProduct, register_product
from trace.steps.service import LotAmount, RecordStep, record_step
from workflows.open_lot import open_lot
from workflows.print_labels import PrintLabels, print_labels


@dataclass(frozen=True)
class Labelled:
    """The lot, its run, the paths of its first labels, and how long printing the run took."""

    lot: str
    run: str
    paths: list[str]
    seconds: float


def labelled(data: Path, count: int, paths: int) -> Labelled:
    """Make a product with a lot of `count` labelled pieces; give the first `paths` addresses."""
    node = open_node(load({**os.environ, "ECOTRACE_DATA": str(data)}))
    try:
        with node.database.read() as session:
            owner = operator_party(session)
        at = node.clock.now() - timedelta(hours=2)
        code = "BENCH-" + node.randomness.token(4).hex()
        base = node.settings.base_url
        unit = node.unit
        product = RegisterProduct(owner, code, "基准产品", "Bench", "other", "pieces")
        unit.run(register_product, product, actor=SYSTEM)
        lot = unit.run(open_lot, OpenLot(owner, code, "L1", at), actor=SYSTEM)
        for step, amount in (("harvest", str(count)), ("packing", None), ("sale", "1")):
            row = (LotAmount(lot.id, amount, "件" if amount else None),)
            made = step != "sale"
            command = RecordStep(
                owner, step, at, base, lots=() if made else row, outputs=row if made else ()
            )
            unit.run(record_step, command, actor=SYSTEM)
        order = PrintLabels(owner, code, count, base, node.settings.demo, lot.id)
        start = time.perf_counter()
        run = unit.run(print_labels, order, actor=SYSTEM)
        taken = time.perf_counter() - start
        with node.database.read() as session:
            row_of_run = require_run(session, run.id)
            span = Span(1, min(count, paths))
            keys, origin = LabelKeys(node.vault), node.log_keys.origin
            printed = list(printed_labels(row_of_run, keys, origin, span))
        addresses = [urlsplit(each.address).path for each in printed]
        return Labelled(lot.id, run.id, addresses, taken)
    finally:
        close_node(node)
