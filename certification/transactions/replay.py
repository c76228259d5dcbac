"""Compares transaction certificates with the log, with the openings still held, and with accounts.

The steps, each its own function:
 1. every certificate and every voiding has its entry, and every entry its row
 2. what a row says is what the entry's public facts and its opening say
 3. what accounts have sold, and the counters of numbers, are the sums of the rows

Amounts are committed, so step 3 is no stranger's: it sums the rows that step 2 compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.quotas.replay import Named, compared, unmatched
from certification.quotas.tables import QuotaRow
from certification.transactions.entries import ISSUE, VOID
from certification.transactions.service import committed_issue
from certification.transactions.tables import (
    TransactionNumbers,
    TransactionRow,
    TransactionVoidRow,
)
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime.clock import beijing_date, instant_text
from runtime.vault import Vault

_ISSUED, _VOIDED = TransactionRow.__tablename__, TransactionVoidRow.__tablename__
_NUMBERS, _ACCOUNTS = TransactionNumbers.__tablename__, QuotaRow.__tablename__


def replay_transactions(
    session: Session, vault: Vault, payloads: Iterable[Named]
) -> Iterator[Difference]:
    """Yield the differences between transaction certificates and the log; none when healthy."""
    told = list(payloads)
    issued = list(session.scalars(select(TransactionRow)))
    voided = list(session.scalars(select(TransactionVoidRow)))
    numbers = {row.id: row.number for row in issued}
    facts: dict[str, Any]
    stored: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {}
    for row in issued:
        facts = {"id": row.id, "number": row.number, "state": "issued"}
        facts["issued_at"] = instant_text(row.issued_at)
        stored[row.payload_id] = (_ISSUED, row.id, facts, committed_issue(row))
    for void in voided:
        number = numbers.get(void.transaction_id)
        facts = {"transaction_id": void.transaction_id, "number": number, "state": "void"}
        facts["voided_at"] = instant_text(void.voided_at)
        secret = {"office": void.office, "reason": void.reason}
        stored[void.payload_id] = (_VOIDED, void.transaction_id, facts, secret)
    for table, type in ((_ISSUED, ISSUE), (_VOIDED, VOID)):
        rows = {name for name, each in stored.items() if each[0] == table}
        entries = {name: payload for name, payload in told if payload.type == type}
        yield from unmatched(table, "payload_id", rows, entries)
        yield from _compare(session, vault, {name: stored[name] for name in rows}, entries)
    yield from _sums(session, issued, {row.transaction_id for row in voided})


def _compare(
    session: Session,
    vault: Vault,
    rows: Mapping[str, tuple[str, str, dict[str, Any], dict[str, Any]]],
    entries: Mapping[str, Payload],
) -> Iterator[Difference]:
    """Step 2."""
    both = sorted(rows.keys() & entries.keys())
    opened = open_entries(session, vault, both)
    for name in both:
        table, row, facts, committed = rows[name]
        entry, at = entries[name], instant_text(entries[name].effective_at)
        says = {"id": entry.streams[0], "transaction_id": entry.streams[0], **entry.facts}
        says |= {"issued_at": at, "voided_at": at}
        pairs = {column: (value, says.get(column)) for column, value in facts.items()}
        record = opened[name].get("record")
        if record is not None and isinstance(record.value, dict):
            pairs |= {each: (value, record.value.get(each)) for each, value in committed.items()}
        yield from compared(table, row, name, pairs)


def _sums(
    session: Session, issued: Iterable[TransactionRow], voided: set[str]
) -> Iterator[Difference]:
    """Step 3."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    years: dict[int, int] = defaultdict(int)
    for row in issued:
        sums[row.account_id, "sold"] += row.units
        sums[row.account_id, "sold_void"] += row.units if row.id in voided else 0
        years[beijing_date(row.issued_at).year] += 1
    for account in session.scalars(select(QuotaRow).order_by(QuotaRow.account_id)):
        for column in ("sold", "sold_void"):
            stored, told = getattr(account, column), sums[account.account_id, column]
            if stored != told:
                name = account.account_id
                yield Difference(_ACCOUNTS, name, column, None, str(stored), str(told))
    rows = {row.year: row.newest for row in session.scalars(select(TransactionNumbers))}
    for year in sorted(rows.keys() | years.keys()):
        if rows.get(year, 0) != years.get(year, 0):
            found, counted = str(rows.get(year, 0)), str(years.get(year, 0))
            yield Difference(_NUMBERS, str(year), "newest", None, found, counted)
