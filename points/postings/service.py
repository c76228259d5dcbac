"""Writing transfers: claim the event, lock the account, plan, log, insert, check again.

Numbered as `post` and `reverse` follow them:

1. the event of its source is claimed; the same event with the same digest gives the first answer,
   with another digest it is refused (I4)
2. the account is locked and read
3. lots that lapsed before the transfer takes effect are swept, each by a transfer of its own (I8)
4. the model plans the shares; the postings are checked to sum to 0 (I1)
5. the entry is recorded, the rows are inserted, the balance moves
6. what the tables now say is checked against the plan from the other side (I1, I6)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import operator_signer, signer_for
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from points import entries
from points.accounts import service as accounts
from points.accounts.model import Balance, SystemAccount
from points.accounts.tables import BalanceRow
from points.postings import model
from points.postings.model import Holding, Lot, Posting, Share, Taken, TransferKind
from points.postings.tables import ClaimRow, LotRow, PostingRow, ShareRow, TransferRow
from points.refusals import PointsRefusal
from runtime import base64url
from runtime.clock import instant_text
from runtime.ids import new_id
from runtime.refusal import refuse
from runtime.strict_json import Json

EXPIRY_SOURCE = "points.expiry"


@dataclass(frozen=True)
class Cause:
    """Why points move: the source's event, the digest of what was asked, pack and rule.

    `details` are further members of the committed record (the fact as it was understood).
    """

    source: str
    event_id: str
    digest: bytes
    pack: bytes
    rule: str
    cap_key: str
    effective_at: datetime
    details: Mapping[str, Json]


@dataclass(frozen=True)
class Transferred:
    """A transfer that was recorded, now or when this event first came."""

    transfer_id: str
    account_id: str
    amount_milli: int
    balance_milli: int
    rule: str
    payload_id: str
    repeated: bool


@dataclass(frozen=True)
class _Plan:
    """One transfer before it is written; `lot` is the new lot of an award."""

    transfer_id: str
    kind: TransferKind
    amount_milli: int
    sides: tuple[Posting, ...]
    shares: tuple[Share, ...]
    lot: Lot | None = None
    reverses: str | None = None


def claim(work: Work, source: str, event_id: str, digest: bytes) -> tuple[str, bool]:
    """Claim an event for a new transfer: its id, and True when this call made the claim.

    Refuses an event that was claimed with another digest.
    """
    transfer_id = new_id("move", work.randomness)
    values = {
        "source": source,
        "event_id": event_id,
        "digest": digest,
        "transfer_id": transfer_id,
    }
    if insert_unless_there(work, ClaimRow, values):
        return transfer_id, True
    row = work.get_one(ClaimRow, (source, event_id))
    if row.digest != digest:
        refuse(PointsRefusal.EVENT_CONFLICT, "/event_id")
    return row.transfer_id, False


def first_answer(session: Session, transfer_id: str) -> Transferred:
    """What was answered when the transfer was recorded."""
    return _transferred(session.get_one(TransferRow, transfer_id), repeated=True)


def used_milli(session: Session, account_id: str, rule: str, cap_key: str) -> int:
    """How much of a rule's cap an account has used in one period; reversals free it again."""
    statement = select(func.coalesce(func.sum(TransferRow.amount_milli), 0)).where(
        TransferRow.account_id == account_id,
        TransferRow.rule == rule,
        TransferRow.cap_key == cap_key,
        TransferRow.kind != TransferKind.EXPIRE.value,
    )
    return int(session.scalars(statement).one())


def post_award(
    work: Work,
    account_id: str,
    transfer_id: str,
    amount_milli: int,
    expires_at: datetime | None,
    cause: Cause,
    actor: Actor,
    now: datetime,
) -> Transferred:
    """Give points to a locked account as a new lot; a debt is repaid from it first."""
    holding = _holding(work, account_id)
    lot = Lot(transfer_id, amount_milli, amount_milli, cause.effective_at, expires_at)
    plan = _Plan(
        transfer_id=transfer_id,
        kind=TransferKind.AWARD,
        amount_milli=amount_milli,
        sides=model.postings(account_id, amount_milli, SystemAccount.ISSUE),
        shares=model.award_shares(holding, transfer_id, amount_milli),
        lot=lot,
    )
    return _write(work, account_id, plan, cause, actor, now)


def post_deduction(
    work: Work,
    account_id: str,
    transfer_id: str,
    amount_milli: int,
    cause: Cause,
    actor: Actor,
    now: datetime,
) -> Transferred:
    """Take `amount_milli` (positive) from a locked account; what is lacking becomes debt."""
    sweep(work, account_id, cause.effective_at, actor, now)
    plan = _Plan(
        transfer_id=transfer_id,
        kind=TransferKind.DEDUCT,
        amount_milli=-amount_milli,
        sides=model.postings(account_id, -amount_milli, SystemAccount.PENALTY),
        shares=model.debit_shares(_holding(work, account_id), amount_milli),
    )
    return _write(work, account_id, plan, cause, actor, now)


def sweep(work: Work, account_id: str, at: datetime, actor: Actor, now: datetime) -> int:
    """Expire what is left of a locked account's lots that lapsed by `at`; returns their number."""
    lapsed = model.lapsed_lots(_holding(work, account_id), at)
    for lot in lapsed:
        _expire(work, account_id, lot, actor, now)
    return len(lapsed)


def _expire(work: Work, account_id: str, lot: Lot, actor: Actor, now: datetime) -> None:
    origin = work.get_one(TransferRow, lot.lot_id)
    assert lot.expires_at is not None
    # A lot can lapse again when a reversal gave points back to it; the count keeps events apart.
    event_id = f"{lot.lot_id}/{_expiries(work, lot.lot_id) + 1}"
    cause = Cause(
        source=EXPIRY_SOURCE,
        event_id=event_id,
        digest=bytes(32),
        pack=origin.pack,
        rule=origin.rule,
        cap_key="",
        effective_at=lot.expires_at,
        details={"lot": lot.lot_id},
    )
    transfer_id, _ = claim(work, cause.source, cause.event_id, cause.digest)
    plan = _Plan(
        transfer_id=transfer_id,
        kind=TransferKind.EXPIRE,
        amount_milli=-lot.remaining_milli,
        sides=model.postings(account_id, -lot.remaining_milli, SystemAccount.EXPIRED),
        shares=(Share(lot.lot_id, lot.remaining_milli),),
    )
    _write(work, account_id, plan, cause, actor, now)


def _expiries(session: Session, lot_id: str) -> int:
    statement = (
        select(func.count())
        .select_from(ShareRow)
        .join(TransferRow, TransferRow.transfer_id == ShareRow.transfer_id)
        .where(ShareRow.lot_id == lot_id, TransferRow.kind == TransferKind.EXPIRE.value)
    )
    return int(session.scalars(statement).one())


def post_reversal(
    work: Work, transfer_id: str, original_id: str, cause: Cause, actor: Actor, now: datetime
) -> Transferred:
    """Take back an award or a deduction on its locked account (I7)."""
    original = work.get_one(TransferRow, original_id)
    kind = TransferKind(original.kind)
    before = select(TransferRow.transfer_id).where(TransferRow.reverses == original_id)
    model.require_reversible(kind, work.scalar(before) is not None)
    holding = _holding(work, original.account_id)
    against = SystemAccount.ISSUE if kind is TransferKind.AWARD else SystemAccount.PENALTY
    plan = _Plan(
        transfer_id=transfer_id,
        kind=TransferKind.REVERSE,
        amount_milli=-original.amount_milli,
        sides=model.postings(original.account_id, -original.amount_milli, against),
        shares=_reversal_shares(work, original, holding),
        reverses=original_id,
    )
    return _write(work, original.account_id, plan, cause, actor, now)


def _reversal_shares(
    session: Session, original: TransferRow, holding: Holding
) -> tuple[Share, ...]:
    if original.amount_milli > 0:
        return model.award_reversal_shares(holding, original.transfer_id, original.amount_milli)
    taken = _taken(session, original.account_id)
    return model.debit_reversal_shares(holding, original.transfer_id, -original.amount_milli, taken)


def _holding(session: Session, account_id: str) -> Holding:
    taken = (
        select(func.coalesce(func.sum(ShareRow.amount_milli), 0))
        .where(ShareRow.lot_id == LotRow.lot_id)
        .scalar_subquery()
    )
    reversal = aliased(TransferRow)
    statement = (
        select(LotRow, taken, reversal.transfer_id)
        .outerjoin(reversal, reversal.reverses == LotRow.lot_id)
        .where(LotRow.account_id == account_id)
    )
    lots = tuple(_lot(*found) for found in session.execute(statement))
    balance = session.get_one(BalanceRow, account_id).balance_milli
    holding = Holding(balance, lots)
    holding.check()
    return holding


def _lot(row: LotRow, taken: int, reversal: str | None) -> Lot:
    return Lot(
        lot_id=row.lot_id,
        amount_milli=row.amount_milli,
        remaining_milli=row.amount_milli - int(taken),
        origin_at=row.origin_at,
        expires_at=row.expires_at,
        reversed=reversal is not None,
    )


def _taken(session: Session, account_id: str) -> list[Taken]:
    amount = func.sum(ShareRow.amount_milli)
    statement = (
        select(ShareRow.of_transfer, TransferRow.kind, TransferRow.seq, ShareRow.lot_id, amount)
        .join(TransferRow, TransferRow.transfer_id == ShareRow.of_transfer)
        .where(TransferRow.account_id == account_id)
        .group_by(ShareRow.of_transfer, TransferRow.kind, TransferRow.seq, ShareRow.lot_id)
        .having(amount > 0)
    )
    return [
        Taken(of, TransferKind(kind), seq, lot_id, int(taken))
        for of, kind, seq, lot_id, taken in session.execute(statement)
    ]


def _write(
    work: Work, account_id: str, plan: _Plan, cause: Cause, actor: Actor, now: datetime
) -> Transferred:
    assert model.balanced(plan.sides), "postings do not sum to 0"
    locked = accounts.lock(work, account_id)
    body = _record_body(locked, plan, cause)
    draft = Draft(
        type=entries.POSTING_POST,
        streams=(locked.party,),
        effective_at=cause.effective_at,
        facts={"pack": base64url.encode(cause.pack)},
        secrets=(Secret("record", body, locked.party),),
    )
    written = record(work, draft, _signer(work, actor), now)
    balance = accounts.add(work, account_id, plan.amount_milli)
    row = _transfer_row(locked, plan, cause, now, written.payload_id)
    work.add(row)
    work.flush()
    work.add_all(_rows(account_id, plan))
    work.flush()
    assert row.balance_after_milli == balance, "the locked balance moved"
    _check_written(work, account_id, plan.transfer_id)
    return _transferred(row, repeated=False)


def _check_written(work: Work, account_id: str, transfer_id: str) -> None:
    """Step 6: the tables must say what was planned; anything else is our own error."""
    sides = select(func.sum(PostingRow.amount_milli)).where(PostingRow.transfer_id == transfer_id)
    if work.scalar(sides) != 0:
        raise AssertionError(f"postings of {transfer_id} do not sum to 0")
    _holding(work, account_id).check()


def _record_body(locked: Balance, plan: _Plan, cause: Cause) -> dict[str, Json]:
    body: dict[str, Json] = {
        "transfer": plan.transfer_id,
        "account": locked.account_id,
        "party": locked.party,
        "seq": locked.postings + 1,
        "balance_after": locked.balance_milli + plan.amount_milli,
        "kind": plan.kind.value,
        "source": cause.source,
        "event_id": cause.event_id,
        "rule": cause.rule,
        "cap_key": cause.cap_key,
        "effective_at": instant_text(cause.effective_at),
        "postings": [[side.account, side.amount_milli] for side in plan.sides],
        "shares": [
            [share.lot_id, share.of or plan.transfer_id, share.amount_milli]
            for share in plan.shares
        ],
        "details": dict(cause.details),
    }
    if plan.lot is not None:
        body["lot_expires_at"] = (
            None if plan.lot.expires_at is None else instant_text(plan.lot.expires_at)
        )
    if plan.reverses is not None:
        body["reverses"] = plan.reverses
    return body


def _transfer_row(
    locked: Balance, plan: _Plan, cause: Cause, now: datetime, payload_id: str
) -> TransferRow:
    return TransferRow(
        transfer_id=plan.transfer_id,
        account_id=locked.account_id,
        seq=locked.postings + 1,
        kind=plan.kind.value,
        amount_milli=plan.amount_milli,
        balance_after_milli=locked.balance_milli + plan.amount_milli,
        effective_at=cause.effective_at,
        recorded_at=now,
        pack=cause.pack,
        rule=cause.rule,
        cap_key=cause.cap_key,
        reverses=plan.reverses,
        payload_id=payload_id,
    )


def _rows(account_id: str, plan: _Plan) -> Sequence[PostingRow | LotRow | ShareRow]:
    rows: list[PostingRow | LotRow | ShareRow] = [
        PostingRow(
            transfer_id=plan.transfer_id, account=side.account, amount_milli=side.amount_milli
        )
        for side in plan.sides
    ]
    if plan.lot is not None:
        rows.append(
            LotRow(
                lot_id=plan.lot.lot_id,
                account_id=account_id,
                amount_milli=plan.lot.amount_milli,
                origin_at=plan.lot.origin_at,
                expires_at=plan.lot.expires_at,
            )
        )
    return [*rows, *(_share_row(plan.transfer_id, share) for share in plan.shares)]


def _share_row(transfer_id: str, share: Share) -> ShareRow:
    return ShareRow(
        transfer_id=transfer_id,
        lot_id=share.lot_id,
        of_transfer=share.of or transfer_id,
        amount_milli=share.amount_milli,
    )


def _transferred(row: TransferRow, *, repeated: bool) -> Transferred:
    return Transferred(
        transfer_id=row.transfer_id,
        account_id=row.account_id,
        amount_milli=row.amount_milli,
        balance_milli=row.balance_after_milli,
        rule=row.rule,
        payload_id=row.payload_id,
        repeated=repeated,
    )


def _signer(work: Work, actor: Actor) -> Signer:
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)
