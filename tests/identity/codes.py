"""Codes made at run time: right check digits, divisions that do not exist."""

from __future__ import annotations

from stdnum.cn import ric, uscc


def made_code(authority: str, number: int) -> str:
    """Give a credit code of an authority and category ("93", "N2"), in division 999999."""
    stem = f"{authority}999999{number:09d}"
    return stem + uscc.calc_check_digit(stem)


def made_identity_number(division: str, born: str, serial: int) -> str:
    """Give an identity number; `born` is YYYYMMDD."""
    stem = f"{division}{born}{serial:03d}"
    return stem + ric.calc_check_digit(stem + "0")
