"""A certificate and its history: who may use which mark, for what, from when to when.

States: not_yet -> active <-> suspended; then at most one of revoked, cancelled (by its holder),
superseded (by another certificate of the same holder), transferred (passed on to another holder);
expired by time alone; annulled when the grant itself was declared an error. History is only added
to. An error is corrected by an `annul` that names the change it corrects; the change then never
counted, for everybody who asks with the knowledge of that moment or later, while a question "as
known at" an earlier moment is answered as it was then.

A *term* is set by a grant or an amendment (`Term.n` names that change) and counts as long as its
change does. Of several the last decided one that has begun holds, so that a renewal decided early
takes over on its first day, and a shortened term at once. A term with `confirm_by` ends with that
day unless a `confirm` moves it (名特优新: it lapses by itself). `transfer_body` changes who answers
for the certificate and nothing else: state, number, id and QR code stay.

Invariants:

- `status_at` is a pure function of (history, at, as_known_at); what was answered as known at a past
  moment never changes
- days are Beijing days: the first begins at 00:00, the last ends at 24:00
- revoked, cancelled, superseded and transferred are final unless the decision is annulled; a
  resumption ends suspensions only
- a decision takes effect no later than it is recorded, and no earlier than the change before it
- the terms of one certificate leave no gap between them

Refused: see `check_grant`, `check_change`, `check_amendment`, `check_confirmation`, `check_annul`.
Sources: ISO/IEC 17065 7.7 (certificate), 7.9 to 7.11 (changes); schemes name their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from certification.quotas.model import Unit
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme, Words
from runtime.clock import beijing_date, day_end
from runtime.refusal import Reason, Refusal, refuse

YEAR_MIN, YEAR_MAX = 1949, 2199


class ChangeKind(StrEnum):
    """What was decided about a certificate."""

    GRANT = "grant"
    AMEND = "amend"  # scope, term or quantity; a renewal and a reduction are amendments
    CONFIRM = "confirm"  # the yearly confirmation of schemes that ask for one
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"
    CANCEL = "cancel"  # the holder gives it up
    SUPERSEDE = "supersede"  # another certificate of the same holder takes its place
    PASS_ON = "pass_on"  # another holder's certificate takes its place
    TRANSFER_BODY = "transfer_body"  # another body answers for it from now on
    ANNUL = "annul"


class State(StrEnum):
    """The state of a certificate at one moment."""

    UNKNOWN = "unknown"  # not granted, as far as was known then
    ANNULLED = "annulled"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    TRANSFERRED = "transferred"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    ACTIVE = "active"


FINAL: frozenset[State] = frozenset(
    {State.REVOKED, State.CANCELLED, State.SUPERSEDED, State.TRANSFERRED}
)
"""States out of which only an annulment leads."""

_MAKES: Mapping[ChangeKind, State] = MappingProxyType(
    {
        ChangeKind.GRANT: State.ACTIVE,
        ChangeKind.RESUME: State.ACTIVE,
        ChangeKind.SUSPEND: State.SUSPENDED,
        ChangeKind.REVOKE: State.REVOKED,
        ChangeKind.CANCEL: State.CANCELLED,
        ChangeKind.SUPERSEDE: State.SUPERSEDED,
        ChangeKind.PASS_ON: State.TRANSFERRED,
    }
)
"""The state that a decision makes; the other kinds leave it as it is."""


@dataclass(frozen=True)
class Term:
    """The days of a right, set by change `n`; the last days are `to_date` and `confirm_by`.

    `to_date` None: the right has no end of its own. `confirm_by` None: no confirmation is asked.
    """

    n: int
    from_date: date
    to_date: date | None
    confirm_by: date | None = None

    @property
    def begins_at(self) -> datetime:
        """First instant of the first day, Beijing time, as UTC."""
        return day_end(self.from_date - timedelta(days=1))

    @property
    def last_date(self) -> date | None:
        """The earlier of the last day and the day by which it is to be confirmed."""
        return min((day for day in (self.to_date, self.confirm_by) if day), default=None)

    @property
    def ends_at(self) -> datetime | None:
        """24:00 of the last day, Beijing time, as UTC: the first instant without the right."""
        return None if self.last_date is None else day_end(self.last_date)


@dataclass(frozen=True)
class Change:
    """One decision: true from `effective_at`, known to us since `recorded_at`.

    `n` counts the decisions about this certificate from 1. `annuls` is the `n` that an annulment
    declares an error; `confirm_by` the new day of a confirmation; `successor` the number of the
    certificate that takes the place (supersede, pass_on); `to` the body that answers from now on
    (transfer_body).
    """

    n: int
    kind: ChangeKind
    effective_at: datetime
    recorded_at: datetime
    annuls: int | None = None
    confirm_by: date | None = None
    successor: str | None = None
    to: str | None = None


@dataclass(frozen=True)
class History:
    """All decisions about one certificate and the terms that they set, in order of `n`.

    The first term is the grant's, so there is always one.
    """

    terms: tuple[Term, ...]
    changes: tuple[Change, ...]

    @property
    def begins_at(self) -> datetime:
        """The first instant of the right, as all decisions together make it."""
        spans = _spans(self, _not_annulled(self.changes))
        return min((span.term.begins_at for span in spans), default=self.terms[0].begins_at)

    @property
    def ends_at(self) -> datetime | None:
        """The first instant without the right, as all decisions together make it.

        A cancellation and a certificate that takes the place end it too; a revocation does not: it
        is a state of its own, whatever the term.
        """
        counted = _not_annulled(self.changes)
        decided = _fold(counted)
        ends = [_last_end(self, counted)]
        if decided is not None and decided[0] in FINAL - {State.REVOKED}:
            ends.append(decided[1])
        return min((end for end in ends if end is not None), default=None)


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
    taken = [change for change in counted if change.effective_at <= at]
    decided = _fold(taken)
    if decided is None:
        return _without_grant(counted, at)
    if decided[0] in FINAL:
        return Status(*decided, None)
    later = [change.effective_at for change in counted if change.effective_at > at]
    return _within_term(_spans(history, taken), decided, at, later)


def term_at(history: History, at: datetime, as_known_at: datetime) -> Term | None:
    """The term that holds at `at`, else the one that begins first; None where there is no grant.

    Its `confirm_by` is that of the last confirmation.
    """
    known = [change for change in history.changes if change.recorded_at <= as_known_at]
    taken = [change for change in _not_annulled(known) if change.effective_at <= at]
    if _fold(taken) is None:
        return None
    spans = _spans(history, taken)
    begun = [span for span in spans if span.starts_at <= at]
    if begun:
        return begun[-1].term
    return min(spans, key=lambda span: span.starts_at).term if spans else None


def counted_changes(history: History, at: datetime, as_known_at: datetime) -> tuple[Change, ...]:
    """The decisions that count at `at` with the knowledge of `as_known_at`, in order of effect."""
    known = [change for change in history.changes if change.recorded_at <= as_known_at]
    return tuple(each for each in _not_annulled(known) if each.effective_at <= at)


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
    return state if state in FINAL else _MAKES.get(kind, state)


@dataclass(frozen=True)
class _Span:
    """A term as it holds: from `starts_at` on it is the one that counts, until `ends_at`."""

    term: Term
    starts_at: datetime

    @property
    def ends_at(self) -> datetime | None:
        return self.term.ends_at


def _spans(history: History, counted: Sequence[Change]) -> list[_Span]:
    """The terms that counted decisions set, in the order of these, with what confirmed them."""
    terms = {term.n: term for term in history.terms}
    spans: list[_Span] = []
    for place, change in enumerate(counted):
        term = terms.get(change.n)
        if term is not None:
            term = _confirmed(term, counted[place + 1 :])
            spans.append(_Span(term, max(change.effective_at, term.begins_at)))
    return spans


def _confirmed(term: Term, after: Iterable[Change]) -> Term:
    days = [change.confirm_by for change in after if change.confirm_by is not None]
    return replace(term, confirm_by=days[-1]) if days and term.confirm_by is not None else term


def _last_end(history: History, counted: Sequence[Change]) -> datetime | None:
    """The end of the term that was decided last."""
    spans = _spans(history, counted)
    return spans[-1].ends_at if spans else history.terms[0].ends_at


def _without_grant(counted: Sequence[Change], at: datetime) -> Status:
    grants = [change.effective_at for change in counted if change.kind is ChangeKind.GRANT]
    if not grants:
        return Status(State.ANNULLED, None, None)
    return Status(State.NOT_YET, None, min(grants))


def _within_term(
    spans: Sequence[_Span], decided: tuple[State, datetime], at: datetime, later: list[datetime]
) -> Status:
    state, since = decided
    begun = [span for span in spans if span.starts_at <= at]
    later = later + [span.starts_at for span in spans if span.starts_at > at]
    if not begun:
        return Status(State.NOT_YET, since, min(later, default=None))
    end = begun[-1].ends_at
    if end is not None and at >= end:
        since = max(end, begun[-1].starts_at)
        return Status(State.EXPIRED, since, min(later, default=None))
    boundaries = later if end is None else [end, *later]
    return Status(state, max(since, _held_since(begun)), min(boundaries, default=None))


def _held_since(begun: Sequence[_Span]) -> datetime:
    """Since when terms have followed one another without a gap."""
    *before, held = begun
    since = held.starts_at
    while earlier := [span for span in before if span.starts_at < since]:
        end = earlier[-1].ends_at
        if end is not None and end < since:
            break
        since = earlier[-1].starts_at
    return since


def decided_state(history: History) -> State:
    """The state that all decisions together make, whatever the term: what log entries say."""
    decided = _fold(_not_annulled(history.changes))
    return State.ANNULLED if decided is None else decided[0]


STATE_WORDS: dict[State, Words] = {
    State.UNKNOWN: Words("未查到该证书", "Not on record"),
    State.ANNULLED: Words("发证系误录，已更正", "Recorded in error, corrected"),
    State.REVOKED: Words("标志使用已撤销", "Mark revoked"),
    State.CANCELLED: Words("持有人已注销，标志使用终止", "Given up by its holder"),
    State.SUPERSEDED: Words("已由新证书替代", "Superseded by another certificate"),
    State.TRANSFERRED: Words("已转由其他主体持有", "Passed on to another holder"),
    State.NOT_YET: Words("标志使用期尚未开始", "Mark not yet valid"),
    State.EXPIRED: Words("标志使用期已过", "Mark has ended"),
    State.SUSPENDED: Words("标志使用已暂停", "Mark suspended"),
    State.ACTIVE: Words("标志使用有效", "Mark valid"),
}

CHANGE_WORDS: dict[ChangeKind, Words] = {
    ChangeKind.GRANT: Words("发证", "Granted"),
    ChangeKind.AMEND: Words("变更", "Amended"),
    ChangeKind.CONFIRM: Words("年度确认", "Confirmed for the year"),
    ChangeKind.SUSPEND: Words("暂停", "Suspended"),
    ChangeKind.RESUME: Words("恢复", "Resumed"),
    ChangeKind.REVOKE: Words("撤销", "Revoked"),
    ChangeKind.CANCEL: Words("注销", "Given up"),
    ChangeKind.SUPERSEDE: Words("换发替代", "Superseded"),
    ChangeKind.PASS_ON: Words("转移", "Passed on"),
    ChangeKind.TRANSFER_BODY: Words("转由其他机构管理", "Moved to another body"),
    ChangeKind.ANNUL: Words("更正", "Corrected"),
}

USE_REFUSALS: dict[State, CertificationRefusal] = {
    State.UNKNOWN: CertificationRefusal.CERTIFICATE_UNKNOWN,
    State.ANNULLED: CertificationRefusal.CERTIFICATE_ANNULLED,
    State.REVOKED: CertificationRefusal.CERTIFICATE_REVOKED,
    State.CANCELLED: CertificationRefusal.CERTIFICATE_CANCELLED,
    State.SUPERSEDED: CertificationRefusal.CERTIFICATE_SUPERSEDED,
    State.TRANSFERRED: CertificationRefusal.CERTIFICATE_TRANSFERRED,
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
class ScopeItem:
    """One product or base that a certificate names; `subject` is an id of another area.

    `mark_from` is the first day (Beijing) on which goods of it may carry the mark: land in
    conversion grows under the certificate and must not be called by its name before. None: at once.
    """

    noun: str
    subject: str
    mark_from: date | None = None


@dataclass(frozen=True)
class Line:
    """A part of what a grant bounds: one product in one season, in whole `unit` (mg, piece).

    `season` "" stands for the whole term.
    """

    product: str
    season: str
    granted: int
    unit: Unit


@dataclass(frozen=True)
class Version:
    """What one decision set; None: that field stayed as it was.

    `scope` is the whole scope from then on, `granted` with its `unit` the whole quantity, `body`
    who answers for the certificate.
    """

    n: int
    scope: tuple[ScopeItem, ...] | None = None
    term: Term | None = None
    granted: int | None = None
    unit: Unit | None = None
    body: str | None = None


@dataclass(frozen=True)
class Fields:
    """What a certificate says at one moment; `granted` None where nothing is bounded."""

    scope: tuple[ScopeItem, ...]
    term: Term | None
    granted: int | None
    unit: Unit | None
    body: str | None

    @property
    def products(self) -> tuple[str, ...]:
        """The products that it names."""
        return tuple(item.subject for item in self.scope if item.noun == "product")

    @property
    def bases(self) -> tuple[str, ...]:
        """The bases that it names; none means that it is not bound to bases."""
        return tuple(item.subject for item in self.scope if item.noun == "base")

    def names(self, product: str, base: str | None) -> bool:
        """Whether goods of this product, from this base where one is known, lie in its scope."""
        within = base is None or not self.bases or base in self.bases
        return product in self.products and within

    def mark_from(self, product: str, base: str | None) -> date | None:
        """The first day on which such goods may carry the mark; None: from the beginning."""
        asked = {("product", product), ("base", base)}
        days = [
            item.mark_from
            for item in self.scope
            if (item.noun, item.subject) in asked and item.mark_from is not None
        ]
        return max(days, default=None)

    def in_conversion(self, product: str, base: str | None, at: datetime) -> bool:
        """Whether such goods may not carry the mark yet, whatever the state."""
        first = self.mark_from(product, base)
        return first is not None and beijing_date(at) < first


NOTHING = Fields((), None, None, None, None)


def fields_of(
    versions: Iterable[Version], history: History, at: datetime, as_known_at: datetime
) -> Fields:
    """Every field as the decisions in force at `at` make it, with the knowledge of `as_known_at`.

    Where the grant does not count (annulled, not yet made or known) there is `NOTHING`.
    """
    counted = counted_changes(history, at, as_known_at)
    if not any(change.kind is ChangeKind.GRANT for change in counted):
        return NOTHING
    by_number = {version.n: version for version in versions}
    found = NOTHING
    for change in counted:
        version = by_number.get(change.n)
        if version is not None:
            found = _with(found, version)
    return replace(found, term=term_at(history, at, as_known_at))


def _with(fields: Fields, version: Version) -> Fields:
    bounded = version.granted is not None
    return replace(
        fields,
        scope=fields.scope if version.scope is None else version.scope,
        granted=version.granted if bounded else fields.granted,
        unit=version.unit if bounded else fields.unit,
        body=version.body or fields.body,
    )


@dataclass(frozen=True)
class Grant:
    """What a grant says; `granted` in whole `unit` (mg, piece), None where nothing is bounded.

    With `lines` the quantity is bounded line by line, and `granted` is None.
    """

    number: str
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    from_date: date
    to_date: date | None
    granted: int | None
    unit: Unit | None
    confirm_by: date | None = None
    lines: tuple[Line, ...] = ()
    marks: Mapping[str, date] = field(default_factory=dict, hash=False)


def check_grant(scheme: Scheme, grant: Grant, about_number: Iterable[Reason] | None = None) -> None:
    """Refuse a grant that the scheme does not allow, naming every reason.

    `about_number` is what `certification.numbers` finds wrong with the number; without it only the
    number's form is looked at.
    """
    if about_number is None:
        about_number = _number_reasons(scheme, grant)
    reasons = [*about_number, *_scope_reasons(scheme, grant.products, grant.bases)]
    reasons += _term_reasons(scheme, Term(1, grant.from_date, grant.to_date, grant.confirm_by))
    reasons += _quantity_reasons(scheme, grant) + _mark_reasons(grant)
    if reasons:
        raise Refusal(*reasons)


def _number_reasons(scheme: Scheme, grant: Grant) -> list[Reason]:
    if scheme.accepts_number(grant.number):
        return []
    return [Reason(CertificationRefusal.NUMBER_MALFORMED, "/number")]


def _scope_reasons(scheme: Scheme, products: Sequence[str], bases: Sequence[str]) -> list[Reason]:
    reasons = []
    # A wetland or a forest is awarded as a place; a mark is used on products.
    named = products or (bases if scheme.gives == "award" else ())
    if not named:
        reasons.append(Reason(CertificationRefusal.PRODUCTS_MISSING, "/products"))
    for pointer, named in (("/products", products), ("/bases", bases)):
        if len(set(named)) != len(named):
            reasons.append(Reason(CertificationRefusal.SCOPE_REPEATED, pointer))
    return reasons


def _term_reasons(scheme: Scheme, term: Term) -> list[Reason]:
    days = [day for day in (term.from_date, term.to_date, term.confirm_by) if day is not None]
    if not all(YEAR_MIN <= day.year <= YEAR_MAX for day in days):
        numbers = {"first": YEAR_MIN, "last": YEAR_MAX}
        return [Reason(CertificationRefusal.DATE_OUT_OF_RANGE, "/from_date", numbers)]
    return [*_end_reasons(scheme, term), *_confirm_reasons(scheme, term)]


def _end_reasons(scheme: Scheme, term: Term) -> list[Reason]:
    if term.to_date is None:
        ends = scheme.validity_years is not None
        return [Reason(CertificationRefusal.END_MISSING, "/to_date")] if ends else []
    if term.to_date < term.from_date:
        return [Reason(CertificationRefusal.DATES_REVERSED, "/to_date")]
    latest = latest_end(scheme, term.from_date)
    if latest is not None and term.to_date > latest:
        years = scheme.validity_years or 0
        over: dict[str, str | int] = {"years": years, "latest": latest.isoformat()}
        return [Reason(CertificationRefusal.VALIDITY_TOO_LONG, "/to_date", over)]
    return []


def _confirm_reasons(scheme: Scheme, term: Term) -> list[Reason]:
    if term.confirm_by is None:
        asked = scheme.confirm_yearly
        return [Reason(CertificationRefusal.CONFIRM_BY_MISSING, "/confirm_by")] if asked else []
    if term.confirm_by >= term.from_date:
        return []
    return [Reason(CertificationRefusal.CONFIRM_BY_TOO_EARLY, "/confirm_by")]


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
    if grant.lines:
        return _line_reasons(scheme, grant)
    if not scheme.units:
        bounded = grant.granted is not None
        return [Reason(CertificationRefusal.QUANTITY_NOT_BOUNDED, "/quantity")] if bounded else []
    if grant.granted is None:
        return [Reason(CertificationRefusal.QUANTITY_MISSING, "/quantity")]
    return _amount_reasons(scheme, grant.granted, grant.unit, "/quantity")


def _amount_reasons(scheme: Scheme, granted: int, unit: Unit | None, pointer: str) -> list[Reason]:
    if unit not in scheme.units:
        return [Reason(CertificationRefusal.UNIT_NOT_OF_SCHEME, "/unit")]
    if granted <= 0:
        return [Reason(CertificationRefusal.QUANTITY_INVALID, pointer)]
    return []


def _line_reasons(scheme: Scheme, grant: Grant) -> list[Reason]:
    if not scheme.units:
        return [Reason(CertificationRefusal.QUANTITY_NOT_BOUNDED, "/lines")]
    if grant.granted is not None:
        return [Reason(CertificationRefusal.QUANTITY_TWICE, "/quantity")]
    reasons = []
    for place, line in enumerate(grant.lines):
        if line.product not in grant.products:
            pointer = f"/lines/{place}/product"
            reasons.append(Reason(CertificationRefusal.LINE_NOT_OF_SCOPE, pointer))
        reasons += _amount_reasons(scheme, line.granted, line.unit, f"/lines/{place}/quantity")
    named = [(line.product, line.season) for line in grant.lines]
    if len(set(named)) != len(named):
        reasons.append(Reason(CertificationRefusal.SCOPE_REPEATED, "/lines"))
    return reasons


def _mark_reasons(grant: Grant) -> list[Reason]:
    if set(grant.marks) <= {*grant.products, *grant.bases}:
        return []
    return [Reason(CertificationRefusal.MARK_DAY_NOT_OF_SCOPE, "/mark_from")]


_LIVING = frozenset({State.ACTIVE, State.SUSPENDED})
_ALLOWED_FROM: Mapping[ChangeKind, frozenset[State]] = MappingProxyType(
    {
        ChangeKind.AMEND: _LIVING,
        ChangeKind.CONFIRM: _LIVING,
        ChangeKind.SUSPEND: frozenset({State.ACTIVE}),
        ChangeKind.RESUME: frozenset({State.SUSPENDED}),
        ChangeKind.REVOKE: _LIVING,
        ChangeKind.CANCEL: _LIVING,
        ChangeKind.SUPERSEDE: frozenset({State.ACTIVE}),
        ChangeKind.PASS_ON: frozenset({State.ACTIVE}),
        ChangeKind.TRANSFER_BODY: _LIVING,
    }
)
"""From which decided states a change follows; `GRANT` and `ANNUL` have rules of their own."""


def check_change(history: History, kind: ChangeKind, effective_at: datetime, now: datetime) -> None:
    """Refuse a change that does not follow from the history.

    It may take effect before the first day, but not after the last: an ended right stays as it was.
    """
    if effective_at > now:
        refuse(CertificationRefusal.IN_THE_FUTURE, "/effective_at")
    counted = _not_annulled(history.changes)
    if not counted:
        refuse(CertificationRefusal.CERTIFICATE_ANNULLED)
    if effective_at < counted[-1].effective_at:
        refuse(CertificationRefusal.OUT_OF_ORDER, "/effective_at")
    end = _last_end(history, counted)
    if end is not None and effective_at >= end:
        refuse(CertificationRefusal.CERTIFICATE_EXPIRED, "/effective_at")
    _require_from(_fold(counted), kind)


def _require_from(decided: tuple[State, datetime] | None, kind: ChangeKind) -> None:
    state = decided[0] if decided else State.ANNULLED
    if state in _ALLOWED_FROM[kind]:
        return
    if state is State.ACTIVE:
        refuse(CertificationRefusal.CERTIFICATE_NOT_SUSPENDED)
    refuse(USE_REFUSALS[state])


@dataclass(frozen=True)
class Amendment:
    """What an amendment sets; None: stays as it is. `products` and `bases` are set together."""

    products: tuple[str, ...] | None = None
    bases: tuple[str, ...] | None = None
    term: Term | None = None
    granted: int | None = None
    unit: Unit | None = None
    marks: Mapping[str, date] = field(default_factory=dict, hash=False)

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return self.products is None and self.term is None and self.granted is None


def check_amendment(
    scheme: Scheme, history: History, amendment: Amendment, effective_at: datetime, now: datetime
) -> None:
    """Refuse an amendment that the history or the scheme does not allow, naming every reason."""
    check_change(history, ChangeKind.AMEND, effective_at, now)
    reasons = [Reason(CertificationRefusal.NOTHING_CHANGED)] if amendment.empty else []
    if amendment.products is not None:
        products, bases = amendment.products, amendment.bases or ()
        reasons += _scope_reasons(scheme, products, bases)
        if not set(amendment.marks) <= {*products, *bases}:
            reasons.append(Reason(CertificationRefusal.MARK_DAY_NOT_OF_SCOPE, "/mark_from"))
    if amendment.term is not None:
        reasons += _term_reasons(scheme, amendment.term) + _gap_reasons(history, amendment.term)
    if amendment.granted is not None:
        bounded = _amount_reasons(scheme, amendment.granted, amendment.unit, "/quantity")
        unbounded = [Reason(CertificationRefusal.QUANTITY_NOT_BOUNDED, "/quantity")]
        reasons += bounded if scheme.units else unbounded
    if reasons:
        raise Refusal(*reasons)


def _gap_reasons(history: History, term: Term) -> list[Reason]:
    end = _last_end(history, _not_annulled(history.changes))
    if end is None or term.begins_at <= end:
        return []
    latest = {"latest": beijing_date(end).isoformat()}
    return [Reason(CertificationRefusal.TERM_GAP, "/from_date", latest)]


def check_confirmation(
    history: History, confirm_by: date, effective_at: datetime, now: datetime
) -> None:
    """Refuse a confirmation that nobody asks for, or whose next day is not within a year."""
    check_change(history, ChangeKind.CONFIRM, effective_at, now)
    held = term_at(history, effective_at, now)
    if held is None or held.confirm_by is None:
        refuse(CertificationRefusal.CONFIRMATION_NOT_ASKED)
    if confirm_by <= held.confirm_by:
        refuse(CertificationRefusal.CONFIRM_BY_NOT_LATER, "/confirm_by")
    latest = next_year(held.confirm_by)
    if confirm_by > latest:
        day = latest.isoformat()
        refuse(CertificationRefusal.CONFIRM_BY_TOO_FAR, "/confirm_by", latest=day)


def next_year(day: date) -> date:
    """The same day of the next year; 28 February for 29 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 2, 28)
    return date(day.year + 1, day.month, day.day)


def check_successor(kind: ChangeKind, same_holder: bool, successor: Status) -> None:
    """Refuse a certificate that cannot take the place of another.

    It is in force or will be, belongs to the same holder where it supersedes (换发), and to another
    one where the certificate is passed on.
    """
    if successor.state not in (State.ACTIVE, State.NOT_YET):
        refuse(CertificationRefusal.SUCCESSOR_NOT_VALID, "/successor")
    if same_holder is not (kind is ChangeKind.SUPERSEDE):
        refuse(CertificationRefusal.SUCCESSOR_HOLDER, "/successor")


def check_annul(history: History, n: int) -> Change:
    """The change that an annulment of number `n` corrects; refuses unknown and annulled ones."""
    found = [change for change in history.changes if change.n == n]
    if not found:
        refuse(CertificationRefusal.CHANGE_UNKNOWN, "/annuls")
    annulled = {change.annuls for change in history.changes}
    if found[0].kind is ChangeKind.ANNUL or n in annulled:
        refuse(CertificationRefusal.CHANGE_ANNULLED, "/annuls")
    return found[0]
