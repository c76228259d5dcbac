"""The checklist of a visit, with and without network; records and photos that phones deliver.

- `visit`: the form; without script it is sent as it stands, as a record of its own
- `records`, `photos`: what the phone's script delivers; answered with what became of it
- `token`: a fresh token for the script, after it was without network for days
- `worker`: the service worker, at an address from which it reaches this desk and nothing else
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from certification.evidence.intake import Upload
from certification.inspections.intake import PreparedPhoto, prepare_photo
from certification.inspections.model import CheckAnswer, PhotoClaim, Result
from certification.inspections.reading import (
    Inspection,
    find_inspection,
    photo_file,
    photos_of,
    told,
)
from certification.inspections.service import (
    InspectionResult,
    RecordChecks,
    keep_photo,
    record_checks,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import CheckItem
from console.doors import desk
from console.inspections.delivery import read_record
from console.inspections.reading import listed, parts_of
from console.inspections.words import RESULT_WORDS, inspection_words
from console.sheet import Choice, Form, Maybe, Sheet
from runtime.media import BYTES_MAX
from runtime.refusal import refuse
from web.assets import current_assets
from web.headers import features
from web.node import current_node
from web.sign_in import current_actor

blueprint = desk("visit", __name__, prefix="/inspections")
blueprint.context_processor(inspection_words)

FORM_BYTES_MAX = 4 * BYTES_MAX
"""A form with photos as the camera made them; each of them is bounded by itself as well."""


@blueprint.url_value_preprocessor
def _let_photos_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let more bytes in than elsewhere, before anything looks at the body."""
    if endpoint is not None and endpoint.endswith((".visit", ".photos")):
        request.max_content_length = FORM_BYTES_MAX


# --- The form ----------------------------------------------------------------------------------


def _shape(checklist: tuple[CheckItem, ...]) -> type[Form]:
    """The form of a checklist: a result and a note for each item; photos are read apart."""
    fields: dict[str, Any] = {}
    for each in checklist:
        fields[f"result-{each.key}"] = Choice([*(r.value for r in Result), ""], needed=False)
        fields[f"note-{each.key}"] = Maybe()
    return type("ChecklistForm", (Form,), fields)


@blueprint.route("/<id>/visit", methods=["GET", "POST"])
def visit(id: str) -> BaseResponse:
    """Fill in the checklist of a visit; sent without script it is a record of its own."""
    node, actor = current_node(), current_actor()
    with node.database.read() as session:
        found = find_inspection(session, id, actor, node.clock.now())
    sheet = Sheet.of(_shape(found.scheme.checklist))
    if sheet.sent:
        with sheet.attempt():
            _hand_in(found, sheet)
            return redirect(url_for("console.inspections.show", id=id), 303)
    with node.database.read() as session:
        page = sheet.page(
            "console/inspections/visit.html",
            row=listed(session, [found])[0],
            visit=found,
            parts=parts_of(session, found, actor),
            results=RESULT_WORDS,
        )
    page.headers["Permissions-Policy"] = features("geolocation")
    return page


def _hand_in(found: Inspection, sheet: Sheet) -> None:
    """Keep what the form says, the photos with it. Raises Refusal; then nothing is kept."""
    read = sheet.read()
    answers = tuple(
        CheckAnswer(each.key, read[f"result-{each.key}"], read[f"note-{each.key}"] or "")
        for each in found.scheme.checklist
        if read[f"result-{each.key}"]
    )
    photos = list(_photos(found))
    claims = tuple(PhotoClaim(each.command.facts.digest, item) for item, each in photos)
    command = RecordChecks(found.id, sheet.key, 1, current_node().clock.now(), answers, claims)
    sheet.run(record_checks, command)
    for _, each in photos:
        _keep(each)


def _photos(found: Inspection) -> Any:
    """Yield item and photo of every file that came with the form."""
    for each in found.scheme.checklist:
        for file in request.files.getlist(f"photo-{each.key}"):
            if isinstance(file, FileStorage) and file.filename:
                with closing(file):
                    upload = Upload(file.filename, file.read())
                yield each.key, _prepared(found.id, upload)


def _prepared(id: str, upload: Upload) -> PreparedPhoto:
    node = current_node()
    with node.database.read() as session:
        return prepare_photo(
            session, node.vault, node.randomness, node.files, id, upload, current_actor(),
            node.clock.now(),
        )  # fmt: skip


def _keep(photo: PreparedPhoto) -> InspectionResult:
    use_case = partial(keep_photo, photo.file)
    return current_node().unit.run(use_case, photo.command, actor=current_actor())


# --- What phones deliver -----------------------------------------------------------------------


@blueprint.post("/<id>/records")
def records(id: str) -> dict[str, Any]:
    """Take a record from a phone, any number of times."""
    command = read_record(id, request.get_data())
    return _told(current_node().unit.run(record_checks, command, actor=current_actor()))


@blueprint.post("/<id>/photos")
def photos(id: str) -> dict[str, Any]:
    """Take a photo from a phone: its bytes alone, any number of times."""
    return _told(_keep(_prepared(id, Upload("", request.get_data()))))


def _told(result: InspectionResult) -> dict[str, Any]:
    return {"outcome": result.outcome, "state": result.state, "payload_id": result.payload_id}


@blueprint.get("/token")
def token() -> dict[str, str | None]:
    """Give the phone's script a fresh token, and say who is signed in."""
    return {"csrf": generate_csrf(), "person": current_actor().person}


@blueprint.get("/worker.js")
def worker() -> Response:
    """Give the service worker of this desk; a browser asks for it anew each time."""
    answer = make_response(current_assets().path("visit_worker.js").read_bytes())
    answer.mimetype = "text/javascript"
    return answer


@blueprint.get("/<id>/photos/<digest>")
def photo(id: str, digest: str) -> Response:
    """Give a photo of a visit to somebody whom the visit concerns."""
    node = current_node()
    with node.database.read() as session:
        found = find_inspection(session, id, current_actor(), node.clock.now())
        shown = photos_of(told(session, node.vault, found.id)).get(digest)
        if shown is None:
            refuse(CertificationRefusal.PHOTO_UNKNOWN)
        content = photo_file(session, node.vault, node.files, found, digest)
    answer = make_response(content)
    answer.mimetype = shown.media
    return answer
