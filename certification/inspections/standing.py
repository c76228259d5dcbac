"""Where an inspection stands, folded from its steps; pure.

A step says in codes and days what was done; the members of `said` by event:

- plan: kind, day, inspectors; move: day, inspectors
- record: client_id, sequence, made_at, digest, answers [[item, result]], photos [[digest, item]],
  late; photo: digest, media, size_bytes, width, height, late
- find: no, item, severity, correct_by; finish: found [[no, item, severity]], correct_by
- correct: no, evidence; reject, close: no
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from certification.inspections.model import (
    CheckAnswer,
    Checked,
    CheckRecord,
    InspectionEvent,
    InspectionState,
    Nonconformity,
    NonconformityState,
    PhotoClaim,
    fold_records,
)
from runtime.clock import parse_instant

_EVALUATING = frozenset(
    {
        InspectionEvent.RECORD,
        InspectionEvent.PHOTO,
        InspectionEvent.FIND,
        InspectionEvent.REJECT,
        InspectionEvent.CLOSE,
        InspectionEvent.FINISH,
    }
)
_JUDGED: Mapping[InspectionEvent, NonconformityState] = {
    InspectionEvent.CORRECT: NonconformityState.CORRECTED,
    InspectionEvent.REJECT: NonconformityState.OPEN,
    InspectionEvent.CLOSE: NonconformityState.CLOSED,
}


@dataclass(frozen=True)
class InspectionStep:
    """One thing that was done; see the module for `said`."""

    n: int
    event: InspectionEvent
    at: datetime
    person: str | None
    party: str | None
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """Where an inspection stands after its steps.

    `records` and `photos` (digests) are all that arrived, late ones too; `evaluators` everybody who
    examined or judged.
    """

    state: InspectionState = InspectionState.PLANNED
    day: date | None = None
    inspectors: tuple[str, ...] = ()
    n: int = 0
    finished_at: datetime | None = None
    records: tuple[CheckRecord, ...] = ()
    photos: frozenset[str] = frozenset()
    found: tuple[Nonconformity, ...] = ()
    evaluators: frozenset[str] = frozenset()

    @property
    def checked(self) -> Checked:
        """What the records come to."""
        return fold_records(self.records, self.photos)

    def record(self, client_id: str, sequence: int, digest: str) -> CheckRecord | None:
        """The record that was delivered with this body, None where none was."""
        key = (client_id, sequence, digest)
        return next((r for r in self.records if (r.client_id, r.sequence, r.digest) == key), None)

    def nonconformity(self, no: int) -> Nonconformity | None:
        """A nonconformity by its number, None where there is none."""
        return next((each for each in self.found if each.no == no), None)

    def after(self, step: InspectionStep) -> Standing:
        """Where it stands after one more step."""
        told = replace(self, n=step.n)
        if step.event in _EVALUATING and step.person is not None:
            told = replace(told, evaluators=told.evaluators | {step.person})
        return _AFTER[step.event](told, step)


def fold(steps: Iterable[InspectionStep]) -> Standing:
    """Where an inspection stands after all its steps."""
    standing = Standing()
    for step in steps:
        standing = standing.after(step)
    return standing


def _planned(standing: Standing, step: InspectionStep) -> Standing:
    day, people = date.fromisoformat(step.said["day"]), tuple(step.said["inspectors"])
    return replace(standing, day=day, inspectors=people)


def _cancelled(standing: Standing, step: InspectionStep) -> Standing:
    return replace(standing, state=InspectionState.CANCELLED)


def _begun(standing: Standing) -> Standing:
    if standing.state is not InspectionState.PLANNED:
        return standing
    return replace(standing, state=InspectionState.UNDER_WAY)


def _recorded(standing: Standing, step: InspectionStep) -> Standing:
    return replace(_begun(standing), records=(*standing.records, record_from(step)))


def _photographed(standing: Standing, step: InspectionStep) -> Standing:
    return replace(_begun(standing), photos=standing.photos | {step.said["digest"]})


def _found(standing: Standing, step: InspectionStep) -> Standing:
    said = step.said
    one = _nonconformity(step, (said["no"], said["item"], said["severity"]))
    return replace(_begun(standing), found=(*standing.found, one))


def _finished(standing: Standing, step: InspectionStep) -> Standing:
    made = tuple(_nonconformity(step, each) for each in step.said["found"])
    return replace(
        standing,
        state=InspectionState.FINISHED,
        finished_at=step.at,
        found=(*standing.found, *made),
    )


def _judged(standing: Standing, step: InspectionStep) -> Standing:
    return replace(standing, found=tuple(_changed(standing.found, step)))


def _changed(found: Iterable[Nonconformity], step: InspectionStep) -> Iterator[Nonconformity]:
    for each in found:
        if each.no != step.said["no"]:
            yield each
        elif step.event is InspectionEvent.CORRECT:
            yield replace(each, state=_JUDGED[step.event], evidence=step.said["evidence"])
        else:
            yield replace(each, state=_JUDGED[step.event])


def _nonconformity(step: InspectionStep, named: Iterable[Any]) -> Nonconformity:
    no, item, severity = named
    until = step.said["correct_by"]
    return Nonconformity(
        no=no,
        item=item,
        severity=severity,
        state=NonconformityState.OPEN,
        opened_at=step.at,
        correct_by=None if until is None else date.fromisoformat(until),
    )


def record_from(step: InspectionStep) -> CheckRecord:
    """The record of a step, in codes: notes, places and times of photos stand in its opening."""
    said = step.said
    return CheckRecord(
        client_id=said["client_id"],
        sequence=said["sequence"],
        made_at=parse_instant(said["made_at"]),
        answers=tuple(CheckAnswer(item, result) for item, result in said["answers"]),
        photos=tuple(PhotoClaim(digest, item) for digest, item in said["photos"]),
        digest=said["digest"],
        received_at=step.at,
        person=step.person,
        late=said["late"],
    )


_AFTER = {
    InspectionEvent.PLAN: _planned,
    InspectionEvent.MOVE: _planned,
    InspectionEvent.CANCEL: _cancelled,
    InspectionEvent.RECORD: _recorded,
    InspectionEvent.PHOTO: _photographed,
    InspectionEvent.FIND: _found,
    InspectionEvent.CORRECT: _judged,
    InspectionEvent.REJECT: _judged,
    InspectionEvent.CLOSE: _judged,
    InspectionEvent.FINISH: _finished,
}
