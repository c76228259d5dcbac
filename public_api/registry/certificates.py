"""The public register of certificates and licences: state now, quantity, every change with its
entry, and what each change changed.

Reasons and documents of decisions are not public. A holder who is a natural person is masked, and
so are that person's bases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.model import ChangeKind, State
from certification.certificates.register import (
    Certificate,
    FieldChange,
    field_history,
    find_number,
    of_ids,
    register,
)
from certification.certificates.tables import CertificateRow
from certification.search.model import Question, parse
from certification.search.service import search
from public_api.registry.bases import base_entries
from public_api.registry.log_links import LogLink, log_links
from public_api.registry.names import NameBook
from runtime.id_list import id_list
from runtime.quantities import Kind, show
from runtime.vault import Vault
from trace.bases.tables import ProductionBase
from trace.products.tables import Product
from web.language import Words

STATE_WORDS: dict[State, tuple[Words, str]] = {
    State.ACTIVE: (Words("有效", "Valid"), "green"),
    State.SUSPENDED: (Words("暂停", "Suspended"), "red"),
    State.REVOKED: (Words("撤销", "Revoked"), "red"),
    State.CANCELLED: (Words("注销", "Given up"), "red"),
    State.SUPERSEDED: (Words("已换发", "Replaced"), "amber"),
    State.TRANSFERRED: (Words("已转移", "Passed on"), "amber"),
    State.EXPIRED: (Words("到期", "Ended"), "red"),
    State.NOT_YET: (Words("尚未开始", "Not yet begun"), "amber"),
    State.ANNULLED: (Words("已更正为无效", "Declared void"), "red"),
    State.UNKNOWN: (Words("没有登记", "Not on record"), "amber"),
}
CHANGE_WORDS: dict[ChangeKind, Words] = {
    ChangeKind.GRANT: Words("发证", "Granted"),
    ChangeKind.AMEND: Words("变更", "Amended"),
    ChangeKind.CONFIRM: Words("年度确认", "Confirmed for a year"),
    ChangeKind.SUSPEND: Words("暂停", "Suspended"),
    ChangeKind.RESUME: Words("恢复", "Resumed"),
    ChangeKind.REVOKE: Words("撤销", "Revoked"),
    ChangeKind.CANCEL: Words("注销", "Given up by its holder"),
    ChangeKind.SUPERSEDE: Words("换发", "Replaced by another certificate"),
    ChangeKind.PASS_ON: Words("转移", "Passed on to another holder"),
    ChangeKind.TRANSFER_BODY: Words("移交发证机构", "Moved to another body"),
    ChangeKind.ANNUL: Words("更正", "Corrected"),
}
FIELD_WORDS: Mapping[str, Words] = {
    "products": Words("产品", "products"),
    "bases": Words("基地", "bases"),
    "mark_from": Words("起用标志日", "first day of the mark"),
    "from_date": Words("起始日", "first day"),
    "to_date": Words("截止日", "last day"),
    "confirm_by": Words("确认期限", "to be confirmed by"),
    "granted": Words("核定数量", "granted quantity"),
    "body": Words("发证机构", "body"),
}
BASIS_WORDS: Mapping[str, Words] = {
    "case": Words("经本平台办案发放", "granted by a case on this platform"),
    "recorded": Words("依文件补录", "recorded from a document"),
}
Item = TypeVar("Item")
_SHOWN_AS_THEY_ARE = ("mark_from", "from_date", "to_date", "confirm_by")


@dataclass(frozen=True)
class ChangedField:
    """A field that a decision changed; of names and ids only that they changed is said."""

    field: str
    field_zh: str
    field_en: str
    before_zh: str = ""
    before_en: str = ""
    after_zh: str = ""
    after_en: str = ""


@dataclass(frozen=True)
class DecisionEntry:
    """One decision about a certificate, with its entry."""

    n: int
    kind: str
    kind_zh: str
    kind_en: str
    effective_at: datetime
    recorded_at: datetime
    annuls: int | None
    successor: str | None
    changed: tuple[ChangedField, ...]
    log: LogLink


@dataclass(frozen=True)
class NamedProduct:
    """A product that a certificate names."""

    id: str
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class NamedBase:
    """A base that a certificate names, as strangers may see it; `code` is its id."""

    code: str
    name_zh: str
    name_en: str
    place_zh: str


@dataclass(frozen=True)
class CertificateEntry:
    """A certificate as strangers see it; quantities in mg or pieces where it bounds them."""

    number: str
    scheme: str
    scheme_zh: str
    scheme_en: str
    document_zh: str
    document_en: str
    holder: str
    holder_zh: str
    holder_en: str
    products: tuple[NamedProduct, ...]
    bases: tuple[NamedBase, ...]
    from_date: date
    to_date: date | None
    confirm_by: date | None
    mark_from: date | None
    basis: str
    body: str | None
    body_zh: str
    body_en: str
    state: str
    state_zh: str
    state_en: str
    colour: str
    unit: str | None
    granted: int | None
    printed: int | None
    void: int | None
    left: int | None
    history: tuple[DecisionEntry, ...]

    def quantity(self, name: str, lang: str) -> str:
        """Write granted, printed, void or left with its unit; "" where nothing is bounded."""
        count: int | None = getattr(self, name)
        if count is None:
            return ""
        return show("mass" if self.unit == "mg" else "pieces", count, lang)

    def basis_words(self, lang: str) -> str:
        """How the certificate came into the register."""
        return BASIS_WORDS[self.basis].text(lang)


@dataclass(frozen=True)
class FoundCertificates:
    """A page of the register, and the cursor of the next one."""

    rows: tuple[CertificateEntry, ...]
    after: str | None


def find_certificate(
    session: Session, vault: Vault, number: str, now: datetime, scheme: str | None = None
) -> CertificateEntry:
    """Give a certificate by its number, within a scheme where one is named.

    Raises Refusal CERTIFICATE_UNKNOWN, NUMBER_AMBIGUOUS.
    """
    found = find_number(session, number, now, now, scheme)
    return certificate_entries(session, vault, [found])[0]


def search_certificates(
    session: Session, vault: Vault, question: Question, now: datetime
) -> FoundCertificates:
    """Give the certificates that a question finds. Raises Refusal SEARCH_MALFORMED."""
    found = search(session, question, now)
    rows = of_ids(session, found.certificates, now, now)
    return FoundCertificates(tuple(certificate_entries(session, vault, rows)), found.after)


def of_number(
    session: Session, vault: Vault, number: str, now: datetime
) -> tuple[CertificateEntry, ...]:
    """Give the certificates of all schemes that have a number."""
    ids = session.scalars(select(CertificateRow.cert_id).filter_by(number=number))
    found = of_ids(session, sorted(ids), now, now)
    return tuple(certificate_entries(session, vault, found))


def list_page(
    session: Session, vault: Vault, question: Question, now: datetime
) -> FoundCertificates:
    """Give a page of all certificates, of one scheme or of all, in the order of numbers.

    Raises Refusal SEARCH_MALFORMED.
    """
    # The cursor is that of a question by number, of which every number begins with nothing.
    asked = parse(replace(question, number="0"))
    found = list_certificates(
        session, vault, now, scheme=asked.scheme or None, after=asked.behind or ("", ""),
        limit=asked.limit + 1,
    )  # fmt: skip
    shown, more = found[: asked.limit], len(found) > asked.limit
    after = f"n{shown[-1].number}~{shown[-1].scheme}" if more else None
    return FoundCertificates(tuple(shown), after)


def list_certificates(
    session: Session,
    vault: Vault,
    now: datetime,
    *,
    scheme: str | None,
    after: tuple[str, str],
    limit: int,
) -> list[CertificateEntry]:
    """Give certificates by number, those behind a number and scheme; ("", "") from the start."""
    number, after_scheme = after
    found = register(
        session, now, scheme=scheme, after=number, after_scheme=after_scheme, limit=limit
    )
    return certificate_entries(session, vault, found)


def certificate_entries(
    session: Session, vault: Vault, certificates: Sequence[Certificate]
) -> list[CertificateEntry]:
    """Give certificates as strangers see them, with one question a noun for all of them."""
    around = _Around(
        names=NameBook(session, vault),
        products=_products(session, certificates),
        bases=_bases(session, vault, certificates),
        links=log_links(session, [id for each in certificates for id in each.payload_ids]),
    )
    return [_entry(each, around) for each in certificates]


@dataclass(frozen=True)
class _Around:
    """What the entries of one page name."""

    names: NameBook
    products: Mapping[str, NamedProduct]
    bases: Mapping[str, NamedBase]
    links: Mapping[str, LogLink]


def _products(session: Session, certificates: Iterable[Certificate]) -> Mapping[str, NamedProduct]:
    ids = {product for each in certificates for product in each.products}
    found = session.scalars(select(Product).where(Product.id.in_(id_list(session, ids))))
    return {row.id: NamedProduct(row.id, row.code, row.name_zh, row.name_en) for row in found}


def _bases(
    session: Session, vault: Vault, certificates: Iterable[Certificate]
) -> Mapping[str, NamedBase]:
    ids = {base for each in certificates for base in each.bases}
    if not ids:
        return {}
    rows = session.scalars(
        select(ProductionBase).where(ProductionBase.id.in_(id_list(session, ids)))
    )
    return {
        each.id: NamedBase(each.id, each.name_zh, each.name_en, each.place_zh)
        for each in base_entries(session, vault, rows)
    }


def _entry(certificate: Certificate, around: _Around) -> CertificateEntry:
    quota, scheme = certificate.quota, certificate.scheme
    words, colour = STATE_WORDS[certificate.status.state]
    bounded = quota.unit is not None
    holder_zh, holder_en = around.names.of(certificate.holder)
    body_zh, body_en = around.names.of(certificate.body)
    return CertificateEntry(
        number=certificate.number,
        scheme=scheme.code,
        scheme_zh=scheme.name.zh,
        scheme_en=scheme.name.en,
        document_zh=scheme.document.zh,
        document_en=scheme.document.en,
        holder=certificate.holder,
        holder_zh=holder_zh,
        holder_en=holder_en,
        products=_named(around.products, certificate.products),
        bases=_named(around.bases, certificate.bases),
        from_date=certificate.from_date,
        to_date=certificate.to_date,
        confirm_by=certificate.confirm_by,
        mark_from=_mark_from(certificate),
        basis=certificate.basis,
        body=certificate.body,
        body_zh=body_zh,
        body_en=body_en,
        state=certificate.status.state.value,
        state_zh=words.zh,
        state_en=words.en,
        colour=colour,
        unit=quota.unit,
        granted=quota.granted,
        printed=quota.printed if bounded else None,
        void=quota.void if bounded else None,
        left=quota.left,
        history=tuple(_history(certificate, around)),
    )


def _named(known: Mapping[str, Item], ids: Iterable[str]) -> tuple[Item, ...]:
    return tuple(known[each] for each in ids if each in known)


def _mark_from(certificate: Certificate) -> date | None:
    """The latest first day of the mark that any decision set, as the log says it."""
    days = [
        item.mark_from
        for version in certificate.versions
        for item in version.scope or ()
        if item.mark_from is not None
    ]
    return max(days, default=None)


def _history(certificate: Certificate, around: _Around) -> list[DecisionEntry]:
    changed: dict[int, list[ChangedField]] = {}
    for each in field_history(certificate):
        if each.kind is not ChangeKind.GRANT:
            changed.setdefault(each.n, []).append(_changed(each))
    decisions = zip(certificate.history.changes, certificate.payload_ids, strict=True)
    return [
        DecisionEntry(
            n=change.n,
            kind=change.kind.value,
            kind_zh=CHANGE_WORDS[change.kind].zh,
            kind_en=CHANGE_WORDS[change.kind].en,
            effective_at=change.effective_at,
            recorded_at=change.recorded_at,
            annuls=change.annuls,
            successor=change.successor,
            changed=tuple(changed.get(change.n, ())),
            log=around.links[payload_id],
        )
        for change, payload_id in decisions
    ]


def _changed(change: FieldChange) -> ChangedField:
    words = FIELD_WORDS[change.field]
    if change.field == "granted":
        told = (*_quantity(change.before), *_quantity(change.after))
    elif change.field in _SHOWN_AS_THEY_ARE:
        before, after = change.before or "", change.after or ""
        told = (before, before, after, after)
    else:
        told = ("", "", "", "")
    return ChangedField(change.field, words.zh, words.en, *told)


def _quantity(text: str | None) -> tuple[str, str]:
    """A quantity in both languages."""
    if text is None:
        return "", ""
    count, _, unit = text.partition(" ")
    kind: Kind = "mass" if unit == "mg" else "pieces"
    return show(kind, int(count), "zh"), show(kind, int(count), "en")
