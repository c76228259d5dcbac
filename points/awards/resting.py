"""Awards that rest on something of another area, found again by the names that they were given.

An award names the traced fact that it was given for by source and event id, and by nothing else.
What another area decides later (a lot was sold under a certificate that is revoked) is therefore
looked up by event id: the id of a lot or of a certificate is nobody else's word. An award whose
event id is a partner's own word is not found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from points.accounts.tables import AccountRow
from points.postings.model import TransferKind
from points.postings.tables import ClaimRow, TransferRow
from runtime.id_list import id_list


@dataclass(frozen=True)
class RestingAward:
    """An award for a named fact; `subject` is the party, `reversed` whether it was taken back."""

    transfer_id: str
    subject: str
    event_id: str
    amount_milli: int
    reversed: bool


def awards_for(session: Session, event_ids: Iterable[str]) -> tuple[RestingAward, ...]:
    """The awards for facts that have one of these event ids, by id."""
    taken_back = aliased(TransferRow)
    query = (
        select(TransferRow, ClaimRow.event_id, AccountRow.party, taken_back.transfer_id)
        .join(ClaimRow, ClaimRow.transfer_id == TransferRow.transfer_id)
        .join(AccountRow, AccountRow.account_id == TransferRow.account_id)
        .outerjoin(taken_back, taken_back.reverses == TransferRow.transfer_id)
        .where(
            ClaimRow.event_id.in_(id_list(session, event_ids)),
            TransferRow.kind == TransferKind.AWARD.value,
        )
        .order_by(TransferRow.transfer_id)
    )
    return tuple(
        RestingAward(row.transfer_id, party, event_id, row.amount_milli, back is not None)
        for row, event_id, party, back in session.execute(query)
    )


def reversed_among(session: Session, transfer_ids: Iterable[str]) -> frozenset[str]:
    """Those of these transfers that were taken back."""
    query = select(TransferRow.reverses).where(
        TransferRow.reverses.in_(id_list(session, transfer_ids))
    )
    return frozenset(each for each in session.scalars(query) if each is not None)
