"""What the replays of trace share: the log as they read it, and how rows are held against it.

A replay builds rows from entries and openings and never asks the writer's code what should be
there. Where an opening was erased it says nothing of what stood in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.model import Opened
from runtime.clock import instant_text

Pairs = Iterable[tuple[str, object, object]]
"""Column, stored value, logged value."""

Key = tuple[object, ...]


@dataclass(frozen=True)
class Log:
    """Payloads by name in the order of the log, their streams with continuations, their openings.

    `subjects` names those whose keys seal an entry's openings.
    """

    entries: Mapping[str, Payload]
    streams: Mapping[str, frozenset[str]]
    opened: Mapping[str, Mapping[str, Opened]]
    subjects: Mapping[str, frozenset[str]]

    def of_type(self, *types: str) -> list[str]:
        """Return the names of entries of these types, in the order of the log."""
        return [name for name, payload in self.entries.items() if payload.type in types]

    def committed(self, name: str, field: str = "record") -> dict[str, Any] | None:
        """Return what an entry commits to in a field; None when it was erased."""
        opening = self.opened[name].get(field)
        return None if opening is None else cast(dict[str, Any], opening.value)


def unmatched(
    table: str, rows: Mapping[str, str], names: Iterable[str], column: str = "payload_id"
) -> Iterator[Difference]:
    """Yield rows (name by payload id) without an entry of their kind, and entries without row."""
    logged = set(names)
    for name in sorted(rows.keys() - logged):
        yield Difference(table, rows[name], column, None, name, "no entry")
    for name in sorted(logged - rows.keys()):
        yield Difference(table, name, column, name, "no row", name)


def differing(table: str, row: str, entry: str, pairs: Pairs) -> Iterator[Difference]:
    """Yield the columns in which a row says other things than its entry."""
    for column, stored, logged in pairs:
        if stored != logged:
            yield Difference(table, row, column, entry, said(stored), said(logged))


def compared(
    table: str,
    key_columns: tuple[str, ...],
    stored: Mapping[Key, Mapping[str, object]],
    logged: Mapping[Key, Mapping[str, object]],
) -> Iterator[Difference]:
    """Yield where a table is not exactly the rows that follow from the log.

    Both are rows by primary key. A row that should not be there is named by the one column of its
    key that was changed, where a missing row tells which.
    """
    missing = sorted(logged.keys() - stored.keys(), key=repr)
    for key in sorted(stored.keys() - logged.keys(), key=repr):
        column = _changed(key_columns, key, missing)
        yield Difference(table, _name(key), column, None, said(key), "no entry")
    for key in missing:
        yield Difference(table, _name(key), key_columns[0], None, "no row", said(key))
    for key in sorted(stored.keys() & logged.keys(), key=repr):
        for column, value in logged[key].items():
            if stored[key][column] != value:
                told = said(stored[key][column]), said(value)
                yield Difference(table, _name(key), column, None, *told)


def _changed(key_columns: tuple[str, ...], key: Key, missing: Iterable[Key]) -> str:
    for other in missing:
        parts = zip(key_columns, key, other, strict=True)
        changed = [column for column, mine, its in parts if mine != its]
        if len(changed) == 1:
            return changed[0]
    return key_columns[0]


def said(value: object) -> str:
    """Return a value as a difference shows it."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(map(said, value)))
    return str(value)


def _name(key: Key) -> str:
    return "/".join(map(said, key))
