"""How long a penalty is disclosed: the regime in force on the day of the decision.

A regime gives, for each class, the least and the most months of disclosure, counted from the date
of the decision. A class whose least is 0 need not be disclosed at all; where it is, its period may
be as short as wanted. Nothing is disclosed beyond the most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from points.calendar_months import add_months
from points.refusals import PointsRefusal
from runtime.refusal import Reason, refuse


class PenaltyClass(StrEnum):
    """轻微, 一般, 严重."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"


@dataclass(frozen=True)
class Term:
    """Months of disclosure from the date of the decision."""

    least_months: int
    most_months: int


@dataclass(frozen=True)
class Regime:
    """The rules of disclosure in force from `in_force` until the next regime begins."""

    code: str
    in_force: date
    source: str
    terms: Mapping[PenaltyClass, Term]


def read_regimes(document: Mapping[str, Any]) -> tuple[Regime, ...]:
    """Build the regimes of a parsed file, in order of their first day; raises ValueError."""
    regimes = tuple(_regime(row) for row in document["regime"])
    days = [regime.in_force for regime in regimes]
    if days != sorted(set(days)):
        raise ValueError("regimes must follow one another in time")
    return regimes


def _regime(row: Mapping[str, Any]) -> Regime:
    terms = {each: Term(row[each]["least"], row[each]["most"]) for each in PenaltyClass}
    for name, term in terms.items():
        if not 0 <= term.least_months <= term.most_months:
            raise ValueError(f"regime {row['code']}: {name}: least exceeds most")
    if not str(row["source"]).strip():
        raise ValueError(f"regime {row['code']} names no source")
    return Regime(str(row["code"]), row["in_force"], str(row["source"]), terms)


def regime_on(regimes: Iterable[Regime], decided: date) -> Regime:
    """The regime in force on the day of a decision; refuses days before the first one."""
    begun = [regime for regime in regimes if regime.in_force <= decided]
    if not begun:
        refuse(PointsRefusal.NO_REGIME, "/decided")
    return begun[-1]


def check_period(term: Term, decided: date, start: date | None, end: date | None) -> list[Reason]:
    """Why a period of disclosure (first and last day) breaks a term; empty when it does not."""
    if start is None and end is None:
        required = term.least_months > 0
        pointer = "/disclosure_start"
        return [Reason(PointsRefusal.DISCLOSURE_REQUIRED, pointer)] if required else []
    if start is None or end is None:
        return [Reason(PointsRefusal.DISCLOSURE_INCOMPLETE, "/disclosure_end")]
    reasons = []
    if end < start:
        reasons.append(Reason(PointsRefusal.DISCLOSURE_REVERSED, "/disclosure_end"))
    if start < decided:
        reasons.append(Reason(PointsRefusal.DISCLOSURE_BEFORE_DECISION, "/disclosure_start"))
    return reasons + _length_reasons(term, decided, end)


def _length_reasons(term: Term, decided: date, end: date) -> list[Reason]:
    earliest = add_months(decided, term.least_months)
    latest = add_months(decided, term.most_months)
    numbers: dict[str, str | int]
    if end < earliest:
        numbers = {"months": term.least_months, "date": earliest.isoformat()}
        return [Reason(PointsRefusal.DISCLOSURE_TOO_SHORT, "/disclosure_end", numbers)]
    if end > latest:
        numbers = {"months": term.most_months, "date": latest.isoformat()}
        return [Reason(PointsRefusal.DISCLOSURE_TOO_LONG, "/disclosure_end", numbers)]
    return []
