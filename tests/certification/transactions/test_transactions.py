"""Transaction certificates on both databases: bounded by the output, silent about everything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from certification.certificates.commands import GrantLine
from certification.certificates.service import ChangeCertificate, suspend
from certification.transactions.model import number_of
from certification.transactions.service import (
    IssueTransaction,
    VoidTransaction,
    declare_void,
    find_transaction,
    issue,
    of_certificate,
    of_party,
)
from identity.actor import Actor
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened
from tests.certification.conftest import PRODUCT
from tests.certification.desk import GREEN, KG

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
SOLD_ON = date(2026, 10, 20)


def order(desk, decided, quantity="4", **changes):
    asked = {
        "buyer": desk.packer,
        "product": PRODUCT,
        "unit": "公斤",
        "sold_on": SOLD_ON,
        **changes,
    }
    return IssueTransaction(decided.cert_id, quantity=quantity, **asked)


def sell(desk, decided, quantity="4", **changes):
    return desk.run(issue, order(desk, decided, quantity, **changes))


def void(desk, transaction):
    return desk.run(declare_void, VoidTransaction(transaction.number, "退货"))


def test_public_are_number_and_state_alone(desk):
    decided = desk.grant(**GREEN)
    sold = sell(desk, decided, lots=("lot:2", "lot:1"), document="演示〔2026〕9号")
    assert sold.number == "TC-2026-000001"
    payload = logged(desk.node, sold.payload_id)
    assert (payload.type, payload.streams) == ("certification.transaction.issue", (sold.id,))
    assert payload.facts == {"number": sold.number, "state": "issued"}
    assert opened(desk.node, sold.payload_id) == {
        "certificate": decided.cert_id, "account": decided.cert_id, "seller": desk.firm,
        "buyer": desk.packer, "product": PRODUCT, "season": "", "unit": "mg", "units": 4 * KG,
        "typed_value": "4", "typed_unit": "公斤", "sold_on": "2026-10-20",
        "lots": ["lot:1", "lot:2"], "office": desk.actor.party, "document": "演示〔2026〕9号",
    }  # fmt: skip
    voided = void(desk, sold)
    assert logged(desk.node, voided.payload_id).facts == {"number": sold.number, "state": "void"}
    with desk.read() as session:
        found = find_transaction(session, sold.number)
        assert (found.state, found.units, found.lots) == ("void", 4 * KG, ("lot:1", "lot:2"))
        assert of_certificate(session, decided.cert_id) == (found,)
        assert of_party(session, desk.packer) == of_party(session, desk.firm) == (found,)
        assert codes(find_transaction, session, "TC-2026-000002") == ["transaction_unknown"]
    assert codes(void, desk, sold) == ["transaction_void"]
    assert desk.differences() == []


def test_what_is_sold_stays_within_the_output_and_beside_the_labels(desk):
    decided = desk.grant(**GREEN)
    first = sell(desk, decided, "7")
    assert codes(sell, desk, decided, "3.5") == ["over_output_mass"]
    sell(desk, decided, "3")
    assert desk.print(decided.cert_id, 10 * KG).left == 0
    void(desk, first)
    assert sell(desk, decided, "7").number == "TC-2026-000003"
    account = desk.accounts(decided.cert_id)[decided.cert_id]
    assert (account.sold, account.sold_void, account.unsold) == (17 * KG, 7 * KG, 0)
    assert desk.differences() == []


def test_a_season_has_a_side_of_its_own(desk):
    lines = (GrantLine(PRODUCT, "2026", "5", "公斤"), GrantLine(PRODUCT, "2027", "6", "公斤"))
    decided = desk.grant(**{**GREEN, "quantity": None, "unit": None, "lines": lines})
    sell(desk, decided, "5", season="2026")
    assert codes(sell, desk, decided, "1", season="2026") == ["over_output_mass"]
    sell(desk, decided, "6", season="2027")
    assert codes(sell, desk, decided, "1") == ["line_unknown"]
    assert codes(sell, desk, decided, "1", season="2028") == ["line_unknown"]
    assert desk.differences() == []


def test_sales_that_are_none(desk):
    decided, prints = desk.grant(**GREEN), desk.grant()
    refused = [
        (decided, {"buyer": desk.firm}, "transaction_buyer_invalid"),
        (decided, {"buyer": "org:none"}, "transaction_buyer_invalid"),
        (decided, {"product": "prod:x"}, "certificate_not_for_product"),
        (decided, {"sold_on": date(2026, 11, 2)}, "in_the_future"),
        (decided, {"sold_on": date(2026, 9, 30)}, "certificate_not_yet"),
        (decided, {"unit": "件"}, "unit_not_of_account"),
        (decided, {"quantity": "0"}, "quantity_invalid"),
        (decided, {"season": "2026"}, "line_unknown"),
        (decided, {"lots": ("lot:1", "lot:1")}, "transaction_lots"),
        (decided, {"lots": tuple(map(str, range(51)))}, "transaction_lots"),
        (decided, {"document": " "}, "text_empty"),
        (prints, {"unit": "件"}, "transactions_not_offered"),
    ]
    for cert, changes, code in refused:
        assert codes(sell, desk, cert, **changes) == [code], changes
    for actor, code in (
        (Actor(desk.firm, None, frozenset({"grower"})), "not_allowed"),
        (Actor(desk.firm, None, frozenset({"brand_officer"})), "own_certificate"),
        (Actor(desk.second, None, frozenset({"brand_officer"})), "not_appointed"),
    ):
        assert codes(desk.run, issue, order(desk, decided), actor) == [code]
    desk.run(suspend, ChangeCertificate(decided.cert_id, NOV_1, "抽检不合格"))
    assert codes(sell, desk, decided) == ["certificate_suspended"]
    assert desk.differences() == []


def test_two_offices_at_once_sell_the_output_once(desk):
    decided = desk.grant(**GREEN)

    def one(_):
        try:
            return sell(desk, decided, "4").number
        except Refusal as refusal:
            return refusal.first.code.code

    with ThreadPoolExecutor(8) as hands:
        outcomes = sorted(hands.map(one, range(8)))
    assert outcomes == ["TC-2026-000001", "TC-2026-000002"] + ["over_output_mass"] * 6
    assert desk.differences() == []


@pytest.mark.parametrize("serial, number", [(1, "TC-2026-000001"), (10**6, "TC-2026-1000000")])
def test_numbers(serial, number):
    assert number_of(2026, serial) == number
