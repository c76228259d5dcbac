"""First scans of a print run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.labels.human_code import human_code
from trace.labels.tables import LabelRun
from trace.scans.tables import FirstScan, ScanCount


@dataclass(frozen=True)
class ScannedLabel:
    """One label that was scanned: its place in the run, its code, first scan, scans in all."""

    position: int
    code: str
    first_at: datetime
    place: str | None
    scans: int


def scanned_labels(
    session: Session, run: LabelRun, offset: int = 0, limit: int = 50
) -> list[ScannedLabel]:
    """Give the labels of a run that were scanned, the latest first scan first."""
    same = (ScanCount.run_id == FirstScan.run_id) & (ScanCount.number == FirstScan.number)
    query = (
        select(FirstScan, ScanCount.count)
        .outerjoin(ScanCount, same)
        .where(FirstScan.run_id == run.id)
        .order_by(FirstScan.at.desc(), FirstScan.number)
        .offset(offset)
        .limit(limit)
    )
    return [_label(run, first, count) for first, count in session.execute(query)]


def _label(run: LabelRun, first: FirstScan, count: int | None) -> ScannedLabel:
    position = first.number - run.first + 1
    code = human_code(run.number, position)
    return ScannedLabel(position, code, first.at, first.place, max(count or 0, 1))
