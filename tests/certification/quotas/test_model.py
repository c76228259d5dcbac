"""The algebra of accounts: no order of printing, voiding, moving and closing gives more than was
granted, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.quotas import model
from certification.quotas.model import Account, Quota, freed, guard_of, kilograms, total
from certification.schemes.model import Bound
from runtime.refusal import Refusal
from tests.certification.books import codes

BOUNDED = st.sampled_from([Bound.APPROVED_OUTPUT, Bound.PRINT_PERMIT])
UNIT: model.Unit = "piece"
CERT = "cert:x"


def root(granted: int, bound: Bound = Bound.APPROVED_OUTPUT, unit=UNIT, **columns) -> Account:
    return replace(guard_of(Quota(CERT, bound, unit, granted)), **columns)


class Tree:
    """The accounts of one certificate under the operations of the model, each all or nothing."""

    def __init__(self, roots: list[Account]) -> None:
        self.accounts = {each.account_id: each for each in roots}
        self.opened = 0

    def do(self, deed: str, first: int, second: int, units: int) -> bool:
        """Try one operation on accounts that two numbers choose; False when it was refused."""
        names = sorted(self.accounts)
        one, other = names[first % len(names)], names[second % len(names)]
        try:
            changed = getattr(self, f"_{deed}")(self.accounts[one], self.accounts[other], units)
        except Refusal:
            return False
        self.accounts |= {each.account_id: each for each in changed}
        return True

    def _open(self, one: Account, _: Account, units: int):
        while one.parent is not None:
            one = self.accounts[one.parent]
        self.opened += 1
        return model.open_below(one, f"prmt:{self.opened}", units)

    def _move(self, one: Account, other: Account, units: int):
        return () if one == other else model.move(one, other, units)

    def _take(self, one: Account, _: Account, units: int):
        return (model.take(one, units),)

    def _void(self, one: Account, _: Account, units: int):
        account = model.make_void(one, units)
        if not account.closed:
            return (account,)
        return model.return_freed(account, model.open_above(account, self.accounts))

    def _close(self, one: Account, _: Account, units: int):
        if one.parent is None:
            return ()
        return model.close(one, model.open_above(one, self.accounts))

    def _sell(self, one: Account, _: Account, units: int):
        return (model.sell(one, units),)

    def _unsell(self, one: Account, _: Account, units: int):
        stands = one.sold - one.sold_void
        return (model.unsell(one, min(units, stands)),) if stands and units > 0 else ()

    def _grant(self, one: Account, _: Account, units: int):
        return (model.grant_anew(one, units),) if one.parent is None else ()


DEEDS = st.sampled_from(["open", "move", "take", "void", "close", "sell", "unsell", "grant"])
STEPS = st.lists(
    st.tuples(DEEDS, st.integers(0, 9), st.integers(0, 9), st.integers(-1, 30)), max_size=60
)


@given(BOUNDED, st.lists(st.integers(1, 60), min_size=1, max_size=3), STEPS)
def test_nothing_is_over_issued_and_nothing_is_lost(bound, granted, steps):
    lines = [Account(f"line:{n}", CERT, bound, UNIT, each) for n, each in enumerate(granted)]
    tree = Tree(lines if len(lines) > 1 else [root(granted[0], bound)])
    for step in steps:
        before = dict(tree.accounts)
        if not tree.do(*step):
            assert tree.accounts == before
        check(tree, bound)


def check(tree: Tree, bound: Bound) -> None:
    """The invariants that the model's head states."""
    accounts = list(tree.accounts.values())
    for each in accounts:
        assert 0 <= each.void <= each.printed
        assert each.left >= 0
        assert not each.closed or each.left == 0
        assert min(each.given, each.received) >= 0
        assert 0 <= each.sold_void <= each.sold
        assert each.sold - each.sold_void <= (each.granted or 0)
        assert (each.granted is None) == (each.parent is not None)
    assert sum(each.given for each in accounts) == sum(each.received for each in accounts)
    granted, left = sum(each.granted or 0 for each in accounts), sum(each.left for each in accounts)
    printed = sum(each.printed for each in accounts)
    assert granted == left + printed - freed(bound, sum(each.void for each in accounts))
    guard = Account(CERT, CERT, bound, None)
    whole = total(CERT, accounts if CERT in tree.accounts else [guard, *accounts])
    assert (whole.granted, whole.printed, whole.left) == (granted, printed, left)


@given(BOUNDED, st.integers(1, 2**53 - 1))
def test_the_last_unit_is_given_and_the_one_over_is_not(bound, granted):
    account = model.take(root(granted, bound, "mg"), granted)
    assert account.left == 0
    assert codes(model.take, account, 1) == ["over_quota_mass"]


def test_the_refusal_names_the_numbers():
    with pytest.raises(Refusal) as refused:
        model.take(root(9360, Bound.PRINT_PERMIT, printed=9360), 1)
    assert refused.value.status == 409
    assert refused.value.first.text("zh") == (
        "超出核定数量：核定 9360 件，已印 9360 件，作废 0 件，余 0 件，本次 1 件"
    )
    assert "granted 9360 pieces" in refused.value.first.text("en")


def test_masses_are_named_in_kilograms():
    with pytest.raises(Refusal) as refused:
        model.take(root(46_800_000_000, unit="mg", printed=46_800_000_000), 5_000_000)
    assert refused.value.first.code.code == "over_quota_mass"
    assert "核定 46800 公斤" in refused.value.first.text("zh")
    assert "本次 5 公斤" in refused.value.first.text("zh")


@pytest.mark.parametrize(
    "mass_mg, text", [(0, "0"), (1, "0.000001"), (500_000, "0.5"), (46_800_000_500, "46800.0005")]
)
def test_kilograms(mass_mg, text):
    assert kilograms(mass_mg) == text


def test_an_unbounded_certificate_counts_nothing():
    account = guard_of(Quota(CERT, Bound.UNBOUNDED, None, None))
    assert model.take(account, 10**9) == account
    assert model.make_void(account, 10**9) == account
    assert total(CERT, [account]) == Quota(CERT, Bound.UNBOUNDED, None, None)


def test_lines_in_two_units_have_no_sum():
    guard = Account(CERT, CERT, Bound.APPROVED_OUTPUT, None)
    lines = [
        Account("line:1", CERT, guard.bound, "mg", 5),
        Account("line:2", CERT, guard.bound, "piece", 6),
    ]
    assert total(CERT, [guard, *lines]).granted is None
    assert total(CERT, [guard, lines[0]]).left == 5


PERMIT = Account("prmt:1", CERT, Bound.APPROVED_OUTPUT, UNIT, parent=CERT, received=10, printed=4)
CLOSED = replace(PERMIT, printed=10, closed=True)
REFUSED = [
    (model.take, (root(5), 0), "units_invalid"),
    (model.take, (root(5), 2**53), "units_invalid"),
    (model.take, (CLOSED, 1), "permit_closed"),
    (model.move, (PERMIT, root(9), 7), "over_account_pieces"),
    (model.move, (root(9, unit="mg"), replace(PERMIT, unit="mg"), 10), "over_account_mass"),
    (model.move, (CLOSED, root(9), 1), "permit_closed"),
    (model.move, (root(9), CLOSED, 1), "permit_closed"),
    (model.close, (CLOSED, root(9)), "permit_closed"),
    (model.make_void, (PERMIT, 5), "over_void"),
    (model.open_below, (root(5), "prmt:2", 6), "over_account_pieces"),
    (model.sell, (root(5, sold=4, sold_void=1), 3), "over_output_pieces"),
    (model.sell, (root(5, unit="mg"), 6), "over_output_mass"),
    (model.grant_anew, (root(9, given=3, printed=2), 4), "granted_below_used_pieces"),
    (model.grant_anew, (root(9, unit="mg", sold=6), 5), "granted_below_used_mass"),
    (model.grant_anew, (root(9), 0), "units_invalid"),
]


@pytest.mark.parametrize("rule, arguments, code", REFUSED)
def test_refusals(rule, arguments, code):
    assert codes(rule, *arguments) == [code]


def test_what_a_void_frees_on_a_closed_permit_goes_up():
    voided = model.make_void(CLOSED, 3)
    closed, above = model.return_freed(voided, root(20, given=10))
    assert (closed.left, closed.void, above.left) == (0, 3, 13)
    stays = model.make_void(replace(CLOSED, bound=Bound.PRINT_PERMIT), 3)
    assert model.return_freed(stays, root(20, Bound.PRINT_PERMIT, given=10))[1].left == 10


def test_a_reduction_goes_down_to_what_is_used():
    used = root(9, given=3, printed=2, void=1)
    assert model.grant_anew(used, 4).left == 0


@pytest.mark.parametrize(
    "quantity, unit, counted, units",
    [("5", "公斤", "mg", 5_000_000), ("0.5", "斤", "mg", 250_000), ("12", "箱", "piece", 12)],
)
def test_typed_quantities(quantity, unit, counted, units):
    assert model.read_units(quantity, unit, counted) == units


@pytest.mark.parametrize(
    "quantity, unit, counted, code",
    [
        ("5", "公斤", "piece", "unit_not_of_account"),
        ("5", "亩", "mg", "unit_not_of_account"),
        ("0", "件", "piece", "quantity_invalid"),
        ("-1", "件", "piece", "quantity_invalid"),
        ("1.5", "件", "piece", "quantity_invalid"),
        ("x", "件", "piece", "quantity_invalid"),
        ("1", "件", None, "quantity_not_bounded"),
    ],
)
def test_typed_quantities_that_are_none(quantity, unit, counted, code):
    assert codes(model.read_units, quantity, unit, counted) == [code]
