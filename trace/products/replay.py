"""Compares the registers of brands, products and bases with their entries.

Each entry has one row and each row its entry; the row's id is the entry's stream; every column
says what the opening says, and quantities are computed anew from what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.quantities import QuantityError, parse
from trace.bases.tables import ProductionBase
from trace.brands.tables import Brand
from trace.comparison import Log, Pairs, differing, unmatched
from trace.products.tables import Product

_PRODUCT_TEXTS = (
    "code", "gtin", "name_zh", "name_en", "category", "grade", "features_zh", "features_en",
    "season", "measure", "rights_holder", "protection_zh", "use_zh", "region",
)  # fmt: skip


def replay_registers(session: Session, log: Log) -> Iterator[Difference]:
    """Yield the differences between the three registers and the log; none on a healthy node."""
    brands = list(session.scalars(select(Brand)))
    products = list(session.scalars(select(Product)))
    bases = list(session.scalars(select(ProductionBase)))
    codes = {brand.id: brand.code for brand in brands}

    def of_product(row: Any, record: Mapping[str, Any]) -> Pairs:
        yield "brand_id", codes.get(row.brand_id, row.brand_id), record["brand"] or None
        yield from _product(row, record)

    yield from rows_of(log, "trace.brand.register", "brands", brands, _brand)
    yield from rows_of(log, "trace.product.register", "products", products, of_product)
    yield from rows_of(log, "trace.base.register", "bases", bases, _base)


def rows_of(
    log: Log,
    type: str,
    table: str,
    rows: Sequence[Any],
    told: Callable[[Any, Mapping[str, Any]], Pairs],
    times: Callable[[Any, Payload], Pairs] | None = None,
) -> Iterator[Difference]:
    """Yield the differences of a register whose rows are entries of one type.

    `told` pairs columns with a record; `times` says which column is the entry's own time, without
    it `recorded_at`.
    """
    yield from unmatched(table, {row.payload_id: row.id for row in rows}, log.of_type(type))
    for row in rows:
        payload = log.entries.get(row.payload_id)
        if payload is None or payload.type != type:
            continue
        pairs: list[tuple[str, object, object]] = [("id", (row.id,), payload.streams)]
        pairs += (times or _recorded)(row, payload)
        record = log.committed(row.payload_id)
        if record is not None:
            pairs += [("owner_id", row.owner_id, record["owner"]), *told(row, record)]
        yield from differing(table, row.id, row.payload_id, pairs)


def _recorded(row: Any, payload: Payload) -> Pairs:
    yield "recorded_at", row.recorded_at, payload.effective_at


def _same(row: Any, record: Mapping[str, Any], *columns: str) -> Pairs:
    return ((column, getattr(row, column), record[column]) for column in columns)


def _brand(row: Any, record: Mapping[str, Any]) -> Pairs:
    return _same(row, record, "code", "name_zh", "name_en", "region")


def _product(row: Any, record: Mapping[str, Any]) -> Pairs:
    yield from _same(row, record, *_PRODUCT_TEXTS)
    yield "net_mg", row.net_mg, _whole(record["net"])
    yield "expected_quantity", row.expected_quantity, _whole(record["expected"])
    yield "expected_typed", row.expected_typed, " ".join(record["expected"] or ())


def _base(row: Any, record: Mapping[str, Any]) -> Pairs:
    yield from _same(row, record, "name_zh", "name_en", "region", "village_zh", "outline")
    yield "area_m2", row.area_m2, _whole(record["area"])
    yield "area_typed", row.area_typed, " ".join(record["area"])


def _whole(typed: Sequence[str] | None) -> int | str | None:
    """Return a typed quantity in mg, m² or pieces, or why it is none."""
    if typed is None:
        return None
    try:
        return parse(*typed).whole()
    except QuantityError as error:
        return error.code
