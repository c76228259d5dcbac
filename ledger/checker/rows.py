"""Rows as the checker meets them: in plain SQL, in portions, and of any type.

Whoever can write to a database behind our back can also put a text where a number was, so no value
is taken for what its column says before `same` or `is_bytes` has looked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, text

_AT_ONCE = 1024

Row = tuple[Any, ...]


def rows(connection: Connection, query: str) -> Iterator[Row]:
    """The rows of a query, fetched in portions (by a cursor of the server on PostgreSQL)."""
    result = connection.execute(text(query), execution_options={"yield_per": _AT_ONCE})
    for portion in result.partitions():
        yield from map(tuple, portion)


class Grouped:
    """Rows ordered by their first column, given out by the number that stands there."""

    def __init__(self, ordered: Iterator[Row]) -> None:
        self._rows = ordered
        self._next = next(ordered, None)

    def take(self, number: int, strange: Callable[[Row], None]) -> list[Row]:
        """The rows of this number; those that come before it, or have none, are `strange`."""
        found: list[Row] = []
        while self._next is not None:
            key = self._next[0]
            if type(key) is int and key > number:
                break
            if type(key) is int and key == number:
                found.append(self._next)
            else:
                strange(self._next)
            self._next = next(self._rows, None)
        return found

    def rest(self) -> Iterator[Row]:
        """All rows that nobody has taken."""
        if self._next is not None:
            yield self._next
        yield from self._rows


def same(found: object, expected: object) -> bool:
    """Whether a stored value is this one, of this type."""
    return type(found) is type(expected) and found == expected


def is_bytes(value: object) -> bool:
    """Whether a stored value is bytes; text and numbers are not."""
    return type(value) is bytes


def key_text(**columns: object) -> str:
    """A row named by its key: `stream=lot:a n=3`."""
    pairs = columns.items()
    return " ".join([f"{name}={v.hex() if isinstance(v, bytes) else v}" for name, v in pairs])
