"""Printing, binding and voiding labels.

Rows are locked in this order: certificate (by the workflow, before), run, lot, numbers; each by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse
from runtime.strict_json import Json
from trace.acting import check_acting
from trace.labels import entries
from trace.labels.keys import current_letter
from trace.labels.lookup import FoundLabel, require_run, run_facts, scanned_label
from trace.labels.model import (
    OVER_LOT,
    Limit,
    PrintAllowance,
    PrintOrder,
    RunFacts,
    Span,
    Unit,
    VoidReason,
    bind_faults,
    bound_lots,
    decide_print,
    freed_by_lot,
    over_limit,
    units_of,
    void_faults,
)
from trace.labels.serials import NUMBERS, KeyRing
from trace.labels.tables import (
    LabelBinding,
    LabelNumbers,
    LabelRun,
    LabelVoid,
    RunNumbers,
    RunTotals,
)
from trace.lots.service import check_owner, locked_balances, require_lot
from trace.lots.tables import Lot, LotBalance
from trace.products.model import ProductFacts, quantity_of
from trace.products.service import require_product
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from trace.scans.service import bump_lots


@dataclass(frozen=True)
class PrintRun:
    """A run of `count` labels of a product (code, GTIN-14 or id), for a lot or for none yet.

    `allowance` is what the other areas say; its certificate row is locked by the caller, and its
    `lot` is filled in here from the lot's own locked balance.
    """

    owner: str
    product: str
    count: int
    allowance: PrintAllowance
    lot: str | None = None
    with_mark: bool = False


@dataclass(frozen=True)
class RunPrinted:
    """The new run: its numbers begin at `first`, its labels are read as `number`-0000001-…"""

    id: str
    number: int
    letter: str
    first: int
    count: int
    payload_id: str


@dataclass(frozen=True)
class BindLabels:
    """Labels of one run that stand for goods of a lot, from one position to another."""

    owner: str
    run: str
    first: int
    last: int
    lot: str


@dataclass(frozen=True)
class Returned:
    """What the account of a run leaves once void labels were given back, as its area has answered.

    `left` is in the account's unit, `permit` the number of the permit whose account it is. Where
    that one is closed, `taker` is the account above it that took back what was freed, and
    `taker_left` what it leaves.
    """

    left: int
    permit: str | None = None
    taker: str | None = None
    taker_left: int | None = None


@dataclass(frozen=True)
class VoidLabels:
    """Labels of one run that are void, and why; `returned` None where nothing was given back."""

    owner: str
    run: str
    first: int
    last: int
    reason: str
    returned: Returned | None = None


@dataclass(frozen=True)
class LabelsChanged:
    """Labels that were bound or voided, and the log entry that says so."""

    run: str
    first: int
    last: int
    payload_id: str


def print_run(work: Work, command: PrintRun, actor: Actor, now: datetime) -> RunPrinted:
    """Enter a print run in the log and the register; its labels may be printed from then on.

    Raises Refusal: PRODUCT_UNKNOWN, LOT_UNKNOWN, NOT_YOURS, LABEL_OTHER_PRODUCT, LABEL_KEY_MISSING,
    LABEL_NUMBERS_SPENT and every reason of `decide_print`.
    """
    check_acting(actor, command.owner, Scope.LABELS)
    product = require_product(work, command.product, "/product")
    owners = _whose(command, product)
    if product.owner_id not in owners:
        refuse(TraceRefusal.NOT_YOURS, "/product")
    lot = _lot_for(work, command, product, owners)
    balance = None if lot is None else _locked_balance(work, lot.id)
    facts = product.facts()
    limit = None if balance is None else _lot_limit(balance, facts)
    allowance = replace(command.allowance, lot=limit)
    order = PrintOrder(command.count, facts.net_mg, command.with_mark)
    reasons = decide_print(allowance, order)
    if reasons:
        raise Refusal(*reasons)
    run = _numbered(work, command, allowance, facts, now)
    run.lot_code = lot.code if lot else None
    run.payload_id = _log_print(work, run, allowance, lot, now)
    work.add(run)
    work.flush()
    work.add(RunTotals(run_id=run.id, bound=0, void=0))
    if lot is not None and balance is not None:
        _bind(work, run, Span(1, run.count), lot, balance, now, run.payload_id)
    work.flush()
    return RunPrinted(run.id, run.number, run.letter, run.first, run.count, run.payload_id)


def bind_labels(work: Work, command: BindLabels, actor: Actor, now: datetime) -> LabelsChanged:
    """Bind labels of a run to a lot: from then on they stand for its goods (赋码).

    Raises Refusal: RUN_UNKNOWN, LOT_UNKNOWN, NOT_YOURS, OVER_LOT(_MASS), NOT_LABELLED_BY_PIECE and
    every reason of `bind_faults`.
    """
    check_acting(actor, command.owner, Scope.LABELS)
    run, facts = _locked_run(work, command.run, command.owner)
    lot = require_lot(work, command.lot, "/lot")
    if not _may_label(work, run, lot):
        refuse(TraceRefusal.NOT_YOURS, "/lot")
    span = Span(command.first, command.last)
    faults = tuple(bind_faults(facts, span, lot.product_id))
    if faults:
        raise Refusal(*faults)
    balance = _locked_balance(work, lot.id)
    product = work.get_one(Product, lot.product_id).facts()
    order = PrintOrder(span.count, product.net_mg)
    over = tuple(over_limit(_lot_limit(balance, product), order, OVER_LOT))
    if over:
        raise Refusal(*over)
    value = {**_edges(run, span), "lot": lot.id}
    payload_id = _log(work, entries.BIND, (run.id, lot.id), {}, value, run.owner_id, now)
    _bind(work, run, span, lot, balance, now, payload_id)
    work.flush()
    return LabelsChanged(run.id, span.first, span.last, payload_id)


def void_labels(work: Work, command: VoidLabels, actor: Actor, now: datetime) -> LabelsChanged:
    """Void labels of a run for ever; their scan page is red from this commit on.

    Raises Refusal: RUN_UNKNOWN, NOT_YOURS and every reason of `void_faults`.
    """
    check_acting(actor, command.owner, Scope.LABELS)
    run, facts = _locked_run(work, command.run, command.owner)
    span = Span(command.first, command.last)
    faults = tuple(void_faults(facts, span, command.reason))
    if faults:
        raise Refusal(*faults)
    reason, lots = VoidReason(command.reason), bound_lots(facts.bindings, span)
    _free_lots(work, run, freed_by_lot(facts, span, reason))
    returned = _returned_facts(run, span, reason, command.returned)
    streams = (run.id, *lots, *(_returned_streams(run, command.returned) if returned else ()))
    value = {**_edges(run, span), "reason": reason.value}
    payload_id = _log(work, entries.VOID, streams, returned, value, run.owner_id, now)
    work.add(
        LabelVoid(
            run_id=run.id,
            first=span.first,
            last=span.last,
            reason=reason.value,
            voided_at=now,
            payload_id=payload_id,
        )
    )
    work.get_one(RunTotals, run.id).void += span.count
    work.flush()
    bump_lots(work, lots)
    return LabelsChanged(run.id, span.first, span.last, payload_id)


def scanned_span(
    session: Session, keys: KeyRing, origin: str, first: str, last: str
) -> tuple[str, Span]:
    """Give the run and the positions from one scanned or typed label to another, in any order.

    Raises Refusal: LABEL_CODE_MALFORMED, LABEL_UNKNOWN, LABELS_OF_TWO_RUNS.
    """
    one: FoundLabel = scanned_label(session, keys, origin, first)
    other: FoundLabel = scanned_label(session, keys, origin, last)
    if one.run_id != other.run_id:
        refuse(TraceRefusal.LABELS_OF_TWO_RUNS)
    positions = sorted((one.position, other.position))
    return one.run_id, Span(positions[0], positions[1])


def certificate_units(run: LabelRun, span: Span, reason: VoidReason) -> int:
    """Give what voiding these labels gives back to the run's certificate, in its unit, or 0."""
    if run.cert_unit is None or not reason.frees:
        return 0
    return units_of("mg" if run.cert_unit == "mg" else "piece", span.count, run.net_mg) or 0


def _whose(command: PrintRun, product: Product) -> set[str]:
    """Whose product and goods may be labelled: the printer's own.

    A packing house that holds a print permit packs for the owner of the product.
    """
    certificate = command.allowance.certificate
    packs = certificate is not None and certificate.permit is not None
    return {command.owner, product.owner_id} if packs else {command.owner}


def _may_label(work: Work, run: LabelRun, lot: Lot) -> bool:
    """Whether labels of a run may stand for a lot's goods, as `_whose` says."""
    if lot.owner_id == run.owner_id:
        return True
    packs = run.account_id is not None and run.account_id.startswith("prmt:")
    return packs and lot.owner_id == work.get_one(Product, run.product_id).owner_id


def _lot_for(work: Work, command: PrintRun, product: Product, owners: set[str]) -> Lot | None:
    if command.lot is None:
        return None
    lot = require_lot(work, command.lot, "/lot")
    if lot.owner_id not in owners:
        refuse(TraceRefusal.NOT_YOURS, "/lot")
    if lot.product_id != product.id:
        refuse(TraceRefusal.LABEL_OTHER_PRODUCT, "/lot")
    return lot


def _locked_balance(work: Work, lot_id: str) -> LotBalance:
    return locked_balances(work, (lot_id,))[lot_id]


def _lot_limit(row: LotBalance, product: ProductFacts) -> Limit:
    balance = row.balance()
    granted = balance.received - balance.consumed
    unit: Unit = "mg" if product.measure == "mass" else "piece"
    return Limit(unit, granted, balance.labelled, balance.labellable)


def _numbered(
    work: Work, command: PrintRun, allowance: PrintAllowance, product: ProductFacts, now: datetime
) -> LabelRun:
    """Make the run's row with numbers of its own; the newest letter counts."""
    letter = current_letter(work)
    if letter is None:
        refuse(TraceRefusal.LABEL_KEY_MISSING)
    certificate = allowance.certificate
    mark = allowance.mark if command.with_mark else None
    return LabelRun(
        id=new_id("run", work.randomness),
        letter=letter,
        item=product.item,
        product_id=product.id,
        owner_id=command.owner,
        first=_take_numbers(work, letter, product.item, command.count),
        number=_take_run_number(work),
        count=command.count,
        base_url=(allowance.base_url or "").rstrip("/"),
        net_mg=product.net_mg,
        cert_id=certificate.cert_id if certificate else None,
        cert_number=certificate.number if certificate else None,
        cert_unit=certificate.limit.unit if certificate else None,
        account_id=certificate.account if certificate else None,
        with_mark=command.with_mark,
        mark_cert_id=mark.cert_id if mark else None,
        mark_artwork=mark.artwork if mark and not allowance.demo else None,
        printed_at=now,
    )


def _take_numbers(work: Work, letter: str, item: str, count: int) -> int:
    """Take consecutive numbers of a letter for a product and give the first."""
    # A guard row exists before it is locked, or two first printers would not meet on it.
    insert_unless_there(work, LabelNumbers, {"letter": letter, "item": item, "next": 0})
    query = select(LabelNumbers).filter_by(letter=letter, item=item).with_for_update()
    row = work.scalars(query.execution_options(populate_existing=True)).one()
    first = row.next
    if first + count > NUMBERS:
        left = NUMBERS - first
        refuse(TraceRefusal.LABEL_NUMBERS_SPENT, "/count", letter=letter, left=left)
    row.next = first + count
    work.flush()
    return first


def _take_run_number(work: Work) -> int:
    insert_unless_there(work, RunNumbers, {"id": 1, "newest": 0})
    query = select(RunNumbers).with_for_update().execution_options(populate_existing=True)
    row = work.scalars(query).one()
    row.newest += 1
    work.flush()
    return row.newest


def _locked_run(work: Work, id: str, owner: str) -> tuple[LabelRun, RunFacts]:
    """Lock a run against other binders and voiders, then read what has become of it."""
    run = require_run(work, id)
    check_owner(run.owner_id, owner, "/run")
    query = select(RunTotals).filter_by(run_id=run.id).with_for_update()
    work.scalars(query.execution_options(populate_existing=True)).one()
    return run, run_facts(work, run)


def _bind(
    work: Work,
    run: LabelRun,
    span: Span,
    lot: Lot,
    balance: LotBalance,
    now: datetime,
    payload_id: str,
) -> None:
    """Write that labels stand for goods of a lot, whose balance row is locked."""
    product = work.get_one(Product, lot.product_id).facts()
    balance.labelled += quantity_of(product, span.count)
    work.add(
        LabelBinding(
            run_id=run.id,
            first=span.first,
            last=span.last,
            lot_id=lot.id,
            bound_at=now,
            payload_id=payload_id,
        )
    )
    work.get_one(RunTotals, run.id).bound += span.count
    bump_lots(work, [lot.id])


def _free_lots(work: Work, run: LabelRun, freed: Mapping[str, int]) -> None:
    """Let lots label again what their void labels stood for."""
    if not freed:
        return
    product = work.get_one(Product, run.product_id).facts()
    balances = locked_balances(work, freed)
    for lot_id, count in freed.items():
        balances[lot_id].labelled -= quantity_of(product, count)


def _returned_facts(
    run: LabelRun, span: Span, reason: VoidReason, returned: Returned | None
) -> dict[str, Json]:
    """Give the public facts of a void: nothing, unless quantity returns to a certificate."""
    units = certificate_units(run, span, reason)
    if not units or returned is None or run.cert_number is None or run.cert_unit is None:
        return {}
    facts: dict[str, Json] = {
        "number": run.cert_number, "unit": run.cert_unit, "void": units, "left": returned.left,
    }  # fmt: skip
    if returned.permit is not None:
        facts["permit"] = returned.permit
    if returned.taker_left is not None:
        facts["parent_left"] = returned.taker_left
    return facts


def _returned_streams(run: LabelRun, returned: Returned | None) -> set[str]:
    """Give the accounts that a void changes, and their certificate."""
    taker = returned.taker if returned is not None else None
    return {each for each in (run.cert_id, run.account_id, taker) if each is not None}


def _edges(run: LabelRun, span: Span) -> dict[str, Json]:
    return {"run": run.id, "first": span.first, "last": span.last}


def _log_print(
    work: Work, run: LabelRun, allowance: PrintAllowance, lot: Lot | None, now: datetime
) -> str:
    streams = [run.id]
    facts: dict[str, Json] = {}
    certificate = allowance.certificate
    if lot is not None:
        streams.append(lot.id)
    if certificate is not None:
        limit = certificate.limit
        printed = units_of(limit.unit, run.count, run.net_mg) or 0
        streams += {certificate.cert_id, certificate.account}
        facts = {
            "number": certificate.number,
            "unit": limit.unit,
            "printed": printed,
            "left": limit.left - printed,
        }
        if certificate.permit is not None:
            facts["permit"] = certificate.permit
    value: dict[str, Json] = {
        "run": run.id,
        "number": run.number,
        "letter": run.letter,
        "item": run.item,
        "first": run.first,
        "count": run.count,
        "product": run.product_id,
        "lot": lot.id if lot else None,
        "lot_code": run.lot_code,
        "base_url": run.base_url,
        "net_mg": run.net_mg,
        "certificate": run.cert_id,
        "certificate_number": run.cert_number,
        "certificate_unit": run.cert_unit,
        "account": run.account_id,
        "with_mark": run.with_mark,
        "mark_certificate": run.mark_cert_id,
        "mark_artwork": run.mark_artwork,
        "owner": run.owner_id,
    }
    return _log(work, entries.PRINT, tuple(streams), facts, value, run.owner_id, now)


def _log(
    work: Work,
    type: str,
    streams: tuple[str, ...],
    facts: Mapping[str, Json],
    value: Mapping[str, Json],
    owner: str,
    now: datetime,
) -> str:
    secret = Secret("record", dict(value), owner)
    draft = Draft(type, tuple(sorted(streams)), now, facts, (secret,))
    return record(work, draft, signer_for(work, owner), now).payload_id
