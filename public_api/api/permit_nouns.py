"""Print permits of packing houses, and transaction certificates for goods sold on in bulk.

Both are read by their parties and by offices: what is public about them stands in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from certification.certificates.register import find
from certification.permits import register
from certification.permits import service as permit_service
from certification.permits.register import Permit
from certification.permits.service import ChangePermit, MovePermit, OpenPermit, PermitChanged
from certification.transactions import service as transaction_service
from certification.transactions.service import (
    IssueTransaction,
    Transaction,
    TransactionChanged,
    VoidTransaction,
)
from identity.actor import Actor
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Role, Scope
from ledger.work import Work
from public_api.api.fields import Day, Listed, Shape, Text, named, whose
from public_api.api.operation import Noun, Of, run
from public_api.api.reading import Amount, amount
from runtime.refusal import refuse
from trace.lots.service import require_lot
from trace.products.service import require_product
from web.node import current_node

permits = Noun(
    "permits",
    __name__,
    url_prefix="/api/v1/permits",
    description="Print permits under certificates (准印证)",
)
transaction_certificates = Noun(
    "transaction-certificates",
    __name__,
    url_prefix="/api/v1/transaction-certificates",
    description="Transaction certificates for goods sold on (销售证)",
)
OFFICES = frozenset({Role.BRAND_OFFICER, Role.DECIDER, Role.REGULATOR})


@dataclass(frozen=True)
class PermitDeedRead:
    """One thing done about a permit; `units` in mg or pieces, `taker` the permit moved to."""

    n: int
    deed: str
    done_at: datetime
    units: int | None
    taker: str | None
    payload_id: str


@dataclass(frozen=True)
class PermitRead:
    """A print permit with its balance; `usable` also asks whether the certificate is in force."""

    id: str
    number: str
    cert_id: str
    certificate: str
    holder: str
    product: str | None
    season: str
    state: str
    usable: bool
    received: Amount
    given: Amount
    printed: Amount
    left: Amount
    deeds: tuple[PermitDeedRead, ...]


@dataclass(frozen=True)
class PermitList:
    """Permits by number."""

    permits: tuple[PermitRead, ...]


@dataclass(frozen=True)
class TransactionRead:
    """A transaction certificate."""

    id: str
    number: str
    cert_id: str
    seller: str
    buyer: str
    product: str
    season: str
    quantity: Amount
    sold_on: date
    lots: tuple[str, ...]
    issued_at: datetime
    state: str
    payload_ids: tuple[str, ...]


@dataclass(frozen=True)
class TransactionList:
    """Transaction certificates by number."""

    transactions: tuple[TransactionRead, ...]


class PermitBody(Shape):
    """A permit to be opened; `product` and `season` name a line of the certificate."""

    certificate = named(required=True, about="Its id")
    holder = named(required=True, about="Id or credit code of the packing house")
    quantity = Text(required=True, most=40)
    unit = Text(required=True, most=16)
    reason = Text(required=True)
    product = named(load_default=None, allow_none=True)
    season = Text(load_default="", most=40)
    document = Text(load_default=None, allow_none=True)


class MovePermitBody(Shape):
    """What is handed on to another permit of the same account."""

    to = named(required=True, about="Number or id of the permit that takes")
    quantity = Text(required=True, most=40)
    unit = Text(required=True, most=16)
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


class ChangePermitBody(Shape):
    """Why a permit is frozen, thawed or closed."""

    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


class PermitsAsked(Shape):
    """Which permits are listed: of a certificate, or of a packing house."""

    certificate = named(load_default=None)
    holder = whose()


class TransactionBody(Shape):
    """A sale to be certified."""

    certificate = named(required=True, about="Its id")
    buyer = named(required=True, about="Id or credit code of the party")
    product = named(required=True, about="Code, GTIN-14 or id")
    quantity = Text(required=True, most=40)
    unit = Text(required=True, most=16)
    sold_on = Day(required=True)
    season = Text(load_default="", most=40)
    lots = Listed(named(), load_default=(), about="Lots that were sold from")
    document = Text(load_default=None, allow_none=True)


class VoidTransactionBody(Shape):
    """Why it is void."""

    reason = Text(required=True)


# ---- permits -----------------------------------------------------------------------------------


@permits.operation("POST", "", Scope.CERTIFY, PermitChanged, takes=PermitBody)
def create_permit(actor: Actor, body: dict[str, Any]) -> Of:
    """Open a print permit."""
    with current_node().database.read() as session:
        body["holder"] = get_party(session, body["holder"]).id
        if body["product"] is not None:
            body["product"] = require_product(session, body["product"], "/product").id
    order = OpenPermit(cert_id=body.pop("certificate"), **body)
    made = run(permit_service.open_permit, order, actor)
    return Of(made, f"/permits/{made.permit_id}")


@permits.operation("GET", "", Scope.CERTIFY, PermitList, asks=PermitsAsked)
def list_permits(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the permits of a certificate, or of a packing house."""
    now = current_node().clock.now()
    with current_node().database.read() as session:
        if asked["certificate"] is not None:
            holder = find(session, asked["certificate"], now, now).holder
            check_parties(actor, holder)
            found = register.of_certificate(session, asked["certificate"], now)
        else:
            holder = get_party(session, asked["holder"] or actor.party or "").id
            check_parties(actor, holder)
            found = register.of_holder(session, holder, now)
        return PermitList(tuple(map(_permit, found)))


@permits.operation("GET", "/<code:permit>", Scope.CERTIFY, PermitRead)
def get_permit(actor: Actor, permit: str) -> Any:
    """Give a permit with its balance."""
    now = current_node().clock.now()
    with current_node().database.read() as session:
        found = register.find_permit(session, permit, now)
        check_parties(actor, found.holder, find(session, found.cert_id, now, now).holder)
        return _permit(found)


@permits.operation(
    "POST", "/<code:permit>/move", Scope.CERTIFY, PermitChanged, takes=MovePermitBody
)
def move(actor: Actor, body: dict[str, Any], permit: str) -> Any:
    """Hand so much of a permit on to another one."""
    return run(permit_service.move_permit, MovePermit(permit, **body), actor)


Change = Callable[[Work, ChangePermit, Actor, datetime], PermitChanged]


def _change(use_case: Change, actor: Actor, body: dict[str, Any], permit: str) -> Any:
    return run(use_case, ChangePermit(permit, **body), actor)


@permits.operation(
    "POST", "/<code:permit>/freeze", Scope.CERTIFY, PermitChanged, takes=ChangePermitBody
)
def freeze(actor: Actor, body: dict[str, Any], permit: str) -> Any:
    """Stop printing under a permit."""
    return _change(permit_service.freeze_permit, actor, body, permit)


@permits.operation(
    "POST", "/<code:permit>/thaw", Scope.CERTIFY, PermitChanged, takes=ChangePermitBody
)
def thaw(actor: Actor, body: dict[str, Any], permit: str) -> Any:
    """End a freeze."""
    return _change(permit_service.thaw_permit, actor, body, permit)


@permits.operation(
    "POST", "/<code:permit>/close", Scope.CERTIFY, PermitChanged, takes=ChangePermitBody
)
def close(actor: Actor, body: dict[str, Any], permit: str) -> Any:
    """Close a permit for good; what it had left goes back."""
    return _change(permit_service.close_permit, actor, body, permit)


# ---- transaction certificates ------------------------------------------------------------------


@transaction_certificates.operation(
    "POST", "", Scope.CERTIFY, TransactionChanged, takes=TransactionBody
)
def create_transaction(actor: Actor, body: dict[str, Any]) -> Of:
    """Certify a sale within the certified output."""
    with current_node().database.read() as session:
        body["buyer"] = get_party(session, body["buyer"]).id
        body["product"] = require_product(session, body["product"], "/product").id
        body["lots"] = tuple(
            require_lot(session, each, f"/lots/{place}").id
            for place, each in enumerate(body["lots"])
        )
    order = IssueTransaction(cert_id=body.pop("certificate"), **body)
    made = run(transaction_service.issue, order, actor)
    return Of(made, f"/transaction-certificates/{made.id}")


@transaction_certificates.operation("GET", "", Scope.CERTIFY, TransactionList, asks=PermitsAsked)
def list_transactions(actor: Actor, asked: dict[str, Any]) -> Any:
    """List what was certified under a certificate, or what a party sold and bought."""
    now = current_node().clock.now()
    with current_node().database.read() as session:
        if asked["certificate"] is not None:
            holder = find(session, asked["certificate"], now, now).holder
            check_parties(actor, holder)
            found = transaction_service.of_certificate(session, asked["certificate"])
        else:
            holder = get_party(session, asked["holder"] or actor.party or "").id
            check_parties(actor, holder)
            found = transaction_service.of_party(session, holder)
        return TransactionList(tuple(map(_transaction, found)))


@transaction_certificates.operation("GET", "/<code:transaction>", Scope.CERTIFY, TransactionRead)
def get_transaction(actor: Actor, transaction: str) -> Any:
    """Give a transaction certificate."""
    with current_node().database.read() as session:
        found = transaction_service.find_transaction(session, transaction)
        check_parties(actor, found.seller, found.buyer)
        return _transaction(found)


@transaction_certificates.operation(
    "POST", "/<code:transaction>/void", Scope.CERTIFY, TransactionChanged,
    takes=VoidTransactionBody,
)  # fmt: skip
def void(actor: Actor, body: dict[str, Any], transaction: str) -> Any:
    """Declare a transaction certificate void."""
    order = VoidTransaction(transaction, **body)
    return run(transaction_service.declare_void, order, actor)


# ---- who reads, and answers --------------------------------------------------------------------


def check_parties(actor: Actor, *parties: str) -> None:
    """Let these parties, offices and the platform pass. Raises Refusal OTHER_PARTY."""
    if actor.is_platform or not actor.roles.isdisjoint(OFFICES):
        return
    if actor.party is None or actor.party not in parties:
        refuse(IdentityRefusal.OTHER_PARTY)


def _permit(permit: Permit) -> PermitRead:
    account = permit.account

    def units(count: int) -> Amount:
        return amount("mass" if account.unit == "mg" else "pieces", count)

    return PermitRead(
        id=permit.permit_id,
        number=permit.number,
        cert_id=permit.cert_id,
        certificate=permit.certificate,
        holder=permit.holder,
        product=permit.product,
        season=permit.season,
        state=permit.state.value,
        usable=permit.usable,
        received=units(account.received),
        given=units(account.given),
        printed=units(account.printed),
        left=units(account.left),
        deeds=tuple(
            PermitDeedRead(
                each.n, each.deed.value, each.done_at, each.units, each.taker, each.payload_id
            )
            for each in permit.deeds
        ),
    )


def _transaction(each: Transaction) -> TransactionRead:
    return TransactionRead(
        id=each.id,
        number=each.number,
        cert_id=each.cert_id,
        seller=each.seller,
        buyer=each.buyer,
        product=each.product,
        season=each.season,
        quantity=amount("mass" if each.unit == "mg" else "pieces", each.units),
        sold_on=each.sold_on,
        lots=each.lots,
        issued_at=each.issued_at,
        state=each.state.value,
        payload_ids=each.payload_ids,
    )
