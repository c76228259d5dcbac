"""What a producer sees of print runs, and of what is left to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate, of_product
from certification.uses.model import Allowance
from certification.uses.service import allowance
from trace.labels.lookup import require_run, run_facts
from trace.labels.model import RunFacts
from trace.labels.tables import LabelBinding, LabelRun, LabelVoid, RunTotals
from trace.lots.service import check_owner
from trace.lots.tables import Lot
from trace.products.tables import Product
from trace.scans.service import RunScans, scans_of_run


@dataclass(frozen=True)
class OwnRun:
    """A print run: its product, how many labels are bound and void, and how it was scanned."""

    run: LabelRun
    product: Product
    bound: int
    void: int
    scans: RunScans

    @property
    def unbound(self) -> int:
        """Labels that stand for no lot's goods."""
        return self.run.count - self.bound


def own_runs(session: Session, owner: str, offset: int = 0, limit: int = 50) -> list[OwnRun]:
    """Give a party's print runs, the newest first."""
    query = (
        select(LabelRun, Product, RunTotals)
        .join(Product, Product.id == LabelRun.product_id)
        .join(RunTotals, RunTotals.run_id == LabelRun.id)
        .where(LabelRun.owner_id == owner)
        .order_by(LabelRun.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return [
        OwnRun(run, product, totals.bound, totals.void, scans_of_run(session, run.id))
        for run, product, totals in session.execute(query)
    ]


def own_run(session: Session, owner: str, run_id: str) -> OwnRun:
    """Give one print run of a party. Raises Refusal: RUN_UNKNOWN, NOT_YOURS."""
    run = require_run(session, run_id.replace("\x00", ""))
    check_owner(run.owner_id, owner, "/run")
    totals = session.get_one(RunTotals, run.id)
    product = session.get_one(Product, run.product_id)
    return OwnRun(run, product, totals.bound, totals.void, scans_of_run(session, run.id))


@dataclass(frozen=True)
class RunFile:
    """What became of the labels of a run."""

    facts: RunFacts
    bindings: tuple[tuple[LabelBinding, Lot], ...]
    voids: tuple[LabelVoid, ...]


def run_file(session: Session, run: LabelRun) -> RunFile:
    """Give bindings and voids of a run, in the order of its labels."""
    bound = (
        select(LabelBinding, Lot)
        .join(Lot, Lot.id == LabelBinding.lot_id)
        .where(LabelBinding.run_id == run.id)
        .order_by(LabelBinding.first)
    )
    voids = select(LabelVoid).filter_by(run_id=run.id).order_by(LabelVoid.first)
    return RunFile(
        run_facts(session, run),
        tuple((binding, lot) for binding, lot in session.execute(bound)),
        tuple(session.scalars(voids)),
    )


@dataclass(frozen=True)
class Permit:
    """A certificate under which a product's labels may be printed, and how many it leaves.

    `pieces` is None where it bounds no quantity.
    """

    certificate: Certificate
    allowed: Allowance
    pieces: int | None


def permits(session: Session, product: Product, owner: str, now: datetime) -> list[Permit]:
    """Give the owner's certificates for a product, by number."""
    held = [each for each in of_product(session, product.id, now, now) if each.holder == owner]
    found = [(each, allowance(session, each.cert_id, now)) for each in held]
    return [
        Permit(each, allowed, allowed.pieces_left(product.net_mg or 1)) for each, allowed in found
    ]
