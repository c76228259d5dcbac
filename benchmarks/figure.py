"""What a benchmark says: one line of JSON a figure, and a line for people."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured value against what is wanted; `better` says which side of `wanted` is good."""

    name: str
    value: float
    unit: str
    wanted: float
    better: str = "more"
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        """Whether the figure is as good as wanted."""
        return self.value >= self.wanted if self.better == "more" else self.value <= self.wanted


def report(figure: Figure) -> Figure:
    """Print a figure."""
    sign = "ok  " if figure.reached else "MISS"
    than = ">=" if figure.better == "more" else "<="
    line = (
        f"{sign} {figure.name}: {figure.value:,.3f} {figure.unit} (wanted {than} {figure.wanted})"
    )
    print(line, file=sys.stderr)
    print(json.dumps({**asdict(figure), "reached": figure.reached, "load": os.getloadavg()[0]}))
    sys.stdout.flush()
    return figure


def median_of(runs: int, work: Callable[[], float]) -> float:
    """Give the median of several runs."""
    return statistics.median(work() for _ in range(runs))


def seconds(work: Callable[[], object]) -> float:
    """Give how long something takes by the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
