"""Print runs in the register and in the log, on both databases."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from identity.actor import SYSTEM, Actor
from ledger.openings.service import open_entry
from ledger.reader import LogReader
from runtime.refusal import Refusal
from tests.fixtures.nodes import transaction
from tests.trace.labels.stage import BAG_MG, ORIGIN, URL, Stage, certified
from trace.labels.human_code import human_code
from trace.labels.keys import (
    DeclareLeak,
    LabelKeys,
    MakeLabelKey,
    current_letter,
    declare_leak,
    make_label_key,
)
from trace.labels.lookup import (
    find_label,
    find_position,
    printed_labels,
    require_run,
    run_facts,
    runs_of,
    scanned_label,
)
from trace.labels.model import Limit, PrintAllowance, Span, VoidReason
from trace.labels.serials import NUMBERS, check, mint
from trace.labels.service import (
    BindLabels,
    Returned,
    VoidLabels,
    bind_labels,
    certificate_units,
    print_run,
    scanned_span,
    void_labels,
)
from trace.labels.tables import LabelBinding, LabelNumbers, LabelRun, LabelVoid, RunTotals
from trace.products.service import RegisterProduct, register_product
from trace.scans.service import epoch_of

Table = list[tuple[dict[str, Any], list[str]]]


def entry_of(stage: Stage, payload_id: str) -> Any:
    with stage.node.database.read() as session:
        reader = LogReader(session)
        index = reader.index_of(payload_id)
        assert index is not None
        return orjson.loads(reader.entry(index))["payload"]


def record_of(stage: Stage, payload_id: str):
    with stage.node.database.read() as session:
        return open_entry(session, stage.node.vault, payload_id)["record"].value


def codes(caught: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [reason.code.code for reason in caught.value.reasons]


def refused(stage: Stage, use_case, command, actor=None) -> list[str]:
    with pytest.raises(Refusal) as caught:
        stage.do(use_case, command, *([actor] if actor else []))
    return codes(caught)


def labels_of(stage: Stage, run_id: str, first: int, last: int):
    with stage.node.database.read() as session:
        run = require_run(session, run_id)
        return list(printed_labels(run, stage.keys, ORIGIN, Span(first, last)))


# ---- printing ----------------------------------------------------------------------------------


def test_a_run_is_one_row_and_one_entry(stage: Stage):
    lot = stage.lot("rice", "L1", 100 * BAG_MG)
    run = stage.print(100, lot)
    assert (run.number, run.letter, run.first, run.count) == (1, "A", 0, 100)
    assert stage.balance(lot).labelled == 100 * BAG_MG
    payload = entry_of(stage, run.payload_id)
    assert payload["type"] == "trace.run.print"
    assert payload["streams"] == sorted([run.id, lot])
    assert payload["facts"] == {}
    assert list(payload["commit"]) == ["record"]
    assert record_of(stage, run.payload_id) == {
        "run": run.id,
        "number": 1,
        "letter": "A",
        "item": "p/rice",
        "first": 0,
        "count": 100,
        "product": stage.rice,
        "lot": lot,
        "lot_code": "L1",
        "base_url": URL,
        "net_mg": BAG_MG,
        "certificate": None,
        "certificate_number": None,
        "certificate_unit": None,
        "account": None,
        "with_mark": False,
        "mark_certificate": None,
        "mark_artwork": None,
        "owner": stage.coop,
    }


def test_the_address_of_a_label_is_fixed_in_its_run(stage: Stage):
    lot = stage.lot("rice", "L1", BAG_MG)
    run = stage.print(1, lot)
    (label,) = labels_of(stage, run.id, 1, 1)
    assert label.address == f"{URL}/p/rice/10/L1/21/{label.serial}"
    assert label.code == "1-0000001-Q"
    assert check(label.serial, stage.keys, ORIGIN, "p/rice") == 0


def test_a_run_without_lot_has_no_lot_in_its_address(stage: Stage):
    run = stage.print(3, allowance=PrintAllowance(URL + "/", demo=False))
    labels = labels_of(stage, run.id, 1, 3)
    assert [label.address for label in labels] == [
        f"{URL}/p/rice/21/{label.serial}" for label in labels
    ]
    assert entry_of(stage, run.payload_id)["streams"] == [run.id]


def test_numbers_follow_one_another_and_are_never_used_twice(stage: Stage):
    runs = [stage.print(count) for count in (3, 1, 5)]
    assert [(run.number, run.first) for run in runs] == [(1, 0), (2, 3), (3, 4)]
    other = stage.print(2, product="crabs")
    assert (other.number, other.first) == (4, 0)


def test_the_same_key_prints_once(stage: Stage):
    run = stage.node.unit.run
    order = stage.order(5, allowance=certified(100, 0))
    first, again = (run(print_run, order, actor=SYSTEM, idempotency_key="k1") for _ in range(2))
    assert first == again
    assert stage.print(1).first == 5


def test_a_million_labels_are_one_row_within_a_second(stage: Stage):
    lot = stage.lot("rice", "L1", 1_000_000 * BAG_MG)
    began = time.perf_counter()
    run = stage.print(1_000_000, lot)
    assert time.perf_counter() - began < 1
    with stage.node.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LabelRun)) == 1
        found = find_label(session, "p/rice", "A", 999_999)
    assert found is not None
    assert (found.run_id, found.position, found.lot_id) == (run.id, 1_000_000, lot)


def test_what_a_certificate_bounds_is_public(stage: Stage):
    run = stage.print(60, allowance=certified(100, 40))
    payload = entry_of(stage, run.payload_id)
    assert payload["facts"] == {"number": "JNJP-2026-1", "unit": "piece", "printed": 60, "left": 0}
    assert payload["streams"] == sorted(["cert:" + "c" * 20, run.id])


def test_what_a_certificate_bounds_in_mass_is_public_in_mass(stage: Stage):
    run = stage.print(2, allowance=certified(100 * BAG_MG, 40 * BAG_MG, "mg"))
    assert entry_of(stage, run.payload_id)["facts"] == {
        "number": "JNJP-2026-1",
        "unit": "mg",
        "printed": 2 * BAG_MG,
        "left": 58 * BAG_MG,
    }


def test_what_a_permit_bounds_is_booked_on_its_account(stage: Stage):
    account, above = "prmt:" + "p" * 20, "line:" + "l" * 20
    allowance = certified(100, 0)
    bound = replace(allowance.certificate, account_id=account, permit="JNJPZY-2026-1")
    run = stage.print(60, allowance=replace(allowance, certificate=bound))
    payload = entry_of(stage, run.payload_id)
    public = {"number": "JNJP-2026-1", "permit": "JNJPZY-2026-1", "unit": "piece"}
    assert payload["facts"] == {**public, "printed": 60, "left": 40}
    assert payload["streams"] == sorted([bound.cert_id, account, run.id])
    assert record_of(stage, run.payload_id)["account"] == account
    returned = Returned(0, "JNJPZY-2026-1", above, 45)
    voided = stage.do(void_labels, VoidLabels(stage.coop, run.id, 1, 5, "damaged", returned))
    payload = entry_of(stage, voided.payload_id)
    assert payload["facts"] == {**public, "void": 5, "left": 0, "parent_left": 45}
    assert payload["streams"] == sorted([bound.cert_id, account, above, run.id])


def test_only_a_permit_lets_another_house_label_the_owners_goods(stage: Stage):
    lot, foreign = stage.lot("rice", "L1", 100 * BAG_MG), stage.lot("crabs", "C1", 9)
    allowance = certified(100, 0)
    bound = replace(allowance.certificate, account_id="prmt:" + "p" * 20, permit="JNJPZY-2026-1")
    permitted = replace(allowance, certificate=bound)
    for order in (
        stage.order(1, owner=stage.rival),
        stage.order(1, owner=stage.rival, allowance=allowance),
        stage.order(1, lot, owner=stage.rival, allowance=allowance),
    ):
        assert refused(stage, print_run, order) == ["not_yours"]
    run = stage.print(2, owner=stage.rival, allowance=permitted)
    stage.print(1, lot, owner=stage.rival, allowance=permitted)
    stage.do(bind_labels, BindLabels(stage.rival, run.id, 1, 1, lot))
    assert refused(stage, bind_labels, BindLabels(stage.coop, run.id, 2, 2, lot)) == ["not_yours"]
    other = BindLabels(stage.rival, run.id, 2, 2, foreign)
    assert refused(stage, bind_labels, other) == ["label_other_product"]


def test_bag_9361_is_refused_with_its_numbers_and_leaves_nothing(stage: Stage):
    lot = stage.lot("rice", "XZD-1", 46_800_000_000)
    stage.print(9_360, lot)
    with pytest.raises(Refusal) as caught:
        stage.print(1, lot)
    assert caught.value.first.text("zh") == (
        "本批次可贴 9,360 件，已印 9,360 件，本次 1 件，超出 1 件"
    )
    with pytest.raises(Refusal) as caught:
        stage.print(1, allowance=certified(46_800_000_000, 46_800_000_000, "mg"))
    assert caught.value.first.text("zh") == (
        "一共核准 9,360 件，已印 9,360 件，本次 1 件，超出 1 件"
    )
    with stage.node.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LabelRun)) == 1
        assert session.scalars(select(LabelNumbers.next)).all() == [9_360]
    assert stage.balance(lot).labelled == 46_800_000_000


ORDERS: Table = [
    ({"count": 0}, ["label_count_malformed"]),
    ({"count": 10_000_000}, ["label_count_malformed"]),
    ({"product": "barley"}, ["product_unknown"]),
    ({"lot": "nowhere"}, ["lot_unknown"]),
    ({"owner": "rival"}, ["not_yours"]),
    ({"lot": "CRAB-1"}, ["label_other_product"]),
    ({"lot": "L1", "count": 11}, ["over_lot"]),
    ({"with_mark": True}, ["mark_not_allowed"]),
    ({"allowance": PrintAllowance(None, demo=False)}, ["base_url_not_public"]),
    ({"allowance": PrintAllowance("http://127.0.0.1:8000", demo=False)}, ["base_url_not_public"]),
    ({"allowance": PrintAllowance("http://127.0.0.1:8000", demo=True)}, []),
    (
        {"lot": "L1", "count": 11, "allowance": PrintAllowance("http://x", demo=False)},
        ["base_url_not_public", "over_lot"],
    ),
]


def test_which_orders_are_refused(stage: Stage):
    stage.lot("rice", "L1", 10 * BAG_MG)
    stage.lot("crabs", "CRAB-1", 10)
    for changes, expected in ORDERS:
        named = {**changes, "owner": stage.rival} if "owner" in changes else changes
        order = stage.order(**{"count": 1, **named})
        if expected:
            assert refused(stage, print_run, order) == expected, changes
        else:
            assert stage.do(print_run, order).count == 1


def test_pieces_are_labelled_by_the_piece(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    stage.print(1_999, lot, product="crabs")
    assert refused(stage, print_run, stage.order(2, lot, product="crabs")) == ["over_lot"]
    stage.print(1, lot, product="crabs")
    assert stage.balance(lot).labelled == 2_000


def test_a_machine_prints_for_its_own_party_with_the_scope_of_labels(stage: Stage):
    for party, scopes, expected in [
        (stage.coop, {"labels"}, []),
        (stage.coop, {"query"}, ["scope_missing"]),
        (stage.rival, {"labels"}, ["other_party"]),
    ]:
        actor = Actor(party, None, frozenset(), frozenset(scopes), "api", "client")
        if expected:
            assert refused(stage, print_run, stage.order(1), actor) == expected
        else:
            assert stage.do(print_run, stage.order(1), actor).first == 0


def test_two_printers_never_share_a_number_nor_print_more_than_the_lot_holds(stage: Stage):
    lot = stage.lot("rice", "L1", 50 * BAG_MG)
    runs, refusals = [], []

    def print_some() -> None:
        for _ in range(4):
            try:
                runs.append(stage.print(5, lot))
            except Refusal as refusal:
                refusals.append(refusal.first.code.code)

    threads = [Thread(target=print_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(runs), set(refusals), len(refusals)) == (10, {"over_lot"}, 6)
    assert sorted(run.first for run in runs) == list(range(0, 50, 5))
    assert sorted(run.number for run in runs) == list(range(1, 11))
    assert stage.balance(lot).labelled == 50 * BAG_MG


def test_the_last_numbers_of_a_letter(stage: Stage):
    stage.print(1)
    with stage.node.database.write_engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE label_numbers SET next = {NUMBERS - 2}")
    with pytest.raises(Refusal) as caught:
        stage.print(3)
    assert codes(caught) == ["label_numbers_spent"]
    assert caught.value.first.numbers == {"letter": "A", "left": 2}
    assert stage.print(2).first == NUMBERS - 2
    assert stage.do(make_label_key, MakeLabelKey()).letter == "B"
    run = stage.print(3)
    assert (run.letter, run.first) == ("B", 0)


# ---- keys --------------------------------------------------------------------------------------


def test_an_old_letter_goes_on_verifying(stage: Stage):
    old = stage.print(1)
    stage.do(make_label_key, MakeLabelKey())
    new = stage.print(1)
    for run, letter in ((old, "A"), (new, "B")):
        (label,) = labels_of(stage, run.id, 1, 1)
        assert label.serial[0] == letter
        assert check(label.serial, stage.keys, ORIGIN, "p/rice") == 0


def test_keys_are_remembered_and_unknown_letters_are_not(stage: Stage):
    keys = LabelKeys(stage.node.vault)
    assert keys.get("B") is None
    assert all(keys.get(odd) is None for odd in ("", "a", "AB", "1", "é"))
    stage.do(make_label_key, MakeLabelKey())
    assert len(keys.get("B") or b"") == 32
    assert keys.get("A") != keys.get("B")
    assert keys.get("A") is keys.get("A")


def test_letters_end_at_z(stage: Stage):
    for _ in range(25):
        stage.do(make_label_key, MakeLabelKey())
    with stage.node.database.read() as session:
        assert current_letter(session) == "Z"
    assert refused(stage, make_label_key, MakeLabelKey()) == ["label_letters_spent"]


def test_only_an_administrator_makes_keys(stage: Stage):
    grower = Actor(stage.coop, "acct:x", frozenset({"grower"}))
    assert refused(stage, make_label_key, MakeLabelKey(), grower) == ["not_allowed"]
    leak = DeclareLeak("A", stage.node.clock.now())
    assert refused(stage, declare_leak, leak, grower) == ["not_allowed"]
    assert refused(stage, declare_leak, replace(leak, letter="C")) == ["label_key_missing"]


def test_a_leaked_letter_weakens_its_runs(stage: Stage):
    stage.print(1)
    stage.do(declare_leak, DeclareLeak("A", stage.node.clock.now()))
    stage.do(make_label_key, MakeLabelKey())
    stage.print(1)
    with stage.node.database.read() as session:
        found = [find_position(session, run, 1) for run in (1, 2)]
    assert [label.weakened for label in found if label] == [True, False]


# ---- finding -----------------------------------------------------------------------------------


def test_a_number_outside_every_run_is_found_nowhere(stage: Stage):
    stage.print(5)
    stage.print(5, product="crabs")
    with stage.node.database.read() as session:
        assert find_label(session, "p/rice", "A", 4) is not None
        assert find_label(session, "p/rice", "A", 5) is None
        assert find_label(session, "p/rice", "B", 0) is None
        assert find_label(session, "p/other", "A", 0) is None
        assert find_position(session, 1, 5) is not None
        assert find_position(session, 1, 6) is None
        assert find_position(session, 3, 1) is None


def test_each_label_of_several_runs_is_found_in_its_own(stage: Stage):
    runs = [stage.print(count) for count in (2, 1, 4)]
    with stage.node.database.read() as session:
        for run in runs:
            for position in range(1, run.count + 1):
                found = find_label(session, "p/rice", "A", run.first + position - 1)
                assert found is not None
                assert (found.run_id, found.position) == (run.id, position)
                assert find_position(session, run.number, position) == found


def test_what_was_scanned_or_typed(stage: Stage):
    run = stage.print(3)
    first, second, _ = labels_of(stage, run.id, 1, 3)
    with stage.node.database.read() as session:
        for scanned in (first.address, first.code, first.code.lower(), f" {first.address}\n"):
            found = scanned_label(session, stage.keys, ORIGIN, scanned)
            assert (found.run_id, found.position, found.code) == (run.id, 1, first.code)
        for odd, code in [
            ("", "label_code_malformed"),
            ("1-0000001-R", "label_code_malformed"),
            (human_code(1, 4), "label_unknown"),
            (f"{URL}/p/rice", "label_code_malformed"),
            (f"{URL}/p/rice/21/{second.serial[:-1]}", "label_code_malformed"),
            (f"{URL}/p/crabs/21/{second.serial}", "label_code_malformed"),
            ("https://evil.example/p/rice/21/<script>", "label_code_malformed"),
            ("http://[::1", "label_code_malformed"),
        ]:
            with pytest.raises(Refusal) as caught:
                scanned_label(session, stage.keys, ORIGIN, odd)
            assert codes(caught) == [code], odd


def test_a_right_tag_outside_every_run_is_unknown(stage: Stage):
    serial = mint(stage.keys, "A", ORIGIN, "p/rice", 77)
    with stage.node.database.read() as session, pytest.raises(Refusal) as caught:
        scanned_label(session, stage.keys, ORIGIN, f"{URL}/p/rice/21/{serial}")
    assert codes(caught) == ["label_unknown"]


def test_the_runs_of_a_party(stage: Stage):
    runs = [stage.print(1) for _ in range(3)]
    with stage.node.database.read() as session:
        assert [run.id for run in runs_of(session, stage.coop, 2)] == [runs[2].id, runs[1].id]
        assert runs_of(session, stage.rival) == []


# ---- binding (赋码) ----------------------------------------------------------------------------


def test_a_roll_is_bound_by_its_first_and_last_label(stage: Stage):
    run = stage.print(100)
    lots = [stage.lot("rice", code, 50 * BAG_MG) for code in ("L1", "L2")]
    labels = labels_of(stage, run.id, 1, 100)
    # A roll may be scanned from either end, and either way of naming a label will do.
    for first, last, lot in (
        (labels[39].address, labels[0].code, lots[0]),
        (labels[40].code, labels[79].address, lots[1]),
    ):
        with stage.node.database.read() as session:
            run_id, span = scanned_span(session, stage.keys, ORIGIN, first, last)
        command = BindLabels(stage.coop, run_id, span.first, span.last, lot)
        bound = stage.do(bind_labels, command)
        payload = entry_of(stage, bound.payload_id)
        assert (payload["type"], payload["facts"]) == ("trace.run.bind", {})
        assert payload["streams"] == sorted([run.id, lot])
        assert record_of(stage, bound.payload_id) == {
            "run": run.id,
            "first": span.first,
            "last": span.last,
            "lot": lot,
        }
    with stage.node.database.read() as session:
        found = [find_position(session, 1, position) for position in (1, 40, 41, 80, 81, 100)]
        assert [each.lot_id for each in found if each] == [
            lots[0],
            lots[0],
            lots[1],
            lots[1],
            None,
            None,
        ]
        assert session.get_one(RunTotals, run.id).bound == 80
    assert [stage.balance(lot).labelled for lot in lots] == [40 * BAG_MG, 40 * BAG_MG]


def test_labels_of_two_runs_are_no_roll(stage: Stage):
    one, other = stage.print(2), stage.print(2)
    first = labels_of(stage, one.id, 1, 1)[0].code
    last = labels_of(stage, other.id, 2, 2)[0].code
    with stage.node.database.read() as session, pytest.raises(Refusal) as caught:
        scanned_span(session, stage.keys, ORIGIN, first, last)
    assert codes(caught) == ["labels_of_two_runs"]


BINDINGS: Table = [
    ({"first": 1, "last": 51}, ["over_lot"]),
    ({"first": 90, "last": 101}, ["label_range_malformed"]),
    ({"lot": "CRAB"}, ["label_other_product"]),
    ({"run": "run:nowhere"}, ["run_unknown"]),
    ({"lot": "nowhere"}, ["lot_unknown"]),
    ({"owner": "rival"}, ["not_yours"]),
    ({"lot": "R1"}, ["not_yours"]),
]


def test_which_bindings_are_refused(stage: Stage):
    run = stage.print(100)
    stage.lot("rice", "L1", 50 * BAG_MG)
    stage.lot("crabs", "CRAB", 50)
    _rival_lot(stage)
    for changes, expected in BINDINGS:
        named = {"owner": stage.rival} if "owner" in changes else changes
        command = replace(BindLabels(stage.coop, run.id, 1, 10, "L1"), **named)
        assert refused(stage, bind_labels, command) == expected, changes
    with stage.node.database.read() as session:
        assert session.scalars(select(LabelBinding)).all() == []


def _rival_lot(stage: Stage) -> str:
    command = RegisterProduct(
        stage.rival, "theirs", "演示", "x", "grain", "mass", net=("5", "公斤")
    )
    with transaction(stage.node) as work:
        register_product(work, command, SYSTEM, stage.node.clock.now())
    return stage.lot("theirs", "R1", 50 * BAG_MG, stage.rival)


def test_a_label_is_bound_once(stage: Stage):
    run = stage.print(10)
    lot = stage.lot("rice", "L1", 50 * BAG_MG)
    stage.do(bind_labels, BindLabels(stage.coop, run.id, 3, 5, lot))
    again = BindLabels(stage.coop, run.id, 5, 6, lot)
    assert refused(stage, bind_labels, again) == ["label_already_bound"]
    stage.do(bind_labels, replace(again, first=6))
    stage.do(bind_labels, BindLabels(stage.coop, run.id, 1, 2, lot))
    with stage.node.database.read() as session:
        facts = run_facts(session, require_run(session, run.id))
    assert [(each.span.first, each.span.last) for each in facts.bindings] == [
        (1, 2),
        (3, 5),
        (6, 6),
    ]


def test_sixteen_clerks_bind_one_roll_once(stage: Stage):
    run = stage.print(10)
    lot = stage.lot("rice", "L1", 50 * BAG_MG)
    outcomes: list[str] = []

    def bind() -> None:
        try:
            stage.do(bind_labels, BindLabels(stage.coop, run.id, 1, 10, lot))
            outcomes.append("bound")
        except Refusal as refusal:
            outcomes.append(refusal.first.code.code)

    threads = [Thread(target=bind) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["bound"] + ["label_already_bound"] * 15
    assert stage.balance(lot).labelled == 10 * BAG_MG


# ---- voiding -----------------------------------------------------------------------------------


def test_misprinted_labels_free_lot_and_certificate(stage: Stage):
    lot = stage.lot("rice", "L1", 100 * BAG_MG)
    run = stage.print(100, lot, allowance=certified(100, 0))
    with stage.node.database.read() as session:
        row = require_run(session, run.id)
        before = epoch_of(session, lot)
    assert certificate_units(row, Span(91, 100), VoidReason.MISPRINTED) == 10
    assert certificate_units(row, Span(91, 100), VoidReason.LOST) == 0
    order = VoidLabels(stage.coop, run.id, 91, 100, "misprinted", Returned(10))
    voided = stage.do(void_labels, order)
    payload = entry_of(stage, voided.payload_id)
    assert payload["facts"] == {"number": "JNJP-2026-1", "unit": "piece", "void": 10, "left": 10}
    assert payload["streams"] == sorted(["cert:" + "c" * 20, lot, run.id])
    assert stage.balance(lot).labelled == 90 * BAG_MG
    with stage.node.database.read() as session:
        found = [find_position(session, 1, position) for position in (90, 91, 100)]
        assert epoch_of(session, lot) > before
        assert session.get_one(RunTotals, run.id).void == 10
    assert [each.void for each in found if each] == [False, True, True]
    stage.print(10, lot)


def test_lost_labels_free_nothing(stage: Stage):
    lot = stage.lot("rice", "L1", 100 * BAG_MG)
    run = stage.print(100, lot, allowance=certified(100, 0))
    voided = stage.do(void_labels, VoidLabels(stage.coop, run.id, 1, 10, "lost"))
    payload = entry_of(stage, voided.payload_id)
    assert payload["facts"] == {}
    assert payload["streams"] == sorted([lot, run.id])
    assert stage.balance(lot).labelled == 100 * BAG_MG


VOIDS: Table = [
    ({"reason": "stolen"}, ["void_reason_unknown"]),
    ({"last": 11}, ["label_range_malformed"]),
    ({"run": "run:x"}, ["run_unknown"]),
    ({"first": 4, "last": 6}, ["label_already_void"]),
    ({"owner": "rival"}, ["not_yours"]),
]


def test_which_voids_are_refused(stage: Stage):
    run = stage.print(10)
    stage.do(void_labels, VoidLabels(stage.coop, run.id, 5, 5, "damaged"))
    for changes, expected in VOIDS:
        named = {"owner": stage.rival} if "owner" in changes else changes
        command = replace(VoidLabels(stage.coop, run.id, 1, 3, "damaged"), **named)
        assert refused(stage, void_labels, command) == expected, changes
    with stage.node.database.read() as session:
        assert len(session.scalars(select(LabelVoid)).all()) == 1


def test_void_labels_cannot_be_bound(stage: Stage):
    run = stage.print(10)
    lot = stage.lot("rice", "L1", 50 * BAG_MG)
    stage.do(void_labels, VoidLabels(stage.coop, run.id, 5, 5, "lost"))
    command = BindLabels(stage.coop, run.id, 1, 10, lot)
    assert refused(stage, bind_labels, command) == ["label_already_void"]


def test_the_guard_row_of_a_limit_is_the_lots_own(stage: Stage):
    """A caller cannot make a lot hold more than it does."""
    lot = stage.lot("rice", "L1", BAG_MG)
    generous = PrintAllowance(URL, demo=False, lot=Limit("mg", 10**12, 0, 10**12))
    assert refused(stage, print_run, stage.order(2, lot, allowance=generous)) == ["over_lot"]
