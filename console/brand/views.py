"""Brand office: register, one certificate with its decisions, granting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.certificates.register import ending_soon, find, register
from certification.certificates.service import ChangeCertificate, Decided, GrantCertificate
from certification.refusals import CertificationRefusal
from certification.schemes.service import schemes
from console.brand.reading import changes_of, listed, runs_under
from console.doors import desk
from console.reading import receipt, searched
from console.registers.reading import own_products
from console.sheet import Choice, Day, Form, Line, Many, Maybe, Moment, Sheet
from console.words import now_text
from identity.codes import is_id
from identity.parties.service import find_party, search_organisations
from identity.roles import Role
from runtime.clock import beijing_date
from runtime.refusal import refuse
from web.node import current_node
from web.paging import PER_PAGE
from workflows.change_certificate import (
    Change,
    grant_certificate,
    resume_certificate,
    revoke_certificate,
    suspend_certificate,
)

blueprint = desk("brand", __name__, Role.BRAND_OFFICER)

DEEDS: Mapping[str, Change] = {
    "suspend": suspend_certificate,
    "resume": resume_certificate,
    "revoke": revoke_certificate,
}


class ChangeForm(Form):
    """A decision about a certificate."""

    places = {"in_the_future": "effective_at"}

    effective_at = Moment()
    reason = Line()
    document = Maybe()


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
    return _page(cert_id, Sheet.fresh(ChangeForm, {"effective_at": now_text()}), "")


@blueprint.post("/<cert_id>/<deed>")
def decide(cert_id: str, deed: str) -> BaseResponse:
    """Suspend, resume or revoke a certificate."""
    if deed not in DEEDS:
        refuse(CertificationRefusal.CHANGE_UNKNOWN)
    _known(cert_id)
    sheet = Sheet.of(ChangeForm)
    with sheet.attempt():
        read = sheet.read()
        use_case: Callable[..., Decided] = DEEDS[deed]
        sheet.run(use_case, ChangeCertificate(cert_id, **read))
        return redirect(url_for(".show", cert_id=cert_id), 303)
    return _page(cert_id, sheet, deed)


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
