"""What these tests log is known to the log, whether or not the application lists it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from certification.schemes.entries import ENTRY_TYPES
from ecotrace import entry_types


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in ENTRY_TYPES:
        monkeypatch.setitem(known, each.type, each)
