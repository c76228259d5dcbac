"""Visits on a node: who may do what, what the log says, what other nouns read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import func, select, text

from certification.inspections.model import (
    CheckAnswer,
    InspectionState,
    NonconformityState,
    PhotoClaim,
)
from certification.inspections.reading import (
    calendar,
    evaluators,
    find_inspection,
    nonconformities_of,
    open_nonconformities,
    running,
    told,
    written_records,
)
from certification.inspections.replay import replay_inspections, replay_photos
from certification.inspections.service import (
    CancelInspection,
    Correct,
    DeclareForInspection,
    Find,
    Finish,
    Judge,
    MoveInspection,
    cancel,
    close,
    correct,
    declare,
    find,
    finish,
    move,
    reject,
)
from certification.inspections.tables import InspectionStepRow
from certification.schemes.service import scheme
from identity.actor import SYSTEM, Actor
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.inspections.visits import (
    CASE,
    CODE,
    ITEMS,
    OTHER_PHONE,
    PHOTO,
    WITH_PHOTO,
    on_sqlite,
    passed,
)

CLAIMS = tuple(PhotoClaim(sha256(PHOTO).hexdigest(), item) for item in WITH_PHOTO)


def finished(visits, **otherwise: str) -> str:
    """A visit that is over."""
    id = visits.plan().inspection
    visits.record(id, passed(**otherwise), photos=CLAIMS)
    visits.photo(id, PHOTO)
    visits.run(finish, Finish(id, "总体符合要求", visits.today), visits.inspectors[0])
    return str(id)


def differences(visits) -> list[tuple[str, str]]:
    with visits.read() as session:
        reader = LogReader(session)
        entries = [parse_entry(each) for each in reader.entry_range(0, reader.size)]
        named = [(base64url.encode(payload_id(e.payload_bytes)), e.payload) for e in entries]
        found = [
            *replay_inspections(session, visits.node.vault, named),
            *replay_photos(session, visits.node.vault, visits.node.files),
        ]
    return [(each.table, each.column) for each in found]


def test_a_visit_from_plan_to_the_closed_nonconformity(visits) -> None:
    first, second, _ = visits.inspectors
    plan = visits.plan()
    id = plan.inspection
    assert (plan.state, plan.n) == ("planned", 1)
    moved = MoveInspection(id, visits.today + timedelta(days=3), (first.person,), "雨天改期")
    assert visits.run(move, moved, visits.clerk).state == "planned"
    assert visits.record(id, passed(**{ITEMS[1]: "fail"})[:2]).state == "under_way"
    wanted = ["check_unanswered"] * (len(ITEMS) - 2)
    refused = codes(visits.run, finish, Finish(id, "完"), first)
    assert [each for each in refused if each == "check_unanswered"] == wanted
    visits.record(id, passed(**{ITEMS[1]: "fail"}), sequence=2, photos=CLAIMS)
    visits.photo(id, PHOTO)
    done = visits.run(finish, Finish(id, "一项不符合", visits.today + timedelta(days=7)), first)
    assert done.state == "finished"
    standing = visits.found(id).standing
    assert [(each.no, each.item, each.state) for each in standing.found] == [
        (1, ITEMS[1], NonconformityState.OPEN)
    ]
    with visits.read() as session:
        assert open_nonconformities(session, CASE) == 1
        assert evaluators(session, CASE) == {first.person}
        line = nonconformities_of(session, visits.clerk, visits.node.clock.now())[0]
        assert line.found.correct_by == visits.today + timedelta(days=7)

    assert codes(visits.run, close, Judge(id, 1, "已整改"), second) == ["correction_missing"]
    visits.run(correct, Correct(id, 1, "已更换标签"), visits.grower)
    assert visits.run(reject, Judge(id, 1, "证据不足"), second).no == 1
    assert codes(visits.run, close, Judge(id, 1, "已整改"), second) == ["correction_missing"]
    visits.run(correct, Correct(id, 1, "已更换标签并培训"), visits.grower)
    visits.run(close, Judge(id, 1, "照片与台账相符"), second)
    again = codes(visits.run, correct, Correct(id, 1, "再改"), visits.grower)
    assert again == ["nonconformity_is_closed"]
    with visits.read() as session:
        assert open_nonconformities(session, CASE) == 0
        assert evaluators(session, CASE) == {first.person, second.person}
    assert differences(visits) == []


def test_the_log_says_nothing_about_it(visits) -> None:
    id = finished(visits)
    with visits.read() as session:
        query = select(InspectionStepRow).order_by(InspectionStepRow.n)
        steps = [(row.payload_id, row.event) for row in session.scalars(query)]
    assert [event for _, event in steps] == ["plan", "record", "photo", "finish"]
    for name, event in steps:
        payload = logged(visits.node, name)
        assert payload.type == "certification.inspection.step"
        assert (payload.streams, payload.facts) == ((id,), {})
        assert opened(visits.node, name)["event"] == event
    assert opened(visits.node, steps[0][0])["said"]["holder"] == visits.firm


def test_people_who_must_not_inspect(visits) -> None:
    first, second, unfit = visits.inspectors
    grower, clerk = visits.grower, visits.clerk
    people = (first.person, second.person)
    stranger = Actor("org:AAAAAAAAAAAAAAAAAAAA", first.person, frozenset({"inspector"}))
    for changes, actor, expected in (
        ({"inspectors": ()}, clerk, ["inspectors_invalid"]),
        ({"inspectors": people * 4}, clerk, ["inspectors_invalid"]),
        ({"inspectors": (first.person, unfit.person)}, clerk, ["not_competent"]),
        ({"day": visits.today - timedelta(days=1)}, clerk, ["inspection_day_past"]),
        ({"day": visits.today + timedelta(days=999)}, clerk, ["inspection_day_far"]),
        ({"kind": "visit"}, clerk, ["inspection_kind_unknown"]),
        ({"draw": "draw:x"}, clerk, ["draw_unknown"]),
        ({}, grower, ["not_allowed"]),
        ({}, stranger, ["not_appointed"]),
        ({}, replace(clerk, party=visits.firm), ["not_appointed"]),
        ({"day": visits.today - timedelta(days=1), "kind": ""}, clerk,
         ["inspection_kind_unknown", "inspection_day_past"]),
    ):  # fmt: skip
        assert codes(visits.plan, actor, **changes) == expected, (changes, expected)
    id = visits.plan().inspection
    answer = [(ITEMS[0], "pass")]
    for actor, expected in (
        (unfit, ["no_declaration", "not_competent"]),
        (clerk, ["not_allowed"]),
        (SYSTEM, ["person_required"]),
        (stranger, ["not_appointed"]),
        (replace(first, party=visits.firm), ["own_case"]),
    ):
        assert codes(visits.record, id, answer, actor) == expected, actor
    only = visits.plan(inspectors=(first.person,)).inspection
    assert codes(visits.record, only, answer, second) == ["not_inspector_of_this"]
    assert codes(visits.photo, only, PHOTO, second) == ["not_inspector_of_this"]
    assert codes(visits.run, declare, DeclareForInspection(only, "none"), second) == [
        "not_inspector_of_this"
    ]
    visits.run(declare, DeclareForInspection(only, "family"), first)
    assert codes(visits.record, only, answer) == ["conflict_declared"]
    assert codes(visits.plan) == ["conflict_declared"]
    assert differences(visits) == []


def test_what_is_delivered_again_or_late_or_otherwise(visits) -> None:
    first, second, _ = visits.inspectors
    id = visits.plan().inspection
    now = visits.node.clock.now()
    sent = visits.record(id, [(ITEMS[0], "pass")], made_at=now)
    visits.node.clock.advance(timedelta(hours=1))
    again = visits.record(id, [(ITEMS[0], "pass")], second, made_at=now)
    assert (again.outcome, again.payload_id, again.n) == ("repeated", sent.payload_id, 2)
    clash = visits.record(id, [(ITEMS[0], "fail")], made_at=now)
    assert clash.outcome == "clash"
    checked = visits.found(id).standing.checked
    assert checked.disputed == {ITEMS[0]}
    assert len(checked.clashes) == 1
    visits.record(id, passed(), sequence=2, photos=CLAIMS)
    one, two = visits.photo(id, PHOTO), visits.photo(id, PHOTO, second)
    assert (one.outcome, two.outcome, two.payload_id) == ("recorded", "repeated", one.payload_id)
    far = visits.node.clock.now() - timedelta(days=300)
    visits.record(id, [(ITEMS[0], "pass")], client_id=OTHER_PHONE, made_at=far)
    off = [each.clock_off for each in visits.found(id).standing.records]
    assert [each is not None for each in off] == [False, False, False, True]
    visits.run(finish, Finish(id, "完成"), first)
    late = visits.record(id, [(ITEMS[0], "fail")], sequence=9)
    assert (late.outcome, late.state) == ("late", "finished")
    assert visits.found(id).standing.checked.results[ITEMS[0]] == "pass"
    assert codes(visits.run, finish, Finish(id, "完成"), first) == ["inspection_over"]
    assert codes(visits.run, find, Find(id, None, "minor", "另查"), first) == ["inspection_over"]
    assert differences(visits) == []


@on_sqlite
def test_notes_stay_with_the_records(visits) -> None:
    id = visits.plan().inspection
    visits.record(id, photos=CLAIMS[:1])
    note = CheckAnswer(ITEMS[0], "fail", "西侧仓库有过期农药")
    visits.record(id, sequence=2, answers=(note,))
    with visits.read() as session:
        records = written_records(told(session, visits.node.vault, id))
        rows = rows_of(visits.node, ["certification_inspection_steps"])
    assert records[1].answers == (note,)
    assert "农药" not in str(rows)


def test_nonconformities_that_an_inspector_opens(visits) -> None:
    first = visits.inspectors[0]
    id = visits.plan().inspection
    assert codes(visits.run, finish, Finish(id, "完"), first) == ["inspection_not_begun"]
    for changes, expected in (
        ({"severity": "grave"}, ["severity_unknown"]),
        ({"item": "nothing"}, ["check_item_unknown"]),
        ({"finding": " "}, ["text_empty"]),
        ({"correct_by": visits.today - timedelta(days=1)}, ["correction_day_past"]),
    ):
        asked = replace(Find(id, ITEMS[0], "major", "库房混放"), **changes)
        assert codes(visits.run, find, asked, first) == expected
    assert visits.run(find, Find(id, ITEMS[0], "major", "库房混放"), first).no == 1
    assert visits.run(find, Find(id, None, "minor", "道路不通"), first).no == 2
    visits.record(id, passed(**{ITEMS[0]: "fail", ITEMS[1]: "fail"}), photos=CLAIMS)
    visits.photo(id, PHOTO)
    visits.run(finish, Finish(id, "完成"), first)
    found = visits.found(id).standing.found
    assert [(each.item, each.severity) for each in found] == [
        (ITEMS[0], "major"), (None, "minor"), (ITEMS[1], found[2].severity),
    ]  # fmt: skip
    for actor, expected in (
        (visits.grower, ["not_allowed"]),
        (replace(first, party=visits.firm), ["own_case"]),
    ):
        assert codes(visits.run, close, Judge(id, 1, "好"), actor) == expected
    other = replace(visits.grower, party=visits.clerk.party)
    assert codes(visits.run, correct, Correct(id, 1, "改"), other) == ["other_party"]
    for command, expected in (
        (Correct(id, 9, "改"), ["nonconformity_unknown"]),
        (Correct(id, 1, ""), ["text_empty"]),
        (Correct(id, 1, "改", "evid:AAAAAAAAAAAAAAAAAAA"), ["evidence_unknown"]),
        (Correct("insp:AAAAAAAAAAAAAAAAAAA", 1, "改"), ["inspection_unknown"]),
        (Correct("\x00", 1, "改"), ["inspection_unknown"]),
    ):
        assert codes(visits.run, correct, command, visits.grower) == expected


def test_plans_that_end_before_they_begin(visits) -> None:
    id = visits.plan().inspection
    gone = visits.run(cancel, CancelInspection(id, "申请已撤回"), visits.clerk)
    assert gone.state == "cancelled"
    asked = MoveInspection(id, visits.today, (visits.inspectors[0].person,), "改期")
    assert codes(visits.run, move, asked, visits.clerk) == ["inspection_begun"]
    assert visits.record(id, [(ITEMS[0], "pass")]).outcome == "late"
    assert visits.found(id).standing.state is InspectionState.CANCELLED
    with visits.read() as session:
        assert evaluators(session, CASE) == {visits.inspectors[0].person}


@on_sqlite
def test_whom_a_visit_concerns(visits) -> None:
    first, _, unfit = visits.inspectors
    open_one = visits.plan().inspection
    quiet = visits.plan(kind="unannounced", day=visits.today + timedelta(days=8)).inspection
    now = visits.node.clock.now()
    regulator = Actor("org:AAAAAAAAAAAAAAAAAAAA", "pers:x", frozenset({"regulator"}))
    stranger = Actor("org:AAAAAAAAAAAAAAAAAAAA", "pers:x", frozenset({"operator"}))
    week = (visits.today, visits.today + timedelta(days=10))
    with visits.read() as session:
        for actor, seen in (
            (first, [open_one, quiet]), (unfit, [open_one, quiet]),
            (visits.clerk, [open_one, quiet]), (regulator, [open_one, quiet]),
            (SYSTEM, [open_one, quiet]), (visits.grower, [open_one]), (stranger, []),
        ):  # fmt: skip
            shown = [each.id for each in calendar(session, actor, *week, now)]
            assert shown == seen, actor
            assert {each.id for each in running(session, actor, now)} == set(seen)
            for id in (open_one, quiet):
                if id in seen:
                    assert find_inspection(session, id, actor, now).id == id
                else:
                    assert codes(find_inspection, session, id, actor, now) == ["inspection_unknown"]
    visits.record(quiet, [(ITEMS[0], "pass")])
    with visits.read() as session:
        assert find_inspection(session, quiet, visits.grower, now).id == quiet


ALTERED = [
    ("UPDATE certification_inspections SET holder = 'org:AAAAAAAAAAAAAAAAAAAA'", "holder"),
    ("UPDATE certification_inspections SET kind = 'surveillance'", "kind"),
    ("UPDATE certification_inspections SET planned_at = planned_at - 1", "planned_at"),
    ("UPDATE certification_inspection_steps SET party = NULL WHERE n = 2", "party"),
    ("UPDATE certification_inspection_steps SET person = 'pers:AAAAAAAAAAAAAAAAAAA'", "person"),
    ("UPDATE certification_inspection_steps SET at = at + 1", "at"),
    ("DELETE FROM certification_inspection_steps WHERE n = 4", "id"),
    ("UPDATE certification_inspection_standings SET state = 'planned'", "state"),
    ("UPDATE certification_inspection_standings SET finished_at = NULL", "finished_at"),
    ("UPDATE certification_nonconformities SET state = 'closed'", "state"),
    ("UPDATE certification_nonconformities SET severity = 'major'", "severity"),
    ("DELETE FROM certification_nonconformities", "id"),
]


@on_sqlite
def test_every_altered_value_is_named(visits, tamper) -> None:
    minor = next(each.key for each in scheme(CODE).checklist if each.severity == "minor")
    finished(visits, **{minor: "fail"})
    assert differences(visits) == []
    tables = ["inspections", "inspection_steps", "inspection_standings", "nonconformities"]
    stored = rows_of(visits.node, [f"certification_{name}" for name in tables])
    for statement, column in ALTERED:
        with tamper(visits.node.database) as connection:
            connection.execute(text(statement))
        assert column in {each for _, each in differences(visits)}, statement
        put_back(visits.node, tamper, stored)
    (file,) = [each for each in visits.node.files.folder.rglob("*") if each.is_file()]
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    assert differences(visits) == [("certification_inspection_steps", "digest")]
    file.unlink()
    assert differences(visits) == [("certification_inspection_steps", "digest")]


@on_sqlite
def test_refusals_leave_no_row(visits) -> None:
    id = visits.plan().inspection

    def rows() -> int:
        with visits.read() as session:
            return session.scalar(select(func.count()).select_from(InspectionStepRow)) or 0

    before = rows()
    codes(visits.record, id, [("nothing", "pass")])
    codes(visits.photo, id, b"%PDF-1.4")
    codes(visits.run, finish, Finish(id, "完"), visits.inspectors[0])
    assert rows() == before
