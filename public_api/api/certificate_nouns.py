"""Certificates and licences: record, change, end, ask about, print as a sealed paper.

A grant by a case is an action of the case (`case_nouns`); here decisions taken elsewhere or before
are recorded. Suspending and revoking are proposed here and confirmed in `consequence_nouns`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from certification.certificates.commands import (
    AmendCertificate,
    AnnulChange,
    ChangeCertificate,
    ConfirmCertificate,
    Decided,
    GrantCertificate,
    GrantLine,
    MarkDay,
    SucceedCertificate,
)
from certification.certificates.register import FieldChange, field_history, find
from certification.consequences.model import Verb
from certification.consequences.service import ConsequenceResult, ProposeConsequence
from certification.lines import service as line_service
from certification.lines.service import AddLine, AmendLine, LineChanged
from certification.papers import service as paper_service
from certification.papers.seals import load_seal
from certification.papers.service import IssuedPaper, Paper, PaperCheck
from certification.refusals import CertificationRefusal
from certification.schemes.service import schemes
from certification.statuses.service import StatusQuestion, answer_status
from identity.actor import Actor
from identity.parties.service import get_party
from identity.roles import Scope
from ledger.work import Work
from public_api.api.evidence_nouns import file_answer
from public_api.api.fields import Day, Flag, Listed, Moment, Part, Shape, Text, Whole, named
from public_api.api.operation import Noun, Of, run
from public_api.api.permit_nouns import check_parties
from public_api.api.reading import CertificateRead, read_certificate
from runtime.media import BYTES_MAX, PDF
from runtime.refusal import refuse
from trace.bases.service import require_base
from trace.products.service import require_product
from web.node import current_node
from workflows.amend_certificate import (
    amend_certificate,
    cancel_certificate,
    confirm_certificate,
    pass_on_certificate,
    supersede_certificate,
)
from workflows.change_certificate import annul_change, grant_certificate, resume_certificate
from workflows.confirm_consequence import propose_consequence
from workflows.issue_paper import IssueCertificatePaper, issue_paper

certificates = Noun(
    "certificates",
    __name__,
    url_prefix="/api/v1/certificates",
    description="Certificates and licences (证书与用标许可)",
)
SIGNED = "application/jwt"
NONCE = r"^[A-Za-z0-9._~-]{8,128}$"


class GrantLineShape(Shape):
    """One line of a grant: so much of a product in a season."""

    product = named(required=True, about="Code, GTIN-14 or id")
    season = Text(required=True, most=40)
    quantity = Text(required=True, most=40)
    unit = Text(required=True, most=16)


class GrantBody(Shape):
    """A certificate or licence to be granted."""

    number = Text(required=True)
    scheme = Text(required=True, words=schemes())
    holder = named(required=True, about="Id or credit code of the party")
    products = Listed(named(), required=True, about="Codes, GTIN-14s or ids")
    bases = Listed(named(), load_default=())
    from_date = Day(required=True)
    to_date = Day(load_default=None, allow_none=True)
    effective_at = Moment(required=True)
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)
    quantity = Text(load_default=None, allow_none=True, about="A decimal as text")
    unit = Text(load_default=None, allow_none=True)
    lines = Listed(Part(GrantLineShape), load_default=())
    mark_from = Day(load_default=None, allow_none=True)
    confirm_by = Day(load_default=None, allow_none=True)
    body = named(load_default=None, allow_none=True, about="The party that answers for it")


class ChangeBody(Shape):
    """A decision about a certificate."""

    effective_at = Moment(required=True)
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


class ProposeBody(ChangeBody):
    """A suspension to be proposed; `hold` stops printing at once, for 72 hours at most."""

    hold = Flag(load_default=False)


class RevokeBody(ProposeBody):
    """A revocation to be proposed."""

    ground = Text(load_default=None, allow_none=True, most=40, about="A ground of the scheme")


class AnnulBody(Shape):
    """Which decision was an error, and why."""

    annuls = Whole(required=True)
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


@certificates.operation("POST", "", Scope.CERTIFY, Decided, takes=GrantBody)
def create_certificate(actor: Actor, body: dict[str, Any]) -> Of:
    """Grant a certificate or licence."""
    with current_node().database.read() as session:
        named_ids = {
            "holder": get_party(session, body["holder"]).id,
            "products": _ids(session, "products", body["products"]),
            "bases": _ids(session, "bases", body["bases"]),
            "lines": tuple(
                GrantLine(
                    **{
                        **each,
                        "product": require_product(session, each["product"], f"/lines/{n}").id,
                    }
                )
                for n, each in enumerate(body["lines"])
            ),
            "body": None if body["body"] is None else get_party(session, body["body"]).id,
        }
    decided = run(grant_certificate, GrantCertificate(**{**body, **named_ids}), actor)
    return Of(decided, f"/certificates/{decided.cert_id}")


@certificates.operation("GET", "/<code:certificate>", Scope.QUERY, CertificateRead)
def get_certificate(actor: Actor, certificate: str) -> Any:
    """Give a certificate with its state now, its quantity and its history, which are public."""
    node = current_node()
    now = node.clock.now()
    with node.database.read() as session:
        return read_certificate(find(session, certificate, now, now))


@certificates.operation(
    "POST", "/<code:certificate>/suspension", Scope.CERTIFY, ConsequenceResult, takes=ProposeBody
)
def create_suspension(actor: Actor, body: dict[str, Any], certificate: str) -> Of:
    """Propose to suspend a certificate; a second person confirms."""
    return _proposed(Verb.SUSPEND, actor, body, certificate)


@certificates.operation(
    "POST", "/<code:certificate>/revocation", Scope.CERTIFY, ConsequenceResult, takes=RevokeBody
)
def create_revocation(actor: Actor, body: dict[str, Any], certificate: str) -> Of:
    """Propose to revoke a certificate for good; a second person confirms."""
    return _proposed(Verb.REVOKE, actor, body, certificate)


def _proposed(verb: Verb, actor: Actor, body: dict[str, Any], certificate: str) -> Of:
    command = ProposeConsequence(certificate, verb.value, **body)
    proposed = run(propose_consequence, command, actor)
    return Of(proposed, f"/consequences/{proposed.id}")


@certificates.operation(
    "POST", "/<code:certificate>/resumption", Scope.CERTIFY, Decided, takes=ChangeBody
)
def resume(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """End a suspension after an evaluation, whose document is named."""
    return run(resume_certificate, ChangeCertificate(cert_id=certificate, **body), actor)


@certificates.operation(
    "POST", "/<code:certificate>/annulment", Scope.CERTIFY, Decided, takes=AnnulBody
)
def annul(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Declare an earlier decision an error, by a new entry that names it."""
    return run(annul_change, AnnulChange(cert_id=certificate, **body), actor)


# ---- amending and ending -----------------------------------------------------------------------


class MarkDayShape(Shape):
    """The first day of the mark on goods of one product or from one base (conversion)."""

    subject = named(required=True)
    mark_from = Day(required=True)


class AmendBody(ChangeBody):
    """What changes; what is absent stays. A renewal gives both days."""

    products = Listed(named(), load_default=None, allow_none=True, about="The whole list")
    bases = Listed(named(), load_default=None, allow_none=True, about="The whole list")
    mark_from = Day(load_default=None, allow_none=True)
    mark_days = Listed(Part(MarkDayShape), load_default=())
    from_date = Day(load_default=None, allow_none=True)
    to_date = Day(load_default=None, allow_none=True)
    endless = Flag(load_default=False)
    confirm_by = Day(load_default=None, allow_none=True)
    quantity = Text(most=40, load_default=None, allow_none=True)
    unit = Text(most=16, load_default=None, allow_none=True)


class ConfirmYearBody(ChangeBody):
    """A confirmation for a further year."""

    confirm_by = Day(required=True, about="The day after which it lapses")


class SucceedBody(ChangeBody):
    """The certificate that takes the place."""

    successor = Text(required=True, most=40, about="Its number")
    successor_scheme = Text(load_default=None, allow_none=True, words=schemes())


class CertificateLineBody(Shape):
    """What a line grants: so much of a product in a season."""

    product = named(required=True, about="Code, GTIN-14 or id")
    season = Text(required=True, most=40)
    quantity = Text(required=True, most=40)
    unit = Text(required=True, most=16)
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


@dataclass(frozen=True)
class FieldHistory:
    """Which decision changed which field, in the order in which they were recorded."""

    cert_id: str
    changes: tuple[FieldChange, ...]


@certificates.operation(
    "POST", "/<code:certificate>/amendment", Scope.CERTIFY, Decided, takes=AmendBody
)
def amend(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Change scope, term or quantity."""
    with current_node().database.read() as session:
        for noun in ("products", "bases"):
            if body[noun] is not None:
                body[noun] = _ids(session, noun, body[noun])
    body["mark_days"] = tuple(MarkDay(**each) for each in body["mark_days"])
    return run(amend_certificate, AmendCertificate(cert_id=certificate, **body), actor)


@certificates.operation(
    "POST", "/<code:certificate>/confirmation", Scope.CERTIFY, Decided, takes=ConfirmYearBody
)
def confirm(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Confirm a certificate for a further year."""
    return run(confirm_certificate, ConfirmCertificate(cert_id=certificate, **body), actor)


@certificates.operation(
    "POST", "/<code:certificate>/cancellation", Scope.CERTIFY, Decided, takes=ChangeBody
)
def cancel(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """End a certificate that its holder gives up."""
    return run(cancel_certificate, ChangeCertificate(cert_id=certificate, **body), actor)


Succeed = Callable[[Work, SucceedCertificate, Actor, datetime], Decided]


def _succeed(use_case: Succeed, actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    return run(use_case, SucceedCertificate(cert_id=certificate, **body), actor)


@certificates.operation(
    "POST", "/<code:certificate>/supersession", Scope.CERTIFY, Decided, takes=SucceedBody
)
def supersede(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Let another certificate of the same holder take the place."""
    return _succeed(supersede_certificate, actor, body, certificate)


@certificates.operation(
    "POST", "/<code:certificate>/passing-on", Scope.CERTIFY, Decided, takes=SucceedBody
)
def pass_on(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Let a certificate of another holder take the place."""
    return _succeed(pass_on_certificate, actor, body, certificate)


@certificates.operation(
    "POST", "/<code:certificate>/lines", Scope.CERTIFY, LineChanged, takes=CertificateLineBody
)
def add_line(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Grant a further line to a certificate that has lines."""
    return run(line_service.add_line, AddLine(certificate, **_line(body)), actor)


@certificates.operation(
    "POST", "/<code:certificate>/lines/amendment", Scope.CERTIFY, LineChanged,
    takes=CertificateLineBody,
)  # fmt: skip
def amend_line(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Set what a line grants."""
    return run(line_service.amend_line, AmendLine(certificate, **_line(body)), actor)


@certificates.operation("GET", "/<code:certificate>/fields", Scope.QUERY, FieldHistory)
def get_fields(actor: Actor, certificate: str) -> Any:
    """Give the history of every field."""
    now = current_node().clock.now()
    with current_node().database.read() as session:
        found = find(session, certificate, now, now)
        return FieldHistory(found.cert_id, field_history(found))


def _ids(session: Session, noun: str, given: tuple[str, ...]) -> tuple[str, ...]:
    require: Callable[[Session, str, str], Any]
    require = require_product if noun == "products" else require_base
    return tuple(require(session, each, f"/{noun}/{n}").id for n, each in enumerate(given))


def _product(session: Session, given: str, pointer: str) -> str:
    return require_product(session, given, pointer).id


def _line(body: dict[str, Any]) -> dict[str, Any]:
    with current_node().database.read() as session:
        return {**body, "product": _product(session, body["product"], "/product")}


# ---- status and papers -------------------------------------------------------------------------


class StatusAsked(Shape):
    """At which moment, as known at which; now where absent. The nonce comes back."""

    at = Moment(load_default=None)
    as_known_at = Moment(load_default=None)
    nonce = Text(required=True, most=128)


@dataclass(frozen=True)
class SignedAnswer:
    """A compact JWS of type `ecotrace-status+jwt`; see docs/status-answers.md."""

    token: str


@dataclass(frozen=True)
class PaperList:
    """The papers of a certificate, the newest first; `digest` is the SHA-256 of the file."""

    papers: tuple[Paper, ...]


@dataclass(frozen=True)
class PaperCheckRead:
    """What a check of a paper found; `issued` names the paper where this node issued it."""

    holds: bool
    fault: str | None
    digest: str
    signed_at: datetime | None
    signer: str | None
    issued: Paper | None


@certificates.operation(
    "GET", "/<code:certificate>/status", Scope.QUERY, SignedAnswer, asks=StatusAsked,
    file=(SIGNED,),
)  # fmt: skip
def get_status(actor: Actor, asked: dict[str, Any], certificate: str) -> Response:
    """Answer whether it was valid at a moment, signed, with the log entries that prove it."""
    node, now = current_node(), current_node().clock.now()
    with node.database.read() as session:
        found = find(session, certificate, now, now)
        question = StatusQuestion(
            found.number, asked["at"] or now, asked["as_known_at"] or now, asked["nonce"],
            found.scheme.code,
        )  # fmt: skip
        signed = answer_status(session, node.vault, question, now)
    response = Response(signed.token, mimetype=SIGNED)
    response.headers["Cache-Control"] = "no-store"
    return response


@certificates.operation("POST", "/<code:certificate>/papers", Scope.CERTIFY, IssuedPaper)
def create_paper(actor: Actor, certificate: str) -> Of:
    """Issue a sealed paper of a certificate as it is now."""
    settings = current_node().settings
    order = IssueCertificatePaper(certificate, settings.base_url.rstrip("/"), settings.demo)
    made = run(issue_paper, order, actor)
    return Of(made, f"/certificates/{made.cert_id}/papers/{made.paper_id}")


@certificates.operation("GET", "/<code:certificate>/papers", Scope.CERTIFY, PaperList)
def list_papers(actor: Actor, certificate: str) -> Any:
    """List the papers of a certificate, for its holder and for offices."""
    with current_node().database.read() as session:
        return PaperList(_papers(session, actor, certificate))


@certificates.operation(
    "GET", "/<code:certificate>/papers/<code:paper>", Scope.CERTIFY, Paper, file=(PDF,)
)
def get_paper(actor: Actor, certificate: str, paper: str) -> Response:
    """Give a paper as it was issued."""
    node = current_node()
    with node.database.read() as session:
        if paper not in {each.paper_id for each in _papers(session, actor, certificate)}:
            refuse(CertificationRefusal.PAPER_UNKNOWN)
        return file_answer(paper_service.read_paper(session, node.vault, paper), PDF)


@certificates.operation(
    "POST", "/papers/check", Scope.QUERY, PaperCheckRead, sent=(PDF,), most_bytes=BYTES_MAX
)
def check_paper(actor: Actor, pdf: bytes) -> Any:
    """Check a paper against this node's seal: one flipped bit is found."""
    node = current_node()
    found: PaperCheck = paper_service.check(pdf, (load_seal(node.vault).root,))
    with node.database.read() as session:
        issued = paper_service.find_digest(session, found.digest)
    fault = None if found.fault is None else found.fault.code
    return PaperCheckRead(found.holds, fault, found.digest, found.signed_at, found.signer, issued)


def _papers(session: Session, actor: Actor, certificate: str) -> tuple[Paper, ...]:
    now = current_node().clock.now()
    found = find(session, certificate, now, now)
    check_parties(actor, found.holder)
    return paper_service.papers_of(session, found.cert_id)
