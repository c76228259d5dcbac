"""How urgently a certificate is to be visited: a sum of weighted facts; pure.

Weights are data (`data/risk.toml`), each with its source and whether an official text was read.
The rank of two certificates with the same sum goes by the day on which the visit is due, then by
id, so that everybody who computes it gets the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from certification.schemes.model import Words

KEYS = frozenset(
    {
        "overdue_months",
        "major_open",
        "minor_open",
        "major_closed",
        "suspensions",
        "first_term",
        "nearly_used",
    }
)
"""What is counted about a certificate."""


@dataclass(frozen=True)
class Factor:
    """One thing that counts: `points` for each, `most` in all."""

    key: str
    words: Words
    points: int
    most: int
    verified: bool
    source: str


@dataclass(frozen=True)
class Part:
    """What one factor adds to the score of a certificate."""

    factor: Factor
    count: int
    points: int


@dataclass(frozen=True)
class Ranked:
    """A certificate with its score; the parts say how it came about."""

    cert_id: str
    due: date | None
    score: int
    parts: tuple[Part, ...]


class RiskTableError(ValueError):
    """The shipped table of weights is not one: a mistake of ours."""


def read_factors(table: Mapping[str, Any]) -> tuple[Factor, ...]:
    """The factors of a table, each key exactly once. Raises RiskTableError."""
    found = tuple(_factor(each) for each in table.get("factor", ()))
    keys = [each.key for each in found]
    if sorted(keys) != sorted(KEYS):
        raise RiskTableError(f"factors are {sorted(keys)}, wanted are {sorted(KEYS)}")
    return found


def _factor(told: Mapping[str, Any]) -> Factor:
    try:
        words = Words(told["words"]["zh"], told["words"]["en"])
        made = Factor(
            told["key"], words, told["points"], told["most"], told["verified"], told["source"]
        )
    except KeyError as error:
        raise RiskTableError(f"a factor lacks {error}") from error
    if not 0 < made.points <= made.most:
        raise RiskTableError(f"{made.key}: 0 < points <= most")
    return made


def ranked(
    factors: Sequence[Factor], cert_id: str, due: date | None, counts: Mapping[str, int]
) -> Ranked:
    """The score of a certificate from what was counted about it; absent is 0."""
    parts = tuple(
        Part(factor, counts[factor.key], min(factor.points * counts[factor.key], factor.most))
        for factor in factors
        if counts.get(factor.key, 0) > 0
    )
    return Ranked(cert_id, due, sum(part.points for part in parts), parts)


def in_order(certificates: Iterable[Ranked]) -> tuple[Ranked, ...]:
    """The most urgent first."""
    return tuple(sorted(certificates, key=_urgency))


def _urgency(one: Ranked) -> tuple[int, date, str]:
    return -one.score, one.due or date.max, one.cert_id
