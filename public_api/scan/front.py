"""Ordinary scans answered before the framework is entered.

Nearly every request to a scan page is an ordinary scan by somebody who is not signed in. Finding
the route, opening a session and asking every hook costs more than answering it, so this stands in
front of the application: it answers what `Express` can answer and hands everything else on
untouched. The answer is the one that the application would give, header by header; a test holds
both together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from public_api.scan.desk import ScanDesk
from public_api.scan.places import PlaceTable
from trace.digital_link.link import parse
from trace.digital_link.refusals import LinkRefused
from trace.scans.model import ScanRequest
from web.face import is_https
from web.headers import PUBLIC_PAGE, Headers
from web.language import choose
from web.node import Node

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Unreserved characters and slashes: such a path reads the same escaped and unescaped.
_PLAIN = re.compile(r"/(?:01|p)/[A-Za-z0-9._~/-]+")
LINKSET_TYPE = "application/linkset+json"
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""Headers with which a browser says that it fetches ahead of a person."""


class Front:
    """A WSGI application in front of another."""

    def __init__(
        self,
        inner: WSGIApplication,
        desk: ScanDesk,
        places: PlaceTable,
        *,
        https: bool,
        default_language: str,
    ) -> None:
        """`inner` answers what this does not."""
        self._inner = inner
        self._desk = desk
        self._places = places
        self._default = default_language
        self._headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            *Headers(https).fixed.items(),
            ("Content-Security-Policy", PUBLIC_PAGE.text()),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or hand on."""
        page = self._page(environ)
        if page is None:
            return self._inner(environ, start_response)
        headers = [
            *self._headers,
            ("Content-Length", str(len(page))),
            *page_headers(environ["PATH_INFO"]),
        ]
        start_response("200 OK", headers)
        return [page]

    def _page(self, environ: WSGIEnvironment) -> bytes | None:
        path = environ.get("PATH_INFO", "")
        if environ.get("REQUEST_METHOD") != "GET" or environ.get("QUERY_STRING"):
            return None
        accept = environ.get("HTTP_ACCEPT", "")
        if not accept.startswith("text/html") or LINKSET_TYPE in accept:
            return None
        # Who has a cookie or a token may be the producer, whose own scans are not the first.
        if environ.get("HTTP_COOKIE") or environ.get("HTTP_AUTHORIZATION"):
            return None
        if not _PLAIN.fullmatch(path):
            return None
        try:
            link = parse(path)
        except LinkRefused:
            return None
        lang = _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), self._default)
        place = self._places.place(environ.get("REMOTE_ADDR"))
        return self._desk.drawn(link, _request(environ), lang, place)


def _request(environ: WSGIEnvironment) -> ScanRequest:
    """Say who asks, as the application would of somebody who is not signed in."""
    names = (name.upper().replace("-", "_") for name in PURPOSES)
    return ScanRequest(
        method="GET",
        wants="html",
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        purpose=" ".join(environ.get(f"HTTP_{name}", "") for name in names),
        producer=False,
    )


def page_headers(path: str) -> list[tuple[str, str]]:
    """Give the headers that belong to a scan page alone."""
    linkset = f'<{path}?linkType=linkset>; rel="linkset"; type="{LINKSET_TYPE}"'
    return [
        ("Link", linkset),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept, Accept-Language, Cookie"),
    ]


@lru_cache(1024)
def _language(accept: str, default: str) -> str:
    return choose(None, None, list(parse_accept_header(accept, LanguageAccept)), default)


def put_in_front(app: Flask, node: Node) -> None:
    """Let ordinary scans be answered in front of an application that serves scan pages already."""
    settings = node.settings
    desk, places = app.extensions["ecotrace.scan"]
    https = is_https(settings.base_url)
    app.wsgi_app = Front(  # type: ignore[method-assign]
        app.wsgi_app, desk, places, https=https, default_language=settings.lang
    )
