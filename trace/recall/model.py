"""The rules of a recall.

States: proposed -> ordered -> ended. A regulator proposes; the blast radius (the lot and
everything that came from it) is computed once and shown; a second person confirms exactly that
radius. If goods have moved on since, the confirmation is refused and the radius is shown anew.

Invariants: nobody confirms a recall that he proposed; an ordered recall covers the radius that was
shown; a lot is being recalled while any ordered recall that covers it, or a lot that it came from,
has not ended; each step is an entry of the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from enum import StrEnum

from runtime.refusal import Reason
from trace.refusals import TraceRefusal


class RecallState(StrEnum):
    """Where a recall stands."""

    PROPOSED = "proposed"
    ORDERED = "ordered"
    ENDED = "ended"


def radius_digest(lot_ids: Iterable[str]) -> str:
    """Return the digest (SHA-256, hex) by which a confirmation names the radius that was shown."""
    return hashlib.sha256("\n".join(sorted(lot_ids)).encode()).hexdigest()


def confirm_faults(
    state: RecallState, proposer: str | None, confirmer: str | None, shown: str, current: str
) -> Iterator[Reason]:
    """Yield what forbids this person to confirm this radius now."""
    if state is not RecallState.PROPOSED:
        yield Reason(TraceRefusal.RECALL_NOT_OPEN, numbers={"state": state.value})
    if confirmer is None or confirmer == proposer:
        yield Reason(TraceRefusal.RECALL_SAME_PERSON)
    if shown != current:
        yield Reason(TraceRefusal.RECALL_RADIUS_CHANGED)
