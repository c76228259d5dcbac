"""A print run of 1,000,000 serials as one row, and sheet labels a second on one core."""

from __future__ import annotations

import statistics
import time

from benchmarks.figure import Figure, report
from benchmarks.labelled import labelled
from benchmarks.scratch import NOW
from benchmarks.served import demo
from runtime.typesetting import find_font
from trace.labels.lookup import PrintedLabel
from trace.labels.sheets import A4, Design, render

_SHEET = 960


def main() -> None:
    """Measure."""
    with demo() as served:
        taken = [labelled(served.data, 1_000_000, 1).seconds for _ in range(3)]
    report(Figure("print run of 1,000,000 serials", statistics.median(taken), "s", 1.0, "less"))
    rates = [_sheets() for _ in range(3)]
    report(Figure("sheet labels on one core", statistics.median(rates), "labels/s", 500))


def _sheets() -> float:
    base = "https://trace.example.com/01/09521234543213/10/XZM20261026/21/AAAAAAyvjyvoB__H"
    labels = [
        PrintedLabel(at, f"{at:020d}", f"{base}{at:04d}", f"1-{at:07d}-A")
        for at in range(1, _SHEET + 1)
    ]
    design = Design("小站稻米 5 公斤", "天津市津南区小站镇", demo=True, at=NOW, mark="sample")
    font = find_font()
    start = time.process_time()
    render(design, labels, "pdf", A4, font)
    # User time of all threads: what one core would have taken.
    return _SHEET / (time.process_time() - start)


if __name__ == "__main__":
    main()
