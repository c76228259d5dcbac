"""Who decides about quantities, and what every such decision writes down beside them.

An office or body that is appointed for the scheme at that moment decides, the platform too, and
nobody about what their own party holds. Whoever decides in a case was let through by its guards.
Refused: NOT_ALLOWED, OWN_CERTIFICATE, NOT_APPOINTED, refusals of texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from certification.bodies.service import require_appointed
from certification.refusals import CertificationRefusal
from certification.schemes.model import Function
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from identity.names import text_reasons
from identity.roles import Role, require_role
from ledger.signer import Signer
from ledger.work import Work
from runtime.refusal import Refusal, refuse

REASON_MAX: Final = 500
DOCUMENT_MAX: Final = 80
_FUNCTIONS = (Function.OFFICE, Function.BODY)


def check_asking(actor: Actor, reason: str | None, document: str | None) -> None:
    """Refuse an actor without the role, and texts that cannot be stored; None: none was asked."""
    require_role(actor, Role.BRAND_OFFICER)
    reasons = list(() if reason is None else text_reasons(reason, "/reason", REASON_MAX))
    if document is not None:
        reasons += text_reasons(document, "/document", DOCUMENT_MAX)
    if reasons:
        raise Refusal(*reasons)


def check_office(
    session: Session,
    actor: Actor,
    scheme: str,
    holders: Iterable[str],
    now: datetime,
    *,
    case_id: str | None = None,
) -> None:
    """Refuse whoever acts for one of the holders, or for no office or body of the scheme."""
    if actor.party is not None and actor.party in set(holders):
        refuse(CertificationRefusal.OWN_CERTIFICATE)
    if case_id is None:
        require_appointed(session, actor, scheme, _FUNCTIONS, now)


def signer_of(work: Work, actor: Actor) -> Signer:
    """Whose key signs a decision: the office's, or the operator's where the platform decides."""
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)
