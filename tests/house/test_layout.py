"""The shape of the source: names of files, and how long functions are."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from ecotrace import PROJECT
from tests.house.source import AREAS, PACKAGES, modules

MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools", "stuff"}


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from its first statement on, the docstring left out."""
    first, *rest = function.body
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    body = rest if is_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def lengths() -> list[tuple[int, str]]:
    return sorted(
        (length(function), module.at(function.lineno))
        for module in modules()
        for function in module.functions()
    )


def test_no_function_is_longer_than_seventy_lines() -> None:
    assert [each for each in lengths() if each[0] > 70] == []


def test_nine_functions_of_ten_are_under_twenty_six_lines() -> None:
    assert lengths()[len(lengths()) * 9 // 10][0] < 26


def test_half_of_the_functions_are_under_ten_lines() -> None:
    assert lengths()[len(lengths()) // 2][0] < 10


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n    return 1", 1),
        ('def f():\n    """Say\n    it."""\n    return 1', 1),
        ("def f(\n    a,\n    b,\n):\n    # why\n\n    return (\n        a\n    )", 3),
        ("def f():\n    if a:\n        return 1\n    return 2", 3),
        ('def f():\n    """Only say it."""', 0),
    ],
)
def test_length_counts_what_a_function_does(source: str, lines: int) -> None:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert length(function) == lines


def test_file_names_mean_something() -> None:
    files = [module.path for module in modules()] + [
        path.relative_to(PROJECT)
        for folder in ("tests", "benchmarks", "migrations")
        for path in (PROJECT / folder).rglob("*.py")
    ]
    parts = {part for path in files for part in path.with_suffix("").parts}
    assert parts & MEANINGLESS == set()


def test_every_package_has_a_file_that_says_what_it_is() -> None:
    folders = {module.path.parent for module in modules()}
    silent = [folder for folder in folders if not (PROJECT / folder / "__init__.py").exists()]
    assert sorted(map(str, silent)) == []


def test_every_noun_with_tables_has_its_use_cases_beside_them() -> None:
    nouns = [m.path.parent for m in modules() if m.path.name == "tables.py" and is_noun(m.path)]
    assert nouns
    assert [str(noun) for noun in nouns if not (PROJECT / noun / "service.py").exists()] == []


def is_noun(path: Path) -> bool:
    return path.parts[0] in AREAS and len(path.parts) == 3


def test_every_area_has_its_refusals_and_its_entry_types() -> None:
    for area in (*AREAS, "identity"):
        for name in ("refusals.py", "entries.py"):
            assert (PROJECT / area / name).is_file(), f"{area}/{name}"


def test_our_packages_hide_nothing_but_trace_of_the_standard_library() -> None:
    assert set(PACKAGES) & sys.stdlib_module_names == {"trace"}


def test_nothing_names_this_or_any_machine() -> None:
    """No address of a package index, no path of somebody's home in what is committed."""
    private = re.compile(r"/home/\w|/Users/\w|/root/|files\.pythonhosted|registry\.npmjs|pypi\.org")
    kept = ("Makefile", "setup.cfg", "ruff.toml", "pyproject.toml", "requirements.lock")
    files = [PROJECT / name for name in (*kept, "package-lock.json", ".ci/run", ".ci/python")]
    files += [PROJECT / module.path for module in modules()]
    assert [
        str(path.relative_to(PROJECT)) for path in files if private.search(path.read_text("utf-8"))
    ] == []
