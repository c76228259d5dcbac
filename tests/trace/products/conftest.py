"""The stage of these tests, on both kinds of database."""

from __future__ import annotations

import pytest

from tests.trace.labels.stage import Stage, set_stage
from web.node import Node


@pytest.fixture
def stage(node: Node) -> Stage:
    """A node with a co-op, a rival, a household, rice and crabs."""
    return set_stage(node)
