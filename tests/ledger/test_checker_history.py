"""The rules between entries, against a writer who hashes and signs whatever it likes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from ledger.checker.encodings import hash_texts
from ledger.checker.history import History
from ledger.checker.merkle import Tree, leaves
from ledger.checker.report import Difference, Fault
from tests.ledger.dishonest import (
    AT,
    CHECKPOINT,
    FIRM,
    NAME,
    PARTY,
    STRANGER,
    SYSTEM,
    Change,
    Forged,
    Signer,
    b64u,
    genesis_facts,
)

LATER = "2026-11-22T01:30:00.000001Z"
EARLIER = "2026-11-22T01:29:59.999999Z"
SECOND = Signer("q")


def judged(log: Forged, *, signatures: bool = True) -> list[Difference]:
    """What a history says about all entries."""
    found: list[Difference] = []
    tree = Tree()
    history = History(NAME, tree.root, found.append, signatures=signatures)
    for low in range(0, len(log.entries), 256):
        part = log.entries[low : low + 256]
        hashes = leaves(part)
        tree.add(hashes)
        history.take(low, part, hash_texts(hashes))
    history.end(tree.size)
    return found


def faults(log: Forged) -> list[tuple[int | None, Fault]]:
    return [(each.entry, each.fault) for each in judged(log)]


def put(**values: Any) -> Change:
    return lambda said: said.update(values)


def test_an_honest_log_has_no_fault() -> None:
    log = Forged().begin()
    log.add("lot:a", "lot:b", at=LATER)
    log.add("lot:a", at=LATER, payload=lambda said: said.update(seen=log.seen(4)))
    log.key(SECOND, "party", "org:second", at=LATER)
    log.add("lot:b", signer=SECOND, at=LATER)
    log.add(type_="SEAL", signer=SYSTEM, at=LATER)
    assert faults(log) == []


@pytest.mark.parametrize("count", [96, 97, 192, 193, 300])
def test_an_honest_operation_of_many_streams_has_no_fault(count: int) -> None:
    log = Forged().begin()
    log.operation(count)
    log.add("lot:0000")
    assert faults(log) == []


def test_operations_over_the_edge_of_a_bundle() -> None:
    log = Forged().begin()
    while len(log.entries) < 255:
        log.add()
    log.operation(300)
    log.add("lot:0299", payload=lambda said: said.update(seen=log.seen(259)))
    assert faults(log) == []


ENTRY: list[tuple[str, dict[str, Any], list[Fault]]] = [
    ("another index", {"seq": put(index=4)}, [Fault.INDEX]),
    ("another prev", {"seq": put(prev=b64u(bytes(32)))}, [Fault.PREV]),
    ("time goes back", {"at": EARLIER}, [Fault.TIME]),
    ("another log's", {"payload": put(origin="log.example/other")}, [Fault.ORIGIN]),
    ("n jumps", {"seq": lambda seq: seq["streams"][0].update(n=2)}, [Fault.STREAM_N]),
    ("n is huge", {"seq": lambda seq: seq["streams"][0].update(n=2**53 - 1)}, [Fault.STREAM_N]),
    (
        "prev in the stream",
        {"seq": lambda seq: seq["streams"][0].update(prev=seq["prev"])},
        [Fault.STREAM_PREV],
    ),
    ("a stranger's key", {"signer": STRANGER}, [Fault.KEY_UNKNOWN]),
    ("the system key", {"signer": SYSTEM}, [Fault.KEY_PURPOSE]),
    ("the checkpoint key", {"signer": CHECKPOINT}, [Fault.KEY_PURPOSE]),
    ("a root key", {"signer": Signer("1")}, [Fault.KEY_PURPOSE]),
    ("another's signature", {"sig": STRANGER.sign(b"")}, [Fault.SIGNATURE]),
    ("a type not reserved", {"type_": "SEALS", "signer": SYSTEM}, [Fault.UNKNOWN_TYPE]),
    ("a party seals", {"type_": "SEAL"}, [Fault.KEY_PURPOSE]),
    ("a second GENESIS", {"type_": "GENESIS", "signer": SYSTEM}, [Fault.GENESIS]),
    ("no JSON at all", {"payload": put(facts={"a": 0.5})}, [Fault.NUMBER]),
    ("seen later", {"payload": put(seen={"size": 4, "root": b64u(bytes(32))})}, [Fault.SEEN]),
    ("seen far", {"payload": put(seen={"size": 2**53 - 1, "root": b64u(bytes(32))})},
     [Fault.SEEN]),
    ("seen another", {"payload": put(seen={"size": 3, "root": b64u(bytes(32))})}, [Fault.SEEN]),
    ("a lone CONT", {"type_": "CONT", "facts": {"of": b64u(bytes(32)), "part": 1, "parts": 1}},
     [Fault.CONTINUATION]),
]  # fmt: skip


@pytest.mark.parametrize("changes, wanted", [e[1:] for e in ENTRY], ids=[e[0] for e in ENTRY])
def test_one_dishonest_entry(changes: dict[str, Any], wanted: list[Fault]) -> None:
    log = Forged().begin()
    log.add("lot:a", **changes)
    # What comes after is judged by what was found, so the fault stays one.
    log.add("lot:b")
    assert faults(log) == [(3, each) for each in wanted]


def test_a_signature_is_looked_at_only_when_asked_for() -> None:
    log = Forged().begin()
    log.add(sig=bytes(64))
    assert judged(log, signatures=False) == []


def test_a_second_entry_of_the_same_payload() -> None:
    log = Forged().begin()
    log.add("lot:a", payload=put(id="A" * 22))
    log.add("lot:a", payload=put(id="A" * 22))
    assert faults(log) == [(4, Fault.REPEATED)]


def test_entries_dropped_swapped_doubled() -> None:
    def forged() -> Forged:
        log = Forged().begin()
        for _ in range(4):
            log.add("lot:a")
        return log

    swapped, dropped, doubled, cut = forged(), forged(), forged(), forged()
    swapped.entries[4:6] = swapped.entries[5:3:-1]
    dropped.entries.pop(4)
    doubled.entries.insert(4, doubled.entries[4])
    cut.entries.pop(0)
    assert {Fault.INDEX, Fault.PREV, Fault.STREAM_N} <= {each for _, each in faults(swapped)}
    assert (4, Fault.INDEX) in faults(dropped)
    assert (4, Fault.PREV) in faults(dropped)
    assert (5, Fault.REPEATED) in faults(doubled)
    assert {(0, Fault.GENESIS), (0, Fault.PREV), (0, Fault.INDEX)} <= set(faults(cut))


# --- Keys --------------------------------------------------------------------------------------


def test_a_key_signs_nothing_before_its_entry() -> None:
    log = Forged().begin()
    log.add(signer=SECOND)
    log.key(SECOND, "party", "org:second")
    log.add(signer=SECOND)
    assert faults(log) == [(3, Fault.KEY_UNKNOWN)]


def test_a_key_does_not_register_itself() -> None:
    log = Forged().begin()
    log.key(SECOND, "system", signer=SECOND)
    log.key(STRANGER, "party", FIRM, signer=SECOND)
    log.key(STRANGER, "party", FIRM, signer=PARTY)
    wanted = [Fault.KEY_UNKNOWN, Fault.KEY_UNKNOWN, Fault.KEY_PURPOSE]
    assert faults(log) == list(enumerate(wanted, 3))


def test_a_second_system_key_registers_keys() -> None:
    log = Forged().begin()
    log.key(SECOND, "system")
    log.key(STRANGER, "party", FIRM, signer=SECOND)
    log.add(signer=STRANGER)
    assert faults(log) == []


SMALL = b64u((1).to_bytes(32, "little"))
KEYS: list[tuple[str, dict[str, Any], tuple[str, ...], Fault]] = [
    ("again", {"key": b64u(PARTY.public)}, (FIRM,), Fault.KEY_REPEATED),
    ("for another purpose", {"key": b64u(PARTY.public), "purpose": "system"}, (),
     Fault.KEY_REPEATED),
    ("a root key", {"key": b64u(Signer("1").public)}, (FIRM,), Fault.KEY_REPEATED),
    ("of small order", {"key": SMALL}, (FIRM,), Fault.KEY_WEAK),
    ("too short", {"key": "AAAA"}, (FIRM,), Fault.KEY_WEAK),
    ("a number", {"key": 1}, (FIRM,), Fault.KEY_WEAK),
    ("an unknown purpose", {"purpose": "witness"}, (FIRM,), Fault.KEY_FACTS),
    ("an unknown custody", {"custody": "mine"}, (FIRM,), Fault.KEY_FACTS),
    ("a custody that is a list", {"custody": []}, (FIRM,), Fault.KEY_FACTS),
    ("one fact more", {"name": "x"}, (FIRM,), Fault.KEY_FACTS),
    ("in no stream", {}, (), Fault.KEY_FACTS),
    ("in two streams", {}, (FIRM, "org:second"), Fault.KEY_FACTS),
    ("in a lot", {}, ("lot:a",), Fault.KEY_FACTS),
    ("system in a stream", {"purpose": "system"}, (FIRM,), Fault.KEY_FACTS),
]  # fmt: skip


@pytest.mark.parametrize("facts, streams, fault", [e[1:] for e in KEYS], ids=[e[0] for e in KEYS])
def test_a_key_entry_that_registers_nothing(
    facts: dict[str, Any], streams: tuple[str, ...], fault: Fault
) -> None:
    log = Forged().begin()
    good = {"custody": "own", "key": b64u(SECOND.public), "purpose": "party"}
    log.add(*streams, type_="KEY", facts=good | facts, signer=SYSTEM)
    assert faults(log) == [(3, fault)]


GENESIS: list[tuple[str, dict[str, Any], Fault]] = [
    ("another format", {"format": "ecotrace/entry/v2"}, Fault.GENESIS_FACTS),
    ("a demo that is 1", {"demo": 1}, Fault.GENESIS_FACTS),
    ("two roots", {"root_keys": genesis_facts()["root_keys"][:2]}, Fault.GENESIS_FACTS),
    ("roots in words", {"root_keys": "AAA"}, Fault.GENESIS_FACTS),
    ("one root twice", {"root_keys": [b64u(Signer("1").public)] * 3}, Fault.KEY_REPEATED),
    ("a root that is the system key", {"system_key": b64u(Signer("1").public)},
     Fault.KEY_REPEATED),
    ("a weak root", {"root_keys": [SMALL] * 3}, Fault.KEY_WEAK),
    ("one fact more", {"name": "x"}, Fault.GENESIS_FACTS),
]  # fmt: skip


@pytest.mark.parametrize("facts, fault", [e[1:] for e in GENESIS], ids=[e[0] for e in GENESIS])
def test_a_genesis_that_begins_nothing(facts: dict[str, Any], fault: Fault) -> None:
    log = Forged()
    log.add(type_="GENESIS", facts=genesis_facts() | facts, signer=SYSTEM)
    assert faults(log) == [(0, fault)]


def test_genesis_is_signed_by_the_key_that_it_brings() -> None:
    log = Forged()
    log.add(type_="GENESIS", facts=genesis_facts(), signer=PARTY)
    assert faults(log) == [(0, Fault.KEY_UNKNOWN)]
    first = Forged()
    first.add()
    assert (0, Fault.GENESIS) in faults(first)


# --- Continuations -----------------------------------------------------------------------------


def other_streams(*streams: str) -> Change:
    def change(said: dict[str, Any]) -> None:
        said["streams"] = list(streams)

    return change


CONT: list[tuple[str, dict[str, Any]]] = [
    ("of another", {"payload": lambda said: said["facts"].update(of=b64u(bytes(32)))}),
    ("part 0", {"payload": lambda said: said["facts"].update(part=0)}),
    ("part 3 of 2", {"payload": lambda said: said["facts"].update(part=3)}),
    ("part 1 again", {"payload": lambda said: said["facts"].update(part=1)}),
    ("part in words", {"payload": lambda said: said["facts"].update(part="2")}),
    ("part true", {"payload": lambda said: said["facts"].update(part=True)}),
    ("parts 3", {"payload": lambda said: said["facts"].update(parts=3)}),
    ("parts 1", {"payload": lambda said: said["facts"].update(parts=1)}),
    ("one fact more", {"payload": lambda said: said["facts"].update(x=1)}),
    ("no facts", {"payload": put(facts={})}),
    ("another time", {"payload": put(effective_at=LATER)}),
    ("something seen", {"payload": put(seen={"size": 1, "root": b64u(bytes(32))})}),
    ("something committed", {"payload": put(commit={"raw": b64u(bytes(32))})}),
    ("at another time", {"at": LATER}),
    ("another actor", {"signer": SYSTEM}),
]


@pytest.mark.parametrize("changes", [each[1] for each in CONT], ids=[each[0] for each in CONT])
def test_a_continuation_that_continues_nothing(changes: dict[str, Any]) -> None:
    log = Forged().begin()
    log.operation(200, **changes)
    log.add()
    found = faults(log)
    assert (5, Fault.CONTINUATION) in found
    assert {each for each, _ in found} <= {5, 6}


@pytest.mark.parametrize(
    "first, second",
    [
        ([f"lot:{each:02}" for each in range(95)], ["lot:99"]),
        ([f"lot:{each:02}" for each in range(96)], []),
        ([f"lot:{each:02}" for each in range(96)], ["lot:95"]),
        ([f"lot:{each:02}" for each in range(96)], ["lot:00"]),
        ([f"lot:{each:02}" for each in range(96)], ["lot:98", "lot:97"]),
    ],
)
def test_continuations_go_on_where_96_streams_end(first: list[str], second: list[str]) -> None:
    log = Forged().begin()
    name = log.add(*first)
    facts = {"of": b64u(name), "part": 1, "parts": 1}

    def places(seq: dict[str, Any]) -> None:
        tips = [(each, *log.tips.get(each, (0, bytes(32)))) for each in second]
        seq["streams"] = [{"id": each, "n": n + 1, "prev": b64u(tip)} for each, n, tip in tips]

    log.add(type_="CONT", facts=facts, payload=other_streams(*second), seq=places)
    assert [index for index, _ in faults(log)] == [4]


def test_continuations_are_not_left_out() -> None:
    whole = Forged().begin()
    whole.operation(300)
    assert len(whole.entries) == 7
    # The first payload alone names 96 streams and could be all; with a part of three it is not.
    for end, missing in ((4, False), (5, True), (6, True), (7, False)):
        cut = Forged(whole.entries[:end], {})
        assert faults(cut) == ([(end, Fault.CONTINUATION_MISSING)] if missing else [])
    between = Forged(whole.entries[:5], dict(whole.tips))
    between.add("lot:other")
    assert faults(between) == [(5, Fault.CONTINUATION_MISSING)]


def test_sizes_that_part_an_operation_are_known() -> None:
    log = Forged().begin()
    log.operation(300)
    tree = Tree()
    hashes = leaves(log.entries)
    tree.add(hashes)
    history = History(NAME, tree.root, lambda difference: None)
    history.take(0, log.entries, hash_texts(hashes))
    assert history.splits == {4, 5, 6}


# --- Gaps --------------------------------------------------------------------------------------


def test_behind_a_gap_only_what_is_missing_is_missed() -> None:
    log = Forged().begin()
    log.add("lot:a")
    log.add("lot:b")
    log.add("lot:b")
    found: list[Difference] = []
    hashes = leaves(log.entries)
    history = History(NAME, lambda size: bytes(32), found.append)
    history.take(0, log.entries[:3], hash_texts(hashes[:3]))
    history.gap()
    history.take(4, log.entries[4:], hash_texts(hashes[4:]))
    assert found == []
    assert history.at(0) == AT
    assert History(None, lambda size: b"", found.append).at(0) == ""


def test_the_name_of_the_log_is_that_of_its_first_entry() -> None:
    log = Forged().begin()
    history = History(None, lambda size: bytes(32), lambda difference: None)
    told: list[tuple[int, bytes]] = []
    history.tell = lambda index, name, places: told.append((index, name))
    history.take(0, [*log.entries, b"{}"], hash_texts(leaves([*log.entries, b"{}"])))
    assert history.origin == NAME
    signed = [entry[11 : entry.index(b',"seq":{')] for entry in log.entries]
    names = [sha256(b"ecotrace/payload/v1\0" + each).digest() for each in signed]
    assert told == list(enumerate(names))
