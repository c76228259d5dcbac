"""API tokens: made, used, expired, revoked; and what a database thief finds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from identity.actor import Actor
from identity.clients.model import CreateClient, RevokeClient, client_reasons, new_token
from identity.clients.service import clients_of, create_client, revoke_client, token_actor
from identity.parties.service import register_party
from identity.roles import SCOPES
from runtime.randomness import SeededRandomness
from runtime.refusal import Refusal
from tests.identity.conftest import cooperative
from tests.identity.test_people import NOW, refusals

TOKEN = new_token(SeededRandomness(b"one token"))
YEAR = timedelta(days=366)


def machine(party: str, **changes) -> CreateClient:
    right = CreateClient(
        party=party,
        label="信用平台对接",
        digest=TOKEN.digest,
        scopes=("credit",),
        until=NOW + timedelta(days=30),
        roles=("credit_client",),
        region="120112",
    )
    return replace(right, **changes)


def test_a_token_is_ect_and_43_letters():
    assert re.fullmatch(r"ect_[A-Za-z0-9_-]{43}", TOKEN.text)
    assert TOKEN.text not in repr(TOKEN)
    assert new_token(SeededRandomness(b"another")) != TOKEN


def test_a_token_acts_for_its_party_within_roles_scopes_and_region(platform):
    client = platform.run(create_client, machine(platform.operator.id))
    with platform.read() as session:
        actor = token_actor(session, TOKEN.text, platform.clock.now())
        assert clients_of(session, platform.operator.id) == (client,)
    assert actor == Actor(
        party=platform.operator.id,
        person=None,
        roles=frozenset({"credit_client"}),
        scopes=frozenset({"credit"}),
        channel="api",
        client=client.id,
        region="120112",
    )


def test_what_does_not_count_is_nobody(platform):
    client = platform.run(create_client, machine(platform.operator.id))

    def asks(text: str) -> Actor | None:
        with platform.read() as session:
            return token_actor(session, text, platform.clock.now())

    altered = TOKEN.text[:-1] + ("A" if TOKEN.text[-1] != "A" else "B")
    for text in ("", "ect_", altered, TOKEN.text.upper(), TOKEN.text + " ", "\x00", "\ud800", "万"):
        assert asks(text) is None, text
    assert asks(TOKEN.digest.hex()) is None
    assert asks(TOKEN.text) is not None
    platform.clock.advance(timedelta(days=30) - timedelta(microseconds=1))
    assert asks(TOKEN.text) is not None
    platform.clock.advance(timedelta(microseconds=1))
    assert asks(TOKEN.text) is None
    platform.clock.advance(timedelta(days=-10))
    assert asks(TOKEN.text) is not None
    revoked = platform.run(revoke_client, RevokeClient(client.id))
    assert asks(TOKEN.text) is None
    platform.clock.advance(timedelta(hours=1))
    assert platform.run(revoke_client, RevokeClient(client.id)) == revoked


def test_only_the_digest_is_stored(sqlite_platform):
    sqlite_platform.run(create_client, machine(sqlite_platform.operator.id), idempotency_key="k")
    sqlite_platform.unit.stop()
    sqlite_platform.database.dispose()
    database = sqlite_platform.database.url.database
    with open(database, "rb") as file:
        raw = file.read()
    assert TOKEN.digest in raw
    assert TOKEN.text.encode() not in raw
    assert TOKEN.text[4:24].encode() not in raw


@pytest.mark.parametrize(
    "changes, codes",
    [
        ({}, []),
        ({"scopes": ()}, ["scope_unknown"]),
        ({"scopes": ("credit", "everything")}, ["scope_unknown"]),
        ({"roles": ("king",)}, ["role_unknown"]),
        ({"region": "x"}, ["region_malformed"]),
        ({"label": ""}, ["text_empty"]),
        ({"label": "一" * 41}, ["text_too_long"]),
        ({"until": NOW}, ["period_backwards"]),
        ({"until": NOW + YEAR}, []),
        ({"until": NOW + YEAR + timedelta(microseconds=1)}, ["period_too_long"]),
    ],
)
def test_clients_that_cannot_be(changes, codes):
    found = client_reasons(machine("org:1", **changes), NOW)
    assert [reason.code.code for reason in found] == codes


def test_a_token_is_registered_once_and_for_a_known_party(platform):
    ghost = machine("org:AAAAAAAAAAAAAAAAAAAA")
    assert refusals(platform.run, create_client, ghost) == ["party_unknown"]
    platform.run(create_client, machine(platform.operator.id))
    assert refusals(platform.run, create_client, machine(platform.operator.id)) == ["token_taken"]
    for client in ("", "\x00", "client:AAAAAAAAAAAAAAAAAA"):
        assert refusals(platform.run, revoke_client, RevokeClient(client)) == ["client_unknown"]


def test_a_firm_lets_in_its_own_machines_with_its_own_roles(platform):
    party = platform.run(register_party, cooperative())
    clerk = Actor(party.id, "user:x", frozenset({"operator"}), SCOPES)
    scanner = machine(party.id, scopes=("capture", "labels"), roles=("operator",))
    client = platform.run(create_client, scanner, clerk)
    officer = replace(scanner, roles=("brand_officer",))
    assert refusals(platform.run, create_client, officer, clerk) == ["not_allowed"]
    foreign = replace(scanner, party=platform.operator.id)
    assert refusals(platform.run, create_client, foreign, clerk) == ["other_party"]
    stranger = replace(clerk, party=platform.operator.id)
    with pytest.raises(Refusal):
        platform.run(revoke_client, RevokeClient(client.id), stranger)
    assert platform.run(revoke_client, RevokeClient(client.id), clerk).revoked_at is not None
