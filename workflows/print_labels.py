"""Printing labels: what a certificate leaves meets what a lot holds.

The steps, in one transaction and in the global order of locks (certificate, account, lot):
 1. certification names the account that bounds this product's labels for this printer, locks its
    certificate and refuses printing that is on hold; it gives the artwork of the mark
 2. certification refuses a mark beyond its scope, and mark or word in conversion
 3. trace decides: the count, the address, the mark, the account's quantity, the lot's
 4. certification books what was printed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from certification.artworks.service import newest_artwork
from certification.consequences.service import require_not_held
from certification.uses.model import Allowance, Goods
from certification.uses.service import bounding_account, check_mark, make_void, take
from identity.actor import Actor
from ledger.work import Work
from trace.labels.lookup import require_run
from trace.labels.model import (
    CertificateLimit,
    Limit,
    MarkRight,
    PrintAllowance,
    Span,
    VoidReason,
    units_of,
)
from trace.labels.printing import bases_behind, names_on
from trace.labels.service import (
    BindLabels,
    LabelsChanged,
    PrintRun,
    Returned,
    RunPrinted,
    VoidLabels,
    bind_labels,
    certificate_units,
    print_run,
    void_labels,
)
from trace.labels.tables import LabelRun
from trace.lots.service import require_lot
from trace.products.service import require_product


@dataclass(frozen=True)
class PrintLabels:
    """`count` labels of a product for a lot, or for a lot that is named later (None).

    `certificate`, `permit` and `season` say what bounds them: the numbers of certificate and print
    permit and the season of a line, each None for the only one there is; `base_url` and `demo` are
    the node's settings, fixed in the run.
    """

    owner: str
    product: str
    count: int
    base_url: str
    demo: bool
    lot: str | None = None
    certificate: str | None = None
    with_mark: bool = False
    permit: str | None = None
    season: str | None = None


def print_labels(work: Work, command: PrintLabels, actor: Actor, now: datetime) -> RunPrinted:
    """Print labels within what certificate, permit and lot leave.

    Raises Refusal: those of `trace.labels.service.print_run`, of `certification.uses.service`, and
    CERTIFICATE_HELD.
    """
    product = require_product(work, command.product, "/product")
    account = bounding_account(
        work, product.id, command.owner, now, command.certificate, command.permit, command.season
    )
    if account is not None:
        require_not_held(work, account.cert_id, now)
        lots = () if command.lot is None else (require_lot(work, command.lot, "/lot").id,)
        goods = _goods(work, product.id, lots)
        check_mark(work, account.cert_id, goods, now, with_mark=command.with_mark)
    run = print_run(work, _ordered(work, command, account), actor, now)
    if account is not None and account.unit is not None:
        units = units_of(account.unit, run.count, product.net_mg)
        take(work, account.account_id, units or 0, now)
    return run


def _goods(session: Session, product: str, lots: tuple[str, ...]) -> Goods:
    return Goods(product, names_on(session, product), bases_behind(session, lots))


def _ordered(work: Work, command: PrintLabels, account: Allowance | None) -> PrintRun:
    allowance = PrintAllowance(
        base_url=command.base_url,
        demo=command.demo,
        mark=_mark_right(work, account),
        certificate=_limit(account),
    )
    return PrintRun(
        owner=command.owner,
        product=command.product,
        count=command.count,
        allowance=allowance,
        lot=command.lot,
        with_mark=command.with_mark,
    )


def _mark_right(work: Work, account: Allowance | None) -> MarkRight | None:
    if account is None:
        return None
    artwork = newest_artwork(work, account.scheme)
    return MarkRight(account.cert_id, artwork.picture.digest if artwork else None)


def _limit(account: Allowance | None) -> CertificateLimit | None:
    if account is None or account.unit is None:
        return None
    limit = Limit(account.unit, account.granted or 0, account.printed, account.left or 0)
    return CertificateLimit(
        account.cert_id, account.number, limit, account.account_id, account.permit
    )


def bind_run(work: Work, command: BindLabels, actor: Actor, now: datetime) -> LabelsChanged:
    """Bind labels to a lot (赋码); those with a mark only to goods that may bear it.

    Raises Refusal: those of `trace.labels.service.bind_labels`, MARK_BEYOND_SCOPE,
    ORGANIC_MARK_IN_CONVERSION.
    """
    run = require_run(work, command.run)
    # What is another's is refused below, before anything is said of its goods.
    if run.mark_cert_id is not None and run.owner_id == command.owner:
        lot = require_lot(work, command.lot, "/lot")
        goods = _goods(work, run.product_id, (lot.id,))
        check_mark(work, run.mark_cert_id, goods, now, with_mark=True)
    return bind_labels(work, command, actor, now)


@dataclass(frozen=True)
class GiveUpLabels:
    """Labels of a run, from one position to another, that are void, and why."""

    owner: str
    run: str
    first: int
    last: int
    reason: str


def give_up_labels(work: Work, command: GiveUpLabels, actor: Actor, now: datetime) -> LabelsChanged:
    """Void labels; what never was on goods goes back to the account that bounded it.

    Raises Refusal: those of `trace.labels.service.void_labels`.
    """
    run = require_run(work, command.run)
    reason = next((each for each in VoidReason if each == command.reason), VoidReason.LOST)
    units = certificate_units(run, Span(command.first, command.last), reason)
    order = VoidLabels(
        command.owner, command.run, command.first, command.last, command.reason,
        _returned(work, run, units, now),
    )  # fmt: skip
    return void_labels(work, order, actor, now)


def _returned(work: Work, run: LabelRun, units: int, now: datetime) -> Returned | None:
    """Book what void labels give back; a run from before accounts is the certificate's own."""
    account = run.account_id or run.cert_id
    if units <= 0 or account is None:
        return None
    balance = make_void(work, account, units, now)
    return Returned(balance.left or 0, balance.permit, balance.taker, balance.taker_left)
