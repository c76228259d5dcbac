"""Issues papers: draws a certificate as it is now, seals it, enters its digest in the log.

A paper is issued while the certificate is in force or will be; one that has ended, is suspended or
was annulled gets none. What the paper says stays what was on record then; its QR code leads to
`{base_url}/registry/certificates/{number}`, where the present state stands.

Who may: the office or body, and the holder itself.

Refused: CERTIFICATE_UNKNOWN, NOT_ALLOWED, CERTIFICATE_SUSPENDED and the like, SEAL_KEY_MISSING;
reading a paper: PAPER_UNKNOWN, PAPER_LOST.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.model import State, require_usable
from certification.certificates.register import Certificate, fields_at, find
from certification.papers.drawing import Face, draw
from certification.papers.entries import ISSUE
from certification.papers.seals import PaperCheck, as_utc, check, load_seal, read_anchors, seal
from certification.papers.tables import PaperRow
from certification.quotas import service as quotas
from certification.refusals import CertificationRefusal
from certification.schemes.model import Words
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from identity.roles import Role, require_role
from ledger.errors import OpeningBroken
from ledger.openings.service import keep_document, read_document
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import refuse
from runtime.typesetting import find_font
from runtime.vault import Vault

__all__ = [
    "IssuePaper", "IssuedPaper", "NamedSubject", "Paper", "PaperCheck", "check", "find_digest",
    "issue", "papers_of", "read_anchors", "read_paper",
]  # fmt: skip


@dataclass(frozen=True)
class NamedSubject:
    """The names of a product, a base or a body, by its id."""

    subject: str
    zh: str
    en: str


@dataclass(frozen=True)
class IssuePaper:
    """Issue a paper of a certificate.

    The names of holder, products, bases and body come from whoever may ask their areas;
    `holder_code` is the credit code of an organisation, None for a person. `base_url` and `demo`
    are the node's settings.
    """

    cert_id: str
    base_url: str
    demo: bool
    holder: NamedSubject
    holder_code: str | None
    names: tuple[NamedSubject, ...]


@dataclass(frozen=True)
class IssuedPaper:
    """A paper that was issued; `missing` are characters that the font lacks."""

    paper_id: str
    cert_id: str
    digest: str
    payload_id: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """A paper on record; `digest` is the SHA-256 of the file in hexadecimal."""

    paper_id: str
    cert_id: str
    n: int
    digest: str
    size_bytes: int
    issued_at: datetime
    payload_id: str


def issue(work: Work, command: IssuePaper, actor: Actor, now: datetime) -> IssuedPaper:
    """Issue a paper. Raises Refusal as the module says, and FontMissing."""
    quotas.lock(work, [command.cert_id])
    certificate = find(work, command.cert_id, now, now)
    if actor.party != certificate.holder:
        require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    if certificate.status.state is not State.NOT_YET:
        require_usable(certificate.status)
    key = load_seal(work.vault)
    drawn = draw(_face(certificate, command, work.origin, now), find_font())
    pdf = seal(drawn.pdf, key, as_utc(now))
    digest = keep_document(work, pdf, certificate.holder)
    row = _row(work, certificate, digest, len(pdf), actor, now)
    work.add(row)
    work.flush()
    return IssuedPaper(row.paper_id, row.cert_id, digest, row.payload_id, drawn.missing)


def _row(
    work: Work, certificate: Certificate, digest: str, size_bytes: int, actor: Actor, now: datetime
) -> PaperRow:
    paper_id, n = new_id("papr", work.randomness), len(certificate.history.changes)
    secret = {
        "certificate": certificate.cert_id,
        "n": n,
        "digest": digest,
        "size_bytes": size_bytes,
        "office": actor.party,
    }
    draft = Draft(ISSUE, (paper_id,), now, {}, (Secret("record", secret, certificate.holder),))
    # A holder that fetches its own paper does not sign for the office; the platform does.
    own = actor.party is None or actor.party == certificate.holder
    signer = operator_signer(work) if own else signer_for(work, str(actor.party))
    return PaperRow(
        paper_id=paper_id,
        cert_id=certificate.cert_id,
        n=n,
        digest=digest,
        size_bytes=size_bytes,
        issued_at=now,
        office=actor.party,
        payload_id=record(work, draft, signer, now).payload_id,
    )


def _face(certificate: Certificate, command: IssuePaper, origin: str, now: datetime) -> Face:
    scheme, fields = certificate.scheme, fields_at(certificate, now, now)
    names = {each.subject: Words(each.zh, each.en) for each in command.names}
    body = None if certificate.body is None else names.get(certificate.body)
    days = [item.mark_from for item in fields.scope if item.mark_from is not None]
    return Face(
        address=f"{command.base_url}/registry/certificates/{certificate.number}",
        origin=origin,
        number=certificate.number,
        name=scheme.name,
        document=scheme.document,
        office=scheme.office,
        statement=Words(scheme.statement("zh"), scheme.statement("en")),
        holder=Words(command.holder.zh, command.holder.en),
        holder_code=command.holder_code,
        products=_named(certificate.products, names),
        bases=_named(certificate.bases, names),
        from_date=certificate.from_date,
        to_date=certificate.to_date,
        confirm_by=certificate.confirm_by,
        mark_from=max(days, default=None),
        granted=certificate.quota.granted,
        unit=certificate.quota.unit,
        body=body,
        issued_at=as_utc(now),
        demo=command.demo,
    )


def _named(subjects: Sequence[str], names: Mapping[str, Words]) -> tuple[Words, ...]:
    """The names of what is in scope; an id stands for a name that is not known any more."""
    return tuple(names.get(subject, Words(subject, "")) for subject in subjects)


def papers_of(session: Session, cert_id: str) -> tuple[Paper, ...]:
    """The papers of a certificate, the newest first."""
    query = select(PaperRow).where(PaperRow.cert_id == cert_id)
    return tuple(map(_paper, session.scalars(query.order_by(PaperRow.issued_at.desc()))))


def find_digest(session: Session, digest: str) -> Paper | None:
    """The paper with this SHA-256, None where this node never issued it."""
    row = session.scalar(select(PaperRow).where(PaperRow.digest == digest).limit(1))
    return None if row is None else _paper(row)


def read_paper(session: Session, vault: Vault, paper_id: str) -> bytes:
    """The file of a paper; refuses PAPER_UNKNOWN, and PAPER_LOST where it was erased or damaged."""
    row = session.get(PaperRow, paper_id)
    if row is None:
        refuse(CertificationRefusal.PAPER_UNKNOWN)
    at = row.issued_at
    holder = find(session, row.cert_id, at, at).holder
    try:
        content = read_document(session, vault, row.digest, holder)
    except OpeningBroken:
        refuse(CertificationRefusal.PAPER_LOST)
    if content is None or sha256(content).hexdigest() != row.digest:
        refuse(CertificationRefusal.PAPER_LOST)
    return content


def _paper(row: PaperRow) -> Paper:
    return Paper(
        paper_id=row.paper_id,
        cert_id=row.cert_id,
        n=row.n,
        digest=row.digest,
        size_bytes=row.size_bytes,
        issued_at=row.issued_at,
        payload_id=row.payload_id,
    )
