"""Print permits as use cases on both databases: what they write, what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from certification.certificates.service import ChangeCertificate, resume, suspend
from certification.permits.register import find_permit, of_certificate, of_holder
from certification.permits.service import (
    ChangePermit,
    MovePermit,
    OpenPermit,
    close_permit,
    freeze_permit,
    move_permit,
    open_permit,
    thaw_permit,
)
from identity.actor import Actor
from tests.certification.books import codes, logged, opened
from tests.certification.desk import GREEN, KG

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)


def shown(desk, permit):
    with desk.read() as session:
        return find_permit(session, permit.number, NOV_1)


def test_a_permit_takes_from_the_certificate_and_publishes_the_edges(desk):
    decided = desk.grant()
    permit = desk.open(decided.cert_id, "4", document="演示〔2026〕5号", case_id="case:1")
    assert (permit.number, permit.state, permit.left) == ("JNJPZY-2026-00001", "open", 4)
    payload = logged(desk.node, permit.payload_id)
    assert payload.type == "certification.permit.open"
    assert payload.streams == (decided.cert_id, permit.permit_id)
    assert payload.facts == {
        "number": decided.number, "permit": permit.number, "unit": "piece", "units": 4, "left": 4,
        "from_left": 6,
    }  # fmt: skip
    assert opened(desk.node, permit.payload_id) == {
        "holder": desk.packer, "case": "case:1", "typed_value": "4", "typed_unit": "件",
        "office": desk.actor.party, "document": "演示〔2026〕5号", "reason": "按计划准印",
    }  # fmt: skip
    assert desk.packer not in str(payload)
    second = desk.open(decided.cert_id, "6", desk.second)
    assert second.number == "JNJPZY-2026-00002"
    assert codes(desk.open, decided.cert_id, "1") == ["over_account_pieces"]
    assert codes(desk.print, decided.cert_id, 1) == ["over_quota_pieces"]
    with desk.read() as session:
        found = [each.number for each in of_certificate(session, decided.cert_id, NOV_1)]
        assert [each.number for each in of_holder(session, desk.second, NOV_1)] == found[1:]
    assert found == [permit.number, second.number]
    assert desk.differences() == []


def test_a_quantity_moves_between_packing_houses(desk):
    decided = desk.grant(**GREEN)
    first = desk.open(decided.cert_id, "4", unit="公斤")
    second = desk.open(decided.cert_id, "5", desk.second, unit="公斤")
    desk.print(first.permit_id, 3 * KG)
    assert codes(desk.move, first.number, second.number, "1.5", "公斤") == ["over_account_mass"]
    moved = desk.move(first.number, second.number, "1", "公斤")
    assert (moved.number, moved.left) == (first.number, 0)
    payload = logged(desk.node, moved.payload_id)
    assert payload.streams == tuple(sorted([decided.cert_id, first.permit_id, second.permit_id]))
    assert payload.facts == {
        "number": decided.number, "permit": first.number, "to": second.number, "unit": "mg",
        "units": KG, "left": 0, "to_left": 6 * KG,
    }  # fmt: skip
    assert shown(desk, second).account.left == 6 * KG
    assert codes(desk.move, first.number, first.number, "1", "公斤") == ["permit_same"]
    assert codes(desk.move, first.number, "none", "1", "公斤") == ["permit_unknown"]
    assert codes(desk.move, second.number, first.number, "1", "件") == ["unit_not_of_account"]
    other = desk.grant(**{**GREEN, "number": "GF370505261235"})
    foreign = desk.open(other.cert_id, "1", unit="公斤")
    assert codes(desk.move, second.number, foreign.number, "1", "公斤") == ["permits_apart"]
    assert desk.differences() == []


def test_a_frozen_permit_prints_and_moves_nothing(desk):
    decided = desk.grant()
    first, second = desk.open(decided.cert_id, "4"), desk.open(decided.cert_id, "1", desk.second)
    frozen = desk.change(freeze_permit, first.number)
    assert frozen.state == "frozen"
    assert logged(desk.node, frozen.payload_id).facts == {
        "number": decided.number, "permit": first.number,
    }  # fmt: skip
    assert codes(desk.print, first.permit_id, 1) == ["permit_frozen"]
    assert codes(desk.move, first.number, second.number, "1") == ["permit_frozen"]
    assert codes(desk.move, second.number, first.number, "1") == ["permit_frozen"]
    assert codes(desk.change, freeze_permit, first.number) == ["permit_frozen"]
    assert shown(desk, first).words.zh == "已冻结"
    assert desk.change(thaw_permit, first.number).state == "open"
    assert codes(desk.change, thaw_permit, first.number) == ["permit_not_frozen"]
    assert desk.print(first.permit_id, 4).left == 0
    assert desk.differences() == []


def test_permits_stop_with_their_certificate_and_nothing_is_written_for_it(desk):
    decided = desk.grant()
    permit = desk.open(decided.cert_id, "4")
    desk.run(suspend, ChangeCertificate(decided.cert_id, NOV_1, "抽检不合格"))
    assert codes(desk.print, permit.permit_id, 1) == ["certificate_suspended"]
    assert codes(desk.open, decided.cert_id, "1") == ["certificate_suspended"]
    found = shown(desk, permit)
    assert (found.state, found.usable, found.words.en) == (
        "open", False, "Stopped with its certificate",
    )  # fmt: skip
    assert len(found.deeds) == 1
    assert codes(desk.change, thaw_permit, permit.number) == ["permit_not_frozen"]
    assert desk.change(freeze_permit, permit.number).state == "frozen"
    desk.run(resume, ChangeCertificate(decided.cert_id, NOV_1, "整改合格", "评〔2026〕1号"))
    assert codes(desk.print, permit.permit_id, 1) == ["permit_frozen"]
    assert desk.differences() == []


@pytest.mark.parametrize("green", [True, False])
def test_closing_gives_the_rest_back_and_later_voids_too(desk, green):
    unit, each = ("公斤", KG) if green else ("件", 1)
    decided = desk.grant(**GREEN) if green else desk.grant()
    permit = desk.open(decided.cert_id, "4", unit=unit)
    desk.print(permit.permit_id, 3 * each)
    closed = desk.change(close_permit, permit.number)
    assert (closed.state, closed.left) == ("closed", 0)
    assert logged(desk.node, closed.payload_id).facts == {
        "number": decided.number, "permit": permit.number, "unit": "mg" if green else "piece",
        "units": each, "to_left": 7 * each,
    }  # fmt: skip
    assert codes(desk.print, permit.permit_id, 1) == ["permit_closed"]
    assert codes(desk.change, close_permit, permit.number) == ["permit_closed"]
    assert codes(desk.change, freeze_permit, permit.number) == ["permit_closed"]
    voided = desk.void(permit.permit_id, 2 * each)
    # A void label frees its quantity only where output is bounded.
    assert (voided.left, voided.taker_left) == ((0, 9 * each) if green else (0, None))
    accounts = desk.accounts(decided.cert_id)
    assert accounts[decided.cert_id].left == (9 if green else 7) * each
    assert codes(desk.void, permit.permit_id, 2 * each) == ["over_void"]
    assert desk.differences() == []


def test_who_may_not_decide_about_permits(desk):
    decided = desk.grant()
    permit = desk.open(decided.cert_id, "4")
    grower = Actor(desk.firm, None, frozenset({"grower"}))
    holder = Actor(desk.firm, None, frozenset({"brand_officer"}))
    packer = Actor(desk.packer, None, frozenset({"brand_officer"}))
    foreign = Actor(desk.second, None, frozenset({"brand_officer"}))
    asked = (
        (open_permit, OpenPermit(decided.cert_id, desk.packer, "1", "件", "准印")),
        (move_permit, MovePermit(permit.number, permit.number, "1", "件", "调剂")),
        (freeze_permit, ChangePermit(permit.number, "检查")),
        (thaw_permit, ChangePermit(permit.number, "检查")),
        (close_permit, ChangePermit(permit.number, "检查")),
    )
    for use_case, command in asked:
        assert codes(desk.run, use_case, command, grower) == ["not_allowed"]
        for own in (holder, packer):
            assert codes(desk.run, use_case, command, own) == ["own_certificate"]
        assert codes(desk.run, use_case, command, foreign) == ["not_appointed"]
    assert desk.accounts(decided.cert_id)[decided.cert_id].left == 6


def test_openings_that_are_none(desk):
    decided = desk.grant()
    free = {"to_date": None, "quantity": None, "unit": None}
    unbounded = desk.grant(number="GI-911201000000000001", scheme="gi", **free)
    for cert_id, quantity, more, expected in (
        ("cert:none", "1", {}, "certificate_unknown"),
        (unbounded.cert_id, "1", {}, "quantity_not_bounded"),
        (decided.cert_id, "0", {}, "quantity_invalid"),
        (decided.cert_id, "x", {}, "quantity_invalid"),
        (decided.cert_id, "1", {"unit": "公斤"}, "unit_not_of_account"),
        (decided.cert_id, "11", {}, "over_account_pieces"),
        (decided.cert_id, "1", {"season": "2026"}, "line_unknown"),
        (decided.cert_id, "1", {"holder": "org:none"}, "party_unknown"),
        (decided.cert_id, "1", {"document": "<b>"}, "text_markup"),
    ):
        assert codes(desk.open, cert_id, quantity, **more) == [expected]
    # A refusal gives its number back.
    assert desk.open(decided.cert_id, "10").number == "JNJPZY-2026-00001"
    assert desk.differences() == []
