"""The application with one view more that does nothing: the limit of scan pages on this server."""

from __future__ import annotations

from flask import Flask

from ecotrace.app import create_app as create_whole_app


def create_app() -> Flask:
    """Make the application with `/_trivial`."""
    app = create_whole_app()
    app.add_url_rule("/_trivial", view_func=lambda: "ok", endpoint="_trivial")
    return app
