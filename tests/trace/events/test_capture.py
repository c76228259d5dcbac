"""What becomes of an event: what it moves, why it is rejected, and what a rejection leaves."""

from __future__ import annotations

from typing import Any

import pytest

from identity.actor import Actor
from runtime.refusal import Refusal
from tests.fixtures.nodes import Grow
from tests.trace.chain import (
    MG,
    Farm,
    added,
    event,
    farm,
    goods,
    kg,
    made,
    refused,
    uri,
    wrong,
)
from trace.lots.model import Balance
from trace.products.service import RegisterProduct, register_product
from trace.replay import replay
from web.node import Node


@pytest.fixture
def two(grow: Grow[Farm]) -> Farm:
    """Rice A has 100 kg, B nothing; crabs K has 50 pieces; the rival has Z."""
    return grow(two_lots)


def two_lots(node: Node) -> Farm:
    field = farm(node)
    field.open("A", "B")
    field.open("K", product="crabs")
    field.harvest("A", "100")
    field.harvest("K", "50")
    return field


def healthy(field: Farm) -> bool:
    with field.node.database.read() as session:
        return replay(session, field.node.vault) == []


# What is said of the lot, and what it then has had: received, consumed, sold (kg).
def table_of_moves(a: str, b: str) -> list[tuple[str, Any, tuple[float, float, float]]]:
    return [
        ("harvested", added(a, "5.5"), (105.5, 0, 0)),
        ("in grams", added(a, "1500", unit="GRM"), (101.5, 0, 0)),
        ("seen", event(action="OBSERVE", quantityList=[goods(a, "100")]), (100, 0, 0)),
        ("seen without quantity", event(action="OBSERVE", quantityList=[goods(a)]), (100, 0, 0)),
        ("destroyed", event(action="DELETE", quantityList=[goods(a, "30")]), (100, 0, 30)),
        (
            "sold to the consumer",
            event(action="OBSERVE", bizStep="retail_selling", quantityList=[goods(a, "30")]),
            (100, 0, 30),
        ),
        ("milled", made([goods(a, "60")], [goods(b, "60")]), (100, 60, 0)),
        (
            "taken out of a box",
            event(
                "AggregationEvent",
                action="DELETE",
                parentID="urn:x:box",
                childQuantityList=[goods(a, "60")],
            ),
            (100, 0, 0),
        ),
        ("at another's address", added(a, "5", base="https://other.example"), (100, 0, 0)),
        ("under GS1's host", added(a, "5", base="https://id.gs1.org"), (105, 0, 0)),
        ("one bag of it", event(action="OBSERVE", epcList=[uri(a) + "/21/7"]), (100, 0, 0)),
        ("declared wrong before it came", wrong(added(a, "5")), (100, 0, 0)),
    ]


def test_what_an_event_moves(two: Farm) -> None:
    for number, name in enumerate(each[0] for each in table_of_moves("", "")):
        a, b = f"A{number}", f"B{number}"
        _, told, had = table_of_moves(a, b)[number]
        two.open(a, b)
        two.harvest(a, "100")
        assert two.one(told).outcome == "accepted", name
        balance = two.balance(a)
        moved = (balance.received, balance.consumed, balance.sold)
        assert moved == tuple(int(x * MG) for x in had), name
    assert healthy(two)


REJECTED = [
    ("more than it holds", made([goods("A", "101")], [goods("B", "101")]), "more_than_held"),
    (
        "twice in one event",
        made([goods("A", "60"), goods("A", "60")], [goods("B", "120")]),
        "more_than_held",
    ),
    ("sold over", event(action="DELETE", quantityList=[goods("A", "101")]), "more_than_held"),
    ("mass from nothing", made([goods("A", "10")], [goods("B", "10.1")]), "output_exceeds_input"),
    ("no such lot of ours", added("NONE", "5"), "lot_unknown"),
    ("input without quantity", made([goods("A")], [goods("B", "1")]), "quantity_missing"),
    ("pieces of rice", added("A", "5", unit=None), "wrong_unit"),
    ("kilograms of crabs", added("K", "5", product="crabs"), "wrong_unit"),
    ("half a crab", added("K", "5.5", product="crabs", unit=None), "quantity_not_whole"),
    ("nothing", added("A", "0"), "quantity_malformed"),
    ("with an exponent", added("A", "1.5e1"), "quantity_not_decimal"),
    ("part of a milligram", added("A", "0.0000001"), "quantity_malformed"),
    ("an unknown unit", added("A", "5", unit="LBR"), "quantity_malformed"),
    ("more than numbers hold", added("A", "9007199254.740993"), "quantity_malformed"),
    ("more than numbers hold, together", added("A", "9007199254.740900"), "quantity_malformed"),
    ("an exponent without end", added("A", "1e300"), "quantity_not_decimal"),
    ("below zero", added("A", "-5"), None),
    (
        "before the lot was opened",
        {**added("A", "5"), "eventTime": "2026-08-01T00:00:00Z"},
        "step_before_opening",
    ),
    ("in the future", {**added("A", "5"), "eventTime": "2026-11-01T00:10:01Z"}, None),
    ("no time", {"type": "ObjectEvent", "action": "ADD", "quantityList": [goods("A", "5")]}, None),
]


def test_what_is_rejected_leaves_nothing(two: Farm) -> None:
    before, epoch = two.counts(), two.epoch("A")
    for name, told, code in REJECTED:
        result = two.one(told)
        assert result.outcome == "rejected", name
        assert code is None or code in [fault.code for fault in result.faults], name
        assert all(fault.pointer.startswith("/epcisBody/eventList/0") for fault in result.faults)
        assert all(fault.zh != fault.en for fault in result.faults)
    assert two.counts() == before
    assert two.epoch("A") == epoch
    assert two.balance("A") == Balance(received=100 * MG)


def test_all_reasons_are_listed_the_lowest_first(two: Farm) -> None:
    told = made([goods("A", "200"), goods("NONE", "1")], [goods("B", "0.00000001")])
    told["eventTime"] = "2026-08-01T00:00:00Z"
    codes = [fault.code for fault in two.one(told).faults]
    assert codes == ["quantity_malformed", "lot_unknown", "step_before_opening", "more_than_held"]


def test_another_partys_lot_is_refused(two: Farm) -> None:
    result = two.one(added("A", "5"), party=two.stage.rival)
    assert [fault.code for fault in result.faults] == ["not_yours"]
    stranger = Actor(two.stage.rival, "pers:x", frozenset({"operator"}))
    assert refused(lambda: two.step("harvest", outputs={"A": "5"}, actor=stranger)) == [
        "OTHER_PARTY"
    ]


def test_partner_goods_touch_no_balance_and_are_kept(two: Farm) -> None:
    told = event(
        "TransformationEvent",
        inputQuantityList=[{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877"}],
        outputEPCList=["urn:epc:id:sgtin:4012345.077889.25"],
    )
    before = two.counts()
    result = two.one(told)
    assert result.outcome == "accepted"
    after = two.counts()
    assert after["events"] == before["events"] + 1
    assert after["event_lots"] == before["event_lots"]
    assert healthy(two)


# ---- duplicate, clash, declared an error -------------------------------------------------------


def test_the_same_event_is_a_duplicate_of_the_first(two: Farm) -> None:
    told = added("A", "5")
    first = two.one(told)
    before = two.counts()
    again = two.capture(told, {**told, "recordTime": "2026-10-11T00:00:00Z"}).results
    assert {(each.outcome, each.payload_id) for each in again} == {("duplicate", first.payload_id)}
    assert two.counts() == before
    assert two.balance("A").received == kg("105")


def test_twice_in_one_document_is_a_duplicate_too(two: Farm) -> None:
    first, second = two.capture(added("A", "5"), added("A", "5")).results
    assert (first.outcome, second.outcome) == ("accepted", "duplicate")
    assert second.payload_id == first.payload_id


def test_one_hash_with_another_record_is_a_clash_that_moves_nothing(two: Farm) -> None:
    first = two.one({**added("A", "5"), "eventID": "urn:x:1"})
    clash = two.one({**added("A", "5"), "eventID": "urn:x:2"})
    assert (clash.outcome, clash.refers_to) == ("clash", first.payload_id)
    assert clash.event_hash == first.event_hash
    assert two.balance("A").received == kg("105")
    assert healthy(two)


def test_a_declared_error_takes_the_moves_back_once(two: Farm) -> None:
    told = made([goods("A", "60")], [goods("B", "60")])
    first = two.one(told)
    declared = two.one(wrong(told))
    assert (declared.outcome, declared.refers_to) == ("accepted", first.payload_id)
    assert two.balance("A") == Balance(received=kg("100"))
    assert two.balance("B") == Balance()
    again = two.one(wrong(told, "2026-10-21T08:00:00Z"))
    assert again.outcome == "clash"
    assert two.balance("A") == Balance(received=kg("100"))
    assert two.one(told).outcome == "duplicate"
    assert healthy(two)


def test_a_harvest_is_not_taken_back_twice_from_what_else_there_is(two: Farm) -> None:
    told = added("A", "50")
    two.one(told)
    for day in (20, 21, 22):
        two.one(wrong(told, f"2026-10-{day}T08:00:00Z"))
    assert two.balance("A").received == kg("100")


def test_a_clash_declared_wrong_takes_back_what_the_first_has_moved(two: Farm) -> None:
    two.one(wrong(added("A", "5")))
    late = two.one(added("A", "5"))
    assert late.outcome == "clash"
    two.one(wrong(added("A", "5"), "2026-10-21T08:00:00Z"))
    assert two.balance("A").received == kg("100")
    assert healthy(two)


def test_what_has_been_used_cannot_be_taken_back(two: Farm) -> None:
    told = added("B", "10")
    two.one(told)
    two.one(event(action="DELETE", quantityList=[goods("B", "1")]))
    faults = two.one(wrong(told)).faults
    assert [fault.code for fault in faults] == ["more_than_held"]
    assert two.balance("B").received == kg("10")


def test_anothers_event_cannot_be_declared_wrong(two: Farm) -> None:
    told = event(action="OBSERVE", epcList=["urn:epc:id:sgtin:4012345.077889.25"])
    two.one(told)
    assert two.one(wrong(told), party=two.stage.rival).outcome == "clash"
    assert two.one(wrong(told)).outcome == "accepted"
    assert healthy(two)


def test_lots_of_digits_that_share_a_hash_are_not_taken_back_for_one_another(two: Farm) -> None:
    # CBV 2.0 hashes digit strings as doubles: these two batch numbers are one number there.
    codes = ("12345678901234567", "12345678901234568")
    two.open(*codes)
    told = {**added(codes[0], "5"), "farm:lot": codes[0]}
    two.one(told)
    other = wrong({**added(codes[1], "5"), "farm:lot": codes[1]})
    two.one(added(codes[1], "9"))
    result = two.one(other)
    assert two.balance(codes[1]).received == kg("9")
    assert result.outcome in ("rejected", "accepted")
    assert healthy(two)


def test_a_step_declared_wrong_orders_nothing_any_more(two: Farm) -> None:
    sold = {
        **event(action="OBSERVE", quantityList=[goods("A", "5")]),
        "eventTime": "2026-10-05T00:00:00Z",
        "farm:step": "https://ns.ecotrace.example/farm/1/sale",
    }
    packed = {
        **event(action="OBSERVE", quantityList=[goods("A")]),
        "farm:step": "https://ns.ecotrace.example/farm/1/packing",
    }
    assert two.one(sold).outcome == "accepted"
    assert [fault.code for fault in two.one(packed).faults] == ["step_out_of_order"]
    later, declared = two.capture(wrong(sold), packed).results
    assert (later.outcome, declared.outcome) == ("accepted", "accepted")
    assert two.balance("A").sold == 0


# ---- order, documents, openings ----------------------------------------------------------------

ORDERS = [
    (("harvest", 3), ("packing", 2), False),
    (("harvest", 3), ("packing", 3), True),
    (("packing", 3), ("harvest", 4), False),
    (("packing", 3), ("harvest", 2), True),
    (("sale", 3), ("packing", 4), False),
    (("harvest", 3), ("storage", 1), True),
    (("sale", 3), ("transport", 9), True),
    (("harvest", 3), ("harvest", 9), True),
    (("sale", 5), ("sale", 1), True),
]


def test_the_stages_are_in_order(field: Farm) -> None:
    for number, (first, second, passes) in enumerate(ORDERS):
        lot = f"L{number}"
        field.open(lot)
        field.one(added(lot, "100"))
        codes = [refused(lambda s=s, at=lot: ordered(field, at, *s)) for s in (first, second)]
        assert codes == [[], [] if passes else ["STEP_OUT_OF_ORDER"]], (first, second)


def ordered(field: Farm, lot: str, step: str, day: int) -> None:
    part = "outputs" if step in ("harvest", "packing") else "lots"
    parts: dict[str, Any] = {part: {lot: "10"}}
    field.step(step, day, **parts)


def test_a_mixed_document_keeps_the_good_and_nothing_of_the_rest(two: Farm) -> None:
    two.one(added("A", "1"))
    before = two.counts()
    results = two.capture(
        added("A", "1"),
        added("A", "2"),
        made([goods("A", "500")], [goods("B", "500")]),
        {"type": "Nonsense"},
        made([goods("A", "103")], [goods("B", "103")]),
        event(action="DELETE", quantityList=[goods("A", "1")]),
    ).results
    outcomes = [each.outcome for each in results]
    assert outcomes == ["duplicate", "accepted", "rejected", "rejected", "accepted", "rejected"]
    after = two.counts()
    assert {name: after[name] - before[name] for name in after if name != "log"} == {
        "events": 2,
        "event_lots": 3,
        "event_names": 2,
        "lot_edges": 1,
        "documents": 1,
    }
    assert after["log"] == before["log"] + 2
    assert healthy(two)


def test_a_document_without_anything_new_is_not_kept(two: Farm) -> None:
    told = added("A", "1")
    two.one(told)
    before = two.counts()
    results = two.capture(told, added("A", "-1"), {"type": 7}).results
    assert [each.outcome for each in results] == ["duplicate", "rejected", "rejected"]
    assert two.counts() == before


def test_the_openings_are_what_was_received_and_understood(two: Farm) -> None:
    result = two.one({**added("A", "5.50"), "farm:operator": "王小明", "farm:variety": "小站稻"})
    opened = two.opened(result.payload_id)
    assert set(opened) == {"raw", "understood", "shown"}
    assert opened["raw"]["pointer"] == "/epcisBody/eventList/0"
    (lot,) = opened["understood"]["quantityList"]
    assert lot == {"epcClass": uri("A"), "quantity": "5.50", "uom": "KGM"}
    assert opened["shown"] == {
        "step": "ObjectEvent",
        "at": "2026-10-10T00:00:00.000000Z",
        "offset": "+08:00",
        "details": {"variety": "小站稻"},
        "goods": [{"lot": "A", "typed": ["5.50", "公斤"]}],
    }


FORGED: list[dict[str, Any]] = [
    {"farm:goods": "x"},
    {"farm:goods": {"farm:lot": 1}},
    {"farm:goods": [{}, 1, None, ["x"]]},
    {"farm:goods": [{"farm:lot": uri("A"), "farm:typedValue": "9000", "farm:typedUnit": "公斤"}]},
    {"farm:goods": [{"farm:lot": uri("A"), "farm:typedValue": 5, "farm:typedUnit": "公斤"}]},
    {"farm:goods": [{"farm:lot": "::", "farm:typedValue": "x", "farm:typedUnit": "y"}]},
    {"farm:step": ["x"]},
    {"farm:variety": {"farm:operator": "王小明"}},
    {"farm:pieces": 7},
]


def test_forged_extensions_show_nothing_but_the_events_own_quantity(two: Farm) -> None:
    for number, forged in enumerate(FORGED):
        at = f"2026-10-11T08:00:{number:02}.000+08:00"
        result = two.one({**added("A", "5"), **forged, "eventTime": at})
        assert result.outcome == "accepted", forged
        shown = two.opened(result.payload_id)["shown"]
        assert shown["goods"] == [{"lot": "A", "typed": ["5", "公斤"]}], forged
        assert "王小明" not in str(shown)


def test_a_party_nobody_can_sign_for_claims_no_name(two: Farm) -> None:
    before = two.counts()
    with pytest.raises(Refusal):
        two.one(added("A", "5"), party="org:" + "x" * 20)
    assert two.counts() == before
    assert two.one(added("A", "5")).outcome == "accepted"


def test_a_product_with_a_gtin_keeps_the_address_of_its_code(two: Farm) -> None:
    gtin = "06901234567892"
    two.stage.do(
        register_product,
        RegisterProduct(two.stage.coop, "pear", "梨", "Pear", "fruit", "mass", gtin),
    )
    two.open("G", product="pear")
    by_code = f"{uri('G', product='pear')}"
    by_gtin = f"https://id.gs1.org/01/{gtin}/10/G"
    assert two.one(added("G", "10", product="pear")).outcome == "accepted"
    assert two.balance("G").received == kg("10")
    both = event(
        action="DELETE",
        quantityList=[
            {**goods("G", "6", product="pear"), "epcClass": by_code},
            {**goods("G", "6"), "epcClass": by_gtin},
        ],
    )
    assert [fault.code for fault in two.one(both).faults] == ["more_than_held"]
    assert healthy(two)


# ---- pages ------------------------------------------------------------------------------------


def test_pages_of_touched_lots_and_what_came_from_them_are_made_anew(field: Farm) -> None:
    field.open("A", "B", "C", "D")
    field.harvest("A", "100")
    field.split("A", {"B": "60"})
    field.merge({"B": "30"}, "C")
    before = {code: field.epoch(code) for code in "ABCD"}
    field.step("inspection", 3, lots={"B": None})
    after = {code: field.epoch(code) for code in "ABCD"}
    assert {code for code in "ABCD" if after[code] > before[code]} == {"B", "C"}
