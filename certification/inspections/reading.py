"""Reading inspections: one with all its steps, lists, the calendar, what other nouns ask.

Everything here only reads. An inspection concerns its inspectors, whoever serves its scheme,
regulators and the platform, and its holder; an unannounced one does not exist for the holder before
something of it is on record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from certification.inspections import fitness
from certification.inspections.model import (
    CheckAnswer,
    CheckRecord,
    Exif,
    InspectionEvent,
    InspectionState,
    Kind,
    Nonconformity,
    NonconformityState,
    PhotoClaim,
    Position,
)
from certification.inspections.standing import InspectionStep, Standing, fold, record_from
from certification.inspections.tables import (
    InspectionRow,
    InspectionStandingRow,
    InspectionStepRow,
    NonconformityRow,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.roles import Role
from ledger.errors import OpeningBroken
from ledger.openings.sealed_files import read_file
from ledger.openings.service import open_entries
from runtime.clock import parse_instant
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.id_list import id_list
from runtime.refusal import Reason, Refusal, refuse
from runtime.vault import Vault

LIST_MAX = 500


@dataclass(frozen=True)
class Inspection:
    """An inspection with everything that its steps say, in codes and days."""

    id: str
    about: str
    kind: Kind
    scheme_code: str
    scheme_version: str
    holder: str
    office: str
    draw: str | None
    planned_at: datetime
    standing: Standing

    @property
    def scheme(self) -> Scheme:
        """The version of the scheme by whose checklist the visit is made."""
        return scheme_of(self.scheme_code, self.scheme_version)

    @property
    def day(self) -> date:
        """The day for which it is planned."""
        assert self.standing.day is not None
        return self.standing.day


@dataclass(frozen=True)
class Photo:
    """A photo that arrived: what it is, and what the camera wrote into it."""

    digest: str
    media: str
    width: int
    height: int
    kept_at: datetime
    exif: Exif


@dataclass(frozen=True)
class Told:
    """One step with what was written in it; `written` is empty where the opening is gone."""

    step: InspectionStep
    payload_id: str
    written: Mapping[str, Any]


# --- One inspection ------------------------------------------------------------------------------


def read_inspection(session: Session, id: str) -> Inspection:
    """One inspection, whoever asks. Raises Refusal INSPECTION_UNKNOWN."""
    row = session.get(InspectionRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.INSPECTION_UNKNOWN, "/inspection")
    return _inspections(session, [row])[0]


def find_inspection(session: Session, id: str, actor: Actor, now: datetime) -> Inspection:
    """One inspection for somebody whom it concerns. Raises Refusal INSPECTION_UNKNOWN."""
    found = read_inspection(session, id)
    if not concerns(session, found, actor, now):
        refuse(CertificationRefusal.INSPECTION_UNKNOWN, "/inspection")
    return found


def concerns(session: Session, found: Inspection, actor: Actor, now: datetime) -> bool:
    """Whether somebody may see an inspection at all."""
    if actor.is_platform or Role.REGULATOR in actor.roles:
        return True
    if actor.person is not None and actor.person in found.standing.inspectors:
        return True
    if actor.party is not None and actor.party == found.holder:
        return not is_hidden(found)
    return fitness.serves(session, actor, found.scheme_code, now)


def is_hidden(found: Inspection) -> bool:
    """Whether the holder must not know of it: unannounced, and nothing is on record yet."""
    quiet = (InspectionState.PLANNED, InspectionState.CANCELLED)
    return found.kind is Kind.UNANNOUNCED and found.standing.state in quiet


def step_from(row: InspectionStepRow) -> InspectionStep:
    """One step, from its row."""
    return InspectionStep(
        n=row.n,
        event=InspectionEvent(row.event),
        at=row.at,
        person=row.person,
        party=row.party,
        said=row.said,
    )


def _inspections(session: Session, rows: Sequence[InspectionRow]) -> list[Inspection]:
    steps: dict[str, list[InspectionStep]] = defaultdict(list)
    ids = id_list(session, [row.id for row in rows])
    query = select(InspectionStepRow).where(InspectionStepRow.inspection_id.in_(ids))
    for row in session.scalars(
        query.order_by(InspectionStepRow.inspection_id, InspectionStepRow.n)
    ):
        steps[row.inspection_id].append(step_from(row))
    return [_inspection(row, fold(steps[row.id])) for row in rows]


def _inspection(row: InspectionRow, standing: Standing) -> Inspection:
    return Inspection(
        id=row.id,
        about=row.about,
        kind=Kind(row.kind),
        scheme_code=row.scheme,
        scheme_version=row.scheme_version,
        holder=row.holder,
        office=row.office,
        draw=row.draw,
        planned_at=row.planned_at,
        standing=standing,
    )


# --- Lists ---------------------------------------------------------------------------------------


def inspections_about(session: Session, about: str) -> tuple[Inspection, ...]:
    """All inspections about a case or a certificate, the first first."""
    query = select(InspectionRow).where(InspectionRow.id.in_(_about(about)))
    return tuple(_inspections(session, list(session.scalars(query.order_by(InspectionRow.id)))))


def _about(about: str) -> Select[str]:
    return select(InspectionStandingRow.inspection_id).where(InspectionStandingRow.about == about)


def calendar(
    session: Session, actor: Actor, first: date, last: date, now: datetime
) -> tuple[Inspection, ...]:
    """The inspections of some days that concern somebody, by day; cancelled ones are left out."""
    standing = InspectionStandingRow
    query = _listed(session, actor, now).where(
        standing.day.between(first, last), standing.state != InspectionState.CANCELLED.value
    )
    return _concerning(session, query.order_by(standing.day, InspectionRow.id), actor)


def running(session: Session, actor: Actor, now: datetime) -> tuple[Inspection, ...]:
    """The inspections that are not over and concern somebody, the most urgent first."""
    states = [each.value for each in InspectionState if not each.is_over]
    standing = InspectionStandingRow
    query = _listed(session, actor, now).where(standing.state.in_(states))
    return _concerning(session, query.order_by(standing.day, InspectionRow.id), actor)


def _listed(session: Session, actor: Actor, now: datetime) -> Select[InspectionRow]:
    joined = select(InspectionRow).join(
        InspectionStandingRow, InspectionStandingRow.inspection_id == InspectionRow.id
    )
    schemes = fitness.schemes_served(session, actor, now)
    if schemes is None or Role.REGULATOR in actor.roles:
        return joined.limit(LIST_MAX)
    mine = InspectionRow.holder == actor.party
    return joined.where(mine | InspectionRow.scheme.in_(sorted(schemes))).limit(LIST_MAX)


def _concerning(
    session: Session, query: Select[InspectionRow], actor: Actor
) -> tuple[Inspection, ...]:
    found = _inspections(session, list(session.scalars(query)))
    return tuple(each for each in found if not (actor.party == each.holder and is_hidden(each)))


@dataclass(frozen=True)
class OpenNonconformity:
    """A nonconformity that is not closed, and the inspection that found it."""

    inspection: Inspection
    found: Nonconformity


def nonconformities_of(
    session: Session, actor: Actor, now: datetime
) -> tuple[OpenNonconformity, ...]:
    """What is not closed and concerns somebody, the earliest day for correction first."""
    closed = NonconformityState.CLOSED.value
    some = select(NonconformityRow.inspection_id).where(NonconformityRow.state != closed)
    query = _listed(session, actor, now).where(InspectionRow.id.in_(some))
    lines = [
        OpenNonconformity(each, one)
        for each in _concerning(session, query.order_by(InspectionRow.id), actor)
        for one in each.standing.found
        if one.state is not NonconformityState.CLOSED
    ]
    return tuple(sorted(lines, key=_urgency))


def _urgency(line: OpenNonconformity) -> tuple[date, str, int]:
    return line.found.correct_by or date.max, line.inspection.id, line.found.no


# --- What other nouns ask ------------------------------------------------------------------------


def open_nonconformities(session: Session, about: str) -> int:
    """How many nonconformities about a case or a certificate are not closed (17065, 7.4)."""
    row = NonconformityRow
    query = select(func.count()).select_from(row)
    query = query.where(row.about == about, row.state != NonconformityState.CLOSED.value)
    return session.scalar(query) or 0


def evaluators(session: Session, case_id: str) -> frozenset[str]:
    """Everybody who is to inspect about a case, or examined or judged something about it.

    None of them reviews or decides the case (17065, 7.5 and 7.6).
    """
    found: set[str] = set()
    for each in inspections_about(session, case_id):
        found |= each.standing.evaluators
        if each.standing.state is not InspectionState.CANCELLED:
            found |= set(each.standing.inspectors)
    return frozenset(found)


# --- What was written ----------------------------------------------------------------------------


def told(session: Session, vault: Vault, inspection: str) -> tuple[Told, ...]:
    """Every step with what was written in it, in order. Raises `OpeningBroken`."""
    query = select(InspectionStepRow).where(InspectionStepRow.inspection_id == inspection)
    rows = list(session.scalars(query.order_by(InspectionStepRow.n)))
    opened = open_entries(session, vault, [row.payload_id for row in rows])
    steps = []
    for row in rows:
        opening = opened[row.payload_id].get("record")
        value: Any = None if opening is None else opening.value
        steps.append(Told(step_from(row), row.payload_id, value or {}))
    return tuple(steps)


def written_records(steps: Iterable[Told]) -> tuple[CheckRecord, ...]:
    """The records with notes, places and times; what was erased stays in codes."""
    return tuple(_written(each) for each in steps if each.step.event is InspectionEvent.RECORD)


def _written(each: Told) -> CheckRecord:
    record, body = record_from(each.step), each.written.get("body")
    if body is None:
        return record
    return replace(
        record,
        answers=tuple(CheckAnswer(a["item"], a["result"], a["note"]) for a in body["answers"]),
        photos=tuple(map(_claim, body["photos"])),
    )


def _claim(told: Mapping[str, Any]) -> PhotoClaim:
    at, place = told["taken_at"], told["position"]
    return PhotoClaim(
        told["digest"],
        told["item"],
        None if at is None else parse_instant(at),
        None if place is None else Position(*place),
    )


def photos_of(steps: Iterable[Told]) -> Mapping[str, Photo]:
    """The photos that arrived, by digest, with what the camera wrote into them."""
    found = {}
    for each in steps:
        if each.step.event is InspectionEvent.PHOTO:
            said, exif = each.step.said, each.written.get("exif") or {}
            place = exif.get("position")
            found[said["digest"]] = Photo(
                digest=said["digest"],
                media=said["media"],
                width=said["width"],
                height=said["height"],
                kept_at=each.step.at,
                exif=Exif(exif.get("taken"), Position(*place) if place else None),
            )
    return found


def photo_file(
    session: Session, vault: Vault, files: FileStore, found: Inspection, digest: str
) -> bytes:
    """A photo, byte for byte as it was delivered; who may see the inspection may see it.

    Raises Refusal: PHOTO_UNKNOWN, EVIDENCE_ERASED, EVIDENCE_LOST, FILES_UNAVAILABLE.
    """
    if digest not in found.standing.photos:
        refuse(CertificationRefusal.PHOTO_UNKNOWN)
    try:
        content = read_file(session, vault, files, digest, found.holder)
    except (FileMissing, FileDamaged, OpeningBroken):
        refuse(CertificationRefusal.EVIDENCE_LOST)
    except OSError as error:
        raise Refusal(Reason(CertificationRefusal.FILES_UNAVAILABLE)) from error
    if content is None:
        refuse(CertificationRefusal.EVIDENCE_ERASED)
    return content
