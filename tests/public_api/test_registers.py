"""The public registers, bulk files, home page and documents, for people and for machines."""

from __future__ import annotations

import csv
import io
import re

import pytest

from certification.refusals import CertificationRefusal
from identity.actor import SYSTEM
from public_api.open_data.cells import cell
from tests.certification.two_officers import decided
from tests.public_api.market import OCT_18, Market
from trace.bases.service import RegisterBase, register_base
from trace.conformity.model import Fields
from trace.conformity.service import IssueConformity, issue
from trace.lots.service import OpenLot, open_lot
from trace.products.service import RegisterProduct, register_product
from trace.refusals import TraceRefusal
from trace.steps.service import LotAmount, RecordStep, record_step


def machine(market: Market, path: str):
    return market.ask("GET", path, by=None, headers={"Accept": "application/json"})


PAGES = (
    "/", "/docs", "/docs/problems", "/registry/", "/registry/products", "/registry/bases",
    "/registry/certificates", "/registry/brands", "/registry/parties", "/registry/recalls",
    "/registry/complaints", "/registry/products/RICE-5KG", "/registry/brands/JNJP",
    "/registry/certificates/JNJP-2026-0001",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_drawn_in_both_languages(market, lang):
    for path in (*PAGES, f"/registry/bases/{market.base}", f"/registry/parties/{market.coop}"):
        page = market.page(path, lang)
        text = page.get_data(as_text=True)
        assert page.status_code == 200, path
        assert f'<html lang="{"en" if lang == "en" else "zh-CN"}">' in text
        assert len(re.findall("<h1", text)) == 1, path
        assert "{{" not in text


def test_the_home_page_lists_codes_in_the_demo_only(market):
    market.post("/labels/runs", {"product": "RICE-5KG", "count": 5, "lot": "L1"})
    page = market.page("/").get_data(as_text=True)
    code = re.search(r'href="/t/(1-0000001-[A-Z2])"', page)
    assert code is not None
    assert market.page(f"/t/{code[1]}").status_code == 200
    assert 'href="/p/RICE-5KG/10/L1"' in page
    object.__setattr__(market.node.settings, "demo", False)
    assert "1-0000001" not in market.page("/").get_data(as_text=True)


def test_machines_get_the_same_facts_as_json(market):
    product = machine(market, "/registry/products/RICE-5KG").json["product"]
    assert product["brand"] == "JNJP"
    assert product["log"]["proof"] == f"/log/proof/{product['log']['index']}"
    assert market.ask("GET", product["log"]["proof"], by=None).status_code == 200
    certificate = machine(market, "/registry/certificates/JNJP-2026-0001").json["certificate"]
    assert (certificate["state"], certificate["granted"], certificate["left"]) == (
        "active", 100, 100,
    )  # fmt: skip
    assert [each["kind"] for each in certificate["history"]] == ["grant"]
    assert certificate["history"][0]["log"]["index"] is not None


def test_printing_and_suspending_show_in_the_register(market):
    market.post("/labels/runs", {"product": "RICE-5KG", "count": 30})
    decided(market.run, "suspend", market.cert_id, OCT_18, "抽查")
    found = machine(market, "/registry/certificates/JNJP-2026-0001").json["certificate"]
    assert (found["printed"], found["left"], found["state"]) == (30, 70, "suspended")
    assert [each["kind"] for each in found["history"]] == ["grant", "suspend"]
    page = market.page("/registry/certificates/JNJP-2026-0001").get_data(as_text=True)
    assert "暂停" in page
    assert "抽查" not in page, "the reason of a decision is not public"


def test_products_are_found_by_words_and_category_page_by_page(market):
    for number in range(25):
        market.run(
            register_product,
            RegisterProduct(market.coop, f"PEAR-{number}", f"梨{number:02}", "Pear", "fruit",
                            "pieces", grade="50%_A"),
        )  # fmt: skip
    first = machine(market, "/registry/products?category=fruit").json
    assert len(first["rows"]) == 20
    second = machine(market, "/registry/products" + first["next"]).json
    assert len(second["rows"]) == 5
    assert second["next"] is None
    codes = {row["code"] for row in (*first["rows"], *second["rows"])}
    assert len(codes) == 25
    assert len(machine(market, "/registry/products?q=梨07").json["rows"]) == 1
    assert machine(market, "/registry/products?q=%25_B").json["rows"] == []
    assert len(machine(market, "/registry/products?q=50%25_").json["rows"]) == 20
    for bad in ("?page=0", "?page=x", "?page=99999999", "?q=%00"):
        assert machine(market, "/registry/products" + bad).status_code == 400


def villagers_conformity(market: Market) -> str:
    villager = market.villager
    product = RegisterProduct(villager, "KALE", "青菜", "Kale", "vegetable", "mass")
    market.run(register_product, product)
    base = RegisterBase(villager, "王二小家的地", "Wang's field", "120112102205", ("2.5", "亩"),
                        "东庄房村")  # fmt: skip
    base_id = market.run(register_base, base).id
    market.run(open_lot, OpenLot(villager, "KALE", "K1", OCT_18, base_id))
    harvest = RecordStep(villager, "harvest", OCT_18, market.node.settings.base_url,
                         outputs=(LotAmount("K1", "100", "斤"),))  # fmt: skip
    market.run(record_step, harvest)
    fields = Fields("青菜", ("50", "公斤"), "天津市津南区", "王二小", "13900000000", ("own_test",))
    return str(market.run(issue, IssueConformity(villager, "K1", fields)).id)


def test_a_villager_is_masked_everywhere_but_behind_a_tap(market):
    path = f"/registry/conformity/{villagers_conformity(market)}"
    answer = machine(market, path)
    assert "13900000000" not in answer.get_data(as_text=True)
    assert "王二小" not in answer.get_data(as_text=True)
    assert answer.json["conformity"]["party_zh"] == "村民 王**"
    page = market.page(path)
    text = page.get_data(as_text=True)
    assert "承诺达标合格证" in text
    assert "noindex" in text
    assert "noindex" in page.headers["X-Robots-Tag"]
    tapped = re.findall(r'<p class="masked-full">(.*?)</p>', text)
    assert tapped == ["王二小", "13900000000"]
    assert "王二小" not in re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
    assert "承诺达标合格证" in market.page(path, "en").get_data(as_text=True)
    for other in ("/registry/bases", "/open-data/bases.csv", "/open-data/bases.json",
                  "/registry/parties", "/registry/products/KALE"):  # fmt: skip
        for answer in (market.page(other), machine(market, other)):
            shown = answer.get_data(as_text=True)
            assert "王二小" not in shown, other
            assert "东庄房村" not in shown, other
            assert "139" not in re.sub(r"[A-Za-z0-9_-]{20,}", "", shown), other
    assert machine(market, f"/registry/parties/{market.villager}").status_code == 404


def test_a_conformity_page_of_an_erased_villager_says_so(market):
    id = villagers_conformity(market)
    market.node.vault.destroy(market.villager)
    answer = machine(market, f"/registry/conformity/{id}")
    assert answer.status_code == 200
    assert answer.json["conformity"]["erased"] is True
    assert market.page(f"/registry/conformity/{id}").status_code == 200
    assert market.page("/registry/bases").status_code == 200


def test_what_is_not_there_is_refused_in_words_of_its_area(market):
    cases = {
        "/registry/products/NONE": TraceRefusal.PRODUCT_UNKNOWN.code,
        "/registry/bases/base:none": TraceRefusal.BASE_UNKNOWN.code,
        "/registry/certificates/NONE-1": CertificationRefusal.CERTIFICATE_UNKNOWN.code,
        "/registry/brands/NONE": TraceRefusal.BRAND_UNKNOWN.code,
        "/registry/recalls/rcl:none": TraceRefusal.RECALL_UNKNOWN.code,
        "/registry/conformity/conf:none": TraceRefusal.CONFORMITY_UNKNOWN.code,
        "/registry/parties/org:none": "party_unknown",
        "/registry/products/a%00b": "http_404",
    }
    for path, expected in cases.items():
        answer = machine(market, path)
        assert (answer.status_code, answer.json["code"]) == (404, expected), path
        page = market.page(path)
        assert (page.status_code, page.mimetype) == (404, "text/html")


def test_a_proposed_recall_is_nobodys_business_yet(market):
    body = {"lot": "L1", "reason_zh": "霉变", "reason_en": "mould"}
    proposed = market.post("/recalls", body, "office").json["id"]
    assert machine(market, "/registry/recalls").json["rows"] == []
    assert machine(market, f"/registry/recalls/{proposed}").status_code == 404


def test_complaints_name_the_code_that_was_scanned(market):
    page = market.page("/registry/complaints?code=1-0000001-A").get_data(as_text=True)
    assert "1-0000001-A" in page
    assert "tel:12316" in page
    bad = market.page("/registry/complaints?code=<b>x").get_data(as_text=True)
    assert "<b>x" not in bad


CELLS = [
    ("=1+1", "'=1+1"), ("+86", "'+86"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"), ("\rx", "'\rx"), ("\n=1", "'\n=1"), ("＝1", "'＝1"), ("＋1", "'＋1"),
    ("－1", "'－1"), ("＠x", "'＠x"), (" =1", "' =1"), ("\u3000＝1", "'\u3000＝1"),
    ("a=1", "a=1"), ("小站稻", "小站稻"), ("", ""), (None, ""), (-5, "-5"), (7, "7"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), CELLS)
def test_no_cell_is_a_formula(value, expected):
    assert cell(value) == expected


def test_bulk_files_hold_every_row_once(market):
    dangerous = RegisterProduct(market.coop, "X1", "=cmd|' /C calc'!A0", "", "other", "pieces")
    market.run(register_product, dangerous)
    rows = {}
    for name, key in (("products", "code"), ("bases", "id"), ("certificates", "number")):
        answer = market.ask("GET", f"/open-data/{name}.csv", by=None)
        assert answer.mimetype == "text/csv"
        text = answer.data.decode("utf-8-sig")
        rows[name] = list(csv.DictReader(io.StringIO(text)))
        told = market.ask("GET", f"/open-data/{name}.json", by=None).json
        assert [row[key] for row in rows[name]] == [row[key] for row in told]
    names = {row["name_zh"] for row in rows["products"]}
    assert names == {"小站稻米", "'=cmd|' /C calc'!A0"}
    assert rows["certificates"][0]["products"] == "RICE-5KG"
    for path in ("/open-data/people.csv", "/open-data/products.xml", "/open-data/"):
        assert market.ask("GET", path, by=None).status_code == 404


def test_bulk_files_go_on_over_many_portions(market, monkeypatch):
    monkeypatch.setattr("public_api.open_data.views.PORTION", 3)
    for number in range(8):
        command = RegisterProduct(market.coop, f"P{number}", f"品{number}", "", "other", "pieces")
        market.node.unit.run(register_product, command, actor=SYSTEM)
    told = market.ask("GET", "/open-data/products.json", by=None).json
    assert len({row["id"] for row in told}) == len(told) == 9


def test_every_code_of_a_problem_is_explained(market):
    page = market.page("/docs/problems").get_data(as_text=True)
    ids = re.findall(r'id="([a-z0-9_]+)"', page)
    assert len(ids) == len(set(ids))
    answer = market.post("/products", {})
    assert answer.json["type"].partition("#")[2] in ids
    for code in ("more_than_held", "idempotency_conflict", "token_refused", "over_certified"):
        assert code in ids
