"""The body of a request as bytes and as JSON, read strictly.

Refused before a byte is parsed: another content type, any compression (a small body that unpacks to
gigabytes is never unpacked), and more bytes than the node takes. Afterwards everything that
`runtime.strict_json` refuses, and NUL in a text, which PostgreSQL cannot hold.
"""

from __future__ import annotations

from flask import request

from public_api.refusals import PublicRefusal
from runtime.json_pointer import pointer_text
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json, StrictJsonError, read
from web.node import current_node

JSON_TYPES = ("application/json",)
EPCIS_TYPES = ("application/json", "application/ld+json")


def body_bytes(types: tuple[str, ...] = JSON_TYPES, most: int | None = None) -> bytes:
    """Return the body of this request as it was sent; `most` bytes where it is a file.

    Raises Refusal CONTENT_TYPE_UNSUPPORTED, CONTENT_ENCODING_UNSUPPORTED, TOO_LARGE.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        refuse(PublicRefusal.CONTENT_ENCODING_UNSUPPORTED, "Content-Encoding")
    if request.mimetype not in types:
        expected = ", ".join(types)
        refuse(PublicRefusal.CONTENT_TYPE_UNSUPPORTED, "Content-Type", expected=expected)
    limit = current_node().settings.max_body_bytes if most is None else most
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        refuse(PublicRefusal.TOO_LARGE, limit=limit)
    return request.get_data(cache=True)


def body_json(types: tuple[str, ...] = JSON_TYPES) -> Json:
    """Return the body of this request as JSON. Raises Refusal: what is wrong with its bytes."""
    data, limit = body_bytes(types), current_node().settings.max_body_bytes
    try:
        value = read(data, max_bytes=limit)
    except StrictJsonError as error:
        code = PublicRefusal[error.code.upper()]
        raise Refusal(Reason(code, error.pointer, {"limit": limit})) from None
    if b"\\u0000" in data:
        _refuse_nul(value, ())
    return value


def _refuse_nul(value: Json, path: tuple[str | int, ...]) -> None:
    if isinstance(value, str) and "\x00" in value:
        refuse(PublicRefusal.CONTROL_TEXT, pointer_text(path))
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_nul(key, path)
            _refuse_nul(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _refuse_nul(item, (*path, position))
