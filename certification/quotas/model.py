"""The balance of one certificate: what was granted, printed, voided, and what is left.

Invariants, for every certificate that bounds a quantity, after every operation:

- 0 <= void <= printed
- 0 <= left <= granted, where `left` follows `Bound`: a void label frees its quantity again where
  output is bounded, and stays used where prints are bounded
- all four are whole milligrams (`mg`) or pieces (`piece`), below 2**53

A certificate of an unbounded scheme has a quota too, so that its row can be locked, but counts
nothing: its labels are counted by their print runs.

Refused: UNITS_INVALID, OVER_QUOTA_MASS, OVER_QUOTA_PIECES, OVER_VOID.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NoReturn

from certification.refusals import CertificationRefusal
from certification.schemes.model import Bound
from runtime.refusal import Reason, Refusal, refuse

Unit = Literal["mg", "piece"]
UNITS_MAX = 2**53
_MG_PER_KG = 1_000_000


@dataclass(frozen=True)
class Quota:
    """The quantity account of a certificate; amounts in `unit` (None: nothing is bounded)."""

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
        freed = self.void if self.bound is Bound.APPROVED_OUTPUT else 0
        return self.granted - self.printed + freed


def take(quota: Quota, units: int) -> Quota:
    """The quota after printing labels for `units`; refuses the first one over, with the numbers."""
    _require_units(units)
    if quota.left is None:
        return quota
    if units > quota.left:
        _refuse_over(quota, units)
    return replace(quota, printed=quota.printed + units)


def make_void(quota: Quota, units: int) -> Quota:
    """The quota after labels for `units` became void; refuses more than was printed."""
    _require_units(units)
    if quota.left is None:
        return quota
    if quota.void + units > quota.printed:
        numbers = {"printed": quota.printed, "void": quota.void, "asked": units}
        _refuse(CertificationRefusal.OVER_VOID, quota.unit, numbers)
    return replace(quota, void=quota.void + units)


def _require_units(units: int) -> None:
    if not 0 < units < UNITS_MAX:
        refuse(CertificationRefusal.UNITS_INVALID)


def _refuse_over(quota: Quota, asked: int) -> NoReturn:
    by_mass = quota.unit == "mg"
    code = (
        CertificationRefusal.OVER_QUOTA_MASS if by_mass else CertificationRefusal.OVER_QUOTA_PIECES
    )
    assert quota.granted is not None
    assert quota.left is not None
    numbers = {
        "granted": quota.granted,
        "printed": quota.printed,
        "void": quota.void,
        "left": quota.left,
        "asked": asked,
    }
    _refuse(code, quota.unit, numbers)


def _refuse(code: CertificationRefusal, unit: Unit | None, numbers: Mapping[str, int]) -> NoReturn:
    shown: dict[str, str | int] = dict(numbers)
    if unit == "mg":
        shown = {name: kilograms(mass_mg) for name, mass_mg in numbers.items()}
    raise Refusal(Reason(code, "/count", shown))


def kilograms(mass_mg: int) -> str:
    """Whole milligrams as kilograms without rounding: 46_800_000_500 -> "46800.0005"."""
    return f"{(Decimal(mass_mg) / _MG_PER_KG).normalize():f}"
