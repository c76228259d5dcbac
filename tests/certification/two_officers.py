"""Suspending and revoking as two people do it, in one word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from certification.consequences.service import (
    ConfirmConsequence,
    ConsequenceResult,
    ProposeConsequence,
)
from identity.actor import SYSTEM, Actor
from workflows.confirm_consequence import confirm_consequence, propose_consequence


def officer(name: str, party: str | None = None) -> Actor:
    """A person of a brand office who may do everything."""
    return replace(SYSTEM, party=party, person=f"pers:{name * 20}"[:26])


def decided(
    run: Any, verb: str, cert_id: str, at: datetime, reason: str = "抽检不合格", **more: Any
) -> ConsequenceResult:
    """Propose as one officer and confirm as another; `run` takes use case, command and actor."""
    proposal = ProposeConsequence(cert_id, verb, at, reason, **more)
    proposed = run(propose_consequence, proposal, officer("a"))
    confirmed: ConsequenceResult = run(
        confirm_consequence, ConfirmConsequence(proposed.id, proposed.radius), officer("b")
    )
    return confirmed
