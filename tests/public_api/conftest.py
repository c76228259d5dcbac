"""The public face of a small market, once on each kind of database; quick tests on SQLite only."""

from __future__ import annotations

import pytest

from tests.public_api.market import Market, open_market


@pytest.fixture
def market(node) -> Market:
    return open_market(node)
