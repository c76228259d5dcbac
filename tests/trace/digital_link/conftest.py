"""The reference implementation of the CBV event hash, as a second reader of identifiers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module

import pytest


@pytest.fixture(scope="session")
def reference_normaliser() -> Callable[[str], str | None]:
    with warnings.catch_warnings():
        # The package and its own dependencies use what later Pythons drop.
        warnings.simplefilter("ignore")
        reference = import_module("epcis_event_hash_generator.dl_normaliser")
    normalised: Callable[[str], str | None] = reference.normaliser
    return normalised
