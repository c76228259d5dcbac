"""The electronic 承诺达标合格证: what its page shows.

The Order wants name and phone of the promising party on the certificate itself. Of a natural person
both are masked until the reader taps, and no machine gets them: the page is `noindex`, and its JSON
has the masked ones only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.parties.service import get_party
from public_api.registry.log_links import LogLink, log_links
from runtime.refusal import refuse
from runtime.vault import Vault
from trace.conformity.model import BASIS_WORDS, PROMISES, STYLE_WORDS, Basis, Style, masked
from trace.conformity.service import Conformity, find_conformity, newest_row
from trace.lots.tables import Lot
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from web.language import Words


@dataclass(frozen=True)
class ConformityEntry:
    """A certificate of conformity as strangers see it.

    `counts` is False for one that a newer one has replaced. `erased` says that what it said has
    been erased by law; the other fields are then empty. Party and contact are masked for natural
    persons.
    """

    id: str
    lot: str
    lot_path: str
    counts: bool
    erased: bool
    natural: bool
    style_zh: str
    style_en: str
    promise_zh: tuple[str, ...]
    promise_en: tuple[str, ...]
    basis_zh: tuple[str, ...]
    basis_en: tuple[str, ...]
    product_name: str
    quantity: str
    origin: str
    party_zh: str
    party_en: str
    contact: str
    issued_at: datetime
    sources: tuple[str, ...]
    log: LogLink


@dataclass(frozen=True)
class OnTap:
    """What a tap shows: the promising party's full name and contact; never part of JSON."""

    party_name: str
    contact: str


def find_conformity_entry(session: Session, vault: Vault, id: str) -> tuple[ConformityEntry, OnTap]:
    """Give a certificate and what a tap shows. Raises Refusal CONFORMITY_UNKNOWN."""
    found = find_conformity(session, vault, id)
    if found is None:
        refuse(TraceRefusal.CONFORMITY_UNKNOWN)
    record: dict[str, Any] = found.record or {}
    full = OnTap(str(record.get("party_name", "")), str(record.get("contact", "")))
    return _entry(session, found, record), full


def _entry(session: Session, found: Conformity, record: dict[str, Any]) -> ConformityEntry:
    lot = session.get_one(Lot, found.lot_id)
    product = session.get_one(Product, lot.product_id)
    party = get_party(session, found.party_id)
    newest = newest_row(session, lot.id)
    style, promise = STYLE_WORDS[Style(found.style)], PROMISES[Style(found.style)]
    basis = [Words(*BASIS_WORDS[Basis(each)]) for each in record.get("basis", ())]
    said = {name: str(record.get(name, "")) for name in ("party_name", "contact")}
    shown = {lang: masked(said, party.kind, lang) if record else ("", "") for lang in ("zh", "en")}
    return ConformityEntry(
        id=found.id,
        lot=lot.code,
        lot_path=f"/{product.facts().path}/10/{lot.code}",
        counts=newest is not None and newest.id == found.id,
        erased=not record,
        natural=party.natural,
        style_zh=style[0],
        style_en=style[1],
        promise_zh=promise.zh,
        promise_en=promise.en,
        basis_zh=tuple(each.zh for each in basis),
        basis_en=tuple(each.en for each in basis),
        product_name=str(record.get("product_name", "")),
        quantity=" ".join(record.get("quantity", ())),
        origin=str(record.get("origin", "")),
        party_zh=shown["zh"][0],
        party_en=shown["en"][0],
        contact=shown["zh"][1],
        issued_at=found.issued_at,
        sources=tuple(record.get("sources", ())),
        log=log_links(session, [found.payload_id])[found.payload_id],
    )
