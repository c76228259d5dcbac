"""Double entry and lots: a machine of random awards, debits, expiries and reversals.

Numbers I1, I6, I7, I8 are those of the notes on points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from points.accounts.model import SystemAccount
from points.calendar_months import add_months
from points.postings.model import (
    Holding,
    Lot,
    Posting,
    Share,
    Taken,
    TransferKind,
    award_reversal_shares,
    award_shares,
    balanced,
    debit_reversal_shares,
    debit_shares,
    lapsed_lots,
    lapses_at,
    postings,
    require_reversible,
)
from runtime.refusal import Refusal

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """A transfer in the books of the machine."""

    id: str
    kind: TransferKind
    amount: int
    shares: tuple[Share, ...]
    before: tuple[tuple[str, int], ...]


class Books(RuleBasedStateMachine):
    """One account, kept as the service keeps it, but in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.lots: dict[str, Lot] = {}
        self.made: list[Made] = []
        self.sides: list[Posting] = []
        self.reversed: set[str] = set()
        self.balance = 0
        self.now = START

    def holding(self) -> Holding:
        return Holding(self.balance, tuple(self.lots.values()))

    def taken(self) -> list[Taken]:
        net: dict[tuple[str, str], int] = {}
        for made in self.made:
            for share in made.shares:
                key = (share.of or made.id, share.lot_id)
                net[key] = net.get(key, 0) + share.amount_milli
        order = {made.id: (made.kind, number) for number, made in enumerate(self.made)}
        return [
            Taken(of, *order[of], lot, amount) for (of, lot), amount in net.items() if amount > 0
        ]

    def write(self, kind: TransferKind, amount: int, shares, against) -> str:
        name = f"move:{len(self.made)}"
        before = tuple((lot.lot_id, lot.remaining_milli) for lot in self.lots.values())
        self.made.append(Made(name, kind, amount, shares, before))
        self.sides += postings("acct:x", amount, against)
        for share in shares:
            lot = self.lots[share.lot_id]
            self.lots[share.lot_id] = replace(
                lot, remaining_milli=lot.remaining_milli - share.amount_milli
            )
        self.balance += amount
        return name

    @rule(amount=st.integers(1, 50), days=st.one_of(st.none(), st.integers(1, 40)))
    def award(self, amount, days) -> None:
        name = f"move:{len(self.made)}"
        expires = None if days is None else self.now + days * DAY
        shares = award_shares(self.holding(), name, amount)
        self.lots[name] = Lot(name, amount, amount, self.now, expires)
        self.write(TransferKind.AWARD, amount, shares, SystemAccount.ISSUE)

    @rule(amount=st.integers(1, 80), back=st.integers(0, 20))
    def debit(self, amount, back) -> None:
        at = self.now - back * DAY
        self.sweep(at)
        shares = debit_shares(self.holding(), amount)
        for share in shares:
            assert not self.lots[share.lot_id].lapsed(at), "I8"
        self.write(TransferKind.DEDUCT, -amount, shares, SystemAccount.PENALTY)

    def sweep(self, at) -> None:
        for lot in lapsed_lots(self.holding(), at):
            share = Share(lot.lot_id, lot.remaining_milli)
            self.write(TransferKind.EXPIRE, -lot.remaining_milli, (share,), SystemAccount.EXPIRED)

    @rule(days=st.integers(1, 15))
    def wait(self, days) -> None:
        self.now += days * DAY
        self.sweep(self.now)

    @precondition(lambda self: any(self.open_transfers()))
    @rule(pick=st.integers(0, 1000))
    def reverse(self, pick) -> None:
        choices = self.open_transfers()
        original = choices[pick % len(choices)]
        self.take_back(original)

    @precondition(
        lambda self: self.made and self.made[-1].kind in (TransferKind.AWARD, TransferKind.DEDUCT)
    )
    @rule()
    def reverse_the_last(self) -> None:
        """I7: a transfer that is taken back at once leaves every lot as it found it."""
        original = self.made[-1]
        if original.id in self.reversed:
            return
        self.take_back(original)
        after = {lot.lot_id: lot.remaining_milli for lot in self.lots.values()}
        after.pop(original.id, None)
        assert after == {lot: left for lot, left in original.before if lot != original.id}

    def open_transfers(self) -> list[Made]:
        kinds = (TransferKind.AWARD, TransferKind.DEDUCT)
        return [m for m in self.made if m.kind in kinds and m.id not in self.reversed]

    def take_back(self, original: Made) -> None:
        if original.kind is TransferKind.AWARD:
            shares = award_reversal_shares(self.holding(), original.id, original.amount)
            against = SystemAccount.ISSUE
        else:
            shares = debit_reversal_shares(
                self.holding(), original.id, -original.amount, self.taken()
            )
            against = SystemAccount.PENALTY
        self.write(TransferKind.REVERSE, -original.amount, shares, against)
        self.reversed.add(original.id)
        if original.kind is TransferKind.AWARD:
            self.lots[original.id] = replace(self.lots[original.id], reversed=True)

    @invariant()
    def all_accounts_sum_to_zero(self) -> None:
        assert sum(side.amount_milli for side in self.sides) == 0, "I1"

    @invariant()
    def lots_hold_what_can_be_spent(self) -> None:
        self.holding().check()
        assert sum(lot.remaining_milli for lot in self.lots.values()) == max(self.balance, 0), "I6"

    @invariant()
    def no_lot_holds_more_than_it_had(self) -> None:
        for lot in self.lots.values():
            assert 0 <= lot.remaining_milli <= lot.amount_milli
            assert not (lot.reversed and lot.remaining_milli)


TestBooks = Books.TestCase


def lot(name: str, left: int, expires: int | None, origin: int = 0) -> Lot:
    at = None if expires is None else START + expires * DAY
    return Lot(name, left, left, START + origin * DAY, at)


FIFO = [
    # What lapses first is spent first; then the oldest; then by name.
    ([lot("b", 5, None), lot("a", 5, 9)], 6, [("a", 5), ("b", 1)]),
    ([lot("b", 5, 9, 2), lot("a", 5, 9, 3)], 6, [("b", 5), ("a", 1)]),
    ([lot("b", 5, 9), lot("a", 5, 9)], 6, [("a", 5), ("b", 1)]),
    ([lot("a", 5, 9)], 8, [("a", 5)]),
    ([], 8, []),
]


@pytest.mark.parametrize("lots, amount, taken", FIFO)
def test_which_lots_a_debit_takes_from(lots, amount, taken):
    holding = Holding(sum(each.remaining_milli for each in lots), tuple(lots))
    found = [(share.lot_id, share.amount_milli) for share in debit_shares(holding, amount)]
    assert found == taken


def test_an_award_first_repays_the_debt():
    assert award_shares(Holding(-30, ()), "new", 20) == (Share("new", 20),)
    assert award_shares(Holding(-5, ()), "new", 20) == (Share("new", 5),)
    assert award_shares(Holding(0, ()), "new", 20) == ()


@pytest.mark.parametrize(
    "sides, fits",
    [
        ([Posting("a", 5), Posting("b", -5)], True),
        ([Posting("a", 5), Posting("b", -4)], False),
        ([Posting("a", 0), Posting("b", 0)], False),
        ([], False),
    ],
)
def test_a_transfer_sums_to_zero(sides, fits):
    assert balanced(sides) is fits


@pytest.mark.parametrize(
    "kind, before, refused",
    [
        (TransferKind.AWARD, False, None),
        (TransferKind.DEDUCT, True, "already_reversed"),
        (TransferKind.EXPIRE, False, "not_reversible"),
        (TransferKind.REVERSE, False, "not_reversible"),
    ],
)
def test_what_can_be_reversed(kind, before, refused):
    if refused is None:
        require_reversible(kind, before)
        return
    with pytest.raises(Refusal) as caught:
        require_reversible(kind, before)
    assert caught.value.first.code.code == refused


@pytest.mark.parametrize(
    "day, months, later",
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months(day, months, later):
    assert add_months(day, months) == later


def test_points_lapse_at_the_end_of_a_beijing_day():
    at = datetime(2026, 10, 26, 17, tzinfo=UTC)  # 01:00 of the 27th in Beijing
    assert lapses_at(at, 24) == datetime(2028, 10, 27, 16, tzinfo=UTC)
    assert lapses_at(at, None) is None
