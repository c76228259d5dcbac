"""The trail: a row for every attempt, no personal data, never changed, found by party and time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from identity.actor import SYSTEM, Actor
from identity.audit.model import PAGE_MAX, AuditQuery, AuditRow, key_digest, targets_of
from identity.audit.service import search_audit, write_audit
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from identity.roles import SCOPES
from runtime.refusal import Refusal
from tests.identity.conftest import cooperative
from tests.identity.test_people import NOW, refusals

ORG_A, ORG_B = "org:AAAAAAAAAAAAAAAAAAAA", "org:BBBBBBBBBBBBBBBBBBBB"
USER = "user:AAAAAAAAAAAAAAAAAAAA"


def actor(party: str | None, *roles: str) -> Actor:
    return Actor(party, USER, frozenset(roles), SCOPES)


ADMIN = actor(None, "admin")


def write(database, *rows: AuditRow) -> None:
    with database.write_engine.begin() as connection:
        for row in rows:
            write_audit(connection, row)


def row(hours: int, party: str = ORG_A, outcome: str = "ok", **changes) -> AuditRow:
    at = NOW + timedelta(hours=hours)
    return replace(AuditRow(at, actor(party), "trace.lots.service.open_lot", outcome), **changes)


def listed(database, query: AuditQuery, asking: Actor = ADMIN) -> list[int]:
    with database.read() as session:
        lines = search_audit(session, query, asking)
    return [(line.at - NOW) // timedelta(hours=1) for line in lines]


def test_rows_are_found_by_party_time_and_outcome_newest_first(database):
    write(database, row(1), row(2, ORG_B), row(3, outcome="not_allowed"), row(4, use_case="x.y"))
    cases = [
        (AuditQuery(), [4, 3, 2, 1]),
        (AuditQuery(party=ORG_A), [4, 3, 1]),
        (AuditQuery(person=USER, outcome="not_allowed"), [3]),
        (AuditQuery(use_case="x.y"), [4]),
        (AuditQuery(since=NOW + timedelta(hours=2), until=NOW + timedelta(hours=4)), [3, 2]),
        (AuditQuery(client="client:AAAAAAAAAAAAAAAAAA"), []),
        (AuditQuery(limit=2), [4, 3]),
        (AuditQuery(limit=-1), [4]),
        (AuditQuery(limit=10**9), [4, 3, 2, 1]),
        (AuditQuery(before=10**30), [4, 3, 2, 1]),
        (AuditQuery(before=0), []),
        (AuditQuery(party="\x00"), []),
        (AuditQuery(outcome="' OR 1=1"), []),
    ]
    for query, hours in cases:
        assert listed(database, query) == hours, query


def test_a_listing_is_continued_at_the_last_number(database):
    write(database, *(row(hour) for hour in range(5)))
    with database.read() as session:
        first = search_audit(session, AuditQuery(limit=3), ADMIN)
    assert listed(database, AuditQuery(before=first[-1].number)) == [1, 0]
    assert PAGE_MAX == 200


def test_a_party_sees_its_own_rows_only(database):
    write(database, row(1), row(2, ORG_B))
    assert listed(database, AuditQuery(party=ORG_A), actor(ORG_A, "operator")) == [1]
    for query, asking, codes in (
        (AuditQuery(party=ORG_B), actor(ORG_A, "operator"), ["other_party"]),
        (AuditQuery(), actor(ORG_A, "regulator"), ["other_party"]),
        (AuditQuery(), actor(None), ["not_allowed"]),
        (AuditQuery(party=ORG_A), actor(None), ["not_allowed"]),
    ):
        with database.read() as session:
            assert refusals(search_audit, session, query, asking) == codes


CHANGES_OF_HISTORY = (
    "UPDATE audit SET outcome = 'ok'",
    "DELETE FROM audit",
    "UPDATE parties SET kind = 'person'",
    "DELETE FROM party_records",
    "UPDATE party_keys SET custody = 'own'",
    "DELETE FROM party_codes",
    "UPDATE representations SET signed_by = party",
    "DELETE FROM platform_operator",
)


def test_history_refuses_change(platform):
    villager = RegisterParty(
        "household", "王建国", phone="13800001234", host_party=platform.operator.id
    )
    platform.run(register_party, villager)
    for statement in CHANGES_OF_HISTORY:
        with (
            pytest.raises(DBAPIError, match=r"append-only|permission denied"),
            platform.database.write_engine.begin() as connection,
        ):
            connection.execute(text(statement))


def test_every_attempt_leaves_one_row_without_personal_data(platform):
    before = len(_lines(platform))
    party = platform.run(register_party, cooperative(), idempotency_key="13800001234")
    villager = RegisterParty("household", "王建国", phone="nonsense", host_party=party.id)
    with pytest.raises(Refusal):
        platform.run(register_party, villager, idempotency_key="second")
    refused, done, *_ = lines = _lines(platform)
    assert len(lines) == before + 2
    assert (done.use_case, done.outcome) == ("identity.parties.service.register_party", "ok")
    assert done.channel == "system"
    assert len(done.payload_ids) == 2
    assert party.payload_id in done.payload_ids
    assert done.key_digest == key_digest("13800001234") != "13800001234"
    assert (refused.outcome, refused.targets) == ("phone_malformed", (party.id,))
    assert refused.payload_ids == ()
    assert "王建国" not in repr(lines)


def _lines(platform):
    with platform.read() as session:
        return search_audit(session, AuditQuery(limit=PAGE_MAX), SYSTEM)


@dataclass(frozen=True)
class Inner:
    lot: str


@dataclass(frozen=True)
class Outer:
    name: str
    party: str
    inner: tuple[Inner, ...]
    count: int = 3
    nothing: None = None


def test_targets_are_the_ids_that_a_command_names():
    lot = "lot:CCCCCCCCCCCCCCCCCCCC"
    command = Outer("王建国 " + ORG_A, ORG_A, (Inner(lot), Inner(lot), Inner("13800001234")))
    assert targets_of(command) == (ORG_A, lot)
    assert targets_of(None) == ()
