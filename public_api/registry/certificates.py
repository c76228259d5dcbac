"""The public register of certificates and licences: state now, quantity, history with entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from certification.certificates.model import ChangeKind, State
from certification.certificates.register import Certificate, find_number, register
from identity.parties.service import party_name
from public_api.registry.log_links import LogLink, log_links
from runtime.quantities import show
from runtime.vault import Vault
from trace.products.service import find_product
from web.language import Words

STATE_WORDS: dict[State, tuple[Words, str]] = {
    State.ACTIVE: (Words("有效", "Valid"), "green"),
    State.SUSPENDED: (Words("暂停", "Suspended"), "red"),
    State.REVOKED: (Words("撤销", "Revoked"), "red"),
    State.EXPIRED: (Words("到期", "Ended"), "red"),
    State.NOT_YET: (Words("尚未开始", "Not yet begun"), "amber"),
    State.ANNULLED: (Words("已更正为无效", "Declared void"), "red"),
    State.UNKNOWN: (Words("没有登记", "Not on record"), "amber"),
}
CHANGE_WORDS: dict[ChangeKind, Words] = {
    ChangeKind.GRANT: Words("发证", "Granted"),
    ChangeKind.SUSPEND: Words("暂停", "Suspended"),
    ChangeKind.RESUME: Words("恢复", "Resumed"),
    ChangeKind.REVOKE: Words("撤销", "Revoked"),
    ChangeKind.ANNUL: Words("更正", "Corrected"),
}


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
    log: LogLink


@dataclass(frozen=True)
class NamedProduct:
    """A product that a certificate names."""

    id: str
    code: str
    name_zh: str
    name_en: str


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
    from_date: date
    to_date: date | None
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


def find_certificate(
    session: Session, vault: Vault, number: str, now: datetime
) -> CertificateEntry:
    """Give a certificate by its number. Raises Refusal CERTIFICATE_UNKNOWN."""
    return _entry(session, vault, find_number(session, number, now, now))


def list_certificates(
    session: Session, vault: Vault, now: datetime, *, scheme: str | None, after: str, limit: int
) -> list[CertificateEntry]:
    """Give certificates by number, those after a number."""
    found = register(session, now, scheme=scheme, after=after, limit=limit)
    return [_entry(session, vault, each) for each in found]


def _entry(session: Session, vault: Vault, certificate: Certificate) -> CertificateEntry:
    quota, scheme = certificate.quota, certificate.scheme
    words, colour = STATE_WORDS[certificate.status.state]
    bounded = quota.unit is not None
    return CertificateEntry(
        number=certificate.number,
        scheme=scheme.code,
        scheme_zh=scheme.name.zh,
        scheme_en=scheme.name.en,
        document_zh=scheme.document.zh,
        document_en=scheme.document.en,
        holder=certificate.holder,
        holder_zh=party_name(session, vault, certificate.holder, "zh"),
        holder_en=party_name(session, vault, certificate.holder, "en"),
        products=tuple(_products(session, certificate)),
        from_date=certificate.from_date,
        to_date=certificate.to_date,
        state=certificate.status.state.value,
        state_zh=words.zh,
        state_en=words.en,
        colour=colour,
        unit=quota.unit,
        granted=quota.granted,
        printed=quota.printed if bounded else None,
        void=quota.void if bounded else None,
        left=quota.left,
        history=tuple(_history(session, certificate)),
    )


def _products(session: Session, certificate: Certificate) -> list[NamedProduct]:
    found = (find_product(session, each) for each in certificate.products)
    return [
        NamedProduct(product.id, product.code, product.name_zh, product.name_en)
        for product in found
        if product is not None
    ]


def _history(session: Session, certificate: Certificate) -> list[DecisionEntry]:
    links = log_links(session, certificate.payload_ids)
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
            log=links[payload_id],
        )
        for change, payload_id in decisions
    ]
