"""What a points officer sees of an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.reading import Receipt, receipt
from identity.parties.model import Party
from identity.parties.tables import PartyRow
from ledger.openings.service import open_entry
from points.accounts.model import Balance
from points.accounts.service import balance_of
from points.accounts.tables import AccountRow
from points.credit.records.model import CreditRecord
from points.credit.records.service import find_record
from points.credit.records.tables import CreditRecordRow
from points.postings.tables import TransferRow
from runtime.vault import Vault


@dataclass(frozen=True)
class Movement:
    """One transfer with what caused it, as its entry says; None where the opening is erased."""

    row: TransferRow
    source: str | None
    event_id: str | None
    receipt: Receipt


def with_balances(session: Session, parties: Iterable[Party]) -> list[tuple[Party, Balance | None]]:
    """Give parties with what their accounts hold."""
    return [(party, balance_of(session, party.id)) for party in parties]


def account_holders(session: Session, limit: int = 50) -> list[str]:
    """Give the organisations that have an account, the latest opened first."""
    query = (
        select(AccountRow.party)
        .join(PartyRow, PartyRow.id == AccountRow.party)
        .where(PartyRow.is_natural.is_(False))
        .order_by(AccountRow.opened_at.desc(), AccountRow.account_id)
    )
    return list(session.scalars(query.limit(limit)))


def movements(
    session: Session, vault: Vault, account_id: str, offset: int, limit: int
) -> list[Movement]:
    """Give the transfers of an account, the latest first, each with its cause."""
    query = select(TransferRow).filter_by(account_id=account_id).order_by(TransferRow.seq.desc())
    return [
        _movement(session, vault, row) for row in session.scalars(query.offset(offset).limit(limit))
    ]


def _movement(session: Session, vault: Vault, row: TransferRow) -> Movement:
    opened = open_entry(session, vault, row.payload_id).get("record")
    said: Any = opened.value if opened is not None else {}
    proof = receipt(session, row.payload_id)
    return Movement(row, said.get("source"), said.get("event_id"), proof)


def records_of(session: Session, party: str) -> list[tuple[CreditRecord, Receipt]]:
    """Give the recorded penalties of a party, the latest decision first."""
    query = (
        select(CreditRecordRow.record_id)
        .filter_by(subject=party)
        .order_by(CreditRecordRow.decided.desc(), CreditRecordRow.record_id)
    )
    found = [find_record(session, id) for id in session.scalars(query)]
    return [(each, receipt(session, each.payload_id)) for each in found]
