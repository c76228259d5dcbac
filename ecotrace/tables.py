"""All tables of the business database, found where they lie.

Invariants, checked when this module is imported:

1. Every file called `tables.py` in a package of ours has been imported, so that no migration, no
   grant and no replay forgets a table that somebody added.
2. Every table has a class (`runtime.database.TableClass`), a primary key and a description.

`HISTORY` is the one list of tables that only grow. `docs/tables.md` shows both (`ecotrace.pages`).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import getdoc
from pathlib import Path

from sqlalchemy import MetaData, Table

from ecotrace import PROJECT
from runtime.database import Base, TableClass, is_history

PACKAGES = (
    "runtime",
    "ledger",
    "identity",
    "trace",
    "certification",
    "points",
    "workflows",
    "web",
    "console",
    "public_api",
)


class TableDeclarationError(RuntimeError):
    """A table does not say what it must: a mistake of ours, found at the start."""


def modules(project: Path = PROJECT) -> Iterator[str]:
    """Give the dotted names of all modules called `tables` in our packages, in import order."""
    for package in PACKAGES:
        for path in sorted((project / package).rglob("tables.py")):
            yield ".".join(path.relative_to(project).with_suffix("").parts)


def describe(table: Table) -> str:
    """Give what a table holds, on one line: the first paragraph of its class's docstring.

    A table without a class, such as an association table, says it in its comment.
    """
    classes = (each.class_ for each in Base.registry.mappers if each.local_table is table)
    # `getdoc` would give a class without a docstring that of its base.
    text = next((getdoc(one) or "" for one in classes if one.__doc__), table.comment or "")
    return " ".join(text.split("\n\n")[0].split())


def check(table: Table) -> None:
    """Raise `TableDeclarationError` for a table that does not say what it must."""
    if not isinstance(table.info.get("class"), TableClass):
        raise TableDeclarationError(f"{table.name} names no class: use runtime.database.table")
    if not table.primary_key.columns:
        raise TableDeclarationError(f"{table.name} has no primary key")
    if not describe(table):
        raise TableDeclarationError(f"{table.name} does not say what it holds")


def _collect() -> MetaData:
    """Import every module of tables and give the metadata that they filled."""
    for name in modules():
        import_module(name)
    for table in Base.metadata.tables.values():
        check(table)
    return Base.metadata


metadata: MetaData = _collect()
CLASSES: dict[str, TableClass] = {t.name: t.info["class"] for t in metadata.sorted_tables}
HISTORY: tuple[str, ...] = tuple(t.name for t in metadata.sorted_tables if is_history(t))
