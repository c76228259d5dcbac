"""What several desks read: search words, receipts of the log, scan addresses, names of parties."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from identity.parties.service import party_name
from ledger.reader import LogReader
from trace.lots.tables import Lot
from trace.products.tables import Product
from web.language import current_language
from web.node import current_node

WORDS_MAX = 60


def searched(name: str = "q") -> str:
    """Give the search words of this request, without what no database takes."""
    return request.args.get(name, "").replace("\x00", "").strip()[:WORDS_MAX]


@dataclass(frozen=True)
class Receipt:
    """Where a log entry stands: `index` is its place in the log, None while it waits for one."""

    payload_id: str
    index: int | None

    @property
    def state(self) -> str:
        """Whether the entry is committed only, or sequenced too."""
        return "committed" if self.index is None else "sequenced"


def receipt(session: Session, payload_id: str) -> Receipt:
    """Give the receipt of an entry."""
    return Receipt(payload_id, LogReader(session).index_of(payload_id))


def scan_address(product: Product, lot: Lot) -> str:
    """Give the path of the page that strangers see of a lot."""
    return f"/{product.facts().path}/10/{lot.code}"


def name_of_party(session: Session, party: str) -> str:
    """Give a party's name in the reader's language, masked for a natural person."""
    return party_name(session, current_node().vault, party, current_language())


def base_url() -> str:
    """Give the service's own address, which records and labels carry, without a slash."""
    return current_node().settings.base_url.rstrip("/")
