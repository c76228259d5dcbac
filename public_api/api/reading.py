"""What machines read: the register's rows as the interface shows them, and who may read them.

Lots, print runs and certificates of conformity are read by their own party; points by the account's
party and by a points office. What anybody may read lies in the public registers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate
from identity.actor import Actor
from identity.roles import Role, require_party
from points.accounts.model import points_text
from points.accounts.service import balance_of
from points.postings.statement import statement
from runtime.quantities import Kind, show
from trace.labels.tables import LabelRun, RunTotals
from trace.lots.service import ancestors, descendants
from trace.lots.tables import Lot, LotBalance
from trace.products.tables import Product

Amount = tuple[str, str]
"""A quantity as value and unit."""


@dataclass(frozen=True)
class LotRead:
    """A lot with what it has had and holds, and its kin, nearest first."""

    id: str
    code: str
    product: str
    owner: str
    base: str | None
    opened_at: datetime
    payload_id: str
    received: Amount
    consumed: Amount
    sold: Amount
    held: Amount
    labelled: Amount
    came_from: tuple[str, ...]
    went_into: tuple[str, ...]


@dataclass(frozen=True)
class LotLine:
    """A lot in a list."""

    id: str
    code: str
    product: str
    opened_at: datetime


@dataclass(frozen=True)
class LotList:
    """The newest lots of a party."""

    lots: tuple[LotLine, ...]


@dataclass(frozen=True)
class RunRead:
    """A print run; labels are read as `number`-0000001-C to `count`."""

    id: str
    number: int
    product: str
    count: int
    bound: int
    void: int
    lot_code: str | None
    certificate: str | None
    with_mark: bool
    printed_at: datetime
    payload_id: str


@dataclass(frozen=True)
class RunList:
    """The newest print runs of a party."""

    runs: tuple[RunRead, ...]


@dataclass(frozen=True)
class DecisionRead:
    """One decision about a certificate."""

    n: int
    kind: str
    effective_at: datetime
    recorded_at: datetime
    annuls: int | None
    payload_id: str


@dataclass(frozen=True)
class CertificateRead:
    """A certificate with its state now and its balance; quantities where it bounds them."""

    cert_id: str
    number: str
    scheme: str
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    from_date: date
    to_date: date | None
    state: str
    granted: Amount | None
    printed: Amount | None
    void: Amount | None
    left: Amount | None
    history: tuple[DecisionRead, ...]


@dataclass(frozen=True)
class MovementRead:
    """One movement of points, in decimal points."""

    transfer_id: str
    points: str
    balance: str
    effective_at: datetime
    reason_zh: str
    reason_en: str
    basis: str
    payload_id: str


@dataclass(frozen=True)
class AccountRead:
    """A points account: balance and movements, the newest first; zero where there is none."""

    party: str
    balance: str
    movements: tuple[MovementRead, ...]


def amount(kind: Kind, whole: int) -> Amount:
    """Give a stored quantity (mg, pieces) as value and unit: ("72000", "公斤")."""
    value, _, unit = show(kind, whole, "zh").partition(" ")
    return value, unit


def read_lot(session: Session, lot: Lot) -> LotRead:
    """Give a lot with balances and kin."""
    product = session.get_one(Product, lot.product_id)
    balance = session.get_one(LotBalance, lot.id).balance()
    kind = product.facts().measure
    return LotRead(
        id=lot.id,
        code=lot.code,
        product=product.code,
        owner=lot.owner_id,
        base=lot.base_id,
        opened_at=lot.opened_at,
        payload_id=lot.payload_id,
        received=amount(kind, balance.received),
        consumed=amount(kind, balance.consumed),
        sold=amount(kind, balance.sold),
        held=amount(kind, balance.held),
        labelled=amount(kind, balance.labelled),
        came_from=tuple(ancestors(session, lot.id)[1:]),
        went_into=tuple(descendants(session, lot.id)[1:]),
    )


def read_runs(session: Session, runs: Iterable[LabelRun]) -> tuple[RunRead, ...]:
    """Give print runs with how many of their labels are bound and void."""
    listed = list(runs)
    query = select(RunTotals).where(RunTotals.run_id.in_([run.id for run in listed]))
    totals = {row.run_id: row for row in session.scalars(query)}
    return tuple(_run(run, totals[run.id]) for run in listed)


def _run(run: LabelRun, totals: RunTotals) -> RunRead:
    return RunRead(
        id=run.id,
        number=run.number,
        product=run.product_id,
        count=run.count,
        bound=totals.bound,
        void=totals.void,
        lot_code=run.lot_code,
        certificate=run.cert_number,
        with_mark=run.with_mark,
        printed_at=run.printed_at,
        payload_id=run.payload_id,
    )


def read_certificate(certificate: Certificate) -> CertificateRead:
    """Give a certificate of the register."""
    quota = certificate.quota

    def units(count: int | None) -> Amount | None:
        if quota.unit is None or count is None:
            return None
        return amount("mass" if quota.unit == "mg" else "pieces", count)

    changes = zip(certificate.history.changes, certificate.payload_ids, strict=True)
    return CertificateRead(
        cert_id=certificate.cert_id,
        number=certificate.number,
        scheme=certificate.scheme.code,
        holder=certificate.holder,
        products=certificate.products,
        bases=certificate.bases,
        from_date=certificate.from_date,
        to_date=certificate.to_date,
        state=certificate.status.state.value,
        granted=units(quota.granted),
        printed=units(quota.printed),
        void=units(quota.void),
        left=units(quota.left),
        history=tuple(
            DecisionRead(
                each.n, each.kind.value, each.effective_at, each.recorded_at, each.annuls, payload
            )
            for each, payload in changes
        ),
    )


def read_account(session: Session, party: str) -> AccountRead:
    """Give what a party's account holds and how it came about."""
    balance = balance_of(session, party)
    lines = (
        MovementRead(
            transfer_id=line.transfer_id,
            points=points_text(line.amount_milli),
            balance=points_text(line.balance_after_milli),
            effective_at=line.effective_at,
            reason_zh=line.reason.text("zh"),
            reason_en=line.reason.text("en"),
            basis=line.basis,
            payload_id=line.payload_id,
        )
        for line in statement(session, party)
    )
    return AccountRead(party, points_text(balance.balance_milli if balance else 0), tuple(lines))


def check_account_reader(actor: Actor, party: str) -> None:
    """Let the account's own party and points offices pass. Raises Refusal OTHER_PARTY."""
    if Role.POINTS_OFFICER not in actor.roles:
        require_party(actor, party)
