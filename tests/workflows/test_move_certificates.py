"""A move as a job: portions behind a cursor, begun again where a server died, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from certification.bodies.service import (
    AppointBody,
    GrantCompetence,
    appoint,
    grant_competence,
)
from certification.certificates.register import find
from certification.certificates.service import GrantCertificate
from certification.moves.service import DecideTickets, OpenMove, result_of
from certification.replay import replay
from identity.actor import SYSTEM
from identity.people.model import CreatePerson
from identity.people.service import create_person
from runtime.clock import day_end
from runtime.jobs.service import LeaseLost
from runtime.jobs.tables import JobRow
from tests.certification.books import codes
from tests.console.stage import World, build
from tests.fixtures.nodes import Grow
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels, require_run
from trace.labels.model import Span
from trace.scans.service import epoch_of
from workflows import move_certificates
from workflows.change_certificate import grant_certificate
from workflows.move_certificates import (
    LEASE,
    WorkPortion,
    decide_tickets,
    open_move,
    run_jobs,
    unfinished,
    work_portion,
)
from workflows.print_labels import print_labels

UNTIL = date(2026, 11, 30)
LONG = 60.0


@dataclass
class Leaving:
    """A body whose certificates go to another one; the first is for rice that has labels."""

    world: World
    old: str
    new: str
    rice: str
    others: list[str]
    run: str
    decider: str
    move: str = ""

    @property
    def node(self) -> Any:
        return self.world.node

    def do(self, use_case: Any, command: Any, actor: Any = SYSTEM) -> Any:
        return self.world.stage.run(use_case, command, actor)

    def open(self) -> str:
        command = OpenMove("jnjp", self.old, self.new, "leaves", UNTIL, "机构退出", "演示1号")
        self.move = self.do(open_move, command).id
        return self.move

    def decide(self, *certificates: str, verdict: str = "attested") -> Any:
        person = replace(SYSTEM, party=self.new, person=self.decider)
        return self.do(decide_tickets, DecideTickets(self.move, verdict, certificates), person)

    def jobs(self) -> int:
        return run_jobs(self.node.unit, self.node.clock, LONG)

    def result(self) -> Any:
        with self.node.database.read() as session:
            return result_of(session, self.move)

    def codes(self) -> list[str]:
        """What is printed: number of the certificate and addresses of its labels."""
        now = self.node.clock.now()
        with self.node.database.read() as session:
            certificate = find(session, self.rice, now, now)
            row = require_run(session, self.run)
            keys, origin = LabelKeys(self.node.vault), self.node.log_keys.origin
            labels = printed_labels(row, keys, origin, Span(1, row.count))
            return [certificate.number, *(each.address for each in labels)]

    def epoch(self) -> int:
        with self.node.database.read() as session:
            return epoch_of(session, self.world.rice)


def leave(node: Any) -> Leaving:
    """Five certificates of one body; the world's own has none."""
    world = build(node)
    stage = world.stage
    old, new = (
        stage.party("enterprise", f"演示机构{n}", f"Demo body {n}", 110 + n, "120000").id
        for n in (1, 2)
    )

    def grant(number: int, product: str) -> str:
        command = GrantCertificate(
            f"JNJP-2026-{number:04d}", "jnjp", world.coop.id, (stage.product_id(product),),
            date(2026, 10, 1), date(2028, 9, 30), stage.day(10, 1), "评定通过", (), "50", "件",
            "演示〔2026〕1号", body=old,
        )  # fmt: skip
        return str(stage.run(grant_certificate, command).cert_id)

    rice, *others = (grant(n, "RICE" if n == 1 else "PEAR") for n in range(1, 6))
    order = replace(stage.order(world.coop, "RICE", 3, world.rice), certificate="JNJP-2026-0001")
    run = stage.run(print_labels, order)
    stage.run(appoint, AppointBody(new, "jnjp", "body"))
    decider = stage.run(create_person, CreatePerson("shending", "!")).id
    stage.run(grant_competence, GrantCompetence(decider, "jnjp", "decide", date(2028, 12, 31)))
    node.clock.advance(timedelta(minutes=1))
    return Leaving(world, old, new, rice, others, run.id, decider)


@pytest.fixture
def leaving(grow: Grow[Leaving]) -> Leaving:
    return grow(leave)


def test_what_was_attested_is_moved_by_the_job_and_no_code_changes(leaving, monkeypatch) -> None:
    monkeypatch.setattr(move_certificates, "PORTION", 2)
    before = leaving.codes()
    leaving.open()
    assert leaving.jobs() == 0, "nothing is due before somebody attested"
    leaving.decide(leaving.rice, leaving.others[0], leaving.others[1])
    with leaving.node.database.read() as session:
        assert unfinished(session, leaving.move)
    assert leaving.jobs() == 2
    result = leaving.result()
    assert (result.moved, result.pending, result.state) == (3, 2, "open")
    leaving.decide()
    assert leaving.jobs() >= 1
    assert (leaving.result().moved, leaving.result().state) == (5, "closed")
    assert leaving.codes() == before
    with leaving.node.database.read() as session:
        assert not unfinished(session, leaving.move)
        now = leaving.node.clock.now()
        assert find(session, leaving.rice, now, now).body == leaving.new
        assert replay(session, leaving.node.vault) == []


def test_the_job_of_the_last_day_suspends_and_turns_the_pages(leaving) -> None:
    leaving.open()
    leaving.decide(leaving.others[0])
    leaving.decide(leaving.others[1], verdict="declined")
    leaving.jobs()
    epoch = leaving.epoch()
    leaving.node.clock.at = day_end(UNTIL) - timedelta(microseconds=1)
    assert leaving.jobs() == 0
    leaving.node.clock.at = day_end(UNTIL)
    assert leaving.jobs() == 1
    result = leaving.result()
    assert (result.moved, result.suspended, result.state) == (1, 4, "closed")
    assert leaving.epoch() > epoch
    order = leaving.world.stage.order(
        leaving.world.coop, "RICE", 1, leaving.world.rice, with_mark=False
    )
    order = replace(order, certificate="JNJP-2026-0001")
    assert codes(leaving.do, print_labels, order) == ["certificate_suspended"]


def due(leaving: Leaving) -> list[JobRow]:
    with leaving.node.database.read() as session:
        return list(session.scalars(select(JobRow).order_by(JobRow.id)))


def test_a_server_that_dies_leaves_its_portion_to_the_next(leaving, monkeypatch) -> None:
    monkeypatch.setattr(move_certificates, "PORTION", 2)
    leaving.open()
    leaving.decide()
    (late, attested) = due(leaving)
    claimed = move_certificates._claimed(leaving.node.unit, leaving.node.clock.now())
    assert claimed is not None
    assert claimed.id == attested.id
    assert leaving.jobs() == 0, "somebody has the lease"
    leaving.node.clock.advance(LEASE)
    assert leaving.jobs() == 3
    assert leaving.result().moved == 5
    command = WorkPortion(claimed.id, claimed.attempt, dict(claimed.body))
    with pytest.raises(LeaseLost):
        leaving.do(work_portion, command)
    assert leaving.result().moved == 5
    assert [row.id for row in due(leaving)] == [late.id]


def test_a_portion_that_is_refused_is_tried_again_later(leaving) -> None:
    leaving.open()
    leaving.decide()
    (_, attested) = due(leaving)
    with leaving.node.database.write_engine.begin() as connection:
        connection.exec_driver_sql(
            'UPDATE jobs SET body = \'{"after":"","move":"move:none","why":"attested"}\''
            f" WHERE id = {attested.id}"
        )
    assert leaving.jobs() == 0
    (_, failed) = due(leaving)
    assert (failed.attempts, failed.last_error) == (1, "move_unknown")
