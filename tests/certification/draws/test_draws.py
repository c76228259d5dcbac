"""A draw on a node: commit, reveal, result, a late office, and what strangers see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from certification.draws.model import NOT_WITNESSED, DrawState
from certification.draws.replay import replay_draws
from certification.draws.service import (
    CommitNonce,
    DrawResult,
    ReplaceOffice,
    RevealNonce,
    chosen_members,
    commit_nonce,
    draw_result,
    draws,
    find_draw,
    may_be_opened,
    population,
    replace_office,
    reveal_nonce,
)
from identity.actor import SYSTEM
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from runtime.canonical import jcs
from tests.certification.books import codes, logged, put_back, rows_of
from tests.certification.draws.conftest import MEMBERS
from tests.certification.draws.test_algorithm import drawn_otherwise
from tests.certification.inspections.visits import on_sqlite


def nonce(office: int, round: int = 1) -> bytes:
    return sha256(f"{round}/{office}".encode()).digest()


def commit(lots, id: str, office: int, round: int = 1, place: int | None = None):
    command = CommitNonce(id, sha256(nonce(office, round)).hexdigest())
    return lots.run(commit_nonce, command, lots.offices[office if place is None else place])


def reveal(lots, id: str, office: int, round: int = 1):
    return lots.run(reveal_nonce, RevealNonce(id, nonce(office, round).hex()), lots.offices[office])


def entries(lots) -> list:
    with lots.read() as session:
        reader = LogReader(session)
        return [parse_entry(each) for each in reader.entry_range(0, reader.size)]


def differences(lots) -> list[tuple[str, str]]:
    named = [(base64url.encode(payload_id(e.payload_bytes)), e.payload) for e in entries(lots)]
    with lots.read() as session:
        found = list(replay_draws(session, lots.node.vault, named))
    return [(each.table, each.column) for each in found]


def test_a_draw_is_computed_again_from_the_log_alone(lots) -> None:
    id = lots.draw().draw
    for office in (2, 0, 1):
        assert codes(reveal, lots, id, office) == ["draw_not_in_step"]
        commit(lots, id, office)
    assert codes(commit, lots, id, 0) == ["draw_not_in_step"]
    for office in (1, 2, 0):
        assert codes(lots.run, draw_result, DrawResult(id), lots.offices[0]) == ["draw_not_in_step"]
        reveal(lots, id, office)
    result = lots.run(draw_result, DrawResult(id), lots.offices[1])
    assert result.state == "drawn"

    told = [e.payload for e in entries(lots) if e.payload.streams == (id,)]
    reveals = {
        e.facts["place"]: base64url.decode(e.facts["reveal"])
        for e in told if e.type == "certification.draw.reveal"
    }  # fmt: skip
    hashes = {e.facts["place"]: e.facts["nonce"] for e in told if "nonce" in e.facts}
    assert {p: base64url.encode(sha256(n).digest()) for p, n in reveals.items()} == hashes
    expected = drawn_otherwise([reveals[place] for place in (1, 2, 3)], list(MEMBERS), 3)
    assert list(result.chosen) == expected
    assert [sorted(MEMBERS)[n] for n in told[-1].facts["chosen"]] == expected
    assert not any(member in str(e.facts) for e in told for member in MEMBERS)
    _check_commitment(lots, id, told[0])
    assert differences(lots) == []


def _check_commitment(lots, id: str, first) -> None:
    """With salt and members anybody checks what was committed before the draw."""
    with lots.read() as session:
        draw = find_draw(session, id)
        shown = population(session, lots.node.vault, draw)
        assert not may_be_opened(session, lots.node.vault, draw), "nobody has been visited"
        assert len(chosen_members(session, lots.node.vault, draw)) == 3
        assert [each.id for each in draws(session, "jnjp")] == [id]
        assert draws(session, "green") == ()
    value = jcs(["population", sorted(MEMBERS)])
    salted = b"ecotrace/commit/v1\0" + base64url.decode(shown.salt) + value
    assert sha256(salted).digest() == first.commit["population"]
    assert shown.members == tuple(sorted(MEMBERS))


def test_a_late_office_is_replaced_and_the_draw_starts_again(lots) -> None:
    parties = [each.party for each in lots.offices]
    id = lots.draw(hours=2).draw
    for office in (0, 1, 2):
        commit(lots, id, office)
    reveal(lots, id, 0)
    swap = ReplaceOffice(id, parties[2], parties[3])
    assert codes(lots.run, replace_office, swap, lots.offices[0]) == ["draw_office_not_late"]
    lots.node.clock.advance(timedelta(hours=2, seconds=1))
    assert codes(reveal, lots, id, 2) == ["draw_time_over"]
    for command, actor, expected in (
        (swap, lots.offices[1], ["not_appointed"]),
        (ReplaceOffice(id, parties[0], parties[3]), lots.offices[0], ["draw_office_not_late"]),
        (ReplaceOffice(id, parties[2], parties[1]), lots.offices[0], ["draw_offices_invalid"]),
        (ReplaceOffice(id, parties[2], lots.firm + "x"), lots.offices[0], ["party_unknown"]),
    ):
        assert codes(lots.run, replace_office, command, actor) == expected, command
    again = lots.run(replace_office, swap, lots.offices[0])
    assert (again.state, again.round) == ("committing", 2)
    assert codes(commit, lots, id, 2, 2) == ["draw_office_other"]
    assert codes(commit, lots, id, 0) == ["nonce_repeated"]
    for office in (0, 1, 3):
        commit(lots, id, office, 2)
    assert codes(reveal, lots, id, 0) == ["nonce_not_committed"]
    for office in (0, 1, 3):
        reveal(lots, id, office, 2)
    result = lots.run(draw_result, DrawResult(id), SYSTEM)
    nonces = [nonce(office, 2) for office in (0, 1, 3)]
    assert list(result.chosen) == drawn_otherwise(nonces, list(MEMBERS), 3)
    replaced = [e.payload for e in entries(lots) if e.payload.type == "certification.draw.replace"]
    assert [each.facts for each in replaced] == [{"round": 2, "place": 3}]
    assert differences(lots) == []


@on_sqlite
def test_nobody_copies_the_hash_of_another(lots) -> None:
    id = lots.draw().draw
    commit(lots, id, 0)
    assert codes(commit, lots, id, 0, place=1) == ["nonce_repeated"]


@on_sqlite
def test_what_is_no_draw(lots) -> None:
    parties = tuple(each.party for each in lots.offices)
    for changes, expected in (
        ({"offices": parties[:2]}, ["draw_offices_invalid"]),
        ({"offices": (parties[0],) * 3}, ["draw_offices_invalid"]),
        ({"offices": (*parties[:2], "org:AAAAAAAAAAAAAAAAAAAA")}, ["party_unknown"]),
        ({"members": ()}, ["draw_population_invalid", "draw_count_invalid"]),
        ({"members": (*MEMBERS, MEMBERS[0])}, ["draw_population_invalid"]),
        ({"drawn": 0}, ["draw_count_invalid"]),
        ({"drawn": 9}, ["draw_count_invalid"]),
        ({"hours": 0}, ["draw_hours_invalid"]),
        ({"scheme": "none"}, ["scheme_unknown"]),
        ({"scheme": "green"}, ["not_appointed"]),
    ):
        assert codes(lots.draw, **changes) == expected, changes
    id = lots.draw().draw
    stranger = replace(lots.offices[0], party=lots.firm)
    for command, actor, expected in (
        (CommitNonce(id, "ab"), lots.offices[0], ["nonce_digest_malformed"]),
        (CommitNonce(id, "ab" * 32), stranger, ["draw_office_other"]),
        (
            CommitNonce(id, "ab" * 32),
            replace(stranger, roles=frozenset({"grower"})),
            ["not_allowed"],
        ),
        (CommitNonce("draw:x", "ab" * 32), lots.offices[0], ["draw_unknown"]),
        (CommitNonce("\x00", "ab" * 32), lots.offices[0], ["draw_unknown"]),
    ):
        assert codes(lots.run, commit_nonce, command, actor) == expected, command
    assert codes(lots.run, draw_result, DrawResult(id), stranger) == ["draw_office_other"]
    with lots.read() as session:
        assert find_draw(session, id).standing.state is DrawState.COMMITTING


ALTERED = [
    ("UPDATE certification_draws SET scheme = 'hhk'", "scheme"),
    ("UPDATE certification_draws SET opened_at = opened_at - 1", "opened_at"),
    ("UPDATE certification_draw_steps SET party = 'org:AAAAAAAAAAAAAAAAAAAA' WHERE n = 3", "party"),
    ("UPDATE certification_draw_steps SET said = replace(said, '\"drawn\":3', '\"drawn\":4')",
     "said"),
    ("UPDATE certification_draw_steps SET said = replace(said, '\"chosen\":[', '\"chosen\":[7,')",
     "chosen"),
    ("UPDATE certification_draw_standings SET round = 2", "round"),
    ("DELETE FROM certification_draw_steps WHERE n = 4", "id"),
]  # fmt: skip


@on_sqlite
def test_every_altered_value_is_named(lots, tamper) -> None:
    id = lots.draw().draw
    for office in (0, 1, 2):
        commit(lots, id, office)
    for office in (0, 1, 2):
        reveal(lots, id, office)
    lots.run(draw_result, DrawResult(id), lots.offices[0])
    names = ["certification_draws", "certification_draw_steps", "certification_draw_standings"]
    stored = rows_of(lots.node, names)
    for statement, column in ALTERED:
        with tamper(lots.node.database) as connection:
            connection.execute(text(statement.replace(":", "\\:")))
        assert column in {each for _, each in differences(lots)}, statement
        put_back(lots.node, tamper, stored)
    assert differences(lots) == []


def test_the_pages_say_that_nobody_has_witnessed_it() -> None:
    assert NOT_WITNESSED.zh.startswith("尚无见证")
    assert NOT_WITNESSED.en.startswith("Not yet witnessed")


@pytest.mark.parametrize("kind", ["certification.draw.commit"])
def test_the_opening_entry_says_how_many_and_nobody(lots, kind) -> None:
    payload = logged(lots.node, lots.draw().payload_id)
    assert payload.type == kind
    assert payload.facts == {"members": 8, "drawn": 3, "offices": 3, "hours": 24}
    assert set(payload.commit) == {"population", "record"}
