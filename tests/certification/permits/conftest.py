"""The desk of these tests, on both kinds of database."""

from __future__ import annotations

import pytest

from tests.certification.desk import Desk, open_desk
from tests.fixtures.nodes import Grow


@pytest.fixture
def desk(grow: Grow[Desk]) -> Desk:
    """A brand office, a firm and two packing houses."""
    return grow(open_desk)
