"""Use cases of print permits: open, move, freeze, thaw, close.

Each locks the certificate's guard first (`certification.quotas.service`), so that a freeze and a
print run of the same permit follow one another and never overlap. All are decisions of the office
and signed by it; nobody decides about their own permit or certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from certification.certificates.model import require_usable
from certification.certificates.register import Certificate, find
from certification.permits import model
from certification.permits.entries import CLOSE, FREEZE, MOVE, OPEN, THAW
from certification.permits.model import PermitDeed, PermitState
from certification.permits.register import Permit, certificate_of, find_permit
from certification.permits.tables import PermitDeedRow, PermitNumbers, PermitRow
from certification.quotas import service as quotas
from certification.quotas.model import Account, read_units
from certification.quotas.office import check_asking, check_office, signer_of
from certification.refusals import CertificationRefusal
from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.parties.service import find_party
from identity.refusals import IdentityRefusal
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.ids import new_id
from runtime.refusal import refuse
from runtime.strict_json import Json


@dataclass(frozen=True)
class OpenPermit:
    """Hand so much of a certificate's quantity to a packing house.

    `quantity` and `unit` are as typed. `product` and `season` name the line of a certificate whose
    grant has lines; `case_id` the case whose decision this is (committed, never public).
    """

    cert_id: str
    holder: str
    quantity: str
    unit: str
    reason: str
    product: str | None = None
    season: str = ""
    document: str | None = None
    case_id: str | None = None


@dataclass(frozen=True)
class MovePermit:
    """Hand so much of one permit (number or id) on to another of the same account."""

    permit: str
    to: str
    quantity: str
    unit: str
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class ChangePermit:
    """Freeze, thaw or close a permit (number or id)."""

    permit: str
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class PermitChanged:
    """A permit after something was done about it: own state, and what it leaves in whole `unit`."""

    permit_id: str
    number: str
    cert_id: str
    state: str
    unit: str
    left: int
    payload_id: str


@dataclass(frozen=True)
class _Deed:
    """What is written down of every deed."""

    deed: PermitDeed
    reason: str
    document: str | None
    units: int | None = None
    taker: str | None = None
    typed: tuple[str, str] | None = None


def open_permit(work: Work, command: OpenPermit, actor: Actor, now: datetime) -> PermitChanged:
    """Open a permit and hand it its quantity; its number is made by the scheme's rule.

    Raises Refusal: those of `quotas.office`, CERTIFICATE_UNKNOWN, the state of
    the certificate, PARTY_UNKNOWN, LINE_UNKNOWN, those of `read_units`, OVER_ACCOUNT_*.
    """
    check_asking(actor, command.reason, command.document)
    quotas.lock(work, [command.cert_id])
    certificate = find(work, command.cert_id, now, now)
    holders, scheme = (certificate.holder, command.holder), certificate.scheme.code
    check_office(work, actor, scheme, holders, now, case_id=command.case_id)
    require_usable(certificate.status)
    if find_party(work, command.holder) is None:
        refuse(IdentityRefusal.PARTY_UNKNOWN, "/holder")
    root, season = _root_for(work, command)
    units = read_units(command.quantity, command.unit, root.unit)
    permit_id = new_id("prmt", work.randomness)
    giver, opened = quotas.open_below(work, root.account_id, permit_id, units)
    row = PermitRow(
        permit_id=permit_id,
        number=_next_number(work, certificate, now),
        cert_id=certificate.cert_id,
        root=root.account_id,
        holder=command.holder,
        case_id=command.case_id,
    )
    typed = (command.quantity, command.unit)
    deed = _Deed(PermitDeed.OPEN, command.reason, command.document, units, None, typed)
    facts = _quantity(certificate.number, row.number, opened, units) | {
        "left": opened.left,
        "from_left": giver.left,
    }
    if season:
        facts["season"] = season
    streams = {certificate.cert_id, root.account_id, permit_id}
    secret: dict[str, Json] = {"holder": command.holder, "case": command.case_id}
    row.payload_id = _log(work, OPEN, streams, facts, secret, deed, row.holder, actor, now)
    work.add(row)
    work.flush()
    return _done(work, row, deed, 1, PermitState.OPEN, opened, row.payload_id, actor, now)


def move_permit(work: Work, command: MovePermit, actor: Actor, now: datetime) -> PermitChanged:
    """Hand so much of a permit on to another one; gives the permit that gave.

    Raises Refusal: those of `quotas.office`, PERMIT_UNKNOWN, those of
    `check_move`, the state of the certificate, those of `read_units`, OVER_ACCOUNT_*.
    """
    check_asking(actor, command.reason, command.document)
    giver, taker = _locked_pair(work, command, now)
    certificate = find(work, giver.cert_id, now, now)
    holders = (certificate.holder, giver.holder, taker.holder)
    check_office(work, actor, certificate.scheme.code, holders, now)
    model.check_move(giver.standing, taker.standing)
    require_usable(certificate.status)
    units = read_units(command.quantity, command.unit, giver.account.unit)
    given, taken = quotas.move(work, giver.permit_id, taker.permit_id, units)
    typed = (command.quantity, command.unit)
    deed = _Deed(PermitDeed.MOVE, command.reason, command.document, units, taker.permit_id, typed)
    facts = _quantity(certificate.number, giver.number, given, units) | {
        "to": taker.number,
        "left": given.left,
        "to_left": taken.left,
    }
    streams = {certificate.cert_id, giver.permit_id, taker.permit_id}
    payload_id = _log(work, MOVE, streams, facts, {}, deed, giver.holder, actor, now)
    return _done_again(work, giver, deed, given, payload_id, actor, now)


def freeze_permit(work: Work, command: ChangePermit, actor: Actor, now: datetime) -> PermitChanged:
    """Stop printing under a permit. Raises Refusal: as `close_permit`, PERMIT_FROZEN."""
    permit, number = _locked_permit(work, command, actor, now)
    model.check_freeze(permit.standing)
    return _change(work, permit, number, PermitDeed.FREEZE, command, actor, now)


def thaw_permit(work: Work, command: ChangePermit, actor: Actor, now: datetime) -> PermitChanged:
    """End a freeze. Raises Refusal: as `close_permit`, PERMIT_NOT_FROZEN."""
    permit, number = _locked_permit(work, command, actor, now)
    model.check_thaw(permit.standing)
    return _change(work, permit, number, PermitDeed.THAW, command, actor, now)


def close_permit(work: Work, command: ChangePermit, actor: Actor, now: datetime) -> PermitChanged:
    """Close a permit for good; what it had left goes back to the account that it came from.

    Allowed in every state of the certificate. Raises Refusal: those of
    `quotas.office`, PERMIT_UNKNOWN, PERMIT_CLOSED.
    """
    permit, number = _locked_permit(work, command, actor, now)
    model.check_close(permit.standing)
    units = permit.account.left
    closed, taker = quotas.close(work, permit.permit_id)
    deed = _Deed(PermitDeed.CLOSE, command.reason, command.document, units)
    facts = _quantity(number, permit.number, closed, units) | {"to_left": taker.left}
    streams = {permit.cert_id, taker.account_id, permit.permit_id}
    payload_id = _log(work, CLOSE, streams, facts, {}, deed, permit.holder, actor, now)
    return _done_again(work, permit, deed, closed, payload_id, actor, now)


def _change(
    work: Work,
    permit: Permit,
    number: str,
    kind: PermitDeed,
    command: ChangePermit,
    actor: Actor,
    now: datetime,
) -> PermitChanged:
    deed = _Deed(kind, command.reason, command.document)
    facts: dict[str, Json] = {"number": number, "permit": permit.number}
    type = FREEZE if kind is PermitDeed.FREEZE else THAW
    streams = {permit.cert_id, permit.permit_id}
    payload_id = _log(work, type, streams, facts, {}, deed, permit.holder, actor, now)
    return _done_again(work, permit, deed, permit.account, payload_id, actor, now)


def _locked_permit(
    work: Work, command: ChangePermit, actor: Actor, now: datetime
) -> tuple[Permit, str]:
    """Check who asks, lock the permit's certificate; gives the permit and that one's number."""
    check_asking(actor, command.reason, command.document)
    cert_id = certificate_of(work, command.permit)
    quotas.lock(work, [cert_id])
    permit = find_permit(work, command.permit, now)
    certificate = find(work, cert_id, now, now)
    holders = (certificate.holder, permit.holder)
    check_office(work, actor, certificate.scheme.code, holders, now)
    return permit, certificate.number


def _locked_pair(work: Work, command: MovePermit, now: datetime) -> tuple[Permit, Permit]:
    """Lock the certificates of both permits, in order of id, then read both."""
    cert_ids = {certificate_of(work, each) for each in (command.permit, command.to)}
    quotas.lock(work, cert_ids)
    return find_permit(work, command.permit, now), find_permit(work, command.to, now)


def _root_for(work: Work, command: OpenPermit) -> tuple[Account, str]:
    """The account that gives, and its season: the line that was named, else the certificate's."""
    lines = quotas.lines(work, [command.cert_id])[command.cert_id]
    accounts = {
        each.account_id: each for each in quotas.accounts(work, [command.cert_id])[command.cert_id]
    }
    if not lines and not command.season:
        return accounts[command.cert_id], ""
    for line in lines:
        if (line.product, line.season) == (command.product, command.season):
            return accounts[line.line_id], line.season
    return refuse(CertificationRefusal.LINE_UNKNOWN, "/product")


def _next_number(work: Work, certificate: Certificate, now: datetime) -> str:
    """The next number of the scheme's permits in this Beijing year."""
    template = certificate.scheme.permit_template
    if template is None:
        refuse(CertificationRefusal.QUANTITY_NOT_BOUNDED, "/quantity")
    year = beijing_date(now).year
    # The row exists before it is locked, or two first offices would not meet on it.
    key = {"scheme": certificate.scheme.code, "year": year}
    insert_unless_there(work, PermitNumbers, {**key, "newest": 0})
    query = select(PermitNumbers).filter_by(**key).with_for_update()
    row = work.scalars(query.execution_options(populate_existing=True)).one()
    row.newest += 1
    work.flush()
    return template.format(year=year, serial=row.newest)


def _quantity(number: str, permit: str, account: Account, units: int) -> dict[str, Json]:
    return {"number": number, "permit": permit, "unit": account.unit, "units": units}


def _log(
    work: Work,
    type: str,
    streams: set[str],
    facts: dict[str, Json],
    more: dict[str, Json],
    deed: _Deed,
    holder: str,
    actor: Actor,
    now: datetime,
) -> str:
    value, unit = deed.typed or (None, None)
    committed: dict[str, Json] = {
        **more,
        "typed_value": value,
        "typed_unit": unit,
        "office": actor.party,
        "document": deed.document,
        "reason": deed.reason,
    }
    draft = Draft(type, tuple(sorted(streams)), now, facts, (Secret("record", committed, holder),))
    return record(work, draft, signer_of(work, actor), now).payload_id


def _done_again(
    work: Work,
    permit: Permit,
    deed: _Deed,
    account: Account,
    payload_id: str,
    actor: Actor,
    now: datetime,
) -> PermitChanged:
    row = work.get_one(PermitRow, permit.permit_id)
    state = model.state_after([*(each.deed for each in permit.deeds), deed.deed])
    n = len(permit.deeds) + 1
    return _done(work, row, deed, n, state, account, payload_id, actor, now)


def _done(
    work: Work,
    row: PermitRow,
    deed: _Deed,
    n: int,
    state: PermitState,
    account: Account,
    payload_id: str,
    actor: Actor,
    now: datetime,
) -> PermitChanged:
    value, unit = deed.typed or (None, None)
    work.add(
        PermitDeedRow(
            permit_id=row.permit_id,
            n=n,
            deed=deed.deed.value,
            done_at=now,
            units=deed.units,
            taker=deed.taker,
            typed_value=value,
            typed_unit=unit,
            office=actor.party,
            document=deed.document,
            reason=deed.reason,
            payload_id=payload_id,
        )
    )
    work.flush()
    return PermitChanged(
        row.permit_id, row.number, row.cert_id, state.value, account.unit or "", account.left,
        payload_id,
    )  # fmt: skip
