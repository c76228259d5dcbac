"""A load generator in a process of its own: keep-alive connections, open or closed loop.

It runs on the same machine as the server; the share of CPU that it took itself is reported, so that
a reader knows what was left for the server. Only loopback addresses are ever asked.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """What came of a load: requests answered, seconds, latencies in ms, own share of one CPU."""

    answered: int
    failed: int
    seconds: float
    p50_ms: float
    p95_ms: float
    cpu_share: float

    @property
    def rate(self) -> float:
        """Requests answered a second."""
        return self.answered / self.seconds


def run(
    base: str,
    paths: list[str],
    *,
    threads: int,
    seconds: float,
    rate: float = 0.0,
    method: str = "GET",
    body: str = "",
    headers: dict[str, str] | None = None,
) -> Load:
    """Ask a server for these paths in turn; `rate` > 0 paces all threads together (open loop)."""
    task = {
        "base": base, "paths": paths, "threads": threads, "seconds": seconds, "rate": rate,
        "method": method, "body": body, "headers": headers or {},
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.http_load"],
        input=json.dumps(task), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Load(**json.loads(done.stdout))


def _asked(task: dict[str, Any]) -> Load:
    host = urlsplit(task["base"])
    if host.hostname not in ("127.0.0.1", "localhost"):
        raise SystemExit("only loopback addresses are asked")
    latencies: list[list[float]] = [[] for _ in range(task["threads"])]
    failed = [0] * task["threads"]
    begin = time.perf_counter() + 0.05
    end = begin + task["seconds"]
    gap = task["threads"] / task["rate"] if task["rate"] else 0.0

    def ask(which: int) -> None:
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=30)
        paths, count = task["paths"], 0
        due = begin + gap * which / task["threads"]
        while True:
            now = time.perf_counter()
            if gap:
                if due > now:
                    time.sleep(due - now)
                start, due = due, due + gap
            else:
                start = now
            if time.perf_counter() >= end:
                break
            path = paths[(which + count * task["threads"]) % len(paths)]
            count += 1
            connection.request(task["method"], path, task["body"] or None, task["headers"])
            answer = connection.getresponse()
            answer.read()
            latencies[which].append(time.perf_counter() - start)
            failed[which] += answer.status >= 400
        connection.close()

    workers = [threading.Thread(target=ask, args=(n,)) for n in range(task["threads"])]
    cpu = time.process_time()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = time.perf_counter() - begin
    every = sorted(value * 1000 for one in latencies for value in one)
    return Load(
        answered=len(every),
        failed=sum(failed),
        seconds=taken,
        p50_ms=statistics.median(every) if every else 0.0,
        p95_ms=every[int(len(every) * 0.95)] if every else 0.0,
        cpu_share=(time.process_time() - cpu) / taken,
    )


if __name__ == "__main__":
    print(json.dumps(vars(_asked(json.load(sys.stdin)))))
