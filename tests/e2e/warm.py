"""`ecotrace serve` with everything imported, waiting for a line on its input before it begins.

Two thirds of a start are imports. Here they are done while another server is still being killed;
what comes after the line is the command itself, and the gunicorn that it would have become.
"""

from __future__ import annotations

import os
import sys

from gunicorn.app.wsgiapp import run

import ecotrace.app
from ecotrace.cli.commands import cli

assert ecotrace.app.create_app


def become(_path: str, words: list[str]) -> None:
    """Run gunicorn in this process, as `os.execv` would with these words."""
    sys.argv = words[2:]
    run()


if __name__ == "__main__":
    os.execv = become  # type: ignore[assignment]
    port = sys.stdin.readline().strip()
    cli(["serve", "--port", port], prog_name="ecotrace")
