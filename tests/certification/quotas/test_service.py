"""Accounts on both databases: booking, lines, and which account bounds a print run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from certification.certificates.commands import AmendCertificate, GrantLine
from certification.certificates.service import ChangeCertificate, amend, suspend
from certification.lines.service import AddLine, AmendLine, add_line, amend_line
from certification.permits.service import close_permit, freeze_permit
from certification.quotas.service import lock, quotas
from certification.uses import service as uses
from tests.certification.books import codes, logged
from tests.certification.conftest import PRODUCT
from tests.certification.desk import GREEN, KG
from tests.fixtures.nodes import transaction

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
OTHER = "prod:BBBBBBBBBBBBBBBBBBBB"
LINES = (GrantLine(PRODUCT, "2026", "5", "公斤"), GrantLine(PRODUCT, "2027", "6", "公斤"))
LINED = {**GREEN, "quantity": None, "unit": None, "lines": LINES}


def stop(desk, cert_id):
    desk.run(suspend, ChangeCertificate(cert_id, NOV_1, "抽检不合格"))


def stored(desk, cert_id):
    with desk.read() as session:
        return quotas(session, [cert_id])[cert_id]


def test_printing_and_voiding(desk):
    decided = desk.grant()
    taken = desk.print(decided.cert_id, 9)
    assert (taken.number, taken.unit, taken.printed, taken.left) == (
        decided.number, "piece", 9, 1,
    )  # fmt: skip
    assert codes(desk.print, decided.cert_id, 2) == ["over_quota_pieces"]
    voided = desk.void(decided.cert_id, 4)
    assert (voided.void, voided.left) == (4, 1)
    assert codes(desk.void, decided.cert_id, 6) == ["over_void"]
    assert codes(desk.print, decided.cert_id, 0) == ["units_invalid"]
    assert codes(desk.print, decided.cert_id, 2**53) == ["units_invalid"]
    assert codes(desk.print, "cert:none", 1) == ["certificate_unknown"]
    assert stored(desk, decided.cert_id).printed == 9
    stop(desk, decided.cert_id)
    assert codes(desk.print, decided.cert_id, 1) == ["certificate_suspended"]
    assert desk.void(decided.cert_id, 5).void == 9
    assert desk.differences() == []


def test_output_that_is_voided_can_be_printed_again(desk):
    decided = desk.grant(**GREEN)
    desk.print(decided.cert_id, 10 * KG)
    desk.void(decided.cert_id, 5 * KG)
    assert desk.print(decided.cert_id, 5 * KG).left == 0
    assert codes(desk.print, decided.cert_id, 1) == ["over_quota_mass"]


def test_a_quantity_is_not_reduced_below_what_is_used(desk):
    decided = desk.grant(**GREEN)
    permit = desk.open(decided.cert_id, "4", unit="公斤")
    desk.print(decided.cert_id, 3 * KG)

    def reduce(quantity):
        asked = AmendCertificate(decided.cert_id, NOV_1, "减少产量", quantity=quantity, unit="公斤")
        return desk.run(amend, asked)

    assert codes(reduce, "6.9") == ["granted_below_used_mass"]
    reduce("7")
    assert stored(desk, decided.cert_id).left == 4 * KG
    assert codes(desk.print, decided.cert_id, 1) == ["over_quota_mass"]
    assert desk.print(permit.permit_id, 4 * KG).left == 0
    assert desk.differences() == []


def test_the_database_refuses_what_a_forgotten_lock_would_let_through(desk):
    decided = desk.grant()
    for change in (
        "printed = 11", "void = 1", "void = -1", "given = 11", "received = -1", "sold = 11",
        "closed = true", "parent = account_id",
    ):  # fmt: skip
        statement = text(f"UPDATE certification_quotas SET {change}")
        with pytest.raises(IntegrityError), desk.node.database.write_engine.begin() as connection:
            connection.execute(statement)
    assert stored(desk, decided.cert_id).printed == 0


def test_each_line_of_a_grant_has_a_balance_of_its_own(desk):
    decided = desk.grant(**LINED)
    accounts = desk.accounts(decided.cert_id)
    guard, first, second = list(accounts.values())
    assert (guard.account_id, guard.unit) == (decided.cert_id, None)
    by_granted = {each.granted: each.account_id for each in (first, second)}
    assert set(by_granted) == {5 * KG, 6 * KG}
    assert stored(desk, decided.cert_id).left == 11 * KG
    assert desk.print(by_granted[5 * KG], 5 * KG).left == 0
    assert codes(desk.print, by_granted[5 * KG], 1) == ["over_quota_mass"]
    assert stored(desk, decided.cert_id).left == 6 * KG
    permit = desk.open(decided.cert_id, "2", unit="公斤", product=PRODUCT, season="2027")
    assert desk.print(permit.permit_id, 2 * KG).left == 0
    assert codes(desk.open, decided.cert_id, "1", unit="公斤") == ["line_unknown"]
    assert desk.differences() == []


def test_a_further_season_and_another_quantity(desk):
    decided = desk.grant(**LINED)
    words = {"quantity": "8", "unit": "公斤", "reason": "再认证"}

    def add(**changes):
        asked = {"product": PRODUCT, "season": "2028", **words, **changes}
        return desk.run(add_line, AddLine(decided.cert_id, **asked))

    def set_line(**changes):
        asked = {"product": PRODUCT, "season": "2026", **words, **changes}
        return desk.run(amend_line, AmendLine(decided.cert_id, **asked))

    added = add()
    assert (added.n, added.granted, added.left) == (3, 8 * KG, 8 * KG)
    amended = set_line()
    assert (amended.n, amended.granted) == (1, 8 * KG)
    desk.print(amended.line_id, 7 * KG)
    for refused, code in (
        (lambda: add(season="2026"), "scope_repeated"),
        (lambda: add(season="26"), "season_malformed"),
        (lambda: add(product=OTHER, season="2029"), "certificate_not_for_product"),
        (lambda: add(season="2029", unit="件"), "unit_not_of_scheme"),
        (lambda: add(season="2029", quantity="-1"), "quantity_invalid"),
        (lambda: set_line(season="2030"), "line_unknown"),
        (lambda: set_line(quantity="6"), "granted_below_used_mass"),
    ):
        assert codes(refused) == [code]
    assert desk.differences() == []
    plain = desk.grant(
        number="GF370505261235", **{k: GREEN[k] for k in ("scheme", "quantity", "unit")}
    )
    asked = AddLine(plain.cert_id, PRODUCT, "2028", **words)
    assert codes(desk.run, add_line, asked) == ["line_unknown"]


def test_certificates_are_locked_in_one_order(desk):
    first, second = desk.grant(), desk.grant(number="JNJP-2026-0002")
    ids = sorted([first.cert_id, second.cert_id])
    with transaction(desk.node) as work:
        assert list(lock(work, reversed(ids))) == ids


# --- Which account bounds a product --------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    holder: str
    certificate: str | None = None
    permit: str | None = None
    season: str | None = None
    product: str = PRODUCT


def ask(work, command, actor, now):
    return uses.bounding_account(
        work, command.product, command.holder, now,
        command.certificate, command.permit, command.season,
    )  # fmt: skip


def test_the_certificate_that_bounds_a_product(desk):
    def find(certificate=None, **more):
        return desk.run(ask, Ask(desk.firm, certificate, **more))

    assert find() is None
    free = {"to_date": None, "quantity": None, "unit": None}
    desk.grant(number="GI-911201000000000001", scheme="gi", **free)
    assert find().left is None
    decided = desk.grant()
    found = find()
    assert (found.number, found.left, found.unit) == (decided.number, 10, "piece")
    assert (found.account_id, found.permit) == (decided.cert_id, None)
    assert found.statement_zh == "授权使用「津农精品」"
    assert find(product=OTHER) is None
    assert codes(find, "JNJP-2026-9999") == ["certificate_unknown"]
    assert codes(find, decided.number, product=OTHER) == ["certificate_not_for_product"]
    second = desk.grant(number="JNJP-2026-0002", from_date=date(2026, 10, 2))
    assert codes(find) == ["certificate_ambiguous"]
    assert find(second.number).number == second.number
    stop(desk, second.cert_id)
    assert find().number == decided.number
    assert codes(find, second.number) == ["certificate_suspended"]


def test_the_permit_that_bounds_a_product(desk):
    def find(holder=desk.packer, **more):
        return desk.run(ask, Ask(holder, **more))

    decided = desk.grant()
    assert find() is None
    permit = desk.open(decided.cert_id, "4")
    found = find()
    assert (found.account_id, found.permit, found.granted) == (permit.permit_id, permit.number, 4)
    assert find(desk.firm).left == 6
    assert codes(find, permit="JNJPZY-2026-99999") == ["permit_unknown"]
    assert codes(find, desk.firm, permit=permit.number) == ["permit_not_yours"]
    assert codes(find, product=OTHER, permit=permit.number) == ["permit_not_yours"]
    another = desk.open(decided.cert_id, "1")
    assert codes(find) == ["permit_ambiguous"]
    assert find(permit=another.number).left == 1
    desk.change(freeze_permit, another.number)
    assert find().permit == permit.number
    assert codes(find, permit=another.number) == ["permit_frozen"]
    desk.change(close_permit, permit.number)
    assert find() is None
    own = desk.open(decided.cert_id, "2", desk.firm)
    assert find(desk.firm).permit == own.number
    stop(desk, decided.cert_id)
    assert codes(find, desk.firm, permit=own.number) == ["certificate_suspended"]
    with desk.read() as session:
        shown = uses.allowances(session, PRODUCT, desk.packer, NOV_1)
    assert {each.permit for each in shown} == {permit.number, another.number}


def test_a_season_is_named_where_there_are_several(desk):
    desk.grant(**LINED)
    assert codes(desk.run, ask, Ask(desk.firm)) == ["season_ambiguous"]
    assert desk.run(ask, Ask(desk.firm, season="2027")).left == 6 * KG
    assert codes(desk.run, ask, Ask(desk.firm, season="2029")) == ["line_unknown"]


def test_allowance_in_pieces(desk):
    decided = desk.grant(**{**GREEN, "quantity": "12"})
    with desk.read() as session:
        allowance = uses.allowance(session, decided.cert_id, NOV_1)
    assert allowance.pieces_left(5 * KG) == 2


def test_a_line_says_product_only_to_those_who_may_know(desk):
    decided = desk.grant(**LINED)
    with desk.read() as session:
        from certification.quotas.tables import LineRow

        names = [row.payload_id for row in session.query(LineRow).order_by(LineRow.n)]
    payload = logged(desk.node, names[0])
    assert payload.facts == {
        "number": decided.number, "line": 1, "season": "2026", "unit": "mg", "granted": 5 * KG,
    }  # fmt: skip
    assert PRODUCT not in str(payload)
