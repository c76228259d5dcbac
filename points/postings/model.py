"""Double entry and lots: how an amount moves, and which points it consists of.

Invariants (numbers as in the notes on points; the tests name them so):

- I1 the postings of a transfer sum to 0, so all accounts together sum to 0
- I2 balance = what may be spent; nothing is reserved yet, and a penalty may make it negative
- I6 the remainders of an account's lots sum to max(balance, 0): points that were overdrawn lie in
  no lot, and what is earned next first repays the debt
- I7 reversing a debit gives the points back to the lots they came from, with their old expiry;
  reversing an award takes first what is left of its own lot; each transfer is reversed once
- I8 no lot is spent at or after its expiry: lots that lapsed before a debit takes effect are swept
  first, and a lot expires once

A lot is what one award left behind. Debits take from lots that lapse first, then from the oldest,
then by id. All functions are pure; amounts are whole milli-points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from points.accounts.model import SystemAccount
from points.calendar_months import add_months
from points.refusals import PointsRefusal
from runtime.clock import beijing_date, day_end
from runtime.refusal import refuse

_NEVER = datetime.max.replace(tzinfo=UTC)


class TransferKind(StrEnum):
    """Why points moved."""

    AWARD = "award"
    DEDUCT = "deduct"
    EXPIRE = "expire"
    REVERSE = "reverse"


@dataclass(frozen=True)
class Posting:
    """One side of a transfer; `account` is an account id or a `SystemAccount`."""

    account: str
    amount_milli: int


@dataclass(frozen=True)
class Share:
    """What a transfer took from a lot (positive), or gave back to it (negative).

    `of` names the earlier transfer whose taking is given back; None for a taking of its own.
    """

    lot_id: str
    amount_milli: int
    of: str | None = None


@dataclass(frozen=True)
class Lot:
    """The points of one award, with what is left of them; `expires_at` None: they do not lapse."""

    lot_id: str
    amount_milli: int
    remaining_milli: int
    origin_at: datetime
    expires_at: datetime | None
    reversed: bool = False

    def lapsed(self, at: datetime) -> bool:
        """True from the instant of expiry on."""
        return self.expires_at is not None and at >= self.expires_at


@dataclass(frozen=True)
class Taken:
    """What a transfer took from a lot and nothing has given back since.

    `order` is the place of the transfer in the account's history.
    """

    transfer_id: str
    kind: TransferKind
    order: int
    lot_id: str
    amount_milli: int


@dataclass(frozen=True)
class Holding:
    """An account as a transfer finds it: balance and lots (also the empty ones)."""

    balance_milli: int
    lots: tuple[Lot, ...]

    @property
    def spendable_milli(self) -> int:
        """Points that lie in lots."""
        return sum(lot.remaining_milli for lot in self.lots)

    def check(self) -> None:
        """I6; a difference means that our own books are wrong, so it is no refusal."""
        if self.spendable_milli != max(self.balance_milli, 0):
            raise AssertionError(
                f"lots hold {self.spendable_milli} milli-points, balance is {self.balance_milli}"
            )


def postings(account: str, amount_milli: int, against: SystemAccount) -> tuple[Posting, Posting]:
    """The two sides of a transfer: `amount_milli` to the account, the same from the other side."""
    return Posting(account, amount_milli), Posting(against.value, -amount_milli)


def balanced(sides: Iterable[Posting]) -> bool:
    """I1 for one transfer."""
    amounts = [side.amount_milli for side in sides]
    return sum(amounts) == 0 and 0 not in amounts and len(amounts) > 1


def award_shares(holding: Holding, lot_id: str, amount_milli: int) -> tuple[Share, ...]:
    """What a new lot of `amount_milli` gives away at once to repay a debt."""
    debt = max(-holding.balance_milli, 0)
    repaid = min(debt, amount_milli)
    return (Share(lot_id, repaid),) if repaid else ()


def debit_shares(holding: Holding, amount_milli: int) -> tuple[Share, ...]:
    """Which lots a debit of `amount_milli` takes from; what they lack becomes debt.

    Lapsed lots have been swept before (`lapsed_lots`).
    """
    return _fill(_in_order(holding.lots), min(amount_milli, holding.spendable_milli))


def lapsed_lots(holding: Holding, at: datetime) -> tuple[Lot, ...]:
    """Lots with points left that had expired by `at`, in the order in which they lapsed."""
    return tuple(
        lot for lot in _in_order(holding.lots) if lot.lapsed(at) and lot.remaining_milli > 0
    )


def award_reversal_shares(holding: Holding, lot_id: str, amount_milli: int) -> tuple[Share, ...]:
    """What taking back an award takes from lots: its own first, then as a debit would."""
    after = holding.balance_milli - amount_milli
    room = max(holding.balance_milli, 0) - max(after, 0)
    own = [lot for lot in holding.lots if lot.lot_id == lot_id]
    others = [lot for lot in _in_order(holding.lots) if lot.lot_id != lot_id]
    return _fill([*own, *others], room)


def debit_reversal_shares(
    holding: Holding, transfer_id: str, amount_milli: int, taken: Sequence[Taken]
) -> tuple[Share, ...]:
    """What taking back a debit returns to lots, as negative shares.

    First to the lots from which this debit took; then, where its points had been debt that a later
    award repaid, to the lots that repaid last. Expired points stay expired, and the lot of a
    reversed award stays empty. A lot that lapsed meanwhile keeps its expiry: the next sweep takes
    the points again, as it would have without the debit.
    """
    room = max(holding.balance_milli + amount_milli, 0) - max(holding.balance_milli, 0)
    dead = {lot.lot_id for lot in holding.lots if lot.reversed}
    able = [item for item in taken if item.lot_id not in dead]
    able = [item for item in able if item.kind is not TransferKind.EXPIRE]
    shares = []
    for item in sorted(able, key=lambda each: _return_order(each, transfer_id)):
        back = min(room, item.amount_milli)
        if back:
            shares.append(Share(item.lot_id, -back, item.transfer_id))
            room -= back
    assert room == 0, "more points would come back than were ever taken"
    return tuple(shares)


def _return_order(item: Taken, transfer_id: str) -> tuple[bool, bool, int, str]:
    """Its own takings first, then repayments of debt, then others; the latest first."""
    own = item.transfer_id == transfer_id
    return not own, item.kind is not TransferKind.AWARD, -item.order, item.lot_id


def _in_order(lots: Iterable[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: (lot.expires_at or _NEVER, lot.origin_at, lot.lot_id))


def _fill(lots: Iterable[Lot], room: int) -> tuple[Share, ...]:
    shares = []
    for lot in lots:
        part = min(lot.remaining_milli, room)
        if part > 0:
            shares.append(Share(lot.lot_id, part))
            room -= part
    assert room == 0, "lots hold less than the balance says"
    return tuple(shares)


def lapses_at(origin_at: datetime, months: int | None) -> datetime | None:
    """When points lapse: at the end of the calendar day, Beijing time, `months` after their origin.

    A day that the month does not have becomes its last day.
    """
    if months is None:
        return None
    return day_end(add_months(beijing_date(origin_at), months))


def require_reversible(kind: TransferKind, reversed_before: bool) -> None:
    """Refuse a second reversal, and the reversal of what is itself a correction."""
    if kind not in (TransferKind.AWARD, TransferKind.DEDUCT):
        refuse(PointsRefusal.NOT_REVERSIBLE)
    if reversed_before:
        refuse(PointsRefusal.ALREADY_REVERSED)
