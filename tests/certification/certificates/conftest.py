"""The brand office of these tests serves every scheme."""

from __future__ import annotations

import pytest

from tests.certification.conftest import Office, open_appointed_office
from tests.fixtures.nodes import Grow


@pytest.fixture
def office(grow: Grow[Office]) -> Office:
    return grow(open_appointed_office)
