"""The stage of these tests, on both kinds of database."""

from __future__ import annotations

import pytest

from tests.trace.chain import Farm, farm
from web.node import Node


@pytest.fixture
def field(node: Node) -> Farm:
    """A node with a co-op, a rival, a household, rice and crabs; no lots yet."""
    return farm(node)
