"""The public face of a small market, once on each kind of database; quick tests on SQLite only."""

from __future__ import annotations

import pytest

from certification.papers.seals import make_seal
from certification.statuses.keys import make_status_key
from tests.fixtures.nodes import Grow
from tests.public_api.market import Market, make_site, open_market


@pytest.fixture
def market(grow: Grow[Market]) -> Market:
    market = grow(open_market)
    node = market.node
    make_status_key(node.vault, node.randomness)
    make_seal(node.vault, node.randomness, node.log_keys.origin, node.clock.now())
    market.site = make_site(node)
    return market
