"""Taking points for a recorded penalty, and taking a transfer back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from identity.actor import Actor
from identity.names import text_reasons
from identity.roles import Role, require_role
from ledger.work import Work
from points.accounts import service as accounts
from points.awards.model import check, require_names
from points.awards.service import cause_of, organisation
from points.credit.records.service import find_record
from points.packs.model import count, rule_for
from points.packs.service import pack_at
from points.penalties.model import DeductForPenalty, decided_at, fact_of
from points.postings import service as postings
from points.postings.service import Cause, Transferred
from points.postings.tables import TransferRow
from points.refusals import PointsRefusal
from runtime.canonical import jcs
from runtime.refusal import Refusal, refuse

REVERSAL_SOURCE = "points.reversal"
REASON_MAX = 200


@dataclass(frozen=True)
class ReverseTransfer:
    """Take back a transfer because its reason fell away; `event_id` names the request once."""

    transfer_id: str
    event_id: str
    effective_at: datetime
    reason: str


def deduct(work: Work, command: DeductForPenalty, actor: Actor, now: datetime) -> Transferred:
    """Take points for a recorded penalty, once per record; an organisation may go below 0."""
    require_role(actor, Role.POINTS_OFFICER)
    penalty = find_record(work, command.record_id)
    traced = fact_of(penalty)
    transfer_id, mine = postings.claim(work, traced.source, traced.event_id, traced.digest())
    if not mine:
        return postings.first_answer(work, transfer_id)
    if penalty.closings:
        refuse(PointsRefusal.RECORD_CLOSED)
    fact = check(traced, now)
    subject = organisation(work, penalty.subject)
    pack = pack_at(work, subject.region, penalty.occurred_at)
    rule = rule_for(pack, fact)
    if not rule.takes:
        refuse(PointsRefusal.NOT_A_PENALTY, "/record_id")
    account_id = accounts.open_account(work, subject.id, now)
    accounts.lock(work, account_id)
    counted = count(rule, fact, 0)
    cause = replace(cause_of(traced, pack, counted), effective_at=decided_at(penalty))
    return postings.post_deduction(
        work, account_id, transfer_id, -counted.amount_milli, cause, actor, now
    )


def reverse(work: Work, command: ReverseTransfer, actor: Actor, now: datetime) -> Transferred:
    """Take back an award or a deduction (I7); the same request again gives the first answer."""
    require_role(actor, Role.POINTS_OFFICER)
    _check_reversal(command, now)
    digest = sha256(jcs([command.transfer_id, command.reason])).digest()
    transfer_id, mine = postings.claim(work, REVERSAL_SOURCE, command.event_id, digest)
    if not mine:
        return postings.first_answer(work, transfer_id)
    original = work.scalar(
        select(TransferRow).where(TransferRow.transfer_id == command.transfer_id)
    )
    if original is None:
        refuse(PointsRefusal.TRANSFER_UNKNOWN)
    accounts.lock(work, original.account_id)
    cause = Cause(
        source=REVERSAL_SOURCE,
        event_id=command.event_id,
        digest=digest,
        pack=original.pack,
        rule=original.rule,
        cap_key=original.cap_key,
        effective_at=command.effective_at,
        details={"reason": command.reason},
    )
    return postings.post_reversal(work, transfer_id, original.transfer_id, cause, actor, now)


def _check_reversal(command: ReverseTransfer, now: datetime) -> None:
    require_names(REVERSAL_SOURCE, command.event_id)
    reasons = text_reasons(command.reason, "/reason", REASON_MAX)
    if reasons:
        raise Refusal(*reasons)
    if command.effective_at > now:
        refuse(PointsRefusal.IN_THE_FUTURE, "/effective_at")
