"""Registering, finding and listing products."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from stdnum import ean

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.quantities import Quantity, QuantityError, parse
from runtime.refusal import refuse
from runtime.regions import is_region_code
from trace.acting import check_acting
from trace.brands.service import find_brand
from trace.codes import check_code
from trace.products.model import Category, Measure
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from trace.text import clean_text


@dataclass(frozen=True)
class RegisterProduct:
    """What a producer declares of a product.

    `net` and `expected` are typed as (value, unit), for example ("5", "公斤"); `net` is the content
    of one labelled piece and is absent for products that are counted.
    """

    owner: str
    code: str
    name_zh: str
    name_en: str
    category: str
    measure: Measure
    gtin: str | None = None
    brand: str | None = None
    grade: str = ""
    features_zh: str = ""
    features_en: str = ""
    season: str = ""
    net: tuple[str, str] | None = None
    expected: tuple[str, str] | None = None
    rights_holder: str = ""
    protection_zh: str = ""
    use_zh: str = ""
    region: str = ""


@dataclass(frozen=True)
class ProductRegistered:
    """The new product and the log entry that says so."""

    id: str
    code: str
    payload_id: str


_GTIN = re.compile(r"[0-9]{14}\Z")
_TEXTS = {
    "name_zh": 60,
    "name_en": 120,
    "grade": 60,
    "features_zh": 400,
    "features_en": 800,
    "season": 60,
    "rights_holder": 120,
    "protection_zh": 200,
    "use_zh": 200,
}


def register_product(
    work: Work, command: RegisterProduct, actor: Actor, now: datetime
) -> ProductRegistered:
    """Register a product.

    Raises Refusal: CODE_MALFORMED, CODE_TAKEN, GTIN_MALFORMED, CATEGORY_UNKNOWN, BRAND_UNKNOWN,
    REGION_MALFORMED, WRONG_UNIT, quantity and text refusals.
    """
    check_acting(actor, command.owner, Scope.REGISTER)
    command = _cleaned(command)
    _check(command)
    if find_product(work, command.gtin or command.code) or find_product(work, command.code):
        refuse(TraceRefusal.CODE_TAKEN, "/code", given=command.gtin or command.code)
    brand = find_brand(work, command.brand) if command.brand else None
    if command.brand and brand is None:
        refuse(TraceRefusal.BRAND_UNKNOWN, "/brand", given=command.brand)
    if command.net is not None and command.measure == "pieces":
        refuse(TraceRefusal.WRONG_UNIT, "/net", given=command.net[1][:12])
    net = measured(command.net, command.measure, "/net")
    expected = measured(command.expected, command.measure, "/expected")
    id = new_id("prod", work.randomness)
    secret = Secret("record", asdict(command), command.owner)
    draft = Draft("trace.product.register", (id,), now, {}, (secret,))
    recorded = record(work, draft, signer_for(work, command.owner), now)
    texts = {name: getattr(command, name) for name in _TEXTS}
    row = {
        **texts,
        "id": id,
        "code": command.code,
        "gtin": command.gtin,
        "brand_id": brand.id if brand else None,
        "owner_id": command.owner,
        "category": Category(command.category).value,
        "measure": command.measure,
        "net_mg": net.whole() if net else None,
        "expected_quantity": expected.whole() if expected else None,
        "expected_typed": " ".join(command.expected or ()),
        "region": command.region,
        "recorded_at": now,
        "payload_id": recorded.payload_id,
    }
    if not insert_unless_there(work, Product, row):
        refuse(TraceRefusal.CODE_TAKEN, "/code", given=command.gtin or command.code)
    return ProductRegistered(id, command.code, recorded.payload_id)


def _cleaned(command: RegisterProduct) -> RegisterProduct:
    texts: dict[str, Any] = {
        name: clean_text(getattr(command, name), most, f"/{name}") for name, most in _TEXTS.items()
    }
    return replace(command, **texts)


def _check(command: RegisterProduct) -> None:
    check_code(command.code, "/code")
    if not command.name_zh.strip():
        refuse(TraceRefusal.NAME_MISSING, "/name_zh")
    if command.category not in set(Category):
        refuse(TraceRefusal.CATEGORY_UNKNOWN, "/category", given=command.category[:20])
    if command.measure not in get_args(Measure):
        refuse(TraceRefusal.WRONG_UNIT, "/measure", given=command.measure[:12])
    if command.gtin is not None and not (_GTIN.match(command.gtin) and ean.is_valid(command.gtin)):
        refuse(TraceRefusal.GTIN_MALFORMED, "/gtin", given=command.gtin[:20])
    if command.region and not is_region_code(command.region):
        refuse(TraceRefusal.REGION_MALFORMED, "/region", given=command.region[:16])


def measured(typed: tuple[str, str] | None, measure: Measure, pointer: str) -> Quantity | None:
    """Return a typed quantity in the product's own measure, or None where none was typed.

    Raises Refusal WRONG_UNIT (kilograms of a product that is counted, and the like) and
    QUANTITY_MALFORMED.
    """
    if typed is None:
        return None
    try:
        quantity = parse(*typed)
        quantity.whole()
    except QuantityError as error:
        refuse(TraceRefusal.QUANTITY_MALFORMED, pointer, given=" ".join(typed)[:40], why=error.code)
    if quantity.exact == 0:
        refuse(TraceRefusal.QUANTITY_MALFORMED, pointer, given=" ".join(typed)[:40], why="zero")
    if quantity.kind != measure:
        refuse(TraceRefusal.WRONG_UNIT, pointer, given=typed[1][:12])
    return quantity


def find_product(session: Session, code: str) -> Product | None:
    """Return the product with this code, GTIN-14 or id, or None."""
    found = or_(Product.code == code, Product.gtin == code, Product.id == code)
    return session.scalar(select(Product).where(found))


def require_product(session: Session, code: str, pointer: str) -> Product:
    """Return the product of this code. Raises Refusal PRODUCT_UNKNOWN."""
    product = find_product(session, code)
    if product is None:
        refuse(TraceRefusal.PRODUCT_UNKNOWN, pointer, given=code[:32])
    return product


def list_products(
    session: Session, *, words: str = "", category: str = "", page: int = 1, per_page: int = 20
) -> list[Product]:
    """Return a page of the public list, by name; `words` are sought in names, grade, features."""
    query = select(Product).order_by(Product.name_zh, Product.id)
    if words:
        columns = (Product.name_zh, Product.name_en, Product.grade, Product.features_zh)
        query = query.where(or_(*(column.contains(words, autoescape=True) for column in columns)))
    if category:
        query = query.where(Product.category == category)
    return list(session.scalars(query.offset((page - 1) * per_page).limit(per_page)))
