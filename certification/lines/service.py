"""Use cases of lines: add one to a certificate that has lines, and set what a line grants.

A line is one product in one season with an account of its own (`certification.quotas`); the grant
opens the first ones. A certificate keeps its number when it is granted anew, so that the next
season's output comes as a further line. What a line grants never falls below what is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from certification.certificates.model import Line, require_usable
from certification.certificates.register import Certificate, find
from certification.quotas import service as quotas
from certification.quotas.entries import AMEND
from certification.quotas.model import Quota, Unit, read_units
from certification.quotas.office import check_asking, check_office, signer_of
from certification.quotas.tables import LineAmendmentRow
from certification.refusals import CertificationRefusal
from identity.actor import Actor
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.quantities import QuantityError, parse
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json


@dataclass(frozen=True)
class AddLine:
    """Grant so much of a product in a further season, as typed."""

    cert_id: str
    product: str
    season: str
    quantity: str
    unit: str
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class AmendLine:
    """Set what the line of a product and season grants from now on, as typed."""

    cert_id: str
    product: str
    season: str
    quantity: str
    unit: str
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class LineChanged:
    """A line after it was opened or amended; `granted` and `left` in whole `unit`."""

    line_id: str
    cert_id: str
    n: int
    unit: str
    granted: int
    left: int


def add_line(work: Work, command: AddLine, actor: Actor, now: datetime) -> LineChanged:
    """Open a further line. Only a certificate whose grant had lines has more of them.

    Raises Refusal: those of `quotas.office`, CERTIFICATE_UNKNOWN and its state,
    LINE_UNKNOWN, CERTIFICATE_NOT_FOR_PRODUCT, SCOPE_REPEATED, UNIT_NOT_OF_SCHEME, QUANTITY_INVALID,
    SEASON_MALFORMED, LINES_TOO_MANY.
    """
    certificate = _locked(work, command, actor, now)
    require_usable(certificate.status)
    present = quotas.lines_of(work, command.cert_id)
    if not present:
        refuse(CertificationRefusal.LINE_UNKNOWN, "/product")
    if command.product not in certificate.products:
        refuse(CertificationRefusal.CERTIFICATE_NOT_FOR_PRODUCT, "/product")
    if any((each.product, each.season) == (command.product, command.season) for each in present):
        refuse(CertificationRefusal.SCOPE_REPEATED, "/season")
    unit = _unit_of(command.unit)
    if unit not in certificate.scheme.units:
        refuse(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")
    asked = Line(
        command.product, command.season, read_units(command.quantity, command.unit, unit), unit
    )
    decision = quotas.LineDecision(actor.party, command.document, command.reason)
    guard = Quota(certificate.cert_id, certificate.quota.bound, None, None)
    signer = signer_of(work, actor)
    number, holder = certificate.number, certificate.holder
    (line,) = quotas.open_lines(work, guard, number, holder, (asked,), signer, now, decision)
    return LineChanged(line.line_id, line.cert_id, line.n, unit, asked.granted, asked.granted)


def amend_line(work: Work, command: AmendLine, actor: Actor, now: datetime) -> LineChanged:
    """Set what a line grants.

    Raises Refusal: those of `quotas.office`, CERTIFICATE_UNKNOWN and its state,
    LINE_UNKNOWN, those of `read_units`, GRANTED_BELOW_USED_*.
    """
    certificate = _locked(work, command, actor, now)
    require_usable(certificate.status)
    line = _line(work, command)
    account = quotas.lock_branches(work, line.line_id)[line.line_id]
    granted = read_units(command.quantity, command.unit, account.unit)
    changed = quotas.grant_anew(work, line.line_id, granted)
    facts: dict[str, Json] = {
        "number": certificate.number,
        "line": line.n,
        "unit": changed.unit,
        "granted": granted,
        "left": changed.left,
    }
    row = LineAmendmentRow(
        line_id=line.line_id,
        n=_amendments(work, line.line_id) + 1,
        granted=granted,
        typed_value=command.quantity,
        typed_unit=command.unit,
        amended_at=now,
        office=actor.party,
        document=command.document,
        reason=command.reason,
    )
    row.payload_id = _log_amendment(work, row, certificate, facts, signer_of(work, actor), now)
    work.add(row)
    work.flush()
    return LineChanged(
        line.line_id, line.cert_id, line.n, changed.unit or "", granted, changed.left
    )


def _log_amendment(
    work: Work,
    row: LineAmendmentRow,
    certificate: Certificate,
    facts: dict[str, Json],
    signer: Signer,
    now: datetime,
) -> str:
    names = ("typed_value", "typed_unit", "office", "document", "reason")
    committed = {name: getattr(row, name) for name in names}
    secret = Secret("record", committed, certificate.holder)
    draft = Draft(AMEND, (certificate.cert_id, row.line_id), now, facts, (secret,))
    return record(work, draft, signer, now).payload_id


def _locked(work: Work, command: AddLine | AmendLine, actor: Actor, now: datetime) -> Certificate:
    check_asking(actor, command.reason, command.document)
    quotas.lock(work, [command.cert_id])
    certificate = find(work, command.cert_id, now, now)
    check_office(work, actor, certificate.scheme.code, (certificate.holder,), now)
    return certificate


def _line(work: Work, command: AmendLine) -> quotas.Line:
    for each in quotas.lines_of(work, command.cert_id):
        if (each.product, each.season) == (command.product, command.season):
            return each
    return refuse(CertificationRefusal.LINE_UNKNOWN, "/product")


def _amendments(work: Work, line_id: str) -> int:
    query = select(func.count()).select_from(LineAmendmentRow).filter_by(line_id=line_id)
    return work.scalar(query) or 0


def _unit_of(unit: str) -> Unit:
    try:
        kind = parse("1", unit).kind
    except QuantityError as error:
        raise Refusal(Reason(CertificationRefusal.QUANTITY_INVALID, "/unit")) from error
    if kind == "area":
        refuse(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")
    return "mg" if kind == "mass" else "piece"
