"""Quantities: the model under random operations, and the last units under 32 hands at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from certification.certificates.service import ChangeCertificate, suspend
from certification.quotas.model import Quota, kilograms, make_void, take
from certification.quotas.service import lock, quotas
from certification.schemes.model import Bound
from certification.uses import service as uses
from runtime.refusal import Refusal
from tests.certification.books import codes
from tests.certification.conftest import PRODUCT
from tests.fixtures.nodes import transaction

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
HANDS = 32
bounded = st.sampled_from([Bound.APPROVED_OUTPUT, Bound.PRINT_PERMIT])
steps = st.lists(st.tuples(st.booleans(), st.integers(-1, 12)), max_size=40)


@given(bounded, st.integers(1, 60), steps)
def test_no_order_of_printing_and_voiding_gives_more_than_was_granted(bound, granted, operations):
    quota = Quota("cert:x", bound, "piece", granted)
    for printing, units in operations:
        before = quota
        try:
            quota = take(quota, units) if printing else make_void(quota, units)
        except Refusal:
            assert quota == before
            continue
        assert quota.left is not None
        assert 0 <= quota.void <= quota.printed
        assert 0 <= quota.left <= granted
        on_goods = quota.printed - quota.void if bound is Bound.APPROVED_OUTPUT else quota.printed
        assert on_goods + quota.left == granted


@given(bounded, st.integers(1, 2**53 - 1))
def test_the_last_unit_is_given_and_the_one_over_is_not(bound, granted):
    quota = take(Quota("cert:x", bound, "mg", granted), granted)
    assert quota.left == 0
    with pytest.raises(Refusal):
        take(quota, 1)


def test_the_refusal_names_the_numbers():
    quota = Quota("cert:x", Bound.PRINT_PERMIT, "piece", 9360, printed=9360)
    with pytest.raises(Refusal) as refused:
        take(quota, 1)
    reason = refused.value.first
    assert refused.value.status == 409
    assert reason.text("zh") == (
        "超出核定数量：核定 9360 件，已印 9360 件，作废 0 件，余 0 件，本次 1 件"
    )
    assert "granted 9360 pieces" in reason.text("en")


def test_masses_are_named_in_kilograms():
    quota = Quota("cert:x", Bound.APPROVED_OUTPUT, "mg", 46_800_000_000, printed=46_800_000_000)
    with pytest.raises(Refusal) as refused:
        take(quota, 5_000_000)
    assert refused.value.first.code.code == "over_quota_mass"
    assert "核定 46800 公斤" in refused.value.first.text("zh")
    assert "本次 5 公斤" in refused.value.first.text("zh")


@pytest.mark.parametrize(
    "mass_mg, text", [(0, "0"), (1, "0.000001"), (500_000, "0.5"), (46_800_000_500, "46800.0005")]
)
def test_kilograms(mass_mg, text):
    assert kilograms(mass_mg) == text


def test_an_unbounded_certificate_counts_nothing():
    quota = Quota("cert:x", Bound.UNBOUNDED, None, None)
    assert take(quota, 10**9) == quota
    assert make_void(quota, 10**9) == quota


# --- On both databases ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Take:
    """One printer's request, as a use case for the test."""

    cert_id: str
    units: int


def take_units(work, command, actor, now):
    return uses.take(work, command.cert_id, command.units, now)


def void_units(work, command, actor, now):
    return uses.make_void(work, command.cert_id, command.units, now)


def stored(office, cert_id):
    with office.read() as session:
        return quotas(session, [cert_id])[cert_id]


def test_printing_and_voiding(office):
    decided = office.grant()
    taken = office.run(take_units, Take(decided.cert_id, 9))
    assert (taken.number, taken.unit, taken.printed, taken.left) == (
        decided.number, "piece", 9, 1,
    )  # fmt: skip
    assert codes(office.run, take_units, Take(decided.cert_id, 2)) == ["over_quota_pieces"]
    voided = office.run(void_units, Take(decided.cert_id, 4))
    assert (voided.void, voided.left) == (4, 1)
    assert codes(office.run, void_units, Take(decided.cert_id, 6)) == ["over_void"]
    assert codes(office.run, take_units, Take(decided.cert_id, 0)) == ["units_invalid"]
    assert codes(office.run, take_units, Take(decided.cert_id, 2**53)) == ["units_invalid"]
    assert codes(office.run, take_units, Take("cert:none", 1)) == ["certificate_unknown"]
    assert stored(office, decided.cert_id).printed == 9


def test_output_that_is_voided_can_be_printed_again(office):
    decided = office.grant(number="GF370505261234", scheme="green", quantity="10", unit="公斤")
    office.run(take_units, Take(decided.cert_id, 10_000_000))
    office.run(void_units, Take(decided.cert_id, 5_000_000))
    assert office.run(take_units, Take(decided.cert_id, 5_000_000)).left == 0
    assert codes(office.run, take_units, Take(decided.cert_id, 1)) == ["over_quota_mass"]


def test_a_suspended_mark_prints_nothing_but_labels_can_still_be_voided(office):
    decided = office.grant()
    office.run(take_units, Take(decided.cert_id, 5))
    office.run(suspend, ChangeCertificate(decided.cert_id, NOV_1, "抽检不合格"))
    assert codes(office.run, take_units, Take(decided.cert_id, 1)) == ["certificate_suspended"]
    assert office.run(void_units, Take(decided.cert_id, 5)).void == 5


def test_the_database_refuses_what_a_forgotten_lock_would_let_through(office):
    decided = office.grant()
    for column, value in (("printed", 11), ("void", 1), ("void", -1)):
        statement = text(f"UPDATE certification_quotas SET {column} = {value}")
        with pytest.raises(IntegrityError), office.node.database.write_engine.begin() as connection:
            connection.execute(statement)
    assert stored(office, decided.cert_id).printed == 0


def test_thirty_two_printers_and_ten_labels(office):
    decided = office.grant()
    start = Barrier(HANDS)

    def print_one(_: int) -> str:
        start.wait()
        try:
            office.run(take_units, Take(decided.cert_id, 1))
        except Refusal as refusal:
            return refusal.first.code.code
        return "printed"

    with ThreadPoolExecutor(HANDS) as hands:
        outcomes = sorted(hands.map(print_one, range(HANDS)))
    assert outcomes == ["over_quota_pieces"] * (HANDS - 10) + ["printed"] * 10
    quota = stored(office, decided.cert_id)
    assert (quota.printed, quota.left) == (10, 0)


def test_a_suspension_waits_for_a_print_run_that_holds_the_certificate(office):
    """Whichever comes first, nothing is printed after the suspension was acknowledged."""
    decided = office.grant(quantity="1000")
    start = Barrier(9)

    def print_until_refused(_: int) -> int:
        start.wait()
        done = 0
        while done < 40:
            try:
                office.run(take_units, Take(decided.cert_id, 1))
            except Refusal as refusal:
                assert refusal.first.code.code == "certificate_suspended"
                break
            done += 1
        return done

    with ThreadPoolExecutor(9) as hands:
        printed = [hands.submit(print_until_refused, number) for number in range(8)]
        start.wait()
        office.run(suspend, ChangeCertificate(decided.cert_id, NOV_1, "抽检不合格"))
        after = stored(office, decided.cert_id).printed
        total = sum(each.result() for each in printed)
    assert stored(office, decided.cert_id).printed == total == after


def test_certificates_are_locked_in_one_order(office):
    first, second = office.grant(), office.grant(number="JNJP-2026-0002")
    ids = sorted([first.cert_id, second.cert_id])
    with transaction(office.node) as work:
        assert list(lock(work, reversed(ids))) == ids


# --- Which certificate bounds a product ----------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    number: str | None = None
    product: str = PRODUCT


def test_the_certificate_that_bounds_a_product(office):
    def ask(work, command, actor, now):
        return uses.bounding_certificate(work, command.product, office.firm, now, command.number)

    assert office.run(ask, Ask()) is None
    office.grant(
        number="GI-911201000000000001", scheme="gi", to_date=None, quantity=None, unit=None
    )
    assert office.run(ask, Ask()).left is None
    decided = office.grant()
    found = office.run(ask, Ask())
    assert (found.number, found.left, found.unit) == (decided.number, 10, "piece")
    assert found.statement_zh == "授权使用「津农精品」"
    assert office.run(ask, Ask(product="prod:other")) is None
    assert codes(office.run, ask, Ask("JNJP-2026-9999")) == ["certificate_unknown"]
    assert codes(office.run, ask, Ask(decided.number, "prod:other")) == [
        "certificate_not_for_product"
    ]
    second = office.grant(number="JNJP-2026-0002", from_date=date(2026, 10, 2))
    assert codes(office.run, ask, Ask()) == ["certificate_ambiguous"]
    assert office.run(ask, Ask(second.number)).number == second.number
    office.run(suspend, ChangeCertificate(second.cert_id, NOV_1, "抽检不合格"))
    assert office.run(ask, Ask()).number == decided.number
    assert codes(office.run, ask, Ask(second.number)) == ["certificate_suspended"]


def test_allowance_in_pieces(office):
    decided = office.grant(number="GF370505261234", scheme="green", quantity="12", unit="公斤")
    with office.read() as session:
        allowance = uses.allowance(session, decided.cert_id, NOV_1)
    assert allowance.pieces_left(5_000_000) == 2
