"""A skip is shown with its reason, and in CI it fails the run unless vectors are absent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecotrace import PROJECT

PASSES = "def test_passes(): pass"
FAILS = "def test_fails(): raise AssertionError('a real failure')"
VECTORS = "import pytest\ndef test_v(): pytest.skip('vectors absent: no folder')"
FONT = "import pytest\ndef test_f(): pytest.skip('no font')"
MODULE = "import pytest\npytest.importorskip('no_such_module_at_all')"
FIXTURE = "def test_v(vectors): assert vectors.is_dir()"


def run(folder: Path, *, ci: bool, vectors: Path | None, workers: bool) -> tuple[int, str]:
    """Run pytest on a folder with the rule loaded; give exit status and output."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "CI": "true" if ci else ""}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {"ECOTRACE_VECTORS": str(vectors or folder / "nowhere"), "COLUMNS": "200"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.fixtures.skips",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-p", "xdist", "-n", "2"] if workers else []
    done = subprocess.run(
        [*command, "--rootdir", folder, "-c", "/dev/null", folder],
        env=environment, capture_output=True, text=True, cwd=folder, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout


def write(folder: Path, *sources: str) -> None:
    for number, source in enumerate(sources):
        (folder / f"test_{number}.py").write_text(source)


@pytest.mark.parametrize(
    ("sources", "ci", "status", "shown"),
    [
        ([PASSES], True, 0, None),
        ([PASSES, VECTORS], True, 0, "vectors absent: no folder"),
        ([PASSES, FIXTURE], True, 0, "vectors absent: neither"),
        ([PASSES, FONT], True, 1, "no font"),
        ([PASSES, FONT], False, 0, "no font"),
        ([PASSES, VECTORS, FONT], True, 1, "no font"),
        ([PASSES, MODULE], True, 1, "no_such_module_at_all"),
        ([FAILS, VECTORS], True, 1, "vectors absent: no folder"),
    ],
)
def test_what_a_skip_does(
    tmp_path: Path, sources: list[str], ci: bool, status: int, shown: str | None
) -> None:
    write(tmp_path, *sources)
    found, output = run(tmp_path, ci=ci, vectors=None, workers=False)
    assert found == status, output
    heading = "skipped, with reasons"
    assert (heading in output) == (shown is not None)
    assert shown is None or shown in output.partition(heading)[2]


def test_skips_of_two_workers_are_counted_together(tmp_path: Path) -> None:
    write(tmp_path, PASSES, VECTORS, FONT)
    status, output = run(tmp_path, ci=True, vectors=None, workers=True)
    assert status == 1
    assert "no font" in output.partition("skipped, with reasons")[2]


def test_vectors_that_are_there_are_used(tmp_path: Path) -> None:
    (tmp_path / "test_v.py").write_text(FIXTURE)
    status, output = run(tmp_path, ci=True, vectors=tmp_path, workers=False)
    assert status == 0
    assert "1 passed" in output
