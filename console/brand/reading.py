"""What a brand office sees of certificates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate
from certification.certificates.tables import ChangeRow
from console.reading import name_of_party
from trace.labels.tables import LabelRun
from trace.products.tables import Product


@dataclass(frozen=True)
class Listed:
    """A certificate with the names of its holder and of its products."""

    certificate: Certificate
    holder: str
    products: tuple[Product, ...]


def listed(session: Session, certificates: Iterable[Certificate]) -> list[Listed]:
    """Give certificates with the names that people read."""
    return [
        Listed(each, name_of_party(session, each.holder), products_of(session, each))
        for each in certificates
    ]


def products_of(session: Session, certificate: Certificate) -> tuple[Product, ...]:
    """Give the products that a certificate names."""
    found = [session.get(Product, id) for id in certificate.products]
    return tuple(each for each in found if each is not None)


def changes_of(session: Session, cert_id: str) -> list[ChangeRow]:
    """Give the decisions about a certificate, the latest first."""
    query = select(ChangeRow).filter_by(cert_id=cert_id).order_by(ChangeRow.n.desc())
    return list(session.scalars(query))


def runs_under(session: Session, cert_id: str, limit: int = 50) -> list[LabelRun]:
    """Give the print runs that a certificate bounds, the newest first."""
    query = select(LabelRun).filter_by(cert_id=cert_id).order_by(LabelRun.number.desc())
    return list(session.scalars(query.limit(limit)))
