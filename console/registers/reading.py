"""What a producer sees of his own products."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.products.tables import Product


def own_products(session: Session, owner: str, offset: int = 0, limit: int = 200) -> list[Product]:
    """Give a party's products, by name."""
    query = select(Product).filter_by(owner_id=owner).order_by(Product.name_zh, Product.id)
    return list(session.scalars(query.offset(offset).limit(limit)))
