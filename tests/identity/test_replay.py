"""The register held against the log: a healthy one agrees, every altered column is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from identity.keys.model import RotateKey
from identity.keys.service import rotate_party_key
from identity.parties.model import AmendParty, RegisterParty
from identity.parties.service import amend_party, register_party
from identity.replay import replay
from tests.identity.codes import made_code
from tests.identity.conftest import cooperative


@pytest.fixture
def filled(platform):
    """A co-operative with two versions, two keys and a household; a person under nobody."""
    party = platform.run(register_party, cooperative())
    amended = AmendParty(party.id, 1, "演示新社", code=party.code, region="120112")
    platform.run(amend_party, amended)
    platform.run(rotate_party_key, RotateKey(party.id))
    villager = RegisterParty("household", "王建国", phone="13800001234", host_party=party.id)
    made = platform.run(register_party, villager)
    platform.run(amend_party, AmendParty(made.id, 1, "王建军", phone="13800001234"))
    platform.run(register_party, RegisterParty("person", "李晓明"))
    return platform


def found(platform) -> list[tuple[str, str]]:
    with platform.read() as session:
        return [(each.table, each.column) for each in replay(session, platform.vault)]


def test_a_healthy_register_agrees_with_the_log(filled):
    assert found(filled) == []


def test_an_erased_person_is_no_difference(filled):
    with filled.read() as session:
        (person,) = session.scalars(text("SELECT id FROM parties WHERE kind = 'person'"))
    filled.vault.destroy(person)
    assert found(filled) == []


OPERATOR = "SELECT party FROM platform_operator"
OTHER = made_code("91", 4711)
ALTERED = [
    ("UPDATE party_records SET name_zh = '别人' WHERE name_zh = '演示新社'", "name_zh"),
    ("UPDATE party_records SET name_en = 'Other' WHERE name_en IS NOT NULL", "name_en"),
    ("UPDATE party_records SET region = '370505' WHERE region = '120112'", "region"),
    ("UPDATE party_records SET name_zh = '王建国' WHERE name_zh IS NULL", "name_zh"),
    ("UPDATE party_records SET effective_at = effective_at - 1", "effective_at"),
    ("UPDATE party_records SET version = 3 WHERE version = 2", "version"),
    ("DELETE FROM party_records WHERE version = 2", "payload_id"),
    ("DELETE FROM party_records WHERE version = 1", "supersedes"),
    (f"UPDATE party_records SET code = '{OTHER}' WHERE code IS NOT NULL AND version = 2", "code"),
    ("UPDATE parties SET kind = 'enterprise' WHERE kind = 'cooperative'", "kind"),
    ("UPDATE parties SET kind = 'person' WHERE kind = 'household'", "kind"),
    ("UPDATE parties SET is_natural = NOT is_natural WHERE kind = 'cooperative'", "is_natural"),
    ("UPDATE parties SET host = NULL WHERE kind = 'household'", "host"),
    (f"UPDATE party_codes SET code = '{OTHER}' WHERE code LIKE '93%'", "party"),
    ("DELETE FROM party_codes", "party"),
    ("UPDATE representations SET signed_by = party", "signed_by"),
    ("DELETE FROM representations", "signed_by"),
    ("UPDATE party_keys SET custody = 'own' WHERE number = 2", "custody"),
    ("UPDATE party_keys SET number = 7 WHERE number = 2", "number"),
    (f"UPDATE party_keys SET party = ({OPERATOR}), number = 9 WHERE number = 2", "party"),
    ("UPDATE party_keys SET since_at = since_at - 1", "since_at"),
    ("UPDATE party_records SET recorded_at = recorded_at - 1 WHERE version = 2", "recorded_at"),
    ("DELETE FROM party_keys WHERE number = 2", "actor"),
    (
        "UPDATE platform_operator SET party = (SELECT id FROM parties WHERE kind = 'person')",
        "actor",
    ),
]


def test_every_altered_column_is_named(filled, tamper):
    """One healthy register serves all cases: each alteration is taken back before the next."""
    with tamper(filled.database) as connection:
        for statement, column in ALTERED:
            altered = connection.begin_nested()
            assert connection.execute(text(statement)).rowcount > 0, statement
            with Session(connection, join_transaction_mode="rollback_only") as session:
                named = {each.column for each in replay(session, filled.vault)}
            altered.rollback()
            assert column in named, statement
    assert found(filled) == []
