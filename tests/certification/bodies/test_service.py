"""Appointing, vouching and declaring on both databases, what the log holds, and who is asked."""

from __future__ import annotations

from datetime import date, timedelta

from certification.bodies.entries import APPOINT, END_APPOINTMENT
from certification.bodies.replay import replay_bodies
from certification.bodies.service import (
    DeclareInterest,
    EndAppointment,
    EndCompetence,
    GrantCompetence,
    appointments,
    competences_of,
    competent,
    declare_interest,
    declared,
    end_appointment,
    end_competence,
    functions_of,
    grant_competence,
    open_places,
    people_for,
    require_appointed,
    schemes_served,
)
from certification.replay import _payloads
from certification.schemes.model import Task
from identity.actor import SYSTEM
from runtime.clock import beijing_date
from tests.certification.books import codes, logged, opened, rows_of

CASE = "case:AAAAAAAAAAAAAAAAAAAA"
TABLES = (
    "certification_appointments", "certification_appointment_ends", "certification_competences",
    "certification_competence_ends", "certification_declarations",
)  # fmt: skip


def today(house):
    return beijing_date(house.node.clock.now())


def differences(house):
    with house.read() as session:
        found = list(replay_bodies(session, house.node.vault, list(_payloads(session))))
    return [(each.table, each.column) for each in found]


def test_an_appointment_is_public_and_holds_from_day_to_day(house):
    office, now = house.actor.party, house.node.clock.now()
    last = today(house) + timedelta(days=10)
    made = house.appointed(to_date=last, capacity=3, document="演示〔2026〕5号")
    entry = logged(house.node, made.payload_id)
    assert (entry.type, entry.streams) == (APPOINT, (made.id,))
    assert entry.facts == {
        "party": office, "scheme": "jnjp", "function": "office",
        "from": today(house).isoformat(), "to": last.isoformat(),
    }  # fmt: skip
    assert opened(house.node, made.payload_id)["capacity"] == 3
    with house.read() as session:
        assert functions_of(session, office, "jnjp", now) == {"office"}
        assert functions_of(session, office, "green", now) == frozenset()
        assert schemes_served(session, office, now) == {"jnjp"}
        assert open_places(session, office, "jnjp", now) == 3
        assert open_places(session, None, "jnjp", now) is None
        assert functions_of(session, office, "jnjp", now + timedelta(days=11)) == frozenset()
        require_appointed(session, SYSTEM, "green", {"office"}, now)
        require_appointed(session, house.actor, "jnjp", {"office", "body"}, now)
        for scheme, functions in (("jnjp", {"body"}), ("green", {"office"})):
            refused = codes(require_appointed, session, house.actor, scheme, functions, now)
            assert refused == ["not_appointed"]
    again = {"party": office, "from_date": last}
    assert codes(house.appointed, **again) == ["appointed_already"]
    assert differences(house) == []


def test_an_appointment_ends_at_once_and_another_may_follow(house):
    made, now = house.appointed(), house.node.clock.now()
    end = EndAppointment(made.id, today(house) - timedelta(days=1), "机构退出")
    assert codes(house.run, end_appointment, end, house.actor) == ["not_allowed"]
    ended = house.run(end_appointment, end, SYSTEM)
    assert ended.term.to_date == end.to_date
    assert codes(house.run, end_appointment, end, SYSTEM) == ["ended_already"]
    with house.read() as session:
        assert functions_of(session, house.actor.party, "jnjp", now) == frozenset()
        held = appointments(session, party=house.actor.party)
        assert [each.id for each in held] == [made.id]
        assert appointments(session, now, party=house.actor.party) == ()
    house.appointed()
    with house.read() as session:
        party = house.actor.party
        assert len(appointments(session, now, scheme="jnjp", party=party)) == 1
        listed = [name for name, entry in _payloads(session) if entry.type == END_APPOINTMENT]
    assert logged(house.node, listed[0]).facts == {"to": end.to_date.isoformat()}
    assert differences(house) == []


def test_appointments_that_nothing_comes_of(house):
    cases = (
        ({"party": "org:AAAAAAAAAAAAAAAAAAAA"}, ["appointee_invalid"]),
        ({"party": "91120112MA00000000"}, ["appointee_invalid"]),
        ({"scheme": "none"}, ["scheme_unknown"]),
        ({"function": "x", "capacity": 0}, ["capacity_invalid", "function_unknown"]),
        ({"document": "<b>"}, ["text_markup"]),
    )
    before = rows_of(house.node, TABLES)
    for changes, expected in cases:
        assert sorted(codes(house.appointed, **changes)) == expected, changes
    missing = EndAppointment("appt:AAAAAAAAAAAAAAAAAAAA", today(house), "x")
    assert codes(house.run, end_appointment, missing, SYSTEM) == ["appointment_unknown"]
    assert rows_of(house.node, TABLES) == before


def test_competence_is_vouched_for_by_whoever_serves_the_scheme(house):
    until = today(house) + timedelta(days=365)
    grant = GrantCompetence(house.people[0], "jnjp", "inspect", until)
    clerk = house.acting(1, house.actor.party, "brand_officer")
    assert codes(house.run, grant_competence, grant, clerk) == ["not_appointed"]
    house.appointed()
    made = house.run(grant_competence, grant, clerk)
    entry = logged(house.node, made.payload_id)
    assert (entry.facts, entry.streams) == ({}, (made.id,))
    assert house.people[0] not in str(entry.facts)
    assert opened(house.node, made.payload_id)["person"] == house.people[0]
    own = GrantCompetence(house.people[1], "jnjp", "inspect", until)
    assert codes(house.run, grant_competence, own, clerk) == ["own_competence"]
    nobody = GrantCompetence("user:AAAAAAAAAAAAAAAAAAA", "jnjp", "inspect", until)
    assert codes(house.run, grant_competence, nobody, clerk) == ["person_unknown"]
    grower = house.acting(1, house.actor.party, "operator")
    assert codes(house.run, grant_competence, grant, grower) == ["not_allowed"]
    now = house.node.clock.now()
    with house.read() as session:
        assert competent(session, house.people[0], "jnjp", Task.INSPECT, now)
        assert not competent(session, house.people[0], "jnjp", Task.REVIEW, now)
        assert not competent(session, house.people[0], "green", Task.INSPECT, now)
        assert not competent(session, house.people[0], "jnjp", "inspect", now + timedelta(days=366))
        assert people_for(session, "jnjp", Task.INSPECT, now) == (house.people[0],)
    end = EndCompetence(made.id, today(house) - timedelta(days=1), "调离")
    house.run(end_competence, end, clerk)
    with house.read() as session:
        assert people_for(session, "jnjp", Task.INSPECT, now) == ()
        assert [each.id for each in competences_of(session, house.people[0])] == [made.id]
    unknown = EndCompetence("comp:AAAAAAAAAAAAAAAAAAAA", today(house), "x")
    assert codes(house.run, end_competence, unknown, clerk) == ["competence_unknown"]
    assert differences(house) == []


def test_a_relation_once_declared_for_a_case_stands(house):
    one, other = house.acting(0, house.actor.party), house.acting(1, house.laboratory)
    none = DeclareInterest(CASE, house.firm, "none")
    made = house.run(declare_interest, none, one)
    entry = logged(house.node, made.payload_id)
    assert (entry.facts, entry.streams) == ({}, (made.id,))
    assert house.firm not in str(entry.streams)
    family = DeclareInterest(CASE, house.firm, "family")
    house.run(declare_interest, family, other)
    assert codes(house.run, declare_interest, none, other) == ["relation_stands"]
    house.run(declare_interest, DeclareInterest(CASE, house.firm, "ownership"), one)
    with house.read() as session:
        assert declared(session, house.people[0], CASE) == "ownership"
        assert declared(session, house.people[1], CASE) == "family"
        assert declared(session, house.people[2], CASE) is None
        assert declared(session, house.people[0], CASE[:-1] + "B") is None
    machine = house.actor
    assert codes(house.run, declare_interest, none, machine) == ["person_required"]
    assert codes(house.run, declare_interest, none, SYSTEM) == ["person_required"]
    assert differences(house) == []


def test_replay_notices_whatever_an_insider_changes(house, tamper):
    made = house.appointed(capacity=2)
    house.run(end_appointment, EndAppointment(made.id, date(2026, 12, 31), "到期"), SYSTEM)
    until = today(house) + timedelta(days=10)
    grant = GrantCompetence(house.people[0], "jnjp", "decide", until)
    held = house.run(grant_competence, grant, SYSTEM)
    house.run(end_competence, EndCompetence(held.id, today(house), "调离"), SYSTEM)
    none = DeclareInterest(CASE, house.firm, "none")
    said = house.run(declare_interest, none, house.acting(0))
    assert differences(house) == []
    changes = (
        ("certification_appointments", "capacity", "9", made.id),
        ("certification_appointments", "function", "'body'", made.id),
        ("certification_appointment_ends", "to_date", "'2027-01-01'", made.id),
        ("certification_competences", "person", f"'{house.people[1]}'", held.id),
        ("certification_competences", "task", "'review'", held.id),
        ("certification_competence_ends", "to_date", "'2027-01-01'", held.id),
        ("certification_declarations", "relation", "'family'", said.id),
    )
    with tamper(house.node.database) as connection:
        for table, column, value, id in changes:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {value} WHERE id = '{id}'")
    assert sorted(differences(house)) == sorted((each[0], each[1]) for each in changes)
    with tamper(house.node.database) as connection:
        connection.exec_driver_sql("DELETE FROM certification_declarations")
    assert ("certification_declarations", "id") in differences(house)


def test_what_is_about_a_person_can_be_erased(house):
    until = today(house) + timedelta(days=10)
    grant = GrantCompetence(house.people[0], "jnjp", "decide", until)
    made = house.run(grant_competence, grant, SYSTEM)
    house.node.vault.destroy(house.people[0])
    assert differences(house) == []
    with house.read() as session:
        assert [each.id for each in competences_of(session, house.people[0])] == [made.id]
