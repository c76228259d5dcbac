"""The addresses of the public registers; each answers with a page or, for machines, with JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from certification.schemes.service import schemes
from public_api.plain import plain
from public_api.registry import certificates as certificate_register
from public_api.registry.bases import find_base, list_bases
from public_api.registry.brands import find_brand_entry, list_brands
from public_api.registry.conformity import find_conformity_entry
from public_api.registry.organisations import find_organisation, list_organisations
from public_api.registry.products import find_product_entry, lots_with_pages, search_products
from public_api.registry.recalls import find_recall_entry, list_recall_entries
from public_api.scan.formats import format_value
from runtime.clock import instant_text
from trace.products.model import CATEGORY_WORDS, Category
from web.language import current_language
from web.node import current_node
from web.paging import Asked, Page, address_of_page, asked_page
from web.problems import wants_page

blueprint = Blueprint("registry", __name__, url_prefix="/registry")


@blueprint.context_processor
def _times() -> dict[str, Any]:
    """Let pages write instants as the scan page does, in Beijing time."""
    lang = current_language()
    return {"shown_time": lambda at: format_value(instant_text(at), "instant", lang)}


_WORDS_MAX = 60
_SECONDS = "public, max-age=60"


def _answer(template: str, **shown: Any) -> Response:
    """Answer with the page, or with what it shows as JSON."""
    if wants_page():
        response = make_response(render_template(template, **shown))
    else:
        response = jsonify({name: plain(value) for name, value in shown.items()})
        response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = _SECONDS if not wants_page() else "private, no-cache"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def _list(template: str, page: Page[Any], **shown: Any) -> Response:
    asked = {key: value for key, value in request.args.items() if key != "page"}
    if not wants_page():
        following = address_of_page(asked, page.number + 1) if page.has_next else None
        return _answer(template, rows=page.rows, page=page.number, next=following)
    return _answer(
        template, page=page, address=lambda number: address_of_page(asked, number), **shown
    )


def _words(name: str) -> str:
    """Return a question of the address. Raises BadRequest for NUL, which no register holds."""
    text = request.args.get(name, "").strip()[:_WORDS_MAX]
    if "\x00" in text:
        raise BadRequest
    return text


@blueprint.get("/")
def home() -> Response:
    """List the registers."""
    names = ("products", "bases", "certificates", "brands", "parties", "recalls", "complaints")
    return _answer("registry/home.html", registers=[f"/registry/{name}" for name in names])


@blueprint.get("/products")
def products() -> Response:
    """List products, with search words (`q`) and a category."""
    asked, words, category = asked_page(request.args), _words("q"), _words("category")
    with current_node().database.read() as session:
        rows = search_products(session, words, category, asked.number, asked.per_page)
    categories = [(each.value, CATEGORY_WORDS[each]) for each in Category]
    return _list("registry/products.html", asked.of(rows), q=words, category=category,
                 categories=categories)  # fmt: skip


@blueprint.get("/products/<code:code>")
def product(code: str) -> Response:
    """Show a product."""
    with current_node().database.read() as session:
        entry = find_product_entry(session, code)
        lots = lots_with_pages(session, entry.id)
    return _answer("registry/product.html", product=entry, lots=lots)


@blueprint.get("/bases")
def bases() -> Response:
    """List production bases, also of one region."""
    asked, region, node = asked_page(request.args), _words("region"), current_node()
    with node.database.read() as session:
        rows = list_bases(session, node.vault, region, asked.offset, asked.limit)
    return _list("registry/bases.html", asked.of(rows), region=region)


@blueprint.get("/bases/<code:id>")
def base(id: str) -> Response:
    """Show a production base."""
    node = current_node()
    with node.database.read() as session:
        return _answer("registry/base.html", base=find_base(session, node.vault, id))


@blueprint.get("/certificates")
def certificates() -> Response:
    """List certificates by number, also of one scheme; `after` is the last number before."""
    node, scheme, after = current_node(), _words("scheme"), _words("after")
    asked = Asked(1)
    with node.database.read() as session:
        rows = certificate_register.list_certificates(
            session, node.vault, node.clock.now(),
            scheme=scheme or None, after=after, limit=asked.limit,
        )  # fmt: skip
    page = asked.of(rows)
    last = page.rows[-1].number if page.has_next else None
    following = None if last is None else f"?{_query(scheme=scheme, after=last)}"
    if not wants_page():
        return _answer("", rows=page.rows, next=following)
    return _answer("registry/certificates.html", rows=page.rows, following=following,
                   scheme=scheme, schemes=schemes())  # fmt: skip


def _query(**questions: str) -> str:
    return address_of_page({key: value for key, value in questions.items() if value}, 1)[1:]


@blueprint.get("/certificates/<code:number>")
def certificate(number: str) -> Response:
    """Show a certificate with its state, its quantity and its history."""
    node = current_node()
    with node.database.read() as session:
        entry = certificate_register.find_certificate(session, node.vault, number, node.clock.now())
    return _answer("registry/certificate.html", certificate=entry)


@blueprint.get("/brands")
def brands() -> Response:
    """List brands."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        rows = list_brands(session, asked.offset, asked.limit)
    return _list("registry/brands.html", asked.of(rows))


@blueprint.get("/brands/<code:code>")
def brand(code: str) -> Response:
    """Show a brand."""
    with current_node().database.read() as session:
        return _answer("registry/brand.html", brand=find_brand_entry(session, code))


@blueprint.get("/parties")
def parties() -> Response:
    """List organisations, with search words (`q`) and a region."""
    asked, words, region = asked_page(request.args), _words("q"), _words("region")
    with current_node().database.read() as session:
        rows = list_organisations(session, words, region, asked.offset, asked.limit)
    return _list("registry/parties.html", asked.of(rows), q=words, region=region)


@blueprint.get("/parties/<code:id>")
def party(id: str) -> Response:
    """Show an organisation."""
    with current_node().database.read() as session:
        return _answer("registry/party.html", party=find_organisation(session, id))


@blueprint.get("/recalls")
def recalls() -> Response:
    """List recalls that were ordered."""
    asked = asked_page(request.args)
    with current_node().database.read() as session:
        rows = list_recall_entries(session, asked.offset, asked.limit)
    return _list("registry/recalls.html", asked.of(rows))


@blueprint.get("/recalls/<code:id>")
def recall(id: str) -> Response:
    """Show a recall."""
    with current_node().database.read() as session:
        return _answer("registry/recall.html", recall=find_recall_entry(session, id))


@blueprint.get("/conformity/<code:id>")
def conformity(id: str) -> Response:
    """Show an electronic 承诺达标合格证; search engines are asked to leave it alone."""
    node = current_node()
    with node.database.read() as session:
        entry, on_tap = find_conformity_entry(session, node.vault, id)
    if wants_page():
        response = _answer("registry/conformity.html", conformity=entry, on_tap=on_tap)
    else:
        response = _answer("", conformity=entry)
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response


@blueprint.get("/complaints")
def complaints() -> Response:
    """Say where to complain, and which code to name."""
    return _answer("registry/complaints.html", code=_words("code")[:40], hotline="12316")
