"""Accounts, memberships, passwords and the lock after failed sign-ins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from identity.actor import SYSTEM, Actor
from identity.parties.service import register_party
from identity.people.model import (
    FAILURE_WINDOW,
    FAILURES_MAX,
    CreatePerson,
    EndMembership,
    FailedSignIn,
    GrantMembership,
    Membership,
    SetActive,
    SetPassword,
    SuccessfulSignIn,
    account_reasons,
    acting,
    grant_reasons,
    locked_until,
    login_name,
    password_reasons,
    standings,
)
from identity.people.passwords import hash_password
from identity.people.service import (
    create_person,
    end_membership,
    find_credentials,
    grant_membership,
    members_of,
    memberships_of,
    note_failed_sign_in,
    note_sign_in,
    refresh_password_hash,
    session_credentials,
    set_active,
    set_password,
    sign_in_locked,
)
from identity.roles import SCOPES, require_grant
from runtime.refusal import Refusal
from tests.identity.conftest import cooperative

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"


def refusals(run, *arguments, **named) -> list[str]:
    with pytest.raises(Refusal) as caught:
        run(*arguments, **named)
    return [reason.code.code for reason in caught.value.reasons]


def clerk(login: str = "zhang.san", email: str | None = None) -> CreatePerson:
    return CreatePerson(login, HASH, email)


# --- accounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login, email, codes",
    [
        ("zhang.san", None, []),
        ("津南区经办", None, []),
        ("Ｚｈａｎｇ_3", "Zhang@Example.COM", []),
        ("ab", None, ["login_malformed"]),
        ("a" * 33, None, ["login_malformed"]),
        ("123456", None, ["login_malformed"]),
        ("zhang san", None, ["login_malformed"]),
        ("zhang@san", None, ["login_malformed"]),
        ("<b>zhang", None, ["login_malformed"]),
        ("zhang\u202esan", None, ["login_malformed"]),
        ("zhang\x00", None, ["login_malformed"]),
        ("13800001234", None, ["login_malformed", "phone_in_name"]),
        ("z13800001234", None, ["phone_in_name"]),
        ("8613800001234x", None, ["phone_in_name"]),
        ("zhang", "13800001234@example.com", ["phone_in_name"]),
        ("zhang", "nobody", ["email_malformed"]),
        ("zhang", "a@b@c", ["email_malformed"]),
        ("zhang", "a" * 300 + "@example.com", ["email_malformed"]),
        ("zhang", "a\x00@example.com", ["email_malformed"]),
    ],
)
def test_names_of_accounts(login, email, codes):
    assert [reason.code.code for reason in account_reasons(clerk(login, email))] == codes


def test_an_account_with_a_wrong_name_is_not_opened(sqlite_platform):
    assert refusals(sqlite_platform.run, create_person, clerk("ab")) == ["login_malformed"]


def test_an_account_is_found_by_either_name_however_it_is_typed(platform):
    account = platform.run(create_person, clerk("Zhang.San", "Zhang@Example.com"))
    with platform.read() as session:
        for typed in ("zhang.san", " ZHANG.SAN ", "ｚｈａｎｇ．ｓａｎ", "zhang@example.com"):
            assert find_credentials(session, typed).person == account.id, typed
        for typed in ("", "zhang", "nobody@example.com", "zhang.san\x00", "%", "a" * 10_000):
            assert find_credentials(session, typed) is None, typed


def test_names_are_taken_once(platform):
    platform.run(create_person, clerk("zhang.san", "zhang@example.com"))
    assert refusals(platform.run, create_person, clerk("ZHANG.SAN")) == ["login_taken"]
    twin = clerk("zhang.si", "ZHANG@example.com")
    assert refusals(platform.run, create_person, twin) == ["email_taken"]
    both = clerk("zhang.san", "zhang@example.com")
    assert refusals(platform.run, create_person, both) == ["login_taken", "email_taken"]


def test_accounts_without_an_address_do_not_collide(platform):
    assert platform.run(create_person, clerk("one")) != platform.run(create_person, clerk("two"))


def test_another_password_and_blocking_end_all_sessions(platform):
    account = platform.run(create_person, clerk())

    def session_name() -> str:
        with platform.read() as session:
            return find_credentials(session, "zhang.san").session_name

    names = [session_name()]
    oneself = acting(account.id, None)
    platform.run(refresh_password_hash, SetPassword(account.id, HASH + "b"), oneself)
    assert session_name() == names[0]
    platform.run(set_password, SetPassword(account.id, HASH + "c"), oneself)
    names.append(session_name())
    assert platform.run(set_active, SetActive(account.id, active=False)).active is False
    names.append(session_name())
    assert len(set(names)) == 3
    with platform.read() as session:
        assert session_credentials(session, names[0]) is None
        assert session_credentials(session, names[2]).active is False
        assert session_credentials(session, "x' OR 1=1 --") is None


def test_only_administrators_change_other_peoples_accounts(sqlite_platform):
    officer = Actor("org:x", "user:y", frozenset({"brand_officer", "operator"}), SCOPES)
    for use_case, command in (
        (create_person, clerk("other")),
        (set_password, SetPassword("user:AAAAAAAAAAAAAAAAAAAA", HASH)),
        (set_active, SetActive("user:AAAAAAAAAAAAAAAAAAAA", active=False)),
        (refresh_password_hash, SetPassword("user:AAAAAAAAAAAAAAAAAAAA", HASH)),
    ):
        assert refusals(sqlite_platform.run, use_case, command, officer) == ["not_allowed"]


def test_unknown_accounts(platform):
    for person in ("user:AAAAAAAAAAAAAAAAAAAA", "", "\x00", "nobody"):
        unknown = SetPassword(person, HASH)
        assert refusals(platform.run, set_password, unknown) == ["person_unknown"]


# --- passwords -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password, codes",
    [
        ("田野里的第一百二十亩稻子", []),
        ("correct horse battery", []),
        ("Xz7!pQ2rLm", []),
        ("short", ["password_too_short"]),
        ("", ["password_too_short"]),
        ("九个字的密码不够长", ["password_too_short"]),
        ("a" * 129, ["password_too_long"]),
        ("aaaaaaaaaaaa", ["password_too_simple"]),
        ("1234567890", ["password_too_simple"]),
        ("0987654321abc", ["password_too_simple"]),
        ("Password1234", ["password_too_simple"]),
        ("qwertyuiop123", ["password_too_simple"]),
        ("zhang.san2026", []),
        ("Zhang.San123", ["password_too_simple"]),
        ("ｐａｓｓｗｏｒｄ１２３４", ["password_too_simple"]),
    ],
)
def test_passwords(password, codes):
    found = password_reasons(password, "zhang.san")
    assert [reason.code.code for reason in found] == codes


def test_a_hash_is_argon2id_and_takes_the_width_of_letters_for_the_same():
    made = hash_password("Ｆield of rice 120")
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(made, "Field of rice 120")
    assert made != hash_password("Field of rice 120")


# --- memberships ---------------------------------------------------------------------------------


def grant(person: str, party: str, role: str = "operator", **changes) -> GrantMembership:
    return GrantMembership(person, party, role, **changes)


def test_a_membership_begins_and_ends(platform):
    party = platform.run(register_party, cooperative())
    account = platform.run(create_person, clerk())
    held = platform.run(grant_membership, grant(account.id, party.id))
    assert held.since == platform.clock.now()
    assert held.until is None
    with platform.read() as session:
        assert memberships_of(session, account.id) == (held,)
        assert members_of(session, party.id) == (held,)
    platform.clock.advance(timedelta(days=1))
    ended = platform.run(end_membership, EndMembership(held.id))
    assert ended.until == platform.clock.now()
    platform.clock.advance(timedelta(days=1))
    assert platform.run(end_membership, EndMembership(held.id)) == ended


@pytest.mark.parametrize(
    "changes, codes",
    [
        ({"role": "king"}, ["role_unknown"]),
        ({"region": "12"}, ["region_malformed"]),
        ({"until": NOW}, ["period_backwards"]),
        ({"until": NOW - timedelta(days=1), "role": ""}, ["role_unknown", "period_backwards"]),
    ],
)
def test_memberships_that_cannot_be(changes, codes):
    wrong = replace(grant("user:1", "org:1"), **changes)
    assert [reason.code.code for reason in grant_reasons(wrong, NOW)] == codes


def test_memberships_of_nobody_and_nowhere(platform):
    account = platform.run(create_person, clerk())
    nowhere = grant(account.id, "org:AAAAAAAAAAAAAAAAAAAA")
    assert refusals(platform.run, grant_membership, nowhere) == ["party_unknown"]
    nobody = grant("user:AAAAAAAAAAAAAAAAAAAA", platform.operator.id)
    assert refusals(platform.run, grant_membership, nobody) == ["person_unknown"]
    for membership in ("", "\x00", "member:AAAAAAAAAAAAAAAAAA"):
        unknown = EndMembership(membership)
        assert refusals(platform.run, end_membership, unknown) == ["membership_unknown"]


@pytest.mark.parametrize(
    "roles, own, role, codes",
    [
        ({"admin"}, False, "admin", None),
        ({"operator"}, True, "grower", None),
        ({"operator"}, True, "operator", None),
        ({"operator"}, True, "admin", ["not_allowed"]),
        ({"operator"}, True, "brand_officer", ["not_allowed"]),
        ({"operator"}, False, "grower", ["other_party"]),
        ({"brand_officer"}, True, "grower", ["not_allowed"]),
        (set(), True, "grower", ["not_allowed"]),
    ],
)
def test_who_may_give_which_role(roles, own, role, codes):
    actor = Actor("org:own" if own else "org:other", None, frozenset(roles), SCOPES)
    if codes is None:
        require_grant(actor, "org:own", {role})
    else:
        assert refusals(require_grant, actor, "org:own", {role}) == codes


def test_who_may_not_give_a_role_may_not_end_it(platform):
    party = platform.run(register_party, cooperative())
    account = platform.run(create_person, clerk())
    given = grant(account.id, party.id, "inspector")
    held = platform.run(grant_membership, given)
    clerk_of_party = Actor(party.id, None, frozenset({"operator"}), SCOPES)
    for use_case, command in ((grant_membership, given), (end_membership, EndMembership(held.id))):
        assert refusals(platform.run, use_case, command, clerk_of_party) == ["not_allowed"]
    platform.run(grant_membership, replace(given, role="grower"), clerk_of_party)


def held(party: str, role: str, region=None, since=NOW, until=None, number=1) -> Membership:
    return Membership(f"member:{number}", "user:1", party, role, region, since, until)


def test_roles_of_one_standing_do_not_mix_with_another():
    day = timedelta(days=1)
    all_of_them = (
        held("org:a", "operator"),
        held("org:a", "grower", number=2),
        held("org:a", "inspector", region="120112", number=3),
        held("org:b", "admin", since=NOW - day),
        held("org:c", "admin", since=NOW + day),
        held("org:d", "admin", since=NOW - day, until=NOW),
    )
    found = standings(all_of_them, NOW)
    assert [(each.party, each.region, each.roles) for each in found] == [
        ("org:b", None, ("admin",)),
        ("org:a", None, ("grower", "operator")),
        ("org:a", "120112", ("inspector",)),
    ]
    actor = acting("user:1", found[2])
    assert (actor.party, actor.region) == ("org:a", "120112")
    assert actor.roles == frozenset({"inspector"})
    assert acting("user:1", None).roles == frozenset()


# --- the lock ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "minutes_ago, locked_for",
    [
        ([], None),
        ([0] * 9, None),
        ([0] * 10, 15),
        ([0] * 9 + [14], 1),
        ([0] * 9 + [15], None),
        ([20] * 30, None),
        ([1] * 5 + [10] * 5, 5),
        ([1] * 10 + [10] * 5, 14),
    ],
)
def test_ten_failures_in_a_quarter_of_an_hour_lock_a_name(minutes_ago, locked_for):
    failures = [NOW - timedelta(minutes=ago) for ago in minutes_ago]
    until = locked_until(failures, NOW)
    assert until == (None if locked_for is None else NOW + timedelta(minutes=locked_for))


@given(st.lists(st.integers(0, 3600), max_size=40), st.integers(0, 3600))
def test_a_lock_ends_by_itself(seconds, later):
    failures = [NOW - timedelta(seconds=each) for each in seconds]
    until = locked_until(failures, NOW)
    if until is not None:
        assert NOW < until <= NOW + FAILURE_WINDOW
        assert locked_until(failures, until) is None


def test_failures_are_counted_by_name_and_forgotten(platform):
    account = platform.run(create_person, clerk())
    one, other = bytes(32), bytes([1]) * 32

    def locked(digest: bytes) -> bool:
        with platform.read() as session:
            return sign_in_locked(session, digest, platform.clock.now()) is not None

    for _ in range(FAILURES_MAX):
        assert not locked(one)
        platform.run(note_failed_sign_in, FailedSignIn(one, account.id))
    assert locked(one)
    assert not locked(other)
    platform.run(note_sign_in, SuccessfulSignIn(account.id, other))
    assert locked(one)
    platform.clock.advance(FAILURE_WINDOW)
    assert not locked(one)
    for _ in range(FAILURES_MAX):
        platform.run(note_failed_sign_in, FailedSignIn(one, None))
    assert locked(one)
    platform.run(note_sign_in, SuccessfulSignIn(account.id, one))
    assert not locked(one)


def test_a_login_name_is_compared_without_width_and_case():
    assert login_name(" ＺＨＡＮＧ.San ") == "zhang.san"
    assert SYSTEM.roles
