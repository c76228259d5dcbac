"""Brand office: register, one certificate with its decisions, granting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.certificates.model import CHANGE_WORDS
from certification.certificates.register import ending_soon, find, register
from certification.certificates.service import ChangeCertificate, GrantCertificate
from certification.consequences.model import Verb
from certification.consequences.service import ProposeConsequence, waiting_for
from certification.refusals import CertificationRefusal
from certification.schemes.service import schemes
from console.brand.consequences import waiting
from console.brand.reading import changes_of, listed, runs_under
from console.doors import desk
from console.reading import receipt, searched
from console.registers.reading import own_products
from console.sheet import Choice, Day, Form, Line, Many, Maybe, Moment, Sheet, Tick
from console.words import now_text
from identity.codes import is_id
from identity.parties.service import find_party, search_organisations
from identity.roles import Role
from runtime.clock import beijing_date
from runtime.refusal import refuse
from web.node import current_node
from web.paging import PER_PAGE
from workflows.change_certificate import grant_certificate, resume_certificate
from workflows.confirm_consequence import propose_consequence

blueprint = desk("brand", __name__, Role.BRAND_OFFICER)


class SuspendForm(Form):
    """A suspension to be proposed; with `hold` printing stops at once."""

    places = {"in_the_future": "effective_at"}

    effective_at = Moment()
    reason = Line()
    document = Maybe()
    hold = Tick()


class RevokeForm(SuspendForm):
    """A revocation to be proposed, on one of the scheme's grounds or on another one."""

    ground = Choice(needed=False)


class ResumeForm(Form):
    """The end of a suspension; the document is that of the evaluation."""

    places = {"in_the_future": "effective_at"}

    effective_at = Moment()
    reason = Line()
    document = Line()


DEEDS: Mapping[str, type[Form]] = {
    "suspend": SuspendForm,
    "resume": ResumeForm,
    "revoke": RevokeForm,
}


class GrantForm(Form):
    """A certificate to be granted."""

    number = Line()
    scheme = Choice()
    holder = Choice()
    products = Many()
    from_date = Day()
    to_date = Day(needed=False)
    quantity = Maybe()
    unit = Choice(needed=False)
    effective_at = Moment()
    reason = Line()
    document = Maybe()


@blueprint.get("/")
def index() -> str:
    """Show marks that end soon, and the register."""
    node, after = current_node(), searched("after")
    scheme = request.args.get("scheme", "")
    chosen = scheme if scheme in schemes() else None
    with node.database.read() as session:
        now = node.clock.now()
        rows = register(session, now, scheme=chosen, after=after, limit=PER_PAGE + 1)
        return render_template(
            "console/brand/index.html",
            waiting=waiting(session, now),
            ending=listed(session, ending_soon(session, now)),
            rows=listed(session, rows[:PER_PAGE]),
            next_after=rows[PER_PAGE - 1].number if len(rows) > PER_PAGE else None,
            after=after,
            scheme=chosen or "",
            schemes=schemes(),
            today=beijing_date(now),
        )


@blueprint.get("/<cert_id>")
def show(cert_id: str) -> BaseResponse:
    """Show a certificate with its history."""
    return _page(cert_id, Sheet.fresh(SuspendForm, {"effective_at": now_text()}), "")


@blueprint.post("/<cert_id>/<deed>")
def decide(cert_id: str, deed: str) -> BaseResponse:
    """Propose to suspend or revoke a certificate; end a suspension."""
    if deed not in DEEDS:
        refuse(CertificationRefusal.CHANGE_UNKNOWN)
    _known(cert_id)
    sheet = Sheet.of(DEEDS[deed])
    with sheet.attempt():
        return redirect(_done(cert_id, deed, sheet), 303)
    return _page(cert_id, sheet, deed)


def _done(cert_id: str, deed: str, sheet: Sheet) -> str:
    """Do what the form asks; gives the address of the page that shows it."""
    read: dict[str, Any] = sheet.read()
    if deed == "resume":
        sheet.run(resume_certificate, ChangeCertificate(cert_id, **read))
        return url_for(".show", cert_id=cert_id)
    read["ground"] = read.get("ground") or None
    proposed = sheet.run(propose_consequence, ProposeConsequence(cert_id, Verb(deed).value, **read))
    return url_for("console.consequences.show", consequence=proposed.id)


def _known(cert_id: str) -> None:
    if not is_id(cert_id):
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)


def _page(cert_id: str, sheet: Sheet, deed: str) -> BaseResponse:
    _known(cert_id)
    node = current_node()
    with node.database.read() as session:
        now = node.clock.now()
        certificate = find(session, cert_id, now, now)
        return sheet.page(
            "console/brand/show.html",
            item=listed(session, [certificate])[0],
            changes=[
                (each, receipt(session, each.payload_id)) for each in changes_of(session, cert_id)
            ],
            runs=runs_under(session, cert_id),
            waiting=waiting_for(session, cert_id),
            change_words=CHANGE_WORDS,
            deed=deed,
        )


@blueprint.get("/grant")
def choose_holder() -> str:
    """Choose the holder of a new certificate, by name or credit code."""
    words = searched()
    with current_node().database.read() as session:
        by_code = find_party(session, words) if words else None
        found = (by_code,) if by_code else search_organisations(session, words) if words else ()
        return render_template("console/brand/holder.html", words=words, found=found)


@blueprint.route("/grant/<holder>", methods=["GET", "POST"])
def grant(holder: str) -> BaseResponse:
    """Grant a certificate."""
    node = current_node()
    today = beijing_date(node.clock.now()).isoformat()
    given = {"holder": holder, "effective_at": now_text(), "from_date": today}
    sheet = Sheet.of(GrantForm, given)
    if sheet.sent:
        with sheet.attempt():
            read = sheet.read()
            if not read["quantity"]:
                read["unit"] = None  # a unit is chosen beforehand, and means nothing alone
            decided = sheet.run(grant_certificate, GrantCertificate(**read))
            return redirect(url_for(".show", cert_id=decided.cert_id), 303)
    with node.database.read() as session:
        party = find_party(session, holder.replace("\x00", ""))
        products = own_products(session, party.id) if party else []
        return sheet.page(
            "console/brand/grant.html", party=party, products=products, schemes=schemes()
        )
