"""Applicant: schemes to choose from, one application from draft to decision, own certificates.

A draft has three pages, so that nothing typed is lost on the way to a file: the form, the
documents, and the check before it is submitted. What is already known of the applicant stands in
the form beforehand.
"""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.appeals.service import appeals_about
from certification.cases import register
from certification.cases.forms import fields_of
from certification.cases.model import Act, OpenCase
from certification.cases.register import Opened, cases_of, find_case
from certification.cases.service import open_case
from certification.certificates.register import Certificate, find
from certification.evidence.service import missing, track_of
from certification.papers.service import papers_of, read_paper
from certification.permits.register import of_certificate
from certification.process.standing import CaseState, Event
from certification.process.words import EVENT_WORDS, STATE_WORDS
from certification.refusals import CertificationRefusal
from certification.schemes.service import in_force
from console.brand.reading import changes_of, products_of
from console.cases.forms import PlainForm, answers_typed, application_form, values_of
from console.cases.reading import (
    certificates_of,
    choices_of,
    choosable,
    known_of,
    may_appeal,
    names_in,
    offered_tracks,
    papers_of_case,
    story_of,
)
from console.cases.words import case_words
from console.doors import PRODUCERS, desk, my_party
from console.reading import base_url
from console.sheet import Sheet, fresh_key
from identity.codes import is_id
from runtime.clock import beijing_date
from runtime.refusal import Reason, Refusal, refuse
from web.node import current_node
from web.sign_in import current_actor
from workflows.advance_case import advance_case
from workflows.attach_evidence import AttachEvidence, attach_evidence
from workflows.issue_paper import IssueCertificatePaper, issue_paper

LINE_MAX = 200
"""Characters of the longest answer that is typed into one line."""

blueprint = desk("applications", __name__, *PRODUCERS)
blueprint.context_processor(case_words)


@blueprint.get("/")
def index() -> str:
    """Show the applications of the own party and its certificates."""
    node, holder = current_node(), my_party()
    with node.database.read() as session:
        now = node.clock.now()
        found = cases_of(session, holder)
        mine = certificates_of(session, holder, now)
        return render_template(
            "console/cases/applications.html",
            running=[each for each in found if not each.standing.state.is_final],
            ended=[each for each in found if each.standing.state.is_final],
            certificates=[(each, offered_tracks(session, each, now)) for each in mine],
        )


# --- Choosing and opening -----------------------------------------------------------------------


@blueprint.get("/new")
def schemes() -> str:
    """Show what can be applied for."""
    node = current_node()
    with node.database.read() as session:
        found = choosable(session, node.vault, my_party(), node.clock.now())
        return render_template("console/cases/schemes.html", found=found)


@blueprint.route("/new/<scheme>/<track>", methods=["GET", "POST"])
def new(scheme: str, track: str) -> BaseResponse:
    """Show what a track asks and how it goes, and open a case."""
    node, sheet = current_node(), Sheet.of(PlainForm)
    cert_id = request.values.get("certificate") or None
    if sheet.sent:
        with sheet.attempt():
            opened = sheet.run(open_case, OpenCase(scheme, track, cert_id=cert_id))
            return redirect(url_for(".form", case=opened.case_id), 303)
    with node.database.read() as session:
        now = node.clock.now()
        found = in_force(session, scheme, now)
        asked = track_of(found, track)
        known = known_of(session, node.vault, my_party())
        return sheet.page(
            "console/cases/scheme.html",
            scheme=found,
            track=asked,
            certificate=_own_certificate(cert_id) if cert_id else None,
            share=known.share(found, asked, beijing_date(now)),
        )


# --- A draft ------------------------------------------------------------------------------------


@blueprint.route("/<case>/form", methods=["GET", "POST"])
def form(case: str) -> BaseResponse:
    """Fill in the form of the track and save it."""
    node = current_node()
    with node.database.read() as session:
        opened = _draft(_mine(case))
        lines = register.form(session, node.vault, opened)
        known = known_of(session, node.vault, opened.case.holder, without=case)
        choices = choices_of(session, opened.case.holder, opened.process.scheme)
    values = values_of(lines, known.answers)
    sheet = Sheet.of(application_form(lines), values)
    if sheet.sent:
        with sheet.attempt():
            _save(opened, sheet)
            return redirect(url_for(".documents", case=case), 303)
    elif "check" in request.args:
        _mark_missing(opened, sheet)
    fields = [each for each in lines if each.kind != "document"]
    return sheet.page(
        "console/cases/form.html",
        opened=opened,
        fresh=[each for each in fields if each.asked and f"answers-{each.key}" not in values],
        known=[each for each in fields if each.asked and f"answers-{each.key}" in values],
        optional=[each for each in fields if not each.asked],
        choices=choices,
        long_texts={
            key: rule.length_max > LINE_MAX for key, rule in fields_of(opened.process).items()
        },
    )


def _save(opened: Opened, sheet: Sheet) -> None:
    """Save the answers; what is saved twice is the same, so no key of the form is needed."""
    answers = answers_typed(opened.process, sheet.read())
    command = Act(opened.case.case_id, Event.SAVE, answers=answers)
    current_node().unit.run(advance_case, command, actor=current_actor())


def _mark_missing(opened: Opened, sheet: Sheet) -> None:
    """Name at each field what is missing, as submitting would."""
    reasons = [each for each in _missing(opened) if (each.pointer or "").startswith("/answers")]
    if reasons:
        sheet.refuse(Refusal(*reasons))
        sheet.status = 200


def _missing(opened: Opened) -> tuple[Reason, ...]:
    node = current_node()
    with node.database.read() as session:
        answered = tuple(register.answers_of(session, node.vault, opened))
        process = opened.process
        return missing(
            session, opened.case.case_id, process.scheme, process.track, node.clock.now(), answered
        )


@blueprint.get("/<case>/documents")
def documents(case: str) -> BaseResponse:
    """Show the documents: handed in, kept from before, or to be uploaded."""
    return _documents(case, Sheet.fresh(PlainForm))


@blueprint.post("/<case>/documents/<evidence>")
def attach(case: str, evidence: str) -> BaseResponse:
    """Hand in a document that was kept before."""
    sheet = Sheet.of(PlainForm)
    with sheet.attempt():
        sheet.run(attach_evidence, AttachEvidence(_case_id(case), evidence))
        return redirect(url_for(".documents", case=case), 303)
    return _documents(case, sheet)


def _documents(case: str, sheet: Sheet) -> BaseResponse:
    node = current_node()
    with node.database.read() as session:
        opened = _draft(_mine(case))
        papers = papers_of_case(session, node.vault, opened, node.clock.now())
        return sheet.page(
            "console/cases/documents.html", opened=opened, papers=papers, fresh_key=fresh_key
        )


@blueprint.route("/<case>/submit", methods=["GET", "POST"])
def submit(case: str) -> BaseResponse:
    """Look through everything once more, and submit it."""
    node, opened = current_node(), _draft(_mine(case))
    with node.database.read() as session:
        lines = register.form(session, node.vault, opened)
    sheet = Sheet.of(application_form(lines))
    if sheet.sent:
        with sheet.attempt():
            sheet.run(advance_case, Act(opened.case.case_id, Event.SUBMIT))
            return redirect(url_for(".show", case=case), 303)
    with node.database.read() as session:
        return sheet.page(
            "console/cases/submit.html",
            opened=opened,
            lines=[each for each in lines if each.kind != "document"],
            papers=papers_of_case(session, node.vault, opened, node.clock.now()),
            lacking=len(_missing(opened)),
            named=names_in(session, lines),
        )


# --- One application ----------------------------------------------------------------------------


@blueprint.get("/<case>")
def show(case: str) -> BaseResponse:
    """Show an application: where it stands, what is to be done, what was done."""
    return _page(case, Sheet.fresh(PlainForm))


@blueprint.post("/<case>/withdraw")
def withdraw(case: str) -> BaseResponse:
    """Take an application back."""
    sheet = Sheet.of(PlainForm)
    with sheet.attempt():
        sheet.run(advance_case, Act(_case_id(case), Event.WITHDRAW))
        return redirect(url_for(".show", case=case), 303)
    return _page(case, sheet)


def _page(case: str, sheet: Sheet) -> BaseResponse:
    node, actor = current_node(), current_actor()
    opened = _mine(case)
    with node.database.read() as session:
        now = node.clock.now()
        story = story_of(session, node.vault, case, actor, now)
        return sheet.page(
            "console/cases/application.html",
            opened=opened,
            story=story,
            lines=register.form(session, node.vault, opened),
            papers=papers_of_case(session, node.vault, opened, now),
            named=names_in(session, register.form(session, node.vault, opened)),
            appealable=may_appeal(opened, story),
            appeals=[each for each in appeals_about(session, case) if each.filed_by == actor.party],
        )


def _case_id(case: str) -> str:
    return case if is_id(case) else refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")


def _mine(case: str) -> Opened:
    """An application of the own party; for everybody else it does not exist."""
    node = current_node()
    with node.database.read() as session:
        opened = find_case(session, _case_id(case), current_actor(), node.clock.now())
    return opened if opened.case.holder == my_party() else refuse(CertificationRefusal.CASE_UNKNOWN)


def _draft(opened: Opened) -> Opened:
    """An application that can still be filled in. Raises Refusal EVENT_NOT_POSSIBLE."""
    if opened.standing.state is not CaseState.DRAFT:
        state, save = STATE_WORDS[opened.standing.state], EVENT_WORDS[Event.SAVE]
        refuse(
            CertificationRefusal.EVENT_NOT_POSSIBLE,
            "/event",
            state_zh=state.zh,
            state_en=state.en,
            event_zh=save.zh,
            event_en=save.en,
        )
    return opened


# --- Certificates of the own party --------------------------------------------------------------


@blueprint.get("/certificates/<cert_id>")
def certificate(cert_id: str) -> BaseResponse:
    """Show a certificate: how long it lasts, what can be applied for about it, its permits."""
    return _certificate_page(cert_id, Sheet.fresh(PlainForm))


@blueprint.post("/certificates/<cert_id>/paper")
def make_paper(cert_id: str) -> BaseResponse:
    """Have the paper of a certificate made."""
    node, sheet = current_node(), Sheet.of(PlainForm)
    found = _own_certificate(cert_id)
    with sheet.attempt():
        order = IssueCertificatePaper(found.cert_id, base_url(), node.settings.demo)
        issued = sheet.run(issue_paper, order)
        return redirect(url_for(".paper", cert_id=cert_id, paper=issued.paper_id), 303)
    return _certificate_page(cert_id, sheet)


@blueprint.get("/certificates/<cert_id>/paper/<paper>.pdf")
def paper(cert_id: str, paper: str) -> Response:
    """Give a paper of an own certificate."""
    node = current_node()
    found = _own_certificate(cert_id)
    with node.database.read() as session:
        if paper not in [each.paper_id for each in papers_of(session, found.cert_id)]:
            refuse(CertificationRefusal.PAPER_UNKNOWN)
        response = make_response(read_paper(session, node.vault, paper))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return response


def _certificate_page(cert_id: str, sheet: Sheet) -> BaseResponse:
    node, holder = current_node(), my_party()
    found = _own_certificate(cert_id)
    with node.database.read() as session:
        now = node.clock.now()
        return sheet.page(
            "console/cases/certificate.html",
            certificate=found,
            products=products_of(session, found),
            tracks=offered_tracks(session, found, now),
            permits=of_certificate(session, cert_id, now),
            papers=papers_of(session, cert_id),
            changes=changes_of(session, cert_id),
            running={
                each.case.track: each.case.case_id
                for each in cases_of(session, holder)
                if each.case.cert_id == cert_id and not each.standing.state.is_final
            },
        )


def _own_certificate(cert_id: str) -> Certificate:
    if not is_id(cert_id):
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    node = current_node()
    with node.database.read() as session:
        now = node.clock.now()
        found = find(session, cert_id, now, now)
    if found.holder != my_party():
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    return found
