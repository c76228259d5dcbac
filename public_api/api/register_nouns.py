"""What is registered once: brands, products, production bases."""

from __future__ import annotations

from typing import Any

from identity.actor import Actor
from identity.roles import Scope
from public_api.api.fields import Anything, Shape, Text, Typed, whose
from public_api.api.operation import Noun, Of, run
from public_api.registry.bases import BaseEntry, find_base
from public_api.registry.brands import BrandEntry, find_brand_entry
from public_api.registry.products import ProductEntry, find_product_entry
from trace.bases.service import BaseRegistered, RegisterBase, register_base
from trace.brands.service import BrandRegistered, RegisterBrand, register_brand
from trace.products.model import Category
from trace.products.service import ProductRegistered, RegisterProduct, register_product
from web.node import current_node

brands = Noun("brands", __name__, url_prefix="/api/v1/brands", description="Brands (品牌)")
products = Noun("products", __name__, url_prefix="/api/v1/products", description="Products (产品)")
bases = Noun("bases", __name__, url_prefix="/api/v1/bases", description="Production bases (基地)")


class BrandBody(Shape):
    """A brand to be registered."""

    owner = whose()
    code = Text(required=True, about="1 to 20 letters, digits or hyphens")
    name_zh = Text(required=True)
    name_en = Text(load_default="")
    region = Text(required=True, about="6, 9 or 12 digits")


class ProductBody(Shape):
    """A product to be registered: the fields of 生态产品目录清单."""

    owner = whose()
    code = Text(required=True, about="1 to 20 letters, digits or hyphens")
    name_zh = Text(required=True)
    name_en = Text(load_default="")
    category = Text(required=True, words=Category)
    measure = Text(required=True, pattern="^(mass|pieces)$", words=("mass", "pieces"))
    gtin = Text(load_default=None, allow_none=True, about="GTIN-14")
    brand = Text(load_default=None, allow_none=True, about="Code of the brand")
    grade = Text(load_default="")
    features_zh = Text(load_default="")
    features_en = Text(load_default="")
    season = Text(load_default="")
    net = Typed(load_default=None, allow_none=True)
    expected = Typed(load_default=None, allow_none=True)
    rights_holder = Text(load_default="")
    protection_zh = Text(load_default="")
    use_zh = Text(load_default="")
    region = Text(load_default="", about="6, 9 or 12 digits")


class BaseBody(Shape):
    """A production base to be registered."""

    owner = whose()
    name_zh = Text(required=True)
    name_en = Text(load_default="")
    region = Text(required=True, about="6, 9 or 12 digits")
    area = Typed(required=True)
    village_zh = Text(load_default="")
    outline = Anything(
        load_default=None,
        allow_none=True,
        metadata={"description": "GeoJSON Polygon or MultiPolygon, decimals as strings"},
    )


def acting(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Give a body that names its party: the one that was said, else the actor's own."""
    return {**body, "owner": body["owner"] or actor.party or ""}


@brands.operation("POST", "", Scope.REGISTER, BrandRegistered, takes=BrandBody)
def create_brand(actor: Actor, body: dict[str, Any]) -> Of:
    """Register a brand."""
    made = run(register_brand, RegisterBrand(**acting(actor, body)), actor)
    return Of(made, f"/brands/{made.code}")


@brands.operation("GET", "/<code:brand>", Scope.QUERY, BrandEntry)
def get_brand(actor: Actor, brand: str) -> Any:
    """Give a brand by its code."""
    with current_node().database.read() as session:
        return find_brand_entry(session, brand)


@products.operation("POST", "", Scope.REGISTER, ProductRegistered, takes=ProductBody)
def create_product(actor: Actor, body: dict[str, Any]) -> Of:
    """Register a product."""
    made = run(register_product, RegisterProduct(**acting(actor, body)), actor)
    return Of(made, f"/products/{made.code}")


@products.operation("GET", "/<code:product>", Scope.QUERY, ProductEntry)
def get_product(actor: Actor, product: str) -> Any:
    """Give a product by its code, GTIN-14 or id."""
    with current_node().database.read() as session:
        return find_product_entry(session, product)


@bases.operation("POST", "", Scope.REGISTER, BaseRegistered, takes=BaseBody)
def create_base(actor: Actor, body: dict[str, Any]) -> Of:
    """Register a production base."""
    made = run(register_base, RegisterBase(**acting(actor, body)), actor)
    return Of(made, f"/bases/{made.id}")


@bases.operation("GET", "/<code:base>", Scope.QUERY, BaseEntry)
def get_base(actor: Actor, base: str) -> Any:
    """Give a production base as the public register shows it."""
    node = current_node()
    with node.database.read() as session:
        return find_base(session, node.vault, base)
