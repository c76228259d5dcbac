"""Own lots: list, one lot, opening one."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from console.doors import PRODUCERS, desk, my_party
from console.lots.reading import lot_file, own_lot, own_lots
from console.reading import scan_address, searched
from console.registers.reading import own_products
from console.sheet import Choice, Form, Line, Moment, Sheet
from console.words import now_text
from trace.bases.service import bases_of
from trace.conformity.service import newest_row
from trace.lots.service import OpenLot
from web.node import current_node
from web.paging import asked_page
from workflows.open_lot import open_lot

blueprint = desk("lots", __name__, *PRODUCERS)


class OpenLotForm(Form):
    """A lot to be opened."""

    product = Choice()
    code = Line()
    base = Choice(needed=False)
    opened_at = Moment()


@blueprint.get("/")
def index() -> str:
    """List the own lots with their balances."""
    asked, words = asked_page(request.args), searched()
    with current_node().database.read() as session:
        rows = own_lots(session, my_party(), words, asked.offset, asked.limit)
        return render_template("console/lots/index.html", page=asked.of(rows), words=words)


@blueprint.get("/<lot>")
def show(lot: str) -> str:
    """Show one own lot: balance, steps, kinship, labels, certificate."""
    with current_node().database.read() as session:
        own = own_lot(session, my_party(), lot)
        return render_template(
            "console/lots/show.html",
            own=own,
            file=lot_file(session, own.lot),
            conformity=newest_row(session, own.lot.id),
            address=scan_address(own.product, own.lot),
        )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Open a lot."""
    given = {"product": request.args.get("product", ""), "opened_at": now_text()}
    sheet = Sheet.of(OpenLotForm, given)
    if sheet.sent:
        with sheet.attempt():
            read = sheet.read()
            command = OpenLot(
                my_party(), read["product"], read["code"], read["opened_at"], read["base"] or None
            )
            opened = sheet.run(open_lot, command)
            return redirect(url_for(".show", lot=opened.id), 303)
    with current_node().database.read() as session:
        products, bases = own_products(session, my_party()), bases_of(session, my_party())
        return sheet.page("console/lots/new.html", products=products, bases=bases)
