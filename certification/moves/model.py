"""The rules of a move: certificates of a body that leaves or has failed go to another body.

Nouns. A *move* (证书移交) takes the certificates of one scheme from one body to another. Each
certificate has a *ticket* in it. *Attesting* (重新确认) a certificate is the new body's word that
it answers for it from now on; number, state, id and QR code stay.

States of a ticket: pending -> attested -> moved; pending -> declined. What is pending or declined
when the last day has passed is *suspended* by the system: nobody answers for it. A certificate that
is revoked, given up or expired by then is *gone*: there is nothing to move.
States of a move: open -> closed, once no ticket is left on its way.

Invariants:

- a body has at most one open move of a scheme, so a certificate is on one way only
- every ticket is decided by a person of the new body, or by the last day
- a move takes nothing away: one that is pending is as valid as it was, until the last day
- moving is repeatable: a portion that was done twice moves nothing twice
- the old body's appointment ends with the move: today where it failed, else with the last day

Cases need no ticket. They name no body: whoever is appointed for the scheme goes on with them, and
people stay excluded from what they evaluated, whichever body they act for.

Refused: see `open_reasons`, `verdict_reasons`. Source: MSC and NASAA, where the end of a body made
codes on packs void (domain notes, "Peers"); ISO/IEC 17065 7.11 for the suspension.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from certification.refusals import CertificationRefusal
from runtime.clock import beijing_date, day_end
from runtime.refusal import Reason

DAYS_MAX = 366
"""How far ahead the last day of a move may lie."""


class Why(StrEnum):
    """Why certificates go to another body."""

    LEAVES = "leaves"
    FAILED = "failed"


class MoveState(StrEnum):
    """Where a move stands."""

    OPEN = "open"
    CLOSED = "closed"


class MoveEvent(StrEnum):
    """What was done about a move; each is an entry of the log."""

    OPEN = "open"
    ATTEST = "attest"
    DECLINE = "decline"
    CLOSE = "close"


class TicketState(StrEnum):
    """Where a certificate stands on its way."""

    PENDING = "pending"
    ATTESTED = "attested"
    DECLINED = "declined"
    MOVED = "moved"
    SUSPENDED = "suspended"
    GONE = "gone"


ON_THE_WAY = frozenset({TicketState.PENDING, TicketState.ATTESTED, TicketState.DECLINED})
"""States that something still follows."""

LATE = frozenset({TicketState.PENDING, TicketState.DECLINED})
"""States for which nobody answers when the last day has passed."""

VERDICTS: Mapping[str, tuple[MoveEvent, TicketState]] = {
    "attested": (MoveEvent.ATTEST, TicketState.ATTESTED),
    "declined": (MoveEvent.DECLINE, TicketState.DECLINED),
}


@dataclass(frozen=True)
class Opening:
    """What a new move is decided by; `until` is its last day, Beijing time.

    `appointed` says whether the new body serves the scheme today.
    """

    from_body: str
    to_body: str
    until: date
    appointed: bool
    already_open: bool
    certificates: int


def open_reasons(asked: Opening, now: datetime) -> Iterator[Reason]:
    """Yield what forbids a move to be opened."""
    if asked.from_body == asked.to_body:
        yield Reason(CertificationRefusal.MOVE_SAME_BODY, "/to_body")
    today = beijing_date(now)
    if not today < asked.until <= today + timedelta(days=DAYS_MAX):
        yield Reason(CertificationRefusal.MOVE_DEADLINE, "/until", {"most": DAYS_MAX})
    if not asked.appointed:
        yield Reason(CertificationRefusal.MOVE_BODY_INVALID, "/to_body")
    if asked.already_open:
        yield Reason(CertificationRefusal.MOVE_OPEN_ALREADY, "/from_body")
    elif asked.certificates == 0:
        yield Reason(CertificationRefusal.MOVE_EMPTY, "/from_body")


def is_late(until: date, now: datetime) -> bool:
    """Whether the last day of a move has passed."""
    return now >= day_end(until)


def verdict_reasons(
    state: MoveState,
    until: date,
    tickets: Mapping[str, TicketState | None],
    verdict: str,
    now: datetime,
) -> Iterator[Reason]:
    """Yield what forbids these tickets (by certificate; None: no ticket) to be decided now.

    A declined certificate may still be attested before the last day, an attested one stays so.
    """
    if state is not MoveState.OPEN or is_late(until, now):
        yield Reason(CertificationRefusal.MOVE_NOT_OPEN)
    if verdict not in VERDICTS:
        yield Reason(CertificationRefusal.VERDICT_UNKNOWN, "/verdict")
        return
    undecided = {TicketState.PENDING, TicketState.DECLINED} - {VERDICTS[verdict][1]}
    for place, ticket in enumerate(tickets.values()):
        if ticket is None:
            yield Reason(CertificationRefusal.NOT_IN_MOVE, f"/certificates/{place}")
        elif ticket not in undecided:
            yield Reason(CertificationRefusal.TICKET_DECIDED, f"/certificates/{place}")
