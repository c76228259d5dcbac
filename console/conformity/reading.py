"""What issuing a certificate begins with: who promises, where from, and whether one is due."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from console.lots.reading import OwnLot
from console.words import place
from identity.parties.model import Party
from identity.parties.service import get_party, party_contact
from runtime.quantities import show
from runtime.vault import Vault
from trace.bases.service import require_base
from trace.conformity.model import Due, Style, is_due
from trace.conformity.service import newest_row
from trace.conformity.tables import ConformityCertificate


@dataclass(frozen=True)
class Standing:
    """A lot, whether a certificate is asked for it, and the one that counts, if any."""

    own: OwnLot
    due: Due
    newest: ConformityCertificate | None

    @property
    def wanting(self) -> bool:
        """Whether a certificate is due and there is none."""
        return self.due is Due.DUE and self.newest is None


def standing(session: Session, own: OwnLot, party: Party) -> Standing:
    """Say how a lot stands with certificates; `party` is its owner."""
    due = is_due(own.product.category, party.kind)
    return Standing(own, due, newest_row(session, own.lot.id))


def prefilled(session: Session, vault: Vault, own: OwnLot, owner: str) -> dict[str, str]:
    """Give the six fields (all but the issue time) as far as they are on record.

    Name and phone are those of the promising party in full: the issuer sees what will stand there.
    """
    party = get_party(session, owner)
    contact = party_contact(session, vault, owner)
    mass = own.product.measure == "mass"
    value, unit = show("mass" if mass else "pieces", own.balance.received, "zh").split(" ")
    return {
        "product_name": own.product.name_zh,
        "quantity_value": value,
        "quantity_unit": unit,
        "origin": _origin(session, own, party),
        "party_name": (contact.name_zh if contact else party.name_zh) or "",
        "contact": (contact.phone if contact else None) or "",
        "style": Style.PRODUCER.value,
        "basis": "control_met",
    }


def _origin(session: Session, own: OwnLot, party: Party) -> str:
    if own.lot.base_id is None:
        return place(own.product.region or party.region)
    base = require_base(session, own.lot.base_id, "/base")
    return place(base.region) + base.village_zh
