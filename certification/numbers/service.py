"""Checking numbers with the data that ships, and making those that are issued here.

Locks: the counter comes after the certificate's guard and before lots and streams. A number is
taken in the transaction that uses it, so a refused grant gives its number back.

Refused: those of `model.check`, NUMBER_ISSUED_ELSEWHERE, NUMBERS_EXHAUSTED.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select

from certification.numbers import model
from certification.numbers.model import Facts
from certification.numbers.tables import NumberCounterRow
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from identity.first_come import insert_unless_there
from ledger.work import Work
from runtime.refusal import Reason, refuse

DATA = Path(__file__).parent / "data"


@cache
def green_provinces() -> Mapping[str, str]:
    """Provinces of GB/T 2260 (2 digits) by the place code of LB numbers."""
    document = tomllib.loads((DATA / "green_provinces.toml").read_text(encoding="utf-8"))
    return MappingProxyType(dict(document["provinces"]))


def number_reasons(scheme: Scheme, number: str, facts: Facts) -> tuple[Reason, ...]:
    """Every reason to refuse a number for a certificate of a scheme, as far as `facts` tell."""
    return model.check(scheme, number, replace(facts, provinces=green_provinces()))


def next_number(
    work: Work, scheme: Scheme, year: int, taken: Callable[[str], bool] | None = None
) -> str:
    """The next number of a scheme that issues its own, in a Beijing year.

    `taken` says which numbers are in use already, such as those of old stock that was recorded;
    they are passed over. Raises Refusal: NUMBER_ISSUED_ELSEWHERE, NUMBERS_EXHAUSTED.
    """
    template = scheme.number_template
    if template is None:
        refuse(CertificationRefusal.NUMBER_ISSUED_ELSEWHERE, "/number")
    row = _locked(work, scheme.code, year)
    while True:
        row.newest += 1
        number = template.format(year=year, serial=row.newest)
        if not scheme.accepts_number(number):
            refuse(CertificationRefusal.NUMBERS_EXHAUSTED, "/number", year=str(year))
        if taken is None or not taken(number):
            work.flush()
            return number


def _locked(work: Work, scheme: str, year: int) -> NumberCounterRow:
    # The row exists before it is locked, or two first grants would not meet on it.
    key = {"scheme": scheme, "year": year}
    insert_unless_there(work, NumberCounterRow, {**key, "newest": 0})
    query = select(NumberCounterRow).filter_by(**key).with_for_update()
    return work.scalars(query.execution_options(populate_existing=True)).one()
