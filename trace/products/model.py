"""The rules of a product.

Its fields are those that the plans ask of a catalogue of eco-products (生态产品目录清单): category,
grade, features, season, expected quantity, holder of rights, protection and use.

Invariants:
- a product is measured in mass (integer milligrams) or in pieces, for ever
- a labelled piece of a product measured in mass has a fixed net content; one label is one piece
- a product with a GTIN lives under `/01/{gtin}`, any other under `/p/{code}`
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Measure = Literal["mass", "pieces"]


class Category(StrEnum):
    """Classes of farm products; the names of MARA Order 2025-4 and what lies outside it."""

    GRAIN = "grain"
    VEGETABLE = "vegetable"
    FRUIT = "fruit"
    TEA = "tea"
    LIVESTOCK = "livestock"
    EGG = "egg"
    AQUATIC = "aquatic"
    OTHER = "other"


CATEGORY_WORDS: dict[Category, tuple[str, str]] = {
    Category.GRAIN: ("粮食", "Grain"),
    Category.VEGETABLE: ("蔬菜", "Vegetables"),
    Category.FRUIT: ("水果", "Fruit"),
    Category.TEA: ("茶叶", "Tea"),
    Category.LIVESTOCK: ("畜禽", "Livestock and poultry"),
    Category.EGG: ("禽蛋", "Eggs"),
    Category.AQUATIC: ("养殖水产品", "Farmed aquatic products"),
    Category.OTHER: ("其他", "Other"),
}


@dataclass(frozen=True)
class ProductFacts:
    """What other rules need to know of a product; `net_mg` is None when it is counted in pieces."""

    id: str
    code: str
    gtin: str | None
    measure: Measure
    net_mg: int | None

    @property
    def item(self) -> str:
        """The product's part of a label's MAC and address: the GTIN-14, or `p/{code}`."""
        return self.gtin or f"p/{self.code}"

    @property
    def path(self) -> str:
        """The product's path under the service's base address, without a leading slash."""
        return f"01/{self.gtin}" if self.gtin else f"p/{self.code}"


def pieces_within(product: ProductFacts, quantity: int) -> int:
    """Return how many labelled pieces a quantity (mg or pieces) yields, rounded down."""
    if product.measure == "pieces":
        return quantity
    return quantity // product.net_mg if product.net_mg else 0


def quantity_of(product: ProductFacts, pieces: int) -> int:
    """Return the quantity (mg or pieces) that so many labelled pieces stand for."""
    return pieces if product.measure == "pieces" else pieces * (product.net_mg or 0)
