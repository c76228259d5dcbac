"""Our source, read as text and as syntax, for the tests that hold the rules of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ecotrace import PROJECT

AREAS = ("trace", "certification", "points")
PACKAGES = (
    *("ecotrace", "console", "public_api", "web", "workflows"),
    *AREAS,
    *("identity", "ledger", "runtime"),
)


@dataclass(frozen=True)
class Module:
    """One file of ours; `path` is relative to the project's folder."""

    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """The top-level folder."""
        return self.path.parts[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Give line and dotted name of everything that is imported, names of `from` included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or ""
                yield from ((node.lineno, f"{node.module}.{each.name}") for each in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Give every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def at(self, line: int) -> str:
        """Name a line as an editor wants it."""
        return f"{self.path}:{line}"


@cache
def modules() -> tuple[Module, ...]:
    """Give every module of our packages, tests and migrations not among them."""
    return tuple(read(path) for package in PACKAGES for path in sorted(_files(PROJECT / package)))


def read(path: Path) -> Module:
    """Parse one file."""
    return Module(path.relative_to(PROJECT), ast.parse(path.read_text("utf-8"), str(path)))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
