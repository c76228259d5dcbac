"""A certificate and its history: who may use which mark, for what, from when to when.

States: not_yet -> active <-> suspended -> revoked; expired by time alone; annulled when the grant
itself was declared an error. History is only added to. An error is corrected by an `annul` that
names the change it corrects; the change then never counted, for everybody who asks with the
knowledge of that moment or later, while a question "as known at" an earlier moment is answered as
it was then.

Invariants:

- `status_at` is a pure function of (history, at, as_known_at); what was answered as known at a past
  moment never changes
- days are Beijing days: the first begins at 00:00, the last ends at 24:00
- a revocation is final unless it is annulled; a resumption ends suspensions only
- a decision takes effect no later than it is recorded, and no earlier than the change before it

Refused: see `check_grant` and `check_change`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from certification.quotas.model import Unit
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme, Words
from runtime.clock import day_end
from runtime.refusal import Reason, Refusal, refuse

YEAR_MIN, YEAR_MAX = 1949, 2199


class ChangeKind(StrEnum):
    """What was decided about a certificate."""

    GRANT = "grant"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"
    ANNUL = "annul"


class State(StrEnum):
    """The state of a certificate at one moment."""

    UNKNOWN = "unknown"  # not granted, as far as was known then
    ANNULLED = "annulled"
    REVOKED = "revoked"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    ACTIVE = "active"


@dataclass(frozen=True)
class Change:
    """One decision: true from `effective_at`, known to us since `recorded_at`.

    `n` counts the decisions about this certificate from 1; `annuls` is the `n` that an annulment
    declares an error.
    """

    n: int
    kind: ChangeKind
    effective_at: datetime
    recorded_at: datetime
    annuls: int | None = None


@dataclass(frozen=True)
class History:
    """All decisions about one certificate and the days between which it can be valid.

    `to_date` None: the right has no end of its own.
    """

    from_date: date
    to_date: date | None
    changes: tuple[Change, ...]

    @property
    def begins_at(self) -> datetime:
        """First instant of the first day, Beijing time, as UTC."""
        return day_end(self.from_date - timedelta(days=1))

    @property
    def ends_at(self) -> datetime | None:
        """24:00 of the last day, Beijing time, as UTC: the first instant without the right."""
        return None if self.to_date is None else day_end(self.to_date)


@dataclass(frozen=True)
class Status:
    """The answer to "was it valid?": the state, since when, and when time alone changes it."""

    state: State
    since: datetime | None
    next_at: datetime | None

    @property
    def may_use_mark(self) -> bool:
        """True only while the mark may be put on goods."""
        return self.state is State.ACTIVE


def status_at(history: History, at: datetime, as_known_at: datetime) -> Status:
    """The state at `at`, answered with what was recorded up to and including `as_known_at`."""
    known = [change for change in history.changes if change.recorded_at <= as_known_at]
    if not known:
        return Status(State.UNKNOWN, None, None)
    counted = _not_annulled(known)
    decided = _fold(change for change in counted if change.effective_at <= at)
    if decided is None:
        return _without_grant(counted, at)
    later = [change.effective_at for change in counted if change.effective_at > at]
    return _within_term(history, decided, at, later)


def _not_annulled(known: Iterable[Change]) -> list[Change]:
    changes = list(known)
    errors = {change.annuls for change in changes if change.kind is ChangeKind.ANNUL}
    valid = [item for item in changes if item.kind is not ChangeKind.ANNUL and item.n not in errors]
    return sorted(valid, key=lambda change: (change.effective_at, change.n))


def _fold(changes: Iterable[Change]) -> tuple[State, datetime] | None:
    decided: tuple[State, datetime] | None = None
    for change in changes:
        state = _after(decided[0] if decided else None, change.kind)
        if state is not None and (decided is None or state is not decided[0]):
            decided = (state, change.effective_at)
    return decided


def _after(state: State | None, kind: ChangeKind) -> State | None:
    if state is None:
        return State.ACTIVE if kind is ChangeKind.GRANT else None
    if state is State.REVOKED or kind is ChangeKind.REVOKE:
        return State.REVOKED
    return State.SUSPENDED if kind is ChangeKind.SUSPEND else State.ACTIVE


def _without_grant(counted: Sequence[Change], at: datetime) -> Status:
    grants = [change.effective_at for change in counted if change.kind is ChangeKind.GRANT]
    if not grants:
        return Status(State.ANNULLED, None, None)
    return Status(State.NOT_YET, None, min(grants))


def _within_term(
    history: History, decided: tuple[State, datetime], at: datetime, later: list[datetime]
) -> Status:
    state, since = decided
    if state is State.REVOKED:
        return Status(State.REVOKED, since, None)
    if at < history.begins_at:
        return Status(State.NOT_YET, since, min([history.begins_at, *later]))
    if history.ends_at is not None and at >= history.ends_at:
        return Status(State.EXPIRED, history.ends_at, min(later, default=None))
    boundaries = later if history.ends_at is None else [history.ends_at, *later]
    return Status(state, max(since, history.begins_at), min(boundaries, default=None))


def decided_state(history: History) -> State:
    """The state that all decisions together make, whatever the term: what log entries say."""
    decided = _fold(_not_annulled(history.changes))
    return State.ANNULLED if decided is None else decided[0]


STATE_WORDS: dict[State, Words] = {
    State.UNKNOWN: Words("未查到该证书", "Not on record"),
    State.ANNULLED: Words("发证系误录，已更正", "Recorded in error, corrected"),
    State.REVOKED: Words("标志使用已撤销", "Mark revoked"),
    State.NOT_YET: Words("标志使用期尚未开始", "Mark not yet valid"),
    State.EXPIRED: Words("标志使用期已过", "Mark has ended"),
    State.SUSPENDED: Words("标志使用已暂停", "Mark suspended"),
    State.ACTIVE: Words("标志使用有效", "Mark valid"),
}

USE_REFUSALS: dict[State, CertificationRefusal] = {
    State.UNKNOWN: CertificationRefusal.CERTIFICATE_UNKNOWN,
    State.ANNULLED: CertificationRefusal.CERTIFICATE_ANNULLED,
    State.REVOKED: CertificationRefusal.CERTIFICATE_REVOKED,
    State.NOT_YET: CertificationRefusal.CERTIFICATE_NOT_YET,
    State.EXPIRED: CertificationRefusal.CERTIFICATE_EXPIRED,
    State.SUSPENDED: CertificationRefusal.CERTIFICATE_SUSPENDED,
}


def require_usable(status: Status) -> None:
    """Refuse every state in which the mark may not be put on goods."""
    refusal = USE_REFUSALS.get(status.state)
    if refusal is not None:
        refuse(refusal)


@dataclass(frozen=True)
class Grant:
    """What a grant says; `granted` in whole `unit` (mg, piece), None where nothing is bounded."""

    number: str
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    from_date: date
    to_date: date | None
    granted: int | None
    unit: Unit | None


def check_grant(scheme: Scheme, grant: Grant) -> None:
    """Refuse a grant that the scheme does not allow, naming every reason."""
    reasons = [*_number_reasons(scheme, grant), *_scope_reasons(grant)]
    reasons += [*_term_reasons(scheme, grant), *_quantity_reasons(scheme, grant)]
    if reasons:
        raise Refusal(*reasons)


def _number_reasons(scheme: Scheme, grant: Grant) -> list[Reason]:
    if scheme.accepts_number(grant.number):
        return []
    return [Reason(CertificationRefusal.NUMBER_MALFORMED, "/number")]


def _scope_reasons(grant: Grant) -> list[Reason]:
    reasons = []
    if not grant.products:
        reasons.append(Reason(CertificationRefusal.PRODUCTS_MISSING, "/products"))
    for pointer, named in (("/products", grant.products), ("/bases", grant.bases)):
        if len(set(named)) != len(named):
            reasons.append(Reason(CertificationRefusal.SCOPE_REPEATED, pointer))
    return reasons


def _term_reasons(scheme: Scheme, grant: Grant) -> list[Reason]:
    days = [day for day in (grant.from_date, grant.to_date) if day is not None]
    if not all(YEAR_MIN <= day.year <= YEAR_MAX for day in days):
        numbers = {"first": YEAR_MIN, "last": YEAR_MAX}
        return [Reason(CertificationRefusal.DATE_OUT_OF_RANGE, "/from_date", numbers)]
    if grant.to_date is None:
        ends = scheme.validity_years is not None
        return [Reason(CertificationRefusal.END_MISSING, "/to_date")] if ends else []
    if grant.to_date < grant.from_date:
        return [Reason(CertificationRefusal.DATES_REVERSED, "/to_date")]
    latest = latest_end(scheme, grant.from_date)
    if latest is not None and grant.to_date > latest:
        years = scheme.validity_years or 0
        over: dict[str, str | int] = {"years": years, "latest": latest.isoformat()}
        return [Reason(CertificationRefusal.VALIDITY_TOO_LONG, "/to_date", over)]
    return []


def latest_end(scheme: Scheme, from_date: date) -> date | None:
    """Last possible day of a term that begins on `from_date`; None where there is no limit.

    A term from 29 February ends, in a year without that day, on 28 February.
    """
    if scheme.validity_years is None:
        return None
    year = from_date.year + scheme.validity_years
    if (from_date.month, from_date.day) == (2, 29) and not _is_leap(year):
        return date(year, 2, 28)
    return date(year, from_date.month, from_date.day) - timedelta(days=1)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _quantity_reasons(scheme: Scheme, grant: Grant) -> list[Reason]:
    if not scheme.units:
        bounded = grant.granted is not None
        return [Reason(CertificationRefusal.QUANTITY_NOT_BOUNDED, "/quantity")] if bounded else []
    if grant.granted is None:
        return [Reason(CertificationRefusal.QUANTITY_MISSING, "/quantity")]
    if grant.unit not in scheme.units:
        return [Reason(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")]
    if grant.granted <= 0:
        return [Reason(CertificationRefusal.QUANTITY_INVALID, "/quantity")]
    return []


_ALLOWED_FROM: dict[ChangeKind, frozenset[State]] = {
    ChangeKind.SUSPEND: frozenset({State.ACTIVE}),
    ChangeKind.RESUME: frozenset({State.SUSPENDED}),
    ChangeKind.REVOKE: frozenset({State.ACTIVE, State.SUSPENDED}),
}


def check_change(history: History, kind: ChangeKind, effective_at: datetime, now: datetime) -> None:
    """Refuse a suspension, resumption or revocation that does not follow from the history.

    It may take effect before the first day, but not after the last: an ended right stays as it was.
    """
    if effective_at > now:
        refuse(CertificationRefusal.IN_THE_FUTURE, "/effective_at")
    counted = _not_annulled(history.changes)
    if not counted:
        refuse(CertificationRefusal.CERTIFICATE_ANNULLED)
    if effective_at < counted[-1].effective_at:
        refuse(CertificationRefusal.OUT_OF_ORDER, "/effective_at")
    if history.ends_at is not None and effective_at >= history.ends_at:
        refuse(CertificationRefusal.CERTIFICATE_EXPIRED, "/effective_at")
    _require_from(_fold(counted), kind)


def _require_from(decided: tuple[State, datetime] | None, kind: ChangeKind) -> None:
    state = decided[0] if decided else State.ANNULLED
    if state in _ALLOWED_FROM[kind]:
        return
    if state is State.ACTIVE:
        refuse(CertificationRefusal.CERTIFICATE_NOT_SUSPENDED)
    refuse(USE_REFUSALS[state])


def check_annul(history: History, n: int) -> Change:
    """The change that an annulment of number `n` corrects; refuses unknown and annulled ones."""
    found = [change for change in history.changes if change.n == n]
    if not found:
        refuse(CertificationRefusal.CHANGE_UNKNOWN, "/annuls")
    annulled = {change.annuls for change in history.changes}
    if found[0].kind is ChangeKind.ANNUL or n in annulled:
        refuse(CertificationRefusal.CHANGE_ANNULLED, "/annuls")
    return found[0]
