"""All addresses of the console, in one place."""

from __future__ import annotations

from flask import Blueprint, Flask

from console import doors
from console.account import views as account
from console.brand import artworks, consequences
from console.brand import views as brand
from console.cases import appeals, applications, evidence, reports
from console.cases import desk as cases
from console.conformity import views as conformity
from console.home import views as home
from console.inspections import draws, visit
from console.inspections import views as inspections
from console.labels import views as labels
from console.lots import views as lots
from console.options import pair_words, product_words
from console.points import views as points
from console.recalls import views as recalls
from console.records import views as records
from console.registers import views as registers
from console.scans import views as scans
from web.node import Node

DESKS = (
    home.blueprint,
    records.blueprint,
    lots.blueprint,
    registers.blueprint,
    conformity.blueprint,
    labels.blueprint,
    scans.blueprint,
    brand.blueprint,
    artworks.blueprint,
    consequences.blueprint,
    applications.blueprint,
    cases.blueprint,
    evidence.blueprint,
    reports.blueprint,
    appeals.blueprint,
    inspections.blueprint,
    visit.blueprint,
    draws.blueprint,
    recalls.blueprint,
    points.blueprint,
    account.blueprint,
)


def install(app: Flask, node: Node) -> None:
    """Register every desk under /console; `web.sign_in` must be installed before."""
    console = Blueprint("console", __name__, url_prefix="/console")
    doors.guard(console)
    app.jinja_env.filters.update(product_words=product_words, pair_words=pair_words)
    for blueprint in DESKS:
        console.register_blueprint(blueprint)
    app.register_blueprint(console)
