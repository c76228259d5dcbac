"""`ecotrace demo --no-serve` after set-up."""

from __future__ import annotations

import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, report, seconds


def main() -> None:
    """Measure."""
    taken = statistics.median(seconds(_demo) for _ in range(3))
    report(Figure("ecotrace demo --no-serve", taken, "s", 10, "less"))


def _demo() -> None:
    with TemporaryDirectory() as folder:
        words = ["-m", "ecotrace", "demo", "--data", f"{folder}/data", "--no-serve"]
        subprocess.run([sys.executable, *words], check=True, capture_output=True)


if __name__ == "__main__":
    main()
