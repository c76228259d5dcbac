"""The stage of these tests, on both kinds of database."""

from __future__ import annotations

import pytest

from tests.fixtures.nodes import Grow
from tests.trace.labels.stage import Stage, set_stage


@pytest.fixture
def stage(grow: Grow[Stage]) -> Stage:
    """A node with a co-op, a rival, a household, rice and crabs."""
    return grow(set_stage)
