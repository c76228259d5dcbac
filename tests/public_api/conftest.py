"""The public face of a small market, once on each kind of database; quick tests on SQLite only."""

from __future__ import annotations

import pytest

from tests.fixtures.nodes import Grow
from tests.public_api.market import Market, make_site, open_market


@pytest.fixture
def market(grow: Grow[Market]) -> Market:
    market = grow(open_market)
    market.site = make_site(market.node)
    return market
