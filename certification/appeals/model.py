"""An appeal 申诉, complaint 投诉 or report of misuse 举报: heard by people who were not involved.

Nouns. An *appeal* is brought by the party that a decision is about; a *complaint* or a report of
*misuse* by anybody. It has a *target*: the decision of a case, one change of a certificate, the
answer to an objection, or, for complaints and misuse, a certificate as it is used.

States: filed → acknowledged → upheld | overturned; withdrawn by who filed it before that. *Upheld*
means that what is complained of stands, *overturned* that it does not: a refused case reopens at
the first step of its track, an answered objection sends its case back, a change of a certificate is
annulled. Whatever else follows from a complaint or from misuse is proposed as a consequence.

Invariants (ISO/IEC 17065, 7.13):

- nobody acknowledges or decides who was involved in what is complained of, or belongs to a side;
  where only an office is on record for a decision and no person, all of that office are involved
- a decision has reasons, and is due within the working days of the scheme
- one appeal about the same decision runs at a time
- who filed is shown to those who serve the scheme only

Refused: APPEAL_UNKNOWN, NOTHING_TO_APPEAL, OUTCOME_STANDS, APPEAL_NOT_OF_PARTY, APPEAL_RUNNING,
EVENT_NOT_POSSIBLE, ROLE_NOT_ALLOWED, PERSON_REQUIRED, NOT_APPOINTED, INVOLVED_IN_MATTER,
REASONS_MISSING.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from certification.cases.model import Objector
from certification.process.guards import REASONS_MAX
from certification.process.standing import Who
from certification.process.table import Noun, row_of
from certification.refusals import CertificationRefusal as Code
from certification.schemes.model import Function, Words
from identity.names import text_reasons
from runtime.refusal import Reason, Refusal

_OFFICES = frozenset({Function.OFFICE, Function.BODY})


class AppealKind(StrEnum):
    """What is brought."""

    APPEAL = "appeal"
    COMPLAINT = "complaint"
    MISUSE = "misuse"


class Target(StrEnum):
    """What it is about."""

    CASE_DECISION = "case_decision"
    CERTIFICATE_CHANGE = "certificate_change"
    OBJECTION_ANSWER = "objection_answer"
    CERTIFICATE = "certificate"


class AppealState(StrEnum):
    """Where it stands; `NONE` is before it is filed."""

    NONE = "none"
    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """True where nothing more is to be done."""
        return self in (AppealState.UPHELD, AppealState.OVERTURNED, AppealState.WITHDRAWN)


class AppealEvent(StrEnum):
    """What can be asked."""

    FILE = "file"
    ACKNOWLEDGE = "acknowledge"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    WITHDRAW = "withdraw"


STATE_WORDS: Mapping[AppealState, Words] = {
    AppealState.NONE: Words("尚未提出", "not filed"),
    AppealState.FILED: Words("已提出", "filed"),
    AppealState.ACKNOWLEDGED: Words("已受理", "acknowledged"),
    AppealState.UPHELD: Words("维持原决定", "decision upheld"),
    AppealState.OVERTURNED: Words("撤销原决定", "decision overturned"),
    AppealState.WITHDRAWN: Words("已撤回", "withdrawn"),
}
EVENT_WORDS: Mapping[AppealEvent, Words] = {
    AppealEvent.FILE: Words("提出", "file"),
    AppealEvent.ACKNOWLEDGE: Words("受理", "acknowledge"),
    AppealEvent.UPHOLD: Words("维持原决定", "uphold the decision"),
    AppealEvent.OVERTURN: Words("撤销原决定", "overturn the decision"),
    AppealEvent.WITHDRAW: Words("撤回", "withdraw"),
}
KIND_WORDS: Mapping[AppealKind, Words] = {
    AppealKind.APPEAL: Words("申诉", "appeal"),
    AppealKind.COMPLAINT: Words("投诉", "complaint"),
    AppealKind.MISUSE: Words("标志误用举报", "report of misuse"),
}


@dataclass(frozen=True)
class FileAppeal:
    """Bring an appeal, a complaint or a report of misuse.

    `subject` is a case or certificate; `n` the change of the certificate or the number of the
    objection, None for the decision of a case and for a certificate as it is used. `filer` says who
    somebody without an account is.
    """

    kind: str
    target: str
    subject: str
    reasons: str = field(repr=False)
    n: int | None = None
    filer: Objector | None = None


@dataclass(frozen=True)
class ActOnAppeal:
    """Acknowledge, uphold, overturn or withdraw; a decision has reasons."""

    appeal_id: str
    event: str
    reasons: str = field(default="", repr=False)
    document: str | None = None


@dataclass(frozen=True)
class Appeal:
    """What never changes about it; `holder` is the party that the target is about.

    `filed_by` is the party that brought it, None where somebody without an account did.
    """

    appeal_id: str
    kind: AppealKind
    target: Target
    subject: str
    n: int | None
    scheme: str
    holder: str
    filed_by: str | None
    filed_at: datetime


@dataclass(frozen=True)
class AppealResult:
    """What was done: the state after it, and what follows from an overturned decision.

    `reopened` is the case that goes back, `annul` the certificate and number of the change that is
    to be annulled in the same transaction.
    """

    appeal_id: str
    state: str
    n: int
    payload_id: str
    reopened: str | None = None
    annul: tuple[str, int] | None = None


@dataclass(frozen=True)
class AppealWaiting:
    """An appeal that waits, as a work list shows it."""

    appeal_id: str
    kind: str
    target: str
    subject: str
    scheme: str
    state: str
    filed_at: datetime
    due: date | None
    late: bool


@dataclass(frozen=True)
class Matter:
    """What is known about the target: who was involved, and who the sides are.

    `offices` are those for which no person is on record; all their people are involved.
    """

    holder: str
    involved: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Hearing:
    """One deed about an appeal with what the rules look at.

    `sides` are the parties that the person who asks belongs to among holder and filer.
    """

    state: AppealState
    event: AppealEvent
    who: Who
    matter: Matter
    reasons: str
    of_a_side: bool = False
    filed_it: bool = False


def check(hearing: Hearing) -> AppealState:
    """The state after a deed. Raises Refusal with every reason against it."""
    row = row_of(Noun.APPEAL, hearing.state, hearing.event)
    if row is None:
        raise Refusal(_impossible(hearing))
    if hearing.who.parts.isdisjoint(row.parts):
        raise Refusal(Reason(Code.ROLE_NOT_ALLOWED))
    found = [reason for name in row.guards for reason in _CHECKS.get(name, _none)(hearing)]
    if found:
        raise Refusal(*found)
    return AppealState(row.next)


def _impossible(hearing: Hearing) -> Reason:
    state, event = STATE_WORDS[hearing.state], EVENT_WORDS[hearing.event]
    numbers = {"state_zh": state.zh, "state_en": state.en}
    numbers |= {"event_zh": event.zh, "event_en": event.en}
    return Reason(Code.EVENT_NOT_POSSIBLE, "/event", numbers)


def _none(hearing: Hearing) -> Iterator[Reason]:
    """Guards of the filing, which needs the registers: `service.file_appeal` asks them."""
    return iter(())


def _person_known(hearing: Hearing) -> Iterator[Reason]:
    if hearing.who.person is None:
        yield Reason(Code.PERSON_REQUIRED)


def _office_appointed(hearing: Hearing) -> Iterator[Reason]:
    if hearing.who.functions.isdisjoint(_OFFICES):
        yield Reason(Code.NOT_APPOINTED)


def _uninvolved(hearing: Hearing) -> Iterator[Reason]:
    who, matter = hearing.who, hearing.matter
    if who.person in matter.involved or who.party in matter.offices:
        yield Reason(Code.INVOLVED_IN_MATTER)


def _not_of_a_side(hearing: Hearing) -> Iterator[Reason]:
    if hearing.of_a_side:
        yield Reason(Code.INVOLVED_IN_MATTER)


def _filed_it(hearing: Hearing) -> Iterator[Reason]:
    if not hearing.filed_it:
        yield Reason(Code.APPEAL_NOT_OF_PARTY)


def _reasons_given(hearing: Hearing) -> Iterator[Reason]:
    if not hearing.reasons.strip():
        yield Reason(Code.REASONS_MISSING, "/reasons")
        return
    yield from text_reasons(hearing.reasons, "/reasons", REASONS_MAX)


_CHECKS: Mapping[str, Callable[[Hearing], Iterator[Reason]]] = {
    "person_known": _person_known,
    "office_appointed": _office_appointed,
    "uninvolved": _uninvolved,
    "not_of_a_side": _not_of_a_side,
    "filed_it": _filed_it,
    "reasons_given": _reasons_given,
}
