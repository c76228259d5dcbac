"""Visits of an office with its inspectors; what they log is known to the log."""

from __future__ import annotations

from typing import Any, cast

import pytest

from certification.bodies.entries import ENTRY_TYPES as BODIES
from certification.inspections.entries import ENTRY_TYPES
from ecotrace import entry_types
from tests.certification.inspections.visits import Visits, open_visits
from tests.fixtures.nodes import Grow


@pytest.fixture(autouse=True)
def declared_types(monkeypatch: pytest.MonkeyPatch) -> None:
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in (*ENTRY_TYPES, *BODIES):
        monkeypatch.setitem(known, each.type, each)


@pytest.fixture
def visits(grow: Grow[Visits]) -> Visits:
    return grow(open_visits)
