"""Issuing the paper of a certificate: certification draws it, other areas know the names on it.

The paper of a natural person bears the full name, as a certificate does; it is sealed under the
person's key and given to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from certification.certificates.register import Certificate, find
from certification.papers.service import IssuedPaper, IssuePaper, NamedSubject, issue
from identity.actor import Actor
from identity.parties.service import get_party, party_contact, party_name
from ledger.work import Work
from trace.bases.tables import ProductionBase
from trace.products.service import find_product


@dataclass(frozen=True)
class IssueCertificatePaper:
    """Issue a paper of a certificate; `base_url` and `demo` are the node's settings."""

    cert_id: str
    base_url: str
    demo: bool


def issue_paper(
    work: Work, command: IssueCertificatePaper, actor: Actor, now: datetime
) -> IssuedPaper:
    """Issue a paper. Raises Refusal: those of `certification.papers.service`."""
    certificate = find(work, command.cert_id, now, now)
    party = get_party(work, certificate.holder)
    asked = IssuePaper(
        cert_id=command.cert_id,
        base_url=command.base_url,
        demo=command.demo,
        holder=_holder(work, certificate.holder),
        holder_code=None if party.natural else party.code,
        names=tuple(_names(work, certificate)),
    )
    return issue(work, asked, actor, now)


def _holder(work: Work, party: str) -> NamedSubject:
    contact = party_contact(work, work.vault, party)
    if contact is not None:
        return NamedSubject(party, contact.name_zh, contact.name_en or "")
    return _party(work, party)


def _party(work: Work, party: str) -> NamedSubject:
    zh, en = (party_name(work, work.vault, party, lang) for lang in ("zh", "en"))
    return NamedSubject(party, zh, en)


def _names(work: Work, certificate: Certificate) -> Iterator[NamedSubject]:
    for subject in certificate.products:
        product = find_product(work, subject)
        if product is not None:
            yield NamedSubject(subject, product.name_zh, product.name_en)
    for subject in certificate.bases:
        base = work.get(ProductionBase, subject)
        if base is not None:
            yield NamedSubject(subject, base.name_zh, base.name_en)
    if certificate.body is not None:
        yield _party(work, certificate.body)
