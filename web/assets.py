"""Addresses of our own style, script and pictures.

`npm run build` writes static/dist and a manifest of content hashes. `asset("check.js")` names a
file with its hash, `/static/dist/check.js?v=1f2e…`; an answer to that very address may be kept for
ever, because another content has another address. Without a build the application does not start:
a page without its checker would look like one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from mimetypes import guess_type
from pathlib import Path
from typing import cast

from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.security import safe_join

STATIC = Path(__file__).parents[1] / "static"
_EXTENSION = "ecotrace_assets"
_FOR_EVER = "public, max-age=31536000, immutable"
_REVALIDATE = "public, max-age=300"


class NotBuilt(RuntimeError):
    """static/dist is missing or older than its sources expect: run `npm ci && npm run build`."""


@dataclass(frozen=True)
class Assets:
    """The built files of a static folder."""

    folder: Path = STATIC

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Give the hash of each built file. Raises NotBuilt."""
        try:
            text = (self.folder / "dist" / "manifest.json").read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise NotBuilt("static/dist is missing: run `npm ci && npm run build`") from error
        hashes: dict[str, str] = json.loads(text)
        return hashes

    def path(self, name: str) -> Path:
        """Give the file of a built name. Raises NotBuilt for one that the build does not make."""
        if name not in self.hashes:
            raise NotBuilt(f"static/dist has no {name}")
        return self.folder / "dist" / name

    def address(self, name: str) -> str:
        """Give the address of a built file, with its hash."""
        self.path(name)
        return f"/static/dist/{name}?v={self.hashes[name]}"

    @cached_property
    def version(self) -> str:
        """Give one short text that changes when any built file does."""
        joined = "".join(f"{name}{digest}" for name, digest in sorted(self.hashes.items()))
        return hashlib.sha256(joined.encode()).hexdigest()[:12]


def serve(filename: str) -> Response:
    """Answer with a file of the static folder, compressed where the build did that beforehand."""
    folder = current_assets().folder
    packed = f"{filename}.gz"
    if request.accept_encodings.best_match(["gzip"]) and _is_packed(folder, packed):
        response = send_from_directory(folder, packed, mimetype=guess_type(filename)[0])
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(folder, filename)
    addressed = bool(request.args.get("v")) and filename.startswith("dist/")
    response.headers["Cache-Control"] = _FOR_EVER if addressed else _REVALIDATE
    response.vary.add("Accept-Encoding")
    return response


def _is_packed(folder: Path, name: str) -> bool:
    path = safe_join(str(folder), name)
    return name.startswith("dist/") and path is not None and Path(path).is_file()


def current_assets() -> Assets:
    """Give the assets of the application that serves this request."""
    return cast(Assets, current_app.extensions[_EXTENSION])


def install(app: Flask, assets: Assets | None = None) -> None:
    """Serve the static folder and put `asset` into the templates. Raises NotBuilt."""
    chosen = assets or Assets()
    chosen.address("ecotrace.css")
    app.extensions[_EXTENSION] = chosen
    app.jinja_env.globals["asset"] = chosen.address
    if "static" not in app.view_functions:
        app.add_url_rule("/static/<path:filename>", endpoint="static")
    app.view_functions["static"] = serve
