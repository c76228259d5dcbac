"""Numbers that are made here: one after the other, never twice, also when many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from certification.numbers.service import next_number
from certification.refusals import CertificationRefusal
from certification.schemes.service import scheme
from identity.actor import SYSTEM
from runtime.refusal import refuse
from tests.certification.books import codes

TAKERS, EACH = 6, 5


@dataclass(frozen=True)
class Take:
    """A request for a number."""

    code: str
    year: int = 2026
    recorded: tuple[str, ...] = ()
    fails: bool = False


@dataclass(frozen=True)
class Taken:
    """A number."""

    number: str


def take(work, command, actor, now):
    recorded = frozenset(command.recorded)
    number = next_number(work, scheme(command.code), command.year, recorded.__contains__)
    if command.fails:
        refuse(CertificationRefusal.NUMBER_TAKEN)
    return Taken(number)


@pytest.fixture
def taken(node):
    def taken(code, **more):
        return node.unit.run(take, Take(code, **more), actor=SYSTEM).number

    return taken


def test_numbers_follow_one_another(taken):
    assert [taken("jnjp") for _ in range(3)] == [
        "JNJP-2026-0001",
        "JNJP-2026-0002",
        "JNJP-2026-0003",
    ]
    # each scheme and year counts for itself
    assert taken("jnjp", year=2027) == "JNJP-2027-0001"
    assert taken("xiangli") == "XLZY-2026-0001"
    assert taken("wetland") == "WETL-2026-0001"
    # what was recorded as old stock is passed over
    recorded = ("JNJP-2026-0004", "JNJP-2026-0005", "JNJP-2026-0007")
    assert taken("jnjp", recorded=recorded) == "JNJP-2026-0006"
    # a refused grant gives its number back
    assert codes(taken, "jnjp", fails=True) == ["number_taken"]
    assert taken("jnjp", recorded=recorded) == "JNJP-2026-0008"


@pytest.mark.parametrize("code", ["agi", "gip", "gim", "green", "mtyx", "organic"])
def test_a_national_number_is_not_made_here(code):
    assert codes(next_number, None, scheme(code), 2026) == ["number_issued_elsewhere"]


def test_a_year_may_run_out(taken, node):
    used = tuple(f"WETL-2026-{serial:04d}" for serial in range(1, 10_000))
    assert codes(taken, "wetland", recorded=used) == ["numbers_exhausted"]
    assert taken("wetland") == "WETL-2026-0001"


def test_many_at_once_get_different_numbers(taken):
    with ThreadPoolExecutor(TAKERS) as pool:
        found = list(pool.map(lambda _: taken("hhk"), range(TAKERS * EACH)))
    assert sorted(found) == [f"HHK-2026-{n:04d}" for n in range(1, TAKERS * EACH + 1)]
