"""The pages of docs/ that are drawn from the code, so that they cannot lag behind it.

`make docs` (`python -m ecotrace.pages`) writes them; a test compares each with what is drawn now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Table

from certification.process.matrix import matrix_page
from ecotrace import PROJECT
from ecotrace.endpoints_page import drawn_apart
from ecotrace.refusals_page import refusals_page
from ecotrace.tables import describe, metadata
from runtime.database import TableClass, is_history
from runtime.settings_page import settings_page

_MEANING: Mapping[TableClass, str] = {
    TableClass.LOG: "The log itself, checked against its own proofs by `ecotrace verify`.",
    TableClass.REGISTER: "Facts whose truth is committed in an entry; replay compares the two.",
    TableClass.DERIVED: (
        "Rebuilt by replay from entries and openings; replay does not use the writer's code."
    ),
    TableClass.OPENING: "Salts and sealed contents of commitments. Deleting them is erasure.",
    TableClass.SEALED: (
        "Set apart for hourly SEAL entries, a type that the log reserves; until they are written,"
        " nothing in the log speaks for these rows."
    ),
    TableClass.UNPROTECTED: "Nothing in the log speaks for these; each row says why that will do.",
}

_HEAD = """\
# Tables and what they mean

Drawn from the table classes by `make docs`; a test compares this page with them.

*History* only grows. On SQLite triggers refuse UPDATE, DELETE and REPLACE. On PostgreSQL the
serving role has INSERT and SELECT only, and triggers refuse UPDATE, DELETE and TRUNCATE to
everybody, the owner included.
"""


def tables_page(tables: Iterable[Table]) -> str:
    """Draw the classes, and under each its tables in the order of their names."""
    chosen = sorted(tables, key=lambda table: table.name)
    sections = (_section(kind, chosen) for kind in TableClass)
    return "\n".join([_HEAD, *(line for section in sections for line in section)])


def _section(kind: TableClass, tables: Iterable[Table]) -> Iterator[str]:
    """Draw one class; one without tables is left out."""
    chosen = [table for table in tables if table.info["class"] is kind]
    if not chosen:
        return
    yield from (f"## {kind.value}", "", _MEANING[kind], "")
    yield from ("| table | history | holds |", "|---|---|---|")
    for table in chosen:
        yield f"| `{table.name}` | {'yes' if is_history(table) else 'no'} | {describe(table)} |"
    yield ""


PAGES: Mapping[str, Callable[[], str]] = {
    "certification-matrix.md": matrix_page,
    "endpoints.md": drawn_apart,
    "refusals.md": refusals_page,
    "settings.md": settings_page,
    "tables.md": lambda: tables_page(metadata.tables.values()),
}


def write(folder: Path = PROJECT / "docs") -> None:
    """Write every page that differs from what is drawn now."""
    for name, draw in PAGES.items():
        path, text = folder / name, draw()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
