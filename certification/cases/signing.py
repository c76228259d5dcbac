"""Who signs what is done about a case or an appeal.

The office or body that acts signs for itself; the platform's operator signs for everybody else. An
applicant's own key is never used: the log shows keys, and would tell who applied.
"""

from __future__ import annotations

from datetime import datetime

from certification.cases.facts import functions_of
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from ledger.signer import Signer
from ledger.work import Work


def signer_of(work: Work, actor: Actor, scheme: str, holder: str, now: datetime) -> Signer:
    """The signer of a step. Raises Refusal OPERATOR_MISSING, OWN_CUSTODY."""
    party = actor.party
    if party is None or party == holder or not functions_of(work, actor, scheme, now):
        return operator_signer(work)
    return signer_for(work, party)
