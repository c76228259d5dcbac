"""The published targets that statistics are held against: `schemes/data/targets.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from certification.schemes.catalogue import DATA, read_file
from certification.schemes.model import Words
from certification.schemes.table import Table

COUNT_MAX = 1_000_000


@dataclass(frozen=True)
class Target:
    """So many certificates of some schemes in a region by a day, as somebody published.

    `choice` narrows it to those whose application chose so (a field and one of its choices).
    `verified` says whether the official text was read.
    """

    key: str
    words: Words
    count: int
    by: date
    region: str
    schemes: tuple[str, ...]
    choice: tuple[str, str] | None
    verified: bool
    source: str


@cache
def targets() -> tuple[Target, ...]:
    """The targets that ship, in the order of the file; raises SchemeError for a faulty file."""
    document = Table("targets", read_file(DATA / "targets.toml"))
    document.whole("format", 1, 1)
    found = tuple(_target(key, each) for key, each in document.tables("targets"))
    document.closed()
    return found


def _target(key: str, table: Table) -> Target:
    choice = None
    if table.has("field"):
        field = table.table("field")
        choice = (field.text("key"), field.text("choice"))
        field.closed()
    verified, source = table.sourced()
    made = Target(
        key=key,
        words=table.words("words"),
        count=table.whole("count", 1, COUNT_MAX),
        by=table.day("by"),
        region=table.text("region"),
        schemes=table.texts("schemes"),
        choice=choice,
        verified=verified,
        source=source,
    )
    table.closed()
    return made


def choices_counted() -> frozenset[str]:
    """The fields of applications whose choice a target asks for."""
    return frozenset(target.choice[0] for target in targets() if target.choice is not None)
