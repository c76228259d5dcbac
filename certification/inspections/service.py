"""Use cases of inspections: plan, move, cancel, deliver records and photos, find, finish; and what
holder and inspectors do about a nonconformity.

Each use case takes the row of the standing first, so that two who act at once follow one another;
then it asks every rule, and only then it writes: one step, one entry of the log.

A record and a photo may be delivered in any order and any number of times. What arrived before is
answered with its first receipt and changes nothing (`model`, invariants 1 to 4).

What other nouns ask of inspections stands in `reading` and `surveillance`, and is offered here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.evidence.service import find_evidence
from certification.inspections import fitness, model
from certification.inspections.entries import INSPECTION_STEP
from certification.inspections.model import (
    CheckAnswer,
    CheckRecord,
    Exif,
    InspectionEvent,
    InspectionState,
    Nonconformity,
    NonconformityState,
    PhotoClaim,
)
from certification.inspections.reading import (
    Inspection,
    evaluators,
    open_nonconformities,
    read_inspection,
)
from certification.inspections.standing import InspectionStep, Standing
from certification.inspections.surveillance import surveillance_due
from certification.inspections.tables import (
    InspectionRow,
    InspectionStandingRow,
    InspectionStepRow,
    NonconformityRow,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import Severity
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.keys.service import operator_party, operator_signer, signer_for
from identity.names import text_reasons
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Role, Scope, require_role, require_scope
from ledger.openings.sealed_files import SealedFile, keep_file
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.clock import beijing_date, instant_text
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

__all__ = [
    "cancel",
    "close",
    "correct",
    "declare",
    "evaluators",
    "find",
    "finish",
    "keep_photo",
    "move",
    "open_nonconformities",
    "plan",
    "record_checks",
    "reject",
    "surveillance_due",
]


@dataclass(frozen=True)
class Subject:
    """What a visit is about: a case or a certificate, whose it is, and by which rules."""

    about: str
    holder: str
    scheme: str
    scheme_version: str


@dataclass(frozen=True)
class PlanInspection:
    """Plan a visit about a case or a certificate; `inspectors` are people's ids.

    `draw` names the random draw that chose it, if one did.
    """

    about: str
    kind: str
    day: date
    inspectors: tuple[str, ...]
    draw: str | None = None


@dataclass(frozen=True)
class MoveInspection:
    """Give a visit that has not begun another day or other inspectors."""

    inspection: str
    day: date
    inspectors: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class CancelInspection:
    """Give up a visit that has not begun."""

    inspection: str
    reason: str


@dataclass(frozen=True)
class DeclareForInspection:
    """An inspector's word on what he has to do with the holder (`bodies`: none, employment …)."""

    inspection: str
    relation: str


@dataclass(frozen=True)
class RecordChecks:
    """What a phone wrote down; `made_at` is its own clock. See `model` for what counts."""

    inspection: str
    client_id: str
    sequence: int
    made_at: datetime
    answers: tuple[CheckAnswer, ...] = ()
    photos: tuple[PhotoClaim, ...] = ()


@dataclass(frozen=True)
class PhotoFacts:
    """What `intake` found about a photo."""

    digest: str
    media: str
    size_bytes: int
    width: int
    height: int
    exif: Exif


@dataclass(frozen=True)
class KeepPhoto:
    """Keep a photo that `intake.prepare_photo` took in."""

    inspection: str
    facts: PhotoFacts


@dataclass(frozen=True)
class Find:
    """Open a nonconformity, about an item of the checklist or about something else."""

    inspection: str
    item: str | None
    severity: str
    finding: str
    correct_by: date | None = None


@dataclass(frozen=True)
class Finish:
    """End a visit; what failed becomes a nonconformity to be put right by `correct_by`."""

    inspection: str
    summary: str
    correct_by: date | None = None


@dataclass(frozen=True)
class Correct:
    """The holder's corrective action about a nonconformity, with a piece of evidence or without."""

    inspection: str
    no: int
    action: str
    evidence: str | None = None


@dataclass(frozen=True)
class Judge:
    """An inspector's word on a corrective action: `close` or `reject` it, and why."""

    inspection: str
    no: int
    reasons: str


@dataclass(frozen=True)
class InspectionResult:
    """Where an inspection stands after a step.

    `outcome` of a delivery: recorded, repeated (it was here), clash (another body is under its
    number), late (the inspection is over). `no` is the nonconformity that the step is about.
    """

    inspection: str
    state: str
    n: int
    payload_id: str | None
    outcome: str = "recorded"
    no: int | None = None


# --- Plans ---------------------------------------------------------------------------------------


def plan(
    work: Work, command: PlanInspection, subject: Subject, actor: Actor, now: datetime
) -> InspectionResult:
    """Plan a visit; `workflows.plan_inspection` says what `about` is.

    Raises Refusal: those of `fitness.require_office`, OWN_CASE, those of `plan_reasons` and
    `fit_reasons`, DRAW_UNKNOWN.
    """
    fitness.require_office(work, actor, subject.scheme, now)
    if actor.party == subject.holder:
        refuse(CertificationRefusal.OWN_CASE)
    checklist = scheme_of(subject.scheme, subject.scheme_version).checklist
    reasons = list(
        model.plan_reasons(command.kind, command.day, command.inspectors, checklist, now)
    )
    reasons += _team_reasons(work, command.inspectors, subject, now)
    if command.draw is not None and not is_id(command.draw):
        reasons.append(Reason(CertificationRefusal.DRAW_UNKNOWN, "/draw"))
    if reasons:
        raise Refusal(*reasons)
    row = InspectionRow(
        id=new_id("insp", work.randomness),
        about=subject.about,
        kind=command.kind,
        scheme=subject.scheme,
        scheme_version=subject.scheme_version,
        holder=subject.holder,
        office=actor.party or operator_party(work),
        draw=command.draw,
        planned_at=now,
    )
    work.add(row)
    work.flush()
    return _begin(work, row, command, actor, now)


def _begin(
    work: Work, row: InspectionRow, command: PlanInspection, actor: Actor, now: datetime
) -> InspectionResult:
    work.add(
        InspectionStandingRow(
            inspection_id=row.id,
            about=row.about,
            scheme=row.scheme,
            state=InspectionState.PLANNED.value,
            day=command.day,
            inspectors=list(command.inspectors),
            n=0,
        )
    )
    work.flush()
    said: dict[str, Json] = {
        "about": row.about,
        "kind": row.kind,
        "scheme": row.scheme,
        "scheme_version": row.scheme_version,
        "holder": row.holder,
        "office": row.office,
        "draw": row.draw,
        "day": command.day.isoformat(),
        "inspectors": list(command.inspectors),
    }
    found = read_inspection(work, row.id)
    return _step(work, found, InspectionEvent.PLAN, said, {}, actor, now)


def move(work: Work, command: MoveInspection, actor: Actor, now: datetime) -> InspectionResult:
    """Move a visit that has not begun.

    Raises Refusal: INSPECTION_UNKNOWN, those of `require_office`, INSPECTION_BEGUN, and those of
    day, team and reason.
    """
    found = _planned(work, command.inspection, actor, now)
    reasons = [
        *model.day_reasons(command.day, now),
        *model.team_reasons(command.inspectors),
        *_team_reasons(work, command.inspectors, _subject(found), now),
        *text_reasons(command.reason, "/reason", model.NOTE_MAX),
    ]
    if reasons:
        raise Refusal(*reasons)
    said: dict[str, Json] = {
        "day": command.day.isoformat(),
        "inspectors": list(command.inspectors),
    }
    written: dict[str, Json] = {"reason": command.reason}
    return _step(work, found, InspectionEvent.MOVE, said, written, actor, now)


def cancel(work: Work, command: CancelInspection, actor: Actor, now: datetime) -> InspectionResult:
    """Give up a visit that has not begun. Raises Refusal as `move` does."""
    found = _planned(work, command.inspection, actor, now)
    _check_texts({"/reason": command.reason}, model.NOTE_MAX)
    written: dict[str, Json] = {"reason": command.reason}
    return _step(work, found, InspectionEvent.CANCEL, {}, written, actor, now)


def _planned(work: Work, id: str, actor: Actor, now: datetime) -> Inspection:
    found = _locked(work, id)
    fitness.require_office(work, actor, found.scheme_code, now)
    if actor.party == found.holder:
        refuse(CertificationRefusal.OWN_CASE)
    if found.standing.state is not InspectionState.PLANNED:
        refuse(CertificationRefusal.INSPECTION_BEGUN)
    return found


def _team_reasons(
    session: Session, people: tuple[str, ...], subject: Subject, now: datetime
) -> Iterable[Reason]:
    return fitness.team_fit_reasons(
        session, people, subject.about, subject.holder, subject.scheme, now
    )


def declare(
    work: Work, command: DeclareForInspection, actor: Actor, now: datetime
) -> InspectionResult:
    """Declare what an inspector has to do with the holder; kept by `bodies`.

    Raises Refusal: INSPECTION_UNKNOWN, NOT_INSPECTOR_OF_THIS, those of `bodies.declare_interest`.
    """
    found = _locked(work, command.inspection)
    require_role(actor, Role.INSPECTOR)
    if actor.person not in found.standing.inspectors:
        refuse(CertificationRefusal.NOT_INSPECTOR_OF_THIS)
    fitness.declare(work, found.about, found.holder, command.relation, actor, now)
    return InspectionResult(found.id, found.standing.state.value, found.standing.n, None)


# --- Deliveries ----------------------------------------------------------------------------------


def record_checks(
    work: Work, command: RecordChecks, actor: Actor, now: datetime
) -> InspectionResult:
    """Keep what a phone wrote down; once, however often it is delivered.

    Raises Refusal: INSPECTION_UNKNOWN, NOT_INSPECTOR_OF_THIS, those of `fitness.require_fit` and
    of `record_reasons`.
    """
    found = _locked(work, command.inspection)
    _require_inspector(work, found, actor, now)
    reasons = list(
        model.record_reasons(
            found.scheme.checklist,
            command.client_id,
            command.sequence,
            command.answers,
            command.photos,
        )
    )
    if reasons:
        raise Refusal(*reasons)
    body = model.body_of(command.made_at, command.answers, command.photos)
    digest = model.body_digest(body)
    earlier = found.standing.record(command.client_id, command.sequence, digest)
    if earlier is not None:
        return _receipt(work, found, "digest", digest, InspectionEvent.RECORD, earlier)
    late = found.standing.state.is_over
    said = _record_said(command, digest, late)
    taken = {(each.client_id, each.sequence) for each in found.standing.records}
    clashes = (command.client_id, command.sequence) in taken
    outcome = "late" if late else "clash" if clashes else "recorded"
    return _step(
        work, found, InspectionEvent.RECORD, said, {"body": body}, actor, now, outcome=outcome
    )


def _record_said(command: RecordChecks, digest: str, late: bool) -> dict[str, Json]:
    answers: list[Json] = [[each.item, each.result] for each in command.answers]
    photos: list[Json] = [[each.digest, each.item] for each in command.photos]
    return {
        "client_id": command.client_id,
        "sequence": command.sequence,
        "made_at": instant_text(command.made_at),
        "digest": digest,
        "answers": answers,
        "photos": photos,
        "late": late,
    }


def check_photo(session: Session, command: KeepPhoto, actor: Actor, now: datetime) -> None:
    """Apply every rule of `keep_photo` without writing. Raises Refusal as it does."""
    found = read_inspection(session, command.inspection)
    _require_inspector(session, found, actor, now)


def keep_photo(
    file: SealedFile, work: Work, command: KeepPhoto, actor: Actor, now: datetime
) -> InspectionResult:
    """Keep a photo of a visit, once. The runner is handed `partial(keep_photo, file)`.

    Raises Refusal: INSPECTION_UNKNOWN, NOT_INSPECTOR_OF_THIS, those of `fitness.require_fit`.
    """
    found = _locked(work, command.inspection)
    _require_inspector(work, found, actor, now)
    facts = command.facts
    if (file.sha256, file.subject) != (facts.digest, found.holder):
        raise ValueError("the command names another file than the one that was sealed")
    if facts.digest in found.standing.photos:
        return _receipt(work, found, "digest", facts.digest, InspectionEvent.PHOTO)
    keep_file(work, file)
    late = found.standing.state.is_over
    said: dict[str, Json] = {
        "digest": facts.digest,
        "media": facts.media,
        "size_bytes": facts.size_bytes,
        "width": facts.width,
        "height": facts.height,
        "late": late,
    }
    place = facts.exif.position
    exif: dict[str, Json] = {
        "taken": facts.exif.taken,
        "position": None if place is None else [place.latitude, place.longitude],
    }
    outcome = "late" if late else "recorded"
    return _step(
        work, found, InspectionEvent.PHOTO, said, {"exif": exif}, actor, now, outcome=outcome
    )


def _require_inspector(session: Session, found: Inspection, actor: Actor, now: datetime) -> None:
    person = fitness.require_fit(session, actor, found.about, found.holder, found.scheme_code, now)
    if person not in found.standing.inspectors:
        refuse(CertificationRefusal.NOT_INSPECTOR_OF_THIS)


def _receipt(
    work: Work,
    found: Inspection,
    member: str,
    value: str,
    event: InspectionEvent,
    earlier: CheckRecord | None = None,
) -> InspectionResult:
    """The receipt of what arrived before; bodies of one digest differ by their number."""
    query = select(InspectionStepRow).filter_by(inspection_id=found.id, event=event.value)
    key = None if earlier is None else (earlier.client_id, earlier.sequence)
    rows = (
        row
        for row in work.scalars(query.order_by(InspectionStepRow.n))
        if row.said[member] == value
        and key in (None, (row.said.get("client_id"), row.said.get("sequence")))
    )
    row = next(rows)
    return InspectionResult(found.id, found.standing.state.value, row.n, row.payload_id, "repeated")


# --- Nonconformities -----------------------------------------------------------------------------


def find(work: Work, command: Find, actor: Actor, now: datetime) -> InspectionResult:
    """Open a nonconformity while the visit runs.

    Raises Refusal: as `record_checks`, INSPECTION_OVER, CHECK_ITEM_UNKNOWN, SEVERITY_UNKNOWN,
    CORRECTION_DAY_PAST, and those of the text.
    """
    found = _running(work, command.inspection, actor, now)
    reasons = [
        *text_reasons(command.finding, "/finding", model.NOTE_MAX),
        *_correct_by_reasons(command.correct_by, now),
    ]
    if command.severity not in set(Severity):
        reasons.append(Reason(CertificationRefusal.SEVERITY_UNKNOWN, "/severity"))
    known = {each.key for each in found.scheme.checklist}
    if command.item is not None and command.item not in known:
        reasons.append(Reason(CertificationRefusal.CHECK_ITEM_UNKNOWN, "/item"))
    if reasons:
        raise Refusal(*reasons)
    no = len(found.standing.found) + 1
    said: dict[str, Json] = {
        "no": no,
        "item": command.item,
        "severity": command.severity,
        "correct_by": _day(command.correct_by),
    }
    written: dict[str, Json] = {"finding": command.finding}
    return _step(work, found, InspectionEvent.FIND, said, written, actor, now, no=no)


def finish(work: Work, command: Finish, actor: Actor, now: datetime) -> InspectionResult:
    """End a visit; each failed item without a nonconformity gets one, as severe as the scheme says.

    Raises Refusal: as `record_checks`, INSPECTION_OVER, INSPECTION_NOT_BEGUN, and those of
    `finish_reasons`.
    """
    found = _running(work, command.inspection, actor, now)
    if found.standing.state is InspectionState.PLANNED:
        refuse(CertificationRefusal.INSPECTION_NOT_BEGUN)
    checklist, checked = found.scheme.checklist, found.standing.checked
    reasons = [
        *text_reasons(command.summary, "/summary", model.ACTION_MAX),
        *_correct_by_reasons(command.correct_by, now),
        *model.finish_reasons(checklist, checked, found.standing.photos),
    ]
    if reasons:
        raise Refusal(*reasons)
    named = {each.item for each in found.standing.found}
    first = len(found.standing.found) + 1
    failed = model.failed_items(checklist, checked, named)
    made: list[Json] = [
        [no, item.key, item.severity.value] for no, item in enumerate(failed, first)
    ]
    said: dict[str, Json] = {"found": made, "correct_by": _day(command.correct_by)}
    written: dict[str, Json] = {"summary": command.summary}
    return _step(work, found, InspectionEvent.FINISH, said, written, actor, now)


def correct(work: Work, command: Correct, actor: Actor, now: datetime) -> InspectionResult:
    """Say what the holder did about a nonconformity; a later action takes the earlier one's place.

    Raises Refusal: INSPECTION_UNKNOWN, OTHER_PARTY, NONCONFORMITY_UNKNOWN, NONCONFORMITY_IS_CLOSED,
    EVIDENCE_UNKNOWN, EVIDENCE_OF_OTHER, and those of the text.
    """
    found = _locked(work, command.inspection)
    require_scope(actor, Scope.CERTIFY)
    holder = get_party(work, found.holder)
    if not actor.is_platform and actor.party not in (holder.id, holder.host or holder.id):
        refuse(IdentityRefusal.OTHER_PARTY)
    one = _nonconformity(found, command.no)
    _check_texts({"/action": command.action}, model.ACTION_MAX)
    _check_evidence(work, command.evidence, found.holder)
    said: dict[str, Json] = {"no": one.no, "evidence": command.evidence}
    written: dict[str, Json] = {"action": command.action}
    return _step(work, found, InspectionEvent.CORRECT, said, written, actor, now, no=one.no)


def _check_evidence(session: Session, evidence: str | None, holder: str) -> None:
    if evidence is not None and find_evidence(session, evidence).holder != holder:
        refuse(CertificationRefusal.EVIDENCE_OF_OTHER, "/evidence")


def close(work: Work, command: Judge, actor: Actor, now: datetime) -> InspectionResult:
    """Close a nonconformity whose corrective action is accepted, as an inspector not of the holder.

    Raises Refusal: INSPECTION_UNKNOWN, those of `fitness.require_fit` (OWN_CASE for the holder),
    NONCONFORMITY_UNKNOWN, NONCONFORMITY_IS_CLOSED, CORRECTION_MISSING, and those of the text.
    """
    return _judge(work, command, InspectionEvent.CLOSE, actor, now)


def reject(work: Work, command: Judge, actor: Actor, now: datetime) -> InspectionResult:
    """Send a corrective action back: the nonconformity is open again. Raises as `close` does."""
    return _judge(work, command, InspectionEvent.REJECT, actor, now)


def _judge(
    work: Work, command: Judge, event: InspectionEvent, actor: Actor, now: datetime
) -> InspectionResult:
    found = _locked(work, command.inspection)
    fitness.require_fit(work, actor, found.about, found.holder, found.scheme_code, now)
    one = _nonconformity(found, command.no)
    if one.state is not NonconformityState.CORRECTED:
        refuse(CertificationRefusal.CORRECTION_MISSING, "/no")
    _check_texts({"/reasons": command.reasons}, model.NOTE_MAX)
    written: dict[str, Json] = {"reasons": command.reasons}
    return _step(work, found, event, {"no": one.no}, written, actor, now, no=one.no)


def _nonconformity(found: Inspection, no: int) -> Nonconformity:
    one = found.standing.nonconformity(no)
    if one is None:
        refuse(CertificationRefusal.NONCONFORMITY_UNKNOWN, "/no")
    if one.state is NonconformityState.CLOSED:
        refuse(CertificationRefusal.NONCONFORMITY_IS_CLOSED, "/no")
    return one


def _running(work: Work, id: str, actor: Actor, now: datetime) -> Inspection:
    found = _locked(work, id)
    _require_inspector(work, found, actor, now)
    if found.standing.state.is_over:
        refuse(CertificationRefusal.INSPECTION_OVER)
    return found


def _correct_by_reasons(day: date | None, now: datetime) -> Iterable[Reason]:
    if day is not None and day < beijing_date(now):
        yield Reason(CertificationRefusal.CORRECTION_DAY_PAST, "/correct_by")


# --- Rows and entry ------------------------------------------------------------------------------


def _locked(work: Work, id: str) -> Inspection:
    """Lock an inspection until the transaction ends, and read it."""
    if is_id(id):
        query = select(InspectionStandingRow).filter_by(inspection_id=id).with_for_update()
        work.scalar(query.execution_options(populate_existing=True))
    return read_inspection(work, id)


def _subject(found: Inspection) -> Subject:
    return Subject(found.about, found.holder, found.scheme_code, found.scheme_version)


def _check_texts(texts: Mapping[str, str], most: int) -> None:
    reasons = [
        reason for pointer, text in texts.items() for reason in text_reasons(text, pointer, most)
    ]
    if reasons:
        raise Refusal(*reasons)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _step(
    work: Work,
    found: Inspection,
    event: InspectionEvent,
    said: Mapping[str, Json],
    written: Mapping[str, Json],
    actor: Actor,
    now: datetime,
    *,
    outcome: str = "recorded",
    no: int | None = None,
) -> InspectionResult:
    """Count the step, state it in the log, keep its row and what is derived from it."""
    step = InspectionStep(found.standing.n + 1, event, now, actor.person, actor.party, dict(said))
    committed: dict[str, Json] = {
        "n": step.n,
        "event": event.value,
        "person": step.person,
        "party": step.party,
        "said": dict(said),
        **written,
    }
    secret = Secret("record", committed, found.holder)
    draft = Draft(INSPECTION_STEP, (found.id,), now, {}, (secret,))
    payload_id = record(work, draft, _signer(work, actor, found.holder), now).payload_id
    work.add(_step_row(found.id, step, payload_id))
    standing = found.standing.after(step)
    _stand(work, found, standing)
    return InspectionResult(found.id, standing.state.value, step.n, payload_id, outcome, no)


def _signer(work: Work, actor: Actor, holder: str) -> Signer:
    """The office signs for itself; a holder's key would tell the log whom the visit is about."""
    if actor.party is None or actor.party == holder or actor.roles.isdisjoint(_CLERKS):
        return operator_signer(work)
    return signer_for(work, actor.party)


_CLERKS = frozenset({Role.BRAND_OFFICER, Role.INSPECTOR})


def _step_row(id: str, step: InspectionStep, payload_id: str) -> InspectionStepRow:
    return InspectionStepRow(
        inspection_id=id,
        n=step.n,
        event=step.event.value,
        at=step.at,
        person=step.person,
        party=step.party,
        said=dict(step.said),
        payload_id=payload_id,
    )


def _stand(work: Work, found: Inspection, standing: Standing) -> None:
    """Keep where the inspection stands, and its nonconformities that changed."""
    row = work.get_one(InspectionStandingRow, found.id)
    assert standing.day is not None
    row.state, row.day, row.inspectors = standing.state.value, standing.day, [*standing.inspectors]
    row.n, row.finished_at = standing.n, standing.finished_at
    before = {each.no: each for each in found.standing.found}
    for each in standing.found:
        if each != before.get(each.no):
            work.merge(_nonconformity_row(found, each))
    work.flush()


def _nonconformity_row(found: Inspection, one: Nonconformity) -> NonconformityRow:
    return NonconformityRow(
        inspection_id=found.id,
        no=one.no,
        about=found.about,
        item=one.item,
        severity=one.severity,
        state=one.state.value,
        opened_at=one.opened_at,
        correct_by=one.correct_by,
        evidence=one.evidence,
    )
