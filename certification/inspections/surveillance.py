"""When a certificate is to be visited again, and which certificates first (ISO/IEC 17065, 7.9).

A visit is due so many months after the present term began or, if later, after the last visit about
the certificate was finished; how many is data of its scheme. Only certificates that are in force or
suspended are visited. This module reads certificates, and is read by whatever lies above them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certification.certificates.model import ChangeKind, State
from certification.certificates.register import PAGE_MAX, Certificate, find, register
from certification.inspections.model import InspectionState, NonconformityState
from certification.inspections.risk import Factor, Ranked, in_order, ranked, read_factors
from certification.inspections.tables import InspectionStandingRow, NonconformityRow
from certification.process.deadlines import months_before
from certification.schemes.catalogue import read_file
from certification.schemes.model import Scheme, Severity
from runtime.clock import beijing_date
from runtime.refusal import Refusal

RISK_TABLE = Path(__file__).parent / "data" / "risk.toml"
VISITED = frozenset({State.ACTIVE, State.SUSPENDED})
LOOK_BACK = timedelta(days=3 * 365)
_NEARLY = 10


@dataclass
class _Seen:
    """What visits about one certificate left behind."""

    last: date | None = None
    open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    closed_major: int = 0


def surveillance_due(session: Session, cert_id: str, scheme: Scheme, now: datetime) -> date | None:
    """The day by which the next visit is to be finished, None where the scheme makes none.

    None too for a certificate that nobody visits: not on record, not in force, not suspended.
    """
    try:
        certificate = find(session, cert_id, now, now)
    except Refusal:
        return None
    query = select(func.max(InspectionStandingRow.finished_at)).where(
        InspectionStandingRow.about == cert_id,
        InspectionStandingRow.state == InspectionState.FINISHED.value,
    )
    last = session.scalar(query)
    return due_of(certificate, scheme, None if last is None else beijing_date(last))


def due_of(certificate: Certificate, scheme: Scheme, last: date | None) -> date | None:
    """The day by which a visit is due when the last one was finished on `last`."""
    months = scheme.surveillance_months
    if months is None or certificate.status.state not in VISITED:
        return None
    begin = certificate.from_date if last is None else max(certificate.from_date, last)
    return months_before(begin, -months)


@cache
def factors() -> tuple[Factor, ...]:
    """The weights that ship with the program. Raises RiskTableError."""
    return read_factors(read_file(RISK_TABLE))


def ranking(session: Session, scheme: Scheme, now: datetime) -> tuple[Ranked, ...]:
    """The certificates of a scheme that may be visited, the most urgent first."""
    seen = _seen(session, scheme.code, now)
    return in_order(
        _ranked(certificate, scheme, seen[certificate.cert_id], now)
        for certificate in visited(session, scheme.code, now)
    )


def visited(session: Session, scheme: str, now: datetime) -> Iterator[Certificate]:
    """Yield the certificates of a scheme that are in force or suspended, by number."""
    after = ""
    while page := register(session, now, scheme=scheme, after=after):
        yield from (each for each in page if each.status.state in VISITED)
        if len(page) < PAGE_MAX:
            return
        after = page[-1].number


def _ranked(certificate: Certificate, scheme: Scheme, seen: _Seen, now: datetime) -> Ranked:
    due, today = due_of(certificate, scheme, seen.last), beijing_date(now)
    counts = {
        "overdue_months": _months_between(due, today),
        "major_open": seen.open[Severity.MAJOR],
        "minor_open": seen.open[Severity.MINOR],
        "major_closed": seen.closed_major,
        "suspensions": _suspensions(certificate, now),
        "first_term": int(seen.last is None and len(certificate.history.terms) <= 1),
        "nearly_used": int(_is_nearly_used(certificate)),
    }
    return ranked(factors(), certificate.cert_id, due, counts)


def _months_between(due: date | None, today: date) -> int:
    """Whole months that have passed since a day."""
    if due is None or today <= due:
        return 0
    months = (today.year - due.year) * 12 + today.month - due.month
    return months - (today.day < due.day)


def _suspensions(certificate: Certificate, now: datetime) -> int:
    return sum(
        change.kind is ChangeKind.SUSPEND and change.effective_at >= now - LOOK_BACK
        for change in certificate.history.changes
    )


def _is_nearly_used(certificate: Certificate) -> bool:
    quota = certificate.quota
    if quota.granted is None or quota.granted == 0:
        return False
    return quota.printed * _NEARLY >= quota.granted * (_NEARLY - 1)


def _seen(session: Session, scheme: str, now: datetime) -> Mapping[str, _Seen]:
    """What visits left behind, by certificate."""
    found: dict[str, _Seen] = defaultdict(_Seen)
    standing, one = InspectionStandingRow, NonconformityRow
    finished = (
        select(standing.about, func.max(standing.finished_at))
        .where(standing.scheme == scheme, standing.state == InspectionState.FINISHED.value)
        .group_by(standing.about)
    )
    for about, at in session.execute(finished):
        found[about].last = None if at is None else beijing_date(at)
    rows = (
        select(one.about, one.severity, one.state, one.opened_at)
        .join(standing, standing.inspection_id == one.inspection_id)
        .where(standing.scheme == scheme)
    )
    for about, severity, state, opened_at in session.execute(rows):
        if state != NonconformityState.CLOSED:
            found[about].open[severity] += 1
        elif severity == Severity.MAJOR and opened_at >= now - LOOK_BACK:
            found[about].closed_major += 1
    return found
