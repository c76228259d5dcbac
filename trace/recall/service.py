"""Proposing, confirming and ending a recall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.keys.service import signer_for
from identity.roles import require_party
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.id_list import id_list
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse
from trace.lots.service import (
    ancestors,
    descendants,
    descendants_of,
    locked_balances,
    require_lot,
)
from trace.recall.model import RecallState, confirm_faults, radius_digest
from trace.recall.tables import Recall, RecalledLot, RecallStanding, RecallStep
from trace.refusals import TraceRefusal
from trace.scans.service import bump_lots
from trace.text import clean_text


@dataclass(frozen=True)
class ProposeRecall:
    """A recall of a lot and of everything that came from it, by an office (party id)."""

    office: str
    lot: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class ConfirmRecall:
    """The second person's word for the radius that was shown (its digest)."""

    recall: str
    radius: str


@dataclass(frozen=True)
class EndRecall:
    """The end of an ordered recall."""

    recall: str


@dataclass(frozen=True)
class RecallResult:
    """Where a recall stands after a step, and the lots that it covers."""

    id: str
    state: str
    radius: str
    lots: tuple[str, ...]


def propose_recall(work: Work, command: ProposeRecall, actor: Actor, now: datetime) -> RecallResult:
    """Compute the blast radius and keep the proposal; nothing is red yet.

    Raises Refusal: NOT_A_REGULATOR, OTHER_PARTY, LOT_UNKNOWN, text refusals.
    """
    _check_regulator(actor, command.office)
    lot = require_lot(work, command.lot, "/lot")
    reason_zh = clean_text(command.reason_zh, 200, "/reason_zh")
    reason_en = clean_text(command.reason_en, 400, "/reason_en")
    lots = descendants(work, lot.id)
    recall = Recall(
        id=new_id("rcl", work.randomness),
        lot_id=lot.id,
        reason_zh=reason_zh,
        reason_en=reason_en,
        office_id=command.office,
        proposed_by=actor.person or "",
        radius=radius_digest(lots),
        at=now,
    )
    work.add(recall)
    work.flush()
    standing = RecallStanding(recall_id=recall.id, state=RecallState.PROPOSED.value, steps=0)
    work.add(standing)
    # Only the recall's own stream: nobody learns which goods are looked at before it is ordered.
    payload_id = _log(work, recall, "trace.recall.propose", lots, (recall.id,), actor, now)
    _step(work, standing, RecallState.PROPOSED, actor, now, payload_id)
    return RecallResult(recall.id, RecallState.PROPOSED, recall.radius, tuple(lots))


def confirm_recall(work: Work, command: ConfirmRecall, actor: Actor, now: datetime) -> RecallResult:
    """Order the recall: every label of every covered lot is red from this commit on.

    Raises Refusal: NOT_A_REGULATOR, OTHER_PARTY, RECALL_UNKNOWN, RECALL_NOT_OPEN,
    RECALL_SAME_PERSON, RECALL_RADIUS_CHANGED.
    """
    recall = require_recall(work, command.recall)
    _check_regulator(actor, recall.office_id)
    standing = _locked(work, recall.id)
    lots = _held_radius(work, recall.lot_id)
    state = RecallState(standing.state)
    faults = tuple(
        confirm_faults(state, recall.proposed_by, actor.person, command.radius, radius_digest(lots))
    )
    if faults:
        raise Refusal(*faults)
    streams = (recall.id, *lots)
    payload_id = _log(work, recall, "trace.recall.order", lots, streams, actor, now)
    work.add_all(RecalledLot(recall_id=recall.id, lot_id=lot_id) for lot_id in lots)
    _step(work, standing, RecallState.ORDERED, actor, now, payload_id)
    bump_lots(work, lots)
    return RecallResult(recall.id, RecallState.ORDERED, recall.radius, tuple(lots))


def end_recall(work: Work, command: EndRecall, actor: Actor, now: datetime) -> RecallResult:
    """End an ordered recall.

    Raises Refusal: NOT_A_REGULATOR, OTHER_PARTY, RECALL_UNKNOWN, RECALL_NOT_OPEN.
    """
    recall = require_recall(work, command.recall)
    _check_regulator(actor, recall.office_id)
    standing = _locked(work, recall.id)
    if standing.state != RecallState.ORDERED:
        refuse(TraceRefusal.RECALL_NOT_OPEN, "/recall", state=standing.state)
    lots = covered_lots(work, recall.id)
    streams = (recall.id, *lots)
    payload_id = _log(work, recall, "trace.recall.end", lots, streams, actor, now)
    _step(work, standing, RecallState.ENDED, actor, now, payload_id)
    # Goods that have moved on since the order were red as well (`open_recall_of`).
    bump_lots(work, descendants_of(work, lots))
    return RecallResult(recall.id, RecallState.ENDED, recall.radius, tuple(lots))


def require_recall(session: Session, id: str) -> Recall:
    """Return the recall of this id. Raises Refusal RECALL_UNKNOWN."""
    recall = session.get(Recall, id)
    if recall is None:
        refuse(TraceRefusal.RECALL_UNKNOWN, "/recall", given=id[:32])
    return recall


def state_of(session: Session, recall_id: str) -> RecallState:
    """Return where a recall stands."""
    return RecallState(
        session.scalars(select(RecallStanding.state).filter_by(recall_id=recall_id)).one()
    )


def covered_lots(session: Session, recall_id: str) -> list[str]:
    """Return the lots that an ordered recall covers."""
    return list(session.scalars(select(RecalledLot.lot_id).filter_by(recall_id=recall_id)))


def open_recall_of(session: Session, lot_id: str) -> Recall | None:
    """Return an ordered, not ended recall that covers the lot or a lot that it came from.

    Goods that were moved into another lot after the order are as red as where they came from.
    """
    query = (
        select(Recall)
        .join(RecalledLot, RecalledLot.recall_id == Recall.id)
        .join(RecallStanding, RecallStanding.recall_id == Recall.id)
        .where(
            RecalledLot.lot_id.in_(id_list(session, ancestors(session, lot_id))),
            RecallStanding.state == RecallState.ORDERED.value,
        )
        .order_by(Recall.at, Recall.id)
        .limit(1)
    )
    return session.scalar(query)


def list_recalls(session: Session, limit: int = 50) -> list[tuple[Recall, RecallState]]:
    """Return the newest recalls with where they stand."""
    query = select(Recall).order_by(Recall.at.desc(), Recall.id).limit(limit)
    return [(recall, state_of(session, recall.id)) for recall in session.scalars(query)]


def _check_regulator(actor: Actor, office: str) -> None:
    if "regulator" not in actor.roles:
        refuse(TraceRefusal.NOT_A_REGULATOR)
    if actor.channel != "cli":
        require_party(actor, office)


def _held_radius(work: Work, lot_id: str) -> list[str]:
    """Return the radius with all its lots locked, so that nothing leaves it before the commit."""
    lots: list[str] = []
    while lots != (found := descendants(work, lot_id)):
        lots = found
        locked_balances(work, lots)
    return lots


def _log(
    work: Work,
    recall: Recall,
    type: str,
    lots: list[str],
    streams: tuple[str, ...],
    actor: Actor,
    now: datetime,
) -> str:
    """Record a step: what may be shown with the recall, and beside it who decided."""
    value = {"lots": lots, "reason_zh": recall.reason_zh, "reason_en": recall.reason_en}
    decision = {"lot": recall.lot_id, "office": recall.office_id, "person": actor.person or ""}
    secrets = (
        Secret("record", value, recall.office_id),
        Secret("decision", decision, recall.office_id),
    )
    draft = Draft(type, streams, now, {}, secrets)
    return record(work, draft, signer_for(work, recall.office_id), now).payload_id


def _locked(work: Work, recall_id: str) -> RecallStanding:
    query = select(RecallStanding).filter_by(recall_id=recall_id).with_for_update()
    return work.scalars(query).one()


def _step(
    work: Work,
    standing: RecallStanding,
    state: RecallState,
    actor: Actor,
    now: datetime,
    payload_id: str | None,
) -> None:
    standing.state, standing.steps = state.value, standing.steps + 1
    work.add(
        RecallStep(
            recall_id=standing.recall_id,
            n=standing.steps,
            state=state.value,
            person=actor.person or "",
            at=now,
            payload_id=payload_id,
        )
    )
    work.flush()
