"""`/credit/v1/…`: signed answers as compact JWS (RFC 7515), `Content-Type: application/jwt`."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from identity.refusals import IdentityRefusal
from points.credit.report import ReportQuestion
from runtime.refusal import refuse
from web.node import current_node
from web.tokens import bearer_actor
from workflows.answer_credit import answer_credit

blueprint = Blueprint("credit", __name__, url_prefix="/credit/v1")


@blueprint.get("/subjects/<code>/report")
def report(code: str) -> Response:
    """Answer what is on record of an organisation; `nonce` comes back in the answer."""
    actor = bearer_actor()
    if actor is None:
        refuse(IdentityRefusal.NOT_SIGNED_IN)
    question = ReportQuestion(code[:40], request.args.get("nonce", "")[:200])
    answer = current_node().unit.run(answer_credit, question, actor=actor)
    response = make_response(answer.token)
    response.headers["Content-Type"] = "application/jwt"
    response.headers["Cache-Control"] = "no-store"
    return response
