"""The public register of recalls: those that were ordered, and those that have ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.parties.service import find_party
from public_api.registry.log_links import LogLink, log_links
from runtime.refusal import refuse
from trace.lots.tables import Lot
from trace.products.tables import Product
from trace.recall.model import RecallState
from trace.recall.tables import Recall, RecalledLot, RecallStanding, RecallStep
from trace.refusals import TraceRefusal

_PUBLIC = (RecallState.ORDERED.value, RecallState.ENDED.value)


@dataclass(frozen=True)
class RecallStepEntry:
    """One step of a recall; `log` is its entry."""

    state: str
    at: datetime
    log: LogLink | None


@dataclass(frozen=True)
class RecallEntry:
    """A recall as strangers see it; `lots` counts the lots that it covers."""

    id: str
    state: str
    office_zh: str
    office_en: str
    product_zh: str
    product_en: str
    lot: str
    lot_path: str
    lots: int
    reason_zh: str
    reason_en: str
    steps: tuple[RecallStepEntry, ...]


def find_recall_entry(session: Session, id: str) -> RecallEntry:
    """Give a recall that was ordered. Raises Refusal RECALL_UNKNOWN, for a mere proposal too."""
    standing = session.get(RecallStanding, id)
    if standing is None or standing.state not in _PUBLIC:
        refuse(TraceRefusal.RECALL_UNKNOWN)
    return _entry(session, session.get_one(Recall, id), standing.state)


def list_recall_entries(session: Session, offset: int, limit: int) -> list[RecallEntry]:
    """Give recalls that were ordered, the newest first."""
    query = (
        select(Recall, RecallStanding.state)
        .join(RecallStanding, RecallStanding.recall_id == Recall.id)
        .where(RecallStanding.state.in_(_PUBLIC))
        .order_by(Recall.at.desc(), Recall.id)
    )
    rows = session.execute(query.offset(offset).limit(limit))
    return [_entry(session, recall, state) for recall, state in rows]


def _entry(session: Session, recall: Recall, state: str) -> RecallEntry:
    lot = session.get_one(Lot, recall.lot_id)
    product = session.get_one(Product, lot.product_id)
    office = find_party(session, recall.office_id)
    covered = select(func.count()).where(RecalledLot.recall_id == recall.id)
    return RecallEntry(
        id=recall.id,
        state=state,
        office_zh=(office.name_zh or "") if office else "",
        office_en=(office.name_en or "") if office else "",
        product_zh=product.name_zh,
        product_en=product.name_en,
        lot=lot.code,
        lot_path=f"/{product.facts().path}/10/{lot.code}",
        lots=session.scalar(covered) or 0,
        reason_zh=recall.reason_zh,
        reason_en=recall.reason_en,
        steps=tuple(_steps(session, recall.id)),
    )


def _steps(session: Session, recall_id: str) -> list[RecallStepEntry]:
    query = select(RecallStep).where(
        RecallStep.recall_id == recall_id, RecallStep.state.in_(_PUBLIC)
    )
    steps = list(session.scalars(query.order_by(RecallStep.n)))
    links = log_links(session, [step.payload_id for step in steps if step.payload_id])
    return [
        RecallStepEntry(step.state, step.at, links.get(step.payload_id or "")) for step in steps
    ]
