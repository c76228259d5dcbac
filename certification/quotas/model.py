"""The accounts below one certificate: what was granted, handed on, printed, voided, what is left.

Nouns. The *guard* is the account that bears the certificate's own id; it is locked before any other
account of the certificate. The *roots* hold what was granted: the guard itself, or one `line:`
account for each product and season, and then the guard counts nothing. Below a root lie the
accounts of its print permits (`prmt:`). Opening a permit, moving between permits and giving back
are one movement: the giver has `given` more, the taker has `received` more, nothing ever decreases.

States of an account: open -> closed; a closed one has nothing left.

Invariants, for every account that counts, after every operation:

- 0 <= void <= printed and 0 <= sold_void <= sold <= granted + sold_void
- 0 <= left = granted + received - given - printed, plus void where output is bounded (a void label
  frees its quantity again); where prints are bounded a void label stays used
- over a tree: granted = sum of left + sum of printed - sum of what was freed
- all are whole milligrams (`mg`) or pieces (`piece`), below 2**53

What a void frees on a closed account goes to the nearest account above it that is open. `sold`
counts transaction certificates, which are bounded by the same output on a side of their own.

A certificate of an unbounded scheme has a guard too, so that it can be locked, but counts nothing:
its labels are counted by their print runs.

Refused: UNITS_INVALID, QUANTITY_INVALID, UNIT_NOT_OF_ACCOUNT, PERMIT_CLOSED, OVER_QUOTA_*,
OVER_ACCOUNT_*, OVER_OUTPUT_*, GRANTED_BELOW_USED_*, OVER_VOID, SEASON_MALFORMED, LINES_TOO_MANY.

Source: how void labels count is each scheme's parameter `quantity_bound`; that a permit is a paper
of its own beside the licence is T/XLXH 002-2019 (准许使用证, 准印证).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NoReturn, Protocol

from certification.refusals import CertificationRefusal
from certification.schemes.model import Bound
from runtime.quantities import QuantityError, parse
from runtime.refusal import Reason, Refusal, refuse

Unit = Literal["mg", "piece"]
UNITS_MAX = 2**53
LINES_MAX = 60
"""Lines of one certificate: more would be a list that nobody reads, and one entry each."""
_SEASON = re.compile(r"20[0-9]{2}(?:-[A-Z0-9]{1,8})?")
_MG_PER_KG = 1_000_000
_UNITS: Mapping[str, Unit] = {"mass": "mg", "pieces": "piece"}


@dataclass(frozen=True)
class Quota:
    """What a certificate bounds as a whole, its permits included; amounts in `unit`.

    `unit` and `granted` are None where nothing is bounded, and where lines count in two units.
    """

    cert_id: str
    bound: Bound
    unit: Unit | None
    granted: int | None
    printed: int = 0
    void: int = 0

    @property
    def left(self) -> int | None:
        """What may still be printed, in `unit`; None where nothing is bounded."""
        if self.granted is None:
            return None
        return self.granted - self.printed + freed(self.bound, self.void)


def freed(bound: Bound, void: int) -> int:
    """What void labels give back: their quantity where output is bounded, else nothing."""
    return void if bound is Bound.APPROVED_OUTPUT else 0


@dataclass(frozen=True)
class Account:
    """One account; amounts in `unit` (None: it counts nothing), `granted` only at a root.

    `parent` is the account that it was opened from, None for guard and lines.
    """

    account_id: str
    cert_id: str
    bound: Bound
    unit: Unit | None
    granted: int | None = None
    parent: str | None = None
    given: int = 0
    received: int = 0
    printed: int = 0
    void: int = 0
    sold: int = 0
    sold_void: int = 0
    closed: bool = False

    @property
    def counts(self) -> bool:
        """Whether it bounds anything."""
        return self.unit is not None

    @property
    def held(self) -> int:
        """What was ever put at its disposal and is not handed on: granted + received - given."""
        return (self.granted or 0) + self.received - self.given

    @property
    def left(self) -> int:
        """What may still be printed or handed on, in `unit`; 0 for an account that counts not."""
        return self.held - self.printed + freed(self.bound, self.void)

    @property
    def unsold(self) -> int:
        """The certified output for which no transaction certificate stands."""
        return (self.granted or 0) - self.sold + self.sold_void


def guard_of(quota: Quota) -> Account:
    """The guard of a certificate that is being granted."""
    return Account(quota.cert_id, quota.cert_id, quota.bound, quota.unit, quota.granted)


def total(cert_id: str, accounts: Iterable[Account]) -> Quota:
    """The balance of a certificate, over all its accounts."""
    tree = list(accounts)
    (guard,) = (each for each in tree if each.account_id == cert_id)
    counting = [each for each in tree if each.counts]
    units = {each.unit for each in counting}
    if len(units) != 1:
        return Quota(cert_id, guard.bound, None, None)
    granted = sum(each.granted or 0 for each in counting)
    printed, void = sum(each.printed for each in counting), sum(each.void for each in counting)
    return Quota(cert_id, guard.bound, units.pop(), granted, printed, void)


def take(account: Account, units: int) -> Account:
    """The account after printing labels for `units`; refuses the first one over, with numbers."""
    _require_units(units)
    if not account.counts:
        return account
    _require_open(account)
    if units > account.left:
        _refuse_over(account, units)
    return replace(account, printed=account.printed + units)


def make_void(account: Account, units: int) -> Account:
    """The account after labels for `units` became void; refuses more than was printed.

    Over a closed account see `return_freed`.
    """
    _require_units(units)
    if not account.counts:
        return account
    if account.void + units > account.printed:
        numbers = {"printed": account.printed, "void": account.void, "asked": units}
        _refuse(CertificationRefusal.OVER_VOID, account.unit, numbers)
    return replace(account, void=account.void + units)


def return_freed(account: Account, taker: Account) -> tuple[Account, Account]:
    """What a void left on a closed account goes to the open account above it."""
    assert account.closed
    return _moved(account, taker, account.left) if account.left else (account, taker)


def move(giver: Account, taker: Account, units: int) -> tuple[Account, Account]:
    """Both accounts after `units` went from one to the other; refuses more than is left."""
    _require_units(units)
    _require_open(giver)
    _require_open(taker)
    if units > giver.left:
        numbers = {"left": giver.left, "asked": units}
        _refuse(
            _by_unit(
                giver.unit,
                CertificationRefusal.OVER_ACCOUNT_MASS,
                CertificationRefusal.OVER_ACCOUNT_PIECES,
            ),
            giver.unit,
            numbers,
            "/quantity",
        )
    return _moved(giver, taker, units)


def open_below(parent: Account, account_id: str, units: int) -> tuple[Account, Account]:
    """The account that gave, and the new one below it that received `units`."""
    opened = Account(
        account_id, parent.cert_id, parent.bound, parent.unit, parent=parent.account_id
    )
    return move(parent, opened, units)


def close(account: Account, taker: Account) -> tuple[Account, Account]:
    """Both accounts after the first closed and gave back what it had left, be it nothing."""
    _require_open(account)
    if account.left:
        account, taker = _moved(account, taker, account.left)
    return replace(account, closed=True), taker


def open_above(account: Account, tree: Mapping[str, Account]) -> Account:
    """The nearest account above this one that is open; roots never close."""
    above = tree[account.parent or account.cert_id]
    return open_above(above, tree) if above.closed else above


def sell(account: Account, units: int) -> Account:
    """The root after a transaction certificate for `units`; refuses more than the output."""
    _require_units(units)
    if units > account.unsold:
        numbers = {
            "granted": account.granted or 0,
            "sold": account.sold - account.sold_void,
            "left": account.unsold,
            "asked": units,
        }
        _refuse(
            _by_unit(
                account.unit,
                CertificationRefusal.OVER_OUTPUT_MASS,
                CertificationRefusal.OVER_OUTPUT_PIECES,
            ),
            account.unit,
            numbers,
            "/quantity",
        )
    return replace(account, sold=account.sold + units)


def unsell(account: Account, units: int) -> Account:
    """The root after a transaction certificate for `units` was declared void."""
    _require_units(units)
    assert account.sold_void + units <= account.sold
    return replace(account, sold_void=account.sold_void + units)


def grant_anew(account: Account, granted: int) -> Account:
    """The root with another granted quantity; refuses less than is used or sold."""
    _require_units(granted, "/quantity")
    used = (account.granted or 0) - min(account.left, account.unsold)
    if granted < used:
        _refuse(
            _by_unit(
                account.unit,
                CertificationRefusal.GRANTED_BELOW_USED_MASS,
                CertificationRefusal.GRANTED_BELOW_USED_PIECES,
            ),
            account.unit,
            {"used": used, "asked": granted},
            "/quantity",
        )
    return replace(account, granted=granted)


def _moved(giver: Account, taker: Account, units: int) -> tuple[Account, Account]:
    assert giver.account_id != taker.account_id
    assert (giver.cert_id, giver.unit) == (taker.cert_id, taker.unit)
    given = replace(giver, given=giver.given + units)
    return given, replace(taker, received=taker.received + units)


def _require_units(units: int, pointer: str | None = None) -> None:
    if not 0 < units < UNITS_MAX:
        refuse(CertificationRefusal.UNITS_INVALID, pointer)


def _require_open(account: Account) -> None:
    if account.closed:
        refuse(CertificationRefusal.PERMIT_CLOSED)


def _refuse_over(account: Account, asked: int) -> NoReturn:
    numbers = {
        "granted": account.held,
        "printed": account.printed,
        "void": account.void,
        "left": account.left,
        "asked": asked,
    }
    code = _by_unit(
        account.unit,
        CertificationRefusal.OVER_QUOTA_MASS,
        CertificationRefusal.OVER_QUOTA_PIECES,
    )
    _refuse(code, account.unit, numbers)


def _by_unit(
    unit: Unit | None, mass: CertificationRefusal, pieces: CertificationRefusal
) -> CertificationRefusal:
    return mass if unit == "mg" else pieces


def _refuse(
    code: CertificationRefusal,
    unit: Unit | None,
    numbers: Mapping[str, int],
    pointer: str = "/count",
) -> NoReturn:
    shown: dict[str, str | int] = dict(numbers)
    if unit == "mg":
        shown = {name: kilograms(mass_mg) for name, mass_mg in numbers.items()}
    raise Refusal(Reason(code, pointer, shown))


def kilograms(mass_mg: int) -> str:
    """Whole milligrams as kilograms without rounding: 46_800_000_500 -> "46800.0005"."""
    return f"{(Decimal(mass_mg) / _MG_PER_KG).normalize():f}"


def read_units(quantity: str, unit: str, counted_in: Unit | None) -> int:
    """A quantity as typed, in the whole units of an account.

    Refuses QUANTITY_INVALID, UNIT_NOT_OF_ACCOUNT, and QUANTITY_NOT_BOUNDED for an account that
    counts nothing.
    """
    if counted_in is None:
        refuse(CertificationRefusal.QUANTITY_NOT_BOUNDED, "/quantity")
    try:
        typed = parse(quantity, unit)
        units = typed.whole()
    except QuantityError as error:
        raise Refusal(Reason(CertificationRefusal.QUANTITY_INVALID, "/quantity")) from error
    if _UNITS.get(typed.kind) != counted_in:
        refuse(CertificationRefusal.UNIT_NOT_OF_ACCOUNT, "/unit")
    if not 0 < units < UNITS_MAX:
        refuse(CertificationRefusal.QUANTITY_INVALID, "/quantity")
    return units


class LineAsked(Protocol):
    """What a certificate grants for one product in one season ("" = its whole term)."""

    @property
    def product(self) -> str:
        """Id of the product."""

    @property
    def season(self) -> str:
        """`2026`, `2026-AUTUMN`, or "" for the whole term."""

    @property
    def granted(self) -> int:
        """In whole `unit`."""

    @property
    def unit(self) -> Unit:
        """`mg` or `piece`."""


def line_reasons(lines: Sequence[LineAsked], before: int = 0) -> Iterator[Reason]:
    """Yield what forbids to open these lines; what a grant may name is the certificate's rule.

    `before` counts those that the certificate has already.
    """
    if before + len(lines) > LINES_MAX:
        yield Reason(CertificationRefusal.LINES_TOO_MANY, "/lines", {"most": LINES_MAX})
    for number, line in enumerate(lines):
        if line.season and not _SEASON.fullmatch(line.season):
            yield Reason(CertificationRefusal.SEASON_MALFORMED, f"/lines/{number}/season")
        if not 0 < line.granted < UNITS_MAX:
            yield Reason(CertificationRefusal.QUANTITY_INVALID, f"/lines/{number}/quantity")
