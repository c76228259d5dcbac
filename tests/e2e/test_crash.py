"""`kill -9` under load: whatever was acknowledged is there afterwards, and the log verifies.

In each of twenty rounds threads post steps and scan labels for the first time, writing down every
acknowledgement outside the store; at some moment all processes of the server are killed at once.
Then a server starts on the same files, and the round is examined. What a killed process had written
stays in the page cache, so this shows that no answer runs ahead of its commit and that every commit
is whole; that a commit reaches the disk is shown by `synchronous=FULL` (tests/runtime).
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ecotrace import PROJECT
from runtime.base64url import encode
from tests.e2e.operator_desk import DONE, run
from tests.e2e.serving import Demo, Server, ask, await_ready, environment, start

ROUNDS = 20
WRITERS, SCANNERS, REASKED = 3, 3, 25
EVENTS_A_ROUND = 12
"""A round lasts until so many events were acknowledged, and then a moment that differs by round."""


@dataclass
class Journal:
    """What was acknowledged; it lies outside the store, in the process that survives."""

    events: list[str] = field(default_factory=list)
    firsts: list[str] = field(default_factory=list)
    asked: int = 0


@dataclass
class Load:
    """Threads that write until the server is gone."""

    demo: Demo
    token: str
    journal: Journal
    numbers: Iterator[int]
    unscanned: Iterator[str]
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        work = [self._post_event] * WRITERS + [self._scan] * SCANNERS
        self.threads = [threading.Thread(target=self._repeat, args=(each,)) for each in work]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        for thread in self.threads:
            thread.join(timeout=30)
            assert not thread.is_alive()

    def _repeat(self, write: Callable[[http.client.HTTPConnection], None]) -> None:
        line = http.client.HTTPConnection(urlsplit(self.demo.base_url).netloc, timeout=20)
        try:
            while True:
                write(line)
        except (OSError, http.client.HTTPException):
            pass  # It has been killed, which is what we wait for.
        finally:
            line.close()

    def _post_event(self, line: http.client.HTTPConnection) -> None:
        self.journal.asked += 1
        event = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "ObjectEvent",
            "eventTime": "2026-01-05T08:00:00.000+08:00",
            "eventTimeZoneOffset": "+08:00",
            "epcList": [f"https://id.gs1.org/01/09521234000006/21/{next(self.numbers)}"],
            "action": "OBSERVE",
            "bizStep": "inspecting",
        }
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        line.request("POST", "/epcis/events", json.dumps(event), headers)
        answer = line.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 201, told
        self.journal.events.append(told["eventID"])

    def _scan(self, line: http.client.HTTPConnection) -> None:
        address = next(self.unscanned)
        line.request("GET", urlsplit(address).path, headers={"Accept": "text/html"})
        page = line.getresponse().read().decode()
        if 'data-verdict="found_first"' in page:
            self.journal.firsts.append(address)


@pytest.fixture
def demo(filled: Demo, tmp_path: Path) -> Demo:
    return filled.copied(tmp_path / "data")


def capture_token(demo: Demo) -> str:
    """Let a machine of the operator post events."""
    from ecotrace.assembly import close_node, open_node
    from identity.actor import SYSTEM
    from identity.clients.model import CreateClient, new_token
    from identity.clients.service import create_client
    from identity.keys.service import operator_party
    from identity.roles import Scope
    from runtime.settings import load

    node = open_node(load({"ECOTRACE_DATA": str(demo.data)}))
    try:
        with node.database.read() as session:
            party = operator_party(session)
        token = new_token(node.randomness)
        until = node.clock.now() + timedelta(days=1)
        command = CreateClient(party, "crash", token.digest, (Scope.CAPTURE.value,), until)
        node.unit.run(create_client, command, actor=SYSTEM)
    finally:
        close_node(node)
    return token.text


@pytest.fixture
def starter(demo: Demo) -> Iterator[Starter]:
    """Start servers on the demo, each in a process group of its own."""
    with (demo.data / "serve.log").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.warm"],
            env=environment(DATA=str(demo.data), BASE_URL=demo.base_url),
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
        )
    with process:
        yield Starter(demo, process)  # It ends when its input does.


@dataclass
class Starter:
    """The process of tests/e2e/warm.py."""

    demo: Demo
    process: subprocess.Popen[str]

    def start(self) -> Server:
        """Start a server and wait until it may serve."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{self.demo.port}\n")
        self.process.stdin.flush()
        server = Server(int(self.process.stdout.readline()), self.demo.data / "serve.log")
        await_ready(self.demo, server)
        return server


def recorded(demo: Demo) -> tuple[set[str], int]:
    """Give the events that are in the table and in the log, and how many first scans there are."""
    store = sqlite3.connect(f"file:{demo.data / 'ecotrace.sqlite3'}?mode=ro", uri=True)
    try:
        logged = {encode(id) for (id,) in store.execute("SELECT payload_id FROM entries")}
        events = store.execute("SELECT event_hash, payload_id FROM events").fetchall()
        found = {event_hash for event_hash, payload_id in events if payload_id in logged}
        (firsts,) = store.execute("SELECT count(*) FROM first_scans").fetchone()
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert store.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    finally:
        store.close()
    return found, firsts


def verify(demo: Demo) -> None:
    said = run("verify", DATA=demo.data)
    assert said.code == DONE, said.out + said.err


def examine(demo: Demo, journal: Journal, since: int) -> None:
    """Look for everything that was acknowledged, and ask again for this round's first scans."""
    found, firsts = recorded(demo)
    assert set(journal.events) <= found
    assert firsts >= len(journal.firsts)
    for address in journal.firsts[since:][-REASKED:]:
        verdict = re.findall(r'data-verdict="(\w+)"', ask(address).text)
        assert verdict == ["found_again"], address
    verify(demo)


def test_nothing_acknowledged_is_lost_in_twenty_crashes(demo: Demo, starter: Starter) -> None:
    journal = Journal()
    load = Load(demo, capture_token(demo), journal, itertools.count(1), Shared(demo.unscanned))
    server = start(demo)
    await_ready(demo, server)
    try:
        for number in range(ROUNDS):
            events, firsts = len(journal.events), len(journal.firsts)
            load.begin()
            wait_for(journal, events + EVENTS_A_ROUND)
            time.sleep(number * 0.007)
            server.end(signal.SIGKILL)
            load.end()
            server = starter.start()
            examine(demo, journal, firsts)
    finally:
        server.end(signal.SIGKILL)
    assert len(journal.events) >= ROUNDS * EVENTS_A_ROUND
    assert len(journal.firsts) > ROUNDS
    assert journal.asked > len(journal.events), "kills came between request and answer"


class Shared:
    """An iterator that threads may use together."""

    def __init__(self, inner: Iterator[str]) -> None:
        self._inner, self._lock = inner, threading.Lock()

    def __iter__(self) -> Shared:
        return self

    def __next__(self) -> str:
        with self._lock:
            return next(self._inner)


def wait_for(journal: Journal, count: int) -> None:
    until = time.monotonic() + 30
    while len(journal.events) < count:
        assert time.monotonic() < until, "the server acknowledges nothing"
        time.sleep(0.005)
