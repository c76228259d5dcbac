"""A desk for evidence, with a vocabulary of its own and the log entries of this noun."""

from __future__ import annotations

import pytest

from certification.evidence import entries as evidence
from certification.evidence import service
from certification.labs import entries as labs
from certification.labs import service as lab_service
from ecotrace.entry_types import ENTRY_TYPES
from tests.certification.evidence.desk import VOCABULARY, Desk, open_desk
from tests.fixtures.nodes import Grow


@pytest.fixture(autouse=True)
def vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small rules of which each kind of field and document is one."""
    for module in (service, lab_service):
        monkeypatch.setattr(module, "vocabulary", lambda: VOCABULARY)
    for each in (*evidence.ENTRY_TYPES, *labs.ENTRY_TYPES):
        if each.type not in ENTRY_TYPES:
            monkeypatch.setitem(ENTRY_TYPES, each.type, each)


@pytest.fixture
def desk(grow: Grow[Desk]) -> Desk:
    return grow(open_desk)
