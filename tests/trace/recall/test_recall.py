"""A recall: proposed by one officer, ordered by another, ended; and what it covers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from identity.actor import SYSTEM, Actor
from ledger.entries.model import STREAMS_MAX, parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from tests.fixtures.nodes import Grow
from tests.trace.chain import REGULATORS, Farm, farm, refused
from trace.recall.service import (
    ConfirmRecall,
    EndRecall,
    ProposeRecall,
    RecallResult,
    confirm_recall,
    covered_lots,
    end_recall,
    list_recalls,
    open_recall_of,
    propose_recall,
)
from trace.replay import replay
from web.node import Node


@pytest.fixture
def spread(grow: Grow[Farm]) -> Farm:
    """A has gone into B and C; X has nothing to do with it."""
    return grow(spread_goods)


def spread_goods(node: Node) -> Farm:
    field = farm(node)
    field.open("A", "B", "C", "X")
    field.harvest("A", "100")
    field.split("A", {"B": "50", "C": "50"})
    return field


def officer(field: Farm, name: str) -> Actor:
    return Actor(field.stage.rival, f"pers:{name}", REGULATORS)


def propose(field: Farm, lot: str = "A", name: str = "one") -> RecallResult:
    command = ProposeRecall(field.stage.rival, field.lots[lot], "抽检不合格", "Failed a test")
    found: RecallResult = field.stage.do(propose_recall, command, officer(field, name))
    return found


def confirm(field: Farm, recall: RecallResult, name: str = "two", radius: str = "") -> Any:
    command = ConfirmRecall(recall.id, radius or recall.radius)
    return field.stage.do(confirm_recall, command, officer(field, name))


def red(field: Farm) -> set[str]:
    """The lots whose pages are red."""
    with field.node.database.read() as session:
        return {code for code, id in field.lots.items() if open_recall_of(session, id)}


def healthy(field: Farm) -> bool:
    with field.node.database.read() as session:
        return replay(session, field.node.vault) == []


def test_the_way_of_a_recall(spread: Farm) -> None:
    epochs = {code: spread.epoch(code) for code in "ABCX"}
    proposed = propose(spread)
    assert set(proposed.lots) == {spread.lots[code] for code in "ABC"}
    assert red(spread) == set()
    assert {code: spread.epoch(code) for code in "ABCX"} == epochs
    ordered = confirm(spread, proposed)
    assert (ordered.state, set(ordered.lots)) == ("ordered", set(proposed.lots))
    assert red(spread) == {"A", "B", "C"}
    assert {code for code in "ABCX" if spread.epoch(code) > epochs[code]} == {"A", "B", "C"}
    epochs = {code: spread.epoch(code) for code in "ABCX"}
    ended = spread.stage.do(end_recall, EndRecall(proposed.id), officer(spread, "one"))
    assert ended.state == "ended"
    assert red(spread) == set()
    assert {code for code in "ABCX" if spread.epoch(code) > epochs[code]} == {"A", "B", "C"}
    with spread.node.database.read() as session:
        assert [state.value for _, state in list_recalls(session)] == ["ended"]
    assert healthy(spread)


def test_what_is_refused(spread: Farm) -> None:
    stage, one, two = spread.stage, officer(spread, "one"), officer(spread, "two")
    proposed = propose(spread)
    lot = ProposeRecall(stage.rival, spread.lots["A"], "x", "x")
    good = ConfirmRecall(proposed.id, proposed.radius)
    grower = Actor(stage.rival, "pers:g", frozenset({"grower"}))
    elsewhere = Actor(stage.coop, "pers:two", REGULATORS)
    cases = [
        (propose_recall, lot, grower, ["NOT_A_REGULATOR"]),
        (propose_recall, lot, elsewhere, ["OTHER_PARTY"]),
        (propose_recall, ProposeRecall(stage.rival, "none", "x", "x"), one, ["LOT_UNKNOWN"]),
        (
            propose_recall,
            ProposeRecall(stage.rival, spread.lots["A"], "x" * 201, ""),
            one,
            ["TEXT_TOO_LONG"],
        ),
        (
            propose_recall,
            ProposeRecall(stage.rival, spread.lots["A"], "x\u202e", ""),
            one,
            ["BIDI_TEXT"],
        ),
        (confirm_recall, good, grower, ["NOT_A_REGULATOR"]),
        (confirm_recall, good, elsewhere, ["OTHER_PARTY"]),
        (confirm_recall, good, one, ["RECALL_SAME_PERSON"]),
        (confirm_recall, good, SYSTEM, ["RECALL_SAME_PERSON"]),
        (confirm_recall, ConfirmRecall("rcl:none", ""), two, ["RECALL_UNKNOWN"]),
        (confirm_recall, ConfirmRecall(proposed.id, "0" * 64), two, ["RECALL_RADIUS_CHANGED"]),
        (
            confirm_recall,
            ConfirmRecall(proposed.id, ""),
            one,
            ["RECALL_SAME_PERSON", "RECALL_RADIUS_CHANGED"],
        ),
        (end_recall, EndRecall(proposed.id), two, ["RECALL_NOT_OPEN"]),
        (end_recall, EndRecall("rcl:none"), two, ["RECALL_UNKNOWN"]),
    ]
    before = spread.counts()
    for use_case, command, actor, codes in cases:
        assert refused(lambda u=use_case, c=command, a=actor: stage.do(u, c, a)) == codes, command
    assert spread.counts() == before
    confirm(spread, proposed)
    assert refused(lambda: confirm(spread, proposed, "three")) == ["RECALL_NOT_OPEN"]
    spread.stage.do(end_recall, EndRecall(proposed.id), one)
    assert refused(lambda: stage.do(end_recall, EndRecall(proposed.id), one)) == ["RECALL_NOT_OPEN"]


def test_goods_that_have_moved_on_are_looked_at_again(spread: Farm) -> None:
    proposed = propose(spread)
    spread.open("D")
    spread.split("B", {"D": "10"}, day=3)
    assert refused(lambda: confirm(spread, proposed)) == ["RECALL_RADIUS_CHANGED"]
    again = propose(spread)
    confirm(spread, again)
    assert red(spread) == {"A", "B", "C", "D"}


def test_goods_that_move_on_after_the_order_are_red_as_well(spread: Farm) -> None:
    proposed = propose(spread, "B")
    confirm(spread, proposed)
    spread.open("D")
    spread.merge({"B": "10", "C": "10"}, "D", day=3)
    assert red(spread) == {"B", "D"}
    epoch = spread.epoch("D")
    spread.stage.do(end_recall, EndRecall(proposed.id), officer(spread, "one"))
    assert red(spread) == set()
    assert spread.epoch("D") > epoch
    assert healthy(spread)


def test_of_two_recalls_one_that_is_open_counts(spread: Farm) -> None:
    first, second = propose(spread, "A"), propose(spread, "B")
    confirm(spread, first)
    confirm(spread, second)
    spread.stage.do(end_recall, EndRecall(first.id), officer(spread, "one"))
    assert red(spread) == {"B"}


def test_of_many_who_confirm_at_once_one_orders(spread: Farm) -> None:
    proposed = propose(spread)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: refused(lambda: confirm(spread, proposed, f"p{n}")), range(8))
        )
    assert sorted(map(str, answers)) == ["['RECALL_NOT_OPEN']"] * 7 + ["[]"]
    assert healthy(spread)


def test_a_split_and_an_order_at_once_leave_no_goods_out(spread: Farm) -> None:
    spread.open(*(f"S{n}" for n in range(8)))
    proposed = propose(spread, "B")

    def one(n: int) -> list[str]:
        if n == 4:
            return refused(lambda: confirm(spread, proposed))
        return refused(lambda: spread.split("B", {f"S{n}": "1"}, day=3 + n))

    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(one, range(8)))
    if answers[4]:
        assert answers[4] == ["RECALL_RADIUS_CHANGED"]
        return
    assert red(spread) == {"B", *(f"S{n}" for n in range(8) if n != 4)}


def test_a_radius_of_more_lots_than_an_entry_has_streams(field: Farm) -> None:
    codes = [f"L{n}" for n in range(STREAMS_MAX + 10)]
    field.open("A", *codes)
    field.harvest("A", str(len(codes)))
    for half in (codes[:60], codes[60:]):
        field.split("A", dict.fromkeys(half, "1"))
    proposed = propose(field)
    assert len(proposed.lots) == len(codes) + 1
    confirm(field, proposed)
    field.stage.do(end_recall, EndRecall(proposed.id), officer(field, "one"))
    with field.node.database.read() as session:
        assert set(covered_lots(session, proposed.id)) == set(field.lots.values())
        reader = LogReader(session)
        entries = [parse_entry(each).payload for each in reader.entry_range(0, reader.size)]
        streams = [
            entry.streams for entry in entries if entry.type.startswith(("trace.recall", "CONT"))
        ]
        types = [entry.type for entry in entries][-4:]
        last = reader.stream(field.lots[codes[-1]])
    assert types == ["trace.recall.order", "CONT", "trace.recall.end", "CONT"]
    assert max(map(len, streams)) == STREAMS_MAX
    assert len(last) >= 4  # opened, split, ordered, ended: each lot's own stream says so
    assert healthy(field)


def test_who_decided_stands_apart_from_what_may_be_shown(spread: Farm) -> None:
    proposed = propose(spread)
    confirm(spread, proposed)
    with spread.node.database.read() as session:
        reader = LogReader(session)
        (order,) = [parse_entry(reader.entry(index)) for index in reader.stream(proposed.id)[1:]]
    opened = spread.opened(base64url.encode(payload_id(order.payload_bytes)))
    assert "pers:" not in str(opened["record"])
    assert opened["decision"]["person"] == "pers:two"
    assert order.payload.facts == {}
