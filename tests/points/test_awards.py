"""Awards, deductions and reversals as use cases on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from points.accounts.service import balance_of
from points.awards.model import TracedFact, check
from points.awards.service import award
from points.credit.records.service import record_penalty
from points.packs.model import count, rule_for
from points.packs.service import shipped
from points.penalties.model import DeductForPenalty
from points.penalties.service import ReverseTransfer, deduct, reverse
from points.postings.statement import statement
from points.postings.tables import LotRow, PostingRow, ShareRow, TransferRow
from runtime import base64url
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened
from tests.points.conftest import OCT_26
from tests.points.test_packs import PACKS

HANDS = 32


def balance(points, party=None):
    with points.read() as session:
        found = balance_of(session, party or points.firm)
    return None if found is None else found.balance_milli


def sums(points):
    """I1 and I6 as the tables say them: all postings; lots less shares."""
    with points.read() as session:
        postings = session.scalar(select(func.coalesce(func.sum(PostingRow.amount_milli), 0)))
        lots = session.scalar(select(func.coalesce(func.sum(LotRow.amount_milli), 0)))
        taken = session.scalar(select(func.coalesce(func.sum(ShareRow.amount_milli), 0)))
    return int(postings), int(lots - taken)


def test_a_lot_closed_with_an_unbroken_chain_gives_20(points):
    given_ = points.award()
    assert (given_.amount_milli, given_.balance_milli, given_.rule) == (
        20_000, 20_000, "lot_unbroken",
    )  # fmt: skip
    assert balance(points) == 20_000
    payload = logged(points.node, given_.payload_id)
    record = opened(points.node, given_.payload_id)
    digest = base64url.encode(PACKS["tianjin"].digest)
    assert (payload.streams, payload.facts) == ((points.firm,), {"pack": digest})
    assert record["postings"] == [[given_.account_id, 20_000], ["eco/issue", -20_000]]
    assert record["details"]["fact"]["event_id"] == "lot-1"


def test_a_repeated_event_changes_nothing_and_another_body_is_refused(points):
    first = points.award()
    points.award("lot-2")
    again = points.award()
    assert replace(again, repeated=False) == first
    assert again.repeated
    assert balance(points) == 40_000
    later = points.fact(at=OCT_26 + timedelta(seconds=1))
    assert codes(points.run, award, later) == ["event_conflict"]
    assert balance(points) == 40_000


def test_the_cap_holds_however_the_area_is_split(points):
    """I10: 12.5 + 10 + 1 亩 in one year give 200 at most; the next year begins anew."""
    amounts = [
        points.run(award, points.straw(mu, f"plot-{mu}")).amount_milli for mu in ("12.5", "10")
    ]
    assert amounts == [125_000, 75_000]
    assert codes(points.run, award, points.straw("1", "plot-1")) == ["cap_reached"]
    before = points.straw("1", "plot-old", at=datetime(2025, 12, 31, 15, tzinfo=UTC))
    assert points.run(award, before).amount_milli == 10_000
    assert balance(points) == 210_000


def test_a_penalty_takes_500_and_earnings_repay_it_first(points):
    points.award()
    record_id = points.record()
    taken = points.deduct(record_id)
    assert (taken.amount_milli, taken.balance_milli) == (-500_000, -480_000)
    assert points.deduct(record_id).repeated
    points.award("lot-2")
    assert balance(points) == -460_000
    assert sums(points) == (0, 0)


def test_a_withdrawn_penalty_gives_back_what_it_took(points):
    points.award()
    taken = points.deduct(points.record())
    points.award("lot-2")
    back = ReverseTransfer(taken.transfer_id, "withdrawn-1", OCT_26, "处罚决定已撤销")
    reversed_ = points.run(reverse, back)
    assert (reversed_.amount_milli, reversed_.balance_milli) == (500_000, 40_000)
    assert points.run(reverse, back).repeated
    again = replace(back, event_id="withdrawn-2")
    assert codes(points.run, reverse, again) == ["already_reversed"]
    undo = replace(back, transfer_id=reversed_.transfer_id, event_id="withdrawn-3")
    assert codes(points.run, reverse, undo) == ["not_reversible"]
    assert sums(points) == (0, 40_000)


def test_a_reversed_award_frees_its_cap(points):
    first = points.run(award, points.straw("20", "plot-1"))
    back = ReverseTransfer(first.transfer_id, "error-1", OCT_26, "面积误报")
    assert points.run(reverse, back).balance_milli == 0
    assert points.run(award, points.straw("15", "plot-2")).amount_milli == 150_000
    assert sums(points) == (0, 150_000)


def test_points_that_lapsed_before_a_deduction_are_expired_first(points):
    old = datetime(2024, 9, 1, tzinfo=UTC)
    points.award(at=old)
    points.award("lot-2")
    points.deduct(points.record())
    with points.read() as session:
        moves = session.execute(
            select(TransferRow.kind, TransferRow.amount_milli).order_by(TransferRow.seq)
        ).all()
    assert [tuple(move) for move in moves] == [
        ("award", 20_000),
        ("award", 20_000),
        ("expire", -20_000),
        ("deduct", -500_000),
    ]
    assert sums(points) == (0, 0)


def test_refused_facts_leave_nothing(points):
    villager = points.register("household", 9, host_party=points.firm, phone="13800001234")
    shandong = points.register("enterprise", 8, region="371602")
    cases = [
        ({"subject": villager}, ["natural_person"]),
        ({"subject": "org:AAAAAAAAAAAAAAAAAAAA"}, ["subject_unknown"]),
        ({"subject": shandong}, ["no_pack"]),
        ({"at": datetime(2026, 11, 2, tzinfo=UTC)}, ["in_the_future"]),
        ({"at": datetime(2023, 11, 2, tzinfo=UTC)}, ["no_pack"]),
        ({"kind": "lot.opened"}, ["no_rule"]),
        ({"attributes": {"chain": "broken"}}, ["no_rule"]),
        ({"attributes": {}}, ["no_rule"]),
        ({"kind": "input.forbidden", "attributes": {}}, ["not_an_award"]),
        ({"source": "Trace"}, ["source_malformed"]),
        ({"event_id": "a b"}, ["source_malformed"]),
        ({"event_id": ""}, ["source_malformed"]),
        ({"event_id": "x" * 81}, ["source_malformed"]),
        ({"attributes": {"chain": "坏"}}, ["source_malformed"]),
        ({"attributes": {"n": 2**53}}, ["source_malformed"]),
        ({"attributes": {"n": True}}, ["source_malformed"]),
        ({"quantity": "5"}, ["quantity_invalid"]),
        ({"quantity": "-5", "unit": "亩"}, ["quantity_invalid"]),
        ({"quantity": "0", "unit": "亩"}, ["quantity_invalid"]),
        ({"quantity": "0.005", "unit": "亩"}, ["quantity_invalid"]),
        ({"kind": "straw.returned", "attributes": {}}, ["quantity_missing"]),
        (
            {"kind": "straw.returned", "attributes": {}, "quantity": "5", "unit": "公斤"},
            ["quantity_missing"],
        ),
    ]
    for changes, expected in cases:
        assert codes(points.run, award, points.fact(**changes)) == expected, changes
    grower = replace(points.actor, roles=frozenset({"grower"}))
    assert codes(points.run, award, points.fact(), grower) == ["not_allowed"]
    assert sums(points) == (0, 0)
    assert balance(points) is None


def test_refused_deductions(points):
    assert codes(points.run, deduct, DeductForPenalty("case:AAAAAAAAAAAAAAAAAAAA")) == [
        "record_unknown"
    ]
    unknown = points.record(1, offence="noise.made")
    assert codes(points.run, deduct, DeductForPenalty(unknown)) == ["no_rule"]
    suspected = points.record(2, finding="suspected")
    assert codes(points.run, deduct, DeductForPenalty(suspected)) == ["no_rule"]
    kind = points.record(3, offence="lot.closed", finding="unbroken")
    assert codes(points.run, deduct, DeductForPenalty(kind)) == ["no_rule"]
    missing = ReverseTransfer("move:AAAAAAAAAAAAAAAAAAAA", "x", OCT_26, "理由")
    assert codes(points.run, reverse, missing) == ["transfer_unknown"]
    early = replace(missing, effective_at=datetime(2026, 11, 2, tzinfo=UTC))
    assert codes(points.run, reverse, early) == ["in_the_future"]
    assert codes(points.run, reverse, replace(missing, reason="")) == ["text_empty"]


def test_thirty_two_claims_of_one_event_and_of_one_cap(points):
    """I4 and I10 under races: one transfer for one event, 200 points for one year."""
    start = Barrier(HANDS)

    def claim(number: int) -> str:
        same = points.fact() if number % 2 else points.straw("2", f"plot-{number}")
        start.wait()
        try:
            return str(points.run(award, same).transfer_id)
        except Refusal as refusal:
            return refusal.first.code.code

    with ThreadPoolExecutor(HANDS) as hands:
        outcomes = list(hands.map(claim, range(HANDS)))
    assert len({outcomes[number] for number in range(1, HANDS, 2)}) == 1
    plots = [outcomes[number] for number in range(0, HANDS, 2)]
    assert plots.count("cap_reached") == len(plots) - 10
    assert balance(points) == 220_000
    assert sums(points) == (0, 220_000)


def test_history_is_never_changed(points):
    points.award()
    points.deduct(points.record())
    columns = {
        "points_claims": "source",
        "points_transfers": "rule",
        "points_postings": "amount_milli",
        "points_lots": "amount_milli",
        "points_lot_shares": "amount_milli",
        "points_accounts": "party",
        "points_packs": "code",
        "credit_records": "basis",
    }
    for table, column in columns.items():
        for attack in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError), points.node.database.write_engine.begin() as connection:
                connection.execute(text(attack))


# --- The rule alone ------------------------------------------------------------------------------


def straw(mu: str) -> TracedFact:
    return TracedFact("straw.returned", "org:x", OCT_26, "trace.event", "e", mu, "亩")


areas = st.integers(1, 4000).map(lambda hundredths: f"{hundredths / 100:.2f}")


@given(st.lists(areas, max_size=12), st.randoms())
def test_any_split_and_order_gives_the_same_capped_sum(split, shuffle):
    """I5 and I10: 10 points for each 亩, at most 200 a year, whatever comes first."""

    def total(parts) -> int:
        used = 0
        for mu in parts:
            fact = check(straw(mu), OCT_26)
            rule = rule_for(PACKS["tianjin"], fact)
            try:
                used += count(rule, fact, used).amount_milli
            except Refusal:
                assert used == 200_000
        return used

    other = list(split)
    shuffle.shuffle(other)
    exact = sum(round(float(mu) * 100) * 100 for mu in split)
    assert total(split) == total(other) == min(exact, 200_000)


def test_the_digest_tells_every_member_of_a_fact_apart():
    fact = straw("1")
    others = [
        replace(fact, kind="x"),
        replace(fact, subject="org:y"),
        replace(fact, at=OCT_26 + timedelta(microseconds=1)),
        replace(fact, quantity="1.0"),
        replace(fact, unit="公顷"),
        replace(fact, attributes={"a": 1}),
        replace(fact, attributes={"a": "1"}),
    ]
    assert len({each.digest() for each in [fact, *others]}) == len(others) + 1


def test_what_ships_is_what_is_published():
    assert sorted(shipped()) == ["kenli", "tianjin", "xinjiang"]


def test_a_statement_gives_the_reason_of_every_movement(points):
    points.award()
    points.deduct(points.record())
    with points.read() as session:
        lines = statement(session, points.firm)
        none = statement(session, "org:AAAAAAAAAAAAAAAAAAAA")
    assert none == ()
    assert [(line.kind.zh, line.reason.zh, line.balance_after_milli) for line in lines] == [
        ("扣分", "仿冒或超量标签，经查证属实", -480_000),
        ("加分", "批次全程记录完整", 20_000),
    ]
    assert all(line.illustrative and line.basis for line in lines)


def test_the_answer_under_an_idempotency_key_is_kept(points):
    """Commands and results survive the way through the runner's store."""
    unit, fact = points.node.unit, points.fact()
    first = unit.run(award, fact, actor=points.actor, idempotency_key="key-1")
    assert unit.run(award, fact, actor=points.actor, idempotency_key="key-1") == first
    penalty = points.penalty()
    made = unit.run(record_penalty, penalty, actor=points.actor, idempotency_key="key-2")
    again = unit.run(record_penalty, penalty, actor=points.actor, idempotency_key="key-2")
    assert again == made
