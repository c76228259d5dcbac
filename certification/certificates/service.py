"""Use cases of certificates: grant, amend, confirm, suspend, resume, revoke, cancel, supersede,
pass on, transfer to another body, annul.

Each locks the guard row of the certificate first (see `quotas.service`), so that a suspension and a
print run of the same certificate follow one another and never overlap. Nothing is written before
all rules have passed, and each decision is one entry of the certificate's stream.

Who may: a decision of a case (`basis="case"`, or a `case_id`) was checked by the case's guards and
is asked for by `cases.service` only; no form and no address sets these members. Everything else
needs a brand office or a decider, and a record (补录) of a decision taken elsewhere `_may_record`.
Nobody decides about a certificate of their own party.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from certification.bodies.service import require_appointed
from certification.certificates import model
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
    TransferBody,
)
from certification.certificates.entries import entry_type
from certification.certificates.model import (
    Amendment,
    Change,
    ChangeKind,
    Fields,
    Grant,
    History,
    Line,
    Term,
)
from certification.certificates.register import Rows, find_number, present_quantity, rows_of
from certification.certificates.tables import AmendmentRow, CertificateRow, ChangeRow, ScopeRow
from certification.numbers.model import Facts
from certification.numbers.service import number_reasons
from certification.quotas import service as quotas
from certification.quotas.model import Quota, Unit, line_reasons
from certification.refusals import CertificationRefusal
from certification.schemes.model import Function, Scheme
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from identity.names import text_reasons
from identity.parties.service import find_party
from identity.roles import Role, require_role
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.clock import beijing_date, instant_text
from runtime.ids import new_id
from runtime.quantities import QuantityError, parse
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

__all__ = [
    "AmendCertificate", "AnnulChange", "ChangeCertificate", "ConfirmCertificate", "Decided",
    "GrantCertificate", "GrantLine", "MarkDay", "SucceedCertificate", "TransferBody",
    "amend", "annul", "cancel", "confirm", "grant", "pass_on", "resume", "revoke", "supersede",
    "suspend", "transfer_bodies", "transfer_body",
]  # fmt: skip

REASON_MAX = 500
DOCUMENT_MAX = 80
_UNITS: Mapping[str, Unit] = {"mass": "mg", "pieces": "piece"}


@dataclass(frozen=True)
class _Decision:
    """What a decision writes down: its row, the facts beside number and state, what it commits."""

    kind: ChangeKind
    effective_at: datetime
    reason: str
    document: str | None
    case_id: str | None = None
    annuls: int | None = None
    confirm_by: date | None = None
    successor: str | None = None
    successor_scheme: str | None = None
    to: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    secret: Mapping[str, Json] = field(default_factory=dict)


def grant(work: Work, command: GrantCertificate, actor: Actor, now: datetime) -> Decided:
    """Grant or record a certificate; refuses what its scheme does not allow."""
    scheme = scheme_of(command.scheme, command.scheme_version)
    _check_basis(work, scheme, command, actor, now)
    _check_texts(command.reason, command.document)
    if command.effective_at > now:
        refuse(CertificationRefusal.IN_THE_FUTURE, "/effective_at")
    asked = _grant_from(command)
    model.check_grant(scheme, asked, _about_number(work, scheme, asked))
    _check_lines(asked)
    _check_body(work, command.body, "/body")
    _check_number_free(work, command.scheme, command.number)
    cert_id = new_id("cert", work.randomness)
    quota = Quota(cert_id, scheme.bound, asked.unit, asked.granted)
    quotas.open_quota(work, quota)
    row = _certificate_row(cert_id, command, scheme, asked)
    work.add(row)
    work.flush()
    work.add_all(_scope_rows(cert_id, 1, asked.products, asked.bases, asked.marks))
    decision = _Decision(
        ChangeKind.GRANT, command.effective_at, command.reason, command.document, command.case_id,
        facts=_public_grant(row, asked.marks), secret=_private_grant(row, asked, command.lines),
    )  # fmt: skip
    decided = _record(work, Rows(row, (), (), ()), decision, actor, now)
    if asked.lines:
        signer = _signer(work, actor)
        quotas.open_lines(work, quota, row.number, row.holder, asked.lines, signer, now)
    return decided


def amend(work: Work, command: AmendCertificate, actor: Actor, now: datetime) -> Decided:
    """Change scope, term or quantity; refuses what history, scheme or used quantity forbid."""
    rows = _locked(work, command.cert_id)
    _check_actor(work, rows, actor, command.case_id, now)
    _check_texts(command.reason, command.document)
    scheme, history = scheme_of(rows.certificate.scheme), rows.history()
    amendment = _amendment_from(command, rows, now)
    model.check_amendment(scheme, history, amendment, command.effective_at, now)
    _check_present_quantity(rows, amendment)
    n = len(rows.changes) + 1
    row = _amendment_row(n, command, amendment)
    if amendment.granted is not None:
        quotas.grant_anew(work, command.cert_id, amendment.granted)
    work.add(row)
    work.add_all(_amended_scope(command.cert_id, n, amendment))
    decision = _Decision(
        ChangeKind.AMEND, command.effective_at, command.reason, command.document, command.case_id,
        facts=_public_amendment(row, amendment), secret=_private_amendment(row, amendment),
    )  # fmt: skip
    return _record(work, rows, decision, actor, now)


def confirm(work: Work, command: ConfirmCertificate, actor: Actor, now: datetime) -> Decided:
    """Confirm for a further year; refuses where nothing is to be confirmed, and what has lapsed."""
    rows = _locked(work, command.cert_id)
    _check_actor(work, rows, actor, command.case_id, now)
    _check_texts(command.reason, command.document)
    model.check_confirmation(rows.history(), command.confirm_by, command.effective_at, now)
    decision = _Decision(
        ChangeKind.CONFIRM, command.effective_at, command.reason, command.document, command.case_id,
        confirm_by=command.confirm_by, facts={"confirm_by": command.confirm_by.isoformat()},
    )  # fmt: skip
    return _record(work, rows, decision, actor, now)


def suspend(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """Suspend: the mark may not be put on goods until it is resumed."""
    return _change(work, ChangeKind.SUSPEND, command, actor, now)


def resume(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """End a suspension."""
    return _change(work, ChangeKind.RESUME, command, actor, now)


def revoke(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """Revoke for good; only an annulment can take it back."""
    return _change(work, ChangeKind.REVOKE, command, actor, now)


def cancel(work: Work, command: ChangeCertificate, actor: Actor, now: datetime) -> Decided:
    """End it because its holder gives it up."""
    return _change(work, ChangeKind.CANCEL, command, actor, now)


def supersede(work: Work, command: SucceedCertificate, actor: Actor, now: datetime) -> Decided:
    """Let another certificate of the same holder take the place (换发)."""
    return _succeed(work, ChangeKind.SUPERSEDE, command, actor, now)


def pass_on(work: Work, command: SucceedCertificate, actor: Actor, now: datetime) -> Decided:
    """Let a certificate of another holder take the place: goods, base and right have moved."""
    return _succeed(work, ChangeKind.PASS_ON, command, actor, now)


def transfer_body(work: Work, command: TransferBody, actor: Actor, now: datetime) -> Decided:
    """Let another body answer for it, by an entry that this body signs.

    State, number, id and QR code stay. `actor` is checked by the move that this belongs to.
    """
    return transfer_bodies(work, (command,), actor, now)[0]


def transfer_bodies(
    work: Work, commands: Sequence[TransferBody], actor: Actor, now: datetime
) -> tuple[Decided, ...]:
    """As `transfer_body` for several certificates, all of them locked and read at once."""
    cert_ids = [each.cert_id for each in commands]
    quotas.lock(work, cert_ids)
    stored = select(CertificateRow).where(CertificateRow.cert_id.in_(cert_ids))
    found = rows_of(work, list(work.scalars(stored)))
    by_id = {rows.certificate.cert_id: rows for rows in found}
    for body in sorted({each.to for each in commands}):
        _check_body(work, body, "/to")
    return tuple(_transferred(work, by_id[each.cert_id], each, actor, now) for each in commands)


def _transferred(
    work: Work, rows: Rows, command: TransferBody, actor: Actor, now: datetime
) -> Decided:
    _check_not_own(rows.certificate.holder, actor)
    _check_texts(command.reason, command.document)
    model.check_change(rows.history(), ChangeKind.TRANSFER_BODY, command.effective_at, now)
    if command.to == _present_body(rows):
        refuse(CertificationRefusal.BODY_INVALID, "/to")
    decision = _Decision(
        ChangeKind.TRANSFER_BODY, command.effective_at, command.reason, command.document,
        to=command.to, facts={"to": command.to}, secret={"move": command.move_id},
    )  # fmt: skip
    return _record(work, rows, decision, actor, now, signer_for(work, command.to))


def annul(work: Work, command: AnnulChange, actor: Actor, now: datetime) -> Decided:
    """Declare an earlier decision an error, by a new entry that names it.

    Refused too where labels were printed for a quantity that only that decision granted.
    """
    rows = _locked(work, command.cert_id)
    _check_actor(work, rows, actor, None, now)
    _check_texts(command.reason, command.document)
    corrected = model.check_annul(rows.history(), command.annuls)
    decision = _Decision(
        ChangeKind.ANNUL, corrected.effective_at, command.reason, command.document,
        annuls=command.annuls, facts={"annuls": command.annuls},
    )  # fmt: skip
    _give_back_quantity(work, rows, _made(rows, decision, now))
    return _record(work, rows, decision, actor, now)


def _change(
    work: Work, kind: ChangeKind, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    rows = _locked(work, command.cert_id)
    _check_actor(work, rows, actor, command.case_id, now)
    _check_texts(command.reason, command.document)
    model.check_change(rows.history(), kind, command.effective_at, now)
    decision = _Decision(
        kind, command.effective_at, command.reason, command.document, command.case_id
    )
    return _record(work, rows, decision, actor, now)


def _succeed(
    work: Work, kind: ChangeKind, command: SucceedCertificate, actor: Actor, now: datetime
) -> Decided:
    rows = _locked(work, command.cert_id)
    _check_actor(work, rows, actor, command.case_id, now)
    _check_texts(command.reason, command.document)
    model.check_change(rows.history(), kind, command.effective_at, now)
    scheme = command.successor_scheme or rows.certificate.scheme
    successor = find_number(work, command.successor, now, now, scheme)
    if successor.cert_id == command.cert_id:
        refuse(CertificationRefusal.SUCCESSOR_NOT_VALID, "/successor")
    same_holder = successor.holder == rows.certificate.holder
    model.check_successor(kind, same_holder, successor.status)
    decision = _Decision(
        kind, command.effective_at, command.reason, command.document, command.case_id,
        successor=successor.number, successor_scheme=scheme,
        facts={"successor": successor.number, "successor_scheme": scheme},
    )  # fmt: skip
    return _record(work, rows, decision, actor, now)


def _locked(work: Work, cert_id: str) -> Rows:
    quotas.lock(work, [cert_id])
    (rows,) = rows_of(work, [work.get_one(CertificateRow, cert_id)])
    return rows


def _made(rows: Rows, decision: _Decision, now: datetime) -> History:
    """The history with this decision."""
    before = rows.history()
    change = Change(
        n=len(rows.changes) + 1,
        kind=decision.kind,
        effective_at=decision.effective_at,
        recorded_at=now,
        annuls=decision.annuls,
        confirm_by=decision.confirm_by,
        successor=decision.successor,
        to=decision.to,
    )
    return History(before.terms, (*before.changes, change))


def _record(
    work: Work,
    rows: Rows,
    decision: _Decision,
    actor: Actor,
    now: datetime,
    signer: Signer | None = None,
) -> Decided:
    row, history = rows.certificate, _made(rows, decision, now)
    # The entry says what the decisions make; the term is public beside it.
    state = model.decided_state(history).value
    draft = _draft(row, decision, actor, state, now)
    written = record(work, draft, signer or _signer(work, actor), now)
    n = len(history.changes)
    work.add(_change_row(row.cert_id, n, decision, actor, now, written.payload_id))
    work.flush()
    return Decided(row.cert_id, row.number, n, state, written.payload_id)


def _draft(
    row: CertificateRow, decision: _Decision, actor: Actor, state: str, now: datetime
) -> Draft:
    facts = {"number": row.number, "state": state, "recorded_at": instant_text(now)}
    secret: dict[str, Json] = {
        "office": actor.party,
        "document": decision.document,
        "reason": decision.reason,
        "case": decision.case_id,
    }
    return Draft(
        type=entry_type(decision.kind),
        streams=(row.cert_id,),
        effective_at=decision.effective_at,
        facts=facts | dict(decision.facts),
        secrets=(Secret("record", secret | dict(decision.secret), row.holder),),
    )


def _change_row(
    cert_id: str, n: int, decision: _Decision, actor: Actor, now: datetime, payload_id: str
) -> ChangeRow:
    return ChangeRow(
        cert_id=cert_id,
        n=n,
        kind=decision.kind.value,
        effective_at=decision.effective_at,
        recorded_at=now,
        annuls=decision.annuls,
        confirm_by=decision.confirm_by,
        successor=decision.successor,
        successor_scheme=decision.successor_scheme,
        to=decision.to,
        case_id=decision.case_id,
        office=actor.party,
        document=decision.document,
        reason=decision.reason,
        payload_id=payload_id,
    )


# --- What is public and what is committed ----------------------------------------------------


def _public_grant(row: CertificateRow, marks: Mapping[str, date]) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "scheme": row.scheme,
        "from": row.from_date.isoformat(),
        "bound": row.bound,
        "basis": row.basis,
    }
    if row.body is not None:
        facts["body"] = row.body
    return facts | _public_days(row, marks) | _public_quantity(row)


def _public_amendment(row: AmendmentRow, amendment: Amendment) -> dict[str, Json]:
    facts: dict[str, Json] = {}
    if row.from_date is not None:
        facts["from"] = row.from_date.isoformat()
    return facts | _public_days(row, amendment.marks) | _public_quantity(row)


def _public_days(row: CertificateRow | AmendmentRow, marks: Mapping[str, date]) -> dict[str, Json]:
    mark_from = max(marks.values(), default=None)
    days = {"to": row.to_date, "confirm_by": row.confirm_by, "mark_from": mark_from}
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _public_quantity(row: CertificateRow | AmendmentRow) -> dict[str, Json]:
    if row.granted is None or row.unit is None:
        return {}
    return {"granted": row.granted, "unit": row.unit}


def _private_grant(
    row: CertificateRow, asked: Grant, lines: Sequence[GrantLine]
) -> dict[str, Json]:
    return {
        "holder": row.holder,
        "scheme_version": row.scheme_version,
        **_private_scope(asked.products, asked.bases, asked.marks),
        **_private_quantity(row),
        "lines": [[line.product, line.season, line.quantity, line.unit] for line in lines],
    }


def _private_amendment(row: AmendmentRow, amendment: Amendment) -> dict[str, Json]:
    secret = _private_quantity(row)
    if amendment.products is not None:
        secret |= _private_scope(amendment.products, amendment.bases or (), amendment.marks)
    return secret


def _private_scope(
    products: Sequence[str], bases: Sequence[str], marks: Mapping[str, date]
) -> dict[str, Json]:
    return {
        "products": [*sorted(products)],
        "bases": [*sorted(bases)],
        "marks": [[subject, marks[subject].isoformat()] for subject in sorted(marks)],
    }


def _private_quantity(row: CertificateRow | AmendmentRow) -> dict[str, Json]:
    return {"typed_value": row.typed_value, "typed_unit": row.typed_unit}


# --- Who may ---------------------------------------------------------------------------------


def _check_basis(
    work: Work, scheme: Scheme, command: GrantCertificate, actor: Actor, now: datetime
) -> None:
    """A grant follows from a case, or records what was decided elsewhere or before."""
    _check_not_own(command.holder, actor)
    if command.basis == "case":
        assert command.case_id is not None, "only a case grants"
        return
    _may_record(work, scheme, actor, now)
    if not scheme.may_be_recorded(beijing_date(now)):
        refuse(CertificationRefusal.CASE_REQUIRED, "/scheme")
    if command.document is None and not actor.is_platform:
        refuse(CertificationRefusal.DOCUMENT_REQUIRED, "/document")


def _may_record(work: Work, scheme: Scheme, actor: Actor, now: datetime) -> None:
    """The one place that says who may record and change certificates of a scheme by themselves.

    A brand officer or decider, of the scheme's office or of a body that serves it now.
    """
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    require_appointed(work, actor, scheme.code, (Function.OFFICE, Function.BODY), now)


def _check_actor(work: Work, rows: Rows, actor: Actor, case_id: str | None, now: datetime) -> None:
    _check_not_own(rows.certificate.holder, actor)
    if case_id is None:
        _may_record(work, scheme_of(rows.certificate.scheme), actor, now)


def _check_not_own(holder: str, actor: Actor) -> None:
    if actor.party is not None and actor.party == holder:
        refuse(CertificationRefusal.OWN_CERTIFICATE)


def _signer(work: Work, actor: Actor) -> Signer:
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)


# --- What else is checked --------------------------------------------------------------------


def _check_texts(reason: str, document: str | None) -> None:
    reasons = list(text_reasons(reason, "/reason", REASON_MAX))
    if document is not None:
        reasons += text_reasons(document, "/document", DOCUMENT_MAX)
    if reasons:
        raise Refusal(*reasons)


def _about_number(work: Work, scheme: Scheme, asked: Grant) -> tuple[Reason, ...]:
    """What the number says of year, place and holder, against what is known of them."""
    holder = find_party(work, asked.holder)
    facts = Facts(
        from_date=asked.from_date,
        holder_code=None if holder is None else holder.code,
        holder_region=None if holder is None else holder.region,
    )
    return number_reasons(scheme, asked.number, facts)


def _check_number_free(work: Work, scheme: str, number: str) -> None:
    statement = select(CertificateRow.cert_id).where(
        CertificateRow.scheme == scheme, CertificateRow.number == number
    )
    if work.scalar(statement) is not None:
        refuse(CertificationRefusal.NUMBER_TAKEN, "/number")


def _check_body(work: Work, body: str | None, pointer: str) -> None:
    """A body is an organisation on record: its stream is public."""
    if body is None:
        return
    party = find_party(work, body)
    if party is None or party.natural or party.id != body:
        refuse(CertificationRefusal.BODY_INVALID, pointer)


def _check_lines(asked: Grant) -> None:
    if reasons := list(line_reasons(asked.lines)):
        raise Refusal(*reasons)


def _check_present_quantity(rows: Rows, amendment: Amendment) -> None:
    """An amended quantity replaces one that is there, in its unit; lines are changed one by one."""
    if amendment.granted is None:
        return
    present = present_quantity(rows.versions(), rows.history())
    if present is None:
        refuse(CertificationRefusal.QUANTITY_TWICE, "/quantity")
    if present[1] != amendment.unit:
        refuse(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")


def _give_back_quantity(work: Work, rows: Rows, after: History) -> None:
    """Where an annulled decision had set the quantity, the one before it counts again."""
    before = present_quantity(rows.versions(), rows.history())
    present = present_quantity(rows.versions(), after)
    if present is not None and present != before:
        quotas.grant_anew(work, rows.certificate.cert_id, present[0])


def _present_body(rows: Rows) -> str | None:
    counted = [change for change in rows.history().changes if change.to is not None]
    annulled = {change.annuls for change in rows.history().changes}
    moved = [change.to for change in counted if change.n not in annulled]
    return moved[-1] if moved else rows.certificate.body


# --- From commands to rows -------------------------------------------------------------------


def _whole(quantity: str | None, unit: str | None, pointer: str) -> tuple[int | None, Unit | None]:
    """A quantity as typed in whole units; an area bounds no labels."""
    if quantity is None and unit is None:
        return None, None
    try:
        typed = parse(quantity or "", unit or "")
        whole = typed.whole()
    except QuantityError as error:
        raise Refusal(Reason(CertificationRefusal.QUANTITY_INVALID, pointer)) from error
    counted = _UNITS.get(typed.kind)
    if counted is None:
        refuse(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")
    return whole, counted


def _grant_from(command: GrantCertificate) -> Grant:
    granted, unit = _whole(command.quantity, command.unit, "/quantity")
    return Grant(
        number=command.number,
        holder=command.holder,
        products=command.products,
        bases=command.bases,
        from_date=command.from_date,
        to_date=command.to_date,
        granted=granted,
        unit=unit,
        confirm_by=command.confirm_by,
        lines=tuple(_line(line, place) for place, line in enumerate(command.lines)),
        marks=_marks((*command.products, *command.bases), command.mark_from, command.mark_days),
    )


def _line(line: GrantLine, place: int) -> Line:
    granted, unit = _whole(line.quantity, line.unit, f"/lines/{place}/quantity")
    if granted is None or unit is None:
        refuse(CertificationRefusal.QUANTITY_INVALID, f"/lines/{place}/quantity")
    return Line(line.product, line.season, granted, unit)


def _marks(
    scope: Sequence[str], mark_from: date | None, days: Sequence[MarkDay]
) -> dict[str, date]:
    """First days of the mark by product or base; a single one goes before the common one."""
    common = {} if mark_from is None else dict.fromkeys(scope, mark_from)
    return common | {each.subject: each.mark_from for each in days}


def _amendment_from(command: AmendCertificate, rows: Rows, now: datetime) -> Amendment:
    present = model.fields_of(rows.versions(), rows.history(), now, now)
    products, bases = command.products, command.bases
    if products is not None or bases is not None or command.mark_from or command.mark_days:
        products = present.products if products is None else products
        bases = present.bases if bases is None else bases
    given = _marks((*(products or ()), *(bases or ())), command.mark_from, command.mark_days)
    granted, unit = _whole(command.quantity, command.unit, "/quantity")
    return Amendment(
        products=products,
        bases=bases,
        term=_amended_term(command, rows, now),
        granted=granted,
        unit=unit,
        marks=_kept_marks(present, products, bases) | given,
    )


def _kept_marks(
    present: Fields, products: Sequence[str] | None, bases: Sequence[str] | None
) -> dict[str, date]:
    """First days of the mark of what stays in scope: an amendment does not end a conversion."""
    scope = {*(products or ()), *(bases or ())}
    return {
        item.subject: item.mark_from
        for item in present.scope
        if item.subject in scope and item.mark_from is not None
    }


def _amended_term(command: AmendCertificate, rows: Rows, now: datetime) -> Term | None:
    days = (command.from_date, command.to_date, command.confirm_by)
    if not any(days) and not command.endless:
        return None
    history = rows.history()
    held = model.term_at(history, now, now) or history.terms[0]
    to_date = held.to_date if command.to_date is None else command.to_date
    return Term(
        n=len(rows.changes) + 1,
        from_date=command.from_date or held.from_date,
        to_date=None if command.endless else to_date,
        confirm_by=command.confirm_by or held.confirm_by,
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
        confirm_by=asked.confirm_by,
        bound=scheme.bound.value,
        granted=asked.granted,
        unit=asked.unit,
        typed_value=command.quantity if asked.granted is not None else None,
        typed_unit=command.unit if asked.granted is not None else None,
        basis=command.basis,
        body=command.body,
    )


def _amendment_row(n: int, command: AmendCertificate, amendment: Amendment) -> AmendmentRow:
    term = amendment.term
    return AmendmentRow(
        cert_id=command.cert_id,
        n=n,
        from_date=term.from_date if term else None,
        to_date=term.to_date if term else None,
        confirm_by=term.confirm_by if term else None,
        granted=amendment.granted,
        unit=amendment.unit,
        typed_value=command.quantity if amendment.granted is not None else None,
        typed_unit=command.unit if amendment.granted is not None else None,
    )


def _amended_scope(cert_id: str, n: int, amendment: Amendment) -> list[ScopeRow]:
    if amendment.products is None:
        return []
    return _scope_rows(cert_id, n, amendment.products, amendment.bases or (), amendment.marks)


def _scope_rows(
    cert_id: str,
    n: int,
    products: Sequence[str],
    bases: Sequence[str],
    marks: Mapping[str, date],
) -> list[ScopeRow]:
    named = [("product", each) for each in products] + [("base", each) for each in bases]
    return [
        ScopeRow(cert_id=cert_id, n=n, noun=noun, subject=subject, mark_from=marks.get(subject))
        for noun, subject in named
    ]
