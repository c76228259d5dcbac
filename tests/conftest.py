"""Fixtures that every test may use; `tests/fixtures/` says how they are made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as search

from runtime.clock import FixedClock
from runtime.randomness import SeededRandomness
from runtime.settings import Settings, load
from runtime.vault import Vault
from tests.fixtures.disk import forgo_the_disk

pytest_plugins = (
    "tests.fixtures.run",
    "tests.fixtures.skips",
    "tests.fixtures.databases",
    "tests.fixtures.nodes",
    "tests.fixtures.browsers",
    "tests.fixtures.templates",
)

# How long a property is searched is no property of the code, so time is no reason to fail; and a
# run that fails in CI must fail for whoever runs it again.
search.register_profile("quick", deadline=None, derandomize=True, print_blob=True)
search.register_profile("deep", deadline=None, max_examples=5000)
search.load_profile("quick")


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at the beginning of November 2026."""
    return FixedClock(datetime(2026, 11, 1, tzinfo=UTC))


@pytest.fixture
def randomness() -> SeededRandomness:
    """The same bytes in every run."""
    return SeededRandomness(b"tests")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a node whose data folder is the test's own."""
    return load({"ECOTRACE_DATA": str(tmp_path)})


@pytest.fixture
def vault(tmp_path: Path, randomness: SeededRandomness, clock: FixedClock) -> Iterator[Vault]:
    """A key database of the test's own, empty."""
    url = f"sqlite:///{tmp_path / 'keys.sqlite3'}"
    vault = Vault(url, bytes(range(32)), randomness, clock)
    forgo_the_disk(vault.engine)
    vault.create_tables()
    yield vault
    vault.dispose()
