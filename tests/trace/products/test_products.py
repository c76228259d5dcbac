"""Registering, finding and listing products."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.trace.chain import refused
from tests.trace.labels.stage import Stage
from trace.products.model import ProductFacts, pieces_within, quantity_of
from trace.products.service import RegisterProduct, find_product, list_products, register_product

GTIN = "06901234567892"


def good(stage: Stage) -> RegisterProduct:
    return RegisterProduct(stage.coop, "pear", "梨", "Pear", "fruit", "mass", GTIN, net=("5", "斤"))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"code": ""}, "CODE_MALFORMED"),
    ({"code": "rice"}, "CODE_TAKEN"),
    ({"name_zh": " "}, "NAME_MISSING"),
    ({"features_zh": "x" * 401}, "TEXT_TOO_LONG"),
    ({"use_zh": "\u202e"}, "BIDI_TEXT"),
    ({"category": "weapon"}, "CATEGORY_UNKNOWN"),
    ({"measure": "volume"}, "WRONG_UNIT"),
    ({"gtin": "06901234567891"}, "GTIN_MALFORMED"),
    ({"gtin": "6901234567892"}, "GTIN_MALFORMED"),
    ({"gtin": "6901234567892 "}, "GTIN_MALFORMED"),
    ({"gtin": "６901234567892"}, "GTIN_MALFORMED"),
    ({"brand": "none"}, "BRAND_UNKNOWN"),
    ({"region": "12"}, "REGION_MALFORMED"),
    ({"region": "1" * 13}, "REGION_MALFORMED"),
    ({"net": ("0", "公斤")}, "QUANTITY_MALFORMED"),
    ({"net": ("-5", "公斤")}, "QUANTITY_MALFORMED"),
    ({"net": ("1e3", "公斤")}, "QUANTITY_MALFORMED"),
    ({"net": ("5", "")}, "QUANTITY_MALFORMED"),
    ({"net": ("5", "磅")}, "QUANTITY_MALFORMED"),
    ({"net": ("0.5", "毫克")}, "QUANTITY_MALFORMED"),
    ({"net": ("9007199254740992", "毫克")}, "QUANTITY_MALFORMED"),
    ({"net": ("5", "亩")}, "WRONG_UNIT"),
    ({"net": ("5", "只")}, "WRONG_UNIT"),
    ({"expected": ("5", "只")}, "WRONG_UNIT"),
    ({"measure": "pieces", "net": ("5", "个")}, "WRONG_UNIT"),
]


def test_what_a_product_needs(stage: Stage) -> None:
    for changes, code in REFUSED:
        command = replace(good(stage), **changes)
        assert refused(lambda c=command: stage.do(register_product, c)) == [code], changes
    stage.do(register_product, good(stage))
    again = replace(good(stage), code="other")
    assert refused(lambda: stage.do(register_product, again)) == ["CODE_TAKEN"]
    # A code may not be another product's GTIN either: both are found by one look.
    shadow = replace(good(stage), code=GTIN, gtin=None)
    assert refused(lambda: stage.do(register_product, shadow)) == ["CODE_TAKEN"]
    with stage.node.database.read() as session:
        product = find_product(session, GTIN)
        assert product is not None
        assert product is find_product(session, "pear") is find_product(session, product.id)
        assert (product.net_mg, product.facts().item) == (2_500_000, GTIN)


def test_of_many_at_once_one_has_the_code(stage: Stage) -> None:
    command = good(stage)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: refused(lambda: stage.do(register_product, command)), range(8))
    assert sorted(map(str, answers)) == ["['CODE_TAKEN']"] * 7 + ["[]"]


def test_the_public_list_is_sought_as_typed(stage: Stage) -> None:
    stage.do(register_product, replace(good(stage), features_zh="100% 甜_脆"))
    with stage.node.database.read() as session:
        for words, found in (
            ("甜_脆", 1),
            ("甜x脆", 0),
            ("%", 1),
            ("Pear", 1),
            ("", 3),
            ("'--", 0),
        ):
            assert len(list_products(session, words=words)) == found, words
        assert len(list_products(session, category="fruit")) == 1
        pages = [list_products(session, page=n, per_page=1) for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [1, 1, 1, 0]


@pytest.mark.parametrize(("quantity", "pieces"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2)])
def test_labelled_pieces_of_a_quantity(quantity: int, pieces: int) -> None:
    rice = ProductFacts("prod:a", "rice", None, "mass", 5)
    assert pieces_within(rice, quantity) == pieces
    assert quantity_of(rice, pieces) <= quantity
    crabs = ProductFacts("prod:b", "crabs", GTIN, "pieces", None)
    assert pieces_within(crabs, quantity) == quantity_of(crabs, quantity) == quantity
    assert pieces_within(ProductFacts("prod:c", "loose", None, "mass", None), quantity) == 0
    assert (rice.path, crabs.path) == ("p/rice", f"01/{GTIN}")
