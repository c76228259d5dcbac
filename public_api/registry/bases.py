"""The public register of production bases.

A base of a natural person is shown with its owner masked and its place down to the town, because
village and name of a base would tell whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.parties.model import Party
from identity.parties.service import get_party, party_name
from public_api.registry.log_links import LogLink, log_links
from runtime.quantities import show
from runtime.regions import region_words
from runtime.vault import Vault
from trace.bases.service import require_base
from trace.bases.tables import ProductionBase

_TOWN_DIGITS = 9


@dataclass(frozen=True)
class BaseEntry:
    """A base as strangers see it."""

    id: str
    name_zh: str
    name_en: str
    region: str
    place_zh: str
    village_zh: str
    area_zh: str
    area_en: str
    area_m2: int
    area_typed: str
    owner: str
    owner_zh: str
    owner_en: str
    log: LogLink


def find_base(session: Session, vault: Vault, id: str) -> BaseEntry:
    """Give a base by its id. Raises Refusal BASE_UNKNOWN."""
    return next(base_entries(session, vault, [require_base(session, id, "/base")]))


def list_bases(
    session: Session, vault: Vault, region: str, offset: int, limit: int
) -> list[BaseEntry]:
    """Give bases within a region, by name."""
    query = select(ProductionBase).order_by(ProductionBase.name_zh, ProductionBase.id)
    within = query.where(ProductionBase.region.startswith(region, autoescape=True))
    rows = session.scalars(within.offset(offset).limit(limit))
    return list(base_entries(session, vault, rows))


def base_entries(
    session: Session, vault: Vault, bases: Iterable[ProductionBase]
) -> Iterator[BaseEntry]:
    """Give bases as strangers see them."""
    listed = list(bases)
    links = log_links(session, [base.payload_id for base in listed])
    for base in listed:
        yield _entry(session, vault, base, links[base.payload_id])


def _entry(session: Session, vault: Vault, base: ProductionBase, link: LogLink) -> BaseEntry:
    owner = get_party(session, base.owner_id)
    names = {lang: party_name(session, vault, owner.id, lang) for lang in ("zh", "en")}
    return BaseEntry(
        id=base.id,
        region=_region(base, owner),
        place_zh=region_words(_region(base, owner)),
        **_names(base, owner, names),
        area_zh=show("area", base.area_m2, "zh"),
        area_en=show("area", base.area_m2, "en"),
        area_m2=base.area_m2,
        area_typed=base.area_typed,
        owner=owner.id,
        owner_zh=names["zh"],
        owner_en=names["en"],
        log=link,
    )


def _region(base: ProductionBase, owner: Party) -> str:
    return base.region[:_TOWN_DIGITS] if owner.natural else base.region


def _names(base: ProductionBase, owner: Party, names: dict[str, str]) -> dict[str, str]:
    if owner.natural:
        return {"name_zh": f"{names['zh']}的基地", "name_en": f"Base of {names['en']}",
                "village_zh": ""}  # fmt: skip
    return {"name_zh": base.name_zh, "name_en": base.name_en, "village_zh": base.village_zh}
