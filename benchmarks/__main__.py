"""`make bench`: every benchmark in turn, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "append", "durable", "verify_log", "capture", "scan", "recall", "printing", "demo_time",
    "blast_radius", "move_certificates", "certificate_papers", "certificate_status",
)  # fmt: skip


def main() -> None:
    """Run those that are named, or all."""
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"# {name}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
