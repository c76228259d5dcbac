"""A credit record: an administrative penalty, and when it may be shown.

Four kinds of records exist and are never mixed; only the first can be entered yet:

- penalty     administrative penalty, entered by the authority, document number mandatory
- judgment    judgment of a court
- promise     信用承诺
- decision    of a brand office or certifier: a matter of contract, shown on the register of marks
              only, never in a credit answer, never called 失信

Invariants:

- a record leaves only while its disclosure period runs: from 00:00 Beijing time of the first day
  to 24:00 of the last, and not after it was repaired or withdrawn (`published_at`, a pure
  function; I14)
- nothing about a natural person is entered here, and nothing would be published
- history is added to: a record is closed by a further entry, never changed
- free text is apart from the rest (`narrative`), screened for identity and phone numbers
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from identity.names import text_reasons
from points.calendar_months import add_months
from points.credit.regimes.model import PenaltyClass, Regime, check_period
from points.refusals import PointsRefusal
from runtime.clock import beijing_date, day_end
from runtime.refusal import Reason, Refusal, refuse

NARRATIVE_MAX = 500
AUTHORITY_MAX = 80
DOCUMENT_MAX = 80
_OFFENCE = re.compile(r"[a-z][a-z0-9._-]{0,39}")
# GB 11643 (18 digits, the last may be X) and the older 15 digits; mobile numbers of the mainland.
# Separators do not hide a number: they are removed before the text is searched.
_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![\dXx])")
_SEPARATORS = re.compile(r"[\s\-.·—_]")


class RecordKind(StrEnum):
    """The four kinds."""

    PENALTY = "penalty"
    JUDGMENT = "judgment"
    PROMISE = "promise"
    DECISION = "decision"

    @property
    def answers_credit_questions(self) -> bool:
        """False for what is contract: it is no violation."""
        return self is not RecordKind.DECISION


class Ending(StrEnum):
    """How a record's disclosure ended before its period: repaired 修复, withdrawn 撤回."""

    REPAIRED = "repaired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Closing:
    """The end of a record: true from `effective_at`, known to us since `recorded_at`."""

    ending: Ending
    effective_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class RecordPenalty:
    """Enter a penalty that an authority decided.

    `offence` is a word of rule packs (`label.copied`), `finding` how sure it is (`proved`);
    `occurred_at` picks the pack, `decided` is the date of the document. The two days of disclosure
    are both None for a minor penalty that is not disclosed. `narrative` is the facts' text (事实).
    """

    subject: str
    document_number: str
    authority: str
    decided: date
    penalty_class: str
    offence: str
    occurred_at: datetime
    basis: str
    narrative: str = field(repr=False)
    disclosure_start: date | None = None
    disclosure_end: date | None = None
    finding: str = "proved"


@dataclass(frozen=True)
class CloseRecord:
    """End a record: repaired (duties done, after the least period) or withdrawn (annulled)."""

    record_id: str
    ending: str
    effective_at: datetime
    document_number: str


@dataclass(frozen=True)
class CreditRecord:
    """A record as the books hold it; `recorded_at` is when we learned it.

    `subject_natural` is always False for what is entered today; publication asks it all the same.
    """

    record_id: str
    kind: RecordKind
    subject: str
    subject_natural: bool
    document_number: str
    authority: str
    decided: date
    penalty_class: PenaltyClass
    offence: str
    finding: str
    occurred_at: datetime
    basis: str
    disclosure_start: date | None
    disclosure_end: date | None
    recorded_at: datetime
    payload_id: str
    closings: tuple[Closing, ...] = ()


def published_at(record: CreditRecord, at: datetime, as_known_at: datetime | None = None) -> bool:
    """Whether a record may be shown at `at`, with the knowledge of `as_known_at` (default: all)."""
    if record.subject_natural or not record.kind.answers_credit_questions:
        return False
    if as_known_at is not None and record.recorded_at > as_known_at:
        return False
    if not within_period(record.disclosure_start, record.disclosure_end, at):
        return False
    known = [
        closing
        for closing in record.closings
        if as_known_at is None or closing.recorded_at <= as_known_at
    ]
    return not any(closing.effective_at <= at for closing in known)


def within_period(start: date | None, end: date | None, at: datetime) -> bool:
    """Whether an instant lies between 00:00 of the first and 24:00 of the last Beijing day."""
    if start is None or end is None:
        return False
    return day_end(start - timedelta(days=1)) <= at < day_end(end)


def check_penalty(command: RecordPenalty, regime: Regime, now: datetime) -> PenaltyClass:
    """Refuse a penalty that cannot be entered, naming every reason; returns its class."""
    classes = [each.value for each in PenaltyClass]
    if command.penalty_class not in classes:
        refuse(PointsRefusal.CLASS_UNKNOWN, "/penalty_class")
    penalty_class = PenaltyClass(command.penalty_class)
    reasons = [*_document_reasons(command), *_text_reasons(command)]
    reasons += _time_reasons(command, now)
    term = regime.terms[penalty_class]
    reasons += check_period(term, command.decided, command.disclosure_start, command.disclosure_end)
    if reasons:
        raise Refusal(*reasons)
    return penalty_class


def _document_reasons(command: RecordPenalty) -> list[Reason]:
    if not command.document_number.strip():
        return [Reason(PointsRefusal.DOCUMENT_NUMBER_MISSING, "/document_number")]
    return [*text_reasons(command.document_number, "/document_number", DOCUMENT_MAX)]


def _text_reasons(command: RecordPenalty) -> list[Reason]:
    reasons = [
        *text_reasons(command.authority, "/authority", AUTHORITY_MAX),
        *text_reasons(command.basis, "/basis", NARRATIVE_MAX),
        *text_reasons(command.narrative, "/narrative", NARRATIVE_MAX),
    ]
    codes = {"/offence": command.offence, "/finding": command.finding}
    reasons += [
        Reason(PointsRefusal.OFFENCE_MALFORMED, pointer)
        for pointer, code in codes.items()
        if not _OFFENCE.fullmatch(code)
    ]
    texts = {
        "/document_number": command.document_number,
        "/authority": command.authority,
        "/basis": command.basis,
        "/narrative": command.narrative,
    }
    personal = [pointer for pointer, text in texts.items() if names_a_person(text)]
    return [*reasons, *(Reason(PointsRefusal.PERSONAL_DATA, pointer) for pointer in personal)]


def names_a_person(text: str) -> bool:
    """Whether a text contains what looks like an identity number or a mobile phone number."""
    folded = unicodedata.normalize("NFKC", text)
    digits = "".join(_ascii_digit(character) for character in folded)
    return any(_PERSONAL.search(each) for each in (digits, _SEPARATORS.sub("", digits)))


def _ascii_digit(character: str) -> str:
    """Decimal digits of every script as ASCII, so that they hide nothing."""
    return str(int(character)) if character.isdecimal() else character


def _time_reasons(command: RecordPenalty, now: datetime) -> list[Reason]:
    reasons = []
    if command.decided > beijing_date(now):
        reasons.append(Reason(PointsRefusal.DECISION_IN_FUTURE, "/decided"))
    if command.occurred_at > now:
        reasons.append(Reason(PointsRefusal.IN_THE_FUTURE, "/occurred_at"))
    return reasons


def check_closing(
    record: CreditRecord, regime: Regime, command: CloseRecord, now: datetime
) -> Ending:
    """Refuse an ending that the rules do not allow; returns how the record ends.

    A repair needs the least period of its class to have passed, counted from the decision
    (minimum period, duties done, public commitment: State Council Office 2025 No. 22). A withdrawal
    follows the annulment of the decision and knows no least period.
    """
    if record.closings:
        refuse(PointsRefusal.RECORD_CLOSED)
    if command.ending not in [each.value for each in Ending]:
        refuse(PointsRefusal.ENDING_UNKNOWN, "/ending")
    if command.effective_at > now:
        refuse(PointsRefusal.IN_THE_FUTURE, "/effective_at")
    reasons = text_reasons(command.document_number, "/document_number", DOCUMENT_MAX)
    if reasons:
        raise Refusal(*reasons)
    ending = Ending(command.ending)
    least = regime.terms[record.penalty_class].least_months
    earliest = add_months(record.decided, least)
    if ending is Ending.REPAIRED and beijing_date(command.effective_at) < earliest:
        refuse(PointsRefusal.REPAIR_TOO_EARLY, "/effective_at", date=earliest.isoformat())
    return ending
