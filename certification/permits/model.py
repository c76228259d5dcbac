"""A print permit: so much of what a certificate grants, put into the hands of one packing house.

States: open <-> frozen -> closed. The office freezes, thaws and closes; an open one may be closed
too. While the certificate is not in force nothing is printed under its permits either; that is
computed each time under the certificate's lock, and never written down.

Invariants:

- a permit belongs to one root account (the certificate's, or one of its lines) for ever, and so
  does every quantity that moves between permits
- a closed permit has nothing left, and stays closed
- numbers are never used twice

Refused: PERMIT_UNKNOWN, PERMIT_CLOSED, PERMIT_FROZEN, PERMIT_NOT_FROZEN, PERMIT_SAME, PERMITS_APART
and what the accounts refuse (`certification.quotas.model`).

Source: T/XLXH 002-2019 has the licence (准许使用证) and the print permit (准印证) as two papers
with two codes. That a quantity moves between packing houses only by a decision of the office is a
rule of this platform. The form of a number is the scheme's `permit_template`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from certification.refusals import CertificationRefusal
from certification.schemes.model import Words
from runtime.refusal import refuse


class PermitDeed(StrEnum):
    """What was done about a permit; a move is a deed of the permit that gives."""

    OPEN = "open"
    MOVE = "move"
    FREEZE = "freeze"
    THAW = "thaw"
    CLOSE = "close"


class PermitState(StrEnum):
    """The state of a permit by its own deeds."""

    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"


STATE_WORDS: dict[PermitState, Words] = {
    PermitState.OPEN: Words("可用", "In use"),
    PermitState.FROZEN: Words("已冻结", "Frozen"),
    PermitState.CLOSED: Words("已关闭", "Closed"),
}
FROZEN_WITH_CERTIFICATE = Words("随证书停用", "Stopped with its certificate")


@dataclass(frozen=True)
class Standing:
    """One permit as a rule sees it: its account's root and its own state."""

    permit_id: str
    root: str
    state: PermitState


def state_after(deeds: Iterable[PermitDeed]) -> PermitState:
    """The state that all deeds together make."""
    state = PermitState.OPEN
    for deed in deeds:
        state = _MAKES.get(deed, state)
    return state


_MAKES = {
    PermitDeed.FREEZE: PermitState.FROZEN,
    PermitDeed.THAW: PermitState.OPEN,
    PermitDeed.CLOSE: PermitState.CLOSED,
}
USE_REFUSALS: dict[PermitState, CertificationRefusal] = {
    PermitState.FROZEN: CertificationRefusal.PERMIT_FROZEN,
    PermitState.CLOSED: CertificationRefusal.PERMIT_CLOSED,
}


def require_in_use(standing: Standing, pointer: str | None = None) -> None:
    """Refuse a permit that is frozen or closed."""
    refusal = USE_REFUSALS.get(standing.state)
    if refusal is not None:
        refuse(refusal, pointer)


def check_move(giver: Standing, taker: Standing) -> None:
    """Refuse a move that is none, between other accounts, or of permits out of use."""
    if giver.permit_id == taker.permit_id:
        refuse(CertificationRefusal.PERMIT_SAME, "/to")
    if giver.root != taker.root:
        refuse(CertificationRefusal.PERMITS_APART, "/to")
    require_in_use(giver, "/permit")
    require_in_use(taker, "/to")


def check_freeze(standing: Standing) -> None:
    """Refuse to freeze what is frozen or closed."""
    require_in_use(standing)


def check_thaw(standing: Standing) -> None:
    """Refuse to thaw what is not frozen."""
    if standing.state is PermitState.CLOSED:
        refuse(CertificationRefusal.PERMIT_CLOSED)
    if standing.state is PermitState.OPEN:
        refuse(CertificationRefusal.PERMIT_NOT_FROZEN)


def check_close(standing: Standing) -> None:
    """Refuse to close twice; a frozen permit may be closed."""
    if standing.state is PermitState.CLOSED:
        refuse(CertificationRefusal.PERMIT_CLOSED)
