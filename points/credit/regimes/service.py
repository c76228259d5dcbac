"""Reads the disclosure regimes that ship, once per process."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from points.credit.regimes.model import Regime, read_regimes

DATA = Path(__file__).parent / "data" / "disclosure.toml"


@cache
def regimes() -> tuple[Regime, ...]:
    """All regimes, in order of their first day."""
    return read_regimes(tomllib.loads(DATA.read_text(encoding="utf-8")))
