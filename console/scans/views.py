"""看扫码: runs with their scans, and the first scans of one."""

from __future__ import annotations

from flask import render_template, request

from console.doors import PRODUCERS, desk, my_party
from console.labels.reading import own_run, own_runs
from console.scans.reading import scanned_labels
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels
from trace.labels.model import Span
from web.node import current_node
from web.paging import asked_page

blueprint = desk("scans", __name__, *PRODUCERS)


@blueprint.get("/")
def index() -> str:
    """List the print runs with how much they were scanned."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        page = asked.of(own_runs(session, my_party(), asked.offset, asked.limit))
        return render_template("console/scans/index.html", page=page)


@blueprint.get("/<run>")
def show(run: str) -> str:
    """Show when and where the labels of a run were first scanned."""
    asked, node = asked_page(request.args), current_node()
    with node.database.read() as session:
        own = own_run(session, my_party(), run)
        page = asked.of(scanned_labels(session, own.run, asked.offset, asked.limit))
        keys, origin = LabelKeys(node.vault), node.log_keys.origin
        spans = [Span(each.position, each.position) for each in page.rows]
        paths = [
            label.address.removeprefix(own.run.base_url)
            for span in spans
            for label in printed_labels(own.run, keys, origin, span)
        ]
        return render_template("console/scans/show.html", own=own, page=page, paths=paths)
