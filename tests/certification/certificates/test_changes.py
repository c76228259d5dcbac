"""Amending, confirming, ending and moving certificates: use cases, fields, entries, replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from certification.certificates.commands import (
    AmendCertificate,
    AnnulChange,
    ChangeCertificate,
    ConfirmCertificate,
    GrantLine,
    MarkDay,
    SucceedCertificate,
    TransferBody,
)
from certification.certificates.register import (
    ending_soon,
    field_history,
    fields_at,
    find,
    of_product,
)
from certification.certificates.service import (
    amend,
    annul,
    cancel,
    confirm,
    pass_on,
    revoke,
    supersede,
    suspend,
    transfer_body,
)
from certification.quotas.service import lines, quotas
from certification.replay import replay
from identity.actor import SYSTEM
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from ledger.reader import LogReader
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.conftest import GRANTED_AT, PRODUCT, open_appointed_office
from tests.identity.codes import made_code

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OTHER = "prod:BBBBBBBBBBBBBBBBBBBB"
BASE, SECOND = "base:AAAAAAAAAAAAAAAAAAAA", "base:BBBBBBBBBBBBBBBBBBBB"


def amended(office, decided, **changes):
    office.node.clock.advance(HOUR)
    order = AmendCertificate(decided.cert_id, office.node.clock.now(), "变更", **changes)
    return office.run(amend, order)


def seen(office, decided, at=None):
    now = office.node.clock.now()
    with office.read() as session:
        return find(session, decided.cert_id, at or now, now)


def healthy(office):
    with office.read() as session:
        assert replay(session, office.node.vault) == []


def test_a_renewal_keeps_number_and_stream_and_publishes_its_days(office):
    decided = office.grant()
    renewed = amended(office, decided, from_date=date(2027, 10, 1), to_date=date(2030, 9, 30))
    assert (renewed.number, renewed.n, renewed.state) == (decided.number, 2, "active")
    payload = logged(office.node, renewed.payload_id)
    assert payload.streams == (decided.cert_id,)
    assert {name: payload.facts.get(name) for name in ("from", "to", "granted", "mark_from")} == {
        "from": "2027-10-01", "to": "2030-09-30", "granted": None, "mark_from": None,
    }  # fmt: skip
    certificate = seen(office, decided)
    assert (certificate.from_date, certificate.to_date) == (date(2026, 10, 1), date(2027, 9, 30))
    assert certificate.entry_of("term") == decided.payload_id
    later = seen(office, decided, datetime(2028, 1, 1, tzinfo=UTC))
    assert (later.status.state, later.to_date) == ("active", date(2030, 9, 30))
    assert later.entry_of("term") == renewed.payload_id
    with office.read() as session:
        assert ending_soon(session, datetime(2027, 9, 1, tzinfo=UTC)) == ()
        assert len(ending_soon(session, datetime(2030, 9, 1, tzinfo=UTC))) == 1
    healthy(office)


def test_every_field_has_its_history(office):
    decided = office.grant(bases=(BASE,))
    amended(office, decided, products=(PRODUCT, OTHER))
    amended(office, decided, bases=(SECOND,), quantity="15", unit="件")
    certificate = seen(office, decided)
    assert (certificate.products, certificate.bases) == ((PRODUCT, OTHER), (SECOND,))
    assert certificate.quota.granted == 15
    assert certificate.entry_of("granted") == certificate.payload_ids[2]
    first = fields_at(certificate, NOV_1)
    assert (first.products, first.bases, first.granted) == ((PRODUCT,), (BASE,), 10)
    told = [(each.n, each.field, each.before, each.after) for each in field_history(certificate)]
    assert told[-3:] == [
        (2, "products", PRODUCT, f"{PRODUCT} {OTHER}"),
        (3, "bases", BASE, SECOND),
        (3, "granted", "10 piece", "15 piece"),
    ]
    with office.read() as session:
        now = office.node.clock.now()
        assert [each.cert_id for each in of_product(session, OTHER, now, now)] == [decided.cert_id]
        assert of_product(session, OTHER, NOV_1, now) == ()
    healthy(office)


def test_an_annulled_amendment_takes_its_part_back_and_nothing_else(office):
    decided = office.grant()
    amended(office, decided, quantity="15", unit="件")
    amended(office, decided, products=(PRODUCT, OTHER))
    office.run(annul, AnnulChange(decided.cert_id, 2, "误录"))
    certificate = seen(office, decided)
    assert (certificate.quota.granted, certificate.products) == (10, (PRODUCT, OTHER))
    healthy(office)


def test_goods_in_conversion_bear_no_mark_before_their_day(office):
    ready = MarkDay(SECOND, date(2026, 12, 1))
    decided = office.grant(bases=(BASE, SECOND), mark_days=(ready,))
    assert logged(office.node, decided.payload_id).facts["mark_from"] == "2026-12-01"
    assert opened(office.node, decided.payload_id)["marks"] == [[SECOND, "2026-12-01"]]
    amended(office, decided, products=(PRODUCT, OTHER))
    certificate = seen(office, decided)
    # In Beijing the first of December begins at 16:00 UTC of the day before.
    last = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    for product, base, at, allowed in (
        (PRODUCT, BASE, last, True),
        (PRODUCT, None, last, True),
        (PRODUCT, SECOND, last, False),
        (PRODUCT, SECOND, last + timedelta(minutes=1), True),
        (OTHER, SECOND, last, False),
        (OTHER, BASE, NOV_1, False),
        (PRODUCT, "base:CCCCCCCCCCCCCCCCCCCC", last, False),
    ):
        assert certificate.may_use_mark(product, base, at) is allowed, (product, base, at)
    healthy(office)


def test_a_listing_is_confirmed_year_by_year_or_lapses(office):
    code = "CAQS-MTYX-20260001"
    listed = {"number": code, "scheme": "mtyx", "to_date": None, "quantity": None, "unit": None}
    decided = office.grant(**listed, confirm_by=date(2026, 11, 20))
    order = ConfirmCertificate(decided.cert_id, NOV_1, date(2027, 11, 20), "年度确认")
    with office.read() as session:
        soon = ending_soon(session, NOV_1)
        assert [each.confirm_by for each in soon] == [date(2026, 11, 20)]
    confirmed = office.run(confirm, order)
    assert logged(office.node, confirmed.payload_id).facts["confirm_by"] == "2027-11-20"
    assert codes(office.run, confirm, order) == ["confirm_by_not_later"]
    certificate = seen(office, decided, datetime(2027, 11, 20, 16, tzinfo=UTC))
    assert certificate.status.state == "expired"
    assert certificate.entry_of("confirm_by") == confirmed.payload_id
    healthy(office)


def test_ends_that_are_no_sanction(office):
    other = RegisterParty("enterprise", "演示果业", None, made_code("91", 2), "370505")
    heir = office.run(register_party, other, SYSTEM).id
    first = office.grant()
    second = office.grant(number="JNJP-2026-0002")
    third = office.grant(number="JNJP-2026-0003", holder=heir)

    def succeed(use_case, successor, **changes):
        order = SucceedCertificate(first.cert_id, NOV_1, successor, "办理", **changes)
        return codes(office.run, use_case, order)

    assert succeed(supersede, third.number) == ["successor_holder"]
    assert succeed(pass_on, second.number) == ["successor_holder"]
    assert succeed(supersede, first.number) == ["successor_not_valid"]
    assert succeed(supersede, "JNJP-2026-9999") == ["certificate_unknown"]
    assert succeed(pass_on, third.number, successor_scheme="green") == ["certificate_unknown"]
    order = SucceedCertificate(first.cert_id, NOV_1, third.number, "基地流转")
    passed = office.run(pass_on, order)
    facts = logged(office.node, passed.payload_id).facts
    assert (facts["successor"], facts["successor_scheme"]) == (third.number, "jnjp")
    assert passed.state == "transferred"
    assert succeed(supersede, second.number) == ["certificate_transferred"]
    given_up = ChangeCertificate(second.cert_id, NOV_1, "停产")
    assert office.run(cancel, given_up).state == "cancelled"
    assert codes(office.run, revoke, given_up) == ["certificate_cancelled"]
    back = office.run(annul, AnnulChange(second.cert_id, 2, "误办"))
    assert back.state == "active"
    order = SucceedCertificate(second.cert_id, NOV_1, third.number, "换发")
    assert codes(office.run, supersede, order) == ["successor_holder"]
    healthy(office)


def test_another_body_takes_over_and_signs(office):
    body = RegisterParty("enterprise", "演示认证公司", None, made_code("91", 3), "110000")
    to = office.run(register_party, body, SYSTEM).id
    decided = office.grant()
    order = TransferBody(
        decided.cert_id, NOV_1, to, "原机构退出", move_id="move:AAAAAAAAAAAAAAAAAAAA"
    )
    for wrong in ("org:AAAAAAAAAAAAAAAAAAAA", made_code("91", 3)):
        assert codes(office.run, transfer_body, replace(order, to=wrong)) == ["body_invalid"]
    moved = office.run(transfer_body, order)
    payload = logged(office.node, moved.payload_id)
    assert (moved.state, moved.number) == ("active", decided.number)
    assert payload.facts["to"] == to
    with office.read() as session:
        key = LogReader(session).key_of(payload.actor)
        assert key is not None
        assert key.stream == to
    certificate = seen(office, decided)
    assert (certificate.body, certificate.to_date) == (to, date(2027, 9, 30))
    assert codes(office.run, transfer_body, order) == ["body_invalid"]
    healthy(office)


def test_lines_bound_a_certificate_product_by_product(office):
    parts = (GrantLine(PRODUCT, "2026", "6", "件"), GrantLine(PRODUCT, "2027", "4", "件"))
    bounded: dict[str, Any] = {"quantity": None, "unit": None, "lines": parts}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({**bounded, "quantity": "10", "unit": "件"}, "quantity_twice"),
        ({**bounded, "lines": (replace(parts[0], product=OTHER),)}, "line_not_of_scope"),
        ({**bounded, "lines": (*parts, parts[0])}, "scope_repeated"),
        ({**bounded, "lines": (replace(parts[0], quantity="0"),)}, "quantity_invalid"),
        ({**bounded, "lines": (replace(parts[0], unit="亩"),)}, "unit_not_of_scheme"),
        ({**bounded, "lines": (replace(parts[0], season="spring"),)}, "season_malformed"),
    ]
    for changes, code in wrong:
        assert codes(office.grant, **changes) == [code], code
    decided = office.grant(**bounded)
    with office.read() as session:
        opened_lines = lines(session, [decided.cert_id])[decided.cert_id]
        assert [(each.product, each.season) for each in opened_lines] == [
            (PRODUCT, "2026"), (PRODUCT, "2027"),
        ]  # fmt: skip
        assert quotas(session, [decided.cert_id])[decided.cert_id].granted == 10
    order = AmendCertificate(decided.cert_id, NOV_1, "变更", quantity="20", unit="件")
    assert codes(office.run, amend, order) == ["quantity_twice"]
    healthy(office)


REFUSED_AMENDMENTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["nothing_changed"]),
    ({"products": ()}, ["products_missing"]),
    ({"quantity": "1", "unit": "公斤"}, ["unit_not_of_scheme"]),
    ({"quantity": "1", "unit": "亩"}, ["unit_not_of_scheme"]),
    ({"quantity": "一", "unit": "件"}, ["quantity_invalid"]),
    ({"to_date": date(2026, 9, 1)}, ["dates_reversed"]),
    ({"to_date": date(2031, 1, 1)}, ["validity_too_long"]),
    ({"endless": True}, ["end_missing"]),
    ({"from_date": date(2027, 10, 3), "to_date": date(2028, 1, 1)}, ["term_gap"]),
    ({"mark_days": (MarkDay(OTHER, date(2027, 1, 1)),)}, ["mark_day_not_of_scope"]),
    ({"effective_at": NOV_1 + HOUR, "to_date": date(2027, 1, 1)}, ["in_the_future"]),
    ({"effective_at": GRANTED_AT - HOUR, "to_date": date(2027, 1, 1)}, ["out_of_order"]),
    ({"reason": "", "to_date": date(2027, 1, 1)}, ["text_empty"]),
]


def test_refused_amendments_leave_nothing(office):
    decided = office.grant()
    before = rows_of(office.node, TABLES)
    for changes, expected in REFUSED_AMENDMENTS:
        order = replace(AmendCertificate(decided.cert_id, NOV_1, "变更"), **changes)
        assert codes(office.run, amend, order) == expected, changes
    assert rows_of(office.node, TABLES) == before


def test_only_an_office_amends_and_never_its_own(office):
    decided = office.grant()
    order = AmendCertificate(decided.cert_id, NOV_1, "变更", to_date=date(2027, 1, 1))
    grower = replace(office.actor, roles=frozenset({"grower"}))
    assert codes(office.run, amend, order, grower) == ["not_allowed"]
    own = replace(office.actor, party=office.firm)
    assert codes(office.run, amend, order, own) == ["own_certificate"]
    case = replace(order, case_id="case:AAAAAAAAAAAAAAAAAAAA")
    assert office.run(amend, case, grower).n == 2


# --- Replay --------------------------------------------------------------------------------------

TABLES = (
    "certification_certificates",
    "certification_scopes",
    "certification_amendments",
    "certification_changes",
    "certification_quotas",
)
ALTERED = [
    ("certificates", "granted = 9", "granted"),
    ("certificates", "to_date = '2028-01-01'", "to_date"),
    ("certificates", "number = 'X' || granted", "number"),
    ("certificates", "basis = 'case'", "basis"),
    ("certificates", "body = 'org:AAAAAAAAAAAAAAAAAAAA'", "body"),
    ("changes", "effective_at = effective_at - 1", "effective_at"),
    ("changes", "recorded_at = recorded_at + 1", "recorded_at"),
    ("changes", "reason = 'x'", "reason"),
    ("changes", "case_id = 'case:AAAAAAAAAAAAAAAAAAAA'", "case"),
    ("changes", "confirm_by = '2028-01-01'", "confirm_by"),
    ("changes", "successor = 'JNJP-2026-0009'", "successor"),
    ("changes", "to_body = 'org:AAAAAAAAAAAAAAAAAAAA'", "to"),
    ("amendments", "to_date = '2028-01-02' WHERE n = 2", "to_date"),
    ("amendments", "granted = 99 WHERE n = 2", "granted"),
    ("scopes", "mark_from = '2028-01-01'", "mark_from"),
]


@pytest.fixture
def busy(grow):
    """A certificate on which everything was done that has rows of its own."""

    def done(node):
        office = open_appointed_office(node)
        decided = office.grant(bases=(BASE, SECOND), mark_from=date(2026, 10, 5))
        amended(office, decided, quantity="15", unit="件", to_date=date(2028, 1, 1))
        amended(office, decided, products=(PRODUCT, OTHER))
        now = office.node.clock.now()
        office.run(suspend, ChangeCertificate(decided.cert_id, now, "抽检不合格"))
        office.run(annul, AnnulChange(decided.cert_id, 4, "误录"))
        return office

    return grow(done)


GONE = [("changes", 5, "n"), ("amendments", 2, "n"), ("scopes", 3, "products")]


def test_every_altered_value_is_named(busy, tamper):
    healthy(busy)
    stored = rows_of(busy.node, TABLES)
    changed = [f"UPDATE certification_{name} SET {what}" for name, what, _ in ALTERED]
    assert {(name, column) for name, _, column in ALTERED} <= found_after(busy, tamper, changed)
    put_back(busy.node, tamper, stored)
    gone = [f"DELETE FROM certification_{name} WHERE n = {n}" for name, n, _ in GONE]
    named = found_after(busy, tamper, gone)
    assert named >= {("changes", "n"), ("amendments", "n"), ("changes", "products")}


def found_after(office, tamper, statements):
    """What the replay finds after all of these, as (table, column)."""
    with tamper(office.node.database) as connection:
        for statement in statements:
            connection.execute(text(statement))
    with office.read() as session:
        found = replay(session, office.node.vault)
    # What is committed is compared with the decision that committed it.
    return {(each.table.removeprefix("certification_"), each.column) for each in found}
