"""A bar 禁止申请期: after a revocation its holder may not apply again for some years.

Nouns. A *bar* keeps one holder from applying under one scheme; its years come from the scheme, by
the *ground* of the revocation. It is *lifted* when the revocation is declared an error.

Invariants:

- a bar begins on the Beijing day on which the revocation takes effect, and `until` is its last day
- a scheme or ground without a number of years bars nobody: nothing is made up
- a bar is never shortened; the annulment of the very change that made it lifts it
- several bars may run at once; the one that ends last is the one that is told

Who checks it: a case, when it is submitted and again when it is granted (BARRED_UNTIL).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from certification.process.deadlines import months_before
from certification.schemes.model import Scheme


@dataclass(frozen=True)
class Bar:
    """Nothing is taken from `holder` under `scheme` from `from_date` to `until`, both included.

    `cert_id` and `n` name the revocation; `ground` is a key of the scheme, None for any other.
    `until` None would be a bar without an end, which no scheme that ships knows.
    """

    id: str
    holder: str
    scheme: str
    cert_id: str
    n: int
    ground: str | None
    from_date: date
    until: date | None
    payload_id: str = ""

    def holds(self, day: date) -> bool:
        """Whether nothing is taken on a Beijing day."""
        return self.from_date <= day and (self.until is None or day <= self.until)


def years_of(scheme: Scheme, ground: str | None) -> int | None:
    """The years of a bar by ground of revocation; None where the scheme bars nobody for it."""
    by_ground = scheme.bar_years_by_ground
    return scheme.bar_years if ground is None else by_ground.get(ground, scheme.bar_years)


def last_day(from_date: date, years: int) -> date:
    """The last day of so many years; from 29 February they end with 27 February."""
    return months_before(from_date, -12 * years) - timedelta(days=1)


def present_bar(bars: Iterable[Bar], day: date) -> Bar | None:
    """Of the bars that hold on a day the one that ends last, None where none holds."""
    holding = [bar for bar in bars if bar.holds(day)]
    return max(holding, key=lambda bar: (bar.until or date.max, bar.id), default=None)
