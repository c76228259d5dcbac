"""Walks every path of a scheme before it may take effect.

`faults` are the rules of a track that only show when its steps are seen together; the reader
refuses a file that has any. `simulate` lists what a file can live through: each walk with its
outcome and the longest time that the deadlines allow for it. An objection that is upheld sends the
file back to the step that the notice names; a walk takes that way back once.

Rules of a track:

1. it begins with `submitted` and ends with `decision`, and no state stands twice
2. `next` of a step is a later step of the track, `decision` leads to granted or refused
3. a failed step leads to `decision`, where only a refusal or a return is possible; `submitted` may
   also be declined, which is a refusal (ISO/IEC 17065, 7.3)
4. every step is reached from `submitted`
5. an upheld objection leads to a step before the notice
6. a deadline does not end before it begins; a window opens before it closes; a notice lasts
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from certification.schemes.model import (
    GRANTED,
    REFUSED,
    Scheme,
    Step,
    StepState,
    Track,
    TrackKind,
)


@dataclass(frozen=True)
class TrackFault:
    """One broken rule: the dotted place in the file, what was expected and what was found."""

    place: str
    expected: str
    found: object


@dataclass(frozen=True)
class Walk:
    """One way through a track: the states, where it ends, and the days that deadlines allow.

    `working_days` is None where a step on the way has no deadline. Calendar days of a notice are
    in `notice_calendar_days`, since only a calendar can turn them into working days.
    """

    track: TrackKind
    states: tuple[str, ...]
    outcome: str
    working_days: int | None
    notice_calendar_days: int


@dataclass(frozen=True)
class Simulation:
    """What a scheme makes of files: all walks and all faults; a published scheme has no fault."""

    code: str
    version: str
    walks: tuple[Walk, ...]
    faults: tuple[TrackFault, ...]


def simulate(scheme: Scheme) -> Simulation:
    """Walk every path of every track. Tracks with faults are not walked: they might not end."""
    found = tuple(fault for each in scheme.tracks.values() for fault in faults(each))
    walks: list[Walk] = []
    for track in scheme.tracks.values():
        if not any(faults(track)):
            # Failing the last step before it and being refused at the decision look alike.
            walks += dict.fromkeys(_walks(track))
    return Simulation(scheme.code, scheme.version, tuple(walks), found)


def faults(track: Track) -> Iterator[TrackFault]:
    """Every rule above that a track breaks."""
    place = f"tracks.{track.kind.value}"
    if not track.steps:
        yield TrackFault(f"{place}.steps", "at least submitted and decision", ())
        return
    yield from _order_faults(track, place)
    for number, step in enumerate(track.steps, 1):
        yield from _step_faults(track, step, f"{place}.steps.{number}")
    yield from _reach_faults(track, place)
    yield from _window_faults(track, place)


def _order_faults(track: Track, place: str) -> Iterator[TrackFault]:
    states = track.states
    if states[0] is not StepState.SUBMITTED:
        yield TrackFault(f"{place}.steps.1.state", StepState.SUBMITTED.value, states[0].value)
    if states[-1] is not StepState.DECISION:
        last = f"{place}.steps.{len(states)}.state"
        yield TrackFault(last, StepState.DECISION.value, states[-1].value)
    for number, state in enumerate(states, 1):
        if state in states[: number - 1]:
            yield TrackFault(f"{place}.steps.{number}.state", "each state once", state.value)


def _step_faults(track: Track, step: Step, place: str) -> Iterator[TrackFault]:
    passing, failing = _targets(track, step)
    for name, found, allowed in (("next", step.next, passing), ("on_fail", step.on_fail, failing)):
        if found not in allowed:
            yield TrackFault(f"{place}.{name}", " | ".join(allowed), found)
    yield from _deadline_faults(track, step)
    yield from _notice_faults(track, step, place)


def _targets(track: Track, step: Step) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where a step may lead when it is passed, and when it fails."""
    if step.state is StepState.DECISION:
        return (GRANTED,), (REFUSED,)
    later = track.states[track.states.index(step.state) + 1 :]
    declined = (REFUSED,) if step.state is StepState.SUBMITTED else ()
    return tuple(each.value for each in later), (StepState.DECISION.value, *declined)


def _deadline_faults(track: Track, step: Step) -> Iterator[TrackFault]:
    deadline = step.deadline
    if deadline is not None and deadline.after_working_days > deadline.working_days:
        place = f"tracks.{track.kind.value}.deadlines.{step.state.value}.working_days"
        expected = f"at least after_working_days, {deadline.after_working_days}"
        yield TrackFault(place, expected, deadline.working_days)


def _notice_faults(track: Track, step: Step, place: str) -> Iterator[TrackFault]:
    notice = step.notice
    if (step.state is StepState.PUBLIC_NOTICE) != (notice is not None):
        yield TrackFault(f"{place}.state", "a notice exactly at public_notice", step.state.value)
    if notice is None:
        return
    before = track.states[: track.states.index(step.state)]
    if notice.on_upheld not in before:
        at = f"tracks.{track.kind.value}.notice.on_upheld"
        yield TrackFault(at, " | ".join(each.value for each in before), notice.on_upheld.value)


def _reach_faults(track: Track, place: str) -> Iterator[TrackFault]:
    reached = _reached(track)
    for number, step in enumerate(track.steps, 1):
        if step.state.value not in reached:
            expected = "a step that another one leads to"
            yield TrackFault(f"{place}.steps.{number}.state", expected, step.state.value)


def _reached(track: Track) -> set[str]:
    """The states that passing leads to, from the first step on."""
    reached = {track.first.state.value}
    follow: str = track.first.next
    while follow not in reached and (step := track.step(follow)) is not None:
        reached.add(follow)
        follow = step.next
    return reached


def _window_faults(track: Track, place: str) -> Iterator[TrackFault]:
    window = track.opens
    if window is not None and window.opens_months <= window.closes_months:
        expected = f"more than closes_months, {window.closes_months}"
        yield TrackFault(f"{place}.window.opens_months", expected, window.opens_months)


def _walks(track: Track) -> Iterator[Walk]:
    passed = _passing(track, track.first)
    yield _walk(track, passed, GRANTED)
    yield _walk(track, passed, REFUSED)
    for number, step in enumerate(passed[:-1], 1):
        if step.on_fail == REFUSED:
            yield _walk(track, passed[:number], REFUSED)
        else:
            yield _walk(track, (*passed[:number], passed[-1]), REFUSED)
    yield from _objected(track, passed)


def _passing(track: Track, first: Step) -> tuple[Step, ...]:
    steps = [first]
    while (step := track.step(steps[-1].next)) is not None:
        steps.append(step)
    return tuple(steps)


def _objected(track: Track, passed: tuple[Step, ...]) -> Iterator[Walk]:
    for number, step in enumerate(passed, 1):
        if step.notice is not None and (back := track.step(step.notice.on_upheld)) is not None:
            again = (*passed[:number], *_passing(track, back))
            yield _walk(track, again, GRANTED)
            yield _walk(track, again, REFUSED)


def _walk(track: Track, steps: tuple[Step, ...], outcome: str) -> Walk:
    days: int | None = 0
    calendar_days = 0
    for step in steps:
        allowed = _allowed(step)
        days = None if days is None or allowed is None else days + allowed
        if step.notice is not None and step.notice.day_kind != "working":
            calendar_days += step.notice.days
    states = tuple(step.state.value for step in steps)
    return Walk(track.kind, states, outcome, days, calendar_days)


def _allowed(step: Step) -> int | None:
    """Working days that a step may take; a notice takes its own days beside them."""
    if step.notice is None:
        return step.working_days
    counted = step.notice.days if step.notice.day_kind == "working" else 0
    return counted + (step.working_days or 0)
