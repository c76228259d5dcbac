"""Reading certificates: by holder, product or number, with state, words and balance.

Everything here only reads; a question always says the moment it asks about (`at`) and the moment
whose knowledge it uses (`as_known_at`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from certification.certificates.model import Change, ChangeKind, History, State, Status, status_at
from certification.certificates.tables import CertificateRow, ChangeRow, ScopeRow
from certification.quotas.model import Quota
from certification.quotas.service import quotas
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from certification.schemes.service import scheme as scheme_of
from runtime.clock import beijing_date
from runtime.refusal import refuse

ENDING_SOON_DAYS = 90
PAGE_MAX = 500


@dataclass(frozen=True)
class Certificate:
    """One certificate as it stood at the moment asked about.

    `quota` is today's balance (it has no history of its own outside the log); `payload_ids` names
    the log entries of its decisions, oldest first.
    """

    cert_id: str
    number: str
    scheme: Scheme
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    from_date: date
    to_date: date | None
    status: Status
    quota: Quota
    history: History
    payload_ids: tuple[str, ...]


def find(session: Session, cert_id: str, at: datetime, as_known_at: datetime) -> Certificate:
    """One certificate by id; refuses an unknown one."""
    return _only(session, CertificateRow.cert_id == cert_id, at, as_known_at)


def find_number(session: Session, number: str, at: datetime, as_known_at: datetime) -> Certificate:
    """One certificate by its public number; refuses an unknown one."""
    return _only(session, CertificateRow.number == number, at, as_known_at)


def _only(
    session: Session, condition: ColumnElement[bool], at: datetime, as_known_at: datetime
) -> Certificate:
    statement = select(CertificateRow).where(condition)
    found = _read(session, statement, at, as_known_at)
    if not found:
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    return found[0]


def of_holder(
    session: Session, holder: str, at: datetime, as_known_at: datetime
) -> tuple[Certificate, ...]:
    """All certificates of a party, by number."""
    statement = select(CertificateRow).where(CertificateRow.holder == holder)
    return _read(session, statement, at, as_known_at)


def of_product(
    session: Session, product: str, at: datetime, as_known_at: datetime
) -> tuple[Certificate, ...]:
    """All certificates that name a product, by number."""
    named = select(ScopeRow.cert_id).where(ScopeRow.noun == "product", ScopeRow.subject == product)
    statement = select(CertificateRow).where(CertificateRow.cert_id.in_(named))
    return _read(session, statement, at, as_known_at)


def register(
    session: Session,
    now: datetime,
    *,
    scheme: str | None = None,
    after: str = "",
    limit: int = PAGE_MAX,
) -> tuple[Certificate, ...]:
    """One page of the register, by number: certified, printed, left, and the state now.

    `after` is the last number of the page before; at most `PAGE_MAX` rows.
    """
    statement = select(CertificateRow).where(CertificateRow.number > after)
    if scheme is not None:
        statement = statement.where(CertificateRow.scheme == scheme)
    return _read(session, statement.limit(min(limit, PAGE_MAX)), now, now)


def ending_soon(
    session: Session, now: datetime, days: int = ENDING_SOON_DAYS
) -> tuple[Certificate, ...]:
    """Marks that are in force or suspended today and end within `days`, soonest first."""
    today = beijing_date(now)
    statement = select(CertificateRow).where(
        CertificateRow.to_date.between(today, today + timedelta(days=days))
    )
    living = (State.ACTIVE, State.SUSPENDED)
    found = [item for item in _read(session, statement, now, now) if item.status.state in living]
    return tuple(sorted(found, key=lambda item: (item.to_date or date.max, item.number)))


def _read(
    session: Session, statement: Select[CertificateRow], at: datetime, as_known_at: datetime
) -> tuple[Certificate, ...]:
    rows = list(session.scalars(statement.order_by(CertificateRow.number)))
    cert_ids = [row.cert_id for row in rows]
    decisions = _decisions(session, cert_ids)
    scopes = _scopes(session, cert_ids)
    balances = quotas(session, cert_ids)
    return tuple(
        _certificate(
            row,
            decisions[row.cert_id],
            scopes[row.cert_id],
            balances[row.cert_id],
            (at, as_known_at),
        )
        for row in rows
    )


def _decisions(session: Session, cert_ids: Sequence[str]) -> dict[str, list[ChangeRow]]:
    found: dict[str, list[ChangeRow]] = {cert_id: [] for cert_id in cert_ids}
    statement = select(ChangeRow).where(ChangeRow.cert_id.in_(cert_ids)).order_by(ChangeRow.n)
    for row in session.scalars(statement):
        found[row.cert_id].append(row)
    return found


def _scopes(session: Session, cert_ids: Sequence[str]) -> dict[str, list[ScopeRow]]:
    found: dict[str, list[ScopeRow]] = {cert_id: [] for cert_id in cert_ids}
    statement = select(ScopeRow).where(ScopeRow.cert_id.in_(cert_ids)).order_by(ScopeRow.subject)
    for row in session.scalars(statement):
        found[row.cert_id].append(row)
    return found


def _certificate(
    row: CertificateRow,
    decisions: Sequence[ChangeRow],
    scope: Sequence[ScopeRow],
    quota: Quota,
    asked: tuple[datetime, datetime],
) -> Certificate:
    history = history_of(row, [change_from(item) for item in decisions])
    return Certificate(
        cert_id=row.cert_id,
        number=row.number,
        scheme=scheme_of(row.scheme),
        holder=row.holder,
        products=tuple(item.subject for item in scope if item.noun == "product"),
        bases=tuple(item.subject for item in scope if item.noun == "base"),
        from_date=row.from_date,
        to_date=row.to_date,
        status=status_at(history, *asked),
        quota=quota,
        history=history,
        payload_ids=tuple(item.payload_id for item in decisions),
    )


def history_of(row: CertificateRow, changes: Iterable[Change]) -> History:
    """The history that the model asks about, from a certificate row and its decisions."""
    return History(row.from_date, row.to_date, tuple(changes))


def change_from(row: ChangeRow) -> Change:
    """One decision, from its row."""
    return Change(
        n=row.n,
        kind=ChangeKind(row.kind),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        annuls=row.annuls,
    )
