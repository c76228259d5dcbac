"""What a newcomer types and what the lock files promise."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ecotrace import PROJECT

TARGETS = (
    *(
        "setup",
        "demo",
        "serve",
        "test",
        "test-deep",
        "coverage",
        "check",
        "lint",
        "types",
        "format",
    ),
    *("bench", "bench-deep", "docs", "migration", "lock", "clean"),
)


def text(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def declared() -> Iterator[Requirement]:
    """Give every dependency and every extra of setup.cfg."""
    config = configparser.ConfigParser()
    config.read_string(text("setup.cfg"))
    groups = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    for line in "\n".join(groups).split("\n"):
        if line.strip():
            yield Requirement(line)


def locked() -> dict[str, str]:
    """Give name and version of everything in the lock."""
    pairs = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", text("requirements.lock"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pairs}


def test_make_alone_lists_every_target() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    listed = re.findall(r"^  make (\S+) +\S", done.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(("help", *TARGETS))


@pytest.mark.parametrize("target", ["setup", "check", "test"])
def test_ci_runs_what_developers_run(target: str) -> None:
    assert f"\nmake {target}\n" in text(".ci/run")


def test_ci_stops_at_the_first_failure() -> None:
    assert "\nset -euo pipefail\n" in text(".ci/run")


def test_pyproject_names_the_build_system_and_nothing_else() -> None:
    assert re.findall(r"^\[(.+)\]$", text("pyproject.toml"), re.MULTILINE) == ["build-system"]


def test_the_lock_holds_what_is_declared() -> None:
    versions = locked()
    for requirement in declared():
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in the lock: make lock"
        assert requirement.specifier.contains(versions[name], prereleases=True), name


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = text("requirements.lock")
    assert "://" not in lock
    assert "--index" not in lock
    blocks = re.split(r"\n(?=\S)", lock.strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_setuptools_is_locked_because_the_install_builds_without_isolation() -> None:
    assert {"setuptools", "wheel"} <= locked().keys()


def test_the_browser_lock_has_hashes_and_no_addresses() -> None:
    assert "omit-lockfile-registry-resolved=true" in text(".npmrc").split()
    packages = json.loads(text("package-lock.json"))["packages"]
    assert [name for name, each in packages.items() if "resolved" in each] == []
    assert [name for name, each in packages.items() if name and "integrity" not in each] == []
