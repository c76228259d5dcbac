"""打标签: what is left, a print run, its files, binding and voiding."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from console.doors import PRODUCERS, desk, my_party
from console.labels.printing import PER_DOWNLOAD, Wanted, check_span, download
from console.labels.reading import own_run, own_runs, permits, run_file
from console.lots.reading import own_lot, own_lots
from console.reading import receipt
from console.refusals import FormRefusal
from console.registers.reading import own_products
from console.sheet import Choice, Form, Line, Maybe, Sheet, Tick, Whole
from runtime.refusal import refuse
from trace.labels.human_code import human_code
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels
from trace.labels.model import VOID_WORDS, Span
from trace.labels.service import BindLabels, scanned_span
from trace.lots.service import check_owner
from trace.products.service import require_product
from trace.refusals import TraceRefusal
from web.node import current_node
from web.paging import asked_page
from workflows.draw_labels import design_of
from workflows.print_labels import (
    GiveUpLabels,
    PrintLabels,
    bind_run,
    give_up_labels,
    print_labels,
)

blueprint = desk("labels", __name__, *PRODUCERS)


class PrintForm(Form):
    """How many labels, under which certificate, with or without its mark."""

    places = {
        "mark_not_allowed": "with_mark",
        "artwork_missing": "with_mark",
        "base_url_not_public": "count",
    }

    count = Whole()
    certificate = Maybe()
    with_mark = Tick()


class BindForm(Form):
    """First and last label, scanned or typed, and the lot for whose goods they stand."""

    places = {
        "label_code_malformed": "first_label",
        "label_unknown": "first_label",
        "labels_of_two_runs": "last_label",
    }

    first_label = Line()
    last_label = Line()
    lot = Choice()


class VoidForm(Form):
    """Labels of a run by their positions, and why they are void."""

    places = {"label_range_malformed": "last", "label_already_void": "first"}

    first = Whole()
    last = Whole()
    reason = Choice()


@blueprint.get("/")
def index() -> str:
    """Choose what to print labels for; list the print runs."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        lots = own_lots(session, my_party(), limit=200)
        return render_template(
            "console/labels/index.html",
            lots=[each for each in lots if each.labelled_by_piece],
            page=asked.of(own_runs(session, my_party(), asked.offset, asked.limit)),
        )


@blueprint.route("/print/lot/<lot>", methods=["GET", "POST"])
def print_for_lot(lot: str) -> BaseResponse:
    """Print labels for a lot."""
    with current_node().database.read() as session:
        own = own_lot(session, my_party(), lot)
    return _print(own.product.id, own.lot.id, {"own": own, "product": own.product})


@blueprint.route("/print/product/<product>", methods=["GET", "POST"])
def print_for_product(product: str) -> BaseResponse:
    """Print labels of a product whose lot is named later (赋码)."""
    with current_node().database.read() as session:
        found = require_product(session, product.replace("\x00", ""), "/product")
        check_owner(found.owner_id, my_party(), "/product")
    return _print(found.id, None, {"own": None, "product": found})


def _print(product: str, lot: str | None, shown: dict[str, Any]) -> BaseResponse:
    sheet, node = Sheet.of(PrintForm, {"count": ""}), current_node()
    if sheet.sent:
        with sheet.attempt():
            read, settings = sheet.read(), node.settings
            command = PrintLabels(
                my_party(), product, read["count"], settings.base_url, settings.demo, lot,
                read["certificate"], read["with_mark"],
            )  # fmt: skip
            run = sheet.run(print_labels, command)
            return redirect(url_for(".run", run=run.id), 303)
    with node.database.read() as session:
        allowed = permits(session, shown["product"], my_party(), node.clock.now())
        return sheet.page("console/labels/print.html", permits=allowed, **shown)


@blueprint.get("/choose")
def choose_product() -> str:
    """Choose the product of labels whose lot is named later."""
    with current_node().database.read() as session:
        found = own_products(session, my_party())
        return render_template("console/labels/products.html", products=found)


@blueprint.get("/runs/<run>")
def run(run: str) -> BaseResponse:
    """Show a print run: what became of it, its files, and how to void labels."""
    return _run_page(run, Sheet.fresh(VoidForm))


@blueprint.post("/runs/<run>/void")
def void(run: str) -> BaseResponse:
    """Void labels of a run."""
    sheet = Sheet.of(VoidForm)
    with sheet.attempt():
        read = sheet.read()
        sheet.run(give_up_labels, GiveUpLabels(my_party(), run.replace("\x00", ""), **read))
        return redirect(url_for(".run", run=run), 303)
    return _run_page(run, sheet)


def _run_page(id: str, sheet: Sheet) -> Response:
    with current_node().database.read() as session:
        own = own_run(session, my_party(), id)
        return sheet.page(
            "console/labels/run.html",
            own=own,
            file=run_file(session, own.run),
            receipt=receipt(session, own.run.payload_id),
            first_code=human_code(own.run.number, 1),
            last_code=human_code(own.run.number, own.run.count),
            reasons=VOID_WORDS,
            per_download=PER_DOWNLOAD,
        )


@blueprint.get("/runs/<run>/sheet")
def sheet(run: str) -> Response:
    """Give labels of a run as PDF, PNG or SVG: `?first=&last=&format=&layout=&dpi=`."""
    node, wanted = current_node(), Wanted.asked()
    with node.database.read() as session:
        own = own_run(session, my_party(), run)
        span = _span(own.run.count)
        design = design_of(
            session, node.files, own.run, demo=node.settings.demo, now=node.clock.now()
        )
        labels = printed_labels(own.run, LabelKeys(node.vault), node.log_keys.origin, span)
        drawn = list(labels)
    name = f"labels-{own.run.number}-{span.first}-{span.last}"
    return download(design, drawn, wanted, name)


def _span(count: int) -> Span:
    """Read `?first=` and `?last=`. Raises Refusal: NUMBER_MALFORMED, LABEL_RANGE_MALFORMED,
    TOO_MANY_LABELS.
    """
    first = request.args.get("first", "1", type=str)
    last = request.args.get("last", str(min(count, PER_DOWNLOAD)), type=str)
    for name, text in (("first", first), ("last", last)):
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            refuse(FormRefusal.NUMBER_MALFORMED, f"/{name}")
    span = Span(int(first), int(last))
    if not 1 <= span.first <= span.last <= count:
        numbers = {"first": span.first, "last": span.last, "count": count}
        refuse(TraceRefusal.LABEL_RANGE_MALFORMED, "/last", **numbers)
    check_span(span)
    return span


@blueprint.route("/bind", methods=["GET", "POST"])
def bind() -> BaseResponse:
    """Bind printed labels to a lot by scanning the first and the last (赋码)."""
    node = current_node()
    sheet = Sheet.of(BindForm, {"lot": request.args.get("lot", "")})
    if sheet.sent:
        with sheet.attempt():
            read, keys = sheet.read(), LabelKeys(node.vault)
            with node.database.read() as session:
                found, span = scanned_span(
                    session, keys, node.log_keys.origin, read["first_label"], read["last_label"]
                )
            command = BindLabels(my_party(), found, span.first, span.last, read["lot"])
            bound = sheet.run(bind_run, command)
            return redirect(url_for(".run", run=bound.run), 303)
    with node.database.read() as session:
        return sheet.page("console/labels/bind.html", lots=own_lots(session, my_party(), limit=200))
