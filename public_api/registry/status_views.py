"""What anybody may ask without an account and check without us: signed status, and seals.

`/registry/certificates/{number}/status?at=&as_known_at=&nonce=` answers with a compact JWS
(docs/status-answers.md). Without `at` and `as_known_at` it is about now; without a nonce the server
draws one. `/registry/seals` is the root and the certificate of the seal on this node's papers (PEM,
the root first): a seal of this node's own making, not a qualified one.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request

from certification.papers.seals import load_seal
from certification.statuses.service import StatusQuestion, answer_status
from public_api.refusals import PublicRefusal
from runtime import base64url
from runtime.refusal import Reason, Refusal, refuse
from trace.epcis.times import instant_of
from web.node import current_node

blueprint = Blueprint("status", __name__, url_prefix="/registry")

SIGNED = "application/jwt"
PEM = "application/x-pem-file"
QUESTIONS = frozenset({"at", "as_known_at", "nonce", "scheme", "lang"})


@blueprint.get("/certificates/<code:number>/status")
def status(number: str) -> Response:
    """Answer whether a certificate was valid at a moment, as far as was known at another."""
    node, now = current_node(), current_node().clock.now()
    strange = sorted(set(request.args) - QUESTIONS)
    if strange:
        refuse(PublicRefusal.QUERY_PARAMETER_UNKNOWN, f"/{strange[0][:40]}")
    question = StatusQuestion(
        number=number,
        at=_moment("at", now),
        as_known_at=_moment("as_known_at", now),
        nonce=request.args.get("nonce") or base64url.encode(node.randomness.token(12)),
        scheme=_scheme(),
    )
    with node.database.read() as session:
        signed = answer_status(session, node.vault, question, now)
    return _open(Response(signed.token, mimetype=SIGNED), "no-store")


@blueprint.get("/seals")
def seals() -> Response:
    """Publish the certificates with which the papers of this node are checked."""
    return _open(
        Response(load_seal(current_node().vault).published(), mimetype=PEM), "public, max-age=3600"
    )


def _moment(name: str, now: datetime) -> datetime:
    given = request.args.get(name)
    if given is None:
        return now
    try:
        found = instant_of(given[:40])
    except ValueError:
        raise Refusal(Reason(PublicRefusal.QUERY_PARAMETER_MALFORMED, f"/{name}")) from None
    if not 1900 <= found.year <= 2199:
        refuse(PublicRefusal.QUERY_PARAMETER_MALFORMED, f"/{name}")
    return found


def _scheme() -> str | None:
    given = request.args.get("scheme")
    if given is not None and not given.isalnum():
        refuse(PublicRefusal.QUERY_PARAMETER_MALFORMED, "/scheme")
    return given


def _open(response: Response, caching: str) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = caching
    return response
