"""How many certificates there are, held against the targets that were published.

Everything is counted from the search index of the register, at the moment of asking. A target whose
official text was not read says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from certification.certificates.model import State
from certification.schemes.service import schemes
from certification.search.service import count_beginnings, count_states, count_target
from certification.search.targets import targets
from public_api.registry.charts import Amount, Chart, bar_chart
from runtime.clock import beijing_date, day_end
from runtime.database import Database
from runtime.regions import region_words

YEARS = 6
AGE_MAX = timedelta(seconds=60)


@dataclass(frozen=True)
class TargetEntry:
    """A target and what stands against it now; `unsaid` may count too, but does not say so."""

    key: str
    name_zh: str
    name_en: str
    target: int
    by: date
    in_force: int
    unsaid: int
    schemes: tuple[str, ...]
    region: str
    place_zh: str
    verified: bool
    source: str


@dataclass(frozen=True)
class SchemeCount:
    """Certificates of one scheme by state."""

    scheme: str
    name_zh: str
    name_en: str
    verb_zh: str
    verb_en: str
    in_force: int
    suspended: int
    ended: int
    total: int


@dataclass(frozen=True)
class YearCount:
    """Certificates whose term began in a year (Beijing)."""

    year: int
    began: int


@dataclass(frozen=True)
class Statistics:
    """All numbers, as of a moment."""

    at: datetime
    targets: tuple[TargetEntry, ...]
    schemes: tuple[SchemeCount, ...]
    years: tuple[YearCount, ...]


class Kept:
    """The numbers that were counted last: a large register is counted once a minute, not more."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._last: Statistics | None = None

    def numbers(self, database: Database, now: datetime) -> Statistics:
        """The numbers of this minute; counted anew when the last ones are older than that."""
        last = self._last
        if last is None or not last.at <= now < last.at + AGE_MAX:
            with database.read() as session:
                last = self._last = read_statistics(session, now)
        return last


def read_statistics(session: Session, now: datetime) -> Statistics:
    """Count everything once."""
    return Statistics(
        at=now,
        targets=tuple(_targets(session, now)),
        schemes=tuple(_schemes(count_states(session, now))),
        years=tuple(_years(session, now)),
    )


def _targets(session: Session, now: datetime) -> list[TargetEntry]:
    made = []
    for each in targets():
        counted = count_target(session, each, now)
        made.append(
            TargetEntry(
                key=each.key,
                name_zh=each.words.zh,
                name_en=each.words.en,
                target=each.count,
                by=each.by,
                in_force=counted.in_force,
                unsaid=counted.unsaid,
                schemes=each.schemes,
                region=each.region,
                place_zh=region_words(each.region),
                verified=each.verified,
                source=each.source,
            )
        )
    return made


def _schemes(counts: Mapping[str, Mapping[State, int]]) -> list[SchemeCount]:
    made = []
    for code, scheme in schemes().items():
        found = counts.get(code, {})
        total = sum(found.values())
        active, suspended = found.get(State.ACTIVE, 0), found.get(State.SUSPENDED, 0)
        made.append(
            SchemeCount(
                scheme=code,
                name_zh=scheme.name.zh,
                name_en=scheme.name.en,
                verb_zh=scheme.verb.zh,
                verb_en=scheme.verb.en,
                in_force=active,
                suspended=suspended,
                ended=total - active - suspended - found.get(State.NOT_YET, 0),
                total=total,
            )
        )
    return sorted(made, key=lambda each: (-each.in_force, each.scheme))


def _years(session: Session, now: datetime) -> list[YearCount]:
    this_year = beijing_date(now).year
    years = range(this_year - YEARS + 1, this_year + 1)
    spans = [(year, _first_instant(year), _first_instant(year + 1)) for year in years]
    counts = count_beginnings(session, spans)
    return [YearCount(year, count) for year, count in zip(years, counts, strict=True)]


def _first_instant(year: int) -> datetime:
    return day_end(date(year, 1, 1) - timedelta(days=1))


@dataclass(frozen=True)
class Charts:
    """The three charts of the page."""

    targets: Chart
    schemes: Chart
    years: Chart


def charts(numbers: Statistics, lang: str) -> Charts:
    """Draw the numbers, with labels in a language; schemes without a certificate are left out."""

    def name(each: TargetEntry | SchemeCount) -> str:
        return each.name_en if lang == "en" else each.name_zh

    present = [each for each in numbers.schemes if each.total]
    return Charts(
        targets=bar_chart(
            [Amount(name(each), each.in_force, each.target) for each in numbers.targets]
        ),
        schemes=bar_chart([Amount(name(each), each.in_force) for each in present]),
        years=bar_chart([Amount(str(each.year), each.began) for each in numbers.years]),
    )
