"""Who signs for whom, with which key, and how a party takes its key into its own hands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from identity.actor import Actor
from identity.keys.model import (
    AskChallenge,
    RegisterOwnKey,
    RotateKey,
    possession_message,
    proves_possession,
)
from identity.keys.service import (
    ask_challenge,
    key_owner,
    keys_of,
    newest_key,
    operator_signer,
    register_own_key,
    rotate_party_key,
    signer_for,
)
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from identity.roles import SCOPES
from ledger.entries.model import actor_of, parse_entry
from ledger.reader import LogReader
from ledger.work import Work
from runtime import base64url
from runtime.refusal import Refusal
from tests.identity.conftest import ORIGIN, cooperative

OWN = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OWN_PUBLIC = OWN.public_key().public_bytes_raw()


@dataclass(frozen=True)
class Question:
    party: str | None
    message: bytes = b"to be signed"


@dataclass(frozen=True)
class Signed:
    public_key: bytes
    signature: bytes


def sign(work: Work, question: Question, actor: Actor, now: datetime) -> Signed:
    """A use case of the test: let whoever signs for a party sign something."""
    if question.party is None:
        signer = operator_signer(work)
    else:
        signer = signer_for(work, question.party)
    assert signer.actor == actor_of(signer.public_key)
    return Signed(signer.public_key, signer.sign(question.message))


def refusals(run, *arguments, **named) -> list[str]:
    with pytest.raises(Refusal) as caught:
        run(*arguments, **named)
    return [reason.code.code for reason in caught.value.reasons]


def own_key(platform, party: str, /, **changes) -> RegisterOwnKey:
    """Give the command that registers OWN for a party, every step done right."""
    asked = platform.run(ask_challenge, AskChallenge(party))
    message = possession_message(asked.challenge, asked.origin, party, OWN_PUBLIC)
    right = RegisterOwnKey(party, OWN_PUBLIC, asked.challenge, OWN.sign(message))
    return replace(right, **changes)


def test_an_organisation_signs_with_its_own_key_and_a_household_with_its_hosts(platform):
    host = platform.run(register_party, cooperative())
    villager = platform.run(
        register_party,
        RegisterParty(kind="household", name_zh="王建国", phone="13800001234", host_party=host.id),
    )
    person = platform.run(register_party, RegisterParty(kind="person", name_zh="李晓明"))
    by_host = platform.run(sign, Question(host.id))
    with platform.read() as session:
        assert newest_key(session, host.id).public_key == by_host.public_key
    assert proves_possession(by_host.public_key, b"to be signed", by_host.signature)
    assert platform.run(sign, Question(villager.id)) == by_host
    by_operator = platform.run(sign, Question(None))
    assert by_operator != by_host
    assert platform.run(sign, Question(person.id)) == by_operator
    assert platform.run(sign, Question(platform.operator.id)) == by_operator


def test_nobody_signs_for_an_unknown_party(sqlite_platform):
    unknown = Question("org:AAAAAAAAAAAAAAAAAAAA")
    assert refusals(sqlite_platform.run, sign, unknown) == ["key_missing"]


def test_the_key_entry_says_who_holds_the_key(platform):
    party = platform.run(register_party, cooperative())
    with platform.read() as session:
        key = newest_key(session, party.id)
        reader = LogReader(session)
        entry = parse_entry(reader.entry(reader.indexes_of([key.payload_id])[key.payload_id]))
        assert key_owner(session, key.actor) == key
        assert key_owner(session, platform.keys.system.actor) is None
    assert entry.payload.type == "KEY"
    assert entry.payload.streams == (party.id,)
    assert entry.payload.facts == {
        "custody": "platform",
        "key": base64url.encode(key.public_key),
        "purpose": "party",
    }


def test_the_private_half_lies_nowhere_in_the_clear(sqlite_platform):
    party = sqlite_platform.run(register_party, cooperative())
    with sqlite_platform.read() as session:
        key = newest_key(session, party.id)
    seed = sqlite_platform.vault.secret(f"party-key/{base64url.encode(key.actor)}")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert private.public_key().public_bytes_raw() == key.public_key
    with sqlite_platform.vault.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT sealed FROM secrets").scalars().all()
    assert rows
    assert all(seed not in row for row in rows)


def test_a_rotated_key_signs_from_now_on_and_the_old_one_stays_known(platform):
    party = platform.run(register_party, cooperative())
    before = platform.run(sign, Question(party.id))
    rotated = platform.run(rotate_party_key, RotateKey(party.id))
    after = platform.run(sign, Question(party.id))
    assert after.public_key == rotated.public_key != before.public_key
    with platform.read() as session:
        assert [key.number for key in keys_of(session, party.id)] == [1, 2]
        assert key_owner(session, actor_of(before.public_key)).party == party.id


def test_a_party_takes_its_key_into_its_own_hands_and_gives_it_back(platform):
    party = platform.run(register_party, cooperative())
    key = platform.run(register_own_key, own_key(platform, party.id))
    assert (key.custody, key.number, key.public_key) == ("own", 2, OWN_PUBLIC)
    assert refusals(platform.run, sign, Question(party.id)) == ["own_custody"]
    host = RegisterParty(
        kind="household", name_zh="王建国", phone="13800001234", host_party=party.id
    )
    assert refusals(platform.run, register_party, host) == ["own_custody"]
    platform.run(rotate_party_key, RotateKey(party.id))
    platform.run(sign, Question(party.id))


def test_possession_must_be_proved(platform):
    party = platform.run(register_party, cooperative())
    other = platform.run(register_party, cooperative(2))
    elsewhere = possession_message(bytes(32), "log.example/other", party.id, OWN_PUBLIC)
    cases = [
        ({"signature": bytes(64)}, "possession_unproved"),
        ({"signature": b""}, "possession_unproved"),
        ({"signature": OWN.sign(elsewhere)}, "possession_unproved"),
        ({"challenge": bytes(32)}, "challenge_ended"),
        ({"challenge": b""}, "challenge_ended"),
        ({"party": other.id}, "challenge_ended"),
        ({"public_key": b"short"}, "malformed_key"),
        ({"public_key": bytes(32)}, "small_order_key"),
        ({"public_key": b"\x01" + bytes(31)}, "small_order_key"),
    ]
    for changes, code in cases:
        command = own_key(platform, party.id, **changes)
        assert refusals(platform.run, register_own_key, command) == [code], changes
    with platform.read() as session:
        assert newest_key(session, party.id).custody == "platform"


def test_a_challenge_is_answered_once_and_ends(platform):
    party = platform.run(register_party, cooperative())
    command = own_key(platform, party.id)
    platform.clock.advance(timedelta(minutes=30))
    assert refusals(platform.run, register_own_key, command) == ["challenge_ended"]
    command = own_key(platform, party.id)
    platform.run(register_own_key, command)
    assert refusals(platform.run, register_own_key, command) == ["challenge_ended"]
    again = own_key(platform, party.id)
    assert refusals(platform.run, register_own_key, again) == ["key_registered"]


WHO_MAY = [
    ({"admin"}, False, None),
    ({"operator"}, True, None),
    ({"operator"}, False, ["other_party"]),
    ({"grower"}, True, ["not_allowed"]),
    ({"brand_officer"}, False, ["not_allowed"]),
]


def test_who_may_change_a_key(sqlite_platform):
    party = sqlite_platform.run(register_party, cooperative())
    for roles, own, codes in WHO_MAY:
        acts_for = party.id if own else sqlite_platform.operator.id
        actor = Actor(acts_for, None, frozenset(roles), SCOPES)
        for use_case, command in (
            (rotate_party_key, RotateKey(party.id)),
            (ask_challenge, AskChallenge(party.id)),
        ):
            if codes is None:
                sqlite_platform.run(use_case, command, actor)
            else:
                assert refusals(sqlite_platform.run, use_case, command, actor) == codes


def test_a_party_that_never_had_a_key_gets_none(sqlite_platform):
    person = sqlite_platform.run(register_party, RegisterParty(kind="person", name_zh="李晓明"))
    assert refusals(sqlite_platform.run, rotate_party_key, RotateKey(person.id)) == ["key_missing"]


def test_the_signed_bytes_are_those_of_the_description():
    message = possession_message(bytes(32), ORIGIN, "org:X", bytes(32))
    zeros = "A" * 43
    assert message == (
        b"ecotrace/key-possession/v1\x00"
        b'{"challenge":"' + zeros.encode() + b'","origin":"log.example/identity",'
        b'"party":"org:X","public_key":"' + zeros.encode() + b'"}'
    )
