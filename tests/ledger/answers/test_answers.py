"""Signed answers in general: keys, the form of a token, and what a right is at any moment."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.answers.keys import (
    CHECKPOINT_TYPE,
    SigningKey,
    VerifierKeyError,
    read_vkeys,
)
from ledger.answers.proofs import LoggedEntry
from ledger.answers.rights import Right, consistent, right_at
from ledger.answers.signed import TOKEN_MAX, kid_of, sign, signed_content, type_of
from runtime import base64url

SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = SigningKey("log.example/status", b"\xffexample.v1", bytes(range(32)))
TOKEN = sign({"a": 1}, KEY, "example+jwt")


def test_a_key_is_read_back_and_foreign_types_are_passed_over():
    other = SigningKey("log.example/answer", b"\xffother.v1", bytes(32))
    lines = f"# keys\n{KEY.vkey()}\n\n{other.vkey()}\n"
    assert read_vkeys(lines, KEY.type) == (KEY.verifier,)
    assert read_vkeys(lines) == ()
    assert read_vkeys(lines, other.type, KEY.type) == (KEY.verifier, other.verifier)
    assert KEY.verifier.signs_answers
    assert KEY.verifier.type != CHECKPOINT_TYPE
    assert "seed" not in repr(KEY)
    assert bytes(range(32)).hex() not in repr(KEY)


@pytest.mark.parametrize(
    "line", ["x", "a+00000000+AAAA+", "a b+00000000+AAAA", "a+0000000g+AAAA", "a+00000000+AAA"]
)
def test_what_is_no_key(line):
    with pytest.raises(VerifierKeyError):
        read_vkeys(line, KEY.type)


def test_an_id_that_belongs_to_another_key_is_refused():
    with pytest.raises(VerifierKeyError, match="has id"):
        read_vkeys(KEY.vkey().replace("log.example", "log.other"), KEY.type)


def test_a_token_says_its_kind_and_its_key():
    assert (type_of(TOKEN), kid_of(TOKEN, "example+jwt")) == ("example+jwt", KEY.kid)
    assert kid_of(TOKEN, "other+jwt") is None
    assert signed_content(TOKEN, KEY.verifier) == b'{"a":1}'
    other = SigningKey(KEY.name, KEY.type, bytes(32)).verifier
    assert signed_content(TOKEN, other) is None


def headed(**header: object) -> str:
    encoded = base64url.encode(json.dumps(header).encode())
    return f"{encoded}.{TOKEN.partition('.')[2]}"


FOREIGN = [
    headed(alg="none", typ="example+jwt", kid=KEY.kid),
    headed(alg="HS256", typ="example+jwt", kid=KEY.kid),
    headed(alg="EdDSA", typ="example+jwt"),
    headed(alg="EdDSA", typ="example+jwt", kid=KEY.kid, crit=["b64"]),
    headed(alg="EdDSA", typ=1, kid=KEY.kid),
    headed(alg="EdDSA", typ="example+jwt", kid=None),
    "", "..", "a.b.c", TOKEN + ".x", "é.é.é", "x" * TOKEN_MAX + "..",
    base64.b64encode(b"{}").decode(),
]  # fmt: skip


@pytest.mark.parametrize("token", FOREIGN)
def test_a_header_of_another_form_is_none(token):
    assert type_of(token) is None
    assert kid_of(token, "example+jwt") is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_fault(token):
    assert type_of(token) is None


# --- Rights --------------------------------------------------------------------------------------

STATES = {"grant": "active", "suspend": "suspended", "resume": "active", "revoke": "revoked",
          "cancel": "cancelled", "supersede": "superseded", "pass_on": "transferred"}  # fmt: skip


Decision = tuple[str, int, dict[str, Any]]


def decided(*decisions: Decision) -> list[LoggedEntry]:
    """Decisions as (verb, day after 1 September, facts), logged an hour after their effect."""
    entries, state = [], "annulled"
    for index, (verb, day, facts) in enumerate(decisions):
        at = SEPTEMBER + day * DAY
        state = STATES.get(verb, str(facts.get("state", state)))
        entries.append(
            LoggedEntry(index, at + timedelta(hours=1), f"area.right.{verb}", ("cert:x",), at,
                        {"state": state} | facts, {})
        )  # fmt: skip
    return entries


TERM: dict[str, Any] = {"from": "2026-09-10", "to": "2026-10-31"}
LATE = SEPTEMBER + 300 * DAY


def at(days: float) -> datetime:
    return SEPTEMBER + days * DAY


MOMENTS = [
    ([("grant", 0, TERM)], at(20), LATE, "active"),
    ([("grant", 0, TERM)], at(20), at(0), "unknown"),
    ([("grant", 0, TERM)], at(2), LATE, "not_yet"),
    ([("grant", 0, TERM)], at(-1), LATE, "not_yet"),
    ([("grant", 0, TERM)], at(61), LATE, "expired"),
    ([("grant", 0, TERM), ("suspend", 20, {})], at(21), LATE, "suspended"),
    ([("grant", 0, TERM), ("suspend", 20, {})], at(21), at(20), "active"),
    ([("grant", 0, TERM), ("revoke", 20, {}), ("resume", 21, {})], at(22), LATE, "revoked"),
    ([("grant", 0, TERM), ("annul", 1, {"annuls": 1, "state": "annulled"})],
     at(9), LATE, "annulled"),
    ([("grant", 0, TERM | {"confirm_by": "2026-09-20"})], at(30), LATE, "expired"),
    ([("grant", 0, TERM | {"confirm_by": "2026-09-20"}),
      ("confirm", 15, {"confirm_by": "2027-09-20"})], at(30), LATE, "active"),
    ([("grant", 0, TERM), ("amend", 30, {"from": "2026-11-01", "to": "2026-12-31"})],
     at(61), LATE, "active"),
    ([("grant", 0, TERM), ("amend", 30, {"from": "2026-09-10", "to": "2026-09-30"})],
     at(31), LATE, "expired"),
    ([("grant", 0, TERM), ("suspend", 20, {"recorded_at": "2026-09-25T00:00:00.000000Z"})],
     at(21), at(22), "active"),
    ([("grant", 0, TERM), ("pass_on", 20, {})], at(200), LATE, "transferred"),
]  # fmt: skip


@pytest.mark.parametrize("decisions, when, known, state", MOMENTS)
def test_what_decisions_make(decisions, when, known, state):
    assert right_at(decided(*decisions), when, known).state == state


def test_the_last_published_quantity_holds():
    grant = ("grant", 0, TERM | {"granted": 10, "unit": "piece"})
    amend = ("amend", 20, {"granted": 15, "unit": "piece"})
    entries = decided(grant, amend)
    assert right_at(entries, at(15), LATE).granted == 10
    assert right_at(entries, at(21), LATE) == Right(
        "active", "2026-09-10", "2026-10-31", None, 15, "piece"
    )


def test_entries_that_contradict_one_another():
    good = decided(
        ("grant", 0, TERM), ("suspend", 1, {}), ("annul", 2, {"annuls": 2, "state": "active"})
    )
    assert consistent(good)
    wrongs: tuple[list[Decision], ...] = (
        [("grant", 0, TERM | {"state": "suspended"})],
        [("grant", 0, TERM), ("annul", 2, {"annuls": 2, "state": "active"})],
        [("grant", 0, TERM), ("annul", 2, {"annuls": 0, "state": "active"})],
        [("grant", 0, TERM), ("annul", 2, {"annuls": 1, "state": "active"})],
        [("suspend", 1, {})],
    )
    for wrong in wrongs:
        assert not consistent(decided(*wrong)), wrong
