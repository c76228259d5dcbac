"""The home page: a field for a label code, the ways to registers, log, checker and documents."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.reader import LogReader
from public_api.api.description import VERSION
from trace.labels.human_code import human_code
from trace.labels.tables import LabelRun
from trace.products.tables import Product
from web.node import Node, current_node

blueprint = Blueprint("home", __name__)

CODES_MAX = 12


@dataclass(frozen=True)
class DemoCode:
    """The first label of a demo run, and the page of the lot that it was printed for."""

    code: str
    name_zh: str
    name_en: str
    lot_path: str | None


@blueprint.get("/")
def home() -> Response:
    """Show the home page; codes to try are listed in the demo only."""
    node = current_node()
    with node.database.read() as session:
        shown = render_template(
            "home/home.html",
            origin=node.log_keys.origin,
            size=LogReader(session).size,
            codes=demo_codes(session, node),
            version=VERSION,
        )
    response = make_response(shown)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def demo_codes(session: Session, node: Node) -> list[DemoCode]:
    """Give codes to try; none outside the demo, where they would be other people's labels."""
    if not node.settings.demo:
        return []
    query = select(LabelRun, Product).join(Product, Product.id == LabelRun.product_id)
    rows = session.execute(query.order_by(LabelRun.number).limit(CODES_MAX))
    return [_code(run, product) for run, product in rows]


def _code(run: LabelRun, product: Product) -> DemoCode:
    path = f"/{product.facts().path}/10/{run.lot_code}" if run.lot_code else None
    return DemoCode(human_code(run.number, 1), product.name_zh, product.name_en, path)
