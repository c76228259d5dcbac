"""Use cases of consequences: propose, confirm as a second person, drop; and the hold that lasts
while a proposal waits.

What the radius holds lies partly in other areas. So each use case here takes a function that reads
it, called once the certificate is locked; `workflows.blast_radius` is that function.

Rows are locked in this order: standing of the consequence, guard row of the certificate, and then
what the decision itself locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from certification.bars.service import MakeBar, make_bar
from certification.bodies.service import require_appointed
from certification.certificates import model as certificates_model
from certification.certificates import service as certificates
from certification.certificates.commands import ChangeCertificate, Decided
from certification.certificates.model import ChangeKind
from certification.certificates.register import Certificate, find
from certification.consequences import model
from certification.consequences.entries import CONSEQUENCE_STEP
from certification.consequences.model import (
    Confirmation,
    ConsequenceEvent,
    ConsequenceState,
    EarlierHold,
    Hold,
    Numbers,
    Radius,
    Verb,
)
from certification.consequences.tables import (
    ConsequenceRow,
    ConsequenceStandingRow,
    ConsequenceStepRow,
    FollowUpRow,
)
from certification.quotas import service as quotas
from certification.refusals import CertificationRefusal
from certification.schemes.model import Function
from certification.transactions import service as transactions
from certification.transactions.model import TransactionState
from certification.transactions.service import VoidTransaction
from identity.actor import Actor
from identity.keys.service import operator_party, signer_for
from identity.names import text_reasons
from identity.roles import Role, require_role
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import instant_text
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

REASON_MAX = 500
DOCUMENT_MAX = 80

OFFICES = (Function.OFFICE, Function.BODY)
"""Who may suspend and revoke under a scheme."""

RadiusOf = Callable[[str], Radius]
"""Gives the radius of a certificate (its id) as it is now."""

_KINDS: Mapping[Verb, ChangeKind] = {
    Verb.SUSPEND: ChangeKind.SUSPEND,
    Verb.REVOKE: ChangeKind.REVOKE,
}


@dataclass(frozen=True)
class ProposeConsequence:
    """Propose to suspend or revoke a certificate from `effective_at` on.

    `ground` names one of the scheme's grounds of revocation, None for any other; `hold` stops
    printing under the certificate at once, until the proposal is decided.
    """

    cert_id: str
    verb: str
    effective_at: datetime
    reason: str
    document: str | None = None
    ground: str | None = None
    hold: bool = False


@dataclass(frozen=True)
class ConfirmConsequence:
    """The second person's word for the radius that was shown (its digest)."""

    consequence: str
    radius: str


@dataclass(frozen=True)
class DropConsequence:
    """Let a proposal drop, and why; a hold ends with it."""

    consequence: str
    reason: str


@dataclass(frozen=True)
class ConsequenceResult:
    """Where a consequence stands after a step.

    `radius` names what was shown, `numbers` counts it, `added` what has come in since. `change` is
    the number that the confirmed decision has among those of the certificate.
    """

    id: str
    cert_id: str
    verb: str
    state: str
    effective_at: datetime
    hold_until: datetime | None
    radius: str
    numbers: Numbers
    added: Numbers
    change: int | None
    payload_id: str


def propose(
    work: Work, command: ProposeConsequence, radius_of: RadiusOf, actor: Actor, now: datetime
) -> ConsequenceResult:
    """Keep a proposal with its radius; the certificate stays as it is, but for a hold.

    Raises Refusal: NOT_ALLOWED, NOT_APPOINTED, OWN_CERTIFICATE, CERTIFICATE_UNKNOWN, text refusals,
    what `check_change` refuses, GROUND_UNKNOWN, and those of `propose_reasons`.
    """
    verb = _verb(command.verb)
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    _check_texts({"/reason": command.reason}, command.document)
    quotas.lock(work, [command.cert_id])
    certificate = find(work, command.cert_id, now, now)
    check_office(work, actor, certificate, now)
    _check_ground(certificate, verb, command.ground)
    certificates_model.check_change(certificate.history, _KINDS[verb], command.effective_at, now)
    waiting = waiting_for(work, command.cert_id)
    model.require_none(
        model.propose_reasons(
            waiting=None if waiting is None else waiting.consequence_id,
            hold=command.hold,
            person=actor.person,
            earlier=_newest_hold(work, command.cert_id),
        )
    )
    row = _row(work, command, radius_of(command.cert_id), actor, now)
    work.add(row)
    work.flush()
    standing = ConsequenceStandingRow(
        consequence_id=row.id, cert_id=row.cert_id, state=ConsequenceState.PROPOSED.value, steps=0
    )
    work.add(standing)
    return _step(work, row, standing, ConsequenceEvent.PROPOSE, actor, now)


def confirm(
    work: Work,
    command: ConfirmConsequence,
    radius_of: RadiusOf,
    follow_ups: Callable[[Radius], Iterable[tuple[str, str]]],
    actor: Actor,
    now: datetime,
) -> ConsequenceResult:
    """Decide what was proposed, as the second person.

    `follow_ups` gives kind and id of what a revocation leaves to other offices. Raises Refusal:
    NOT_ALLOWED, NOT_APPOINTED, OWN_CERTIFICATE, CONSEQUENCE_UNKNOWN, those of `confirm_reasons` and
    of the decision itself.
    """
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    row, standing = _locked(work, command.consequence)
    quotas.lock(work, [row.cert_id])
    certificate = find(work, row.cert_id, now, now)
    check_office(work, actor, certificate, now)
    shown, current = radius_kept(row), radius_of(row.cert_id)
    asked = Confirmation(
        state=ConsequenceState(standing.state),
        proposer=row.proposed_by,
        confirmer=actor.person,
        named=command.radius,
        shown=shown,
        current=current,
    )
    model.require_none(model.confirm_reasons(asked))
    decided = _decide(work, row, certificate, actor, now)
    left = sorted(set(follow_ups(current))) if row.verb == Verb.REVOKE else []
    work.add_all(
        FollowUpRow(consequence_id=row.id, kind=kind, subject=subject) for kind, subject in left
    )
    return _step(
        work, row, standing, ConsequenceEvent.CONFIRM, actor, now,
        current=current, change=decided.n, left=left,
    )  # fmt: skip


def drop(work: Work, command: DropConsequence, actor: Actor, now: datetime) -> ConsequenceResult:
    """Let a proposal drop; one person does, also who proposed it.

    Raises Refusal: NOT_ALLOWED, NOT_APPOINTED, OWN_CERTIFICATE, CONSEQUENCE_UNKNOWN,
    CONSEQUENCE_NOT_OPEN, text refusals.
    """
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    _check_texts({"/reason": command.reason}, None)
    row, standing = _locked(work, command.consequence)
    check_office(work, actor, find(work, row.cert_id, now, now), now)
    model.require_none(model.open_reasons(ConsequenceState(standing.state)))
    return _step(work, row, standing, ConsequenceEvent.DROP, actor, now, note=command.reason)


# --- Reading -----------------------------------------------------------------------------------


def require_consequence(session: Session, id: str) -> ConsequenceRow:
    """The consequence of this id, its radius with it. Raises Refusal CONSEQUENCE_UNKNOWN."""
    query = select(ConsequenceRow).where(ConsequenceRow.id == id)
    row = session.scalar(query.options(undefer(ConsequenceRow.radius)))
    if row is None:
        refuse(CertificationRefusal.CONSEQUENCE_UNKNOWN, "/consequence")
    return row


def radius_kept(row: ConsequenceRow) -> Radius:
    """The radius that was shown with a proposal."""
    return model.radius_from(row.radius, int(row.radius["labels"]))


def state_of(session: Session, id: str) -> ConsequenceState:
    """Where a consequence stands."""
    return ConsequenceState(session.get_one(ConsequenceStandingRow, id).state)


def steps_of(session: Session, id: str) -> list[ConsequenceStepRow]:
    """What was done about a consequence, in order."""
    query = select(ConsequenceStepRow).filter_by(consequence_id=id).order_by(ConsequenceStepRow.n)
    return list(session.scalars(query))


def consequences_of(session: Session, cert_id: str) -> list[tuple[ConsequenceRow, str]]:
    """The consequences of a certificate with their states, the newest first."""
    query = (
        select(ConsequenceRow, ConsequenceStandingRow.state)
        .join(ConsequenceStandingRow, ConsequenceStandingRow.consequence_id == ConsequenceRow.id)
        .where(ConsequenceRow.cert_id == cert_id)
        .order_by(ConsequenceRow.proposed_at.desc(), ConsequenceRow.id)
    )
    return [(row, state) for row, state in session.execute(query)]


def waiting_consequences(session: Session, limit: int = 50) -> list[ConsequenceRow]:
    """Proposals that wait for their second person, the oldest first."""
    query = (
        select(ConsequenceRow)
        .join(ConsequenceStandingRow, ConsequenceStandingRow.consequence_id == ConsequenceRow.id)
        .where(ConsequenceStandingRow.state == ConsequenceState.PROPOSED.value)
        .order_by(ConsequenceRow.proposed_at, ConsequenceRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def waiting_for(session: Session, cert_id: str) -> ConsequenceStandingRow | None:
    """The proposal about a certificate that waits, or None."""
    query = select(ConsequenceStandingRow).where(
        ConsequenceStandingRow.cert_id == cert_id,
        ConsequenceStandingRow.state == ConsequenceState.PROPOSED.value,
    )
    return session.scalar(query)


def revocation_waits(session: Session, cert_id: str) -> bool:
    """Whether a revocation is proposed: a holder cannot give the certificate up meanwhile."""
    waiting = waiting_for(session, cert_id)
    if waiting is None:
        return False
    return session.get_one(ConsequenceRow, waiting.consequence_id).verb == Verb.REVOKE


def hold_of(session: Session, cert_id: str, now: datetime) -> Hold | None:
    """The hold that stops printing under a certificate now, or None."""
    waiting = waiting_for(session, cert_id)
    if waiting is None:
        return None
    until = session.get_one(ConsequenceRow, waiting.consequence_id).hold_until
    return None if until is None or until <= now else Hold(waiting.consequence_id, until)


def require_not_held(session: Session, cert_id: str, now: datetime) -> None:
    """Refuse printing while a hold lasts; the caller holds the certificate's row.

    Raises Refusal CERTIFICATE_HELD.
    """
    model.check_not_held(hold_of(session, cert_id, now), now)


def follow_ups_of(session: Session, id: str) -> list[FollowUpRow]:
    """What a confirmed revocation left to other offices."""
    query = select(FollowUpRow).filter_by(consequence_id=id)
    return list(session.scalars(query.order_by(FollowUpRow.kind, FollowUpRow.subject)))


# --- Deciding ----------------------------------------------------------------------------------


def check_office(session: Session, actor: Actor, certificate: Certificate, now: datetime) -> None:
    """Let pass who acts for an office or body of the scheme, and not for the holder.

    Raises Refusal: NOT_APPOINTED, OWN_CERTIFICATE.
    """
    require_appointed(session, actor, certificate.scheme.code, OFFICES, now)
    if actor.party is not None and actor.party == certificate.holder:
        refuse(CertificationRefusal.OWN_CERTIFICATE)


def _verb(word: str) -> Verb:
    found = next((verb for verb in Verb if verb.value == word), None)
    return found if found is not None else refuse(CertificationRefusal.CHANGE_UNKNOWN, "/verb")


def _check_texts(texts: Mapping[str, str], document: str | None) -> None:
    reasons: list[Reason] = []
    for pointer, written in texts.items():
        reasons += text_reasons(written, pointer, REASON_MAX)
    if document is not None:
        reasons += text_reasons(document, "/document", DOCUMENT_MAX)
    if reasons:
        raise Refusal(*reasons)


def _check_ground(certificate: Certificate, verb: Verb, ground: str | None) -> None:
    known = {each.key for each in certificate.scheme.grounds} if verb is Verb.REVOKE else set()
    if ground is not None and ground not in known:
        refuse(CertificationRefusal.GROUND_UNKNOWN, "/ground")


def _newest_hold(session: Session, cert_id: str) -> EarlierHold | None:
    query = (
        select(ConsequenceRow.proposed_by, ConsequenceStandingRow.state)
        .join(ConsequenceStandingRow, ConsequenceStandingRow.consequence_id == ConsequenceRow.id)
        .where(ConsequenceRow.cert_id == cert_id, ConsequenceRow.hold_until.is_not(None))
        .order_by(ConsequenceRow.proposed_at.desc(), ConsequenceRow.id)
        .limit(1)
    )
    found = session.execute(query).first()
    return None if found is None else EarlierHold(found[0], ConsequenceState(found[1]))


def _decide(
    work: Work, row: ConsequenceRow, certificate: Certificate, actor: Actor, now: datetime
) -> Decided:
    """Suspend; or revoke, bar the holder, and void what was sold on under the certificate.

    Print permits need no decision: under a certificate that is not in force they stand still.
    """
    command = ChangeCertificate(row.cert_id, row.effective_at, row.reason, row.document)
    if row.verb == Verb.SUSPEND:
        return certificates.suspend(work, command, actor, now)
    decided = certificates.revoke(work, command, actor, now)
    bar = MakeBar(
        certificate.holder, certificate.scheme.code, row.cert_id, decided.n, row.effective_at,
        row.ground,
    )  # fmt: skip
    make_bar(work, bar, actor, now)
    # Who may revoke may also void what was sold under it, without being the office's clerk.
    clerk = replace(actor, roles=actor.roles | {Role.BRAND_OFFICER})
    for sold in transactions.of_certificate(work, row.cert_id):
        if sold.state is TransactionState.ISSUED:
            transactions.declare_void(work, VoidTransaction(sold.id, row.reason), clerk, now)
    return decided


def _locked(work: Work, id: str) -> tuple[ConsequenceRow, ConsequenceStandingRow]:
    row = require_consequence(work, id)
    query = select(ConsequenceStandingRow).filter_by(consequence_id=row.id).with_for_update()
    return row, work.scalars(query.execution_options(populate_existing=True)).one()


def _row(
    work: Work, command: ProposeConsequence, radius: Radius, actor: Actor, now: datetime
) -> ConsequenceRow:
    return ConsequenceRow(
        id=new_id("cons", work.randomness),
        cert_id=command.cert_id,
        verb=command.verb,
        effective_at=command.effective_at,
        reason=command.reason,
        document=command.document,
        ground=command.ground,
        hold_until=now + model.HOLD_MAX if command.hold else None,
        office=actor.party or operator_party(work),
        proposed_by=actor.person or "",
        proposed_at=now,
        radius=radius.value(),
        radius_digest=radius.digest,
    )


def _step(
    work: Work,
    row: ConsequenceRow,
    standing: ConsequenceStandingRow,
    event: ConsequenceEvent,
    actor: Actor,
    now: datetime,
    *,
    note: str | None = None,
    current: Radius | None = None,
    change: int | None = None,
    left: Iterable[tuple[str, str]] = (),
) -> ConsequenceResult:
    """Count the step, state it in the log, and keep its row."""
    standing.state, standing.steps = event.leads_to.value, standing.steps + 1
    step = ConsequenceStepRow(
        consequence_id=row.id,
        n=standing.steps,
        event=event.value,
        at=now,
        office=actor.party or operator_party(work),
        person=actor.person or "",
        note=note,
        change=change,
        radius=None if current is None else current.value(),
    )
    committed = _committed(row, step, left)
    draft = Draft(CONSEQUENCE_STEP, (row.id,), now, {}, (Secret("record", committed, row.office),))
    step.payload_id = record(work, draft, signer_for(work, step.office), now).payload_id
    work.add(step)
    work.flush()
    return _result(row, standing, step, current)


def _committed(
    row: ConsequenceRow, step: ConsequenceStepRow, left: Iterable[tuple[str, str]]
) -> dict[str, Json]:
    """What a step commits to; the proposal says everything that is proposed."""
    said: dict[str, Json] = {
        "event": step.event, "office": step.office, "person": step.person, "note": step.note,
    }  # fmt: skip
    if step.event == ConsequenceEvent.PROPOSE:
        until = row.hold_until
        return said | {
            "certificate": row.cert_id,
            "verb": row.verb,
            "effective_at": instant_text(row.effective_at),
            "reason": row.reason,
            "document": row.document,
            "ground": row.ground,
            "hold_until": None if until is None else instant_text(until),
            "radius": row.radius,
        }
    if step.event == ConsequenceEvent.CONFIRM:
        said |= {"shown": row.radius_digest, "radius": step.radius, "change": step.change}
        said["follow_ups"] = [list(each) for each in left]
    return said


def _result(
    row: ConsequenceRow,
    standing: ConsequenceStandingRow,
    step: ConsequenceStepRow,
    current: Radius | None,
) -> ConsequenceResult:
    shown = radius_kept(row)
    added = model.change_of(shown, current).added if current is not None else Radius()
    return ConsequenceResult(
        id=row.id,
        cert_id=row.cert_id,
        verb=row.verb,
        state=standing.state,
        effective_at=row.effective_at,
        hold_until=row.hold_until,
        radius=row.radius_digest,
        numbers=model.numbers_of(shown),
        added=model.numbers_of(added),
        change=step.change,
        payload_id=step.payload_id,
    )
