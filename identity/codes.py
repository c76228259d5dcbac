"""Codes that others give out: unified social credit codes, identity numbers, regions, phones.

Each function takes what somebody typed and returns the one spelling that is stored, or raises
`CodeError` with the name of the first rule that is broken:

- *credit code*, GB 32100: 18 characters of an alphabet without I O S V Z; the first names the
  registering authority (digits, A for the Central Military Commission, N for agriculture, Y for
  others), the next seven are digits, the last is a check character, weights 3^(i-1) mod 31
- *identity number*, GB 11643: 18 characters, ISO 7064 MOD 11-2, a date that has been, and a
  division that existed in the year of birth
- *region code*: county 6 digits (GB/T 2260), town 9, village 12 (statistical codes); which towns
  and villages exist changes each year and is not decided here
- *phone number*: a mobile or a landline number of mainland China

Codes stand for parties, so the error never repeats them.
"""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.exceptions import (
    InvalidChecksum,
    InvalidComponent,
    InvalidFormat,
    InvalidLength,
    ValidationError,
)

from runtime.ids import kind_of
from runtime.regions import is_region_code, region_words

CREDIT_CODE_LENGTH = 18
# GB 32100, table of registering authorities. python-stdnum wants a digit in the first place,
# and so refuses every rural collective (N); its alphabet and check character are used as they are.
_CREDIT_CODE = re.compile(r"[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")
_TYPED_MAX = 40


class CodeError(ValueError):
    """A code breaks a rule; `rule` is length, shape, check, date or place."""

    def __init__(self, rule: str) -> None:
        """Keep the broken rule, never the code."""
        super().__init__(rule)
        self.rule = rule


def _bounded(typed: str) -> str:
    """Return what was typed, unless nobody would type so much. Raises CodeError: length."""
    if len(typed) > _TYPED_MAX:
        raise CodeError("length")
    return typed


def credit_code(typed: str) -> str:
    """Return a unified social credit code (GB 32100) in its stored spelling.

    Spaces, hyphens, full-width digits and lower case are forgiven. Raises CodeError: length, shape,
    check.
    """
    number = uscc.compact(_bounded(typed))
    if len(number) != CREDIT_CODE_LENGTH:
        raise CodeError("length")
    if not _CREDIT_CODE.fullmatch(number):
        raise CodeError("shape")
    if number[-1] != uscc.calc_check_digit(number):
        raise CodeError("check")
    return number


_RIC_RULES: dict[type[ValidationError], str] = {
    InvalidLength: "length",
    InvalidFormat: "shape",
    InvalidChecksum: "check",
}


def identity_number(typed: str, today: date) -> str:
    """Return a resident's identity number (GB 11643), 18 characters.

    The 15-character numbers of before 1999 are refused: no card that bears one is valid. Raises
    CodeError: length, shape, check, date, place.
    """
    try:
        number = ric.validate(_bounded(typed))
        born = ric.get_birth_date(number)
    except InvalidComponent:
        raise CodeError(_broken_component(typed)) from None
    except ValidationError as error:
        raise CodeError(_RIC_RULES[type(error)]) from None
    if born > today:
        raise CodeError("date")
    return number


def _broken_component(typed: str) -> str:
    try:
        ric.get_birth_date(typed)
    except InvalidComponent:
        return "date"
    return "place"


def region_code(typed: str) -> str:
    """Return a region code of 6, 9 or 12 digits. Raises CodeError: shape, place."""
    if not (typed.isascii() and is_region_code(typed)):
        raise CodeError("shape")
    if not region_words(typed[:2]):
        raise CodeError("place")
    return typed


def is_region(typed: str) -> bool:
    """Tell whether a text is a region code."""
    try:
        region_code(typed)
    except CodeError:
        return False
    return True


def phone_number(typed: str) -> str:
    """Return a mainland phone number as digits, without +86. Raises CodeError: length, shape."""
    digits = re.sub(r"[ \-]", "", _bounded(typed))
    digits = re.sub(r"\A(?:\+86|0086)", "", digits)
    if not (_MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits)):
        raise CodeError("shape")
    return digits


def masked_phone(digits: str) -> str:
    """Return a phone number with its middle hidden: 138****5678."""
    return f"{digits[:3]}****{digits[-4:]}"


def is_id(text: str) -> bool:
    """Tell whether a text has the form of an id of ours; anything else names no row."""
    try:
        kind_of(text)
    except ValueError:
        return False
    return True
