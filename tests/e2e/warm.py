"""`ecotrace serve` again and again from one process that has imported everything.

Nearly all of a start is imports. Here they are done once: for each port on its input this process
forks a child that runs the command itself, and the gunicorn that it would have become, in a process
group of its own; it prints the child's number. Nothing of a node is open before the fork. What
templates compile to is kept from server to server, in a folder that ends with this process.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile

from flask import Flask
from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]  # it ships no types
from jinja2 import FileSystemBytecodeCache

import ecotrace.app
from ecotrace.cli.commands import cli

APPLICATION = ecotrace.app.create_app


def become(_path: str, words: list[str]) -> None:
    """Run gunicorn in this process, as `os.execv` would with these words."""
    sys.argv = words[2:]
    run()


def serve(port: str) -> None:
    """Be `ecotrace serve --port PORT`."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.execv = become  # type: ignore[assignment]
    cli(["serve", "--port", port], prog_name="ecotrace")


def main() -> None:
    """Start a server for each line."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {"bytecode_cache": FileSystemBytecodeCache(folder)}
        Flask.jinja_options = {**Flask.jinja_options, **kept}
        # What was imported is never garbage: no server has to look through it.
        gc.collect()
        gc.freeze()
        start_servers()


def start_servers() -> None:
    """Fork until the input ends."""
    # Nobody waits for the children: they are killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(line.strip())
        # Both sides set it, so that the group is there when its number is told.
        os.setpgid(child, child)
        print(child, flush=True)


if __name__ == "__main__":
    main()
