"""Bulk files, read in portions and sent while they are read; each portion is one short session."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from flask import Blueprint, Response, abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from public_api.open_data.cells import csv_lines
from public_api.plain import plain
from public_api.registry.bases import BaseEntry, base_entries
from public_api.registry.certificates import CertificateEntry, list_certificates
from public_api.registry.log_links import LogLink
from public_api.registry.products import ProductEntry, product_entries
from trace.bases.tables import ProductionBase
from trace.products.tables import Product
from web.node import Node, current_node

blueprint = Blueprint("open_data", __name__, url_prefix="/open-data")

PORTION = 200
Portion = tuple[list[Any], str]
"""Rows, and the key after which the next portion begins ("" at the end)."""


def _products(session: Session, node: Node, after: str) -> Portion:
    query = select(Product).where(Product.id > after).order_by(Product.id).limit(PORTION)
    rows = list(session.scalars(query))
    return list(product_entries(session, rows)), rows[-1].id if rows else ""


def _bases(session: Session, node: Node, after: str) -> Portion:
    query = select(ProductionBase).where(ProductionBase.id > after).order_by(ProductionBase.id)
    rows = list(session.scalars(query.limit(PORTION)))
    return list(base_entries(session, node.vault, rows)), rows[-1].id if rows else ""


def _certificates(session: Session, node: Node, after: str) -> Portion:
    number, _, scheme = after.partition(" ")
    rows = list_certificates(
        session, node.vault, node.clock.now(), scheme=None, after=(number, scheme), limit=PORTION
    )
    return list(rows), f"{rows[-1].number} {rows[-1].scheme}" if rows else ""


Source = Callable[[Session, Node, str], Portion]
SOURCES: dict[str, tuple[type, Source]] = {
    "products": (ProductEntry, _products),
    "bases": (BaseEntry, _bases),
    "certificates": (CertificateEntry, _certificates),
}


_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl",
}


@blueprint.get("/<name>.<any(csv, json, jsonl):format>")
def whole(name: str, format: str) -> Response:
    """Send a whole register: as a table, as one JSON list, or as JSON with one row on a line."""
    if name not in SOURCES:
        abort(404)
    kind, source = SOURCES[name]
    rows = _rows(current_node(), source)
    lines = _csv(kind, rows) if format == "csv" else _json(rows, by_line=format == "jsonl")
    response = Response(lines)
    response.headers["Content-Type"] = _TYPES[format]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _rows(node: Node, source: Source) -> Iterator[Any]:
    after, more = "", True
    while more:
        with node.database.read() as session:
            portion, after = source(session, node, after)
        yield from portion
        more = bool(after)


def _json(rows: Iterator[Any], *, by_line: bool) -> Iterator[bytes]:
    texts = (json.dumps(plain(row), ensure_ascii=False).encode() for row in rows)
    if by_line:
        for text in texts:
            yield text + b"\n"
        return
    yield b"["
    for number, text in enumerate(texts):
        yield (b",\n" if number else b"\n") + text
    yield b"\n]\n"


def _csv(kind: type, rows: Iterator[Any]) -> Iterator[bytes]:
    names = [each.name for each in fields(kind)]
    return csv_lines(names, ([_flat(getattr(row, name)) for name in names] for row in rows))


def _flat(value: Any) -> Any:
    """Give what one cell can hold: of a link its place in the log, of lists their codes."""
    if isinstance(value, LogLink):
        return value.index
    if isinstance(value, tuple):
        return "; ".join(str(getattr(each, "code", "") or plain(each)["kind"]) for each in value)
    said = plain(value)
    return said if isinstance(said, str | int | None) else str(said)
