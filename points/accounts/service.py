"""Opening and locking accounts, reading balances.

An account row and its balance row are inserted before anybody locks them, each with
`ON CONFLICT DO NOTHING`, so that two first postings of one party meet on one row.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.first_come import insert_unless_there
from ledger.work import Work
from points.accounts.model import UNIT, Balance
from points.accounts.tables import AccountRow, BalanceRow
from runtime.ids import new_id


def open_account(work: Work, party: str, now: datetime) -> str:
    """The account of a party, opened now where it has none; returns its id."""
    found = account_of(work, party)
    if found is not None:
        return found
    account_id = new_id("acct", work.randomness)
    values = {"account_id": account_id, "party": party, "unit": UNIT, "opened_at": now}
    if not insert_unless_there(work, AccountRow, values):
        existing = account_of(work, party)
        assert existing is not None, "an account that stood in the way has vanished"
        account_id = existing
    empty = {"account_id": account_id, "balance_milli": 0, "postings": 0}
    insert_unless_there(work, BalanceRow, empty)
    return account_id


def account_of(session: Session, party: str) -> str | None:
    """The id of a party's account, None where it has none."""
    statement = select(AccountRow.account_id).where(
        AccountRow.party == party, AccountRow.unit == UNIT
    )
    return session.scalar(statement)


def lock(work: Work, account_id: str) -> Balance:
    """Lock an account's balance until the transaction ends, and read it."""
    statement = select(BalanceRow).where(BalanceRow.account_id == account_id).with_for_update()
    row = work.scalars(statement.execution_options(populate_existing=True)).one()
    party = work.get_one(AccountRow, account_id).party
    return Balance(account_id, party, UNIT, row.balance_milli, row.postings)


def add(work: Work, account_id: str, amount_milli: int) -> int:
    """Add a posting's amount to the locked balance; returns the new balance."""
    row = work.get_one(BalanceRow, account_id)
    row.balance_milli += amount_milli
    row.postings += 1
    work.flush()
    return row.balance_milli


def balance_of(session: Session, party: str) -> Balance | None:
    """What a party's account holds, None where it has no account."""
    statement = (
        select(BalanceRow, AccountRow)
        .join(AccountRow, AccountRow.account_id == BalanceRow.account_id)
        .where(AccountRow.party == party, AccountRow.unit == UNIT)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        return None
    row, account = found
    return Balance(account.account_id, party, UNIT, row.balance_milli, row.postings)
