"""Points and accounts.

Points are counted in whole milli-points (1 point = 1000), never in floats. Each party has at most
one account per unit; it is opened by its first posting and never closed by hand.

System accounts stand on the other side of every posting. They have names instead of rows and store
no balance: what they hold is the sum of their postings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

UNIT = "eco"
MILLI = 1000
AMOUNT_MAX = 2**53 - 1
_POINTS = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?")


class SystemAccount(StrEnum):
    """The accounts that belong to nobody."""

    ISSUE = "eco/issue"  # where awarded points come from
    PENALTY = "eco/penalty"  # where deducted points go
    EXPIRED = "eco/expired"  # where lapsed points go


@dataclass(frozen=True)
class Account:
    """The points account of one party."""

    account_id: str
    party: str
    unit: str


@dataclass(frozen=True)
class Balance:
    """What an account holds now, in milli-points; negative when a penalty exceeded it."""

    account_id: str
    party: str
    unit: str
    balance_milli: int
    postings: int


def milli_from(text: str) -> int:
    """Milli-points from a decimal number of points with at most three places; else ValueError."""
    if not _POINTS.fullmatch(text):
        raise ValueError(f"{text!r} is no number of points with at most three decimals")
    whole, _, places = text.lstrip("-").partition(".")
    amount = int(whole) * MILLI + int(places.ljust(3, "0"))
    return -amount if text.startswith("-") else amount


def points_text(amount_milli: int) -> str:
    """Milli-points as a number of points without idle zeros: 20_000 -> "20", -500 -> "-0.5"."""
    sign = "-" if amount_milli < 0 else ""
    whole, places = divmod(abs(amount_milli), MILLI)
    return f"{sign}{whole}.{places:03d}".rstrip("0").rstrip(".")
