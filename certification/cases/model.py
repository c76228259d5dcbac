"""A case 案件: one application of one holder under one scheme and track, from draft to decision.

Nouns. The *form* of a case is what its scheme asks on its track: answers by the key of a field, and
documents, which are kept as evidence. A *step* is what was done about the case; steps are numbered,
never changed, and each but the saving of a draft is one entry of the log. The *outcome* of a
granted case is one certificate, amendment, confirmation or print permit. An *offer* is what
somebody may do now.

States and rules are those of `certification.process`. Invariants on top of it:

- a holder has one running case of a scheme and track (about one certificate, where the track is
  about one): the guard row is unique, and the first of two who open at once has it
- a case keeps the version of the scheme under which it began
- a granted case has exactly one outcome, made in the same transaction
- what is typed (answers, reasons, objections) lies in openings only, under the key of the holder or
  of the objector, and can be erased; rows hold ids, codes, states and days
- who objected is never shown to the applicant

Refused: CASE_UNKNOWN also for those whom the case does not concern; the reasons of the guards;
those of `certification.cases.forms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from certification.evidence.model import Answer
from certification.process.standing import CaseState, Event, Outcome
from certification.schemes.model import AnswerKind, TrackKind, Words
from runtime.refusal import Reason

Answers = Mapping[str, Answer]
"""Answers by the key of their field."""

OutcomeKind = Literal["certificate", "amendment", "confirmation", "permit"]

OUTCOME_OF: Mapping[TrackKind, OutcomeKind] = {
    TrackKind.INITIAL: "certificate",
    TrackKind.RENEWAL: "amendment",
    TrackKind.CHANGE: "amendment",
    TrackKind.ANNUAL_CHECK: "confirmation",
    TrackKind.PRINT_PERMIT: "permit",
}
"""What a granted case becomes, by its track."""


@dataclass(frozen=True)
class OpenCase:
    """Begin an application; `cert_id` names the certificate that every track but initial is about.

    `holder` None: the party of whoever asks.
    """

    scheme: str
    track: str
    holder: str | None = None
    cert_id: str | None = None


@dataclass(frozen=True)
class Objector:
    """Who objects, and where an answer reaches them; shown to nobody outside the office."""

    name: str = field(repr=False)
    contact: str = field(repr=False)


@dataclass(frozen=True)
class SeasonLine:
    """So much of one product in one season, granted on its own."""

    product: str
    season: str
    quantity: str
    unit: str


@dataclass(frozen=True)
class GrantTerms:
    """What a decider grants, as far as the track leaves it open; the rest is in the application.

    `number` None: the next number of the scheme, where it issues its own. `to_date` None: the
    longest term that the scheme allows, or no end. `confirm_by` is for the yearly confirmation;
    `permit_holder` is the packing house of a print permit, None for the holder.
    """

    number: str | None = None
    from_date: date | None = None
    to_date: date | None = None
    quantity: str | None = None
    unit: str | None = None
    lines: tuple[SeasonLine, ...] = ()
    mark_from: date | None = None
    confirm_by: date | None = None
    document: str | None = None
    permit_holder: str | None = None


@dataclass(frozen=True)
class Act:
    """Do something about a case; which members count depends on the event.

    `reasons`: why, or what is objected. `answers`: with save; an empty one is taken back.
    `assignee` and `task`: with assign. `interest`: with declare_interest. `objection`: the number
    that is answered. `objector`: with object. `fee`: the key that was settled. `document`: number
    of the agreement or receipt. `terms`: with grant.
    """

    case_id: str
    event: str
    outcome: str | None = None
    reasons: str = ""
    answers: tuple[Answer, ...] = field(default=(), repr=False)
    assignee: str | None = None
    task: str | None = None
    interest: str | None = None
    objection: int | None = None
    objector: Objector | None = None
    fee: str | None = None
    document: str | None = None
    terms: GrantTerms | None = None


@dataclass(frozen=True)
class Granted:
    """The outcome of a granted case: `subject` is a certificate or permit, `n` the change of it."""

    kind: str
    subject: str
    number: str
    n: int | None = None


@dataclass(frozen=True)
class CaseResult:
    """What was done: the state after it, the number of the step, and the log entry, if any."""

    case_id: str
    state: str
    n: int
    payload_id: str | None = None
    objection: int | None = None
    granted: Granted | None = None


@dataclass(frozen=True)
class Case:
    """What never changes about a case."""

    case_id: str
    holder: str
    scheme: str
    scheme_version: str
    track: TrackKind
    cert_id: str | None
    opened_at: datetime

    @property
    def about(self) -> str:
        """What a running case is the only one about: the certificate, or the scheme itself."""
        return self.cert_id or ""


@dataclass(frozen=True)
class Offer:
    """Something that somebody could do with a case now; `reasons` say why not, empty: it can be."""

    event: Event
    outcome: Outcome | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Waiting:
    """A case that waits for somebody, as a work list shows it.

    `step` is its state; `due` the last day, None where nothing bounds it; `late_working_days`
    counts the working days since then; `assigned` says that it waits for this very person.
    """

    case_id: str
    scheme: str
    track: str
    holder: str
    step: str
    since: datetime
    due: date | None
    late_working_days: int
    assigned: bool
    unanswered_objections: int = 0


@dataclass(frozen=True)
class Moment:
    """One line of a case's timeline; texts are None where they were erased or may not be seen."""

    n: int
    event: Event
    outcome: Outcome | None
    state: CaseState
    at: datetime
    party: str | None
    person: str | None
    task: str | None
    assignee: str | None
    objection: int | None
    until: date | None
    reasons: str | None
    objector: Objector | None
    payload_id: str


@dataclass(frozen=True)
class FormField:
    """One answer or document that the track asks for, with the answer given so far."""

    key: str
    kind: AnswerKind | Literal["document"]
    words: Words
    hint: Words | None
    asked: bool
    personal: bool
    answer: Answer | None
    units: tuple[str, ...] = ()
    choices: tuple[tuple[str, Words], ...] = ()
