"""Own products and production bases: lists and forms."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from console.doors import PRODUCERS, desk, my_party
from console.reading import name_of_party
from console.registers.reading import own_products
from console.sheet import Choice, Form, Line, Maybe, Region, Sheet
from identity.parties.service import get_party
from trace.bases.service import RegisterBase, bases_of, register_base
from trace.products.model import Category
from trace.products.service import RegisterProduct, register_product
from web.node import current_node
from web.paging import asked_page

blueprint = desk("registers", __name__, *PRODUCERS)


class BaseForm(Form):
    """A production base."""

    places = {"/area": "area_value"}

    name_zh = Line()
    name_en = Line(needed=False)
    region = Region()
    village_zh = Line(needed=False)
    area_value = Line()
    area_unit = Choice()


class ProductForm(Form):
    """A product; the fields of 生态产品目录清单."""

    places = {"/net": "net_value", "/expected": "expected_value"}

    code = Line()
    name_zh = Line()
    name_en = Line(needed=False)
    category = Choice(Category)
    measure = Choice(("mass", "pieces"))
    gtin = Maybe()
    brand = Maybe()
    grade = Line(needed=False)
    features_zh = Line(needed=False)
    features_en = Line(needed=False)
    season = Line(needed=False)
    net_value = Maybe()
    net_unit = Choice(needed=False)
    expected_value = Maybe()
    expected_unit = Choice(needed=False)
    rights_holder = Line(needed=False)
    protection_zh = Line(needed=False)
    use_zh = Line(needed=False)
    region = Region(needed=False)


@blueprint.get("/bases")
def bases() -> str:
    """List the own bases."""
    with current_node().database.read() as session:
        return render_template("console/registers/bases.html", bases=bases_of(session, my_party()))


@blueprint.get("/products")
def products() -> str:
    """List the own products."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        rows = own_products(session, my_party(), asked.offset, asked.limit)
        return render_template("console/registers/products.html", page=asked.of(rows))


@blueprint.route("/bases/new", methods=["GET", "POST"])
def new_base() -> BaseResponse:
    """Register a base."""
    sheet = Sheet.of(BaseForm, {"region": _own_region(), "area_unit": "亩"})
    if sheet.sent:
        with sheet.attempt():
            read = sheet.read()
            area = (read.pop("area_value"), read.pop("area_unit"))
            sheet.run(register_base, RegisterBase(owner=my_party(), area=area, **read))
            return redirect(url_for(".bases"), 303)
    return sheet.page("console/registers/new_base.html")


@blueprint.route("/products/new", methods=["GET", "POST"])
def new_product() -> BaseResponse:
    """Register a product."""
    with current_node().database.read() as session:
        given = {"rights_holder": name_of_party(session, my_party()), "region": _own_region()}
    sheet = Sheet.of(ProductForm, {**given, "measure": "mass"})
    if sheet.sent:
        with sheet.attempt():
            product = sheet.run(register_product, _product(sheet.read()))
            return redirect(url_for("console.lots.new", product=product.code), 303)
    return sheet.page("console/registers/new_product.html", categories=list(Category))


def _own_region() -> str:
    with current_node().database.read() as session:
        return get_party(session, my_party()).region or ""


def _product(read: dict[str, object]) -> RegisterProduct:
    """Make the command; a quantity that was left blank is absent."""
    pairs = {
        name: (read.pop(f"{name}_value"), read.pop(f"{name}_unit")) for name in ("net", "expected")
    }
    typed = {name: pair if pair[0] else None for name, pair in pairs.items()}
    return RegisterProduct(owner=my_party(), **typed, **read)  # type: ignore[arg-type]
