"""Cases as use cases, on both databases: the whole way, what is refused, what is committed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from certification.bars.service import LiftBar, MakeBar, lift_bar, make_bar
from certification.bodies import service as bodies
from certification.cases import facts, register
from certification.cases.model import Act, OpenCase
from certification.cases.register import cases_of, form, timeline, unfit_for, waiting
from certification.cases.service import open_case
from certification.certificates.register import find
from certification.evidence.model import Answer
from certification.process.guards import GUARDS
from certification.process.model import CaseFacts, CaseState, Deed, Event, Question, Who
from certification.schemes.model import Task
from ecotrace import background
from identity.actor import SYSTEM
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.cases.hall import OBJECTOR, REASONS, SCHEME, TERMS
from workflows.advance_case import advance_case, case_offers

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_granted_application_becomes_one_certificate(deciding):
    hall, case_id = deciding, deciding.case_id
    granted = hall.act(case_id, "grant", "decider", terms=TERMS)
    assert (granted.state, granted.granted.kind, granted.granted.n) == ("granted", "certificate", 1)
    now = hall.node.clock.now()
    with hall.read() as session:
        certificate = find(session, granted.granted.subject, now, now)
    assert certificate.holder == hall.firm
    assert (certificate.products, certificate.bases) == ((hall.product,), (hall.base,))
    assert (certificate.basis, certificate.quota.granted) == ("case", 1000)
    assert certificate.number == granted.granted.number == "JNJP-2026-0001"
    assert hall.opened(case_id).granted == granted.granted
    payload = logged(hall.node, granted.payload_id)
    assert (payload.type, payload.streams) == ("certification.case.step", (case_id,))
    assert (payload.facts, set(payload.commit)) == ({}, {"record"})
    record = opened(hall.node, granted.payload_id)
    assert record["granted"]["subject"] == certificate.cert_id
    assert (record["event"], record["person"]) == ("grant", hall.people["decider"])
    assert hall.differences() == []
    assert codes(hall.act, case_id, "withdraw", "grower") == ["event_not_possible"]
    # The firm may apply again, and the number is not given twice.
    assert hall.state(hall.open()) == "draft"


@on_sqlite
def test_a_refused_application_leaves_no_certificate_and_says_why(deciding):
    hall, case_id = deciding, deciding.case_id
    assert codes(hall.act, case_id, "refuse", "decider") == ["reasons_missing"]
    refused = hall.act(case_id, "refuse", "decider", reasons=REASONS)
    assert refused.state == "refused"
    now = hall.node.clock.now()
    with hall.read() as session:
        told = timeline(session, hall.node.vault, case_id, hall.actor("grower"), now)
        rows = session.execute(text("SELECT count(*) FROM certification_certificates")).scalar()
    assert (told[-1].event, told[-1].reasons, rows) == ("refuse", REASONS, 0)
    assert hall.differences() == []


REFUSED: list[tuple[str, str, dict[str, Any], list[str]]] = [
    # event, who, members, codes
    ("grant", "grower", {}, ["role_not_allowed"]),
    ("grant", "clerk", {}, ["role_not_allowed"]),
    ("grant", "system", {}, ["not_competent", "no_declaration", "person_required"]),
    ("complete_step", "inspector", {"outcome": "pass"}, ["event_not_possible"]),
    ("accept", "clerk", {}, ["event_not_possible"]),
    ("end_notice", "clerk", {}, ["event_not_possible"]),
    ("object", "anybody", {"reasons": REASONS, "objector": OBJECTOR}, ["event_not_possible"]),
    ("return_for_completion", "decider", {}, ["reasons_missing"]),
    ("reopen", "system", {}, ["role_not_allowed"]),
    ("nonesuch", "clerk", {}, ["event_unknown"]),
    ("grant", "decider", {"outcome": "perhaps"}, ["event_unknown"]),
    ("assign", "clerk", {"assignee": "user:x", "task": "juggle"}, ["event_unknown"]),
    ("record_fee", "clerk", {"fee": "nonesuch"}, ["fee_unknown"]),
    ("save", "grower", {}, ["event_not_possible"]),
    ("submit", "grower", {}, ["event_not_possible"]),
    ("refuse", "stranger", {"reasons": REASONS}, ["case_unknown"]),
    ("withdraw", "stranger", {}, ["case_unknown"]),
    (
        "grant",
        "decider",
        {"terms": replace(TERMS, quantity="1001", unit="吨")},
        ["quantity_beyond_capacity", "quantity_beyond_application"],
    ),
    ("grant", "decider", {"terms": replace(TERMS, quantity="x")}, ["quantity_invalid"]),
    ("grant", "decider", {"terms": replace(TERMS, number="LB-1")}, ["number_malformed"]),
    ("grant", "decider", {"terms": None}, ["quantity_missing"]),
]


@on_sqlite
def test_what_is_refused_changes_nothing(deciding):
    hall, case_id = deciding, deciding.case_id
    before = hall.opened(case_id)
    for event, who, members, expected in REFUSED:
        found = codes(hall.act, case_id, event, who, **members)
        assert sorted(found) == sorted(expected), (event, who)
    assert codes(hall.act, "case:AAAAAAAAAAAAAAAAAAAA", "grant", "decider") == ["case_unknown"]
    assert codes(hall.act, "nonsense", "grant", "decider") == ["case_unknown"]
    assert hall.opened(case_id) == before


@on_sqlite
def test_nobody_decides_what_he_examined_under_another_party_either(deciding):
    """The same person under two parties is one person."""
    hall, case_id = deciding, deciding.case_id
    inspector = replace(hall.actor("decider"), person=hall.people["inspector"])
    grant = Act(case_id, "grant", terms=TERMS)
    found = codes(hall.node.unit.run, advance_case, grant, actor=inspector)
    assert "examiner_may_not_decide" in found


@on_sqlite
def test_whoever_is_related_not_competent_or_not_appointed_decides_nothing(deciding):
    hall, case_id = deciding, deciding.case_id
    refuse = {"reasons": REASONS}
    hall.act(case_id, "declare_interest", "second", interest="consultancy")
    assert codes(hall.act, case_id, "refuse", "second", **refuse) == ["conflict_declared"]
    assert codes(hall.act, case_id, "declare_interest", "second", interest="none") == [
        "relation_stands"
    ]
    assert codes(hall.act, case_id, "declare_interest", "decider", interest="love") == [
        "relation_unknown"
    ]
    # A visit makes an inspector of whoever is sent on it, whatever else he is.
    assert hall.send("decider").state == "planned"
    apart = "examiner_may_not_decide"
    assert codes(hall.act, case_id, "refuse", "decider", **refuse) == [apart]
    with hall.read() as session:
        assert hall.people["decider"] in unfit_for(session, case_id, Task.DECIDE)
        assert hall.people["inspector"] in unfit_for(session, case_id, Task.REVIEW)
        assert hall.people["reviewer"] in unfit_for(session, case_id, Task.INSPECT)
    today = hall.node.clock.now().date()
    with hall.read() as session:
        held = bodies.competences_of(session, hall.people["decider"])
        served = bodies.appointments(session, party=hall.parties["office"])
    yesterday = today - timedelta(days=1)
    hall.run(bodies.end_competence, bodies.EndCompetence(held[0].id, yesterday, "停职"), "system")
    assert codes(hall.act, case_id, "refuse", "decider", **refuse) == ["not_competent", apart]
    ended = bodies.EndAppointment(served[0].id, yesterday, "合同到期")
    hall.run(bodies.end_appointment, ended, "system")
    # Without an appointment the case is none of the office's business any more.
    assert codes(hall.act, case_id, "refuse", "decider", **refuse) == ["case_unknown"]


@on_sqlite
def test_a_barred_holder_is_refused_at_the_submission_and_at_the_grant(deciding):
    hall, case_id = deciding, deciding.case_id
    now = hall.node.clock.now()
    order = MakeBar(hall.firm, SCHEME, "cert:AAAAAAAAAAAAAAAAAAAA", 2, now, "falsified")
    hall.run(make_bar, order, "system")
    assert codes(hall.act, case_id, "grant", "decider", terms=TERMS) == ["barred_until"]
    # Nothing keeps the office from refusing, nor the holder from typing.
    hall.act(case_id, "withdraw", "grower")
    draft = hall.open()
    assert "barred_until" in codes(hall.act, draft, "submit", "grower")
    hall.run(lift_bar, LiftBar(order.cert_id, order.n), "system")
    assert "barred_until" not in codes(hall.act, draft, "submit", "grower")


def test_two_who_decide_at_once_decide_once(deciding):
    hall, case_id = deciding, deciding.case_id
    hall.act(case_id, "declare_interest", "second", interest="none")
    start = Barrier(2)

    def decide(name: str) -> str:
        start.wait()
        try:
            if name == "decider":
                return str(hall.act(case_id, "grant", name, terms=TERMS).state)
            return str(hall.act(case_id, "refuse", name, reasons=REASONS).state)
        except Refusal as refusal:
            return str(refusal.first.code.code)

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(decide, ("decider", "second")))
    assert outcomes in (["event_not_possible", "granted"], ["event_not_possible", "refused"])
    assert hall.differences() == []


class Spy:
    """Facts that remember which of them were looked at."""

    def __init__(self, known: CaseFacts) -> None:
        self.known = known
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.seen.add(name)
        return getattr(self.known, name)


@on_sqlite
def test_what_a_guard_looks_at_is_read_for_it(deciding):
    hall, now = deciding, deciding.node.clock.now()
    opened_case, actor = hall.opened(hall.case_id), hall.actor("decider")
    # What comes with the question itself is there for every guard.
    given = {name: {"ground", "asked", "granting"} for name in GUARDS}
    with hall.read() as session:
        asking = facts.Asking(opened_case, actor, now, frozenset(GUARDS))
        for guards, read in facts._READERS:
            for name in guards:
                given[name] |= set(read(session, asking))
    deed = Deed(Event.ASSIGN, None, REASONS, 1, "user:x", Task.DECIDE, "fee")
    who = Who("user:x", "org:x")
    for state in CaseState:
        standing = replace(opened_case.standing, state=state)
        for name, guard in GUARDS.items():
            spy: Any = Spy(CaseFacts())
            question = Question(opened_case.process, standing, deed, who, spy, now)
            list(guard.check(question))
            assert spy.seen <= given[name], name


@on_sqlite
def test_a_host_applies_for_its_household_and_its_people_are_on_its_side(hall):
    household = hall.node.unit.run(
        register_party,
        RegisterParty(
            "household", "村民甲", None, None, None, host_party=hall.firm, phone="13800000000"
        ),
        actor=SYSTEM,
    ).id
    assert codes(hall.open, holder=household) == ["applicant_kind_not_allowed"]
    assert codes(hall.open, "stranger", holder=household) == ["role_not_allowed"]
    with hall.read() as session:
        for name, side in (("grower", True), ("stranger", False), ("clerk", False)):
            actor = hall.actor(name)
            assert facts.applies_for(session, actor, household) == side


def test_two_who_open_at_once_open_one_case(hall):
    start = Barrier(2)

    def begin(_: int) -> str:
        start.wait()
        try:
            return "draft" if hall.open() else ""
        except Refusal as refusal:
            return str(refusal.first.code.code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(begin, range(2))) == ["case_running", "draft"]
    with hall.read() as session:
        assert len(cases_of(session, hall.firm)) == 1


def for_the_system(hall) -> list[tuple[str, str]]:
    with hall.read() as session:
        deeds = register.for_the_system(session, hall.node.clock.now())
    return [(deed.case_id, deed.event) for deed in deeds]


@on_sqlite
def test_an_objection_is_heard_and_its_author_is_hidden(submitted):
    hall, case_id = submitted, submitted.to(submitted.case_id)
    assert codes(hall.act, case_id, "object", "anybody", reasons=REASONS) == [
        "text_empty",
        "text_empty",
    ]
    filed = hall.act(case_id, "object", "anybody", reasons="产地不实", objector=OBJECTOR)
    assert filed.objection == 1
    with hall.read() as session:
        (notice,) = register.public_notices(session, hall.node.vault, hall.node.clock.now())
    assert (notice.case_id, notice.holder) == (case_id, hall.firm)
    assert (notice.products, notice.until.isoformat()) == ((hall.product,), "2026-11-06")
    hall.days(12)
    assert for_the_system(hall) == []
    assert codes(hall.act, case_id, "end_notice", "system") == ["objections_open"]
    with hall.read() as session:
        assert register.public_notices(session, hall.node.vault, hall.node.clock.now()) == ()
    late = codes(hall.act, case_id, "object", "anybody", reasons=REASONS, objector=OBJECTOR)
    assert late == ["notice_ended"]
    answer = {"objection": 1, "reasons": REASONS}
    found = codes(hall.act, case_id, "answer_objection", "inspector", "dismissed", **answer)
    assert found == ["role_not_allowed"]
    upheld = hall.act(case_id, "answer_objection", "decider", "upheld", **answer)
    assert upheld.state == "expert_review"
    hall.act(case_id, "complete_step", "expert", "pass")
    hall.act(case_id, "publish_notice", "clerk")
    # The notice runs anew, in full.
    assert codes(hall.act, case_id, "end_notice", "system") == ["notice_not_ended"]
    hall.days(12)
    assert for_the_system(hall) == [(case_id, "end_notice")]
    now = hall.node.clock.now()
    with hall.read() as session:
        for name, seen in (("grower", None), ("clerk", OBJECTOR)):
            told = timeline(session, hall.node.vault, case_id, hall.actor(name), now)
            line = next(each for each in told if each.event == "object")
            assert (line.objector, line.reasons) == (seen, "产地不实"), name
    assert hall.differences() == []


@on_sqlite
def test_a_draft_is_typed_in_portions_and_submitted_whole(hall):
    case_id = hall.open()
    found = codes(hall.act, case_id, "submit", "grower")
    asked = hall.opened(case_id).process.track.asks
    assert len(found) == len(asked)
    assert set(found) <= {"answer_missing", "document_missing"}
    answers = hall.answers(case_id)
    hall.act(case_id, "save", "grower", answers=answers[:3])
    hall.act(case_id, "save", "grower", answers=(*answers[3:], Answer(answers[0].key, "")))
    assert codes(hall.act, case_id, "save", "grower", answers=(Answer("nonesuch", "x"),)) == [
        "answer_unknown"
    ]
    assert codes(hall.act, case_id, "save", "grower", answers=(Answer("contact_phone", "12"),)) == [
        "answer_malformed"
    ]
    with hall.read() as session:
        lines = form(session, hall.node.vault, hall.opened(case_id))
    given = {line.key: line.answer for line in lines if line.answer is not None}
    assert given == {each.key: each for each in answers[1:]}
    hall.act(case_id, "save", "grower", answers=answers[:1])
    for key in asked:
        if key in hall.opened(case_id).process.scheme.documents:
            hall.hand_in(case_id, key)
    submitted = hall.act(case_id, "submit", "grower")
    record = opened(hall.node, submitted.payload_id)
    assert record["answers"] == {each.key: [each.value, each.unit] for each in answers}
    assert len(record["evidence"]) == 9
    assert codes(hall.open) == ["case_running"]
    assert hall.differences() == []


@on_sqlite
def test_a_returned_draft_lapses_when_nobody_answers(submitted):
    hall, case_id = submitted, submitted.case_id
    hall.act(case_id, "return_for_completion", "clerk", reasons="缺少地块图")
    assert codes(hall.act, case_id, "lapse", "clerk") == ["role_not_allowed"]
    assert codes(hall.act, case_id, "lapse", "system") == ["nothing_due"]
    assert for_the_system(hall) == []
    hall.days(58)
    assert for_the_system(hall) == [(case_id, "lapse")]
    assert background.move_cases(hall.node) == 1
    assert for_the_system(hall) == []
    assert hall.differences() == []


@on_sqlite
def test_what_names_others_goods_is_refused(hall):
    case_id = hall.open()
    hall.fill(case_id)
    strange = (
        Answer("products", "prod:AAAAAAAAAAAAAAAAAAAA"),
        Answer("planned_output", "73", "吨"),
        Answer("base_area", "120.01", "亩"),
    )
    hall.act(case_id, "save", "grower", answers=strange)
    assert codes(hall.act, case_id, "submit", "grower") == [
        "scope_not_of_applicant",
        "quantity_beyond_capacity",
    ]
    hall.act(case_id, "save", "grower", answers=(Answer("products", hall.product),))
    assert codes(hall.act, case_id, "submit", "grower") == ["quantity_beyond_capacity"] * 2
    hall.act(
        case_id,
        "save",
        "grower",
        answers=(Answer("planned_output", "72", "吨"), Answer("base_area", "120", "亩")),
    )
    assert hall.act(case_id, "submit", "grower").state == "submitted"


REFUSED_OPENINGS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"scheme": "nonesuch"}, "grower", ["scheme_unknown"]),
    ({"scheme": "organic"}, "grower", ["scheme_not_in_force"]),
    ({"track": "nonesuch"}, "grower", ["track_not_offered"]),
    ({"track": "renewal"}, "grower", ["certificate_needed"]),
    ({"holder": "org:AAAAAAAAAAAAAAAAAAAA"}, "grower", ["party_unknown"]),
    ({"holder": None}, "system", ["party_unknown"]),
    ({}, "clerk", ["role_not_allowed"]),
]


@on_sqlite
def test_refused_openings(hall):
    for changes, name, expected in REFUSED_OPENINGS:
        order = OpenCase(**({"scheme": SCHEME, "track": "initial"} | changes))
        assert codes(hall.run, open_case, order, name) == expected, changes
    with hall.read() as session:
        assert cases_of(session, hall.firm) == ()


@on_sqlite
def test_work_lists_show_what_waits_for_whom_and_how_late_it_is(submitted):
    hall, case_id = submitted, submitted.case_id

    def lists() -> dict[str, list]:
        now = hall.node.clock.now()
        with hall.read() as session:
            names = ("grower", "stranger", "clerk", "reviewer", "inspector", "decider")
            found = {name: waiting(session, hall.actor(name), now) for name in names}
        return {name: list(lines) for name, lines in found.items() if lines}

    assert set(lists()) == {"grower", "clerk"}
    hall.act(case_id, "accept", "clerk")
    assert set(lists()) == {"grower", "reviewer"}
    line = lists()["reviewer"][0]
    assert (line.step, line.late_working_days, line.assigned) == ("desk_review", 0, False)
    assert line.due.isoformat() == "2026-11-13"
    hall.days(17)
    assert lists()["reviewer"][0].late_working_days == 3
    hall.act(case_id, "assign", "clerk", assignee=hall.people["reviewer"], task="review")
    assert lists()["reviewer"][0].assigned
    hall.declare_all(case_id)
    hall.act(case_id, "complete_step", "reviewer", "pass")
    assert set(lists()) == {"grower", "inspector"}


@on_sqlite
def test_only_what_can_be_done_is_offered(submitted):
    hall, case_id = submitted, submitted.case_id

    def offered(name: str) -> dict:
        now = hall.node.clock.now()
        with hall.read() as session:
            made = case_offers(session, hall.node.vault, case_id, hall.actor(name), now)
        return {
            (each.event.value, each.outcome): [reason.code.code for reason in each.reasons]
            for each in made
        }

    clerk = offered("clerk")
    assert clerk["accept", None] == []
    assert {event for event, _ in clerk} == {
        "accept",
        "decline",
        "return_for_completion",
        "assign",
        "declare_interest",
        "record_agreement",
    } | ({"record_fee"} if hall.opened(case_id).process.scheme.fees else set())
    assert set(offered("grower")) == {("withdraw", None)}
    hall.act(case_id, "accept", "clerk")
    reviewer = offered("reviewer")
    assert reviewer["complete_step", "pass"] == ["no_declaration"]


ALTERED = [
    ("UPDATE certification_cases SET holder = 'org:x'", "certification_cases", "holder"),
    ("UPDATE certification_cases SET cert_id = 'cert:x'", "certification_cases", "cert_id"),
    (
        "UPDATE certification_case_steps SET person = 'user:x' WHERE event = 'grant'",
        "certification_case_steps",
        "person",
    ),
    (
        "UPDATE certification_case_steps SET outcome = 'fail' WHERE task = 'inspect'",
        "certification_case_steps",
        "outcome",
    ),
    (
        "UPDATE certification_case_outcomes SET subject = 'cert:x'",
        "certification_case_outcomes",
        "subject",
    ),
    ("DELETE FROM certification_case_outcomes", "certification_case_outcomes", "id"),
    (
        "UPDATE certification_case_standings SET state = 'refused'",
        "certification_case_standings",
        "state",
    ),
    (
        "UPDATE certification_case_standings SET answers = 'x'",
        "certification_case_standings",
        "answers",
    ),
    (
        "INSERT INTO certification_running_cases VALUES ('org:x', 'jnjp', 'initial', '', 'case:x')",
        "certification_running_cases",
        "case_id",
    ),
]
TABLES = (
    "certification_cases",
    "certification_case_steps",
    "certification_case_outcomes",
    "certification_case_standings",
    "certification_running_cases",
)


@on_sqlite
def test_the_replay_names_every_altered_value(deciding, tamper):
    hall = deciding
    hall.act(hall.case_id, "grant", "decider", terms=TERMS)
    before = rows_of(hall.node, TABLES)
    for statement, table, column in ALTERED:
        with tamper(hall.node.database) as connection:
            connection.execute(text(statement))
        assert (table, column) in hall.differences(), statement
        put_back(hall.node, tamper, before)
    assert hall.differences() == []


@on_sqlite
def test_what_was_typed_can_be_erased(deciding):
    """Without the applicant's key nothing that was typed is left, and the replay is silent."""
    hall, case_id = deciding, deciding.case_id
    hall.node.vault.destroy(hall.firm)
    now = hall.node.clock.now()
    with hall.read() as session:
        told = timeline(session, hall.node.vault, case_id, hall.actor("clerk"), now)
        lines = form(session, hall.node.vault, hall.opened(case_id))
    assert {line.reasons for line in told} == {None}
    assert {line.answer for line in lines} == {None}
    assert hall.differences() == []
