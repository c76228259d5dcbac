"""What offices decide: certificates, points, credit records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from certification.certificates.register import find
from certification.certificates.service import (
    AnnulChange,
    ChangeCertificate,
    Decided,
    GrantCertificate,
)
from certification.schemes.service import schemes
from identity.actor import Actor
from identity.parties.service import get_party
from identity.roles import Scope
from ledger.work import Work
from points.awards.model import TracedFact
from points.awards.service import award
from points.credit.records.model import CloseRecord, Ending, RecordPenalty
from points.credit.records.service import RecordedCredit, close_record, record_penalty
from points.credit.regimes.model import PenaltyClass
from points.penalties.model import DeductForPenalty
from points.penalties.service import ReverseTransfer, deduct, reverse
from points.postings.service import Transferred
from public_api.api.fields import Day, Listed, Moment, Shape, Text, Texts, Whole, named
from public_api.api.operation import Noun, Of, run
from public_api.api.reading import (
    AccountRead,
    CertificateRead,
    check_account_reader,
    read_account,
    read_certificate,
)
from trace.bases.service import require_base
from trace.products.service import require_product
from web.node import current_node
from workflows.change_certificate import (
    annul_change,
    grant_certificate,
    resume_certificate,
    revoke_certificate,
    suspend_certificate,
)

certificates = Noun(
    "certificates",
    __name__,
    url_prefix="/api/v1/certificates",
    description="Certificates and licences (证书与用标许可)",
)
points = Noun("points", __name__, url_prefix="/api/v1/points", description="Eco-points (生态积分)")
credit_records = Noun(
    "credit-records",
    __name__,
    url_prefix="/api/v1/credit-records",
    description="Credit records (信用记录)",
)


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


class ChangeBody(Shape):
    """A decision about a certificate."""

    effective_at = Moment(required=True)
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


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
            "products": tuple(
                require_product(session, each, f"/products/{index}").id
                for index, each in enumerate(body["products"])
            ),
            "bases": tuple(
                require_base(session, each, f"/bases/{index}").id
                for index, each in enumerate(body["bases"])
            ),
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


Change = Callable[[Work, ChangeCertificate, Actor, datetime], Decided]


def _change(use_case: Change, actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    return run(use_case, ChangeCertificate(cert_id=certificate, **body), actor)


@certificates.operation(
    "POST", "/<code:certificate>/suspension", Scope.CERTIFY, Decided, takes=ChangeBody
)
def suspend(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Suspend a certificate."""
    return _change(suspend_certificate, actor, body, certificate)


@certificates.operation(
    "POST", "/<code:certificate>/resumption", Scope.CERTIFY, Decided, takes=ChangeBody
)
def resume(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """End a suspension."""
    return _change(resume_certificate, actor, body, certificate)


@certificates.operation(
    "POST", "/<code:certificate>/revocation", Scope.CERTIFY, Decided, takes=ChangeBody
)
def revoke(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Revoke a certificate for good."""
    return _change(revoke_certificate, actor, body, certificate)


@certificates.operation(
    "POST", "/<code:certificate>/annulment", Scope.CERTIFY, Decided, takes=AnnulBody
)
def annul(actor: Actor, body: dict[str, Any], certificate: str) -> Any:
    """Declare an earlier decision an error, by a new entry that names it."""
    return run(annul_change, AnnulChange(cert_id=certificate, **body), actor)


class AwardBody(Shape):
    """A traced fact for which points are given; `source` and `event_id` count once."""

    kind = Text(required=True, about="A word of rule packs, such as lot.closed")
    subject = named(required=True)
    at = Moment(required=True)
    source = Text(required=True)
    event_id = Text(required=True)
    quantity = Text(load_default=None, allow_none=True)
    unit = Text(load_default=None, allow_none=True)
    attributes = Texts(load_default=dict)


class DeductBody(Shape):
    """The recorded penalty for which points are taken."""

    record_id = named(required=True)


class ReverseBody(Shape):
    """A transfer to be taken back."""

    transfer_id = named(required=True)
    event_id = Text(required=True)
    effective_at = Moment(required=True)
    reason = Text(required=True)


@points.operation("GET", "/accounts/<code:party>", Scope.POINTS, AccountRead)
def get_account(actor: Actor, party: str) -> Any:
    """Give the points account of a party: balance and every movement with its reason."""
    with current_node().database.read() as session:
        found = get_party(session, party)
        check_account_reader(actor, found.id)
        return read_account(session, found.id)


@points.operation("POST", "/awards", Scope.POINTS, Transferred, takes=AwardBody)
def give(actor: Actor, body: dict[str, Any]) -> Any:
    """Give the points that the rule pack of the fact's date gives."""
    return run(award, TracedFact(**body), actor)


@points.operation("POST", "/deductions", Scope.POINTS, Transferred, takes=DeductBody)
def take(actor: Actor, body: dict[str, Any]) -> Any:
    """Take the points that the rule pack takes for a recorded penalty."""
    return run(deduct, DeductForPenalty(**body), actor)


@points.operation("POST", "/reversals", Scope.POINTS, Transferred, takes=ReverseBody)
def take_back(actor: Actor, body: dict[str, Any]) -> Any:
    """Take back a transfer because its reason fell away."""
    return run(reverse, ReverseTransfer(**body), actor)


class PenaltyBody(Shape):
    """An administrative penalty to be entered."""

    subject = named(required=True)
    document_number = Text(required=True)
    authority = Text(required=True)
    decided = Day(required=True)
    penalty_class = Text(required=True, words=PenaltyClass)
    offence = Text(required=True)
    finding = Text(load_default="proved")
    occurred_at = Moment(required=True)
    basis = Text(required=True)
    narrative = Text(required=True)
    disclosure_start = Day(load_default=None, allow_none=True)
    disclosure_end = Day(load_default=None, allow_none=True)


class EndingBody(Shape):
    """How a record ends."""

    ending = Text(required=True, words=Ending)
    effective_at = Moment(required=True)
    document_number = Text(required=True)


@credit_records.operation("POST", "", Scope.CREDIT, RecordedCredit, takes=PenaltyBody)
def enter(actor: Actor, body: dict[str, Any]) -> Any:
    """Enter an administrative penalty of an organisation."""
    return run(record_penalty, RecordPenalty(**body), actor)


@credit_records.operation(
    "POST", "/<code:record>/closing", Scope.CREDIT, RecordedCredit, takes=EndingBody
)
def close(actor: Actor, body: dict[str, Any], record: str) -> Any:
    """End a record by repair or withdrawal."""
    return run(close_record, CloseRecord(record_id=record, **body), actor)
