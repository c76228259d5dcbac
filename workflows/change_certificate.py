"""A decision about a certificate turns the pages of every lot that carries its mark.

The decision is certification's. Lots that were labelled under the certificate point to one scan
group of its name, so that one row makes every page anew, however many labels there are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from certification.certificates import service
from certification.certificates.service import (
    AnnulChange,
    ChangeCertificate,
    Decided,
    GrantCertificate,
)
from identity.actor import Actor
from ledger.work import Work
from trace.lots.service import lots_of_product
from trace.scans.service import bump_group, join_group

Change = Callable[[Work, ChangeCertificate, Actor, datetime], Decided]


def grant_certificate(
    work: Work, command: GrantCertificate, actor: Actor, now: datetime
) -> Decided:
    """Grant a certificate; lots of its products that exist already show it from now on."""
    decided = service.grant(work, command, actor, now)
    for product in command.products:
        for lot_id in lots_of_product(work, product):
            join_group(work, lot_id, decided.cert_id)
    return decided


def suspend_certificate(
    work: Work, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    """Suspend a certificate. Raises Refusal: those of `certification.certificates.service`."""
    return _changed(service.suspend, work, command, actor, now)


def resume_certificate(
    work: Work, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    """End a suspension. Raises Refusal: those of `certification.certificates.service`."""
    return _changed(service.resume, work, command, actor, now)


def revoke_certificate(
    work: Work, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    """Revoke a certificate. Raises Refusal: those of `certification.certificates.service`."""
    return _changed(service.revoke, work, command, actor, now)


def annul_change(work: Work, command: AnnulChange, actor: Actor, now: datetime) -> Decided:
    """Declare a decision wrong. Raises Refusal: those of `certification.certificates.service`."""
    decided = service.annul(work, command, actor, now)
    bump_group(work, decided.cert_id)
    return decided


def _changed(
    change: Change, work: Work, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    decided = change(work, command, actor, now)
    bump_group(work, decided.cert_id)
    return decided
