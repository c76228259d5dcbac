"""A command run in this process, and what it said."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

DONE, DIFFERENCE, USAGE, ENVIRONMENT = 0, 1, 2, 3
"""What commands exit with."""


@dataclass(frozen=True)
class Said:
    """What a command printed and what it exited with."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.out.splitlines() if line]

    @property
    def first_words(self) -> list[str]:
        return [words[0] for words in self.lines]

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Said]


def run(*words: str | Path, **wanted: str | Path) -> Said:
    """Run a command: `run("verify", DATA="...", LANG="en")`; `sys.argv` is the caller's business."""
    from ecotrace.cli.commands import cli  # The whole application; only those who run it wait.

    # CliRunner adds to the environment; None takes a variable away.
    env: dict[str, str | None] = {name: None for name in os.environ if name.startswith("ECOTRACE_")}
    env |= {f"ECOTRACE_{name}": str(value) for name, value in wanted.items()}
    told = [str(word) for word in words]
    result = CliRunner().invoke(cli, told, env=env, prog_name="ecotrace")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)
