"""Who may do what: rules about single calls and imports, which import-linter cannot see."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, modules

# The only places that commit: the runner of use cases, the key database, sign-in (Flask-Security
# commits for itself) and the migrations.
COMMITS = ("workflows/", "runtime/vault.py", "web/sign_in", "ecotrace/migrate.py")

# A rule is a function of state, command and now. What reaches outside is named here.
IMPURE = (
    *("sqlalchemy", "flask", "flask_smorest", "marshmallow", "alembic", "psycopg", "sqlite3"),
    *("runtime.database", "runtime.files", "runtime.vault", "runtime.settings", "runtime.jobs"),
    *("runtime.journal", "structlog", "logging", "os", "random", "secrets", "time", "socket"),
    *("subprocess", "threading", "pathlib", "shutil", "tempfile", "urllib.request", "requests"),
)
IMPURE_NAMES = ("runtime.clock.SystemClock", "runtime.randomness.SystemRandomness")
IMPURE_CALLS = ("now", "today", "utcnow", "urandom", "token_bytes", "token_hex", "uuid4", "open")

# The checker shares no code with the writer: it has the standard library, signatures, itself.
CHECKER_MAY_IMPORT = ("ledger.checker", "cryptography")


def calls(module: Module) -> Iterator[tuple[int, str]]:
    """Give line and last name of everything that is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id


def within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith(each + ".") for each in prefixes)


def test_only_the_runner_of_use_cases_commits() -> None:
    assert [
        module.at(line)
        for module in modules()
        if not module.path.as_posix().startswith(COMMITS)
        for line, name in calls(module)
        if name == "commit"
    ] == []


def models() -> list[Module]:
    return [module for module in modules() if module.path.name == "model.py"]


def test_models_import_nothing_that_reaches_outside() -> None:
    assert models()
    assert [
        f"{module.at(line)} {name}"
        for module in models()
        for line, name in module.imports()
        if within(name, IMPURE) or name in IMPURE_NAMES
    ] == []


def test_models_ask_neither_clock_nor_chance_nor_disk() -> None:
    assert [
        f"{module.at(line)} {name}()"
        for module in models()
        for line, name in calls(module)
        if name in IMPURE_CALLS
    ] == []


def test_the_checker_shares_no_code_with_the_writer() -> None:
    checkers = [m for m in modules() if m.path.as_posix().startswith("ledger/checker")]
    ours = {module.package for module in modules()}
    assert checkers
    assert [
        f"{module.at(line)} {name}"
        for module in checkers
        for line, name in module.imports()
        if name.partition(".")[0] in ours and not within(name, CHECKER_MAY_IMPORT)
    ] == []


def test_tables_are_declared_in_files_called_tables() -> None:
    assert [
        module.at(node.lineno)
        for module in modules()
        if module.path.name != "tables.py" and module.path.as_posix() != "runtime/vault.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id == "__tablename__"
    ] == []


def test_nothing_imports_the_tests() -> None:
    assert [
        f"{module.at(line)} {name}"
        for module in modules()
        for line, name in module.imports()
        if within(name, ("tests", "pytest", "hypothesis"))
    ] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os.path", True),
        ("from os import environ", True),
        ("from sqlalchemy.orm import Session", True),
        ("from runtime import database", True),
        ("from runtime.clock import SystemClock", True),
        ("from runtime.clock import beijing_date", False),
        ("import osmosis", False),
        ("from datetime import datetime", False),
    ],
)
def test_the_test_itself_can_fail(source: str, found: bool) -> None:
    from pathlib import Path

    module = Module(Path("area/noun/model.py"), ast.parse(source))
    names = [name for _, name in module.imports()]
    assert any(within(n, IMPURE) or n in IMPURE_NAMES for n in names) is found
