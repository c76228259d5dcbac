"""The hall, with its log entries known to the log, and a laboratory that says what it is told."""

from __future__ import annotations

from typing import Any, cast

import pytest

from certification.appeals import entries as appeals
from certification.bars import entries as bars
from certification.bodies import entries as bodies
from certification.cases import entries as cases
from certification.evidence import entries as evidence
from certification.inspections import entries as inspections
from certification.labs import service as labs
from certification.labs.model import LabVerdict
from certification.schemes import entries as schemes
from ecotrace import entry_types
from tests.certification.cases.hall import Hall, open_deciding, open_hall, open_submitted
from tests.fixtures.nodes import Grow

_DECLARED = (appeals, bars, bodies, cases, evidence, inspections, schemes)


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests log is known to the log, whether or not the application lists it."""
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in (each for entries in _DECLARED for each in entries.ENTRY_TYPES):
        monkeypatch.setitem(known, each.type, each)


@pytest.fixture(autouse=True)
def tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports and their limits are tried elsewhere: here the goods have passed."""
    monkeypatch.setattr(labs, "verdict", lambda *_: LabVerdict(True))


@pytest.fixture
def hall(grow: Grow[Hall]) -> Hall:
    return grow(open_hall)


@pytest.fixture
def submitted(grow: Grow[Hall]) -> Hall:
    return grow(open_submitted)


@pytest.fixture
def deciding(grow: Grow[Hall]) -> Hall:
    return grow(open_deciding)
