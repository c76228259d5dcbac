"""Use cases of transaction certificates: issue, declare void; and reading them.

Each locks the certificate's guard first, then the account, then the counter of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate, find
from certification.quotas import service as quotas
from certification.quotas.model import Account, read_units
from certification.quotas.office import check_asking, check_office, signer_of
from certification.refusals import CertificationRefusal
from certification.transactions import model
from certification.transactions.entries import ISSUE, VOID
from certification.transactions.model import TransactionState
from certification.transactions.tables import (
    TransactionNumbers,
    TransactionRow,
    TransactionVoidRow,
)
from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.parties.service import find_party
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.ids import new_id
from runtime.refusal import refuse
from runtime.strict_json import Json


@dataclass(frozen=True)
class IssueTransaction:
    """Certify that the holder of a certificate sold so much of a product to `buyer` (a party id).

    `quantity` and `unit` are as typed; `season` names the line of a certificate whose grant has
    lines; `lots` are the ids of the lots that were sold from.
    """

    cert_id: str
    buyer: str
    product: str
    quantity: str
    unit: str
    sold_on: date
    season: str = ""
    lots: tuple[str, ...] = ()
    document: str | None = None


@dataclass(frozen=True)
class VoidTransaction:
    """Declare a transaction certificate (number or id) void, and why."""

    transaction: str
    reason: str


@dataclass(frozen=True)
class TransactionChanged:
    """A transaction certificate after it was issued or declared void."""

    id: str
    number: str
    state: str
    payload_id: str


@dataclass(frozen=True)
class Transaction:
    """A transaction certificate as its parties and the office see it; `units` in whole `unit`."""

    id: str
    number: str
    cert_id: str
    seller: str
    buyer: str
    product: str
    season: str
    unit: str
    units: int
    sold_on: date
    lots: tuple[str, ...]
    issued_at: datetime
    state: TransactionState
    payload_ids: tuple[str, ...]


def issue(work: Work, command: IssueTransaction, actor: Actor, now: datetime) -> TransactionChanged:
    """Issue a transaction certificate within the certified output.

    Raises Refusal: those of `quotas.office`, CERTIFICATE_UNKNOWN, those of
    `check_issue` and `check_lots`, CERTIFICATE_NOT_FOR_PRODUCT, LINE_UNKNOWN, those of
    `read_units`, OVER_OUTPUT_*.
    """
    check_asking(actor, None, command.document)
    quotas.lock(work, [command.cert_id])
    certificate = find(work, command.cert_id, now, now)
    check_office(work, actor, certificate.scheme.code, (certificate.holder,), now)
    _check_issue(work, certificate, command, now)
    root = _root_for(work, certificate, command)
    units = read_units(command.quantity, command.unit, root.unit)
    quotas.sell(work, root.account_id, units)
    row = TransactionRow(
        id=new_id("tcrt", work.randomness),
        number=_next_number(work, now),
        cert_id=certificate.cert_id,
        account_id=root.account_id,
        seller=certificate.holder,
        buyer=command.buyer,
        product=command.product,
        season=command.season,
        unit=root.unit,
        units=units,
        typed_value=command.quantity,
        typed_unit=command.unit,
        sold_on=command.sold_on,
        lots=sorted(command.lots),
        issued_at=now,
        office=actor.party,
        document=command.document,
    )
    row.payload_id = _log(work, ISSUE, row, committed_issue(row), actor, now)
    work.add(row)
    work.flush()
    return TransactionChanged(row.id, row.number, TransactionState.ISSUED.value, row.payload_id)


def declare_void(
    work: Work, command: VoidTransaction, actor: Actor, now: datetime
) -> TransactionChanged:
    """Declare a transaction certificate void; its quantity may be sold again.

    Allowed in every state of the certificate. Raises Refusal: those of
    `quotas.office`, TRANSACTION_UNKNOWN, TRANSACTION_VOID.
    """
    check_asking(actor, command.reason, None)
    row = _row(work, command.transaction)
    quotas.lock(work, [row.cert_id])
    scheme = find(work, row.cert_id, now, now).scheme.code
    check_office(work, actor, scheme, (row.seller,), now)
    model.check_void(_state(work, row))
    quotas.unsell(work, row.account_id, row.units)
    secret: dict[str, Json] = {"office": actor.party, "reason": command.reason}
    payload_id = _log(work, VOID, row, secret, actor, now)
    work.add(
        TransactionVoidRow(
            transaction_id=row.id,
            voided_at=now,
            office=actor.party,
            reason=command.reason,
            payload_id=payload_id,
        )
    )
    work.flush()
    return TransactionChanged(row.id, row.number, TransactionState.VOID.value, payload_id)


def committed_issue(row: TransactionRow) -> dict[str, Json]:
    """What the entry of an issue commits to."""
    return {
        "certificate": row.cert_id,
        "account": row.account_id,
        "seller": row.seller,
        "buyer": row.buyer,
        "product": row.product,
        "season": row.season,
        "unit": row.unit,
        "units": row.units,
        "typed_value": row.typed_value,
        "typed_unit": row.typed_unit,
        "sold_on": row.sold_on.isoformat(),
        "lots": list(row.lots),
        "office": row.office,
        "document": row.document,
    }


# --- Reading -----------------------------------------------------------------------------------


def find_transaction(session: Session, number_or_id: str) -> Transaction:
    """One transaction certificate. Raises Refusal TRANSACTION_UNKNOWN."""
    return _read(session, TransactionRow.id == _row(session, number_or_id).id)[0]


def of_certificate(session: Session, cert_id: str) -> tuple[Transaction, ...]:
    """All transaction certificates under a certificate, by number."""
    return _read(session, TransactionRow.cert_id == cert_id)


def of_party(session: Session, party: str) -> tuple[Transaction, ...]:
    """All transaction certificates in which a party sold or bought, by number."""
    return _read(session, (TransactionRow.seller == party) | (TransactionRow.buyer == party))


def _read(session: Session, asked: ColumnElement[bool]) -> tuple[Transaction, ...]:
    statement = (
        select(TransactionRow, TransactionVoidRow.payload_id)
        .outerjoin(TransactionVoidRow, TransactionVoidRow.transaction_id == TransactionRow.id)
        .where(asked)
        .order_by(TransactionRow.number)
    )
    return tuple(_transaction(row, void) for row, void in session.execute(statement))


def _transaction(row: TransactionRow, void: str | None) -> Transaction:
    return Transaction(
        id=row.id,
        number=row.number,
        cert_id=row.cert_id,
        seller=row.seller,
        buyer=row.buyer,
        product=row.product,
        season=row.season,
        unit=row.unit,
        units=row.units,
        sold_on=row.sold_on,
        lots=tuple(row.lots),
        issued_at=row.issued_at,
        state=TransactionState.ISSUED if void is None else TransactionState.VOID,
        payload_ids=tuple(each for each in (row.payload_id, void) if each is not None),
    )


def _row(session: Session, number_or_id: str) -> TransactionRow:
    asked = (TransactionRow.number == number_or_id) | (TransactionRow.id == number_or_id)
    row = session.scalar(select(TransactionRow).where(asked))
    return row if row is not None else refuse(CertificationRefusal.TRANSACTION_UNKNOWN)


def _state(session: Session, row: TransactionRow) -> TransactionState:
    query = select(TransactionVoidRow.payload_id).filter_by(transaction_id=row.id)
    void = session.scalar(query)
    return TransactionState.ISSUED if void is None else TransactionState.VOID


# --- Deciding ----------------------------------------------------------------------------------


def _check_issue(
    work: Work, certificate: Certificate, command: IssueTransaction, now: datetime
) -> None:
    parties = (certificate.holder, command.buyer)
    bound = certificate.quota.bound
    model.check_issue(bound, certificate.history, parties, command.sold_on, now)
    model.check_lots(command.lots)
    if find_party(work, command.buyer) is None:
        refuse(CertificationRefusal.TRANSACTION_BUYER_INVALID, "/buyer")


def _root_for(work: Work, certificate: Certificate, command: IssueTransaction) -> Account:
    """The account whose output bounds the sale: a line of the product and season, else the guard's.

    The guard counts for every product that the certificate names.
    """
    if command.product not in certificate.products:
        refuse(CertificationRefusal.CERTIFICATE_NOT_FOR_PRODUCT, "/product")
    tree = quotas.accounts(work, [certificate.cert_id])[certificate.cert_id]
    lines = quotas.lines(work, [certificate.cert_id])[certificate.cert_id]
    named = [
        line.line_id
        for line in lines
        if (line.product, line.season) == (command.product, command.season)
    ]
    if not named and (lines or command.season):
        refuse(CertificationRefusal.LINE_UNKNOWN, "/season")
    wanted = named[0] if named else certificate.cert_id
    return next(each for each in tree if each.account_id == wanted)


def _next_number(work: Work, now: datetime) -> str:
    year = beijing_date(now).year
    insert_unless_there(work, TransactionNumbers, {"year": year, "newest": 0})
    query = select(TransactionNumbers).filter_by(year=year).with_for_update()
    row = work.scalars(query.execution_options(populate_existing=True)).one()
    row.newest += 1
    work.flush()
    return model.number_of(year, row.newest)


def _log(
    work: Work,
    type: str,
    row: TransactionRow,
    committed: dict[str, Json],
    actor: Actor,
    now: datetime,
) -> str:
    state = TransactionState.ISSUED if type == ISSUE else TransactionState.VOID
    facts: dict[str, Json] = {"number": row.number, "state": state.value}
    draft = Draft(type, (row.id,), now, facts, (Secret("record", committed, row.seller),))
    return record(work, draft, signer_of(work, actor), now).payload_id
