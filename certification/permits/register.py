"""Reading print permits: by number, certificate or holder, with state and balance.

`state` is the permit's own; `usable` also asks whether the certificate is in force at `at`, and is
computed, never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from certification.certificates.register import Certificate, find
from certification.permits.model import (
    FROZEN_WITH_CERTIFICATE,
    STATE_WORDS,
    PermitDeed,
    PermitState,
    Standing,
    state_after,
)
from certification.permits.tables import PermitDeedRow, PermitRow
from certification.quotas import service as quotas
from certification.quotas.model import Account
from certification.refusals import CertificationRefusal
from certification.schemes.model import Words
from runtime.refusal import refuse


@dataclass(frozen=True)
class PermitDone:
    """One thing done about a permit; `taker` is the number of the permit that a move went to."""

    n: int
    deed: PermitDeed
    done_at: datetime
    units: int | None
    taker: str | None
    payload_id: str


@dataclass(frozen=True)
class Permit:
    """A print permit with its account.

    `product` None: any product of the certificate; `season` "": the whole term.
    """

    permit_id: str
    number: str
    cert_id: str
    certificate: str
    holder: str
    root: str
    product: str | None
    season: str
    state: PermitState
    usable: bool
    account: Account
    deeds: tuple[PermitDone, ...]

    @property
    def standing(self) -> Standing:
        """What the rules ask for."""
        return Standing(self.permit_id, self.root, self.state)

    @property
    def words(self) -> Words:
        """The state in words; a permit in use whose certificate is not in force says so."""
        stopped = self.state is PermitState.OPEN and not self.usable
        return FROZEN_WITH_CERTIFICATE if stopped else STATE_WORDS[self.state]


def find_permit(session: Session, number_or_id: str, at: datetime) -> Permit:
    """One permit by its number or id. Raises Refusal PERMIT_UNKNOWN."""
    asked = (PermitRow.number == number_or_id) | (PermitRow.permit_id == number_or_id)
    found = _read(session, asked, at)
    if not found:
        refuse(CertificationRefusal.PERMIT_UNKNOWN)
    return found[0]


@dataclass(frozen=True)
class Named:
    """What printing asks of a permit: its number and its own state."""

    number: str
    standing: Standing


def standing_of(session: Session, permit_id: str) -> Named:
    """Number and state of a permit, with nothing else. Raises Refusal PERMIT_UNKNOWN."""
    row = session.get(PermitRow, permit_id)
    if row is None:
        refuse(CertificationRefusal.PERMIT_UNKNOWN)
    order = select(PermitDeedRow.deed).filter_by(permit_id=permit_id).order_by(PermitDeedRow.n)
    state = state_after(map(PermitDeed, session.scalars(order)))
    return Named(row.number, Standing(permit_id, row.root, state))


def certificate_of(session: Session, number_or_id: str) -> str:
    """The certificate of a permit, which never changes. Raises Refusal PERMIT_UNKNOWN.

    Nothing else is read, so that what is read after locking that certificate is read afresh.
    """
    asked = (PermitRow.number == number_or_id) | (PermitRow.permit_id == number_or_id)
    cert_id = session.scalar(select(PermitRow.cert_id).where(asked))
    return cert_id if cert_id is not None else refuse(CertificationRefusal.PERMIT_UNKNOWN)


def of_certificate(session: Session, cert_id: str, at: datetime) -> tuple[Permit, ...]:
    """All permits under a certificate, by number."""
    return _read(session, PermitRow.cert_id == cert_id, at)


def of_holder(session: Session, holder: str, at: datetime) -> tuple[Permit, ...]:
    """All permits of a packing house, by number."""
    return _read(session, PermitRow.holder == holder, at)


def certificates_with_permits(session: Session, holder: str) -> frozenset[str]:
    """The certificates under which a party holds or held a permit."""
    return frozenset(session.scalars(select(PermitRow.cert_id).where(PermitRow.holder == holder)))


def _read(session: Session, asked: ColumnElement[bool], at: datetime) -> tuple[Permit, ...]:
    rows = list(session.scalars(select(PermitRow).where(asked).order_by(PermitRow.number)))
    cert_ids = {row.cert_id for row in rows}
    certificates = {cert_id: find(session, cert_id, at, at) for cert_id in sorted(cert_ids)}
    trees = quotas.accounts(session, cert_ids)
    accounts = {each.account_id: each for tree in trees.values() for each in tree}
    lines = {
        line.line_id: line for each in quotas.lines(session, cert_ids).values() for line in each
    }
    deeds = _deeds(session, [row.permit_id for row in rows])
    return tuple(
        _permit(
            row,
            certificates[row.cert_id],
            lines.get(row.root),
            accounts[row.permit_id],
            deeds[row.permit_id],
        )
        for row in rows
    )


def _permit(
    row: PermitRow,
    certificate: Certificate,
    line: quotas.Line | None,
    account: Account,
    deeds: tuple[PermitDone, ...],
) -> Permit:
    state = state_after(each.deed for each in deeds)
    return Permit(
        permit_id=row.permit_id,
        number=row.number,
        cert_id=row.cert_id,
        certificate=certificate.number,
        holder=row.holder,
        root=row.root,
        product=None if line is None else line.product,
        season="" if line is None else line.season,
        state=state,
        usable=state is PermitState.OPEN and certificate.status.may_use_mark,
        account=account,
        deeds=deeds,
    )


def _deeds(session: Session, permit_ids: Iterable[str]) -> dict[str, tuple[PermitDone, ...]]:
    wanted = list(permit_ids)
    found: dict[str, list[PermitDone]] = {permit_id: [] for permit_id in wanted}
    taker = select(PermitRow.number).where(PermitRow.permit_id == PermitDeedRow.taker)
    statement = (
        select(PermitDeedRow, taker.scalar_subquery())
        .where(PermitDeedRow.permit_id.in_(wanted))
        .order_by(PermitDeedRow.n)
    )
    for row, number in session.execute(statement):
        deed = PermitDeed(row.deed)
        done = PermitDone(row.n, deed, row.done_at, row.units, number, row.payload_id)
        found[row.permit_id].append(done)
    return {permit_id: tuple(deeds) for permit_id, deeds in found.items()}
