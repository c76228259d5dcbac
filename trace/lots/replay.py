"""Compares the register of lots with its entries; balances and kinship follow from events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.clock import instant_text
from trace.comparison import Log, Pairs
from trace.lots.tables import Lot
from trace.products.replay import rows_of
from trace.products.tables import Product


def replay_lots(session: Session, log: Log) -> Iterator[Difference]:
    """Yield the differences between the register of lots and the log; none on a healthy node."""
    names = {
        product.id: {product.id, product.code, product.gtin}
        for product in session.scalars(select(Product))
    }

    def told(row: Any, record: Mapping[str, Any]) -> Pairs:
        known = names.get(row.product_id, set())
        # An entry names its product as it was named to us: by id, code or GTIN.
        yield (
            "product_id",
            record["product"] if record["product"] in known else row.product_id,
            (record["product"]),
        )
        yield "code", row.code, record["code"]
        yield "base_id", row.base_id, record["base"]
        yield "recorded_at", instant_text(row.recorded_at), record["recorded_at"]

    rows = list(session.scalars(select(Lot)))
    yield from rows_of(log, "trace.lot.open", "lots", rows, told, _opened)


def _opened(row: Any, payload: Payload) -> Pairs:
    yield "opened_at", row.opened_at, payload.effective_at
