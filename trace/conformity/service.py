"""Issuing and reading certificates of conformity."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.openings.service import open_entry
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import instant_text
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse
from runtime.vault import Vault
from trace.acting import check_acting
from trace.conformity import entries
from trace.conformity.model import TITLE, Fields, LotFacts, faults, lot_faults
from trace.conformity.tables import ConformityCertificate
from trace.lots.service import check_owner, locked_balances, require_lot
from trace.products.service import measured
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from trace.scans.service import bump_lots
from trace.text import clean_text

_TEXTS = {"product_name": 60, "origin": 120, "party_name": 80, "contact": 60}
_SOURCE_MAX = 80


@dataclass(frozen=True)
class IssueConformity:
    """A certificate for a lot by the party that promises; `supersedes` is the one it replaces."""

    owner: str
    lot: str
    fields: Fields
    supersedes: str | None = None


@dataclass(frozen=True)
class ConformityIssued:
    """The new certificate and the log entry that commits to it."""

    id: str
    lot: str
    issued_at: datetime
    payload_id: str


@dataclass(frozen=True)
class Conformity:
    """A certificate as it stands; `record` is None when its opening has been erased.

    `record` has the fields of `Fields` and `issued_at`, with quantity as [value, unit].
    """

    id: str
    lot_id: str
    party_id: str
    style: str
    issued_at: datetime
    payload_id: str
    record: dict[str, Any] | None


def issue(work: Work, command: IssueConformity, actor: Actor, now: datetime) -> ConformityIssued:
    """Issue a certificate for a lot.

    Raises Refusal: LOT_UNKNOWN, NOT_YOURS, QUANTITY_MALFORMED, WRONG_UNIT, text refusals and every
    reason of `faults` and `lot_faults`.
    """
    check_acting(actor, command.owner, Scope.CAPTURE)
    lot = require_lot(work, command.lot, "/lot")
    check_owner(lot.owner_id, command.owner, "/lot")
    fields = _clean(command.fields)
    product = work.get_one(Product, lot.product_id).facts()
    quantity = measured(fields.quantity, product.measure, "/quantity")
    if quantity is None:
        refuse(TraceRefusal.CONFORMITY_FIELD_MISSING, "/quantity")
    # The lot's guard row also keeps two issuers from being the next at once.
    received = locked_balances(work, (lot.id,))[lot.id].received
    newest = newest_row(work, lot.id)
    facts = LotFacts(product.measure, received, newest.id if newest else None)
    against = tuple(lot_faults(facts, quantity.whole(), command.supersedes))
    if against:
        raise Refusal(*against)
    id = new_id("conf", work.randomness)
    payload_id = _log(work, command, fields, id, lot.id, now)
    row = ConformityCertificate(
        id=id,
        lot_id=lot.id,
        n=newest.n + 1 if newest else 1,
        party_id=command.owner,
        style=fields.style,
        issued_at=now,
        payload_id=payload_id,
    )
    work.add(row)
    work.flush()
    bump_lots(work, [lot.id])
    return ConformityIssued(id, lot.id, now, payload_id)


def newest_row(session: Session, lot_id: str) -> ConformityCertificate | None:
    """Give the certificate of a lot that counts, without what it says, or None."""
    query = select(ConformityCertificate).filter_by(lot_id=lot_id)
    return session.scalar(query.order_by(ConformityCertificate.n.desc()).limit(1))


def label_heading(session: Session, lot_id: str | None) -> str:
    """Give what has to be readable beside a code that leads to a lot's certificate, or ""."""
    shown = lot_id is not None and newest_row(session, lot_id) is not None
    return TITLE[0] if shown else ""


def conformity_of_lot(session: Session, vault: Vault, lot_id: str) -> Conformity | None:
    """Give the certificate of a lot that counts, or None."""
    row = newest_row(session, lot_id)
    return None if row is None else _opened(session, vault, row)


def find_conformity(session: Session, vault: Vault, id: str) -> Conformity | None:
    """Give the certificate of this id, whether or not it still counts, or None."""
    row = session.get(ConformityCertificate, id)
    return None if row is None else _opened(session, vault, row)


def _clean(fields: Fields) -> Fields:
    """Give the fields without idle spaces; raise what is wrong with them."""
    reasons = tuple(faults(fields))
    if reasons:
        raise Refusal(*reasons)
    texts = {
        name: clean_text(getattr(fields, name), limit, f"/{name}") for name, limit in _TEXTS.items()
    }
    sources = tuple(
        clean_text(source, _SOURCE_MAX, f"/sources/{i}") for i, source in enumerate(fields.sources)
    )
    return Fields(
        quantity=fields.quantity,
        basis=tuple(sorted(fields.basis)),
        style=fields.style,
        sources=sources,
        **texts,
    )


def _log(
    work: Work, command: IssueConformity, fields: Fields, id: str, lot_id: str, now: datetime
) -> str:
    value = {
        **asdict(fields),
        "id": id,
        "lot": lot_id,
        "owner": command.owner,
        "issued_at": instant_text(now),
        "supersedes": command.supersedes,
    }
    secret = Secret("record", value, command.owner)
    draft = Draft(entries.ISSUE, (lot_id,), now, {}, (secret,))
    return record(work, draft, signer_for(work, command.owner), now).payload_id


def _opened(session: Session, vault: Vault, row: ConformityCertificate) -> Conformity:
    opened = open_entry(session, vault, row.payload_id).get("record")
    record: Any = None if opened is None else opened.value
    return Conformity(
        row.id, row.lot_id, row.party_id, row.style, row.issued_at, row.payload_id, record
    )
