"""What a scheme is: its legal nature and verb, who may apply, which steps a file takes.

A scheme is data, never code; a further region brings further folders. This module holds the nouns;
`reader` makes them from files and refuses what breaks a rule, `simulation` walks every path,
`difference` tells two versions apart. `docs/schemes.md` explains every member of a file.

Nouns. A *scheme* has *versions*. A version has *tracks* (first application, renewal, change, annual
check, print permit); a track is a row of *steps*, each with the function and role that does it and
the working days it may take. *Fields* and *documents* are those of one vocabulary
(`data/fields.toml`), which all schemes ask by key, so that one piece of evidence serves several.

Invariants, checked when a file is read:

- the word 认证 stands only in schemes whose nature is certification: a brand office authorises,
  a GI office approves the use of a mark, an award is given
- every number that a rule sets names its source, and whether an official text was read (`verified`)
- texts are given in Chinese and English
- every step of a track is reached from `submitted`, and from every step a decision is reached
- no deadline ends before it begins, and none stands without its step
- `number_pattern` uses only ASCII capitals, digits and hyphens, since numbers are public for ever

Refusals: `errors.SchemeError` names the file and the place in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{3,31}")


class Nature(StrEnum):
    """Legal nature of a scheme; it decides whether 认证 may be said at all."""

    CERTIFICATION = "certification"  # 认证: an approved body, Certification and Accreditation rules
    VOLUNTARY_CERTIFICATION = "voluntary_certification"  # 自愿认证
    MARK_LICENCE = "mark_licence"  # 标志许可
    GEOGRAPHICAL_INDICATION = "geographical_indication"  # 登记、核准使用
    LISTING = "listing"  # 名录收集登录
    BRAND_AUTHORISATION = "brand_authorisation"  # 认定、授权使用
    AWARD = "award"  # 评选

    @property
    def may_say_certified(self) -> bool:
        """True where texts may contain 认证."""
        return self in (Nature.CERTIFICATION, Nature.VOLUNTARY_CERTIFICATION)


class Bound(StrEnum):
    """How a certificate bounds labels; public in each grant, so that strangers can recompute.

    - approved_output: goods are bounded; a voided label frees its quantity again,
      left = granted - printed + void
    - print_permit: prints are bounded; a voided label stays used, left = granted - printed
    - unbounded: the scheme bounds no quantity
    """

    APPROVED_OUTPUT = "approved_output"
    PRINT_PERMIT = "print_permit"
    UNBOUNDED = "unbounded"


class Gives(StrEnum):
    """What a granted application becomes."""

    CERTIFICATE = "certificate"
    AWARD = "award"


class IssuedBy(StrEnum):
    """Who gives the number: an office on this node, or a national office whose decision is kept."""

    HERE = "here"
    ELSEWHERE = "elsewhere"


class TrackKind(StrEnum):
    """What an application asks for."""

    INITIAL = "initial"
    RENEWAL = "renewal"
    CHANGE = "change"
    ANNUAL_CHECK = "annual_check"
    PRINT_PERMIT = "print_permit"


class StepState(StrEnum):
    """The states in which a file waits for somebody; the first and the last are in every track."""

    SUBMITTED = "submitted"
    DESK_REVIEW = "desk_review"
    SITE_CHECK = "site_check"
    LAB_TEST = "lab_test"
    EXPERT_REVIEW = "expert_review"
    PUBLIC_NOTICE = "public_notice"
    DECISION = "decision"


GRANTED, REFUSED = "granted", "refused"
"""Where a decision leads; no step follows."""


class Function(StrEnum):
    """What a party is appointed to do for a scheme."""

    OFFICE = "office"
    BODY = "body"
    LABORATORY = "laboratory"
    EXPERTS = "experts"


class Task(StrEnum):
    """What a person does at a step; competence is held per task (ISO/IEC 17065, 6.1).

    Those who inspect, test or assess evaluate; who reviews has not evaluated, and who decides has
    done neither (7.5, 7.6). `accept` and `publish` are the office's clerk work.
    """

    ACCEPT = "accept"
    REVIEW = "review"
    INSPECT = "inspect"
    TEST = "test"
    ASSESS = "assess"
    PUBLISH = "publish"
    DECIDE = "decide"

    @property
    def evaluates(self) -> bool:
        """True for the tasks that make up the evaluation (ISO/IEC 17065, 7.4)."""
        return self in (Task.INSPECT, Task.TEST, Task.ASSESS)


TASKS: Mapping[StepState, Task] = {
    StepState.SUBMITTED: Task.ACCEPT,
    StepState.DESK_REVIEW: Task.REVIEW,
    StepState.SITE_CHECK: Task.INSPECT,
    StepState.LAB_TEST: Task.TEST,
    StepState.EXPERT_REVIEW: Task.ASSESS,
    StepState.PUBLIC_NOTICE: Task.PUBLISH,
    StepState.DECISION: Task.DECIDE,
}


class DayKind(StrEnum):
    """How days of a public notice count."""

    WORKING = "working"
    CALENDAR = "calendar"


class AnswerKind(StrEnum):
    """The form of an answer to a field of an application."""

    TEXT = "text"
    INTEGER = "integer"
    QUANTITY = "quantity"  # a number as typed and a unit of `units`
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    REGION = "region"
    PRODUCTS = "products"  # ids of registered products
    BASES = "bases"  # ids of registered production bases
    CREDIT_CODE = "credit_code"
    PHONE = "phone"


class Comparison(StrEnum):
    """How a measured value is held against a limit."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    NOT_DETECTED = "not_detected"


class Severity(StrEnum):
    """What a failed check item is, unless the inspector says more."""

    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """The text in `lang`; every language but `en` is answered in Chinese, the default."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Parameter:
    """One number or choice of a scheme with the place where it was found.

    `verified` is True only where the official text itself was read; `value` None means "none".
    """

    name: str
    value: int | str | bool | None
    verified: bool
    source: str


@dataclass(frozen=True)
class FieldRule:
    """One answer that an application gives, from the vocabulary.

    `choices` are (key, words) where `kind` is choice; `units` the units allowed for a quantity.
    `personal` answers are shown to nobody outside the case.
    """

    key: str
    kind: AnswerKind
    words: Words
    hint: Words
    personal: bool = False
    length_max: int = 200
    low: int | None = None
    high: int | None = None
    units: tuple[str, ...] = ()
    choices: tuple[tuple[str, Words], ...] = ()


@dataclass(frozen=True)
class DocumentRule:
    """One document that an application attaches, from the vocabulary.

    `media` are the accepted media types by content; `max_age_months` is the longest time between
    the document's day and the day it is handed in, None where age does not matter. `lab_report`
    documents come with structured results, which are held against the limits.
    """

    key: str
    words: Words
    media: tuple[str, ...]
    max_age_months: int | None = None
    lab_report: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Deadline:
    """Working days that a step may take, counted from the day after the file came to it.

    The step may not be completed before `after_working_days` have passed, and is late after
    `working_days`.
    """

    after_working_days: int
    working_days: int
    verified: bool
    source: str


@dataclass(frozen=True)
class Notice:
    """A public notice (公示): how long anybody may object, and what an objection leads to.

    `answer_working_days` bound the answer to an objection. An upheld objection sends the file to
    `on_upheld`, and the notice then runs anew in full.
    """

    days: int
    day_kind: DayKind
    answer_working_days: int
    on_upheld: StepState
    verified: bool
    source: str


@dataclass(frozen=True)
class Step:
    """One state in which a file waits, who does the work there, and where it goes then.

    `next` and `on_fail` name a step of the same track, or "granted" / "refused". `notice` is there
    exactly where `state` is public_notice.
    """

    state: StepState
    next: str
    on_fail: str
    function: Function
    role: str
    deadline: Deadline | None = None
    notice: Notice | None = None

    @property
    def task(self) -> Task:
        """What the person at this step does."""
        return TASKS[self.state]

    @property
    def working_days(self) -> int | None:
        """Working days until the step is late; None where no rule bounds it."""
        return None if self.deadline is None else self.deadline.working_days

    @property
    def days(self) -> int | None:
        """Days of the public notice, counted as `day_kind` says."""
        return None if self.notice is None else self.notice.days

    @property
    def day_kind(self) -> DayKind | None:
        """How days of the public notice count."""
        return None if self.notice is None else self.notice.day_kind

    @property
    def source(self) -> str | None:
        """Where the deadline, or else the notice, was found."""
        rule = self.deadline or self.notice
        return None if rule is None else rule.source


@dataclass(frozen=True)
class Window:
    """When a track may be entered: months counted back from the end of the term.

    From `opens_months` before the end up to `closes_months` before it; 0 is the last day itself.
    """

    opens_months: int
    closes_months: int
    verified: bool
    source: str


@dataclass(frozen=True)
class Track:
    """The way of one kind of application through a scheme.

    `asks` are the keys of fields and documents that must be there, `may_ask` those that may be.
    `opens` None: at any time. `needs_active`: only with a certificate in force. `bars_suspended`:
    not while the holder's certificate of this scheme is suspended. `reply_working_days`: a file
    returned to a silent applicant lapses after so many working days, None never.
    """

    kind: TrackKind
    steps: tuple[Step, ...]
    asks: tuple[str, ...]
    may_ask: tuple[str, ...] = ()
    opens: Window | None = None
    needs_active: bool = False
    bars_suspended: bool = False
    reply_working_days: int | None = None

    def step(self, state: str) -> Step | None:
        """The step of a state, None where the track has none."""
        return next((each for each in self.steps if each.state == state), None)

    @property
    def first(self) -> Step:
        """Where a submitted file waits first."""
        return self.steps[0]

    @property
    def states(self) -> tuple[StepState, ...]:
        """The states in the order in which the file lists them."""
        return tuple(each.state for each in self.steps)


@dataclass(frozen=True)
class Limit:
    """One limit that a laboratory result is held against.

    `value` is an exact decimal in `unit`, None for not_detected. `categories` empty: all goods of
    the scheme; `matrix` is what the sample is made of (soil, irrigation_water, product …).
    `methods` are method standards that count; empty: the laboratory's accredited one.
    """

    key: str
    words: Words
    matrix: str
    comparison: Comparison
    value: Decimal | None
    unit: str
    standard: str
    verified: bool
    source: str
    categories: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckItem:
    """One line of the inspector's checklist; `photo` asks for a picture, `clause` names a rule."""

    key: str
    words: Words
    clause: str
    severity: Severity
    photo: bool = False


@dataclass(frozen=True)
class Fee:
    """One fee: `fen` (1/100 yuan) per `per`, None where the amount is set by the office each time.

    It is settled before the file leaves `due_at`.
    """

    key: str
    words: Words
    fen: int | None
    per: str
    due_at: StepState
    verified: bool
    source: str


@dataclass(frozen=True)
class Ground:
    """One ground of revocation and the years in which the holder may not apply again."""

    key: str
    words: Words
    bar_years: int | None
    verified: bool
    source: str


@dataclass(frozen=True)
class Conversion:
    """Months of conversion of one kind of crop or animal, before which no mark may be used."""

    kind: str
    words: Words
    months: int
    verified: bool
    source: str


@dataclass(frozen=True)
class Grade:
    """One grade of a scheme, such as A and AA."""

    code: str
    words: Words


@dataclass(frozen=True)
class Numbering:
    """How numbers of a scheme look and who makes them.

    `form` names the form in `certification.numbers` that numbers are checked by. The templates are
    there only where numbers are issued here: `JNJP-{year}-{serial:04d}`.
    """

    form: str
    number_template: str | None = None
    permit_template: str | None = None


@dataclass(frozen=True)
class Region:
    """The outer bound of where goods may come from.

    `codes` are region codes that contain the base; `box` is west, south, east, north in degrees.
    Either may be absent; both hold where both are given.
    """

    codes: tuple[str, ...]
    box: tuple[Decimal, Decimal, Decimal, Decimal] | None
    verified: bool
    source: str

    def contains_code(self, code: str) -> bool:
        """True when a place of this region code may lie inside."""
        return not self.codes or any(code.startswith(each) for each in self.codes)

    def contains_point(self, longitude: Decimal, latitude: Decimal) -> bool:
        """True when a point in degrees may lie inside; the edge counts."""
        if self.box is None:
            return True
        west, south, east, north = self.box
        return west <= longitude <= east and south <= latitude <= north


@dataclass(frozen=True)
class Scheme:
    """A version of a brand, label, mark or award under which something is granted.

    Members below `parameters` are empty in files of format 1, which describe a scheme only as far
    as certificates recorded under it need.
    """

    code: str
    version: str
    effective: date
    nature: Nature
    name: Words
    office: Words
    verb: Words
    document: Words
    number_pattern: str
    units: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    about: Words | None = None
    gives: Gives = Gives.CERTIFICATE
    issued_by: IssuedBy = IssuedBy.ELSEWHERE
    recorded_until: date | None = None
    numbering: Numbering = field(default_factory=lambda: Numbering("pattern"))
    applicants: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    grades: tuple[Grade, ...] = ()
    standards: tuple[str, ...] = ()
    tracks: Mapping[TrackKind, Track] = field(default_factory=dict)
    fields: Mapping[str, FieldRule] = field(default_factory=dict)
    documents: Mapping[str, DocumentRule] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    mark_rules: tuple[Words, ...] = ()
    fees: tuple[Fee, ...] = ()
    grounds: tuple[Ground, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    region: Region | None = None

    @property
    def validity_years(self) -> int | None:
        """Longest term of one certificate in years; None where the right has no end of its own."""
        return self._whole("validity_years")

    @property
    def renewal_months(self) -> int | None:
        """Months before the end in which renewal is asked for; None where there is no renewal."""
        return self._whole("renewal_months")

    @property
    def bar_years(self) -> int | None:
        """Years after a revocation in which the holder may not apply; None where none is known."""
        return self._whole("bar_years")

    @property
    def bar_years_by_ground(self) -> Mapping[str, int | None]:
        """Years of the bar by ground of revocation; a ground not listed has `bar_years`."""
        return {each.key: each.bar_years for each in self.grounds}

    @property
    def bound(self) -> Bound:
        """How certificates of this scheme bound labels."""
        return Bound(str(self.parameters["quantity_bound"].value))

    @property
    def confirm_yearly(self) -> bool:
        """True where a certificate lapses by itself when its yearly confirmation is missed."""
        return self._flag("confirm_yearly", default=False)

    @property
    def takes_new(self) -> bool:
        """True where first applications are accepted at all."""
        return self._flag("new_applications", default=False)

    @property
    def longest_suspension_months(self) -> int | None:
        """Months after which a suspension has to end in a decision; None where none is known."""
        return self._whole("longest_suspension_months")

    @property
    def surveillance_months(self) -> int | None:
        """Months between two surveillance visits at most; None where none are made."""
        return self._whole("surveillance_months")

    @property
    def retention_years(self) -> int | None:
        """Years for which records of a file are kept after its end."""
        return self._whole("retention_years")

    @property
    def appeal_working_days(self) -> int | None:
        """Working days in which an appeal is decided."""
        return self._whole("appeal_working_days")

    @property
    def conversion_months(self) -> Mapping[str, int]:
        """Months of conversion by kind of crop; empty where the scheme knows none."""
        return {each.kind: each.months for each in self.conversions}

    @property
    def number_template(self) -> str | None:
        """How certificate numbers are made; None where they come from elsewhere."""
        return self.numbering.number_template

    @property
    def permit_template(self) -> str | None:
        """How numbers of print permits are made; None where the scheme has no print permit."""
        return self.numbering.permit_template

    def track(self, kind: str) -> Track | None:
        """The track of a kind, None where the scheme has none."""
        return next((each for each in self.tracks.values() if each.kind == kind), None)

    def accepts_number(self, number: str) -> bool:
        """True when `number` has the form of this scheme."""
        return bool(NUMBER.fullmatch(number) and re.fullmatch(self.number_pattern, number))

    def may_be_recorded(self, day: date) -> bool:
        """True while a decision may be recorded without a case: taken elsewhere, or old stock."""
        if self.issued_by is IssuedBy.ELSEWHERE:
            return True
        return self.recorded_until is not None and day <= self.recorded_until

    def statement(self, lang: str) -> str:
        """What the scheme does, in its own verb: `授权使用「津农精品」`."""
        if lang == "en":
            return f"{self.verb.en}: {self.name.en}"
        return f"{self.verb.zh}「{self.name.zh}」"

    def unverified(self) -> tuple[Parameter, ...]:
        """Parameters whose official text nobody has read yet, by name."""
        open_ones = [item for item in self.parameters.values() if not item.verified]
        return tuple(sorted(open_ones, key=lambda item: item.name))

    def _whole(self, name: str) -> int | None:
        parameter = self.parameters.get(name)
        if parameter is None or parameter.value is None:
            return None
        assert isinstance(parameter.value, int)
        return parameter.value

    def _flag(self, name: str, *, default: bool) -> bool:
        parameter = self.parameters.get(name)
        return default if parameter is None else parameter.value is True


def version_order(version: str) -> tuple[int, int]:
    """Sort key of a version: `2026-2` comes before `2026-10`."""
    year, number = version.split("-")
    return int(year), int(number)


def entry_name(value: object) -> str | None:
    """What an entry of a list is called: its key, state, code or kind; a text is its own name."""
    if isinstance(value, str):
        return str(value)
    names = (getattr(value, each, None) for each in ("key", "state", "code", "kind"))
    return next((str(each) for each in names if each is not None), None)
