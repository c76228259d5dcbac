"""The search index of the public register, kept in step with decisions about certificates.

Certification knows the holder, the number and the state; names of products and brands and the
places of bases are trace's. This workflow brings them together, in the transaction of every
decision (`index_certificate`), or for all certificates in portions (`rebuild_search`).

Of a natural person's bases nothing below the town is indexed, because village and field would tell
whose they are; the name is left out by `certification.search`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.cases.register import answers_of, read_case
from certification.certificates.register import Certificate, find
from certification.certificates.tables import CertificateRow, ChangeRow
from certification.search import service
from certification.search.model import SearchEntry
from certification.search.service import Indexed
from certification.search.targets import choices_counted
from identity.actor import Actor
from identity.parties.service import find_party
from identity.roles import Role, require_role
from ledger.work import Work
from runtime.id_list import id_list
from runtime.vault import Vault
from trace.bases.tables import ProductionBase
from trace.brands.tables import Brand
from trace.products.tables import Product

PORTION = 200
_TOWN_DIGITS = 9


def index_certificate(work: Work, cert_id: str, now: datetime) -> Indexed:
    """Put a certificate as it is by now into the search index; for every decision about it."""
    return service.index(work, entry_of(work, work.vault, cert_id, now), now)


def entry_of(session: Session, vault: Vault, cert_id: str, now: datetime) -> SearchEntry:
    """What strangers may look for beside the certificate itself. Raises CERTIFICATE_UNKNOWN."""
    certificate = find(session, cert_id, now, now)
    named = select(Product).where(Product.id.in_(id_list(session, certificate.products)))
    products = list(session.scalars(named.order_by(Product.id)))
    brands = _brands(session, {each.brand_id for each in products if each.brand_id is not None})
    names = [name for each in products for name in (each.name_zh, each.name_en, each.code)]
    names += [name for each in brands for name in (each.name_zh, each.name_en, each.code)]
    return SearchEntry(
        cert_id=cert_id,
        names=tuple(dict.fromkeys(filter(None, names))),
        regions=tuple(_regions(session, certificate, products)),
        choices=tuple(_choices(session, vault, cert_id)),
    )


def _brands(session: Session, ids: Iterable[str]) -> list[Brand]:
    listed = select(Brand).where(Brand.id.in_(id_list(session, ids)))
    return list(session.scalars(listed.order_by(Brand.id)))


def _regions(
    session: Session, certificate: Certificate, products: Iterable[Product]
) -> Iterable[str]:
    named = select(ProductionBase).where(ProductionBase.id.in_(id_list(session, certificate.bases)))
    bases = [(each.region, each.owner_id) for each in session.scalars(named)]
    found = bases + [(each.region, each.owner_id) for each in products if each.region]
    for region, owner in found:
        party = find_party(session, owner)
        natural = party is None or party.natural
        yield region[:_TOWN_DIGITS] if natural else region


def _choices(session: Session, vault: Vault, cert_id: str) -> Iterable[tuple[str, str]]:
    """What the granted application chose in the fields that statistics count, where it is held."""
    query = select(ChangeRow.case_id).filter_by(cert_id=cert_id, n=1)
    case_id = session.scalar(query)
    if case_id is None:
        return
    answers = answers_of(session, vault, read_case(session, case_id))
    for key in sorted(choices_counted() & answers.keys()):
        yield key, answers[key].value


@dataclass(frozen=True)
class RebuildSearch:
    """Index the next `size` certificates behind the cursor `after` (an id, or "")."""

    after: str = ""
    size: int = PORTION


@dataclass(frozen=True)
class Rebuilt:
    """How many certificates a portion indexed; `after` is the next cursor, None at the end."""

    indexed: int
    after: str | None


def rebuild_search(work: Work, command: RebuildSearch, actor: Actor, now: datetime) -> Rebuilt:
    """Index a portion of all certificates anew. Raises Refusal NOT_ALLOWED.

    Whoever repeats it from the start until `after` is None has made the whole index anew; nothing
    is locked meanwhile but what a portion holds.
    """
    require_role(actor, Role.ADMIN)
    query = select(CertificateRow.cert_id).where(CertificateRow.cert_id > command.after)
    ids = list(work.scalars(query.order_by(CertificateRow.cert_id).limit(command.size)))
    for cert_id in ids:
        index_certificate(work, cert_id, now)
    return Rebuilt(len(ids), ids[-1] if len(ids) == command.size else None)
