"""Suspending and revoking in two steps: one person proposes, another one confirms.

The steps of a confirmation, in one transaction and in the global order of locks:
 1. the consequence is locked, then the certificate, so that nothing is printed meanwhile
 2. `workflows.blast_radius` reads what is touched by now; it contains what was shown
 3. certification decides: state, bar, transaction certificates, the entries of both
 4. points that rest on a revoked certificate become follow-ups for the points office; nothing is
    taken here, for another office decides about points
 5. one row makes every scan page of the certificate's lots anew, in every process, and the public
    register finds it by its new state
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from certification.consequences import service
from certification.consequences.model import Radius
from certification.consequences.service import (
    ConfirmConsequence,
    ConsequenceResult,
    DropConsequence,
    ProposeConsequence,
)
from identity.actor import Actor
from ledger.work import Work
from points.awards.resting import reversed_among
from trace.scans.service import bump_group
from workflows.blast_radius import blast_radius
from workflows.index_certificates import index_certificate

AWARD = "award"
"""The kind of a follow-up that asks the points office to look at an award."""


def propose_consequence(
    work: Work, command: ProposeConsequence, actor: Actor, now: datetime
) -> ConsequenceResult:
    """Propose to suspend or revoke; shows what it touches.

    Raises Refusal: those of `certification.consequences.service.propose`.
    """

    def radius_of(cert_id: str) -> Radius:
        return blast_radius(work, cert_id, now)

    return service.propose(work, command, radius_of, actor, now)


def confirm_consequence(
    work: Work, command: ConfirmConsequence, actor: Actor, now: datetime
) -> ConsequenceResult:
    """Suspend or revoke, as the second person; every scan is red from this commit on.

    Raises Refusal: those of `certification.consequences.service.confirm`.
    """

    def radius_of(cert_id: str) -> Radius:
        return blast_radius(work, cert_id, now)

    def follow_ups(radius: Radius) -> Iterable[tuple[str, str]]:
        taken_back = reversed_among(work, radius.awards)
        return [(AWARD, each) for each in radius.awards if each not in taken_back]

    confirmed = service.confirm(work, command, radius_of, follow_ups, actor, now)
    bump_group(work, confirmed.cert_id)
    index_certificate(work, confirmed.cert_id, now)
    return confirmed


def drop_consequence(
    work: Work, command: DropConsequence, actor: Actor, now: datetime
) -> ConsequenceResult:
    """Let a proposal drop. Raises Refusal: those of `certification.consequences.service.drop`."""
    return service.drop(work, command, actor, now)


@dataclass(frozen=True)
class FollowUp:
    """What a confirmed revocation left to another office, and whether it was done since."""

    kind: str
    subject: str
    done: bool


def follow_ups_of(session: Session, consequence: str) -> tuple[FollowUp, ...]:
    """The follow-ups of a consequence; an award is done with once it was taken back."""
    rows = service.follow_ups_of(session, consequence)
    done = reversed_among(session, [row.subject for row in rows if row.kind == AWARD])
    return tuple(FollowUp(row.kind, row.subject, row.subject in done) for row in rows)
