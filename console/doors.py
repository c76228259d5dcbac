"""Who is let in at which desk, and what every page of the console carries.

1. a stranger is sent to sign in and comes back to the page that he wanted
2. a machine's token opens nothing here: the console is for people
3. a desk names its roles; another role is refused with 403
Pages are never kept by anybody between (`private, no-store`), and may load what
`web.headers.CONSOLE_PAGE` says.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from console.options import field_options
from console.words import page_words
from identity.actor import Actor
from identity.refusals import IdentityRefusal
from identity.roles import Role, require_role
from runtime.refusal import refuse
from web import headers
from web.sign_in import AFTER_SIGN_IN, SIGN_IN_PATH, current_actor, visitor

PRODUCERS = (Role.GROWER, Role.OPERATOR)


def desk(name: str, module: str, *roles: Role, prefix: str = "") -> Blueprint:
    """Make the blueprint of one desk, open to these roles, or to all who signed in."""
    blueprint = Blueprint(name, module, url_prefix=prefix or f"/{name}")
    if roles:
        blueprint.before_request(lambda: require_role(current_actor(), *roles))
    return blueprint


def guard(console: Blueprint) -> None:
    """Put the three steps and the headers on everything below the console."""
    console.before_request(_let_in)
    console.after_request(_unkept)
    console.context_processor(_context)


def acting_party(actor: Actor) -> str:
    """Give the party for which somebody acts. Raises Refusal NOT_ALLOWED where there is none."""
    if actor.party is None:
        refuse(IdentityRefusal.NOT_ALLOWED)
    return actor.party


def my_party() -> str:
    """Give the party for which this request acts. Raises Refusal NOT_ALLOWED."""
    return acting_party(current_actor())


def _let_in() -> BaseResponse | None:
    headers.use(headers.CONSOLE_PAGE)
    actor = visitor()
    if actor is not None and actor.person is not None:
        return None
    query = request.query_string.decode("ascii", "replace")
    wanted = quote(request.path) + (f"?{query}" if query else "")
    back = wanted if request.method == "GET" else AFTER_SIGN_IN
    return redirect(f"{SIGN_IN_PATH}?next={quote(back, safe='/')}", 303)


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _context() -> dict[str, Any]:
    return {**page_words(), **field_options(), "actor": current_actor()}
