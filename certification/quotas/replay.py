"""Compares accounts and lines with the log: the sums from public facts, products from openings.

The sums are those of the stranger's reader (`recompute`), which shares no code with the writer. The
steps, each its own function:
 1. every `left` that an entry states is the one computed, and no rule of the reader is broken
 2. every account has its row, every row its account, and all columns are the computed ones
 3. every line and every amendment of one has its entry, and says what that and its opening say
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.quotas.entries import AMEND, LINE
from certification.quotas.recompute import Books, Statement, recompute
from certification.quotas.tables import LineAmendmentRow, LineRow, QuotaRow
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime.clock import instant_text
from runtime.vault import Vault

Named = tuple[str, Payload]
_ACCOUNTS, _LINES = QuotaRow.__tablename__, LineRow.__tablename__
_AMENDED = LineAmendmentRow.__tablename__
_SUMS = (
    "cert_id", "parent", "bound", "unit", "granted", "given", "received", "printed", "void",
    "closed",
)  # fmt: skip


def rebuild_accounts(payloads: Iterable[Named]) -> Books:
    """The accounts of all certificates, from the public facts of payloads in the log's order."""
    return recompute(
        Statement(name, payload.type, payload.streams, payload.facts) for name, payload in payloads
    )


def replay_quotas(
    session: Session, vault: Vault, payloads: Iterable[Named]
) -> Iterator[Difference]:
    """Yield the differences between accounts, lines and the log; none on a healthy node.

    `payloads` are those of the log, by payload id, in its order.
    """
    told = list(payloads)
    books = rebuild_accounts(told)
    for fault in books.contradictions:
        yield Difference("entries", fault.name, fault.column, fault.name, fault.said, fault.found)
    yield from _compare_accounts(session, books)
    yield from _compare_lines(session, vault, dict(told))
    yield from _compare_amendments(session, vault, dict(told))


def _compare_accounts(session: Session, books: Books) -> Iterator[Difference]:
    """Step 2."""
    rows = {row.account_id: row for row in session.scalars(select(QuotaRow))}
    yield from unmatched(_ACCOUNTS, "account_id", rows, books.balances)
    for account_id in sorted(rows.keys() & books.balances.keys()):
        for column in _SUMS:
            stored = getattr(rows[account_id], column)
            logged = getattr(books.balances[account_id], column)
            if stored != logged:
                yield Difference(_ACCOUNTS, account_id, column, None, str(stored), str(logged))


def _compare_lines(
    session: Session, vault: Vault, payloads: Mapping[str, Payload]
) -> Iterator[Difference]:
    """Step 3, what was opened."""
    entries = {name: each for name, each in payloads.items() if each.type == LINE}
    rows = {row.payload_id: row for row in session.scalars(select(LineRow))}
    yield from unmatched(_LINES, "payload_id", rows, entries)
    opened = open_entries(session, vault, sorted(rows.keys() & entries.keys()))
    for name, openings in opened.items():
        row, facts = rows[name], entries[name].facts
        pairs: dict[str, tuple[object, object]] = {
            "line_id": (row.line_id in entries[name].streams, True),
            "cert_id": (row.cert_id in entries[name].streams, True),
            "n": (row.n, facts.get("line")),
            "season": (row.season, facts.get("season", "")),
            "unit": (row.unit, facts.get("unit")),
            "granted": (row.granted, facts.get("granted")),
        }
        record = openings.get("record")
        if record is not None and isinstance(record.value, dict):
            for column in ("product", "office", "document", "reason"):
                pairs[column] = (getattr(row, column), record.value.get(column))
        yield from compared(_LINES, row.line_id, name, pairs)


def _compare_amendments(
    session: Session, vault: Vault, payloads: Mapping[str, Payload]
) -> Iterator[Difference]:
    """Step 3, what was amended; the places of a line's amendments are those of its stream."""
    entries = {name: each for name, each in payloads.items() if each.type == AMEND}
    rows = {row.payload_id: row for row in session.scalars(select(LineAmendmentRow))}
    yield from unmatched(_AMENDED, "payload_id", rows, entries)
    places: dict[str, int] = defaultdict(int)
    both = [name for name in entries if name in rows]
    opened = open_entries(session, vault, both)
    for name in both:
        row, entry = rows[name], entries[name]
        places[row.line_id] += 1
        pairs: dict[str, tuple[object, object]] = {
            "line_id": (row.line_id in entry.streams, True),
            "n": (row.n, places[row.line_id]),
            "granted": (row.granted, entry.facts.get("granted")),
            "amended_at": (instant_text(row.amended_at), instant_text(entry.effective_at)),
        }
        record = opened[name].get("record")
        if record is not None and isinstance(record.value, dict):
            for column in ("typed_value", "typed_unit", "office", "document", "reason"):
                pairs[column] = (getattr(row, column), record.value.get(column))
        yield from compared(_AMENDED, f"{row.line_id}/{row.n}", name, pairs)


def unmatched(
    table: str, column: str, stored: Iterable[str], logged: Iterable[str]
) -> Iterator[Difference]:
    """Yield rows without an entry, and entries without a row."""
    known, told = set(stored), set(logged)
    for name in sorted(known - told):
        yield Difference(table, name, column, None, name, "no entry")
    for name in sorted(told - known):
        yield Difference(table, name, column, None, "no row", name)


def compared(
    table: str, row: str, entry: str, pairs: Mapping[str, tuple[object, object]]
) -> Iterator[Difference]:
    """Yield the columns in which a row says another thing than its entry."""
    for column, (stored, logged) in pairs.items():
        if stored != logged:
            yield Difference(table, row, column, entry, str(stored), str(logged))
