"""Publishing versions: what is in force when, what the log says, and files that changed since."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from certification.schemes import service
from certification.schemes.catalogue import Shipped, catalogue
from certification.schemes.entries import PUBLISH
from certification.schemes.errors import SchemeChanged
from certification.schemes.replay import replay_schemes
from certification.schemes.service import (
    PublishScheme,
    PublishShipped,
    check_published,
    in_force,
    publish,
    publish_shipped,
    published,
    scheme,
    schemes,
    shipped,
)
from certification.schemes.tables import SchemeRow
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from tests.certification.books import codes, logged, put_back, rows_of

TABLE = SchemeRow.__tablename__
BRAND = PublishScheme("jnjp", "2026-2")


def ship(monkeypatch, *versions: Shipped) -> None:
    """Let these versions ship in place of the real ones of their scheme."""
    code = versions[0].scheme.code
    mine = {each.scheme.version: each for each in versions}
    found = {**catalogue(), code: mine}
    monkeypatch.setattr(service, "catalogue", lambda: found)


def version(number: str, effective: date, content: bytes = b"{}") -> Shipped:
    return Shipped(replace(scheme("jnjp", "2026-2"), version=number, effective=effective), content)


def differences(office):
    with office.read() as session:
        reader = LogReader(session)
        entries = [parse_entry(each) for each in reader.entry_range(0, reader.size)]
        named = [
            (base64url.encode(payload_id(each.payload_bytes)), each.payload) for each in entries
        ]
        return replay_schemes(session, office.node.vault, named)


def test_a_published_version_is_in_force_and_in_the_log(office):
    now = office.node.clock.now()
    with office.read() as session:
        assert codes(in_force, session, "jnjp", now) == ["scheme_not_in_force"]
        assert codes(in_force, session, "nonesuch", now) == ["scheme_unknown"]
    done = office.run(publish, BRAND)
    payload = logged(office.node, done.payload_id)
    digest = hashlib.sha256(shipped("jnjp").content).digest()
    assert (payload.type, dict(payload.facts)) == (
        PUBLISH,
        {
            "scheme": "jnjp",
            "version": "2026-2",
            "digest": base64url.encode(digest),
            "effective": "2025-01-01",
        },
    )
    assert payload.streams[0].startswith("schm:")
    with office.read() as session:
        assert in_force(session, "jnjp", now) == scheme("jnjp")
        assert published(session) == published(session, "jnjp") == (done,)
        assert published(session, "hhk") == ()
        # What counted at a past moment stays what it was, whatever is published later.
        earlier = now - timedelta(seconds=1)
        assert codes(in_force, session, "jnjp", earlier) == ["scheme_not_in_force"]
        check_published(session)
    assert office.run(publish, BRAND) == done
    assert rows_of(office.node, [TABLE])[TABLE][0]["code"] == "jnjp"


def test_all_that_is_whole_is_published_at_once(office):
    whole = {code for code, each in schemes().items() if each.tracks}
    done = office.run(publish_shipped, PublishShipped())
    assert {each.code for each in done.published} == whole
    assert office.run(publish_shipped, PublishShipped()) == done
    with office.read() as session:
        assert {each.code for each in published(session)} == whole
        assert codes(in_force, session, "gi", office.node.clock.now()) == ["scheme_not_in_force"]


def test_what_is_refused_writes_nothing(office, monkeypatch):
    grower = replace(office.actor, roles=frozenset({"grower"}))
    for order, actor, refused in (
        (BRAND, grower, "not_allowed"),
        (PublishScheme("nonesuch", "2026-1"), None, "scheme_unknown"),
        (PublishScheme("jnjp", "2019-1"), None, "scheme_version_unknown"),
        (PublishScheme("jnjp", "2026-1"), None, "scheme_not_whole"),
    ):
        assert codes(office.run, publish, order, actor) == [refused]
    assert rows_of(office.node, [TABLE])[TABLE] == []

    office.run(publish, BRAND)
    ship(monkeypatch, version("2026-2", date(2025, 1, 1)), version("2025-9", date(2025, 1, 1)))
    assert codes(office.run, publish, BRAND) == ["scheme_published_otherwise"]
    assert codes(office.run, publish, PublishScheme("jnjp", "2025-9")) == ["scheme_version_passed"]
    assert len(rows_of(office.node, [TABLE])[TABLE]) == 1


def test_a_later_version_waits_for_its_day(office, monkeypatch):
    first, second = (
        version("2026-2", date(2025, 1, 1), b"1"),
        version("2026-10", date(2026, 12, 1), b"2"),
    )
    ship(monkeypatch, first, second)
    office.run(publish, BRAND)
    office.run(publish, PublishScheme("jnjp", "2026-10"))
    now = office.node.clock.now()
    begins = now.replace(month=11, day=30, hour=16, minute=0, second=0, microsecond=0)
    with office.read() as session:
        assert in_force(session, "jnjp", now).version == "2026-2"
        before = begins - timedelta(microseconds=1)
        assert in_force(session, "jnjp", before).version == "2026-2"
        assert in_force(session, "jnjp", begins).version == "2026-10"


def test_a_changed_or_lost_file_stops_the_start(office, monkeypatch):
    office.run(publish, BRAND)
    for other in (version("2026-2", date(2025, 1, 1)), version("2026-3", date(2025, 1, 1))):
        ship(monkeypatch, other)
        with office.read() as session, pytest.raises(SchemeChanged) as error:
            check_published(session)
        assert (error.value.code, error.value.version) == ("jnjp", "2026-2")


def test_replay_names_what_was_tampered_with(office, tamper):
    office.run(publish, BRAND)
    before = rows_of(office.node, [TABLE])
    assert differences(office) == []
    for column, statement in {
        "version": "version = '2026-3'",
        "code": "code = 'hhk'",
        "effective": "effective = '2024-01-01'",
        "content": "content = digest",
        "recorded_at": "recorded_at = recorded_at + 1",
    }.items():
        with tamper(office.node.database) as connection:
            connection.execute(text(f"UPDATE {TABLE} SET {statement}"))
        assert [each.column for each in differences(office)] == [column]
        put_back(office.node, tamper, before)
    with tamper(office.node.database) as connection:
        connection.execute(text(f"DELETE FROM {TABLE}"))
    assert [each.stored for each in differences(office)] == ["no row"]
