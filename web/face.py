"""The face of the service: templates, language, headers, problem documents, assets, in one call.

Templates come from three folders; a name says whose it is: `base.html`, `macros.html`,
`error.html`, `security/…` are web's, `scan/…` and other names of public pages public_api's,
`console/…` the console's. Autoescape is on for every template, and an undefined name is an error.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from web import assets, headers, language, node, problems
from web.node import Node

_ROOT = Path(__file__).parents[1]
TEMPLATE_FOLDERS = (
    _ROOT / "web" / "templates",
    _ROOT / "public_api" / "templates",
    _ROOT / "console" / "templates",
)


def prepare(app: Flask, running: Node) -> None:
    """Put everything that both faces share into an application. Raises web.assets.NotBuilt."""
    node.install(app, running)
    dress(app, default_language=running.settings.lang, https=is_https(running.settings.base_url))
    app.jinja_env.globals["demo"] = running.settings.demo


def is_https(base_url: str) -> bool:
    """Tell whether the service's own address is https."""
    return base_url.startswith("https://")


def dress(app: Flask, *, default_language: str, https: bool) -> None:
    """Do the part of `prepare` that needs no node; error pages are drawn before one exists."""
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in TEMPLATE_FOLDERS])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["demo"] = False
    language.install(app, default_language)
    assets.install(app)
    headers.install(app, https=https)
    problems.install(app)
