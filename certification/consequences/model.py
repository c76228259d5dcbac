"""The rules of what follows: a suspension or revocation that two people decide.

Nouns. A *consequence* is one proposed suspension or revocation of one certificate. Its *radius*
(波及范围) is everything that the decision touches: lots that were labelled under the certificate
and whatever came from them, print runs, print permits, transaction certificates, points that were
awarded for such lots or for the certificate, open credit records of its holder. A *hold* (先行停印)
stops printing under the certificate while the proposal waits. A *follow-up* (后续事项) is what the
confirmation leaves to another office: points that rested on a revoked certificate.

States: proposed -> confirmed | dropped. Nothing about the certificate changes before it is
confirmed, but for the hold.

Invariants:

- nobody confirms what they proposed, and only a person confirms (ISO/IEC 17065:2012 7.6, 7.11)
- who confirms names the radius that was shown with the proposal; what is touched by then contains
  it, for goods only spread and history only grows; both are committed, and what came in between is
  shown
- a certificate has at most one proposal that waits
- a hold ends with the proposal, and after 72 hours at the latest; whoever held a certificate and
  was not confirmed does not hold it again: that takes another person
- a suspension is ended by one person, after an evaluation that has a document (17065 7.11)

Refused: see `propose_reasons`, `confirm_reasons`, `check_restored`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from certification.refusals import CertificationRefusal
from runtime.canonical import jcs
from runtime.clock import instant_text
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

HOLD_MAX = timedelta(hours=72)


class Verb(StrEnum):
    """What is proposed."""

    SUSPEND = "suspend"
    REVOKE = "revoke"


class ConsequenceState(StrEnum):
    """Where a consequence stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


class ConsequenceEvent(StrEnum):
    """What was done about a consequence; each is an entry of the log."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    DROP = "drop"

    @property
    def leads_to(self) -> ConsequenceState:
        """The state after it."""
        return {
            ConsequenceEvent.PROPOSE: ConsequenceState.PROPOSED,
            ConsequenceEvent.CONFIRM: ConsequenceState.CONFIRMED,
            ConsequenceEvent.DROP: ConsequenceState.DROPPED,
        }[self]


@dataclass(frozen=True)
class Radius:
    """What a decision touches: ids, each once, sorted; `labels` says how many are in use or may be.

    `runs` are those printed under the certificate; `labels` counts their labels that are not void.
    """

    lots: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()
    awards: tuple[str, ...] = ()
    credit_records: tuple[str, ...] = ()
    labels: int = 0

    def members(self) -> dict[str, tuple[str, ...]]:
        """The ids by kind."""
        return {kind: getattr(self, kind) for kind in KINDS}

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of all ids, by which a confirmation names it."""
        listed = {kind: list(ids) for kind, ids in self.members().items()}
        return hashlib.sha256(jcs(listed)).hexdigest()

    def value(self) -> dict[str, Json]:
        """The radius as it is stored and committed."""
        listed: dict[str, Json] = {kind: list(ids) for kind, ids in self.members().items()}
        return {**listed, "labels": self.labels}


KINDS = tuple(field.name for field in fields(Radius) if field.name != "labels")

_MAY_END = frozenset({"credit_records"})
"""Kinds whose members may leave: a credit record is repaired or withdrawn whoever decides here."""


def radius_from(members: Mapping[str, Iterable[str]], labels: int) -> Radius:
    """A radius of these ids by kind."""
    return Radius(
        **{kind: tuple(sorted(set(members.get(kind, ())))) for kind in KINDS}, labels=labels
    )


@dataclass(frozen=True)
class Numbers:
    """How much of each kind a radius holds."""

    lots: int = 0
    runs: int = 0
    labels: int = 0
    permits: int = 0
    transactions: int = 0
    awards: int = 0
    credit_records: int = 0


def numbers_of(radius: Radius) -> Numbers:
    """The plain numbers that are shown of a radius."""
    return Numbers(
        **{kind: len(ids) for kind, ids in radius.members().items()}, labels=radius.labels
    )


@dataclass(frozen=True)
class Change:
    """What came into a radius since it was shown, and what left it."""

    added: Radius
    gone: Radius

    @property
    def shrunk(self) -> bool:
        """Whether something left that never leaves."""
        return any(ids for kind, ids in self.gone.members().items() if kind not in _MAY_END)


def change_of(shown: Radius, current: Radius) -> Change:
    """What is different between the radius that was shown and the one of now."""
    before, now = shown.members(), current.members()
    return Change(
        added=radius_from(
            {kind: set(now[kind]) - set(before[kind]) for kind in KINDS},
            max(0, current.labels - shown.labels),
        ),
        gone=radius_from(
            {kind: set(before[kind]) - set(now[kind]) for kind in KINDS},
            max(0, shown.labels - current.labels),
        ),
    )


@dataclass(frozen=True)
class Hold:
    """Printing under a certificate stands still until this moment."""

    consequence: str
    until: datetime


@dataclass(frozen=True)
class EarlierHold:
    """The newest hold of a certificate: whose it was, and what became of the proposal."""

    person: str
    state: ConsequenceState


def propose_reasons(
    *, waiting: str | None, hold: bool, person: str | None, earlier: EarlierHold | None
) -> Iterator[Reason]:
    """Yield what forbids a further proposal about a certificate.

    `waiting` is the proposal about it that waits already, `earlier` its newest hold.
    """
    if waiting is not None:
        yield Reason(CertificationRefusal.CONSEQUENCE_WAITING, numbers={"waiting": waiting})
    if not hold:
        return
    if person is None:
        yield Reason(CertificationRefusal.PERSON_REQUIRED, "/hold")
        return
    mine = earlier is not None and earlier.person == person
    if mine and earlier is not None and earlier.state is not ConsequenceState.CONFIRMED:
        yield Reason(CertificationRefusal.HOLD_REPEATED, "/hold")


@dataclass(frozen=True)
class Confirmation:
    """What a confirmation is decided by; `named` is the digest that the confirming person gave."""

    state: ConsequenceState
    proposer: str
    confirmer: str | None
    named: str
    shown: Radius
    current: Radius


def confirm_reasons(asked: Confirmation) -> Iterator[Reason]:
    """Yield what forbids this person to confirm this consequence now."""
    if asked.confirmer is None:
        yield Reason(CertificationRefusal.PERSON_REQUIRED)
    elif asked.confirmer == asked.proposer:
        yield Reason(CertificationRefusal.CONSEQUENCE_SAME_PERSON)
    yield from open_reasons(asked.state)
    if asked.named != asked.shown.digest:
        yield Reason(CertificationRefusal.CONSEQUENCE_RADIUS_OTHER, "/radius")
    if change_of(asked.shown, asked.current).shrunk:
        yield Reason(CertificationRefusal.CONSEQUENCE_RADIUS_SHRUNK, "/radius")


def open_reasons(state: ConsequenceState) -> Iterator[Reason]:
    """Yield the reason against a step after the last one."""
    if state is not ConsequenceState.PROPOSED:
        numbers = {"state": state.value}
        yield Reason(CertificationRefusal.CONSEQUENCE_NOT_OPEN, numbers=numbers)


def require_none(reasons: Iterable[Reason]) -> None:
    """Refuse with all reasons, where there are any."""
    found = tuple(reasons)
    if found:
        raise Refusal(*found)


def check_not_held(hold: Hold | None, now: datetime) -> None:
    """Refuse printing while a hold lasts, with the moment at which it ends by itself."""
    if hold is not None and now < hold.until:
        refuse(CertificationRefusal.CERTIFICATE_HELD, until=instant_text(hold.until))


def check_restored(document: str | None) -> None:
    """Refuse the end of a suspension without the document of its evaluation (17065 7.11)."""
    if document is None or not document.strip():
        refuse(CertificationRefusal.EVALUATION_MISSING, "/document")
