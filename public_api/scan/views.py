"""The addresses on labels: GS1 Digital Link, `/p/{product}`, and `/t/` for codes that are typed.

One address answers people with a page, machines with JSON (`Accept: application/json`) and
resolver clients with a linkset (`application/linkset+json` or `?linkType=linkset`).
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as BaseResponse

from public_api.scan.cache import BodyCache
from public_api.scan.desk import ScanDesk, Scanned
from public_api.scan.front import LINKSET_TYPE, PURPOSES, page_headers
from public_api.scan.linkset import linkset, resolver_description
from public_api.scan.page import answer
from public_api.scan.places import PlaceTable
from public_api.scan.rendering import draw_page
from public_api.scan.verify_page import PinnedLog, PinnedPolicy, verify_page, verify_policy
from runtime.refusal import refuse
from trace.digital_link.link import Link, parse
from trace.labels.human_code import read_code
from trace.labels.lookup import find_position
from trace.refusals import TraceRefusal
from trace.scans.model import ScanRequest
from trace.scans.service import ScanCounter
from web import headers
from web.assets import current_assets
from web.language import current_language
from web.node import Node, current_node
from web.sign_in import visitor

blueprint = Blueprint("scan", __name__)
_EXTENSION = "ecotrace.scan"


def install(node: Node, counter: ScanCounter) -> tuple[ScanDesk, PlaceTable]:
    """Make the desk and the table of places of a node."""
    return ScanDesk(node, counter, BodyCache()), PlaceTable.read(node.settings.place_table)


def _desk() -> tuple[ScanDesk, PlaceTable]:
    return cast("tuple[ScanDesk, PlaceTable]", current_app.extensions[_EXTENSION])


@blueprint.get("/<ai:key>/<rest:rest>")
def scan(key: str, rest: str) -> BaseResponse:
    """Answer a scanned address."""
    link = parse(_path_as_sent(), request.query_string.decode("ascii", "replace"))
    if _wanted_linkset():
        return _linkset(link)
    desk, places = _desk()
    asked, lang, place = _asked(), current_language(), places.place(request.remote_addr)
    page = desk.ordinary(link, asked, lang, place) if _may_be_ordinary() else None
    if page is not None:
        return _completed(make_response(page))
    scanned = desk.answer(link, asked, lang, place)
    return _answered(scanned)


def _path_as_sent() -> str:
    """Give the path with its escapes, which WSGI decodes: servers hand it over under two names."""
    raw: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if not raw:
        return quote(request.path, safe="/~!$&'()*+,;=:@")
    path = raw.partition("?")[0]
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path


def _asked() -> ScanRequest:
    return ScanRequest(
        method=request.method,
        wants="html" if _wants_page() else "json",
        user_agent=request.headers.get("User-Agent", ""),
        purpose=" ".join(request.headers.get(name, "") for name in PURPOSES),
        producer=visitor() is not None,
    )


def _wants_page() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best != "application/json"


def _wanted_linkset() -> bool:
    if request.query_string and request.args.get("linkType") == "linkset":
        return True
    # Weighing media types is slow, and hardly anybody names this one.
    if LINKSET_TYPE not in request.headers.get("Accept", ""):
        return False
    return request.accept_mimetypes.best_match(["text/html", LINKSET_TYPE]) == LINKSET_TYPE


def _answered(scanned: Scanned) -> Response:
    lang = current_language()
    status = 200 if scanned.known else 404
    if _wants_page():
        response = make_response(draw_page(scanned.page, scanned.body.html, lang), status)
    else:
        value: dict[str, Any] = answer(scanned.page, lang, scanned.body.proof)
        response = make_response(jsonify(value), status)
        response.headers["Access-Control-Allow-Origin"] = "*"
    return _completed(response)


def _may_be_ordinary() -> bool:
    """Tell whether a browser asks, whose scan counts and whose page may be the cached one.

    A page that is kept for others has nothing of this visitor's query in it.
    """
    if request.method != "GET" or request.args.keys() - {"lang"}:
        return False
    return request.headers.get("Accept", "").startswith("text/html")


def _completed(response: Response) -> Response:
    response.headers.extend(page_headers(request.path))
    return response


def _linkset(link: Link) -> Response:
    node = current_node()
    with node.database.read() as session:
        found = linkset(session, link, node.settings.base_url)
    response = jsonify(found)
    response.mimetype = LINKSET_TYPE
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/.well-known/gs1resolver")
def resolver() -> Response:
    """Describe this resolver (GS1-Conformant Resolver 1.2)."""
    response = jsonify(resolver_description(current_node().settings.base_url))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/t/")
def typed() -> BaseResponse:
    """Answer a code that was typed (`?code=RUN-NNNNNNN-C`), or show the form."""
    text = request.args.get("code", "").strip()
    if text:
        return redirect(f"/t/{text[:40]}")
    return make_response(render_template("scan/typed.html", mistyped=False))


@blueprint.get("/t/<code>")
def typed_code(code: str) -> BaseResponse:
    """Answer for run and lot of a code that people read; it never claims the first scan."""
    read = read_code(code)
    if read is None:
        if not _wants_page():
            refuse(TraceRefusal.LABEL_CODE_MALFORMED, "/code")
        return make_response(render_template("scan/typed.html", mistyped=True), 422)
    with current_node().database.read() as session:
        label = find_position(session, read.run, read.position)
    if label is None:
        refuse(TraceRefusal.LABEL_UNKNOWN, "/code")
    desk, _ = _desk()
    scanned = desk.answer_position(label, current_language())
    return _answered(scanned)


@blueprint.get("/verify")
def verify() -> BaseResponse:
    """Serve the self-contained checker, with this node's own log pinned."""
    node = current_node()
    base = node.settings.base_url
    log = PinnedLog(node.log_keys.origin, node.log_keys.vkey(), (base,))
    policy = PinnedPolicy(base.partition("://")[2], (log,))
    headers.use(verify_policy(policy, current_assets()))
    return make_response(verify_page(policy, current_language(), current_assets()))
