"""An account's statement: every movement with the reason that its rule pack gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from points.accounts.service import account_of
from points.packs.model import Pack, Words
from points.packs.service import published_packs
from points.postings.model import TransferKind
from points.postings.tables import TransferRow

LINES_MAX = 500
_KIND_WORDS = {
    TransferKind.AWARD: Words("加分", "Award"),
    TransferKind.DEDUCT: Words("扣分", "Deduction"),
    TransferKind.EXPIRE: Words("过期", "Expiry"),
    TransferKind.REVERSE: Words("冲正", "Reversal"),
}


@dataclass(frozen=True)
class StatementLine:
    """One movement; amounts in milli-points, `balance_after_milli` right after it.

    `reason` and `basis` are those of the rule in the pack that judged it, `payload_id` its entry.
    """

    transfer_id: str
    kind: Words
    amount_milli: int
    balance_after_milli: int
    effective_at: datetime
    recorded_at: datetime
    reason: Words
    basis: str
    illustrative: bool
    payload_id: str


def statement(session: Session, party: str, limit: int = LINES_MAX) -> tuple[StatementLine, ...]:
    """The movements of a party's account, the last recorded first; empty without an account."""
    account_id = account_of(session, party)
    if account_id is None:
        return ()
    query = select(TransferRow).where(TransferRow.account_id == account_id)
    ordered = query.order_by(TransferRow.seq.desc()).limit(min(limit, LINES_MAX))
    packs = {pack.digest: pack for pack in published_packs(session)}
    return tuple(_line(row, packs[row.pack]) for row in session.scalars(ordered))


def _line(row: TransferRow, pack: Pack) -> StatementLine:
    rule = next(rule for rule in pack.rules if rule.code == row.rule)
    return StatementLine(
        transfer_id=row.transfer_id,
        kind=_KIND_WORDS[TransferKind(row.kind)],
        amount_milli=row.amount_milli,
        balance_after_milli=row.balance_after_milli,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        reason=rule.reason,
        basis=rule.basis,
        illustrative=pack.illustrative,
        payload_id=row.payload_id,
    )
