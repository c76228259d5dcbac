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


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with decoys: modules of our packages' names, each of which ends the process."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in ("trace", "runtime", "web", "console"):
        (folder / f"{name}.py").write_text(f"raise SystemExit('the decoy {name} was imported')\n")
    return folder


@pytest.fixture(scope="module")
def run(elsewhere: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Start a fresh process in the folder of decoys, with a data folder of these tests' own."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "ECOTRACE_", "PYTEST"))
    }
    data = tmp_path_factory.mktemp("node") / "data"
    environment |= {"ECOTRACE_DATA": str(data), "PYTHONWARNINGS": "ignore"}

    def started(*command: str | Path, cwd: Path = elsewhere) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
        )

    return started


@pytest.fixture(scope="module")
def made(run: Run) -> None:
    """A node, made by a command that was itself started among the decoys."""
    done = run(BIN / "ecotrace", "init", "--origin", "names.example")
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("made")
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
    done = run(*command)
    assert done.returncode == 0, done.stderr


def test_after_ecotrace_trace_is_ours(run: Run) -> None:
    done = run(sys.executable, "-c", "import ecotrace, trace; print(trace.__file__)")
    assert done.stdout.strip() == OURS, done.stderr


def test_the_tests_get_our_trace() -> None:
    import trace

    assert trace.__file__ == OURS


def test_a_foreign_trace_stops_the_process(run: Run, tmp_path: Path) -> None:
    """Without the decoy the module of the standard library is there first."""
    done = run(sys.executable, "-c", "import trace; import ecotrace", cwd=tmp_path)
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
