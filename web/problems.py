"""Errors as people and machines read them.

Machines get an RFC 9457 problem document::

    {"type": "/docs/problems#allowance_spent", "title": "…", "status": 409, "detail": "…",
     "code": "allowance_spent",
     "reasons": [{"code": "allowance_spent", "detail": "…", "pointer": "/count",
                  "numbers": {"left": 3}}]}

and people, who ask for `text/html`, a page with the same sentences. `type` names the code, as a
relative reference into the service's own list of codes. A refusal lists all reasons by rank; the
first gives status and code. HTTP errors of the framework have the codes `http_404` and so on, and
keep their own headers (405 its `Allow`); what a schema refused is listed field by field under
`field_refused`. What the program itself breaks is `internal_error`, 500, with nothing of the cause:
that goes to the journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from runtime.json_pointer import pointer_text
from runtime.refusal import Reason, Refusal
from web.language import current_language, t

PROBLEM_JSON = "application/problem+json"
TYPES = "/docs/problems"
_MACHINES = ("/api/", "/epcis", "/credit/", "/log/", "/open-data/")

_HTTP_WORDS: dict[int, tuple[str, str]] = {
    400: ("请求有误", "The request is malformed"),
    401: ("请先登录", "Please sign in"),
    403: ("没有权限", "Not allowed"),
    404: ("没有这个页面", "There is no such page"),
    405: ("此地址不接受这种请求", "This address does not take such a request"),
    406: ("没有所要的格式", "Not available in that format"),
    408: ("请求超时", "The request took too long"),
    409: ("与现有数据冲突", "In conflict with what is there"),
    411: ("缺少 Content-Length", "Content-Length is missing"),
    413: ("内容过大", "The content is too large"),
    414: ("网址过长", "The address is too long"),
    415: ("不支持这种内容类型", "This type of content is not supported"),
    422: ("内容不符合要求", "The content does not fit"),
    428: ("缺少前提条件", "A precondition is missing"),
    429: ("请求过于频繁，请稍后再试", "Too many requests; try again later"),
    431: ("请求头过大", "The headers are too large"),
    500: ("系统出错，请稍后再试", "Something went wrong here; try again later"),
    503: ("系统正忙，请稍后再试", "The system is busy; try again later"),
}


def wants_page() -> bool:
    """Tell whether the caller is better served by a page: a browser says so in Accept."""
    if request.path.startswith(_MACHINES):
        return False
    best = request.accept_mimetypes.best_match(["application/json", PROBLEM_JSON, "text/html"])
    return best == "text/html"


def problem(
    status: int, code: str, detail: str, reasons: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Give a problem document (RFC 9457 §3.1) with our members `code` and `reasons`."""
    return {
        "type": f"{TYPES}#{code}",
        "title": _title(status),
        "status": status,
        "detail": detail,
        "code": code,
        "reasons": list(reasons),
    }


def _title(status: int) -> str:
    words = _HTTP_WORDS.get(status)
    return t(*words) if words else HTTPStatus(status).phrase


def _reason(reason: Reason, lang: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": reason.code.code, "detail": reason.text(lang)}
    if reason.pointer is not None:
        shown["pointer"] = reason.pointer
    if reason.numbers:
        shown["numbers"] = dict(reason.numbers)
    return shown


def of_refusal(refusal: Refusal) -> dict[str, Any]:
    """Give the problem document of a refusal in the language of this request."""
    lang = current_language()
    reasons = [_reason(reason, lang) for reason in refusal.reasons]
    return problem(refusal.status, refusal.first.code.code, refusal.first.text(lang), reasons)


def of_http(error: HTTPException) -> dict[str, Any]:
    """Give the problem document of an HTTP error; the framework's own English stays out of it."""
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages", {})
    reasons = list(_field_reasons(messages)) if isinstance(messages, Mapping) else []
    code = "field_refused" if reasons else f"http_{status}"
    return problem(status, code, _title(status), reasons)


def _field_reasons(messages: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List what a schema refused: webargs nests {location: {field: … [sentence]}}."""
    for location, fields in messages.items():
        for path, sentence in _leaves(fields, ()):
            where = {"pointer": pointer_text(path)}
            if location not in ("json", "form", "json_or_form"):
                where = {"parameter": ".".join(map(str, path))}
            yield {"code": "field_refused", "detail": sentence, **where}


def _leaves(
    messages: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _leaves(inner, path if name == "_schema" else (*path, name))
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from _leaves(inner, path)
    else:
        yield path, str(messages)


def answer(document: dict[str, Any]) -> Response:
    """Answer with a problem document, as a page where the caller wants one."""
    if wants_page():
        text, mimetype = render_template("error.html", problem=document), "text/html"
    else:
        text, mimetype = json.dumps(document, ensure_ascii=False), PROBLEM_JSON
    # A refused text may be quoted, and may hold half a surrogate pair, which UTF-8 cannot write.
    response = make_response(text.encode("utf-8", "replace"))
    response.mimetype = mimetype
    response.status_code = document["status"]
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def refused(refusal: Refusal) -> Response:
    """Answer a refusal."""
    return answer(of_refusal(refusal))


def http_error(error: HTTPException) -> Response:
    """Answer an HTTP error with its own headers, 405 with its `Allow`."""
    if error.response is not None:
        return make_response(error.response)
    response = answer(of_http(error))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers.set(name, value)
    return response


def broken(error: BaseException) -> Response:
    """Answer a failure of the program itself; the cause goes to the journal and nowhere else."""
    cause = getattr(error, "original_exception", None) or error
    structlog.get_logger("ecotrace.web").error(
        "request_failed", route=str(request.url_rule or ""), method=request.method, exc_info=cause
    )
    return answer(problem(500, "internal_error", t(*_HTTP_WORDS[500])))


def install(app: Flask) -> None:
    """Answer every refusal, HTTP error and failure of the application with a problem document."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(500, broken)
