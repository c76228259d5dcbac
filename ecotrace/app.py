"""The web application put together.

Servers start it with `gunicorn 'ecotrace.app:create_app()'` or `flask --app ecotrace.app`.
One process with threads serves SQLite; on PostgreSQL any number of processes. Background work is
one thread beside the requests (`ecotrace.background`), or `ecotrace worker`.
"""

from __future__ import annotations

import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from console import faces as desks
from ecotrace import background, operation
from ecotrace.assembly import open_node
from public_api import faces
from public_api.scan.front import put_in_front
from runtime.journal import configure
from runtime.settings import load
from trace.scans.service import ScanCounter
from web import face, sign_in, tokens
from web.node import Node


def create_app(node: Node | None = None) -> Flask:
    """Make the application of a node; without one, of the node that the environment names.

    Raises what `ecotrace.assembly.open_node` and `web.face.prepare` raise.
    """
    if node is None:
        settings = load(os.environ)
        configure(settings.log_level, settings.log_format)
        node = open_node(settings)
    app = Flask("ecotrace", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = node.settings.max_body_bytes
    face.prepare(app, node)
    sign_in.install(app)
    tokens.install(app)
    counter = ScanCounter()
    faces.install(app, node, counter)
    desks.install(app, node)
    operation.install(app, node)
    background.start(node, counter)
    put_in_front(app, node)
    if node.settings.trusted_proxies:
        hops = node.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops)  # type: ignore[method-assign]
    return app
