"""What fields offer to choose from, as pairs of code and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request

from certification.schemes.model import Scheme
from console.labels.reading import Permit
from console.lots.reading import OwnLot
from console.records.words import Detail
from console.words import UNITS, category_name, grouped, quantity
from trace.bases.tables import ProductionBase
from trace.products.tables import Product
from web.language import Words, current_language, t
from web.paging import address_of_page

Pairs = list[tuple[str, str]]


def pairs(options: Iterable[tuple[str, Words]]) -> Pairs:
    """Give options in the reader's language."""
    return [(code, words.text(current_language())) for code, words in options]


def product_words(product: Product) -> str:
    """Name a product in the reader's language."""
    return (product.name_en if current_language() == "en" else "") or product.name_zh


def lot_pairs(lots: Iterable[OwnLot], without: str = "") -> Pairs:
    """Offer lots with what they hold; one may be left out."""
    return [(own.lot.id, _lot_words(own)) for own in lots if own.lot.id != without]


def _lot_words(own: OwnLot) -> str:
    held = quantity(own.measure, own.balance.held)
    return f"{own.lot.code} · {product_words(own.product)} · {t('现有', 'holds')} {held}"


def lot_code(lots: Iterable[OwnLot], lot_id: str) -> str:
    """Give the code of a lot that is offered."""
    return next((own.lot.code for own in lots if own.lot.id == lot_id), "")


def product_pairs(products: Iterable[Product]) -> Pairs:
    """Offer products by their code."""
    return [(each.code, f"{product_words(each)} · {each.code}") for each in products]


def product_id_pairs(products: Iterable[Product]) -> Pairs:
    """Offer products by their id."""
    return [(each.id, f"{product_words(each)} · {each.code}") for each in products]


def base_pairs(bases: Iterable[ProductionBase]) -> Pairs:
    """Offer production bases."""
    english = current_language() == "en"
    return [(each.id, (each.name_en if english else "") or each.name_zh) for each in bases]


def category_pairs(categories: Iterable[str]) -> Pairs:
    """Offer the classes of products."""
    return [(code, category_name(code)) for code in categories]


def all_units() -> Pairs:
    """Offer the units of mass, then those of pieces, for a lot that is not yet chosen."""
    return [(code, t(zh, en)) for kind in ("mass", "pieces") for code, zh, en in UNITS[kind]]


def unit_name(code: str) -> str:
    """Name a unit; one that we do not offer stays as it was typed."""
    known = {unit: t(zh, en) for rows in UNITS.values() for unit, zh, en in rows}
    return known.get(code, code)


def detail_text(detail: Detail, values: Mapping[str, str]) -> str:
    """Write the value of a detail with its unit."""
    value, lang = values.get(detail.name, ""), current_language()
    if detail.kind == "choice":
        return dict(pairs(detail.options)).get(value, value)
    if detail.kind == "tick":
        return t("是", "Yes")
    if detail.unit_field:
        named = dict(pairs(detail.units))
        unit = values.get(detail.unit_field, "")
        return f"{grouped(value)} {named.get(unit, unit)}"
    return f"{value} {detail.unit.text(lang)}" if detail.unit else value


def word_pairs(words: Mapping[str, tuple[str, str]]) -> Pairs:
    """Offer the members of a table of words in both languages."""
    return [(str(code), t(zh, en)) for code, (zh, en) in words.items()]


def pair_words(code: str, words: Mapping[str, tuple[str, str]]) -> str:
    """Give the word of a code; as a filter."""
    return t(*words[code])


def scheme_pairs(schemes: Mapping[str, Scheme]) -> Pairs:
    """Offer the schemes of marks."""
    lang = current_language()
    return [(code, each.name.text(lang)) for code, each in schemes.items()]


def number_pairs(permits: Iterable[Permit]) -> Pairs:
    """Offer certificates by their number."""
    lang = current_language()
    found = [each.certificate for each in permits]
    return [(each.number, f"{each.scheme.name.text(lang)} {each.number}") for each in found]


def page_address(number: int) -> str:
    """Give the address of another page of the list that is shown."""
    return address_of_page(request.args, number)


def field_options() -> dict[str, Any]:
    """Give the templates everything above."""
    functions: Sequence[Any] = (
        pairs, lot_pairs, lot_code, product_pairs, product_id_pairs, base_pairs, category_pairs,
        all_units, unit_name, detail_text, page_address, product_words, word_pairs, scheme_pairs,
        number_pairs,
    )  # fmt: skip
    return {each.__name__: each for each in functions}
