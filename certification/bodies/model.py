"""Who serves a scheme, who is competent for which task, and who declared which relation.

Nouns. An *appointment* (指定) lets a party serve a scheme in one function: office, body, laboratory
or experts. A *competence* (能力认定) says that a person may do one task for a scheme. A
*declaration* (利害关系声明) is what a person says about the applicant of one case.

States: appointments and competences run from their first day to their last, both Beijing days and
both included; an end may be brought forward, never put off (another one is made instead).

Invariants:

- what somebody may do now is decided by today's date at the server, never by a claimed time
- a person is a person: competence and declarations name the account, whatever party it acts for
- nobody vouches for their own competence (ISO/IEC 17065:2012 6.1)
- silence is no declaration: whoever evaluates, reviews or decides has said "none" for this very
  case (4.2, 5.2); a relation once declared for it is not taken back, somebody else does the work
- a party accepts no more cases at once than the least number that it was given as office or body
  (7.3)

Clauses are from a training outline; the standard itself was not read. Refused: see
`appointment_reasons`, `competence_reasons`, `end_reasons`, `declaration_reasons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from certification.refusals import CertificationRefusal as Code
from certification.schemes.model import Function, Task, Words
from runtime.refusal import Reason

CAPACITY_MAX = 100_000
YEAR_MIN, YEAR_MAX = 1949, 2199

TASKS: frozenset[Task] = frozenset(Task) - {Task.ACCEPT, Task.PUBLISH}
"""Tasks that ask for a competence; accepting and publishing are the office's clerk work."""

FUNCTION_WORDS: dict[Function, Words] = {
    Function.OFFICE: Words("品牌办公室", "brand office"),
    Function.BODY: Words("认证或评定机构", "certification body"),
    Function.LABORATORY: Words("检验机构", "laboratory"),
    Function.EXPERTS: Words("评审专家组", "panel of experts"),
}


class Relation(StrEnum):
    """What a person is to an applicant; consultancy counts for two years after its end."""

    NONE = "none"
    EMPLOYMENT = "employment"
    OWNERSHIP = "ownership"
    FAMILY = "family"
    CONSULTANCY = "consultancy"


RELATION_WORDS: dict[Relation, Words] = {
    Relation.NONE: Words("没有利害关系", "no relation"),
    Relation.EMPLOYMENT: Words("任职或受雇", "employment"),
    Relation.OWNERSHIP: Words("持股或出资", "ownership"),
    Relation.FAMILY: Words("近亲属", "family"),
    Relation.CONSULTANCY: Words("两年内提供过咨询", "consultancy within two years"),
}


@dataclass(frozen=True)
class Term:
    """From the first day to the last, both included; `to_date` None: no end is set."""

    from_date: date
    to_date: date | None

    def holds(self, day: date) -> bool:
        """Whether a Beijing day lies within it."""
        return self.from_date <= day and (self.to_date is None or day <= self.to_date)

    def meets(self, other: Term) -> bool:
        """Whether the two have a day in common."""
        latest = max(self.from_date, other.from_date)
        return self.holds(latest) and other.holds(latest)


@dataclass(frozen=True)
class Appointment:
    """A party serves a scheme in one function.

    `capacity` is how many cases it handles at once, None for no bound; `payload_id` names its
    entry.
    """

    id: str
    party: str
    scheme: str
    function: Function
    term: Term
    capacity: int | None
    payload_id: str


@dataclass(frozen=True)
class Competence:
    """A person may do one task for a scheme; `party` vouches for it."""

    id: str
    person: str
    scheme: str
    task: Task
    party: str
    term: Term
    payload_id: str


def appointment_reasons(
    function: str, term: Term, capacity: int | None, present: Iterable[Term]
) -> Iterator[Reason]:
    """Yield what forbids an appointment; `present` are those of the same party and function."""
    if function not in set(Function):
        yield Reason(Code.FUNCTION_UNKNOWN, "/function")
    yield from term_reasons(term)
    if capacity is not None and not 1 <= capacity <= CAPACITY_MAX:
        yield Reason(Code.CAPACITY_INVALID, "/capacity", {"most": CAPACITY_MAX})
    if any(term.meets(other) for other in present):
        yield Reason(Code.APPOINTED_ALREADY, "/party")


def competence_reasons(task: str, term: Term, person: str, by: str | None) -> Iterator[Reason]:
    """Yield what forbids that `by` vouches for a person."""
    if person == by:
        yield Reason(Code.OWN_COMPETENCE, "/person")
    if task not in TASKS:
        yield Reason(Code.TASK_UNKNOWN, "/task")
    yield from term_reasons(term)
    if term.to_date is None:
        yield Reason(Code.END_MISSING, "/to_date")


def term_reasons(term: Term) -> Iterator[Reason]:
    """Yield what is wrong with the days of a term."""
    days = [day for day in (term.from_date, term.to_date) if day is not None]
    if not all(YEAR_MIN <= day.year <= YEAR_MAX for day in days):
        yield Reason(Code.DATE_OUT_OF_RANGE, "/from_date", {"first": YEAR_MIN, "last": YEAR_MAX})
    elif term.to_date is not None and term.to_date < term.from_date:
        yield Reason(Code.DATES_REVERSED, "/to_date")


def end_reasons(term: Term, to_date: date, today: date) -> Iterator[Reason]:
    """Yield what forbids `to_date` as the new last day; yesterday is the earliest."""
    if term.to_date is not None and term.to_date < today:
        yield Reason(Code.ENDED_ALREADY, None, {"day": term.to_date.isoformat()})
        return
    yesterday = today - timedelta(days=1)
    if to_date < yesterday or (term.to_date is not None and to_date > term.to_date):
        latest = "—" if term.to_date is None else term.to_date.isoformat()
        numbers: dict[str, str | int] = {"first": yesterday.isoformat(), "last": latest}
        yield Reason(Code.END_NOT_BROUGHT_FORWARD, "/to_date", numbers)


def declaration_reasons(
    person: str | None, relation: str, before: Relation | None
) -> Iterator[Reason]:
    """Yield what forbids a declaration; `before` is the one of the same person and case."""
    if person is None:
        yield Reason(Code.PERSON_REQUIRED)
    if relation not in set(Relation):
        yield Reason(Code.RELATION_UNKNOWN, "/interest")
    elif before not in (None, Relation.NONE) and relation == Relation.NONE:
        yield Reason(Code.RELATION_STANDS, "/interest")


def least_capacity(appointments: Iterable[Appointment]) -> int | None:
    """How many cases a party handles at once, by its offices and bodies; None for no bound."""
    accepting = (Function.OFFICE, Function.BODY)
    bounds = [
        each.capacity
        for each in appointments
        if each.function in accepting and each.capacity is not None
    ]
    return min(bounds, default=None)
