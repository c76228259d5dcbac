"""Decisions that change or end a certificate without a penalty: amend, confirm, cancel, succeed.

The decision is certification's. Here it turns the pages of the lots concerned, as the decisions of
`workflows.change_certificate` do; products that an amendment brings into scope join the scan group
of the certificate, and the register is searched by the new scope. A certificate cannot be given up
while its revocation is proposed.
"""

from __future__ import annotations

from datetime import datetime

from certification.certificates import service
from certification.certificates.commands import (
    AmendCertificate,
    ChangeCertificate,
    ConfirmCertificate,
    Decided,
    SucceedCertificate,
)
from certification.consequences.service import revocation_waits
from certification.quotas import service as quotas
from certification.refusals import CertificationRefusal
from identity.actor import Actor
from identity.roles import Role, require_role
from ledger.work import Work
from runtime.refusal import refuse
from trace.lots.service import lots_of_product
from trace.scans.service import bump_group, join_group
from workflows.index_certificates import index_certificate


def amend_certificate(
    work: Work, command: AmendCertificate, actor: Actor, now: datetime
) -> Decided:
    """Change scope, term or quantity. Raises Refusal: those of `certificates.service.amend`."""
    decided = service.amend(work, command, actor, now)
    for product in command.products or ():
        for lot_id in lots_of_product(work, product):
            join_group(work, lot_id, decided.cert_id)
    return _shown(work, decided, now)


def confirm_certificate(
    work: Work, command: ConfirmCertificate, actor: Actor, now: datetime
) -> Decided:
    """Confirm for a further year. Raises Refusal: those of `certificates.service.confirm`."""
    decided = service.confirm(work, command, actor, now)
    return _shown(work, decided, now)


def cancel_certificate(
    work: Work, command: ChangeCertificate, actor: Actor, now: datetime
) -> Decided:
    """End a certificate that its holder gives up.

    Raises Refusal: CONSEQUENCE_WAITING while its revocation is proposed, and those of
    `certificates.service.cancel`.
    """
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    quotas.lock(work, [command.cert_id])
    if revocation_waits(work, command.cert_id):
        refuse(CertificationRefusal.CONSEQUENCE_WAITING)
    decided = service.cancel(work, command, actor, now)
    return _shown(work, decided, now)


def supersede_certificate(
    work: Work, command: SucceedCertificate, actor: Actor, now: datetime
) -> Decided:
    """Let another certificate of the holder take the place.

    Raises Refusal: those of `certificates.service.supersede`.
    """
    decided = service.supersede(work, command, actor, now)
    return _shown(work, decided, now)


def pass_on_certificate(
    work: Work, command: SucceedCertificate, actor: Actor, now: datetime
) -> Decided:
    """Let a certificate of another holder take the place.

    Raises Refusal: those of `certificates.service.pass_on`.
    """
    decided = service.pass_on(work, command, actor, now)
    return _shown(work, decided, now)


def _shown(work: Work, decided: Decided, now: datetime) -> Decided:
    """Turn the scan pages that carry the certificate, and let the register find it as it is now."""
    bump_group(work, decided.cert_id)
    index_certificate(work, decided.cert_id, now)
    return decided
