"""Regulator: search lots, propose a recall, confirm it as a second person, end it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from console.doors import desk, my_party
from console.reading import receipt, searched
from console.recalls.reading import covered, find_lots, held_lot, radius_of, steps_of
from console.sheet import Form, Line, Sheet
from identity.codes import is_id
from identity.roles import Role
from runtime.refusal import refuse
from trace.lots.service import require_lot
from trace.recall.service import (
    ConfirmRecall,
    EndRecall,
    ProposeRecall,
    confirm_recall,
    end_recall,
    list_recalls,
    propose_recall,
    require_recall,
    state_of,
)
from trace.refusals import TraceRefusal
from web.node import current_node
from web.paging import asked_page
from web.sign_in import current_actor

blueprint = desk("recalls", __name__, Role.REGULATOR)


class ProposeForm(Form):
    """Why a lot is recalled; the English reason may be left to the Chinese one."""

    reason_zh = Line()
    reason_en = Line(needed=False)


class ConfirmForm(Form):
    """The radius that the second person was shown."""

    radius = Line()


class EndForm(Form):
    """The end of a recall needs nothing but the word for it."""


@blueprint.get("/")
def index() -> str:
    """List the recalls."""
    with current_node().database.read() as session:
        rows = [
            (recall, state, held_lot(session, recall.lot_id))
            for recall, state in list_recalls(session)
        ]
        return render_template("console/recalls/index.html", rows=rows)


@blueprint.get("/lots")
def lots() -> str:
    """Search lots; htmx asks for the list alone."""
    asked, words = asked_page(request.args), searched()
    with current_node().database.read() as session:
        page = asked.of(find_lots(session, words, asked.offset, asked.limit))
        partly = "HX-Request" in request.headers
        template = "console/recalls/found.html" if partly else "console/recalls/lots.html"
        return render_template(template, page=page, words=words)


@blueprint.route("/new/<lot>", methods=["GET", "POST"])
def new(lot: str) -> BaseResponse:
    """Preview the blast radius of a lot, and propose its recall."""
    sheet = Sheet.of(ProposeForm)
    if sheet.sent:
        with sheet.attempt():
            read = sheet.read()
            zh = read["reason_zh"]
            command = ProposeRecall(my_party(), _lot_id(lot), zh, read["reason_en"] or zh)
            proposed = sheet.run(propose_recall, command)
            return redirect(url_for(".show", recall=proposed.id), 303)
    with current_node().database.read() as session:
        found = require_lot(session, _lot_id(lot), "/lot")
        return sheet.page("console/recalls/new.html", radius=radius_of(session, found.id))


@blueprint.get("/<recall>")
def show(recall: str) -> BaseResponse:
    """Show a recall: what it covers, where it stands, what can be done."""
    return _page(recall, Sheet.fresh(ConfirmForm))


@blueprint.post("/<recall>/confirm")
def confirm(recall: str) -> BaseResponse:
    """Order a recall as the second person."""
    sheet = Sheet.of(ConfirmForm)
    with sheet.attempt():
        command = ConfirmRecall(_recall_id(recall), sheet.read()["radius"])
        sheet.run(confirm_recall, command)
        return redirect(url_for(".show", recall=recall), 303)
    return _page(recall, sheet)


@blueprint.post("/<recall>/end")
def end(recall: str) -> BaseResponse:
    """End an ordered recall."""
    sheet = Sheet.of(EndForm)
    with sheet.attempt():
        sheet.run(end_recall, EndRecall(_recall_id(recall)))
        return redirect(url_for(".show", recall=recall), 303)
    return _page(recall, sheet)


def _page(id: str, sheet: Sheet) -> BaseResponse:
    with current_node().database.read() as session:
        recall = require_recall(session, _recall_id(id))
        steps = steps_of(session, recall.id)
        return sheet.page(
            "console/recalls/show.html",
            recall=recall,
            state=state_of(session, recall.id),
            radius=covered(session, recall),
            steps=[
                (each, receipt(session, each.payload_id) if each.payload_id else None)
                for each in steps
            ],
            mine=recall.proposed_by == current_actor().person,
        )


def _lot_id(id: str) -> str:
    return id if is_id(id) else refuse(TraceRefusal.LOT_UNKNOWN, "/lot", given="")


def _recall_id(id: str) -> str:
    return id if is_id(id) else refuse(TraceRefusal.RECALL_UNKNOWN, "/recall", given="")
