"""Use cases of certificates: grant, suspend, resume, revoke, annul.

Each locks the guard row of the certificate first (see `quotas.service`), so that a suspension and a
print run of the same certificate follow one another and never overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from certification.certificates import model
from certification.certificates.model import Change, ChangeKind, Grant, State
from certification.certificates.register import change_from, history_of
from certification.certificates.tables import CertificateRow, ChangeRow, ScopeRow
from certification.quotas import service as quotas
from certification.quotas.model import Quota, Unit
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from identity.names import text_reasons
from identity.roles import Role, require_role
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.ids import new_id
from runtime.quantities import QuantityError, parse
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

REASON_MAX = 500
DOCUMENT_MAX = 80
_UNITS: Mapping[str, Unit] = {"mass": "mg", "pieces": "piece"}


@dataclass(frozen=True)
class GrantCertificate:
    """Grant a certificate or licence.

    `quantity` and `unit` are as typed (`"46.8"`, `"吨"`); both None where the scheme bounds no
    quantity. `to_date` is the last day, Beijing time; None where the right has no end of its own.
    """

    number: str
    scheme: str
    holder: str
    products: tuple[str, ...]
    from_date: date
    to_date: date | None
    effective_at: datetime
    reason: str
    bases: tuple[str, ...] = ()
    quantity: str | None = None
    unit: str | None = None
    document: str | None = None


@dataclass(frozen=True)
class ChangeCertificate:
    """Suspend, resume or revoke a certificate from `effective_at` on."""

    cert_id: str
    effective_at: datetime
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class AnnulChange:
    """Declare decision number `annuls` of a certificate an error; it then never counted."""

    cert_id: str
    annuls: int
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class Decided:
    """A decision that was recorded: number `n` of the certificate, state at the present moment."""

    cert_id: str
    number: str
    n: int
    state: str
    payload_id: str


@dataclass(frozen=True)
class _Decision:
    """What every decision writes down."""

    kind: ChangeKind
    effective_at: datetime
    reason: str
    document: str | None
    annuls: int | None = None


def grant(work: Work, command: GrantCertificate, actor: Actor, now: datetime) -> Decided:
    """Grant a certificate; refuses what its scheme does not allow."""
    scheme = scheme_of(command.scheme)
    _check_actor(actor, command.holder)
    _check_texts(command.reason, command.document)
    if command.effective_at > now:
        refuse(CertificationRefusal.IN_THE_FUTURE, "/effective_at")
    granted, unit = _quantity(command)
    asked = _grant_from(command, granted, unit)
    model.check_grant(scheme, asked)
    _check_number_free(work, command.number)
    cert_id = new_id("cert", work.randomness)
    quotas.open_quota(work, Quota(cert_id, scheme.bound, unit, granted))
    work.add(_certificate_row(cert_id, command, scheme, asked))
    work.flush()
    work.add_all(_scope_rows(cert_id, asked))
    decision = _Decision(ChangeKind.GRANT, command.effective_at, command.reason, command.document)
    return _record(work, work.get_one(CertificateRow, cert_id), (), decision, actor, now)


def suspend(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """Suspend: the mark may not be put on goods until it is resumed."""
    return _change(work, ChangeKind.SUSPEND, command, actor, now)


def resume(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """End a suspension."""
    return _change(work, ChangeKind.RESUME, command, actor, now)


def revoke(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """Revoke for good; only an annulment can take it back."""
    return _change(work, ChangeKind.REVOKE, command, actor, now)


def annul(work: Work, command: AnnulChange, actor: Actor, now: datetime) -> Decided:
    """Declare an earlier decision an error, by a new entry that names it."""
    row, changes = _locked(work, command.cert_id)
    _check_actor(actor, row.holder)
    _check_texts(command.reason, command.document)
    corrected = model.check_annul(history_of(row, changes), command.annuls)
    decision = _Decision(
        ChangeKind.ANNUL, corrected.effective_at, command.reason, command.document, command.annuls
    )
    return _record(work, row, changes, decision, actor, now)


def _change(
    work: Work, kind: ChangeKind, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    row, changes = _locked(work, command.cert_id)
    _check_actor(actor, row.holder)
    _check_texts(command.reason, command.document)
    model.check_change(history_of(row, changes), kind, command.effective_at, now)
    decision = _Decision(kind, command.effective_at, command.reason, command.document)
    return _record(work, row, changes, decision, actor, now)


def _locked(work: Work, cert_id: str) -> tuple[CertificateRow, tuple[Change, ...]]:
    quotas.lock(work, [cert_id])
    statement = select(ChangeRow).where(ChangeRow.cert_id == cert_id).order_by(ChangeRow.n)
    changes = tuple(change_from(row) for row in work.scalars(statement))
    return work.get_one(CertificateRow, cert_id), changes


def _record(
    work: Work,
    row: CertificateRow,
    before: tuple[Change, ...],
    decision: _Decision,
    actor: Actor,
    now: datetime,
) -> Decided:
    change = Change(len(before) + 1, decision.kind, decision.effective_at, now, decision.annuls)
    state = model.decided_state(history_of(row, (*before, change)))
    written = record(
        work, _draft(work, row, change, decision, actor, state), _signer(work, actor), now
    )
    work.add(
        ChangeRow(
            cert_id=row.cert_id,
            n=change.n,
            kind=change.kind.value,
            effective_at=change.effective_at,
            recorded_at=now,
            annuls=change.annuls,
            office=actor.party,
            document=decision.document,
            reason=decision.reason,
            payload_id=written.payload_id,
        )
    )
    work.flush()
    # The entry says what the decisions make; the term is public beside it.
    return Decided(row.cert_id, row.number, change.n, state.value, written.payload_id)


def _draft(
    work: Work,
    row: CertificateRow,
    change: Change,
    decision: _Decision,
    actor: Actor,
    state: State,
) -> Draft:
    facts: dict[str, Json] = {"number": row.number, "state": state.value}
    secret: dict[str, Json] = {
        "office": actor.party,
        "document": decision.document,
        "reason": decision.reason,
    }
    if change.kind is ChangeKind.GRANT:
        facts |= _public_grant(row)
        secret |= _private_grant(work, row)
    if change.annuls is not None:
        facts["annuls"] = change.annuls
    return Draft(
        type=f"certification.certificate.{change.kind.value}",
        streams=(row.cert_id,),
        effective_at=change.effective_at,
        facts=facts,
        secrets=(Secret("record", secret, row.holder),),
    )


def _public_grant(row: CertificateRow) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "scheme": row.scheme,
        "from": row.from_date.isoformat(),
        "bound": row.bound,
    }
    if row.to_date is not None:
        facts["to"] = row.to_date.isoformat()
    if row.granted is not None and row.unit is not None:
        facts |= {"granted": row.granted, "unit": row.unit}
    return facts


def _private_grant(work: Work, row: CertificateRow) -> dict[str, Json]:
    statement = select(ScopeRow).where(ScopeRow.cert_id == row.cert_id)
    scope = sorted((item.noun, item.subject) for item in work.scalars(statement))
    return {
        "holder": row.holder,
        "scheme_version": row.scheme_version,
        "products": [subject for noun, subject in scope if noun == "product"],
        "bases": [subject for noun, subject in scope if noun == "base"],
        "typed_value": row.typed_value,
        "typed_unit": row.typed_unit,
    }


def _signer(work: Work, actor: Actor) -> Signer:
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)


def _check_actor(actor: Actor, holder: str) -> None:
    require_role(actor, Role.BRAND_OFFICER)
    if actor.party is not None and actor.party == holder:
        refuse(CertificationRefusal.OWN_CERTIFICATE)


def _check_texts(reason: str, document: str | None) -> None:
    reasons = list(text_reasons(reason, "/reason", REASON_MAX))
    if document is not None:
        reasons += text_reasons(document, "/document", DOCUMENT_MAX)
    if reasons:
        raise Refusal(*reasons)


def _check_number_free(work: Work, number: str) -> None:
    statement = select(CertificateRow.cert_id).where(CertificateRow.number == number)
    if work.scalar(statement) is not None:
        refuse(CertificationRefusal.NUMBER_TAKEN, "/number")


def _quantity(command: GrantCertificate) -> tuple[int | None, Unit | None]:
    """What is granted, in whole units; an area bounds no labels."""
    if command.quantity is None and command.unit is None:
        return None, None
    try:
        typed = parse(command.quantity or "", command.unit or "")
        granted = typed.whole()
    except QuantityError as error:
        reason = Reason(CertificationRefusal.QUANTITY_INVALID, "/quantity")
        raise Refusal(reason) from error
    unit = _UNITS.get(typed.kind)
    if unit is None:
        refuse(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")
    return granted, unit


def _grant_from(command: GrantCertificate, granted: int | None, unit: Unit | None) -> Grant:
    return Grant(
        number=command.number,
        holder=command.holder,
        products=command.products,
        bases=command.bases,
        from_date=command.from_date,
        to_date=command.to_date,
        granted=granted,
        unit=unit,
    )


def _certificate_row(
    cert_id: str, command: GrantCertificate, scheme: Scheme, asked: Grant
) -> CertificateRow:
    return CertificateRow(
        cert_id=cert_id,
        number=asked.number,
        scheme=scheme.code,
        scheme_version=scheme.version,
        holder=asked.holder,
        from_date=asked.from_date,
        to_date=asked.to_date,
        bound=scheme.bound.value,
        granted=asked.granted,
        unit=asked.unit,
        typed_value=command.quantity if asked.granted is not None else None,
        typed_unit=command.unit if asked.granted is not None else None,
    )


def _scope_rows(cert_id: str, asked: Grant) -> list[ScopeRow]:
    named: Mapping[str, tuple[str, ...]] = {"product": asked.products, "base": asked.bases}
    return [
        ScopeRow(cert_id=cert_id, noun=noun, subject=subject)
        for noun, subjects in named.items()
        for subject in subjects
    ]
