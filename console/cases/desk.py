"""Offices: the work list, and one case with what can be done about it now and by this person."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from certification.appeals import service as appeals
from certification.bodies import service as bodies
from certification.bodies.model import Relation
from certification.cases import register
from certification.cases.register import Opened, find_case, waiting
from certification.certificates.register import Certificate, find
from certification.process.standing import CaseState, Event
from certification.refusals import CertificationRefusal
from certification.schemes.model import Bound, TrackKind
from console.brand.reading import products_of
from console.cases.forms import DEEDS, LINES, PlainForm, act_of, deeds
from console.cases.reading import (
    OFFICES,
    assignable,
    names_in,
    other_evidence,
    papers_of_case,
    story_of,
    tests_of,
)
from console.cases.words import case_words
from console.doors import desk
from console.reading import name_of_party
from console.sheet import Sheet
from identity.codes import is_id
from identity.roles import Role
from runtime.clock import beijing_date
from runtime.refusal import refuse
from web.node import current_node
from web.sign_in import current_actor
from workflows.advance_case import advance_case, case_offers
from workflows.attach_evidence import takes_documents

blueprint = desk("cases", __name__, *OFFICES, Role.INSPECTOR, Role.REGULATOR)
blueprint.context_processor(case_words)

_CHOICES = {event.value: event for event in DEEDS}


@blueprint.get("/")
def index() -> str:
    """List what waits for this person, the most urgent first."""
    node, actor = current_node(), current_actor()
    with node.database.read() as session:
        now = node.clock.now()
        found = waiting(session, actor, now)
        return render_template(
            "console/cases/index.html",
            rows=[(each, name_of_party(session, each.holder)) for each in found],
            late=sum(each.late_working_days > 0 for each in found),
            appeals=appeals.waiting(session, actor, now),
            today=beijing_date(now),
        )


@blueprint.get("/<case>")
def show(case: str) -> BaseResponse:
    """Show a case."""
    return _page(case, Sheet.fresh(PlainForm), None)


@blueprint.post("/<case>/<event>")
def advance(case: str, event: str) -> BaseResponse:
    """Do something about a case."""
    asked = _CHOICES.get(event)
    if asked is None:
        refuse(CertificationRefusal.EVENT_UNKNOWN, "/event")
    sheet = Sheet.of(DEEDS[asked])
    with sheet.attempt():
        sheet.run(advance_case, act_of(_case_id(case), asked, sheet.read()))
        return redirect(url_for(".show", case=case), 303)
    return _page(case, sheet, asked)


def _case_id(case: str) -> str:
    return case if is_id(case) else refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")


def _certificate(session: Session, opened: Opened, now: datetime) -> Certificate | None:
    """The certificate that a case is about."""
    cert_id = opened.case.cert_id
    return None if cert_id is None else find(session, cert_id, now, now)


def _granted_by(opened: Opened) -> frozenset[str]:
    """What a decider may say when a case of this track is granted."""
    scheme, track = opened.process.scheme, opened.case.track
    fields = {"document"}
    if track in (TrackKind.INITIAL, TrackKind.RENEWAL):
        fields |= {"from_date", "to_date"}
        fields |= {"mark_from"} if scheme.conversions else set()
    if track is TrackKind.INITIAL:
        fields |= {"number", "lines"}
    if track is TrackKind.PRINT_PERMIT:
        fields |= {"permit_holder"}
    if track is not TrackKind.ANNUAL_CHECK and scheme.bound is not Bound.UNBOUNDED:
        fields |= {"quantity"}
    if scheme.confirm_yearly and track is not TrackKind.PRINT_PERMIT:
        fields |= {"confirm_by"}
    return frozenset(fields)


def _page(case: str, sheet: Sheet, event: Event | None) -> BaseResponse:
    node, actor = current_node(), current_actor()
    with node.database.read() as session:
        now = node.clock.now()
        opened = find_case(session, _case_id(case), actor, now)
        lines = register.form(session, node.vault, opened)
        certificate = _certificate(session, opened, now)
        return sheet.page(
            "console/cases/show.html",
            case=case,
            opened=opened,
            holder=name_of_party(session, opened.case.holder),
            lines=[each for each in lines if each.kind != "document"],
            named=names_in(session, lines),
            papers=papers_of_case(session, node.vault, opened, now),
            others=other_evidence(session, opened),
            takes=takes_documents(opened, actor),
            tests=tests_of(session, node.vault, opened),
            story=story_of(session, node.vault, case, actor, now),
            deeds=deeds(case_offers(session, node.vault, case, actor, now)),
            declared=bodies.declared(session, actor.person, case) if actor.person else None,
            assignable=assignable(session, opened, now),
            relations=[each.value for each in Relation],
            certificate=certificate,
            products=() if certificate is None else products_of(session, certificate),
            grants=_granted_by(opened),
            lines_most=LINES,
            event=event,
            events=list(DEEDS),
            public=opened.standing.state is CaseState.PUBLIC_NOTICE,
        )
