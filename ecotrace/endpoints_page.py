"""The page `docs/endpoints.md`: every address of the service, from its own table of addresses.

An application belongs to a node and starts threads, so the page is drawn in a process of its own,
on a new, empty node in a folder that is removed afterwards (`python -m ecotrace.endpoints_page`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from inspect import getdoc
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from ecotrace import PROJECT

_HEAD = """\
# Addresses of the service

Drawn from the application by `make docs`; a test compares. `<…>` stands for a part of the address.
HEAD is answered wherever GET is. What is refused, and with which code, stands in
[refusals.md](refusals.md).

- Labels, registers, open data and the log are public. What lies under `/log/` may be fetched from
  any page (CORS).
- `/api/v1/`, `/epcis/` and `/credit/v1/` want a bearer token with the scope that fits
  (`Authorization: Bearer ect_…`), but for what a register shows anyway; `/api/v1/` also takes the
  session of somebody who signed in. `/openapi.json` describes bodies and answers; answers to credit
  platforms stand in [credit-answers.md](credit-answers.md).
- A request that writes may carry an `Idempotency-Key`: the same key gives the first answer, another
  body under it is refused with 409.
- Under `/console/` one signs in. A form carries a CSRF token.
- `/healthz`, `/readyz` and `/metrics` are for operators; `/metrics` need not leave the proxy.
"""

# What the libraries under us serve has no docstring that says it in our words.
_OTHERS = {
    "security.login": "Sign in with name and password.",
    "security.logout": "Sign out.",
}


def endpoints_page(app: Flask) -> str:
    """Draw the page of an application: one row for each address and method."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    rows = [row for rule in rules for row in _rows(app, rule)]
    return "\n".join([_HEAD, "| method | address | what it does |", "|---|---|---|", *rows, ""])


def _rows(app: Flask, rule: Rule) -> Iterator[str]:
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        told = _OTHERS.get(rule.endpoint) or _told(app.view_functions[rule.endpoint], method)
        address = rule.rule.replace("|", "\\|")
        yield f"| {method} | `{address}` | {told} |"


def _told(view: Callable[..., Any], method: str) -> str:
    """Give the first paragraph of what a view says of itself, on one line."""
    of_method = getattr(getattr(view, "view_class", None), method.lower(), None)
    text = getdoc(of_method or view) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


@cache
def drawn_apart() -> str:
    """Draw the page in a process of its own. Raises CalledProcessError with what it said."""
    words = [sys.executable, "-m", "ecotrace.endpoints_page"]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def main() -> None:
    """Make an empty demo node, draw the page of its application, and write it to the output."""
    from ecotrace.app import create_app
    from ecotrace.assembly import initialise, open_node
    from runtime.settings import load

    with tempfile.TemporaryDirectory() as folder:
        settings = load({"ECOTRACE_DATA": folder, "ECOTRACE_ORIGIN": "pages.ecotrace.example"})
        initialise(settings, demo=True)
        page = endpoints_page(create_app(open_node(settings)))
        sys.stdout.buffer.write(page.encode("utf-8"))


if __name__ == "__main__":
    main()
