"""Reads the tracks of a scheme file: steps with their deadlines, notices, windows, what is asked.

Deadlines and the notice stand beside the steps, by the name of the step, so that a reviewer sees
all days of a track together. One without its step is refused, as `simulation.faults` are.
"""

from __future__ import annotations

from collections.abc import Mapping

from certification.schemes.model import (
    GRANTED,
    REFUSED,
    DayKind,
    Deadline,
    Function,
    Notice,
    Step,
    StepState,
    Track,
    TrackKind,
    Window,
)
from certification.schemes.simulation import faults
from certification.schemes.table import Table
from certification.schemes.vocabulary import Vocabulary
from identity.roles import Role

ROLES_AT: Mapping[StepState, frozenset[str]] = {
    StepState.SUBMITTED: frozenset({Role.BRAND_OFFICER}),
    StepState.DESK_REVIEW: frozenset({Role.REVIEWER}),
    StepState.SITE_CHECK: frozenset({Role.INSPECTOR}),
    StepState.LAB_TEST: frozenset({Role.LAB_ANALYST}),
    StepState.EXPERT_REVIEW: frozenset({Role.EXPERT}),
    StepState.PUBLIC_NOTICE: frozenset({Role.BRAND_OFFICER}),
    StepState.DECISION: frozenset({Role.DECIDER}),
}
"""Who may do a step; the task of the step (`model.TASKS`) asks for the same competence."""

_TARGETS = (*(state.value for state in StepState), GRANTED, REFUSED)
_DAYS_MAX = 400


def read_tracks(top: Table, vocabulary: Vocabulary) -> dict[TrackKind, Track]:
    """Read all tracks; raises SchemeError naming the place."""
    tracks = {}
    for key, table in top.tables("tracks"):
        kinds = [kind.value for kind in TrackKind]
        top.require(key in kinds, f"tracks.{key}", " | ".join(kinds), key)
        tracks[TrackKind(key)] = _track(TrackKind(key), table, vocabulary)
    return tracks


def _track(kind: TrackKind, table: Table, vocabulary: Vocabulary) -> Track:
    asks = _keys(table, "asks", vocabulary)
    may_ask = _keys(table, "may_ask", vocabulary)
    for key in may_ask:
        table.require(key not in asks, f"may_ask.{key}", "a key that is not asked anyway", key)
    track = Track(
        kind=kind,
        steps=_steps(table),
        asks=asks,
        may_ask=may_ask,
        opens=_window(table.table("window")) if table.has("window") else None,
        needs_active=table.flag("needs_active"),
        bars_suspended=table.flag("bars_suspended"),
        reply_working_days=table.whole_or_none("reply_working_days", 1, _DAYS_MAX),
    )
    table.closed()
    _check_kind(table, track)
    for fault in faults(track):
        table.refuse(fault.place, fault.expected, fault.found)
    return track


def _check_kind(table: Table, track: Track) -> None:
    first = track.kind is TrackKind.INITIAL
    expected = "false for first applications, true for what follows a certificate"
    table.require(track.needs_active != first, "needs_active", expected, track.needs_active)
    timed = track.kind in (TrackKind.RENEWAL, TrackKind.ANNUAL_CHECK)
    table.require(
        timed == (track.opens is not None), "window", "a window exactly for renewal, annual_check"
    )


def _keys(table: Table, name: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    keys = table.texts(name)
    for key in keys:
        table.require(vocabulary.knows(key), f"{name}.{key}", "a key of the shared vocabulary", key)
    return keys


def _steps(table: Table) -> tuple[Step, ...]:
    deadlines = {key: _deadline(each) for key, each in table.tables("deadlines")}
    notice = _notice(table.table("notice")) if table.has("notice") else None
    steps = tuple(_step(row, deadlines, notice) for row in table.rows("steps"))
    states = [step.state.value for step in steps]
    for key in deadlines:
        expected = "a deadline of a step of this track"
        table.require(key in states, f"deadlines.{key}", expected, key)
    noticed = StepState.PUBLIC_NOTICE.value in states
    table.require(
        noticed == (notice is not None), "notice", "a notice exactly with its step, public_notice"
    )
    return steps


def _step(row: Table, deadlines: Mapping[str, Deadline], notice: Notice | None) -> Step:
    state = row.choice("state", StepState)
    step = Step(
        state=state,
        next=_target(row, "next"),
        on_fail=_target(row, "on_fail"),
        function=row.choice("function", Function),
        role=row.text("role"),
        deadline=deadlines.get(state.value),
        notice=notice if state is StepState.PUBLIC_NOTICE else None,
    )
    allowed = ROLES_AT[state]
    row.require(step.role in allowed, "role", " | ".join(sorted(allowed)), step.role)
    row.closed()
    return step


def _target(row: Table, name: str) -> str:
    target = row.text(name)
    row.require(target in _TARGETS, name, " | ".join(_TARGETS), target)
    return target


def _deadline(table: Table) -> Deadline:
    after = table.whole("after_working_days", 0, _DAYS_MAX)
    days = table.whole("working_days", 0, _DAYS_MAX)
    deadline = Deadline(after, days, *table.sourced())
    table.closed()
    return deadline


def _notice(table: Table) -> Notice:
    notice = Notice(
        days=table.whole("days", 1, _DAYS_MAX),
        day_kind=table.choice("day_kind", DayKind),
        answer_working_days=table.whole("answer_working_days", 1, _DAYS_MAX),
        on_upheld=table.choice("on_upheld", StepState),
        verified=table.flag("verified"),
        source=table.text("source", "where the value was found"),
    )
    table.closed()
    return notice


def _window(table: Table) -> Window:
    opens = table.whole("opens_months", 0, 120)
    closes = table.whole("closes_months", 0, 120)
    window = Window(opens, closes, *table.sourced())
    table.closed()
    return window
