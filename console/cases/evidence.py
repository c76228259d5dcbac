"""Files of cases: handing one in, and looking at one.

Only the upload of a document takes more than any other form may send: as much as the largest file
of evidence, and room for the form around it. The limit is raised before anything reads the request.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from certification.cases.register import Opened, find_case
from certification.evidence.intake import Upload, prepare
from certification.evidence.service import (
    KEEPERS,
    READERS,
    KeepEvidence,
    attached,
    evidence_file,
    evidence_of,
    find_evidence,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import DocumentRule
from console.cases.forms import DocumentForm
from console.cases.words import case_words
from console.doors import PRODUCERS, desk
from console.sheet import Sheet
from identity.codes import is_id
from identity.roles import require_role
from runtime.media import BYTES_MAX, ENDINGS
from runtime.refusal import refuse
from web.node import current_node
from web.sign_in import current_actor
from workflows.attach_evidence import HandIn, hand_in, takes_documents

FORM_BYTES = 1 << 16
"""Room for what a browser sends around a file."""

blueprint = desk("evidence", __name__, *PRODUCERS, *READERS)
blueprint.context_processor(case_words)


@blueprint.url_value_preprocessor
def _make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if request.method == "POST":
        usual = current_node().settings.max_body_bytes
        request.max_content_length = max(usual, BYTES_MAX + FORM_BYTES)


@blueprint.route("/<case>/<document>", methods=["GET", "POST"])
def upload(case: str, document: str) -> BaseResponse:
    """Hand in a document of a case as a file."""
    require_role(current_actor(), *PRODUCERS, *KEEPERS)
    opened, node = _concerned(case), current_node()
    rule = opened.process.scheme.documents.get(document)
    if rule is None or not takes_documents(opened, current_actor()):
        refuse(CertificationRefusal.DOCUMENT_KEY_UNKNOWN, "/document")
    sheet = Sheet.of(DocumentForm)
    if sheet.sent:
        with sheet.attempt():
            _hand_in(opened, rule, sheet)
            return redirect(_back(opened), 303)
    return sheet.page(
        "console/cases/upload.html",
        opened=opened,
        rule=rule,
        accept=",".join(rule.media),
        endings=[ENDINGS[each][0].lstrip(".").upper() for each in rule.media],
        most=BYTES_MAX >> 20,
        today=node.clock.now(),
        back=_back(opened),
    )


def _hand_in(opened: Opened, rule: DocumentRule, sheet: Sheet) -> None:
    node, actor, case = current_node(), current_actor(), opened.case
    read = sheet.read()
    sent = request.files.get("file")
    name = (sent.filename if isinstance(sent, FileStorage) else None) or rule.key
    order = KeepEvidence(case.holder, rule.key, read["valid_from"], read["valid_until"])
    with node.database.read() as session:
        prepared = prepare(
            session,
            node.vault,
            node.randomness,
            node.files,
            order,
            Upload(name, read["file"]),
            actor,
            node.clock.now(),
        )
    sheet.run(partial(hand_in, prepared.file), HandIn(case.case_id, prepared.command))


@blueprint.get("/<case>/file/<evidence>")
def file(case: str, evidence: str) -> Response:
    """Give a file of a case to those whom the case concerns, byte for byte."""
    node, actor = current_node(), current_actor()
    opened = _concerned(case)
    with node.database.read() as session:
        found = find_evidence(session, evidence)
        shown = [each.evidence.id for each in attached(session, case)]
        if actor.party == opened.case.holder:
            shown += [each.id for each in evidence_of(session, opened.case.holder)]
        if found.id not in shown:
            refuse(CertificationRefusal.EVIDENCE_UNKNOWN)
        response = make_response(evidence_file(session, node.vault, node.files, found, actor))
    assert found.media is not None, "what has a file has its media type"
    response.mimetype, ending = found.media, ENDINGS[found.media][0].lstrip(".")
    response.headers["Content-Disposition"] = f'inline; filename="{found.document}.{ending}"'
    return response


def _concerned(case: str) -> Opened:
    if not is_id(case):
        refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")
    node = current_node()
    with node.database.read() as session:
        return find_case(session, case, current_actor(), node.clock.now())


def _back(opened: Opened) -> str:
    case, own = opened.case.case_id, current_actor().party == opened.case.holder
    if own:
        return url_for("console.applications.documents", case=case)
    return url_for("console.cases.show", case=case) + "#papers"
