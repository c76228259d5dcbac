"""The addresses of the repository.

Every answer says which versions it speaks; `OPTIONS` says besides how much one document may hold.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, request

from identity.actor import Actor
from identity.roles import Scope, require_scope
from public_api.api.operation import run
from public_api.bodies import EPCIS_TYPES, body_bytes
from public_api.epcis.answers import Shelf, find_event, query_document
from public_api.epcis.jobs import CaptureJob, find_job, new_job
from public_api.epcis.questions import find_events, read_question
from public_api.plain import plain
from public_api.refusals import PublicRefusal
from runtime.clock import instant_text
from runtime.refusal import refuse
from trace.events.service import (
    CaptureDocument,
    CaptureEvent,
    EventResult,
    capture,
    capture_bare_event,
)
from web.language import current_language
from web.node import current_node
from web.sign_in import current_actor

blueprint = Blueprint("epcis", __name__, url_prefix="/epcis")

_VERSIONS = {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "GS1-CBV-Min": "2.0.0",
    "GS1-CBV-Max": "2.0.0",
    "GS1-EPC-Format": "Always_GS1_Digital_Link",
    "GS1-CBV-XML-Format": "Always_Web_URI",
}
_BEHAVIOUR = "GS1-Capture-Error-Behaviour"
_BEHAVIOURS = {"rollback": True, "proceed": False}


@blueprint.after_request
def _versions(response: Response) -> Response:
    response.headers.extend({k: v for k, v in _VERSIONS.items() if k not in response.headers})
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _allowed(scope: Scope) -> tuple[Actor, str]:
    """Return who asks and for which party. Raises Refusal: 401, SCOPE_MISSING."""
    actor = current_actor()
    require_scope(actor, scope)
    return actor, actor.party or ""


@blueprint.route("/capture", methods=["OPTIONS"])
@blueprint.route("/events", methods=["OPTIONS"], endpoint="event_options")
def options() -> Response:
    """Say what a document may hold."""
    settings = current_node().settings
    response = make_response("", 204)
    response.headers["Allow"] = "GET, HEAD, OPTIONS, POST"
    response.headers["GS1-EPCIS-Capture-Limit"] = str(settings.capture_limit)
    response.headers["GS1-EPCIS-Capture-File-Size-Limit"] = str(settings.max_body_bytes)
    response.headers[_BEHAVIOUR] = "rollback"
    return response


@blueprint.post("/capture")
def capture_document() -> Response:
    """Capture a document; the job that the answer names has finished when it arrives."""
    actor, party = _allowed(Scope.CAPTURE)
    document = body_bytes(EPCIS_TYPES)
    node = current_node()
    key = request.headers.get("Idempotency-Key") or new_job(node.randomness)
    command = _command(party, document)
    node.unit.run(capture, command, actor=actor, idempotency_key=key)
    response = make_response("", 202)
    response.headers["Location"] = f"/epcis/capture/{quote(key, safe='')}"
    response.headers[_BEHAVIOUR] = "rollback" if command.whole else "proceed"
    return response


def _command(party: str, document: bytes) -> CaptureDocument:
    settings = current_node().settings
    behaviour = request.headers.get(_BEHAVIOUR, "rollback")
    if behaviour not in _BEHAVIOURS:
        refuse(PublicRefusal.HEADER_MALFORMED, _BEHAVIOUR, name=_BEHAVIOUR)
    return CaptureDocument(
        party,
        document,
        settings.base_url.rstrip("/"),
        settings.capture_limit,
        settings.max_body_bytes,
        whole=_BEHAVIOURS[behaviour],
    )


@blueprint.get("/capture/<path:id>")
def job(id: str) -> Response:
    """Give what became of a capture of this client, event by event."""
    actor, _ = _allowed(Scope.CAPTURE)
    if not (id.isascii() and id.isprintable()):
        refuse(PublicRefusal.CAPTURE_UNKNOWN)
    with current_node().database.read() as session:
        return jsonify(_job(find_job(session, actor, id)))


def _job(found: CaptureJob) -> dict[str, Any]:
    """Write a job as EPCIS 2.0 says, with the outcome of each event besides."""
    results = [_result(each) for each in found.captured.results]
    errors = [fault for each in results for fault in each["faults"]]
    at = instant_text(found.at)
    return {
        "captureID": found.id,
        "createdAt": at,
        "finishedAt": at,
        "running": False,
        "success": not errors,
        "captureErrorBehaviour": "proceed" if errors else "rollback",
        "errors": errors,
        "events": results,
    }


def _result(result: EventResult) -> dict[str, Any]:
    lang = current_language()
    faults = [
        {
            "type": f"/docs/problems#{fault.code}",
            "title": fault.en if lang == "en" else fault.zh,
            "status": 400,
            "code": fault.code,
            "index": result.index,
            "pointer": fault.pointer,
        }
        for fault in result.faults
    ]
    shown: dict[str, Any] = plain(result)
    return {**shown, "faults": faults, "eventID": result.event_hash}


@blueprint.post("/events")
def capture_event() -> Response:
    """Capture one event, bare or as the only one of a document; answers when it is in the log."""
    actor, party = _allowed(Scope.CAPTURE)
    base_url = current_node().settings.base_url.rstrip("/")
    limit = current_node().settings.max_body_bytes
    command = CaptureEvent(party, body_bytes(EPCIS_TYPES), base_url, limit)
    result = run(capture_bare_event, command, actor)
    response = jsonify(_result(result))
    response.status_code = 201
    response.headers["Location"] = f"/epcis/events/{quote(result.event_hash or '', safe='')}"
    return response


@blueprint.get("/events")
def events() -> Response:
    """Give the token's own events, in the order in which they were recorded."""
    _, party = _allowed(Scope.QUERY)
    question = read_question(request.args)
    node = current_node()
    with node.database.read() as session:
        page = find_events(session, node.vault, party, question)
        shelf = Shelf(session, node.vault)
        found = [event for row in page.events if (event := shelf.event(row)) is not None]
    response = _json(query_document(found, instant_text(node.clock.now())))
    if page.next is not None:
        asked = {**request.args, "nextPageToken": page.next}
        address = "&".join(f"{quote(k)}={quote(str(v), safe='')}" for k, v in asked.items())
        response.headers["Link"] = f'</epcis/events?{address}>; rel="next"'
        response.headers["GS1-Next-Page-Token-Expires"] = "never"
    return response


@blueprint.get("/events/<path:event_id>")
def event(event_id: str) -> Response:
    """Give one of the token's own events by its CBV event hash."""
    _, party = _allowed(Scope.QUERY)
    if not (event_id.isascii() and event_id.isprintable()):
        refuse(PublicRefusal.EVENT_UNKNOWN)
    node = current_node()
    with node.database.read() as session:
        return _json(find_event(session, node.vault, party, _full(event_id)))


def _full(event_id: str) -> str:
    """Give the hash as it was made: an address that merges slashes may have lost one or two."""
    for shortened in ("ni:///", "ni://", "ni:/"):
        if event_id.startswith(shortened):
            event_id = "ni:///" + event_id.removeprefix(shortened)
            break
    version = request.args.get("ver")
    return event_id if version is None else f"{event_id}?ver={version}"


def _json(content: bytes) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = "application/json"
    return response
