"""Cases in public notice (公示): who applied for what, from when to when, and how to object.

A notice exists so that everybody can object before something is granted; nobody needs an account.
What is shown is what a notice on paper would say: the applicant (masked where it is a natural
person), the products, the scheme, the days. Objections are not shown, nor who made them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.cases.forms import PRODUCTS, named
from certification.cases.register import Opened, answers_of, read_case
from certification.cases.tables import StandingRow, StepRow
from certification.process.standing import CaseState, Event
from certification.process.words import TRACK_WORDS
from certification.refusals import CertificationRefusal
from public_api.registry.log_links import LogLink, log_links
from public_api.registry.names import NameBook
from runtime.clock import beijing_date
from runtime.id_list import id_list
from runtime.refusal import refuse
from runtime.vault import Vault
from trace.products.tables import Product

NOTICES_MAX = 500
"""Cases in public notice on one page; an office has a few dozen at once."""


@dataclass(frozen=True)
class NoticedProduct:
    """A product that is applied for."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class NoticeEntry:
    """A case in public notice; `running` while objections are taken."""

    case: str
    scheme: str
    scheme_zh: str
    scheme_en: str
    verb_zh: str
    verb_en: str
    office_zh: str
    office_en: str
    track_zh: str
    track_en: str
    applicant_zh: str
    applicant_en: str
    products: tuple[NoticedProduct, ...]
    from_date: date
    until: date
    running: bool
    log: LogLink


def list_notices(session: Session, vault: Vault, now: datetime) -> list[NoticeEntry]:
    """Give the cases in public notice, those that end first first."""
    state = StandingRow.state == CaseState.PUBLIC_NOTICE.value
    query = select(StandingRow.case_id).where(state).order_by(StandingRow.since)
    ids = session.scalars(query.limit(NOTICES_MAX))
    found = _entries(session, vault, [read_case(session, each) for each in ids], now)
    return sorted(found, key=lambda each: (each.until, each.case))


def find_notice(session: Session, vault: Vault, case_id: str, now: datetime) -> NoticeEntry:
    """Give one case in public notice. Raises Refusal CASE_UNKNOWN for every other case."""
    found = _entries(session, vault, [read_case(session, case_id)], now)
    return found[0] if found else refuse(CertificationRefusal.CASE_UNKNOWN)


def _entries(
    session: Session, vault: Vault, opened: Iterable[Opened], now: datetime
) -> list[NoticeEntry]:
    noticed = [
        each
        for each in opened
        if each.standing.state is CaseState.PUBLIC_NOTICE and each.standing.notice_until
    ]
    published = _published(session, [each.case.case_id for each in noticed])
    links = log_links(session, [step.payload_id for step in published.values()])
    names = NameBook(session, vault)
    return [
        _entry(session, vault, each, published[each.case.case_id], links, names, now)
        for each in noticed
    ]


def _published(session: Session, case_ids: Iterable[str]) -> dict[str, StepRow]:
    """The step by which the notice that runs was published, by case."""
    query = select(StepRow).where(
        StepRow.case_id.in_(id_list(session, case_ids)),
        StepRow.event == Event.PUBLISH_NOTICE.value,
    )
    return {row.case_id: row for row in session.scalars(query.order_by(StepRow.n))}


def _entry(
    session: Session,
    vault: Vault,
    opened: Opened,
    step: StepRow,
    links: dict[str, LogLink],
    names: NameBook,
    now: datetime,
) -> NoticeEntry:
    scheme, until = opened.process.scheme, opened.standing.notice_until
    assert until is not None
    applicant_zh, applicant_en = names.of(opened.case.holder)
    track = TRACK_WORDS[opened.case.track]
    return NoticeEntry(
        case=opened.case.case_id,
        scheme=scheme.code,
        scheme_zh=scheme.name.zh,
        scheme_en=scheme.name.en,
        verb_zh=scheme.verb.zh,
        verb_en=scheme.verb.en,
        office_zh=scheme.office.zh,
        office_en=scheme.office.en,
        track_zh=track.zh,
        track_en=track.en,
        applicant_zh=applicant_zh,
        applicant_en=applicant_en,
        products=tuple(_products(session, vault, opened)),
        from_date=beijing_date(step.at),
        until=until,
        running=beijing_date(now) <= until,
        log=links[step.payload_id],
    )


def _products(session: Session, vault: Vault, opened: Opened) -> list[NoticedProduct]:
    ids = named(answers_of(session, vault, opened), PRODUCTS)
    query = select(Product).where(Product.id.in_(id_list(session, ids))).order_by(Product.code)
    return [NoticedProduct(row.code, row.name_zh, row.name_en) for row in session.scalars(query)]
