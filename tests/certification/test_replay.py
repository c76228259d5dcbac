"""The replay: silent on a healthy node, and naming table, row and column of every altered value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from certification.certificates.service import (
    AnnulChange,
    ChangeCertificate,
    annul,
    suspend,
)
from certification.replay import replay
from certification.uses import service as uses
from identity.keys.service import signer_for
from ledger.outbox import Draft, record
from tests.certification.books import put_back, rows_of
from tests.certification.conftest import Office, open_appointed_office
from tests.fixtures.nodes import Grow
from web.node import Node

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
RUN = "run:AAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class Move:
    cert_id: str
    kind: str
    units: int


def move(work, command, actor, now):
    """What the label area does around `uses`: book, and log what was booked."""
    book = uses.take if command.kind == "print" else uses.make_void
    balance = book(work, command.cert_id, command.units, now)
    column = "printed" if command.kind == "print" else "void"
    facts = {
        "number": balance.number,
        "unit": balance.unit,
        column: command.units,
        "left": balance.left,
    }
    draft = Draft(f"trace.run.{command.kind}", (RUN, command.cert_id), now, facts, ())
    record(work, draft, signer_for(work, actor.party), now)
    return balance


def differences(office):
    with office.read() as session:
        found = replay(session, office.node.vault)
    return [(each.table, each.column) for each in found]


@pytest.fixture
def busy(grow: Grow[Office]) -> Office:
    """Two certificates with decisions, prints and voids."""
    return grow(busy_office)


def busy_office(node: Node) -> Office:
    office = open_appointed_office(node)
    first = office.grant()
    second = office.grant(number="GF370505261234", scheme="green", quantity="10", unit="公斤")
    for step in (("print", 6), ("void", 2), ("print", 4)):
        office.run(move, Move(first.cert_id, *step))
    for step in (("print", 10_000_000), ("void", 5_000_000), ("print", 1_000_000)):
        office.run(move, Move(second.cert_id, *step))
    office.run(suspend, ChangeCertificate(first.cert_id, NOV_1, "抽检不合格"))
    office.run(annul, AnnulChange(first.cert_id, 2, "误录"))
    return office


ALTERED = [
    ("UPDATE certification_quotas SET printed = printed - 1", "certification_quotas", "printed"),
    ("UPDATE certification_quotas SET void = void + 1", "certification_quotas", "void"),
    ("UPDATE certification_quotas SET granted = 99999999", "certification_quotas", "granted"),
    ("UPDATE certification_certificates SET granted = 9", "certification_certificates", "granted"),
    (
        "UPDATE certification_certificates SET to_date = '2028-01-01'",
        "certification_certificates",
        "to_date",
    ),
    (
        "UPDATE certification_certificates SET holder = 'org:AAAAAAAAAAAAAAAAAAAA'",
        "certification_changes",
        "holder",
    ),
    (
        "UPDATE certification_certificates SET number = 'X' || granted",
        "certification_certificates",
        "number",
    ),
    (
        "UPDATE certification_scopes SET subject = 'prod:BBBBBBBBBBBBBBBBBBBB'",
        "certification_changes",
        "products",
    ),
    (
        "UPDATE certification_changes SET effective_at = effective_at - 1",
        "certification_changes",
        "effective_at",
    ),
    ("UPDATE certification_changes SET reason = 'x'", "certification_changes", "reason"),
    (
        "UPDATE certification_changes SET annuls = NULL",
        "certification_changes",
        "annuls",
    ),
    ("DELETE FROM certification_changes WHERE n = 3", "certification_changes", "n"),
    ("DELETE FROM certification_quotas", "certification_quotas", "account_id"),
]


def test_every_altered_value_is_named(busy, tamper):
    assert differences(busy) == []
    stored = rows_of(busy.node, TABLES)
    for statement, table, column in ALTERED:
        with tamper(busy.node.database) as connection:
            connection.execute(text(statement))
        assert (table, column) in differences(busy), statement
        put_back(busy.node, tamper, stored)
    assert differences(busy) == []


TABLES = (
    "certification_certificates",
    "certification_scopes",
    "certification_changes",
    "certification_quotas",
)
