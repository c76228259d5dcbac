"""Masses, areas and pieces: read as people type them, computed exactly, rounded once, at the end.

A quantity keeps what was typed beside its exact value in the base unit of its kind: milligrams,
square metres, pieces. 1 亩 = 2000/3 m², 1 斤 = 500 g, 1 两 = 50 g (the market units, 市制, of
1959). Gates compute with `exact`; `whole` is the integer that is stored. A mass must be whole
milligrams and pieces whole pieces; only an area is rounded, half to even, because 亩 seldom meets
the square metre.

Refusals (`QuantityError.code`): `not_a_number`, `negative`, `unknown_unit`, `too_large` (2**53 of
the base unit or more), `inexact` (parts of a milligram or piece; 亩 with more than two decimals).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

WHOLE_LIMIT = 2**53

Kind = Literal["mass", "area", "pieces"]
Problem = Literal["not_a_number", "negative", "inexact", "unknown_unit", "too_large"]

_NUMBER = re.compile(r"[0-9]{1,16}(\.[0-9]{1,16})?")
_NEGATIVE = re.compile(r"[-\u2212]([0-9]{1,16})(\.[0-9]{1,16})?")
_MU_IN_SQUARE_METRES = Fraction(2000, 3)
_MG_PER_KG = 1_000_000
_MG_PER_JIN = 500_000


@dataclass(frozen=True)
class Unit:
    """A unit: its spellings (the first is ours), its kind, its size in the kind's base unit.

    `uncefact` is its code in UN/CEFACT Recommendation 20, which EPCIS uses; "" where it has none.
    `decimals_max` is the finest step that people may type; None leaves it open.
    """

    names: tuple[str, ...]
    kind: Kind
    size: Fraction
    uncefact: str = ""
    decimals_max: int | None = None


UNITS = (
    Unit(("公斤", "kg", "千克"), "mass", Fraction(_MG_PER_KG), "KGM"),
    Unit(("斤", "市斤", "jin"), "mass", Fraction(_MG_PER_JIN)),
    Unit(("两", "liang"), "mass", Fraction(50_000)),
    Unit(("吨", "t"), "mass", Fraction(1_000_000_000), "TNE"),
    Unit(("克", "g"), "mass", Fraction(1_000), "GRM"),
    Unit(("毫克", "mg"), "mass", Fraction(1), "MGM"),
    Unit(("亩", "mu"), "area", _MU_IN_SQUARE_METRES, decimals_max=2),
    Unit(("m²", "m2", "平方米"), "area", Fraction(1), "MTK"),
    Unit(("公顷", "ha"), "area", Fraction(10_000), "HAR"),
    Unit(("个", "piece", "pcs"), "pieces", Fraction(1), "H87"),
    Unit(("件", "item"), "pieces", Fraction(1), "EA"),
    Unit(("只",), "pieces", Fraction(1)),
    Unit(("箱", "box"), "pieces", Fraction(1), "XBX"),
    Unit(("袋", "bag"), "pieces", Fraction(1), "XBG"),
    Unit(("公", "male"), "pieces", Fraction(1)),
    Unit(("母", "female"), "pieces", Fraction(1)),
)

_BY_NAME = {name: unit for unit in UNITS for name in (*unit.names, unit.uncefact) if name}


class QuantityError(ValueError):
    """What was typed is no quantity; `code` says why."""

    def __init__(self, code: Problem) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Quantity:
    """An exact amount in mg, m² or pieces, with what was typed."""

    kind: Kind
    exact: Fraction
    typed_value: str
    typed_unit: str

    def whole(self) -> int:
        """Give mg, m² or pieces as an integer; raise `QuantityError("inexact")` for part of one.

        An area is rounded half to even.
        """
        if self.kind == "area":
            return round(self.exact)
        if self.exact.denominator != 1:
            raise QuantityError("inexact")
        return self.exact.numerator


def unit_named(name: str) -> Unit:
    """Find a unit by one of its spellings or its UN/CEFACT code; raise `QuantityError`."""
    unit = _BY_NAME.get(name)
    if unit is None:
        raise QuantityError("unknown_unit")
    return unit


def parse(value: str, unit: str) -> Quantity:
    """Read a typed value, digits with at most one decimal point, and its unit."""
    found = unit_named(unit)
    if _NEGATIVE.fullmatch(value):
        raise QuantityError("negative")
    if not _NUMBER.fullmatch(value):
        raise QuantityError("not_a_number")
    decimals = len(value.partition(".")[2].rstrip("0"))
    if found.decimals_max is not None and decimals > found.decimals_max:
        raise QuantityError("inexact")
    return measured(Fraction(value), value, unit)


def measured(number: Fraction, spelling: str, unit: str) -> Quantity:
    """Make a quantity of a number that was read elsewhere, as from a partner's document."""
    found = unit_named(unit)
    if number < 0:
        raise QuantityError("negative")
    quantity = Quantity(found.kind, number * found.size, spelling, unit)
    if quantity.exact >= WHOLE_LIMIT or quantity.whole() >= WHOLE_LIMIT:
        raise QuantityError("too_large")
    return quantity


def show(kind: Kind, whole: int, lang: str, *, jin: bool = False) -> str:
    """Write mg, m² or pieces for people, `zh` or `en`; with `jin` a Chinese page shows 斤.

    Mass and pieces are shown in full; an area is rounded to 0.01 亩, half to even.
    """
    chinese = lang != "en"
    if kind == "pieces":
        return f"{whole} 件" if chinese else f"{whole} {'piece' if whole == 1 else 'pieces'}"
    if kind == "area":
        hundredths = round(Fraction(whole) / _MU_IN_SQUARE_METRES * 100)
        return f"{_decimal(hundredths, 100)} {'亩' if chinese else 'mu'}"
    if jin and chinese:
        return f"{_decimal(whole * 2, _MG_PER_KG)} 斤"
    return f"{_decimal(whole, _MG_PER_KG)} {'公斤' if chinese else 'kg'}"


def _decimal(count: int, per_unit: int) -> str:
    """Write count / per_unit, a power of ten, as a decimal without idle noughts."""
    sign = "-" if count < 0 else ""
    whole, rest = divmod(abs(count), per_unit)
    fraction = f"{rest:0{len(str(per_unit)) - 1}d}".rstrip("0")
    return f"{sign}{whole}{'.' if fraction else ''}{fraction}"
