"""Every path of the shipped schemes, and tracks that a file could not even be written for."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from certification.schemes.service import schemes
from certification.schemes.simulation import faults, simulate

SUBMITTED, DESK, NOTICE, DECISION = (
    StepState.SUBMITTED,
    StepState.DESK_REVIEW,
    StepState.PUBLIC_NOTICE,
    StepState.DECISION,
)


def step(state, next, on_fail="decision", days=5, notice=None):
    deadline = None if days is None else Deadline(0, days, False, "test")
    return Step(state, next, on_fail, Function.OFFICE, "brand_officer", deadline, notice)


def notice(days=7, kind=DayKind.CALENDAR, on_upheld=DESK):
    return Notice(days, kind, 5, on_upheld, False, "test")


STEPS = (
    step(SUBMITTED, "desk_review", REFUSED),
    step(DESK, "public_notice"),
    step(NOTICE, "decision", days=None, notice=notice()),
    step(DECISION, GRANTED, REFUSED),
)
TRACK = Track(TrackKind.INITIAL, STEPS, ("products",))


def places(track):
    return [fault.place.removeprefix("tracks.initial.") for fault in faults(track)]


def test_a_right_track_has_no_fault():
    assert places(TRACK) == []


@pytest.mark.parametrize(
    "steps, found",
    [
        ((), ["steps"]),
        (STEPS[1:], ["steps.1.state"]),
        (STEPS[:3], ["steps.3.state", "steps.3.next", "steps.3.on_fail"][:2]),
        ((STEPS[0], STEPS[0], *STEPS[1:]), ["steps.2.state"]),
        (
            (replace(STEPS[0], next="decision"), *STEPS[1:]),
            ["steps.2.state", "steps.3.state"],
        ),
        (
            (STEPS[0], replace(STEPS[1], next="submitted"), *STEPS[2:]),
            ["steps.2.next", "steps.3.state", "steps.4.state"],
        ),
        ((*STEPS[:2], replace(STEPS[2], notice=None), STEPS[3]), ["steps.3.state"]),
        ((STEPS[0], replace(STEPS[1], notice=notice()), *STEPS[2:]), ["steps.2.state"]),
        (
            (*STEPS[:2], replace(STEPS[2], notice=notice(on_upheld=DECISION)), STEPS[3]),
            ["notice.on_upheld"],
        ),
        (
            (STEPS[0], replace(STEPS[1], deadline=Deadline(6, 5, False, "test")), *STEPS[2:]),
            ["deadlines.desk_review.working_days"],
        ),
    ],
)
def test_faults_are_named_by_their_place(steps, found):
    assert set(places(replace(TRACK, steps=steps))) >= set(found)


@pytest.mark.parametrize("opens, closes, good", [(3, 0, True), (3, 3, False), (1, 2, False)])
def test_a_window_opens_before_it_closes(opens, closes, good):
    window = Window(opens, closes, False, "test")
    assert (places(replace(TRACK, opens=window)) == []) is good


def test_a_track_with_faults_is_not_walked():
    scheme = schemes()["jnjp"]
    broken = replace(TRACK, steps=STEPS[1:])
    found = simulate(replace(scheme, tracks={TrackKind.INITIAL: broken}))
    assert found.faults
    assert found.walks == ()


def test_every_way_of_a_small_track():
    found = simulate(replace(schemes()["jnjp"], tracks={TrackKind.INITIAL: TRACK}))
    assert {(walk.states, walk.outcome, walk.working_days, walk.notice_calendar_days)
            for walk in found.walks} == {
        (("submitted",), REFUSED, 5, 0),
        (("submitted", "desk_review", "decision"), REFUSED, 15, 0),
        (("submitted", "desk_review", "public_notice", "decision"), GRANTED, 15, 7),
        (("submitted", "desk_review", "public_notice", "decision"), REFUSED, 15, 7),
        (("submitted", "desk_review", "public_notice", "desk_review", "public_notice", "decision"),
         GRANTED, 20, 14),
        (("submitted", "desk_review", "public_notice", "desk_review", "public_notice", "decision"),
         REFUSED, 20, 14),
    }  # fmt: skip


def test_a_step_without_a_deadline_leaves_the_sum_open():
    steps = (replace(STEPS[0], deadline=None), *STEPS[1:])
    scheme = replace(schemes()["jnjp"], tracks={TrackKind.INITIAL: replace(TRACK, steps=steps)})
    assert {walk.working_days for walk in simulate(scheme).walks} == {None}


@pytest.mark.parametrize("code", sorted(code for code, each in schemes().items() if each.tracks))
def test_every_shipped_path_ends_in_a_decision(code):
    scheme = schemes()[code]
    found = simulate(scheme)
    assert found.faults == ()
    for kind, track in scheme.tracks.items():
        walks = [walk for walk in found.walks if walk.track is kind]
        assert {walk.outcome for walk in walks} == {GRANTED, REFUSED}
        assert {state for walk in walks for state in walk.states} == set(track.states)
        assert all(walk.states[-1] == "decision" or walk.outcome == REFUSED for walk in walks)
        granted = [walk for walk in walks if walk.outcome == GRANTED]
        assert all(walk.working_days is not None for walk in granted)
