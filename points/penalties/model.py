"""A recorded penalty as a reason to take points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from points.awards.model import TracedFact
from points.credit.records.model import CreditRecord
from runtime.clock import day_end

SOURCE = "points.credit"


@dataclass(frozen=True)
class DeductForPenalty:
    """Take the points that the pack of the offence's date takes for a recorded penalty."""

    record_id: str


def fact_of(record: CreditRecord) -> TracedFact:
    """The offence of a record as rules look at it.

    The date of the offence picks the pack (I12); each record counts once, by its id (I4).
    """
    return TracedFact(
        kind=record.offence,
        subject=record.subject,
        at=record.occurred_at,
        source=SOURCE,
        event_id=record.record_id,
        attributes={"finding": record.finding},
    )


def decided_at(record: CreditRecord) -> datetime:
    """When the deduction takes effect: 00:00 Beijing time of the day of the decision."""
    return day_end(record.decided - timedelta(days=1))
