"""What was printed under a certificate: its runs, and the lots that their labels stand for.

A run is under a certificate that bounds its quantity, and under the one whose mark it bears; mostly
both are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from runtime.id_list import id_list
from trace.labels.tables import LabelBinding, LabelRun, RunTotals


@dataclass(frozen=True)
class RunUnder:
    """A print run under a certificate; `labels` are those of its `count` that are not void."""

    id: str
    number: int
    count: int
    labels: int


def runs_under(session: Session, cert_id: str) -> tuple[RunUnder, ...]:
    """Give the runs under a certificate, the oldest first."""
    query = (
        select(LabelRun.id, LabelRun.number, LabelRun.count, RunTotals.void)
        .join(RunTotals, RunTotals.run_id == LabelRun.id)
        .where(_under(cert_id))
        .order_by(LabelRun.number)
    )
    return tuple(
        RunUnder(id, number, count, count - void)
        for id, number, count, void in session.execute(query)
    )


def labelled_lots(session: Session, cert_id: str) -> frozenset[str]:
    """Give the lots for which labels under a certificate stand."""
    query = (
        select(LabelBinding.lot_id)
        .join(LabelRun, LabelRun.id == LabelBinding.run_id)
        .where(_under(cert_id))
        .distinct()
    )
    return frozenset(session.scalars(query))


def labels_of_lots(session: Session, lot_ids: Iterable[str]) -> dict[str, int]:
    """Give how many labels stand for each of these lots that has any, whoever printed them."""
    query = (
        select(LabelBinding.lot_id, func.sum(LabelBinding.last - LabelBinding.first + 1))
        .where(LabelBinding.lot_id.in_(id_list(session, lot_ids)))
        .group_by(LabelBinding.lot_id)
    )
    return {lot_id: int(labels) for lot_id, labels in session.execute(query)}


def _under(cert_id: str) -> ColumnElement[bool]:
    return or_(LabelRun.cert_id == cert_id, LabelRun.mark_cert_id == cert_id)
