"""The public list of products (生态产品目录清单)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from public_api.registry.log_links import LogLink, log_links
from runtime.quantities import show
from runtime.regions import region_words
from trace.brands.tables import Brand
from trace.lots.tables import Lot
from trace.products.model import CATEGORY_WORDS, Category
from trace.products.service import list_products, require_product
from trace.products.tables import Product


@dataclass(frozen=True)
class ProductEntry:
    """A product as strangers see it; `path` is its address on labels."""

    id: str
    code: str
    gtin: str | None
    path: str
    name_zh: str
    name_en: str
    category: str
    category_zh: str
    category_en: str
    grade: str
    features_zh: str
    features_en: str
    season: str
    net_zh: str | None
    net_en: str | None
    expected: str
    rights_holder: str
    protection_zh: str
    use_zh: str
    region: str
    place_zh: str
    brand: str | None
    brand_zh: str | None
    brand_en: str | None
    owner: str
    log: LogLink


def find_product_entry(session: Session, code: str) -> ProductEntry:
    """Give a product by code, GTIN-14 or id. Raises Refusal PRODUCT_UNKNOWN."""
    return product_entries(session, [require_product(session, code, "/product")])[0]


def search_products(
    session: Session, words: str, category: str, page: int, per_page: int
) -> list[ProductEntry]:
    """Give a page of the list and one row more, where there is one."""
    found = list_products(session, words=words, category=category, page=page, per_page=per_page)
    more: list[Product] = []
    if len(found) == per_page:
        after = page * per_page + 1
        more = list_products(session, words=words, category=category, page=after, per_page=1)
    return product_entries(session, [*found, *more])


def lots_with_pages(session: Session, product_id: str, limit: int = 20) -> list[str]:
    """Give the codes of a product's newest lots, whose pages anybody may open."""
    query = select(Lot.code).filter_by(product_id=product_id)
    return list(session.scalars(query.order_by(Lot.opened_at.desc(), Lot.id).limit(limit)))


def product_entries(session: Session, products: Sequence[Product]) -> list[ProductEntry]:
    """Give products as strangers see them."""
    query = select(Brand).where(Brand.id.in_([each.brand_id for each in products if each.brand_id]))
    brands = {brand.id: brand for brand in session.scalars(query)}
    links = log_links(session, [each.payload_id for each in products])
    return [_entry(each, brands.get(each.brand_id or ""), links) for each in products]


def _entry(product: Product, brand: Brand | None, links: dict[str, LogLink]) -> ProductEntry:
    words = CATEGORY_WORDS[Category(product.category)]
    net = product.net_mg
    return ProductEntry(
        id=product.id,
        code=product.code,
        gtin=product.gtin,
        path="/" + product.facts().path,
        name_zh=product.name_zh,
        name_en=product.name_en,
        category=product.category,
        category_zh=words[0],
        category_en=words[1],
        grade=product.grade,
        features_zh=product.features_zh,
        features_en=product.features_en,
        season=product.season,
        net_zh=None if net is None else show("mass", net, "zh"),
        net_en=None if net is None else show("mass", net, "en"),
        expected=product.expected_typed,
        rights_holder=product.rights_holder,
        protection_zh=product.protection_zh,
        use_zh=product.use_zh,
        region=product.region,
        place_zh=region_words(product.region),
        brand=brand.code if brand else None,
        brand_zh=brand.name_zh if brand else None,
        brand_en=brand.name_en if brand else None,
        owner=product.owner_id,
        log=links[product.payload_id],
    )
