"""Reading certificates: by holder, product or number, with state, words and balance.

Everything here only reads; a question always says the moment it asks about (`at`) and the moment
whose knowledge it uses (`as_known_at`). A certificate is shown with the fields that it had then,
and carries its whole history, so that it can be asked about any other moment too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Select, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from certification.certificates.model import (
    Change,
    ChangeKind,
    Fields,
    History,
    ScopeItem,
    State,
    Status,
    Term,
    Version,
    counted_changes,
    fields_of,
    status_at,
    term_at,
)
from certification.certificates.tables import AmendmentRow, CertificateRow, ChangeRow, ScopeRow
from certification.quotas.model import Quota, Unit
from certification.quotas.service import quotas
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from certification.schemes.service import scheme as scheme_of
from runtime.clock import beijing_date
from runtime.id_list import id_list
from runtime.refusal import refuse

ENDING_SOON_DAYS = 90
PAGE_MAX = 500


@dataclass(frozen=True)
class Certificate:
    """One certificate as it stood at the moment asked about.

    `products`, `bases`, `from_date`, `to_date`, `confirm_by` and `body` are those of that moment;
    where the grant does not count then (not yet made, annulled), those of the grant. `quota` is
    today's balance (it has no history of its own outside the log); `payload_ids` names the log
    entries of its decisions, oldest first.
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
    confirm_by: date | None
    body: str | None
    basis: str
    versions: tuple[Version, ...]
    at: datetime
    as_known_at: datetime

    def entry_of(self, field: Literal["term", "confirm_by", "granted"]) -> str:
        """The payload id of the entry that set a field as it is shown; the grant's by default."""
        counted = counted_changes(self.history, self.at, self.as_known_at)
        bounding = {each.n for each in self.versions if each.granted is not None}
        numbers = [each.n for each in counted if each.n in bounding]
        if field != "granted":
            term = term_at(self.history, self.at, self.as_known_at)
            numbers = [1 if term is None else term.n]
        if field == "confirm_by":
            numbers += [each.n for each in counted if each.confirm_by == self.confirm_by]
        return self.payload_ids[numbers[-1] - 1 if numbers else 0]

    def may_use_mark(self, product: str, base: str | None, at: datetime) -> bool:
        """Whether the mark could be put on such goods at `at`: state, scope and conversion."""
        fields = fields_of(self.versions, self.history, at, self.as_known_at)
        usable = status_at(self.history, at, self.as_known_at).may_use_mark
        return (
            usable and fields.names(product, base) and not fields.in_conversion(product, base, at)
        )


def fields_at(
    certificate: Certificate, at: datetime, as_known_at: datetime | None = None
) -> Fields:
    """Every field of a certificate at any moment, with the knowledge of another or of the asking.

    Where no grant counts, all fields are empty.
    """
    known_at = as_known_at or certificate.as_known_at
    return fields_of(certificate.versions, certificate.history, at, known_at)


@dataclass(frozen=True)
class FieldChange:
    """One field that decision `n` changed; values as texts, None where there was none.

    `field` is products, bases, mark_from, from_date, to_date, confirm_by, granted or body.
    """

    n: int
    kind: ChangeKind
    field: str
    effective_at: datetime
    recorded_at: datetime
    before: str | None
    after: str | None


def field_history(certificate: Certificate) -> tuple[FieldChange, ...]:
    """What each decision changed, in the order in which they were recorded.

    An annulment shows what went back to where it was.
    """
    found: list[FieldChange] = []
    before: dict[str, str | None] = {}
    for change in certificate.history.changes:
        # Decisions of one instant are told apart by taking only those up to this one.
        known = History(
            certificate.history.terms,
            tuple(each for each in certificate.history.changes if each.n <= change.n),
        )
        last = max(each.effective_at for each in known.changes)
        after = _texts(fields_of(certificate.versions, known, last, change.recorded_at))
        found += [
            FieldChange(
                change.n, change.kind, name, change.effective_at, change.recorded_at,
                before.get(name), value,
            )
            for name, value in after.items()
            if value != before.get(name)
        ]  # fmt: skip
        before = after
    return tuple(found)


def _texts(fields: Fields) -> dict[str, str | None]:
    term = fields.term
    days = [term.from_date, term.to_date, term.confirm_by] if term else [None] * 3
    marks = [item.mark_from for item in fields.scope if item.mark_from is not None]
    from_date, to_date, confirm_by = (day.isoformat() if day else None for day in days)
    return {
        "products": " ".join(fields.products) or None,
        "bases": " ".join(fields.bases) or None,
        "mark_from": max(marks).isoformat() if marks else None,
        "from_date": from_date,
        "to_date": to_date,
        "confirm_by": confirm_by,
        "granted": None if fields.granted is None else f"{fields.granted} {fields.unit}",
        "body": fields.body,
    }


def find(session: Session, cert_id: str, at: datetime, as_known_at: datetime) -> Certificate:
    """One certificate by id; refuses an unknown one."""
    return _only(session, CertificateRow.cert_id == cert_id, at, as_known_at)


def find_number(
    session: Session,
    number: str,
    at: datetime,
    as_known_at: datetime,
    scheme: str | None = None,
) -> Certificate:
    """One certificate by its public number, within a scheme where one is named.

    Refuses an unknown one, and NUMBER_AMBIGUOUS where several schemes have the number and none is
    named.
    """
    condition = CertificateRow.number == number
    if scheme is not None:
        condition &= CertificateRow.scheme == scheme
    return _only(session, condition, at, as_known_at)


def _only(
    session: Session, condition: ColumnElement[bool], at: datetime, as_known_at: datetime
) -> Certificate:
    statement = select(CertificateRow).where(condition)
    found = _read(session, statement, at, as_known_at)
    if not found:
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    if len(found) > 1:
        refuse(CertificationRefusal.NUMBER_AMBIGUOUS, "/scheme")
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
    """All certificates that named a product at `at`, by number."""
    named = select(ScopeRow.cert_id).where(ScopeRow.noun == "product", ScopeRow.subject == product)
    statement = select(CertificateRow).where(CertificateRow.cert_id.in_(named))
    found = _read(session, statement, at, as_known_at)
    return tuple(each for each in found if product in each.products)


def of_ids(
    session: Session, cert_ids: Sequence[str], at: datetime, as_known_at: datetime
) -> tuple[Certificate, ...]:
    """Certificates by their ids, in the order of these; unknown ones are left out."""
    named = CertificateRow.cert_id.in_(id_list(session, cert_ids))
    found = {
        each.cert_id: each
        for each in _read(session, select(CertificateRow).where(named), at, as_known_at)
    }
    return tuple(found[each] for each in cert_ids if each in found)


def register(
    session: Session,
    now: datetime,
    *,
    scheme: str | None = None,
    after: str = "",
    after_scheme: str = "",
    limit: int = PAGE_MAX,
) -> tuple[Certificate, ...]:
    """One page of the register, by number: certified, printed, left, and the state now.

    `after` and `after_scheme` are number and scheme of the last row of the page before; at most
    `PAGE_MAX` rows. With `after` alone a page begins behind all certificates of that number.
    """
    statement = select(CertificateRow).where(CertificateRow.number > after)
    if after_scheme:
        place = tuple_(CertificateRow.number, CertificateRow.scheme)
        statement = select(CertificateRow).where(place > tuple_(after, after_scheme))
    if scheme is not None:
        statement = statement.where(CertificateRow.scheme == scheme)
    return _read(session, statement, now, now, min(limit, PAGE_MAX))


def ending_soon(
    session: Session, now: datetime, days: int = ENDING_SOON_DAYS
) -> tuple[Certificate, ...]:
    """Marks that are in force or suspended today and end within `days`, soonest first.

    A missing confirmation is an end too.
    """
    today = beijing_date(now)
    soon = (today, today + timedelta(days=days))
    # Which term holds is decided below; here only those that may end are found.
    amended = exists().where(
        AmendmentRow.cert_id == CertificateRow.cert_id,
        or_(AmendmentRow.to_date.between(*soon), AmendmentRow.confirm_by.between(*soon)),
    )
    confirmed = exists().where(
        ChangeRow.cert_id == CertificateRow.cert_id, ChangeRow.confirm_by.between(*soon)
    )
    ends = or_(CertificateRow.to_date.between(*soon), CertificateRow.confirm_by.between(*soon))
    statement = select(CertificateRow).where(or_(ends, amended, confirmed))
    living = (State.ACTIVE, State.SUSPENDED)
    found = [
        item
        for item in _read(session, statement, now, now)
        if item.status.state in living and _ends_within(item, soon[1])
    ]
    return tuple(sorted(found, key=lambda item: (_last_day(item), item.number)))


def _last_day(certificate: Certificate) -> date:
    """The last day as all decisions make it, a renewal that has not begun included."""
    end = certificate.history.ends_at
    return date.max if end is None else beijing_date(end - timedelta(microseconds=1))


def _ends_within(certificate: Certificate, day: date) -> bool:
    return _last_day(certificate) <= day


@dataclass(frozen=True)
class Rows:
    """All rows about one certificate; amendments, changes and scopes in order of `n`."""

    certificate: CertificateRow
    changes: Sequence[ChangeRow]
    amendments: Sequence[AmendmentRow]
    scopes: Sequence[ScopeRow]

    @property
    def own_term(self) -> Term:
        """The term of the grant."""
        row = self.certificate
        return Term(1, row.from_date, row.to_date, row.confirm_by)

    def history(self) -> History:
        """The history that the model asks about."""
        later = (_term(row) for row in self.amendments)
        terms = (self.own_term, *(term for term in later if term is not None))
        return History(terms, tuple(map(change_from, self.changes)))

    def versions(self) -> tuple[Version, ...]:
        """What each decision set."""
        return tuple(self._versions())

    def _versions(self) -> Iterator[Version]:
        scopes: dict[int, list[ScopeItem]] = defaultdict(list)
        for item in self.scopes:
            scopes[item.n].append(ScopeItem(item.noun, item.subject, item.mark_from))
        own = self.certificate
        yield Version(1, tuple(scopes[1]), self.own_term, own.granted, own.unit, own.body)
        for row in self.amendments:
            scope = tuple(scopes[row.n]) or None
            yield Version(row.n, scope, _term(row), row.granted, row.unit)
        for change in self.changes:
            if change.to is not None:
                yield Version(change.n, body=change.to)


def _term(row: AmendmentRow) -> Term | None:
    if row.from_date is None:
        return None
    return Term(row.n, row.from_date, row.to_date, row.confirm_by)


def rows_of(session: Session, certificates: Sequence[CertificateRow]) -> list[Rows]:
    """All rows about some certificates, in their order, with three SELECTs."""
    cert_ids = [row.cert_id for row in certificates]
    changes: dict[str, list[ChangeRow]] = defaultdict(list)
    for change in session.scalars(
        select(ChangeRow).where(ChangeRow.cert_id.in_(cert_ids)).order_by(ChangeRow.n)
    ):
        changes[change.cert_id].append(change)
    amendments: dict[str, list[AmendmentRow]] = defaultdict(list)
    for amendment in session.scalars(
        select(AmendmentRow).where(AmendmentRow.cert_id.in_(cert_ids)).order_by(AmendmentRow.n)
    ):
        amendments[amendment.cert_id].append(amendment)
    scopes: dict[str, list[ScopeRow]] = defaultdict(list)
    for scope in session.scalars(
        select(ScopeRow).where(ScopeRow.cert_id.in_(cert_ids)).order_by(ScopeRow.n, *_BY_NAME)
    ):
        scopes[scope.cert_id].append(scope)
    return [
        Rows(row, changes[row.cert_id], amendments[row.cert_id], scopes[row.cert_id])
        for row in certificates
    ]


_BY_NAME = (ScopeRow.noun, ScopeRow.subject)


def _read(
    session: Session,
    statement: Select[CertificateRow],
    at: datetime,
    as_known_at: datetime,
    limit: int | None = None,
) -> tuple[Certificate, ...]:
    ordered = statement.order_by(CertificateRow.number, CertificateRow.scheme).limit(limit)
    rows = list(session.scalars(ordered))
    balances = quotas(session, [row.cert_id for row in rows])
    return tuple(
        _certificate(each, balances[each.certificate.cert_id], at, as_known_at)
        for each in rows_of(session, rows)
    )


def _certificate(rows: Rows, quota: Quota, at: datetime, as_known_at: datetime) -> Certificate:
    row, history, versions = rows.certificate, rows.history(), rows.versions()
    fields = fields_of(versions, history, at, as_known_at)
    if fields.term is None:
        fields = Fields(versions[0].scope or (), history.terms[0], row.granted, row.unit, row.body)
    term = fields.term or history.terms[0]
    return Certificate(
        cert_id=row.cert_id,
        number=row.number,
        scheme=scheme_of(row.scheme),
        holder=row.holder,
        products=fields.products,
        bases=fields.bases,
        from_date=term.from_date,
        to_date=term.to_date,
        status=status_at(history, at, as_known_at),
        quota=quota,
        history=history,
        payload_ids=tuple(item.payload_id for item in rows.changes),
        confirm_by=term.confirm_by,
        body=fields.body,
        basis=row.basis,
        versions=versions,
        at=at,
        as_known_at=as_known_at,
    )


def change_from(row: ChangeRow) -> Change:
    """One decision, from its row."""
    return Change(
        n=row.n,
        kind=ChangeKind(row.kind),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        annuls=row.annuls,
        confirm_by=row.confirm_by,
        successor=row.successor,
        to=row.to,
    )


def present_quantity(versions: Iterable[Version], history: History) -> tuple[int, Unit] | None:
    """The quantity that all decisions together grant; None where nothing is bounded."""
    last = max((change.effective_at for change in history.changes), default=None)
    known = max((change.recorded_at for change in history.changes), default=None)
    if last is None or known is None:
        return None
    fields = fields_of(versions, history, last, known)
    return None if fields.granted is None or fields.unit is None else (fields.granted, fields.unit)
