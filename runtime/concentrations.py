"""Results of laboratories: values as the report words them, and units that convert exactly.

A value is read as `Measured`: a number, a bound (`<0.01`, `≤0.01`, `>1100`), not detected
(未检出, ND), or the finding of a test that has no number (阴性, 阳性). Numbers are exact fractions,
never binary ones; powers of ten may be written 1.2×10^3, 1.2×10³ or 1.2e3.

A unit belongs to a kind, and only units of one kind convert into each other, exactly: what weighs
and what is counted, colonies and most probable numbers, a gram and a millilitre never do. Spellings
are those that Chinese reports use; both signs for micro and full-width letters are taken as one.

Refusals (`MeasureError.code`): `not_a_value`, `negative`, `unknown_unit`, `other_kind`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal

Sense = Literal["equal", "below", "above", "not_detected", "negative", "positive"]
Problem = Literal["not_a_value", "negative", "unknown_unit", "other_kind"]

_NUMBER = r"(?P<digits>[0-9]{1,12}(?:\.[0-9]{1,12})?)"
_POWER = r"(?:(?:\s?[x×*·]\s?10\^|[eE])(?P<power>[+-]?[0-3]?[0-9]))?"
_VALUE = re.compile(rf"(?P<sign><=|>=|≤|≥|<|>|=)?\s?{_NUMBER}{_POWER}")
_MINUS = re.compile(r"[-−‐]\s?[0-9]")
_SIGNS: dict[str | None, Sense] = {
    None: "equal", "=": "equal", "<": "below", "<=": "below", "≤": "below",
    ">": "above", ">=": "above", "≥": "above",
}  # fmt: skip
_WORDS: dict[str, Sense] = {
    "未检出": "not_detected", "未检测出": "not_detected", "未检出(nd)": "not_detected",
    "nd": "not_detected", "n.d.": "not_detected", "n.d": "not_detected",
    "notdetected": "not_detected", "不得检出": "not_detected",
    "阴性": "negative", "negative": "negative", "阴性(-)": "negative",
    "阳性": "positive", "positive": "positive", "检出": "positive", "detected": "positive",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_TEN_RAISED = re.compile(r"10([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_LENGTH_MAX = 40
_DIGITS = 250


@dataclass(frozen=True)
class ResultUnit:
    """A unit of results: its spellings (the first is ours), its kind, its size within the kind."""

    names: tuple[str, ...]
    kind: str
    size: Fraction


def _parts(name: str, size: Fraction | int, *names: str) -> ResultUnit:
    return ResultUnit((name, *names), "mass_fraction", Fraction(size))


def _counts(name: str, size: Fraction | int, kind: str, *names: str) -> ResultUnit:
    return ResultUnit((name, *names), kind, Fraction(size))


RESULT_UNITS = (
    # Mass in mass; the size is in mg/kg.
    _parts("mg/kg", 1, "毫克/千克", "毫克/公斤", "mg.kg-1", "µg/g", "ug/g"),
    _parts("µg/kg", Fraction(1, 1000), "ug/kg", "微克/千克", "微克/公斤", "ng/g"),
    _parts("ng/kg", Fraction(1, 1_000_000), "纳克/千克"),
    _parts("g/kg", 1000, "克/千克", "克/公斤", "mg/g"),
    _parts("%", 10_000, "g/100g", "克/100克", "％"),
    # By definition a gram of sucrose in 100 g; refractometers are read in it.
    _parts("°Brix", 10_000, "Brix", "°Bx"),
    _parts("mg/100g", 10, "毫克/100克"),
    _parts("µg/100g", Fraction(1, 100), "ug/100g"),
    # Mass in water; the size is in mg/L.
    _counts("mg/L", 1, "mass_volume", "mg/l", "毫克/升", "µg/mL", "ug/mL", "µg/ml", "ug/ml"),
    _counts("µg/L", Fraction(1, 1000), "mass_volume", "ug/L", "ug/l", "µg/l", "微克/升"),
    _counts("g/L", 1000, "mass_volume", "g/l", "克/升", "mg/mL", "mg/ml"),
    # Colonies and most probable numbers, by mass and by volume: four kinds.
    _counts("CFU/g", 1, "cfu_mass", "cfu/g", "CFU/克"),
    _counts("CFU/100g", Fraction(1, 100), "cfu_mass", "cfu/100g"),
    _counts("CFU/mL", 1, "cfu_volume", "CFU/ml", "cfu/mL", "cfu/ml"),
    _counts("CFU/100mL", Fraction(1, 100), "cfu_volume", "CFU/100ml", "cfu/100mL", "cfu/100ml"),
    _counts("MPN/g", 1, "mpn_mass", "mpn/g"),
    _counts("MPN/100g", Fraction(1, 100), "mpn_mass", "mpn/100g"),
    _counts("MPN/mL", 1, "mpn_volume", "MPN/ml", "mpn/mL", "mpn/ml"),
    _counts("MPN/100mL", Fraction(1, 100), "mpn_volume", "MPN/100ml", "mpn/100mL", "mpn/100ml"),
    _counts("MPN/L", Fraction(1, 1000), "mpn_volume", "MPN/l"),
    # Counted under the microscope, such as eggs of worms.
    _counts("个/L", 1, "count_volume", "个/l", "个/升"),
    _counts("个/10L", Fraction(1, 10), "count_volume", "个/10l", "个/10升"),
    _counts("个/kg", 1, "count_mass", "个/千克"),
    # Radioactivity, and what has no unit to convert.
    _counts("Bq/kg", 1, "activity_mass", "贝可/千克"),
    _counts("Bq/L", 1, "activity_volume", "Bq/l"),
    _counts("/25g", 1, "in_25g", "25g", "/25克"),
    _counts("pH", 1, "ph", "ph", "PH", "pH值", "无量纲"),
    _counts("mm", 1, "length", "毫米"),
    _counts("cm", 10, "length", "厘米"),
    _counts("g", 1, "weight", "克"),
    _counts("kg", 1000, "weight", "千克", "公斤"),
    _counts("℃", 1, "temperature", "°C", "摄氏度"),
    _counts("1", 1, "ratio", "-", "—", "倍"),
)  # fmt: skip
"""Units of results; `1` is for ratios and for tests that only say yes or no."""


class MeasureError(ValueError):
    """A value or unit that cannot be used; `code` says why."""

    def __init__(self, code: Problem) -> None:
        super().__init__(code)
        self.code: Problem = code


@dataclass(frozen=True)
class Measured:
    """A result as a rule can use it; `number` is in the unit it was given in, None for words."""

    sense: Sense
    number: Fraction | None = None


def read_value(text: str) -> Measured:
    """Read a result as a report words it. Raises MeasureError: not_a_value, negative."""
    plain = _plain_value(text)
    word = _WORDS.get(plain.lower().replace(" ", ""))
    if word is not None:
        return Measured(word)
    if _MINUS.match(plain):
        raise MeasureError("negative")
    match = _VALUE.fullmatch(plain)
    if match is None:
        raise MeasureError("not_a_value")
    number = Fraction(match["digits"]) * Fraction(10) ** int(match["power"] or 0)
    return Measured(_SIGNS[match["sign"]], number)


def _plain_value(text: str) -> str:
    """One spelling for full-width characters, raised powers and spaces."""
    if len(text) > _LENGTH_MAX:
        raise MeasureError("not_a_value")
    raised = _TEN_RAISED.sub(lambda ten: f"10^{ten[1].translate(_RAISED)}", text)
    return unicodedata.normalize("NFKC", raised).strip()


def result_unit(name: str) -> ResultUnit:
    """Find a unit by one of its spellings. Raises MeasureError: unknown_unit."""
    unit = _BY_NAME.get(_plain_unit(name))
    if unit is None:
        raise MeasureError("unknown_unit")
    return unit


def convert(number: Fraction, given: str, wanted: str) -> Fraction:
    """Say a number in another unit, exactly. Raises MeasureError: unknown_unit, other_kind."""
    source, target = result_unit(given), result_unit(wanted)
    if source.kind != target.kind:
        raise MeasureError("other_kind")
    return number * source.size / target.size


def shown(number: Fraction) -> str:
    """Write a number in decimals: in full where they end, else to twelve places and `…`."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    with localcontext(prec=_DIGITS):
        decimal = Decimal(number.numerator) / Decimal(number.denominator)
    if rest != 1:
        return f"{decimal:.12f}…"
    text = f"{decimal:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain_unit(name: str) -> str:
    """One spelling for the two signs of micro, full-width characters, and spaces."""
    if len(name) > _LENGTH_MAX:
        raise MeasureError("unknown_unit")
    return "".join(unicodedata.normalize("NFKC", name).split())


_BY_NAME = {_plain_unit(name): unit for unit in RESULT_UNITS for name in unit.names}
