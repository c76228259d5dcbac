"""What all register pages share: a page for people, the same facts as JSON for machines."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from public_api.plain import plain
from public_api.scan.formats import format_value
from runtime.clock import instant_text
from web.language import current_language
from web.paging import Page, address_of_page
from web.problems import wants_page

_WORDS_MAX = 60
_SECONDS = "public, max-age=60"


def times() -> dict[str, Any]:
    """Let pages write instants as the scan page does, in Beijing time; a context processor."""
    lang = current_language()
    return {"shown_time": lambda at: format_value(instant_text(at), "instant", lang)}


def answer(template: str, **shown: Any) -> Response:
    """Answer with the page, or with what it shows as JSON."""
    if wants_page():
        response = make_response(render_template(template, **shown))
    else:
        response = jsonify({name: plain(value) for name, value in shown.items()})
        response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = _SECONDS if not wants_page() else "private, no-cache"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def answer_list(template: str, page: Page[Any], **shown: Any) -> Response:
    """Answer with one page of a list; `shown` is for people only."""
    asked = {key: value for key, value in request.args.items() if key != "page"}
    if not wants_page():
        following = address_of_page(asked, page.number + 1) if page.has_next else None
        return answer(template, rows=page.rows, page=page.number, next=following)
    return answer(
        template, page=page, address=lambda number: address_of_page(asked, number), **shown
    )


def words(name: str) -> str:
    """Return a question of the address. Raises BadRequest for NUL, which no register holds."""
    text = request.args.get(name, "").strip()[:_WORDS_MAX]
    if "\x00" in text:
        raise BadRequest
    return text
