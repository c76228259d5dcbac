"""The stage of these tests, on both kinds of database."""

from __future__ import annotations

import pytest

from tests.fixtures.nodes import Grow
from tests.trace.chain import Farm, farm


@pytest.fixture
def field(grow: Grow[Farm]) -> Farm:
    """A node with a co-op, a rival, a household, rice and crabs; no lots yet."""
    return grow(farm)
