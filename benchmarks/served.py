"""A node with a demo, served by gunicorn in a process of its own, for benchmarks over HTTP."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

APPLICATION = "benchmarks.trivial:create_app()"


@dataclass(frozen=True)
class Served:
    """A served demo: its address, data folder, what `demo` printed, and the server process."""

    base: str
    data: Path
    printed: str
    process: psutil.Process

    def path(self, what: str) -> str:
        """Give the path of a demo code."""
        found = re.search(rf"^scan {what} (\S+)$", self.printed, re.MULTILINE)
        if found is None:
            raise LookupError(what)
        return found[1].removeprefix(self.base)

    def memory_mb(self) -> float:
        """Give the memory of the server and its children, in MB."""
        all_of_them = [self.process, *self.process.children(recursive=True)]
        return sum(each.memory_info().rss for each in all_of_them) / 1e6


@contextmanager
def demo() -> Iterator[Served]:
    """Fill a demo in a folder of its own and serve it until the block ends."""
    with TemporaryDirectory() as folder:
        port = _free_port()
        base = f"http://127.0.0.1:{port}"
        data = Path(folder) / "data"
        words = ["demo", "--data", str(data), "--no-serve", "--base-url", base]
        filled = subprocess.run(
            [sys.executable, "-m", "ecotrace", *words], capture_output=True, text=True, check=True
        )
        with serve(data, port) as process:
            yield Served(base, data, filled.stdout, process)


@contextmanager
def serve(data: Path, port: int) -> Iterator[psutil.Process]:
    """Serve a data folder on a loopback port."""
    environ = {**os.environ, "ECOTRACE_DATA": str(data), "ECOTRACE_LOG_LEVEL": "error"}
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8",
            "--worker-class", "gthread", "--no-control-socket", "--log-level", "error",
            "--keep-alive", "30", APPLICATION,
        ],
        env=environ,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(address, timeout=1).read()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)
