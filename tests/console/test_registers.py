"""Own lots, products and bases: forms, refusals, lists."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.console.refusals import Case, differences
from tests.console.visitor import new_key, problem_of
from trace.bases.tables import ProductionBase
from trace.lots.tables import Lot
from trace.products.tables import Product

BASE = {
    "name_zh": "二号田",
    "region": "120112102",
    "area_value": "17.5",
    "area_unit": "亩",
    "village_zh": "演示村",
}
PRODUCT = {"code": "NEW", "name_zh": "新米", "category": "grain", "measure": "mass"}
LOT = {"product": "RICE", "code": "R9", "opened_at": "2026-11-01T08:00"}
EVIL = "<script>alert(1)</script>"

BASE_REFUSED: tuple[Case, ...] = (
    ({"name_zh": ""}, 422, "field_missing", "name_zh"),
    ({"name_zh": "长" * 61}, 422, "text_too_long", "name_zh"),
    ({"name_zh": "无‮声"}, 422, "bidi_text", "name_zh"),
    ({"region": "12"}, 422, "region_malformed", "region"),
    ({"region": "12011210\x00"}, 422, "control_text", "region"),
    ({"area_value": "1.234"}, 422, "quantity_malformed", "area_value"),
    ({"area_value": "-1"}, 422, "quantity_malformed", "area_value"),
    ({"area_unit": "公斤"}, 422, "wrong_unit", "area_value"),
)
PRODUCT_REFUSED: tuple[Case, ...] = (
    ({"code": "RICE"}, 409, "code_taken", "code"),
    ({"code": "新"}, 422, "code_malformed", "code"),
    ({"name_zh": " "}, 422, "field_missing", "name_zh"),
    ({"category": "mineral"}, 422, "choice_unknown", "category"),
    ({"measure": "area"}, 422, "choice_unknown", "measure"),
    ({"gtin": "09521234543214"}, 422, "gtin_malformed", "gtin"),
    ({"brand": "NONE"}, 404, "brand_unknown", "brand"),
    ({"net_value": "5", "net_unit": "只"}, 422, "wrong_unit", "net_value"),
    ({"net_value": "x", "net_unit": "公斤"}, 422, "quantity_malformed", "net_value"),
    ({"net_value": "5"}, 422, "quantity_malformed", "net_value"),
    ({"region": "1" * 13}, 422, "region_malformed", "region"),
)
LOT_REFUSED: tuple[Case, ...] = (
    ({"product": ""}, 422, "choice_missing", "product"),
    ({"product": "NONE"}, 404, "product_unknown", "product"),
    ({"product": "OTHER"}, 403, "not_yours", "product"),
    ({"code": "R1"}, 409, "lot_code_taken", "code"),
    ({"code": "R 1"}, 422, "code_malformed", "code"),
    ({"code": "R" * 21}, 422, "code_malformed", "code"),
    ({"base": "base:AAAAAAAAAAAAAAAAAAAA"}, 404, "base_unknown", "base"),
    ({"opened_at": "2026-11-02T08:00"}, 422, "in_the_future", "opened_at"),
    ({"opened_at": "2026-13-01T08:00"}, 422, "moment_malformed", "opened_at"),
)


def rows(world, table) -> int:
    with world.node.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_bases_products_and_lots_are_registered_once(grower, world) -> None:
    key = new_key()
    for _ in range(2):
        page = grower.follow(grower.post("/console/registers/bases/new", key, **BASE))
    assert "天津市津南区小站镇演示村" in page.text
    assert "17.5 亩" in page.text
    assert rows(world, ProductionBase) == 2
    more = {"net_value": "5", "net_unit": "公斤", "gtin": "09521234543213", "season": "10月"}
    page = grower.follow(grower.post("/console/registers/products/new", **PRODUCT, **more))
    assert 'value="NEW" selected' in page.text
    assert "09521234543213" in grower.get("/console/registers/products").text
    key = new_key()
    for _ in range(2):
        page = grower.follow(grower.post("/console/lots/new", key, **LOT, base=world.base))
    assert "一号田" in page.text
    assert rows(world, Lot) == 5


def test_what_is_typed_wrong_is_refused_and_nothing_is_written(grower, world) -> None:
    before = [rows(world, table) for table in (ProductionBase, Product, Lot)]
    for path, right, cases in (
        ("/console/registers/bases/new", BASE, BASE_REFUSED),
        ("/console/registers/products/new", PRODUCT, PRODUCT_REFUSED),
        ("/console/lots/new", LOT, LOT_REFUSED),
    ):
        assert differences(grower, path, right, cases) == []
    assert [rows(world, table) for table in (ProductionBase, Product, Lot)] == before


def test_markup_in_every_field_is_text(grower, world) -> None:
    texts = ("name_zh", "name_en", "grade", "features_zh", "season", "rights_holder", "use_zh")
    grower.post("/console/registers/products/new", **(PRODUCT | dict.fromkeys(texts, EVIL)))
    grower.post("/console/registers/bases/new", **(BASE | {"name_zh": EVIL, "village_zh": EVIL}))
    grower.follow(grower.post("/console/lots/new", **(LOT | {"product": "NEW"})))
    refused = grower.post("/console/lots/new", **(LOT | {"product": EVIL, "code": EVIL}))
    pages = [grower.get(f"/console/{path}") for path in (
        "registers/products", "registers/bases", "lots/", "lots/new", "record/", "conformity/",
        "labels/choose",
    )]  # fmt: skip
    for page in (refused, *pages):
        assert EVIL not in page.text
    assert all("&lt;script&gt;" in page.text for page in (refused, *pages))


def test_lots_are_listed_with_their_balances_and_found(grower, world) -> None:
    page = grower.get("/console/lots/")
    assert [code in page.text for code in ("R1", "R2", "P1", "X1")] == [True, True, True, False]
    assert "100 公斤" in page.text
    assert "R1" not in grower.get("/console/lots/?q=P1").text
    lot = grower.get(f"/console/lots/{world.rice}")
    for word in ("收获", "包装", "/p/RICE/10/R1", "一号田"):
        assert word in lot.text
    foreign = grower.get(f"/console/lots/{world.foreign}")
    assert (foreign.status_code, problem_of(foreign)) == (403, "not_yours")
