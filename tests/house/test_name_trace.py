"""However the application is started, and from wherever, `trace` is ours (docs/adr/0001)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecotrace import PROJECT

BIN = Path(sys.executable).parent
OURS = str(PROJECT / "trace" / "__init__.py")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with decoys: modules of our packages' names, each of which ends the process."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("trace", "runtime", "web", "console"):
        (folder / f"{name}.py").write_text(f"raise SystemExit('the decoy {name} was imported')\n")
    return folder


@pytest.fixture
def run(elsewhere: Path, tmp_path: Path) -> Run:
    """Start a fresh process in the folder of decoys, with a data folder of its own."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "ECOTRACE_", "PYTEST"))
    }
    environment |= {"ECOTRACE_DATA": str(tmp_path / "data"), "PYTHONWARNINGS": "ignore"}

    def started(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=60
        )

    return started


@pytest.mark.parametrize(
    "command",
    [
        (BIN / "ecotrace", "--version"),
        (sys.executable, "-m", "ecotrace", "--version"),
        (BIN / "gunicorn", "--check-config", "ecotrace.app:create_app()"),
        (BIN / "flask", "--app", "ecotrace.app", "routes"),
    ],
    ids=["script", "module", "gunicorn", "flask"],
)
def test_every_way_to_start_it_gets_our_trace(run: Run, command: tuple[str | Path, ...]) -> None:
    made = run(BIN / "ecotrace", "init", "--origin", "names.example")
    assert made.returncode == 0, made.stderr
    done = run(*command)
    assert done.returncode == 0, done.stderr


def test_after_ecotrace_trace_is_ours(run: Run) -> None:
    done = run(sys.executable, "-c", "import ecotrace, trace; print(trace.__file__)")
    assert done.stdout.strip() == OURS, done.stderr


def test_the_tests_get_our_trace() -> None:
    import trace

    assert trace.__file__ == OURS


def test_a_foreign_trace_stops_the_process(run: Run, elsewhere: Path) -> None:
    (elsewhere / "trace.py").unlink()
    done = run(sys.executable, "-c", "import trace; import ecotrace")
    assert done.returncode == 1
    assert "ImportError: a foreign module 'trace' is already loaded from" in done.stderr


def test_a_foreign_trace_without_a_file_stops_it_too(run: Run) -> None:
    code = "import sys, types; sys.modules['trace'] = types.ModuleType('trace'); import ecotrace"
    done = run(sys.executable, "-c", code)
    assert "ImportError: a foreign module 'trace' is already loaded from None" in done.stderr


def test_our_trace_loaded_before_ecotrace_is_no_foreigner(run: Run) -> None:
    code = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import trace; import ecotrace"
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr


def test_the_project_comes_first_and_once(run: Run) -> None:
    code = (
        f"import sys; sys.path.append({str(PROJECT)!r}); import ecotrace; "
        f"print(sys.path.index({str(PROJECT)!r}), sys.path.count({str(PROJECT)!r}))"
    )
    assert run(sys.executable, "-c", code).stdout.split() == ["0", "1"]
