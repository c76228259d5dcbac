"""What changed between two versions, in words."""

from __future__ import annotations

from dataclasses import replace

from certification.schemes.difference import Change, differences
from certification.schemes.model import TrackKind, Words
from certification.schemes.service import scheme

OLD = scheme("jnjp")
INITIAL = OLD.tracks[TrackKind.INITIAL]


def changed(**members):
    return differences(OLD, replace(OLD, version="2026-9", **members))


def test_a_version_alone_changes_nothing():
    assert changed() == ()


def test_a_deadline_becomes_another():
    first = INITIAL.first
    assert first.deadline is not None
    longer = replace(first, deadline=replace(first.deadline, working_days=8))
    track = replace(INITIAL, steps=(longer, *INITIAL.steps[1:]))
    found = changed(tracks={**OLD.tracks, TrackKind.INITIAL: track})
    place = "tracks.initial.steps.submitted.deadline.working_days"
    assert found == (Change(place, "5", "8"),)
    assert found[0].text("zh").startswith("办理流程 initial.steps.submitted.deadline")
    assert found[0].text("zh").endswith("由 5 改为 8")
    assert found[0].text("en").endswith("5 becomes 8")


def test_a_step_taken_out_changes_only_its_neighbour():
    steps = [each for each in INITIAL.steps if each.state != "site_check"]
    steps[1] = replace(steps[1], next="lab_test")
    track = replace(INITIAL, steps=tuple(steps))
    found = changed(tracks={**OLD.tracks, TrackKind.INITIAL: track})
    outside = [each.place for each in found if "steps.site_check." not in each.place]
    assert outside == ["tracks.initial.steps.desk_review.next"]
    assert all(each.new is None for each in found if "steps.site_check." in each.place)


def test_added_and_removed_entries_are_named():
    found = changed(
        applicants=(*OLD.applicants, "household"), limits=OLD.limits[1:], about=Words("新", "New")
    )
    told = {each.place: (each.old, each.new) for each in found}
    assert told["applicants.household"] == (None, "household")
    assert told["limits.grain_cadmium.value"] == ("0.2", None)
    assert told["about.en"][1] == "New"
    assert "removed, was 0.2" in next(each.text("en") for each in found if "cadmium.value" in
                                      each.place)  # fmt: skip


def test_the_first_format_became_the_second():
    found = differences(scheme("jnjp", "2026-1"), OLD)
    assert "number_pattern" not in {each.place for each in found}
    assert next(each for each in found if each.place == "issued_by").new == "here"
