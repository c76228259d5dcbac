"""Inspections: plans, what phones deliver, nonconformities and what is done about them.

An inspection concerns its inspectors, whoever serves its scheme, its holder (an unannounced one
only once something is on record) and regulators; for everybody else it does not exist (404).
Deliveries may be repeated and arrive in any order; a repeated one is answered with its first
receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import Response

from certification.bodies.model import Relation
from certification.evidence.intake import Upload
from certification.inspections import reading, service
from certification.inspections.intake import prepare_photo
from certification.inspections.model import (
    CheckAnswer,
    CheckRecord,
    Clash,
    Kind,
    Nonconformity,
    PhotoClaim,
    Position,
    Result,
)
from certification.inspections.reading import Inspection, Photo, Told
from certification.inspections.service import (
    CancelInspection,
    Correct,
    DeclareForInspection,
    Find,
    Finish,
    InspectionResult,
    Judge,
    MoveInspection,
    PlanInspection,
    RecordChecks,
)
from certification.schemes.model import CheckItem, Severity
from identity.actor import Actor
from identity.roles import Scope
from public_api.api.evidence_nouns import file_answer
from public_api.api.fields import Day, Listed, Moment, Part, Shape, Text, Whole, named
from public_api.api.operation import Noun, Of, run
from runtime.media import BYTES_MAX, JPEG, PNG
from web.node import current_node
from workflows.plan_inspection import plan_inspection

inspections = Noun(
    "inspections",
    __name__,
    url_prefix="/api/v1/inspections",
    description="Inspections and nonconformities (现场检查与不符合项)",
)
PICTURES = (PNG, JPEG)
DEGREES = r"^-?[0-9]{1,3}(\.[0-9]{1,7})?$"
SHA_256 = r"^[0-9a-f]{64}$"


@dataclass(frozen=True)
class InspectionLine:
    """An inspection in a list."""

    id: str
    about: str
    kind: str
    scheme: str
    holder: str
    day: date
    state: str
    inspectors: tuple[str, ...]


@dataclass(frozen=True)
class InspectionList:
    """Inspections by day."""

    inspections: tuple[InspectionLine, ...]


@dataclass(frozen=True)
class NonconformityRead:
    """A nonconformity with what was written about it; texts are null once they were erased."""

    nonconformity: Nonconformity
    finding: str | None
    action: str | None
    judged: str | None


@dataclass(frozen=True)
class InspectionRead:
    """An inspection: its checklist, what arrived, and what it comes to.

    `results` are items that count as answered; `disputed` those that clashing records answer
    differently; `missing_photos` are digests that were named and have not arrived.
    """

    id: str
    about: str
    kind: str
    scheme: str
    scheme_version: str
    holder: str
    office: str
    draw: str | None
    planned_at: datetime
    day: date
    state: str
    n: int
    inspectors: tuple[str, ...]
    finished_at: datetime | None
    checklist: tuple[CheckItem, ...]
    results: dict[str, str]
    disputed: tuple[str, ...]
    differing: tuple[str, ...]
    clashes: tuple[Clash, ...]
    missing_photos: tuple[str, ...]
    records: tuple[CheckRecord, ...]
    photos: tuple[Photo, ...]
    nonconformities: tuple[NonconformityRead, ...]
    summary: str | None


class PlanBody(Shape):
    """A visit to be planned."""

    about = named(required=True, about="A case or a certificate")
    kind = Text(required=True, words=Kind)
    day = Day(required=True)
    inspectors = Listed(named(), required=True, most=20, about="Ids of people")
    draw = named(load_default=None, allow_none=True)


class MoveInspectionBody(Shape):
    """Another day or other inspectors."""

    day = Day(required=True)
    inspectors = Listed(named(), required=True, most=20)
    reason = Text(required=True)


class CancelInspectionBody(Shape):
    """Why a visit is given up."""

    reason = Text(required=True)


class RelationBody(Shape):
    """What an inspector has to do with the holder."""

    relation = Text(required=True, words=Relation)


class CheckAnswerShape(Shape):
    """The answer to one item of the checklist."""

    item = Text(required=True, most=40)
    result = Text(required=True, words=Result)
    note = Text(load_default="")


class PhotoClaimShape(Shape):
    """What the phone says of a photo; the position is latitude and longitude in degrees."""

    digest = Text(required=True, pattern=SHA_256, most=64)
    item = Text(required=True, most=40)
    taken_at = Moment(load_default=None, allow_none=True)
    position = Listed(
        Text(pattern=DEGREES, most=12), least=2, most=2, load_default=None, allow_none=True
    )


class RecordBody(Shape):
    """What a phone wrote down; `made_at` is the phone's clock."""

    client_id = Text(required=True, pattern=r"^[A-Za-z0-9_-]{22}$", most=22)
    sequence = Whole(required=True, least=1, most=2**31 - 1)
    made_at = Moment(required=True)
    answers = Listed(Part(CheckAnswerShape), load_default=(), most=300)
    photos = Listed(Part(PhotoClaimShape), load_default=(), most=40)


class FindBody(Shape):
    """A nonconformity, about an item of the checklist or about something else."""

    item = Text(most=40, load_default=None, allow_none=True)
    severity = Text(required=True, words=Severity)
    finding = Text(required=True)
    correct_by = Day(load_default=None, allow_none=True)


class FinishBody(Shape):
    """The end of a visit."""

    summary = Text(required=True)
    correct_by = Day(load_default=None, allow_none=True)


class CorrectBody(Shape):
    """The holder's corrective action about a nonconformity."""

    no = Whole(required=True, least=1, most=1000)
    action = Text(required=True)
    evidence = named(load_default=None, allow_none=True)


class JudgeBody(Shape):
    """An inspector's word on a corrective action."""

    no = Whole(required=True, least=1, most=1000)
    reasons = Text(required=True)


class DaysAsked(Shape):
    """Which days of the calendar; without either what is not over yet."""

    first = Day(load_default=None)
    last = Day(load_default=None)


class DigestAsked(Shape):
    """Which photo: its SHA-256 in hexadecimal."""

    digest = Text(required=True, pattern=SHA_256, most=64)


class NameAsked(Shape):
    """What the owner of a file calls it."""

    name = Text(most=200, load_default="")


# ---- plans -------------------------------------------------------------------------------------


@inspections.operation("POST", "", Scope.CERTIFY, InspectionResult, takes=PlanBody)
def create_inspection(actor: Actor, body: dict[str, Any]) -> Of:
    """Plan a visit about a case or a certificate."""
    made = run(plan_inspection, PlanInspection(**body), actor)
    return Of(made, f"/inspections/{made.inspection}")


@inspections.operation("GET", "", Scope.CERTIFY, InspectionList, asks=DaysAsked)
def list_inspections(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the inspections of some days, or those that are not over, as far as they concern one."""
    now, first, last = current_node().clock.now(), asked["first"], asked["last"]
    with current_node().database.read() as session:
        if first is None and last is None:
            found = reading.running(session, actor, now)
        else:
            found = reading.calendar(session, actor, first or last, last or first, now)
        return InspectionList(tuple(map(_line, found)))


@inspections.operation("GET", "/<code:inspection>", Scope.CERTIFY, InspectionRead)
def get_inspection(actor: Actor, inspection: str) -> Any:
    """Give an inspection with everything that arrived."""
    node = current_node()
    with node.database.read() as session:
        found = reading.find_inspection(session, inspection, actor, node.clock.now())
        return _read(found, reading.told(session, node.vault, found.id))


@inspections.operation(
    "POST", "/<code:inspection>/move", Scope.CERTIFY, InspectionResult, takes=MoveInspectionBody
)
def move(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Give a visit that has not begun another day or other inspectors."""
    return run(service.move, MoveInspection(inspection, **body), actor)


@inspections.operation(
    "POST", "/<code:inspection>/cancel", Scope.CERTIFY, InspectionResult, takes=CancelInspectionBody
)
def cancel(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Give up a visit that has not begun."""
    return run(service.cancel, CancelInspection(inspection, **body), actor)


@inspections.operation(
    "POST", "/<code:inspection>/declaration", Scope.CERTIFY, InspectionResult, takes=RelationBody
)
def declare(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Declare, as an inspector, what one has to do with the holder."""
    return run(service.declare, DeclareForInspection(inspection, **body), actor)


# ---- deliveries --------------------------------------------------------------------------------


@inspections.operation(
    "POST", "/<code:inspection>/records", Scope.CERTIFY, InspectionResult, takes=RecordBody
)
def deliver(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Deliver what a phone wrote down; once counts, however often it is sent."""
    answers = tuple(CheckAnswer(**each) for each in body.pop("answers"))
    photos = tuple(map(_claim, body.pop("photos")))
    order = RecordChecks(inspection, answers=answers, photos=photos, **body)
    return run(service.record_checks, order, actor)


@inspections.operation(
    "POST", "/<code:inspection>/photos", Scope.CERTIFY, InspectionResult, asks=NameAsked,
    sent=PICTURES, most_bytes=BYTES_MAX,
)  # fmt: skip
def deliver_photo(actor: Actor, content: bytes, asked: dict[str, Any], inspection: str) -> Any:
    """Deliver a photo; a record names it by its SHA-256, before or afterwards."""
    node = current_node()
    with node.database.read() as session:
        prepared = prepare_photo(
            session, node.vault, node.randomness, node.files, inspection,
            Upload(asked["name"], content), actor, node.clock.now(),
        )  # fmt: skip
    return run(partial(service.keep_photo, prepared.file), prepared.command, actor)


@inspections.operation(
    "GET", "/<code:inspection>/photo", Scope.CERTIFY, InspectionRead, asks=DigestAsked,
    file=PICTURES,
)  # fmt: skip
def get_photo(actor: Actor, asked: dict[str, Any], inspection: str) -> Response:
    """Give a photo as it was delivered."""
    node = current_node()
    with node.database.read() as session:
        found = reading.find_inspection(session, inspection, actor, node.clock.now())
        content = reading.photo_file(session, node.vault, node.files, found, asked["digest"])
    return file_answer(content, PNG if content.startswith(b"\x89PNG") else JPEG)


@inspections.operation(
    "POST", "/<code:inspection>/finish", Scope.CERTIFY, InspectionResult, takes=FinishBody
)
def finish(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """End a visit; each failed item leaves a nonconformity."""
    return run(service.finish, Finish(inspection, **body), actor)


# ---- nonconformities ---------------------------------------------------------------------------


@inspections.operation(
    "POST", "/<code:inspection>/findings", Scope.CERTIFY, InspectionResult, takes=FindBody
)
def find(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Open a nonconformity."""
    return run(service.find, Find(inspection, **body), actor)


@inspections.operation(
    "POST", "/<code:inspection>/corrections", Scope.CERTIFY, InspectionResult, takes=CorrectBody
)
def correct(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Say, as the holder, what was done about a nonconformity."""
    return run(service.correct, Correct(inspection, **body), actor)


@inspections.operation(
    "POST", "/<code:inspection>/closing", Scope.CERTIFY, InspectionResult, takes=JudgeBody
)
def close(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Close a nonconformity whose corrective action is accepted."""
    return run(service.close, Judge(inspection, **body), actor)


@inspections.operation(
    "POST", "/<code:inspection>/rejection", Scope.CERTIFY, InspectionResult, takes=JudgeBody
)
def reject(actor: Actor, body: dict[str, Any], inspection: str) -> Any:
    """Send a corrective action back: the nonconformity is open again."""
    return run(service.reject, Judge(inspection, **body), actor)


# ---- from bodies and to answers ----------------------------------------------------------------


def _claim(given: dict[str, Any]) -> PhotoClaim:
    place = given.pop("position")
    return PhotoClaim(position=None if place is None else Position(*place), **given)


def _line(found: Inspection) -> InspectionLine:
    return InspectionLine(
        found.id, found.about, found.kind.value, found.scheme_code, found.holder, found.day,
        found.standing.state.value, found.standing.inspectors,
    )  # fmt: skip


def _read(found: Inspection, steps: tuple[Told, ...]) -> InspectionRead:
    standing, checked = found.standing, found.standing.checked
    return InspectionRead(
        id=found.id,
        about=found.about,
        kind=found.kind.value,
        scheme=found.scheme_code,
        scheme_version=found.scheme_version,
        holder=found.holder,
        office=found.office,
        draw=found.draw,
        planned_at=found.planned_at,
        day=found.day,
        state=standing.state.value,
        n=standing.n,
        inspectors=standing.inspectors,
        finished_at=standing.finished_at,
        checklist=found.scheme.checklist,
        results={item: result.value for item, result in checked.results.items()},
        disputed=tuple(sorted(checked.disputed)),
        differing=tuple(sorted(checked.differing)),
        clashes=checked.clashes,
        missing_photos=tuple(sorted(checked.missing_photos)),
        records=reading.written_records(steps),
        photos=tuple(reading.photos_of(steps).values()),
        nonconformities=tuple(_nonconformity(each, steps) for each in standing.found),
        summary=_last(steps, "summary", None),
    )


def _nonconformity(found: Nonconformity, steps: tuple[Told, ...]) -> NonconformityRead:
    return NonconformityRead(
        found,
        _last(steps, "finding", found.no),
        _last(steps, "action", found.no),
        _last(steps, "reasons", found.no),
    )


def _last(steps: tuple[Told, ...], member: str, no: int | None) -> str | None:
    """Give what was written last under a name, about one nonconformity where one is named."""
    said: list[Mapping[str, Any]] = [
        each.written for each in steps if no is None or each.step.said.get("no") == no
    ]
    texts = [str(each[member]) for each in said if member in each]
    return texts[-1] if texts else None
