"""Moves on both databases: opened, decided certificate by certificate, worked off in portions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from certification.bodies.service import (
    AppointBody,
    GrantCompetence,
    appoint,
    functions_of,
    grant_competence,
)
from certification.certificates.register import Certificate, find
from certification.certificates.service import ChangeCertificate, revoke, suspend
from certification.moves.model import TicketState
from certification.moves.replay import replay_moves
from certification.moves.service import (
    DecideTickets,
    MoveResult,
    OpenMove,
    WorkOff,
    decide_tickets,
    moves_of,
    open_move,
    open_moves,
    result_of,
    tickets_of,
    work_off,
)
from identity.actor import SYSTEM, Actor
from identity.keys.service import newest_key
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from identity.people.model import CreatePerson
from identity.people.service import create_person
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from runtime.clock import day_end
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.conftest import Office
from tests.identity.codes import made_code

TODAY, UNTIL = date(2026, 11, 1), date(2026, 11, 30)
OCT_20 = datetime(2026, 10, 20, 4, tzinfo=UTC)
TABLES = (
    "certification_moves",
    "certification_move_standings",
    "certification_move_steps",
    "certification_move_tickets",
)


@dataclass
class Bodies:
    """The office, a body with certificates that leaves, another one that takes over."""

    office: Office
    old: str
    new: str
    certificates: list[str]
    people: dict[str, str]

    def person(self, name: str = "a", party: str | None = None, **changes: Any) -> Actor:
        roles = frozenset({"brand_officer"})
        person = replace(SYSTEM, party=party or self.new, person=self.people[name], roles=roles)
        return replace(person, channel="console", **changes)

    def open(self, actor: Actor = SYSTEM, **changes: Any) -> MoveResult:
        command = OpenMove("jnjp", self.old, self.new, "failed", UNTIL, "机构终止服务", "演示1号")
        found: MoveResult = self.office.run(open_move, replace(command, **changes), actor)
        return found

    def decide(
        self, move: str, *certificates: str, verdict: str = "attested", actor: Actor | None = None
    ) -> MoveResult:
        command = DecideTickets(move, verdict, certificates)
        found: MoveResult = self.office.run(decide_tickets, command, actor or self.person())
        return found

    def work(self, move: str, after: str = "", size: int = 25) -> Any:
        return self.office.run(work_off, WorkOff(move, after, size), SYSTEM)

    def work_all(self, move: str, size: int) -> list[int]:
        """Portions until nothing is left; what each of them moved."""
        moved: list[int] = []
        after: str | None = ""
        while after is not None:
            portion = self.work(move, after, size)
            moved.append(portion.moved)
            after = portion.after
        return moved

    def certificate(self, cert_id: str) -> Certificate:
        now = self.office.node.clock.now()
        with self.office.read() as session:
            return find(session, cert_id, now, now)

    def tickets(self, move: str) -> dict[str, str]:
        with self.office.read() as session:
            return {row.cert_id: row.state for row in tickets_of(session, move)}

    def differences(self) -> list[tuple[str, str]]:
        with self.office.read() as session:
            reader = LogReader(session)
            entries = [parse_entry(each) for each in reader.entry_range(0, reader.size)]
            payloads = [
                (base64url.encode(payload_id(each.payload_bytes)), each.payload) for each in entries
            ]
            found = list(replay_moves(session, self.office.node.vault, payloads))
        return [(each.table, each.column) for each in found]

    def midnight(self) -> None:
        self.office.node.clock.at = day_end(UNTIL)


def body(office: Office, number: int) -> str:
    command = RegisterParty(
        "enterprise", f"演示机构{number}", None, made_code("91", number), "120000"
    )
    return str(office.node.unit.run(register_party, command, actor=SYSTEM).id)


def found(office: Office, people: dict[str, str], number: int) -> Bodies:
    """Two bodies and five certificates of the first, one of the second, one of nobody."""
    old, new = body(office, 2 * number), body(office, 2 * number + 1)
    for party in (old, new):
        office.run(appoint, AppointBody(party, "jnjp", "body"), SYSTEM)
    granted = [
        office.grant(number=f"JNJP-2026-{number:02d}{n:02d}", body=old).cert_id for n in range(5)
    ]
    office.grant(number=f"JNJP-2026-{number:02d}11", body=new)
    office.grant(number=f"JNJP-2026-{number:02d}12")
    return Bodies(office, old, new, sorted(granted), people)


@pytest.fixture
def bodies(office) -> Bodies:
    people = {name: office.run(create_person, CreatePerson(name * 4, "!"), SYSTEM).id
              for name in "ab"}  # fmt: skip
    competence = GrantCompetence(people["a"], "jnjp", "decide", date(2028, 12, 31))
    office.run(grant_competence, competence, SYSTEM)
    office.run(appoint, AppointBody(office.actor.party, "jnjp", "office"), SYSTEM)
    return found(office, people, 10)


def certificates_go_to_another_body_and_stay_what_they_are(bodies: Bodies) -> None:
    before = {cert_id: bodies.certificate(cert_id) for cert_id in bodies.certificates}
    opened_move = bodies.open()
    assert (opened_move.decided, opened_move.pending) == (5, 5)
    assert list(bodies.tickets(opened_move.id)) == bodies.certificates
    assert bodies.decide(opened_move.id).attested == 5
    assert bodies.work_all(opened_move.id, 2) == [2, 2, 1]
    with bodies.office.read() as session:
        assert result_of(session, opened_move.id).state == "closed"
        assert opened_move.id not in [row.id for row in open_moves(session)]
        assert [row.id for row in moves_of(session, bodies.new)] == [opened_move.id]
        key = newest_key(session, bodies.new)
    assert key is not None
    for cert_id, was in before.items():
        now = bodies.certificate(cert_id)
        assert (now.body, was.body) == (bodies.new, bodies.old)
        assert (now.number, now.status.state, now.holder) == (was.number, "active", was.holder)
        entry = logged(bodies.office.node, now.payload_ids[-1])
        assert entry.type == "certification.certificate.transfer_body"
        assert (entry.streams, entry.facts["to"]) == ((cert_id,), bodies.new)
        assert entry.actor == key.actor, "the new body signs"
        assert opened(bodies.office.node, now.payload_ids[-1])["move"] == opened_move.id


def what_nobody_attests_is_suspended_by_the_system_after_the_last_day(bodies: Bodies) -> None:
    one, two, three, four, five = bodies.certificates
    move = bodies.open().id
    bodies.decide(move, one)
    bodies.decide(move, two, three, verdict="declined")
    assert bodies.decide(move, three).attested == 2
    system = replace(SYSTEM, party=bodies.office.actor.party)
    bodies.office.run(suspend, ChangeCertificate(four, OCT_20, "抽检不合格"), system)
    bodies.office.run(revoke, ChangeCertificate(five, OCT_20, "弄虚作假"), system)
    early = bodies.work(move)
    assert (early.moved, early.suspended, early.after) == (2, (), None)
    assert bodies.certificate(two).status.state == "active"
    bodies.midnight()
    late = bodies.work(move)
    assert (late.moved, late.suspended, late.gone) == (0, tuple(sorted([two, four])), 1)
    assert bodies.tickets(move) == {
        one: "moved", two: "suspended", three: "moved", four: "suspended", five: "gone",
    }  # fmt: skip
    states = [bodies.certificate(each).status.state.value for each in bodies.certificates]
    assert states == ["active", "suspended", "active", "suspended", "revoked"]
    entry = opened(bodies.office.node, bodies.certificate(two).payload_ids[-1])
    assert "没有机构重新确认" in entry["reason"]


def the_old_body_serves_the_scheme_no_longer(bodies: Bodies) -> None:
    bodies.open(why="failed")
    _serves_until(bodies, TODAY)


def a_body_that_leaves_serves_to_the_last_day(bodies: Bodies) -> None:
    bodies.open(why="leaves")
    _serves_until(bodies, UNTIL)


def _serves_until(bodies: Bodies, day: date) -> None:
    end = day_end(day)
    for at, held in ((end - timedelta(microseconds=1), {"body"}), (end, set())):
        with bodies.office.read() as session:
            assert functions_of(session, bodies.old, "jnjp", at) == held
            assert functions_of(session, bodies.new, "jnjp", at) == {"body"}


def a_portion_that_is_done_twice_moves_nothing_twice(bodies: Bodies) -> None:
    move = bodies.open().id
    bodies.decide(move)
    first = bodies.work(move, "", 3)
    assert (first.moved, first.after) == (3, bodies.certificates[2])
    assert bodies.work(move, "", 3).moved == 2
    assert bodies.work(move, first.after, 3).moved == 0
    assert {len(bodies.certificate(each).payload_ids) for each in bodies.certificates} == {2}


def workers_who_meet_move_each_certificate_once(bodies: Bodies) -> None:
    move = bodies.open().id
    bodies.decide(move)
    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(lambda _: bodies.work(move, "", 2).moved, range(6)))
    assert sum(moved) == 5


def what_is_refused_writes_nothing(bodies: Bodies) -> None:
    node, one = bodies.office.node, bodies.certificates[0]
    before = rows_of(node, TABLES)
    grower = bodies.person(roles=frozenset({"grower"}))
    openings: list[tuple[dict[str, Any], list[str]]] = [
        ({"actor": grower}, ["not_allowed"]),
        ({"scheme": "none"}, ["scheme_unknown"]),
        ({"from_body": "org:none"}, ["party_unknown"]),
        ({"to_body": "org:none"}, ["party_unknown"]),
        ({"to_body": bodies.old}, ["move_same_body"]),
        ({"from_body": bodies.office.firm}, ["move_empty"]),
        ({"scheme": "hhk"}, ["move_body_invalid", "move_empty"]),
        ({"to_body": bodies.office.firm}, ["move_body_invalid"]),
        ({"until": date(2026, 11, 1)}, ["move_deadline"]),
        ({"why": "bored"}, ["move_why_unknown"]),
        ({"reason": "<b>"}, ["text_markup"]),
    ]
    for changes, expected in openings:
        assert codes(partial(bodies.open, **changes)) == expected, changes
    assert rows_of(node, TABLES) == before
    move = bodies.open().id
    opened_rows = rows_of(node, TABLES)
    assert codes(bodies.open) == ["move_open_already"]
    machine, elsewhere = bodies.person(), bodies.person(party=bodies.old)
    verdicts: list[tuple[tuple[str, ...], dict[str, Any], list[str]]] = [
        ((one,), {"actor": grower}, ["not_allowed"]),
        ((one,), {"actor": elsewhere}, ["other_party"]),
        ((one,), {"actor": replace(machine, person=None)}, ["person_required"]),
        ((one,), {"actor": bodies.person("b")}, ["not_competent"]),
        ((one,), {"verdict": "blessed"}, ["verdict_unknown"]),
        ((one, "cert:none"), {}, ["not_in_move"]),
    ]
    for certificates, changes, expected in verdicts:
        assert codes(partial(bodies.decide, move, *certificates, **changes)) == expected, changes
    assert codes(bodies.decide, "move:none") == ["move_unknown"]
    assert codes(bodies.work, "move:none") == ["move_unknown"]
    assert codes(bodies.office.run, work_off, WorkOff(move), bodies.person()) == ["not_allowed"]
    assert rows_of(node, TABLES) == opened_rows
    bodies.decide(move, one)
    assert codes(bodies.decide, move, one) == ["ticket_decided"]
    bodies.midnight()
    assert codes(bodies.decide, move) == ["move_not_open"]


def of_two_moves_that_are_opened_at_once_one_is(bodies: Bodies) -> None:
    def one(_: int) -> str:
        try:
            return str(bodies.open().state)
        except Refusal as refusal:
            return refusal.first.code.code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(one, range(4)))
    assert answers == ["move_open_already"] * 3 + ["open"]
    assert bodies.differences() == []


# Each scene has bodies of its own; the last one goes past the last day.
SCENES = (
    certificates_go_to_another_body_and_stay_what_they_are,
    the_old_body_serves_the_scheme_no_longer,
    a_body_that_leaves_serves_to_the_last_day,
    a_portion_that_is_done_twice_moves_nothing_twice,
    workers_who_meet_move_each_certificate_once,
    of_two_moves_that_are_opened_at_once_one_is,
    what_is_refused_writes_nothing,
)


def test_the_scenes_of_a_move(bodies) -> None:
    clock = bodies.office.node.clock
    clock.advance(timedelta(seconds=1))
    for number, scene in enumerate(SCENES, 11):
        scene(found(bodies.office, bodies.people, number))
    assert bodies.differences() == []


def test_the_last_day(bodies) -> None:
    bodies.office.node.clock.advance(timedelta(seconds=1))
    what_nobody_attests_is_suspended_by_the_system_after_the_last_day(bodies)
    assert bodies.differences() == []


ALTERED = [
    ("moves", {"reason": "'x'", "until": "'2027-01-01'", "to_body": "'org:x'", "why": "'leaves'",
               "from_body": "'org:x'", "scheme": "'hhk'", "document": "'x'", "opened_at": "1"}, ""),
    ("move_standings", {"state": "'closed'", "steps": "9"}, ""),
    ("move_steps", {"person": "'x'", "office": "'x'", "certificates": "9", "event": "'x'",
                    "at": "1"}, ""),
    ("move_tickets", {"person": "'x'", "state": "'pending'"}, "WHERE state = 'moved'"),
]  # fmt: skip
"""What an insider writes, by table (without its area), column, and which rows."""
ELSEWHERE = [
    ("UPDATE certification_move_tickets SET state = 'gone' WHERE state = 'moved'", "state"),
    ("UPDATE certification_move_tickets SET state = 'moved' WHERE state = 'pending'", "state"),
    ("DELETE FROM certification_move_tickets WHERE state = 'declined'", "id"),
]


def test_whatever_is_altered_is_named(bodies, tamper) -> None:
    move = bodies.open().id
    bodies.decide(move, *bodies.certificates[:2])
    bodies.decide(move, bodies.certificates[2], verdict="declined")
    bodies.work(move)
    assert set(bodies.tickets(move).values()) == {
        TicketState.MOVED, TicketState.DECLINED, TicketState.PENDING,
    }  # fmt: skip
    node, rows = bodies.office.node, rows_of(bodies.office.node, TABLES)
    assert bodies.differences() == []
    with tamper(node.database) as connection:
        for table, columns, where in ALTERED:
            changes = ", ".join(f'"{name}" = {value}' for name, value in columns.items())
            connection.execute(text(f"UPDATE certification_{table} SET {changes} {where}"))
    named = {(f"certification_{table}", name) for table, columns, _ in ALTERED for name in columns}
    assert named <= set(bodies.differences())
    put_back(node, tamper, rows)
    with tamper(node.database) as connection:
        for statement, _ in ELSEWHERE:
            connection.execute(text(statement))
    told = bodies.differences()
    assert {column for _, column in told} == {"state", "id"}
    assert len(told) == 5
