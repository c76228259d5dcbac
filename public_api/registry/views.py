"""The addresses of the public registers; each answers with a page or, for machines, with JSON."""

from __future__ import annotations

from flask import Blueprint, Response, request

from public_api.registry.answering import answer, answer_list, times, words
from public_api.registry.bases import find_base, list_bases
from public_api.registry.brands import find_brand_entry, list_brands
from public_api.registry.conformity import find_conformity_entry
from public_api.registry.organisations import find_organisation, list_organisations
from public_api.registry.products import find_product_entry, lots_with_pages, search_products
from public_api.registry.recalls import find_recall_entry, list_recall_entries
from trace.products.model import CATEGORY_WORDS, Category
from web.node import current_node
from web.paging import asked_page
from web.problems import wants_page

blueprint = Blueprint("registry", __name__, url_prefix="/registry")
blueprint.context_processor(times)


@blueprint.get("/")
def home() -> Response:
    """List the registers."""
    names = (
        "products", "bases", "certificates", "notices", "bodies", "schemes", "statistics", "brands",
        "parties", "recalls", "complaints",
    )  # fmt: skip
    return answer("registry/home.html", registers=[f"/registry/{name}" for name in names])


@blueprint.get("/products")
def products() -> Response:
    """List products, with search words (`q`) and a category."""
    asked, sought, category = asked_page(request.args), words("q"), words("category")
    with current_node().database.read() as session:
        rows = search_products(session, sought, category, asked.number, asked.per_page)
    categories = [(each.value, CATEGORY_WORDS[each]) for each in Category]
    return answer_list("registry/products.html", asked.of(rows), q=sought, category=category,
                       categories=categories)  # fmt: skip


@blueprint.get("/products/<code:code>")
def product(code: str) -> Response:
    """Show a product."""
    with current_node().database.read() as session:
        entry = find_product_entry(session, code)
        lots = lots_with_pages(session, entry.id)
    return answer("registry/product.html", product=entry, lots=lots)


@blueprint.get("/bases")
def bases() -> Response:
    """List production bases, also of one region."""
    asked, region, node = asked_page(request.args), words("region"), current_node()
    with node.database.read() as session:
        rows = list_bases(session, node.vault, region, asked.offset, asked.limit)
    return answer_list("registry/bases.html", asked.of(rows), region=region)


@blueprint.get("/bases/<code:id>")
def base(id: str) -> Response:
    """Show a production base."""
    node = current_node()
    with node.database.read() as session:
        return answer("registry/base.html", base=find_base(session, node.vault, id))


@blueprint.get("/brands")
def brands() -> Response:
    """List brands."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        rows = list_brands(session, asked.offset, asked.limit)
    return answer_list("registry/brands.html", asked.of(rows))


@blueprint.get("/brands/<code:code>")
def brand(code: str) -> Response:
    """Show a brand."""
    with current_node().database.read() as session:
        return answer("registry/brand.html", brand=find_brand_entry(session, code))


@blueprint.get("/parties")
def parties() -> Response:
    """List organisations, with search words (`q`) and a region."""
    asked, sought, region = asked_page(request.args), words("q"), words("region")
    with current_node().database.read() as session:
        rows = list_organisations(session, sought, region, asked.offset, asked.limit)
    return answer_list("registry/parties.html", asked.of(rows), q=sought, region=region)


@blueprint.get("/parties/<code:id>")
def party(id: str) -> Response:
    """Show an organisation."""
    with current_node().database.read() as session:
        return answer("registry/party.html", party=find_organisation(session, id))


@blueprint.get("/recalls")
def recalls() -> Response:
    """List recalls that were ordered."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        rows = list_recall_entries(session, asked.offset, asked.limit)
    return answer_list("registry/recalls.html", asked.of(rows))


@blueprint.get("/recalls/<code:id>")
def recall(id: str) -> Response:
    """Show a recall."""
    with current_node().database.read() as session:
        return answer("registry/recall.html", recall=find_recall_entry(session, id))


@blueprint.get("/conformity/<code:id>")
def conformity(id: str) -> Response:
    """Show an electronic 承诺达标合格证; search engines are asked to leave it alone."""
    node = current_node()
    with node.database.read() as session:
        entry, on_tap = find_conformity_entry(session, node.vault, id)
    if wants_page():
        response = answer("registry/conformity.html", conformity=entry, on_tap=on_tap)
    else:
        response = answer("", conformity=entry)
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


@blueprint.get("/complaints")
def complaints() -> Response:
    """Say where to complain, and which code to name."""
    return answer("registry/complaints.html", code=words("code")[:40], hotline="12316")
