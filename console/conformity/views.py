"""开合格证: choose the lot, fill in, look at it as it will stand, issue it, print it.

The look comes before the deed because a certificate shows a person's name and phone in full, which
no other page does (MARA Order 2025-4): whoever promises sees that first.
"""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from console.conformity.reading import Standing, prefilled, standing
from console.doors import PRODUCERS, desk, my_party
from console.labels.printing import Wanted, download
from console.lots.reading import OwnLot, own_lot, own_lots
from console.reading import base_url, receipt
from console.sheet import Choice, Form, Line, Many, Maybe, Sheet
from identity.codes import is_id
from identity.parties.service import get_party
from runtime.clock import beijing_date
from runtime.refusal import Refusal
from trace.conformity.model import (
    BASIS_WORDS,
    PROMISES,
    STYLE_WORDS,
    TITLE,
    Basis,
    Fields,
    Style,
    faults,
    keep_until,
)
from trace.conformity.service import Conformity, IssueConformity, find_conformity, issue, newest_row
from trace.labels.lookup import PrintedLabel
from trace.labels.sheets import Design
from trace.lots.service import check_owner
from web.node import current_node
from web.paging import asked_page

blueprint = desk("conformity", __name__, *PRODUCERS)


class ConformityForm(Form):
    """The six fields but for the issue time, basis, style and collected certificates."""

    places = {"/quantity": "quantity_value", "/lot": "product_name", "/supersedes": "supersedes"}

    product_name = Line()
    quantity_value = Line()
    quantity_unit = Choice()
    origin = Line()
    party_name = Line()
    contact = Line()
    basis = Many()
    style = Choice()
    sources = Many(needed=False)
    supersedes = Maybe()


@blueprint.get("/")
def index() -> str:
    """List the own lots: for which a certificate is due, encouraged, not asked for, there."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        party = get_party(session, my_party())
        rows = own_lots(session, party.id, "", asked.offset, asked.limit)
        page = asked.of([standing(session, each, party) for each in rows])
        return render_template("console/conformity/index.html", page=page)


@blueprint.route("/new/<lot>", methods=["GET", "POST"])
def new(lot: str) -> BaseResponse:
    """Fill in a certificate, look at it, issue it."""
    node = current_node()
    with node.database.read() as session:
        own = own_lot(session, my_party(), lot)
        state = standing(session, own, get_party(session, my_party()))
        given = prefilled(session, node.vault, own, my_party())
    newest = state.newest.id if state.newest else ""
    sheet = Sheet.of(ConformityForm, {**given, "supersedes": newest})
    if sheet.sent:
        with sheet.attempt():
            return _look_or_issue(sheet, state)
    return _form(sheet, state)


def _look_or_issue(sheet: Sheet, state: Standing) -> BaseResponse:
    """Show the certificate as it will stand; with `confirmed`, issue it. Raises Refusal."""
    read = sheet.read()
    fields = _fields(read)
    wrong = tuple(faults(fields))
    if wrong:
        raise Refusal(*wrong)
    if request.form.get("deed") == "change":
        return _form(sheet, state)
    if request.form.get("deed") != "issue":
        promise = PROMISES[Style(fields.style)]
        shown = {"fields": fields, "promise": promise, "now": current_node().clock.now()}
        return sheet.page("console/conformity/look.html", state=state, words=_words(), **shown)
    command = IssueConformity(my_party(), state.own.lot.id, fields, read["supersedes"])
    issued = sheet.run(issue, command)
    return redirect(url_for(".show", certificate=issued.id), 303)


def _form(sheet: Sheet, state: Standing) -> Response:
    return sheet.page("console/conformity/new.html", state=state, words=_words())


@blueprint.get("/<certificate>")
def show(certificate: str) -> str:
    """Show an issued certificate to whoever promised."""
    with current_node().database.read() as session:
        found, own = _own_certificate(session, certificate)
        newest = newest_row(session, found.lot_id)
        return render_template(
            "console/conformity/show.html",
            found=found,
            own=own,
            promise=PROMISES[Style(found.style)],
            words=_words(),
            counts=newest is not None and newest.id == found.id,
            keep=keep_until(beijing_date(found.issued_at)),
            receipt=receipt(session, found.payload_id),
            address=_address(found),
        )


@blueprint.get("/<certificate>/label")
def label(certificate: str) -> Response:
    """Give the label whose code leads to the certificate, as PDF, PNG or SVG."""
    with current_node().database.read() as session:
        found, own = _own_certificate(session, certificate)
    said = found.record or {}
    design = Design(
        product=str(said.get("product_name", own.product.name_zh)),
        place=str(said.get("origin", "")),
        demo=current_node().settings.demo,
        at=found.issued_at,
        heading=TITLE[0],
    )
    printed = PrintedLabel(1, "", _address(found), own.lot.code)
    return download(design, [printed], Wanted.asked("single"), f"certificate-{own.lot.code}")


def _own_certificate(session: Any, id: str) -> tuple[Conformity, OwnLot]:
    found = find_conformity(session, current_node().vault, id) if is_id(id) else None
    if found is None:
        raise NotFound
    check_owner(found.party_id, my_party(), "/certificate")
    return found, own_lot(session, my_party(), found.lot_id)


def _address(found: Conformity) -> str:
    return f"{base_url()}/registry/conformity/{found.id}"


def _fields(read: dict[str, Any]) -> Fields:
    return Fields(
        product_name=read["product_name"],
        quantity=(read["quantity_value"], read["quantity_unit"]),
        origin=read["origin"],
        party_name=read["party_name"],
        contact=read["contact"],
        basis=read["basis"],
        style=read["style"],
        sources=read["sources"],
    )


def _words() -> dict[str, Any]:
    return {
        "basis": {each.value: pair for each, pair in BASIS_WORDS.items()},
        "style": {each.value: pair for each, pair in STYLE_WORDS.items()},
        "promises": {each.value: promise for each, promise in PROMISES.items()},
        "bases": list(Basis),
        "styles": list(Style),
        "title": TITLE,
    }
