"""Cutting long lists into portions, so that no statement grows with the log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise


def spans(total: int, step: int) -> Iterator[tuple[int, int]]:
    """`[0, total)` as consecutive `(low, high)` of at most `step`."""
    yield from pairwise([*range(0, total, step), total])
