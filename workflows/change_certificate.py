"""A decision about a certificate turns the pages of every lot that carries its mark.

The decision is certification's. Lots that were labelled under the certificate point to one scan
group of its name, so that one row makes every page anew, however many labels there are; the public
register finds the certificate by what it is now.

Suspending and revoking take two people and are not here: see `workflows.confirm_consequence`.
Ending a suspension takes one, after an evaluation that has a document (ISO/IEC 17065 7.11).
"""

from __future__ import annotations

from datetime import datetime

from certification.bars.service import LiftBar, lift_bar
from certification.certificates import service
from certification.certificates.service import (
    AnnulChange,
    ChangeCertificate,
    Decided,
    GrantCertificate,
)
from certification.consequences.model import check_restored
from identity.actor import Actor
from ledger.work import Work
from trace.lots.service import lots_of_product
from trace.scans.service import bump_group, join_group
from workflows.index_certificates import index_certificate


def grant_certificate(
    work: Work, command: GrantCertificate, actor: Actor, now: datetime
) -> Decided:
    """Grant a certificate; lots of its products that exist already show it from now on."""
    decided = service.grant(work, command, actor, now)
    for product in command.products:
        for lot_id in lots_of_product(work, product):
            join_group(work, lot_id, decided.cert_id)
    index_certificate(work, decided.cert_id, now)
    return decided


def resume_certificate(
    work: Work, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    """End a suspension after an evaluation.

    Raises Refusal: EVALUATION_MISSING, and those of `certification.certificates.service`.
    """
    check_restored(command.document)
    decided = service.resume(work, command, actor, now)
    bump_group(work, decided.cert_id)
    index_certificate(work, decided.cert_id, now)
    return decided


def annul_change(work: Work, command: AnnulChange, actor: Actor, now: datetime) -> Decided:
    """Declare a decision wrong; the bar of a revocation is lifted with it.

    Raises Refusal: those of `certification.certificates.service`.
    """
    decided = service.annul(work, command, actor, now)
    lift_bar(work, LiftBar(command.cert_id, command.annuls), actor, now)
    bump_group(work, decided.cert_id)
    index_certificate(work, decided.cert_id, now)
    return decided
