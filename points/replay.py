"""Rebuilds every balance from the log and the openings still held, and compares with the tables.

Each opening is checked against its commitment (`ledger.openings`) before it counts. For every
transfer the row, its postings, its lot and its shares must be exactly what the entry commits to;
for every account the balance must be the sum of its transfers, after each of them. An opening that
was erased is no difference: it is counted, and its rows are compared with nothing. Nothing here
is used by the writer.

Credit records and their endings are compared with their openings in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import Payload, parse_entry, parse_payload, payload_id
from ledger.entries.tables import OutboxRow
from ledger.openings.service import open_entries
from ledger.reader import LogReader
from points import entries
from points.accounts.tables import AccountRow, BalanceRow
from points.credit.records.tables import CreditClosingRow, CreditRecordRow
from points.packs.tables import PackRow
from points.postings.tables import ClaimRow, LotRow, PostingRow, ShareRow, TransferRow
from runtime import base64url
from runtime.clock import instant_text
from runtime.vault import Vault


@dataclass
class Replayed:
    """What a replay found.

    `balances_milli` and `parties` by account id, as log and openings tell them; `transfers` is how
    many were opened, `erased` how many openings are gone, `differences` what does not agree.
    """

    balances_milli: dict[str, int] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)
    transfers: int = 0
    erased: int = 0
    differences: list[Difference] = field(default_factory=list)


def replay(session: Session, vault: Vault) -> Replayed:
    """Rebuild and compare everything of this area; no differences on a healthy node."""
    payloads = dict(_payloads(session))
    found = Replayed()
    _replay_transfers(session, vault, payloads, found)
    _compare_balances(session, found)
    _compare_accounts(session, found)
    _compare_packs(session, payloads, found)
    _replay_records(session, vault, payloads, found)
    return found


def _payloads(session: Session) -> Iterator[tuple[str, Payload]]:
    """Payloads of this area by name, in the order of the log; then those that wait."""
    reader = LogReader(session)
    waiting = list(session.execute(select(OutboxRow.payload_id, OutboxRow.payload)))
    for content in reader.entry_range(0, reader.size):
        if b'"type":"points.' in content:
            entry = parse_entry(content)
            yield base64url.encode(payload_id(entry.payload_bytes)), entry.payload
    for name, payload in waiting:
        if b'"type":"points.' in payload:
            yield base64url.encode(name), parse_payload(payload)


def _of_type(payloads: Mapping[str, Payload], wanted: str) -> list[str]:
    return [name for name, payload in payloads.items() if payload.type == wanted]


# --- Transfers -----------------------------------------------------------------------------------


def _replay_transfers(
    session: Session, vault: Vault, payloads: Mapping[str, Payload], found: Replayed
) -> None:
    names = _of_type(payloads, entries.POSTING_POST)
    opened = open_entries(session, vault, names)
    stored = _Stored(session)
    found.differences += stored.without_entry(names)
    for name in names:
        opening = opened[name].get("record")
        if opening is None:
            found.erased += 1
            _count_stored(stored, name, found)
            continue
        body: Any = opening.value
        found.transfers += 1
        found.differences += stored.compare(name, payloads[name], body)
        _count(body, found, name)


def _count(body: Any, found: Replayed, name: str) -> None:
    account = str(body["account"])
    found.parties[account] = str(body["party"])
    amounts = {str(side[0]): int(side[1]) for side in body["postings"]}
    if sum(amounts.values()) != 0:
        found.differences.append(
            Difference("entries", name, "postings", name, str(sum(amounts.values())), "0")
        )
    balance = found.balances_milli.get(account, 0) + amounts[account]
    found.balances_milli[account] = balance
    if balance != body["balance_after"]:
        said = str(body["balance_after"])
        found.differences.append(
            Difference("entries", name, "balance_after", name, said, str(balance))
        )


def _count_stored(stored: _Stored, name: str, found: Replayed) -> None:
    """An erased opening: the row still tells the amount, if it is there, but proves nothing."""
    row = stored.transfers.get(name)
    if row is not None:
        before = found.balances_milli.get(row.account_id, 0)
        found.balances_milli[row.account_id] = before + row.amount_milli


class _Stored:
    """The rows of transfers, by the entry that they name."""

    def __init__(self, session: Session) -> None:
        rows = session.scalars(select(TransferRow))
        self.transfers = {row.payload_id: row for row in rows}
        self._claims = {row.transfer_id: row for row in session.scalars(select(ClaimRow))}
        self._lots = {row.lot_id: row for row in session.scalars(select(LotRow))}
        self._postings: dict[str, list[list[object]]] = {}
        for side in session.scalars(select(PostingRow)):
            listed = self._postings.setdefault(side.transfer_id, [])
            listed.append([side.account, side.amount_milli])
        self._shares: dict[str, list[list[object]]] = {}
        for share in session.scalars(select(ShareRow)):
            taken = self._shares.setdefault(share.transfer_id, [])
            taken.append([share.lot_id, share.of_transfer, share.amount_milli])

    def without_entry(self, names: Iterable[str]) -> Iterator[Difference]:
        """Rows that name no entry, and entries that no row names."""
        table, logged = TransferRow.__tablename__, set(names)
        for name in sorted(self.transfers.keys() - logged):
            row = self.transfers[name]
            yield Difference(table, row.transfer_id, "payload_id", None, name, "no entry")
        for name in sorted(logged - self.transfers.keys()):
            yield Difference(table, "no row", "payload_id", name, "no row", name)

    def compare(self, name: str, payload: Payload, body: Any) -> Iterator[Difference]:
        """What a transfer's rows say, against what its entry commits to."""
        row = self.transfers.get(name)
        if row is None:
            return
        yield from _columns(
            TransferRow.__tablename__, row.transfer_id, name, _transfer_columns(row, payload, body)
        )
        yield from self._compare_parts(name, row, body)

    def _compare_parts(self, name: str, row: TransferRow, body: Any) -> Iterator[Difference]:
        sides = sorted(map(str, self._postings.get(row.transfer_id, [])))
        shares = sorted(map(str, self._shares.get(row.transfer_id, [])))
        parts = {
            PostingRow.__tablename__: (sides, sorted(map(str, body["postings"]))),
            ShareRow.__tablename__: (shares, sorted(map(str, body["shares"]))),
        }
        for table, (stored, logged) in parts.items():
            if stored != logged:
                yield Difference(
                    table, row.transfer_id, "amount_milli", name, str(stored), str(logged)
                )
        yield from self._compare_lot(name, row, body)
        yield from self._compare_claim(name, row, body)

    def _compare_lot(self, name: str, row: TransferRow, body: Any) -> Iterator[Difference]:
        lot = self._lots.get(row.transfer_id)
        if (lot is None) is not ("lot_expires_at" not in body):
            yield Difference(
                LotRow.__tablename__, row.transfer_id, "lot_id", name, str(lot is not None), "other"
            )
        if lot is not None and "lot_expires_at" in body:
            columns = {
                "amount_milli": (lot.amount_milli, row.amount_milli),
                "account_id": (lot.account_id, body["account"]),
                "origin_at": (instant_text(lot.origin_at), body["effective_at"]),
                "expires_at": (
                    None if lot.expires_at is None else instant_text(lot.expires_at),
                    body["lot_expires_at"],
                ),
            }
            yield from _columns(LotRow.__tablename__, lot.lot_id, name, columns)

    def _compare_claim(self, name: str, row: TransferRow, body: Any) -> Iterator[Difference]:
        claim = self._claims.get(row.transfer_id)
        columns: dict[str, tuple[object, object]] = {
            "source": (claim and claim.source, body["source"]),
            "event_id": (claim and claim.event_id, body["event_id"]),
        }
        yield from _columns(ClaimRow.__tablename__, row.transfer_id, name, columns)


def _transfer_columns(
    row: TransferRow, payload: Payload, body: Any
) -> dict[str, tuple[object, object]]:
    own = [side[1] for side in body["postings"] if side[0] == body["account"]]
    return {
        "transfer_id": (row.transfer_id, body["transfer"]),
        "account_id": (row.account_id, body["account"]),
        "seq": (row.seq, body["seq"]),
        "kind": (row.kind, body["kind"]),
        "amount_milli": ([row.amount_milli], own),
        "balance_after_milli": (row.balance_after_milli, body["balance_after"]),
        "effective_at": (instant_text(row.effective_at), body["effective_at"]),
        "pack": (base64url.encode(row.pack), payload.facts.get("pack")),
        "rule": (row.rule, body["rule"]),
        "cap_key": (row.cap_key, body["cap_key"]),
        "reverses": (row.reverses, body.get("reverses")),
    }


def _columns(
    table: str, row: str, entry: str, pairs: Mapping[str, tuple[object, object]]
) -> Iterator[Difference]:
    for column, (stored, logged) in pairs.items():
        if stored != logged:
            yield Difference(table, row, column, entry, str(stored), str(logged))


# --- Balances, accounts, packs -------------------------------------------------------------------


def _compare_balances(session: Session, found: Replayed) -> None:
    rows = {row.account_id: row.balance_milli for row in session.scalars(select(BalanceRow))}
    for account_id in sorted(rows.keys() | found.balances_milli.keys()):
        stored, logged = rows.get(account_id), found.balances_milli.get(account_id, 0)
        if stored != logged:
            found.differences.append(
                Difference(
                    BalanceRow.__tablename__,
                    account_id,
                    "balance_milli",
                    None,
                    str(stored),
                    str(logged),
                )
            )


def _compare_accounts(session: Session, found: Replayed) -> None:
    counted = select(TransferRow.account_id)
    numbers: dict[str, int] = {}
    for account_id in session.scalars(counted):
        numbers[account_id] = numbers.get(account_id, 0) + 1
    for row in session.scalars(select(BalanceRow)):
        logged = numbers.get(row.account_id, 0)
        if row.postings != logged:
            found.differences.append(
                Difference(
                    BalanceRow.__tablename__,
                    row.account_id,
                    "postings",
                    None,
                    str(row.postings),
                    str(logged),
                )
            )
    found.differences += _account_differences(session, found)


def _account_differences(session: Session, found: Replayed) -> Iterator[Difference]:
    stored = {row.account_id: row.party for row in session.scalars(select(AccountRow))}
    table = AccountRow.__tablename__
    for account_id in sorted(found.balances_milli.keys() - stored.keys()):
        yield Difference(table, account_id, "account_id", None, "no row", account_id)
    for account_id in sorted(found.parties.keys() & stored.keys()):
        if stored[account_id] != found.parties[account_id]:
            parties = stored[account_id], found.parties[account_id]
            yield Difference(table, account_id, "party", None, *parties)


def _compare_packs(session: Session, payloads: Mapping[str, Payload], found: Replayed) -> None:
    table = PackRow.__tablename__
    rows = {row.payload_id: row for row in session.scalars(select(PackRow))}
    names = set(_of_type(payloads, entries.PACK_PUBLISH))
    for name in sorted(rows.keys() ^ names):
        stored, logged = ("no row", name) if name in names else (name, "no entry")
        found.differences.append(Difference(table, name, "payload_id", name, stored, logged))
    for name in sorted(rows.keys() & names):
        row, facts = rows[name], payloads[name].facts
        columns: dict[str, tuple[object, object]] = {
            "digest": (base64url.encode(row.digest), facts["pack"]),
            "content": (base64url.encode(sha256(row.content).digest()), facts["pack"]),
            "code": (row.code, facts["code"]),
            "version": (row.version, facts["version"]),
        }
        found.differences += _columns(table, row.pack_id, name, columns)


# --- Credit records ------------------------------------------------------------------------------


def _replay_records(
    session: Session, vault: Vault, payloads: Mapping[str, Payload], found: Replayed
) -> None:
    rows: list[CreditRecordRow | CreditClosingRow] = [
        *session.scalars(select(CreditRecordRow)),
        *session.scalars(select(CreditClosingRow)),
    ]
    by_name = {row.payload_id: row for row in rows}
    names = _of_type(payloads, entries.CREDIT_RECORD) + _of_type(payloads, entries.CREDIT_CLOSE)
    for name in sorted(by_name.keys() ^ set(names)):
        table = CreditRecordRow.__tablename__
        stored, logged = ("no row", name) if name not in by_name else (name, "no entry")
        found.differences.append(Difference(table, name, "payload_id", name, stored, logged))
    known = [name for name in names if name in by_name]
    opened = open_entries(session, vault, known)
    for name in known:
        opening = opened[name].get("record")
        if opening is None:
            found.erased += 1
            continue
        row = by_name[name]
        columns = _record_columns(row, opening.value)
        found.differences += _columns(row.__tablename__, row.record_id, name, columns)


def _record_columns(
    row: CreditRecordRow | CreditClosingRow, body: Any
) -> dict[str, tuple[object, object]]:
    columns = _RECORD_MEMBERS if isinstance(row, CreditRecordRow) else _CLOSING_MEMBERS
    return {
        column: (_written(getattr(row, column)), body.get(member))
        for column, member in columns.items()
    }


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


_CLOSING_MEMBERS = {
    "record_id": "record",
    "ending": "ending",
    "effective_at": "effective_at",
    "document_number": "document_number",
}
_RECORD_MEMBERS = {
    "record_id": "record",
    "kind": "kind",
    "subject": "subject",
    "document_number": "document_number",
    "authority": "authority",
    "decided": "decided",
    "penalty_class": "class",
    "offence": "offence",
    "finding": "finding",
    "occurred_at": "occurred_at",
    "basis": "basis",
    "disclosure_start": "disclosure_start",
    "disclosure_end": "disclosure_end",
    "regime": "regime",
}
