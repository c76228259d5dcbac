"""Who asks with an API token: `Authorization: Bearer ect_…` (RFC 6750 §2.1).

The token is taken from that header only, never from an address or a form, where it would be
written into logs. A token that is malformed, unknown, expired or revoked is refused with 401 and
one constant answer. No slow hash is computed: a look-up costs one SELECT.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from identity.actor import Actor
from identity.clients.service import token_actor
from identity.refusals import IdentityRefusal
from runtime.refusal import refuse
from web.node import current_node

_SCHEME = "bearer"
_CHALLENGE = 'Bearer realm="ecotrace"'
_TOKEN_LENGTH_MAX = 200


def bearer_token() -> str | None:
    """Return what stands behind `Bearer` in this request, None without such a header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == _SCHEME else None


def bearer_actor() -> Actor | None:
    """Return who asks with a token, None without one. Raises Refusal TOKEN_REFUSED."""
    token = bearer_token()
    if token is None:
        return None
    node = current_node()
    with node.database.read() as session:
        actor = token_actor(session, token[:_TOKEN_LENGTH_MAX], node.clock.now())
    if actor is None:
        g.token_refused = True
        refuse(IdentityRefusal.TOKEN_REFUSED)
    return actor


def _challenge(response: Response) -> Response:
    """Say how to authenticate, as every 401 must (RFC 9110 §11.6.1, RFC 6750 §3)."""
    if response.status_code == 401 and "WWW-Authenticate" not in response.headers:
        error = ', error="invalid_token"' if g.get("token_refused") else ""
        response.headers["WWW-Authenticate"] = _CHALLENGE + error
    return response


def install(app: Flask) -> None:
    """Put the challenge on every 401 of the application."""
    app.after_request(_challenge)
