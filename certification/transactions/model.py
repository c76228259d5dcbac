"""A transaction certificate: so much of a certified output went to one buyer on one day.

States: issued -> void. The office issues it when the holder sells goods on without labels, and
declares it void when the sale did not happen or the certificate behind it was taken away.

Invariants:

- over a certificate (or each of its lines), what stands sold is never more than was granted; labels
  printed are bounded beside it, on a side of their own (`certification.quotas.model`)
- public are number and state; who, what, how much and under which certificate are committed
- the sale lies in the past, and the certificate was in force on its day and is so now

Refused: TRANSACTIONS_NOT_OFFERED, TRANSACTION_BUYER_INVALID, IN_THE_FUTURE, TRANSACTION_VOID,
OVER_OUTPUT_* and the state of the certificate.

Source: transaction certificates against scope certificates as in textile and organic schemes; the
organic rules know them as 有机产品销售证 (title only; the text was not read). Numbers are this
platform's own: `TC-2026-000001`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from certification.certificates.model import History, require_usable, status_at
from certification.refusals import CertificationRefusal
from certification.schemes.model import Bound, Words
from runtime.clock import beijing_date, day_end
from runtime.refusal import refuse

LOTS_MAX = 50
"""Lots that one transaction certificate names."""


class TransactionState(StrEnum):
    """The state of a transaction certificate."""

    ISSUED = "issued"
    VOID = "void"


STATE_WORDS: dict[TransactionState, Words] = {
    TransactionState.ISSUED: Words("有效", "Issued"),
    TransactionState.VOID: Words("已作废", "Void"),
}


def number_of(year: int, serial: int) -> str:
    """The number of the transaction certificate that was made so many-th in a year."""
    return f"TC-{year}-{serial:06d}"


def check_issue(
    bound: Bound, history: History, parties: tuple[str, str], sold_on: date, now: datetime
) -> None:
    """Refuse a sale of what is not bounded, to oneself, of tomorrow, or without the right.

    `parties` are seller and buyer.
    """
    if bound is not Bound.APPROVED_OUTPUT:
        refuse(CertificationRefusal.TRANSACTIONS_NOT_OFFERED)
    if parties[0] == parties[1]:
        refuse(CertificationRefusal.TRANSACTION_BUYER_INVALID, "/buyer")
    if sold_on > beijing_date(now):
        refuse(CertificationRefusal.IN_THE_FUTURE, "/sold_on")
    last = min(day_end(sold_on) - timedelta(microseconds=1), now)
    for at in (now, last):
        require_usable(status_at(history, at, now))


def check_lots(lots: Collection[str]) -> None:
    """Refuse a list of lots that repeats one or is too long to read."""
    if len(set(lots)) != len(lots) or len(lots) > LOTS_MAX:
        refuse(CertificationRefusal.TRANSACTION_LOTS, "/lots", most=LOTS_MAX)


def check_void(state: TransactionState) -> None:
    """Refuse to declare void twice."""
    if state is TransactionState.VOID:
        refuse(CertificationRefusal.TRANSACTION_VOID)
