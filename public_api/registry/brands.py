"""The public register of brands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from public_api.registry.log_links import LogLink, log_links
from runtime.refusal import refuse
from runtime.regions import region_words
from trace.brands.service import find_brand
from trace.brands.tables import Brand
from trace.refusals import TraceRefusal


@dataclass(frozen=True)
class BrandEntry:
    """A brand as strangers see it."""

    id: str
    code: str
    name_zh: str
    name_en: str
    region: str
    place_zh: str
    owner: str
    log: LogLink


def find_brand_entry(session: Session, code: str) -> BrandEntry:
    """Give a brand by its code. Raises Refusal BRAND_UNKNOWN."""
    brand = find_brand(session, code)
    if brand is None:
        refuse(TraceRefusal.BRAND_UNKNOWN)
    return _entries(session, [brand])[0]


def list_brands(session: Session, offset: int, limit: int) -> list[BrandEntry]:
    """Give brands by name."""
    query = select(Brand).order_by(Brand.name_zh, Brand.id).offset(offset).limit(limit)
    return _entries(session, list(session.scalars(query)))


def _entries(session: Session, brands: Sequence[Brand]) -> list[BrandEntry]:
    links = log_links(session, [brand.payload_id for brand in brands])
    return [
        BrandEntry(
            id=brand.id,
            code=brand.code,
            name_zh=brand.name_zh,
            name_en=brand.name_en,
            region=brand.region,
            place_zh=region_words(brand.region),
            owner=brand.owner_id,
            log=links[brand.payload_id],
        )
        for brand in brands
    ]
