"""The addresses of the registers about certification: certificates, bodies, schemes, public
notices, statistics.

Objecting to a notice needs no account. Each objection is an entry of the log for ever, so that a
process takes a bounded number in an hour; whoever comes later is told to write to the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import TooManyRequests

from certification.cases.model import Act, Objector
from certification.certificates.model import State
from certification.process.guards import REASONS_MAX
from certification.refusals import CertificationRefusal
from certification.schemes.service import schemes
from certification.search.model import Question
from identity.actor import Actor
from public_api.registry import certificates as register
from public_api.registry.answering import answer, times, words
from public_api.registry.appointed import list_appointments
from public_api.registry.certificates import STATE_WORDS, FoundCertificates
from public_api.registry.flow import Flow
from public_api.registry.notices import find_notice, list_notices
from public_api.registry.scheme_pages import find_scheme, list_schemes
from public_api.registry.statistics import Kept, charts
from runtime.refusal import Refusal
from web import problems
from web.language import current_language
from web.node import current_node
from web.paging import PER_PAGE
from web.problems import wants_page
from workflows.advance_case import advance_case

blueprint = Blueprint("certification", __name__, url_prefix="/registry")
blueprint.context_processor(times)

NOBODY = Actor(party=None, person=None)
"""Somebody who reads a page."""
OBJECTIONS = Flow(most=60, seconds=3600)
_TYPED = ("name", "contact", "reasons")
_QUESTIONS = {"words": "q", "number": "number", "scheme": "scheme", "place": "place",
              "state": "state", "after": "after"}  # fmt: skip


@blueprint.get("/certificates")
def certificates() -> Response:
    """Find certificates by words, number, scheme, place and state now; else list all by number."""
    asked = {part: words(name) for part, name in _QUESTIONS.items()}
    question, node = Question(**asked, limit=PER_PAGE), current_node()
    with node.database.read() as session:
        if any(asked[part] for part in ("words", "number", "place", "state")):
            found = register.search_certificates(session, node.vault, question, node.clock.now())
        else:
            found = register.list_page(session, node.vault, question, node.clock.now())
    return _certificates(found, {_QUESTIONS[part]: text for part, text in asked.items()})


def _certificates(found: FoundCertificates, asked: Mapping[str, str]) -> Response:
    asked = dict.fromkeys(_QUESTIONS.values(), "") | dict(asked)
    kept = {name: text for name, text in asked.items() if text and name != "after"}
    following = None if found.after is None else f"?{urlencode({**kept, 'after': found.after})}"
    if not wants_page():
        return answer("", rows=found.rows, next=following)
    states = [(state.value, STATE_WORDS[state][0]) for state in State if state is not State.UNKNOWN]
    return answer(
        "registry/certificates.html", rows=found.rows, following=following, asked=asked,
        schemes=schemes(), states=states, narrowed=bool(kept),
    )  # fmt: skip


@blueprint.get("/certificates/<code:number>")
def certificate(number: str) -> Response:
    """Show a certificate with its state, its quantity and every change; `scheme` tells equal
    numbers of several schemes apart.
    """
    node, scheme = current_node(), words("scheme") or None
    with node.database.read() as session:
        try:
            entry = register.find_certificate(session, node.vault, number, node.clock.now(), scheme)
        except Refusal as refusal:
            ambiguous = refusal.first.code is CertificationRefusal.NUMBER_AMBIGUOUS
            if not (ambiguous and wants_page()):
                raise
            rows = register.of_number(session, node.vault, number, node.clock.now())
            return _certificates(FoundCertificates(rows, None), {"number": number})
    return answer("registry/certificate.html", certificate=entry)


@blueprint.get("/bodies")
def bodies() -> Response:
    """List who is appointed for which scheme, in which function, since when."""
    node, scheme = current_node(), words("scheme")
    with node.database.read() as session:
        rows = list_appointments(session, node.vault, scheme or None, node.clock.now())
    if not wants_page():
        return answer("", rows=rows)
    return answer("registry/bodies.html", rows=rows, scheme=scheme, schemes=schemes())


@blueprint.get("/schemes")
def scheme_list() -> Response:
    """List the brands, labels and marks with their legal nature and verb."""
    with current_node().database.read() as session:
        return answer("registry/schemes.html", rows=list_schemes(session))


@blueprint.get("/schemes/<code:code>")
def scheme(code: str) -> Response:
    """Show a scheme: nature, verb, numbers with their sources, deadlines, published versions."""
    with current_node().database.read() as session:
        return answer("registry/scheme.html", scheme=find_scheme(session, code))


@blueprint.get("/notices")
def notices() -> Response:
    """List the cases in public notice."""
    node = current_node()
    with node.database.read() as session:
        return answer(
            "registry/notices.html", rows=list_notices(session, node.vault, node.clock.now())
        )


@blueprint.get("/notices/<code:case>")
def notice(case: str) -> Response:
    """Show one case in public notice, and how to object."""
    return _notice(case)


@blueprint.post("/notices/<code:case>")
def objection(case: str) -> Response:
    """Object to a case in public notice; needs no account. Takes a form: name, contact, reasons."""
    if request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        abort(415)
    node = current_node()
    given = {name: request.form.get(name, "").strip() for name in _TYPED}
    command = Act(
        case, "object", reasons=given["reasons"],
        objector=Objector(given["name"], given["contact"]),
    )  # fmt: skip
    if not OBJECTIONS.takes(node.clock.now()):
        raise TooManyRequests
    try:
        result = node.unit.run(advance_case, command, actor=NOBODY)
    except Refusal as refusal:
        if not wants_page():
            raise
        return _notice(case, problem=problems.of_refusal(refusal), given=given)
    if not wants_page():
        return answer("", case=case, objection=result.objection)
    return _notice(case, received=result.objection)


def _notice(
    case: str,
    problem: Mapping[str, object] | None = None,
    given: Mapping[str, str] | None = None,
    received: int | None = None,
) -> Response:
    node = current_node()
    with node.database.read() as session:
        entry = find_notice(session, node.vault, case, node.clock.now())
    if not wants_page():
        return answer("", notice=entry)
    response = answer(
        "registry/notice.html", notice=entry, problem=problem,
        given=given or dict.fromkeys(_TYPED, ""), received=received, reasons_max=REASONS_MAX,
    )  # fmt: skip
    if problem is not None:
        response.status_code = int(str(problem["status"]))
    return response


@blueprint.get("/statistics")
def statistics() -> Response:
    """Show how many certificates there are, against the published targets."""
    node = current_node()
    kept: Kept = current_app.extensions.setdefault("ecotrace.statistics", Kept())
    numbers = kept.numbers(node.database, node.clock.now())
    if not wants_page():
        return answer("", statistics=numbers)
    drawn = charts(numbers, current_language())
    return answer("registry/statistics.html", numbers=numbers, charts=drawn)
