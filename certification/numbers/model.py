"""Numbers of certificates and marks: which forms there are, and what a number says about itself.

Nouns. A *form* is a rule of spelling: it reads a number into what the number says (year, month,
place, grade, holder), or finds it malformed. *Facts* are what is known of the certificate; where a
number says something that the facts contradict, it is refused. A fact that is not known is not
checked: a number is never refused for what nobody told.

Forms (the name stands in `numbering.form` of a scheme):

pattern       the scheme's `number_pattern` and nothing else
own           `PREFIX-YEAR-SERIAL`, made here; the year is that of the first day or the one before,
              since a decision of December may begin in January
green         LB-CC-YYMMPPSSSS(S)A|AA, LB-CC-YYMMPPSSSG (older, the last digit is odd for A and
              even for AA), GFccccccYYSSSS (county, year of the firm's first licence, serial)
organic       body (3 or 4 digits, or F and 2) OP YY 5 digits (-n); kept at recertification
agi           AGIYYYY-NN-NNN…, or the older AGI and 5 digits
mtyx          CAQS-MTYX-YYYYNNNN
credit_code   the holder's credit code (GB 32100), -n for further certificates of one holder

Organic marks carry an *organic code* (有机码) besides: 17 digits by the rule of 2011, 18 by that of
2022; the layout of the latter was not read, so codes keep the version of their rule.

Sources: shared notes on codes, section 2; a copy of the CNCA annex on mark codes (2012); the
forms of numbers in public lists. Refused: NUMBER_MALFORMED, NUMBER_NOT_OF_PLACE,
NUMBER_NOT_OF_TERM, NUMBER_NOT_OF_HOLDER, NUMBER_NOT_OF_GRADE.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from identity.codes import CodeError, credit_code
from runtime.refusal import Reason

POINTER = "/number"
GREEN_SINCE, FIRM_CODE_SINCE = 1990, 2009
"""First LB numbers; first GF codes (2009-08-01, a page quoting the announcement)."""
ORGANIC_SINCE, AGI_SINCE, LISTING_SINCE = 2005, 2008, 2018


@dataclass(frozen=True)
class Facts:
    """What is known of the certificate that a number is meant for; None: not known.

    `provinces` maps the place codes of LB numbers to provinces of GB/T 2260 (2 digits).
    """

    from_date: date | None = None
    holder_code: str | None = None
    holder_region: str | None = None
    grade: str | None = None
    provinces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What a number says about itself; None: nothing.

    `province` is 2 digits of GB/T 2260, "" for a place code that the table does not hold. A number
    with `kept` stays through renewals, so its year may lie long before the term.
    """

    year: int | None = None
    month: int | None = None
    province: str | None = None
    grade: str | None = None
    holder_code: str | None = None
    since: int = 2000
    kept: bool = True


@dataclass(frozen=True)
class OrganicCode:
    """One organic code: the rule it follows, the body, the year, and the random rest."""

    version: Literal["2011", "2022"]
    body: str
    year: int
    rest: str
    verified: bool


Form = Callable[[Scheme, str, Facts], Said | None]


def check(scheme: Scheme, number: str, facts: Facts) -> tuple[Reason, ...]:
    """Every reason to refuse a number for a certificate of a scheme; empty where there is none."""
    said = FORMS[scheme.numbering.form](scheme, number, facts)
    if said is None or not scheme.accepts_number(number):
        return (Reason(CertificationRefusal.NUMBER_MALFORMED, POINTER),)
    return tuple(_contradictions(said, facts))


def _contradictions(said: Said, facts: Facts) -> Iterator[Reason]:
    wrong = {
        CertificationRefusal.NUMBER_NOT_OF_PLACE: _other_place(said, facts),
        CertificationRefusal.NUMBER_NOT_OF_TERM: _other_term(said, facts),
        CertificationRefusal.NUMBER_NOT_OF_HOLDER: _differ(said.holder_code, facts.holder_code),
        CertificationRefusal.NUMBER_NOT_OF_GRADE: _differ(said.grade, facts.grade),
    }
    for code, holds in wrong.items():
        if holds:
            yield Reason(code, POINTER)


def _differ(said: str | None, known: str | None) -> bool:
    return said is not None and known is not None and said != known


def _other_place(said: Said, facts: Facts) -> bool:
    known = None if facts.holder_region is None else facts.holder_region[:2]
    return _differ(said.province, known)


def _other_term(said: Said, facts: Facts) -> bool:
    """The number was given later than the term begins, before numbers were, or too long ago."""
    if said.year is None or facts.from_date is None:
        return False
    begins = facts.from_date
    if said.year < said.since or (said.year, said.month or 1) > (begins.year, begins.month):
        return True
    return not said.kept and said.year < begins.year - 1


# --- Forms ---------------------------------------------------------------------------------------

_GF = re.compile(r"GF([0-9]{2})[0-9]{4}([0-9]{2})[0-9]{4}")
_LB = re.compile(r"LB-[0-9]{2}-([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{4,5}(AA?)")
_LB_OLD = re.compile(r"LB-[0-9]{2}-([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}([0-9])")
_ORGANIC = re.compile(r"(?:[0-9]{3,4}|F[0-9]{2})OP([0-9]{2})[0-9]{5}(?:-[0-9]{1,3})?")
_AGI = re.compile(r"AGI(20[0-9]{2})-[0-9]{2}-[0-9]{3,5}")
_AGI_OLD = re.compile(r"AGI[0-9]{5}")
_LISTED = re.compile(r"CAQS-MTYX-(20[0-9]{2})[0-9]{4}")
_CREDIT = re.compile(r"([0-9A-Z]{18})(?:-[1-9][0-9]{0,2})?")
_OWN = re.compile(r"[A-Z][A-Z0-9]{0,7}-(20[0-9]{2})-[0-9]{3,6}")


def _century(two_digits: str) -> int:
    """The year of two digits: green food began in 1990, so 90 to 99 are of the last century."""
    year = int(two_digits)
    return 1900 + year if year >= 90 else 2000 + year


def _pattern(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    return Said()


def _own(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    found = _OWN.fullmatch(number)
    return None if found is None else Said(year=int(found[1]), kept=False)


def _green(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    if found := _GF.fullmatch(number):
        return Said(year=2000 + int(found[2]), province=found[1], since=FIRM_CODE_SINCE)
    old = _LB_OLD.fullmatch(number)
    found = old or _LB.fullmatch(number)
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    if old is not None:
        grade = "A" if int(found[4]) % 2 else "AA"
    else:
        grade = found[4]
    province = facts.provinces.get(found[3], "")
    return Said(_century(found[1]), int(found[2]), province, grade, since=GREEN_SINCE)


def _organic(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    found = _ORGANIC.fullmatch(number)
    return None if found is None else Said(year=2000 + int(found[1]), since=ORGANIC_SINCE)


def _agi(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    if found := _AGI.fullmatch(number):
        return Said(year=int(found[1]), since=AGI_SINCE)
    return Said() if _AGI_OLD.fullmatch(number) else None


def _listed(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    found = _LISTED.fullmatch(number)
    return None if found is None else Said(year=int(found[1]), since=LISTING_SINCE)


def _credit(scheme: Scheme, number: str, facts: Facts) -> Said | None:
    found = _CREDIT.fullmatch(number)
    if found is None:
        return None
    try:
        code = credit_code(found[1])
    except CodeError:
        return None
    return Said(holder_code=code) if code == found[1] else None


FORMS: Mapping[str, Form] = {
    "pattern": _pattern,
    "own": _own,
    "green": _green,
    "organic": _organic,
    "agi": _agi,
    "mtyx": _listed,
    "credit_code": _credit,
}
"""Every form by the name that schemes use."""

_CODE_17 = re.compile(r"([0-9]{3})([0-9]{2})([0-9]{12})")
_CODE_18 = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{12})")


def organic_code(number: str, today: date) -> OrganicCode | None:
    """What an organic code on a pack says; None for what is no such code or names a later year.

    17 digits: body 3, year 2, random 12 (annex of 2012). 18 digits: taken as body 4, year 2,
    random 12, which was not read (`verified` false).
    """
    old = _CODE_17.fullmatch(number)
    found = old or _CODE_18.fullmatch(number)
    if found is None or not number.isascii():
        return None
    year = 2000 + int(found[2])
    if not 2011 <= year <= today.year:
        return None
    version: Literal["2011", "2022"] = "2022" if old is None else "2011"
    return OrganicCode(version, found[1], year, found[3], verified=old is not None)
