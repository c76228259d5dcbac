"""Appeals, complaints and misuse: who may bring them, who may hear them, what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from certification.appeals.model import ActOnAppeal, FileAppeal
from certification.appeals.service import (
    appeals_about,
    due_of,
    file_appeal,
    find_appeal,
    state_of,
    waiting,
)
from certification.certificates.register import find
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.cases.hall import OBJECTOR, REASONS, TERMS, Hall
from workflows.advance_case import decide_appeal

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def bring(hall: Hall, name: str = "grower", **changes):
    order = {"kind": "appeal", "target": "case_decision", "subject": hall.case_id}
    return hall.run(file_appeal, FileAppeal(**(order | {"reasons": "检查有误"} | changes)), name)


def hear(hall: Hall, appeal: str, event: str, name: str, reasons: str = REASONS):
    return hall.run(decide_appeal, ActOnAppeal(appeal, event, reasons), name)


@pytest.fixture
def refused(deciding: Hall) -> Hall:
    deciding.act(deciding.case_id, "refuse", "decider", reasons=REASONS)
    return deciding


def test_an_overturned_refusal_reopens_the_case_without_the_earlier_people(refused):
    hall, case_id = refused, refused.case_id
    appeal = bring(hall)
    payload = logged(hall.node, appeal.payload_id)
    assert (payload.type, payload.streams) == ("certification.appeal.step", (appeal.appeal_id,))
    assert (payload.facts, set(payload.commit)) == ({}, {"record"})
    assert opened(hall.node, appeal.payload_id)["reasons"] == "检查有误"
    # Who decided, and who accepted the application, do not hear the appeal.
    assert codes(hear, hall, appeal.appeal_id, "acknowledge", "clerk") == ["involved_in_matter"]
    hear(hall, appeal.appeal_id, "acknowledge", "third")
    assert codes(hear, hall, appeal.appeal_id, "overturn", "decider") == ["involved_in_matter"]
    outsider = fresh_decider(hall)
    assert codes(hear_as, hall, appeal.appeal_id, "overturn", outsider, "") == ["reasons_missing"]
    decided = hear_as(hall, appeal.appeal_id, "overturn", outsider, REASONS)
    assert (decided.state, decided.reopened) == ("overturned", case_id)
    assert hall.state(case_id) == "submitted"
    assert codes(hall.act, case_id, "accept", "clerk") == ["excluded_from_case"]
    hall.act(case_id, "accept", "third")
    assert codes(hall.act, case_id, "complete_step", "reviewer", "pass") == ["excluded_from_case"]
    assert codes(hear_as, hall, appeal.appeal_id, "uphold", outsider, REASONS) == [
        "event_not_possible"
    ]
    assert hall.differences() == []


def fresh_decider(hall: Hall):
    """A decider of the office who had nothing to do with anything."""
    return replace(hall.actor("decider"), person=hall.people["stranger"])


def hear_as(hall: Hall, appeal: str, event: str, actor, reasons: str):
    order = ActOnAppeal(appeal, event, reasons)
    return hall.node.unit.run(decide_appeal, order, actor=actor)


@on_sqlite
def test_an_upheld_refusal_stands(refused):
    hall = refused
    appeal = bring(hall)
    assert codes(bring, hall) == ["appeal_running"]
    hear(hall, appeal.appeal_id, "acknowledge", "third")
    hear_as(hall, appeal.appeal_id, "uphold", fresh_decider(hall), REASONS)
    assert hall.state(hall.case_id) == "refused"
    # It may be brought again: a new appeal may bring new facts.
    assert bring(hall).state == "filed"
    with hall.read() as session:
        assert len(appeals_about(session, hall.case_id)) == 2
        assert state_of(session, appeal.appeal_id) == "upheld"
    assert hall.differences() == []


REFUSED: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, "stranger", ["appeal_not_of_party"]),
    ({}, "clerk", ["appeal_not_of_party"]),
    ({"reasons": " "}, "grower", ["reasons_missing"]),
    ({"kind": "revenge"}, "grower", ["event_unknown"]),
    ({"target": "weather"}, "grower", ["event_unknown"]),
    ({"subject": "case:AAAAAAAAAAAAAAAAAAAA"}, "grower", ["case_unknown"]),
    ({"subject": "nonsense"}, "grower", ["case_unknown"]),
    ({"target": "certificate", "subject": "nonsense"}, "grower", ["certificate_unknown"]),
    ({"target": "objection_answer", "n": 1}, "grower", ["nothing_to_appeal"]),
    ({"kind": "complaint"}, "anybody", ["text_empty", "text_empty"]),
]


@on_sqlite
def test_what_cannot_be_brought(refused):
    for changes, name, expected in REFUSED:
        assert codes(bring, refused, name, **changes) == expected, (changes, name)
    running = refused.open()
    assert codes(bring, refused, subject=running) == ["nothing_to_appeal"]
    with refused.read() as session:
        assert appeals_about(session, refused.case_id) == ()


@on_sqlite
def test_while_another_application_runs_a_refused_case_is_not_reopened(refused):
    hall = refused
    appeal = bring(hall)
    hear(hall, appeal.appeal_id, "acknowledge", "third")
    running = hall.open()
    outsider = fresh_decider(hall)
    found = codes(hear_as, hall, appeal.appeal_id, "overturn", outsider, REASONS)
    assert found == ["case_running"]
    with hall.read() as session:
        assert state_of(session, appeal.appeal_id) == "acknowledged"
    hall.act(running, "withdraw", "grower")
    assert hear_as(hall, appeal.appeal_id, "overturn", outsider, REASONS).state == "overturned"


def test_an_overturned_grant_is_annulled(deciding):
    hall = deciding
    granted = hall.act(hall.case_id, "grant", "decider", terms=TERMS).granted
    assert codes(bring, hall) == ["outcome_stands"]
    target = {"target": "certificate_change", "subject": granted.subject, "n": granted.n}
    assert codes(bring, hall, **(target | {"n": 7})) == ["nothing_to_appeal"]
    complaint = bring(hall, "anybody", kind="complaint", filer=OBJECTOR, **target)
    hear(hall, complaint.appeal_id, "acknowledge", "third")
    found = codes(hear, hall, complaint.appeal_id, "overturn", "decider")
    assert found == ["involved_in_matter"]
    member = replace(fresh_decider(hall), person=hall.people["grower"])
    assert codes(hear_as, hall, complaint.appeal_id, "overturn", member, REASONS) == [
        "involved_in_matter"
    ]
    decided = hear_as(hall, complaint.appeal_id, "overturn", fresh_decider(hall), REASONS)
    assert decided.annul == (granted.subject, 1)
    now = hall.node.clock.now()
    with hall.read() as session:
        assert find(session, granted.subject, now, now).status.state == "annulled"
    assert codes(bring, hall, **target) == ["nothing_to_appeal"]
    assert hall.differences() == []


@on_sqlite
def test_an_overturned_answer_to_an_objection_sends_the_case_back(submitted):
    hall = submitted
    case_id = hall.to(hall.case_id)
    hall.act(case_id, "object", "anybody", reasons="产地不实", objector=OBJECTOR)
    hall.act(case_id, "declare_interest", "third", interest="none")
    hall.act(case_id, "answer_objection", "third", "dismissed", objection=1, reasons=REASONS)
    target = {"target": "objection_answer", "n": 1, "filer": OBJECTOR}
    appeal = bring(hall, "anybody", **target)
    assert codes(hear, hall, appeal.appeal_id, "acknowledge", "third") == ["involved_in_matter"]
    hear_as(hall, appeal.appeal_id, "acknowledge", fresh_clerk(hall), "")
    hear_as(hall, appeal.appeal_id, "overturn", fresh_decider(hall), REASONS)
    opened_case = hall.opened(case_id)
    assert opened_case.standing.state == "expert_review"
    assert opened_case.standing.notice_until is None
    assert hall.people["third"] in opened_case.standing.excluded


def fresh_clerk(hall: Hall):
    return replace(hall.actor("clerk"), person=hall.people["stranger"])


@on_sqlite
def test_misuse_is_reported_by_anybody_and_seen_by_the_office_only(deciding):
    hall = deciding
    granted = hall.act(hall.case_id, "grant", "decider", terms=TERMS).granted
    report = {"kind": "misuse", "target": "certificate", "subject": granted.subject}
    made = bring(hall, "anybody", filer=OBJECTOR, **report)
    again = bring(hall, "stranger", **report)
    now = hall.node.clock.now()
    with hall.read() as session:
        due = due_of(find_appeal(session, made.appeal_id, hall.actor("clerk"), now))
        assert due is not None
        lists = {
            name: [line.appeal_id for line in waiting(session, hall.actor(name), now)]
            for name in ("clerk", "stranger", "grower", "anybody")
        }
        for name in ("grower", "stranger", "anybody"):
            found = codes(find_appeal, session, made.appeal_id, hall.actor(name), now)
            assert found == ["appeal_unknown"]
    assert {made.appeal_id, again.appeal_id} == set(lists["clerk"])
    assert (lists["stranger"], lists["grower"], lists["anybody"]) == ([again.appeal_id], [], [])
    assert hear(hall, again.appeal_id, "withdraw", "stranger", "").state == "withdrawn"
    assert codes(hear, hall, made.appeal_id, "withdraw", "stranger", "") == ["appeal_unknown"]
    hear(hall, made.appeal_id, "acknowledge", "third")
    assert hear_as(hall, made.appeal_id, "overturn", fresh_decider(hall), REASONS).annul is None


ALTERED = [
    ("UPDATE certification_appeals SET holder = 'org:x'", "certification_appeals", "holder"),
    ("UPDATE certification_appeals SET n = 9", "certification_appeals", "n"),
    (
        "UPDATE certification_appeal_steps SET person = 'user:x'",
        "certification_appeal_steps",
        "person",
    ),
    (
        "UPDATE certification_appeal_standings SET state = 'upheld'",
        "certification_appeal_standings",
        "state",
    ),
    (
        "UPDATE certification_appeal_standings SET running = NULL",
        "certification_appeal_standings",
        "running",
    ),
    ("DELETE FROM certification_appeal_standings", "certification_appeal_standings", "id"),
]
TABLES = (
    "certification_appeals",
    "certification_appeal_steps",
    "certification_appeal_standings",
)


@on_sqlite
def test_the_replay_names_every_altered_value(refused, tamper):
    hall = refused
    hear(hall, bring(hall).appeal_id, "acknowledge", "third")
    before = rows_of(hall.node, TABLES)
    for statement, table, column in ALTERED:
        with tamper(hall.node.database) as connection:
            connection.execute(text(statement))
        assert (table, column) in hall.differences(), statement
        put_back(hall.node, tamper, before)
    assert hall.differences() == []
