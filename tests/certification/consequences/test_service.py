"""Proposing, confirming and dropping on both databases, and what the log holds of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from certification.bars.service import bar_of
from certification.bodies.service import AppointBody, appoint
from certification.certificates.register import find
from certification.certificates.service import ChangeCertificate, resume
from certification.consequences.model import Radius, radius_from
from certification.consequences.replay import replay_consequences
from certification.consequences.service import (
    ConfirmConsequence,
    DropConsequence,
    ProposeConsequence,
    confirm,
    consequences_of,
    drop,
    follow_ups_of,
    hold_of,
    propose,
    require_not_held,
    revocation_waits,
    waiting_consequences,
)
from certification.consequences.tables import ConsequenceRow
from identity.actor import SYSTEM, Actor
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.conftest import Office

OCT_20 = datetime(2026, 10, 20, 4, tzinfo=UTC)
TABLES = (
    "certification_consequences",
    "certification_consequence_standings",
    "certification_consequence_steps",
    "certification_follow_ups",
)
SHOWN = radius_from({"lots": ["lot:a"], "runs": ["run:a"], "awards": ["trf:a"]}, 10)


def _left(radius: Radius) -> list[tuple[str, str]]:
    return [("award", each) for each in radius.awards]


@dataclass
class Desk:
    """The office with two officers, and the radius that other areas would give."""

    office: Office
    cert_id: str
    radius: list[Radius] = field(default_factory=lambda: [SHOWN])

    def anew(self, number: int) -> Desk:
        """The same desk with another certificate."""
        return Desk(self.office, self.office.grant(number=f"JNJP-2026-{number:04d}").cert_id)

    def person(self, name: str, **changes: Any) -> Actor:
        return replace(self.office.actor, person=f"pers:{name * 20}", **changes)

    def _radius_of(self, cert_id: str) -> Radius:
        return self.radius[-1]

    def propose(self, name: str = "a", actor: Actor | None = None, **changes: Any) -> Any:
        command = ProposeConsequence(
            self.cert_id, "suspend", OCT_20, "抽检不合格", "演示〔2026〕2号"
        )

        def run(work, command, actor, now):
            return propose(work, command, self._radius_of, actor, now)

        return self.office.run(run, replace(command, **changes), actor or self.person(name))

    def confirm(self, consequence: str, name: str = "b", radius: str = "", **more: Any) -> Any:
        def run(work, command, actor, now):
            return confirm(work, command, self._radius_of, _left, actor, now)

        command = ConfirmConsequence(consequence, radius or SHOWN.digest)
        return self.office.run(run, command, more.get("actor") or self.person(name))

    def drop(self, consequence: str, name: str = "a", reason: str = "复检合格") -> Any:
        return self.office.run(drop, DropConsequence(consequence, reason), self.person(name))

    def state(self) -> str:
        now = self.office.node.clock.now()
        with self.office.read() as session:
            return find(session, self.cert_id, now, now).status.state.value

    def differences(self) -> list[tuple[str, str]]:
        with self.office.read() as session:
            reader = LogReader(session)
            entries = [parse_entry(each) for each in reader.entry_range(0, reader.size)]
            payloads = [
                (base64url.encode(payload_id(each.payload_bytes)), each.payload) for each in entries
            ]
            found = list(replay_consequences(session, self.office.node.vault, payloads))
        return [(each.table, each.column) for each in found]

    def later(self, **parts: int) -> None:
        self.office.node.clock.advance(timedelta(**parts))


@pytest.fixture
def desk(office) -> Desk:
    office.run(appoint, AppointBody(office.actor.party, "jnjp", "office"), SYSTEM)
    return Desk(office, office.grant().cert_id)


def a_suspension_takes_two(desk: Desk) -> None:
    proposed = desk.propose()
    assert (proposed.state, proposed.radius, proposed.change) == ("proposed", SHOWN.digest, None)
    assert (proposed.numbers.lots, proposed.numbers.labels) == (1, 10)
    assert desk.state() == "active"
    with desk.office.read() as session:
        assert proposed.id in [row.id for row in waiting_consequences(session)]
        assert not revocation_waits(session, desk.cert_id)
    desk.radius.append(radius_from({**SHOWN.members(), "lots": ["lot:a", "lot:b"]}, 12))
    confirmed = desk.confirm(proposed.id)
    assert (confirmed.state, confirmed.change) == ("confirmed", 2)
    assert (confirmed.added.lots, confirmed.added.labels) == (1, 2)
    assert desk.state() == "suspended"
    with desk.office.read() as session:
        assert proposed.id not in [row.id for row in waiting_consequences(session)]
        assert follow_ups_of(session, proposed.id) == []
        assert [state for _, state in consequences_of(session, desk.cert_id)] == ["confirmed"]


def a_revocation_leaves_follow_ups_and_is_final(desk: Desk) -> None:
    proposed = desk.propose(verb="revoke")
    with desk.office.read() as session:
        assert revocation_waits(session, desk.cert_id)
    desk.confirm(proposed.id)
    assert desk.state() == "revoked"
    with desk.office.read() as session:
        left = [(row.kind, row.subject) for row in follow_ups_of(session, proposed.id)]
        bar = bar_of(session, desk.office.firm, "jnjp", desk.office.node.clock.now())
        years = find(session, desk.cert_id, OCT_20, OCT_20).scheme.bar_years
    assert left == [("award", "trf:a")]
    assert (bar is None) is (years is None)
    if bar is not None:
        assert (bar.cert_id, bar.n, bar.ground) == (desk.cert_id, 2, None)
    assert codes(desk.propose) == ["certificate_revoked"]


def nothing_is_public_of_a_proposal_and_both_radii_are_committed(desk: Desk) -> None:
    proposed = desk.propose(ground=None, hold=True)
    entry = logged(desk.office.node, proposed.payload_id)
    assert (entry.type, entry.streams, entry.facts) == (
        "certification.consequence.step", (proposed.id,), {},
    )  # fmt: skip
    said = opened(desk.office.node, proposed.payload_id)
    assert (said["event"], said["radius"]) == ("propose", SHOWN.value())
    confirmed = desk.confirm(proposed.id)
    told = opened(desk.office.node, confirmed.payload_id)
    assert (told["shown"], told["radius"]["lots"]) == (SHOWN.digest, ["lot:a"])
    assert told["person"] == desk.person("b").person


def what_is_refused_writes_nothing(desk: Desk) -> None:
    node = desk.office.node
    before = rows_of(node, TABLES)
    grower = desk.person("a", roles=frozenset({"grower"}))
    holder = desk.person("a", party=desk.office.firm)
    tomorrow = node.clock.now() + timedelta(days=1)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"actor": grower}, ["not_allowed"]),
        ({"actor": holder}, ["not_appointed"]),
        ({"actor": replace(holder, channel="system")}, ["own_certificate"]),
        ({"cert_id": "cert:none"}, ["certificate_unknown"]),
        ({"verb": "resume"}, ["change_unknown"]),
        ({"reason": ""}, ["text_empty"]),
        ({"document": "x" * 81}, ["text_too_long"]),
        ({"effective_at": tomorrow}, ["in_the_future"]),
        ({"effective_at": OCT_20 - timedelta(days=90)}, ["out_of_order"]),
        ({"ground": "nonsense", "verb": "revoke"}, ["ground_unknown"]),
        ({"ground": "any"}, ["ground_unknown"]),
        ({"hold": True, "actor": desk.office.actor}, ["person_required"]),
    ]
    for changes, expected in cases:
        assert codes(partial(desk.propose, **changes)) == expected, changes
    assert rows_of(node, TABLES) == before
    proposed = desk.propose()
    held = rows_of(node, TABLES)
    assert codes(desk.propose, "c") == ["consequence_waiting"]
    assert codes(desk.confirm, proposed.id, "a") == ["consequence_same_person"]
    assert codes(desk.confirm, proposed.id, actor=desk.office.actor) == ["person_required"]
    assert codes(desk.confirm, proposed.id, radius="0" * 64) == ["consequence_radius_other"]
    assert codes(desk.confirm, "cons:none") == ["consequence_unknown"]
    assert codes(desk.drop, "cons:none") == ["consequence_unknown"]
    desk.radius.append(Radius())
    assert codes(desk.confirm, proposed.id) == ["consequence_radius_shrunk"]
    assert rows_of(node, TABLES) == held
    assert desk.state() == "active"


def a_proposal_is_dropped_and_another_one_may_follow(desk: Desk) -> None:
    proposed = desk.propose()
    assert desk.drop(proposed.id).state == "dropped"
    assert desk.state() == "active"
    assert codes(desk.confirm, proposed.id) == ["consequence_not_open"]
    assert codes(desk.drop, proposed.id) == ["consequence_not_open"]
    again = desk.propose("b")
    desk.confirm(again.id, "a")
    assert desk.state() == "suspended"


def what_was_decided_meanwhile_is_looked_at_again(desk: Desk) -> None:
    first = desk.propose()
    desk.confirm(first.id)
    command = ChangeCertificate(desk.cert_id, OCT_20 + timedelta(days=2), "评价合格", "演示评1号")
    proposed = desk.propose(verb="revoke", effective_at=OCT_20 + timedelta(days=1))
    desk.office.run(resume, command)
    assert codes(desk.confirm, proposed.id) == ["out_of_order"]
    assert desk.state() == "active"


def holds(desk: Desk) -> str:
    """What printing is told now, and until when."""
    now = desk.office.node.clock.now()
    with desk.office.read() as session:
        hold = hold_of(session, desk.cert_id, now)
        if hold is None:
            require_not_held(session, desk.cert_id, now)
            return "printing"
        assert codes(require_not_held, session, desk.cert_id, now) == ["certificate_held"]
        return f"held for {(hold.until - now).total_seconds() / 3600:g} h"


def a_hold_ends_with_the_proposal_or_after_72_hours(desk: Desk) -> None:
    assert holds(desk) == "printing"
    first = desk.propose(hold=True)
    assert holds(desk) == "held for 72 h"
    assert desk.state() == "active"
    desk.drop(first.id, "b")
    assert holds(desk) == "printing"
    assert codes(partial(desk.propose, hold=True)) == ["hold_repeated"]
    second = desk.propose("b", hold=True)
    desk.later(hours=71)
    assert holds(desk) == "held for 1 h"
    desk.later(hours=1)
    assert holds(desk) == "printing"
    desk.confirm(second.id, "a")
    assert desk.state() == "suspended"


def of_many_who_confirm_or_drop_at_once_one_does(desk: Desk) -> None:
    proposed = desk.propose()

    def one(n: int) -> str:
        deed: Callable[[], Any] = partial(desk.confirm, proposed.id, chr(ord("b") + n))
        if n % 4 == 3:
            deed = partial(desk.drop, proposed.id)
        try:
            return str(deed().state)
        except Refusal as refusal:
            return refusal.first.code.code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(8)))
    done = [each for each in answers if each in ("confirmed", "dropped")]
    assert len(done) == 1, answers
    assert set(answers) - set(done) == {"consequence_not_open"}
    assert desk.state() == ("suspended" if done == ["confirmed"] else "active")


def of_two_who_propose_at_once_one_waits(desk: Desk) -> None:
    def one(name: str) -> str:
        try:
            return str(desk.propose(name).state)
        except Refusal as refusal:
            return refusal.first.code.code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(one, "abcd"))
    assert answers == ["consequence_waiting"] * 3 + ["proposed"]


def a_large_radius_is_read_only_when_it_is_asked_for(desk: Desk) -> None:
    desk.radius.append(radius_from({"lots": [f"lot:{n:06d}" for n in range(20_000)]}, 0))
    proposed = desk.propose()
    with desk.office.read() as session:
        (row,) = [each for each in waiting_consequences(session) if each.id == proposed.id]
        assert "radius" not in row.__dict__
        assert len(row.radius["lots"]) == 20_000
        assert isinstance(row, ConsequenceRow)
    confirmed = desk.confirm(proposed.id, radius=proposed.radius)
    assert confirmed.numbers.lots == 20_000


ALTERED = {
    "certification_consequences": {
        "reason": "'x'", "verb": "'suspend'", "hold_until": "1", "proposed_by": "'pers:x'",
        "radius_digest": "'x'", "effective_at": "1", "document": "'x'", "office": "'org:x'",
        "cert_id": "'cert:x'", "proposed_at": "1", "ground": "'x'", "radius": """'{}'""",
    },
    "certification_consequence_standings": {"state": "'dropped'", "steps": "9"},
    "certification_consequence_steps": {
        "person": "'pers:x'", "event": "'drop'", "change": "7", "note": "'x'", "at": "1",
    },
    "certification_follow_ups": {"subject": "'trf:x'"},
}  # fmt: skip
"""What an insider writes into every row, by table and column; the key of a row is told as `id`."""


# Each scene has a certificate of its own; the last one moves the clock.
SCENES = (
    a_suspension_takes_two,
    a_revocation_leaves_follow_ups_and_is_final,
    nothing_is_public_of_a_proposal_and_both_radii_are_committed,
    a_proposal_is_dropped_and_another_one_may_follow,
    what_was_decided_meanwhile_is_looked_at_again,
    a_large_radius_is_read_only_when_it_is_asked_for,
    of_many_who_confirm_or_drop_at_once_one_does,
    of_two_who_propose_at_once_one_waits,
    what_is_refused_writes_nothing,
    a_hold_ends_with_the_proposal_or_after_72_hours,
)


def test_the_scenes_of_two_officers(desk) -> None:
    for number, scene in enumerate(SCENES, 2):
        scene(desk.anew(number))


def test_whatever_is_altered_is_named(desk, tamper) -> None:
    desk.confirm(desk.propose(verb="revoke", hold=True).id)
    node, rows = desk.office.node, rows_of(desk.office.node, TABLES)
    assert desk.differences() == []
    with tamper(node.database) as connection:
        for table, columns in ALTERED.items():
            changes = ", ".join(f"{name} = {value}" for name, value in columns.items())
            connection.execute(text(f"UPDATE {table} SET {changes}"))
    named = {
        (table, "id" if column == "subject" else column)
        for table, columns in ALTERED.items()
        for column in columns
    }
    assert named <= set(desk.differences())
    put_back(node, tamper, rows)
    with tamper(node.database) as connection:
        connection.execute(text("DELETE FROM certification_follow_ups"))
        connection.execute(text("DELETE FROM certification_consequence_steps WHERE n = 2"))
    assert sorted(desk.differences()) == [
        ("certification_consequence_steps", "id"), ("certification_follow_ups", "id"),
    ]  # fmt: skip
