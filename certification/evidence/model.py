"""Evidence that is given once: documents and answers, and what an application still lacks.

Nouns. A piece of *evidence* belongs to a holder. It is a document of the vocabulary (a file, known
by its SHA-256, with the days for which it speaks), or it is a set of *answers* to fields of the
vocabulary, or both. It is *attached* to a case, to any number of them. What a track of a scheme
asks is a list of keys; the *share* of an application says how much of it the holder gave before.

States. Evidence never changes: a better document is kept as another piece, and the newest that is
attached for a key counts. On a day a document is *not yet* valid, *usable* or *ended*; it may also
be *too old* for a scheme, counted from its own day to the day on which it was handed in for a case.

Invariants:

- a file is a PDF, PNG or JPEG of at most `runtime.media.BYTES_MAX` without active contents, of a
  media type that its document key accepts
- a document has a file, and a file has a document key; answers name fields of the vocabulary
- files, names of files and answers are personal data of the holder: sealed under the holder's key
- evidence of one holder is never attached to the case of another

Refusals: `FILE_…`, `EVIDENCE_…`, `DOCUMENT_…` and `ANSWER_…` of `certification.refusals`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from certification.process.deadlines import months_before
from certification.refusals import CertificationRefusal
from certification.schemes.model import DocumentRule, Scheme, Track
from runtime.clock import beijing_date
from runtime.media import Media
from runtime.refusal import Reason

YEARS = (1950, 2150)
"""Days of documents lie between these years, both allowed."""


@dataclass(frozen=True)
class Answer:
    """An answer to a field of the vocabulary as typed; `unit` only for quantities."""

    key: str
    value: str
    unit: str | None = None


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence; `document`, `digest`, `media`, `size_bytes` are None without a file.

    `valid_from` is the document's own day, `valid_until` its last day, None where it has none.
    `fields` are the keys of the answers; the answers themselves are sealed.
    """

    id: str
    holder: str
    document: str | None
    digest: str | None
    media: str | None
    size_bytes: int | None
    valid_from: date | None
    valid_until: date | None
    fields: tuple[str, ...]
    kept_at: datetime
    kept_by: str
    payload_id: str


@dataclass(frozen=True)
class Attachment:
    """A piece of evidence that was handed in for a case."""

    case_id: str
    evidence: Evidence
    attached_at: datetime


@dataclass(frozen=True)
class Share:
    """What a track asks of a holder: all keys, those that the holder gave before, and the rest."""

    asked: tuple[str, ...]
    known: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def of_new(self) -> Fraction:
        """The part that is new, from 0 to 1; 0 where nothing is asked."""
        return Fraction(len(self.new), len(self.asked)) if self.asked else Fraction(0)


def day_reasons(
    rule: DocumentRule | None, valid_from: date | None, valid_until: date | None, today: date
) -> list[Reason]:
    """Why the days of a document cannot be kept; empty when they can."""
    reasons = []
    if rule is not None and rule.max_age_months is not None and valid_from is None:
        reasons.append(Reason(CertificationRefusal.DOCUMENT_DAY_MISSING, "/valid_from"))
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        reasons.append(Reason(CertificationRefusal.DATES_REVERSED, "/valid_until"))
    # A permit may begin later; a report or a statement of today cannot bear a day to come.
    if rule is not None and rule.max_age_months is not None and (valid_from or today) > today:
        reasons.append(Reason(CertificationRefusal.DOCUMENT_FROM_FUTURE, "/valid_from"))
    for name, day in (("valid_from", valid_from), ("valid_until", valid_until)):
        if day is not None and not YEARS[0] <= day.year <= YEARS[1]:
            bounds = {"first": YEARS[0], "last": YEARS[1]}
            reasons.append(Reason(CertificationRefusal.DATE_OUT_OF_RANGE, f"/{name}", bounds))
    return reasons


def media_reason(rule: DocumentRule, media: Media) -> Reason | None:
    """Why a file of this kind is not taken for a document, None where it is."""
    if media.type in rule.media:
        return None
    accepted = ", ".join(each.partition("/")[2].upper() for each in rule.media)
    return Reason(CertificationRefusal.FILE_TYPE_NOT_OF_DOCUMENT, "/file", {"accepted": accepted})


def missing_reasons(
    scheme: Scheme,
    track: Track,
    attachments: Sequence[Attachment],
    now: datetime,
    answered: Collection[str] = (),
) -> tuple[Reason, ...]:
    """What a case still lacks, in the order in which the track asks for it; empty when complete.

    `attachments` are those of the case, the newest last. `answered` are keys of fields that were
    answered in the case itself.
    """
    today = beijing_date(now)
    given = {key for each in attachments for key in each.evidence.fields} | set(answered)
    reasons = []
    for key in track.asks:
        if key in scheme.documents:
            reason = document_reason(scheme.documents[key], attachments, today)
        else:
            reason = None if key in given else _unanswered(scheme, key)
        if reason is not None:
            reasons.append(reason)
    return tuple(reasons)


def document_reason(
    rule: DocumentRule, attachments: Sequence[Attachment], today: date
) -> Reason | None:
    """Why a document that is asked for is not there, or not usable; None when it is.

    The newest usable one counts; where none is, the newest says why.
    """
    found = [each for each in attachments if each.evidence.document == rule.key]
    reasons = [
        _unusable(rule, each.evidence, beijing_date(each.attached_at), today) for each in found
    ]
    if not found:
        return Reason(CertificationRefusal.DOCUMENT_MISSING, _place(rule), _words(rule))
    return None if None in reasons else reasons[-1]


def _unusable(
    rule: DocumentRule, evidence: Evidence, handed_in: date, today: date
) -> Reason | None:
    words = _words(rule)
    if evidence.valid_from is not None and today < evidence.valid_from:
        words["day"] = evidence.valid_from.isoformat()
        return Reason(CertificationRefusal.DOCUMENT_NOT_YET, _place(rule), words)
    if evidence.valid_until is not None and evidence.valid_until < today:
        words["day"] = evidence.valid_until.isoformat()
        return Reason(CertificationRefusal.DOCUMENT_ENDED, _place(rule), words)
    if is_too_old(rule, evidence.valid_from, handed_in):
        code = CertificationRefusal.DOCUMENT_TOO_OLD
        if rule.lab_report:
            code = CertificationRefusal.REPORT_EXPIRED
        words["months"] = str(rule.max_age_months)
        return Reason(code, _place(rule), words)
    return None


def is_too_old(rule: DocumentRule, day: date | None, handed_in: date) -> bool:
    """Whether a document of this day was too old when it was handed in; one without a day is."""
    if rule.max_age_months is None:
        return False
    return day is None or day < months_before(handed_in, rule.max_age_months)


def share_of(
    scheme: Scheme, track: Track, evidence: Iterable[Evidence], today: date | None
) -> Share:
    """How much of what a track asks is there already.

    With a day, only documents count that would be usable if they were handed in on it.
    """
    held = list(evidence)
    there = {key for each in held for key in each.fields}
    there |= {key for key, rule in scheme.documents.items() if _holds(rule, held, today)}
    known = tuple(key for key in track.asks if key in there)
    return Share(track.asks, known, tuple(key for key in track.asks if key not in there))


def _holds(rule: DocumentRule, held: Iterable[Evidence], today: date | None) -> bool:
    return any(
        today is None or _unusable(rule, each, today, today) is None
        for each in held
        if each.document == rule.key
    )


def _unanswered(scheme: Scheme, key: str) -> Reason:
    rule = scheme.fields.get(key)
    words: Mapping[str, str] = {"name_zh": key, "name_en": key}
    if rule is not None:
        words = {"name_zh": rule.words.zh, "name_en": rule.words.en}
    return Reason(CertificationRefusal.ANSWER_MISSING, f"/answers/{key}", words)


def _place(rule: DocumentRule) -> str:
    return f"/documents/{rule.key}"


def _words(rule: DocumentRule) -> dict[str, str | int]:
    return {"name_zh": rule.words.zh, "name_en": rule.words.en}
