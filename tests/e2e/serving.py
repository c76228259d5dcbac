"""The system as an operator runs it: commands in processes of their own, a served demo.

Nothing here reaches into the program, but for one thing: labels of the demo's print run are minted
with its own key, so that a test has as many unscanned labels as it wants.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]  # it ships no types

from ecotrace import PROJECT

PASSWORD = "yanshi-2026-demo"
READY_SECONDS = 60.0


def environment(**wanted: str) -> dict[str, str]:
    """Give our environment without its own settings, but with the wanted ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECOTRACE_")}
    return {**kept, **{f"ECOTRACE_{name}": value for name, value in wanted.items()}}


def ecotrace(*words: str, cwd: Path = PROJECT, **wanted: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ecotrace", *words],
        env=environment(**wanted),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def free_port() -> int:
    """Give a port of the loopback address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def ask(
    address: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send one request, its path exactly as it stands in the address."""
    parts = urlsplit(address)
    target = address.partition(parts.netloc)[2] or "/"
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(method, target, body, {"Accept": "text/html", **(headers or {})})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())
    finally:
        connection.close()


def stated(address: str) -> str:
    """Scan until the page says whether somebody was first: on a slow disk it may leave that out."""
    for _ in range(20):
        verdict = str(re.findall(r'data-verdict="(\w+)"', ask(address).text)[0])
        if verdict != "found":
            return verdict
    raise AssertionError(f"no statement about {address}")


@dataclass
class Demo:
    """A filled demo: its folder, its address, and what `demo` printed."""

    data: Path
    base_url: str
    printed: str
    scans: dict[str, str] = field(default_factory=dict)
    credit: str = ""
    unscanned: Iterator[str] = field(default_factory=lambda: iter(()))

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or 80

    def twin(self, data: Path) -> Demo:
        """Copy it, while nobody serves it, with all its addresses."""
        shutil.copytree(self.data, data)
        copy = replace(self, data=data, scans=dict(self.scans))
        copy.unscanned = iter(labels(copy, 100, 9_000))
        return copy

    def copied(self, data: Path) -> Demo:
        """Copy it, while nobody serves it, to be served on a port of its own."""
        shutil.copytree(self.data, data)
        base_url = f"http://127.0.0.1:{free_port()}"
        scans = {what: self._moved(url, base_url) for what, url in self.scans.items()}
        unscanned = (self._moved(url, base_url) for url in labels(self, 100, 9_000))
        return Demo(data, base_url, self.printed, scans, "", unscanned)

    def _moved(self, url: str, base_url: str) -> str:
        return base_url + url.removeprefix(self.base_url)

    def fresh(self) -> str:
        """Give the address of a label of the rice that nobody has scanned yet."""
        return next(self.unscanned)


def fill(data: Path) -> Demo:
    """Fill a demo for a free port."""
    base_url = f"http://127.0.0.1:{free_port()}"
    done = ecotrace("demo", "--data", str(data), "--no-serve", "--base-url", base_url)
    assert done.returncode == 0, done.stderr
    demo = Demo(data, base_url, done.stdout)
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word == "scan":
            what, _, address = rest.partition(" ")
            demo.scans[what] = address
        elif word == "credit":
            demo.credit = rest
    demo.unscanned = iter(labels(demo, 100, 9_000))
    return demo


def labels(demo: Demo, first: int, last: int) -> list[str]:
    """Give the addresses on some labels of the rice, by their positions in the print run."""
    from ecotrace.assembly import close_node, open_node
    from runtime.settings import load
    from trace.labels.keys import LabelKeys
    from trace.labels.lookup import printed_labels, scanned_label
    from trace.labels.model import Span
    from trace.labels.tables import LabelRun

    node = open_node(load({"ECOTRACE_DATA": str(demo.data)}))
    try:
        keys, origin = LabelKeys(node.vault), node.log_keys.origin
        with node.database.read() as session:
            found = scanned_label(session, keys, origin, demo.scans["found_first"])
            run = session.get_one(LabelRun, found.run_id)
            return [each.address for each in printed_labels(run, keys, origin, Span(first, last))]
    finally:
        close_node(node)


@dataclass
class Server:
    """A running `ecotrace serve`: all its processes, which stand in one process group."""

    group: int
    journal: Path
    process: subprocess.Popen[bytes] | None = None

    def lives(self) -> bool:
        """Tell whether it still runs."""
        if self.process is not None and self.process.poll() is not None:
            return False
        return _group_lives(self.group)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to server and workers, and wait until they are gone."""
        try:
            os.killpg(self.group, number)
        except ProcessLookupError:
            return
        if self.process is not None:
            self.process.wait(timeout=30)
        until(lambda: not _group_lives(self.group), 30)


def _group_lives(group: int) -> bool:
    """Tell whether a process of the group still runs; one that only waits to be reaped does not."""
    return any(_is_member(pid, group) for pid in psutil.pids())


def _is_member(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def until(holds: Callable[[], object], seconds: float, pause: float = 0.02) -> float:
    """Wait until it holds; gives how long that took, in seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"it did not come about within {seconds} s"
        time.sleep(pause)
    return time.monotonic() - began


def is_ready(base_url: str) -> bool:
    """Tell whether a server answers there and may serve."""
    try:
        return ask(f"{base_url}/readyz").status == 200
    except OSError:
        return False


def start(demo: Demo, **wanted: str) -> Server:
    """Start `ecotrace serve` on a demo; wait with `await_ready`."""
    journal = demo.data / "serve.log"
    with journal.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ecotrace", "serve", "--port", str(demo.port)],
            env=environment(DATA=str(demo.data), BASE_URL=demo.base_url, **wanted),
            cwd=PROJECT,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    return Server(process.pid, journal, process)


def await_ready(demo: Demo, server: Server) -> None:
    """Wait until the server may serve."""

    def ready() -> bool:
        if is_ready(demo.base_url):
            return True
        assert server.lives(), server.journal.read_text()
        return False

    until(ready, READY_SECONDS)


@contextmanager
def served(demo: Demo, **wanted: str) -> Iterator[Server]:
    """Serve a demo for as long as the block runs."""
    server = start(demo, **wanted)
    try:
        await_ready(demo, server)
        yield server
    finally:
        server.end()
