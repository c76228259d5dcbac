"""`/log/checkpoint`, `/log/tile/…`, `/log/vkey`: the public files of the log, and proofs.

Full tiles and bundles never change and may be kept for ever; partial ones and the checkpoint may be
kept for seconds. Everything may be fetched from any page (CORS), because other offices' pages check
this log.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response

from ledger.errors import NotInLog, TileError
from ledger.reader import LogReader
from ledger.tiles import TilePath, parse_path
from points.credit.answer_keys import load_answer_key
from web.node import current_node

blueprint = Blueprint("log", __name__, url_prefix="/log")

_FOR_EVER = "public, max-age=31536000, immutable"
_SECONDS = "public, max-age=5"
_TEXT = "text/plain; charset=utf-8"


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """Give the newest signed checkpoint."""
    with current_node().database.read() as session:
        try:
            note = LogReader(session).checkpoint()
        except NotInLog:
            abort(404)
    return _file(note, _TEXT, _SECONDS)


@blueprint.get("/vkey")
def vkey() -> Response:
    """Give the verifier keys, one a line: of checkpoints, and of answers to credit platforms."""
    node = current_node()
    answers = load_answer_key(node.vault, node.log_keys.origin)
    lines = f"{node.log_keys.vkey()}\n{answers.vkey()}\n"
    return _file(lines.encode(), _TEXT, _SECONDS)


@blueprint.get("/tile/<path:rest>")
def tile(rest: str) -> Response:
    """Give a tile of hashes or a bundle of entries."""
    path = _path(f"tile/{rest}")
    with current_node().database.read() as session:
        reader = LogReader(session)
        try:
            if path.level is None:
                content = reader.entry_bundle(path.number, path.width)
            else:
                content = reader.tile(path.level, path.number, path.width)
        except NotInLog:
            abort(404)
    return _file(content, "application/octet-stream", _FOR_EVER)


@blueprint.get("/proof/<int:index>")
def proof(index: int) -> Response:
    """Give one entry with its proof as a C2SP tlog-proof file."""
    with current_node().database.read() as session:
        try:
            content = LogReader(session).proof_file(index).text()
        except NotInLog:
            abort(404)
    response = _file(content, _TEXT, _SECONDS)
    response.headers["Content-Disposition"] = f'attachment; filename="{index}.tlog-proof"'
    return response


def _path(text: str) -> TilePath:
    try:
        return parse_path(text)
    except TileError:
        abort(404)


def _file(content: bytes, content_type: str, cache: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = cache
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
