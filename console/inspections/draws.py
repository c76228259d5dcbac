"""Random draws: whom a spot check visits, decided by several offices together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.draws import service
from certification.draws.service import (
    CommitNonce,
    DrawResult,
    OpenDraw,
    ReplaceOffice,
    RevealNonce,
    chosen_members,
    draws,
    find_draw,
    may_be_opened,
    open_draw,
    population,
)
from certification.inspections import fitness
from certification.inspections.surveillance import visited
from certification.refusals import CertificationRefusal
from certification.schemes.service import schemes
from console.doors import desk
from console.inspections.words import inspection_words
from console.reading import name_of_party, receipt
from console.sheet import Choice, Form, Line, Many, Sheet, Whole
from identity.roles import Role
from runtime.refusal import refuse
from web.node import current_node
from web.sign_in import current_actor

blueprint = desk(
    "draws",
    __name__,
    Role.BRAND_OFFICER,
    Role.INSPECTOR,
    Role.REGULATOR,
    Role.DECIDER,
    prefix="/inspections/draws",
)
blueprint.context_processor(inspection_words)


class OpenForm(Form):
    """A draw among the certificates of a scheme that may be visited."""

    places = {"/members": "scheme"}

    scheme = Choice()
    drawn = Whole()
    offices = Many()
    hours = Whole()


class CommitForm(Form):
    """The hash of the office's nonce."""

    nonce_hash = Line()


class RevealForm(Form):
    """The office's nonce."""

    nonce = Line()


class ReplaceForm(Form):
    """The office that is late, and the one in its place."""

    late = Choice()
    office = Line()


class ResultForm(Form):
    """The result needs nothing but the word for it."""


DEEDS: Mapping[str, tuple[type[Form], Any, Callable[..., Any]]] = {
    "commit": (CommitForm, CommitNonce, service.commit_nonce),
    "reveal": (RevealForm, RevealNonce, service.reveal_nonce),
    "replace": (ReplaceForm, ReplaceOffice, service.replace_office),
    "result": (ResultForm, DrawResult, service.draw_result),
}


@blueprint.get("/")
def index() -> str:
    """List the draws, the newest first."""
    with current_node().database.read() as session:
        rows = draws(session)
    return render_template("console/inspections/draws.html", rows=rows, schemes=schemes())


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Open a draw among all certificates of a scheme that are in force or suspended."""
    node, sheet = current_node(), Sheet.of(OpenForm, {"drawn": "3", "hours": "24"})
    if sheet.sent:
        with sheet.attempt():
            read = sheet.read()
            code = read["scheme"] if read["scheme"] in schemes() else ""
            with node.database.read() as session:
                found = visited(session, code, node.clock.now())
                members = tuple(each.cert_id for each in found)
            opened = sheet.run(open_draw, OpenDraw(members=members, **read))
            return redirect(url_for(".show", id=opened.draw), 303)
    return sheet.page("console/inspections/new_draw.html", schemes=schemes())


@blueprint.get("/<id>")
def show(id: str) -> BaseResponse:
    """Show a draw: who has done what, and what anybody needs to compute it again."""
    return _page(id, Sheet.fresh(CommitForm), "")


@blueprint.post("/<id>/<deed>")
def decide(id: str, deed: str) -> BaseResponse:
    """Do a step of a draw."""
    if deed not in DEEDS:
        refuse(CertificationRefusal.EVENT_UNKNOWN)
    shape, command, use_case = DEEDS[deed]
    sheet = Sheet.of(shape)
    with sheet.attempt():
        sheet.run(use_case, command(draw=id, **sheet.read()))
        return redirect(url_for(".show", id=id), 303)
    return _page(id, sheet, deed)


def _page(id: str, sheet: Sheet, deed: str) -> BaseResponse:
    node, actor = current_node(), current_actor()
    now = node.clock.now()
    with node.database.read() as session:
        draw = find_draw(session, id)
        standing = draw.standing
        serves = fitness.serves(session, actor, draw.scheme, now)
        opened = None
        if may_be_opened(session, node.vault, draw):
            opened = population(session, node.vault, draw)
        return sheet.page(
            "console/inspections/draw.html",
            draw=draw,
            standing=standing,
            scheme=schemes()[draw.scheme],
            offices=[(each, name_of_party(session, each)) for each in standing.offices],
            place=standing.place(actor.party),
            late=standing.late(now),
            serves=serves,
            chosen=chosen_members(session, node.vault, draw) if serves else (),
            opened=opened,
            steps=[(each, receipt(session, each.payload_id)) for each in draw.steps],
            deed=deed,
        )
