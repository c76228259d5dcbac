"""Rows as the checker meets them: of any type, in plain SQL, and never more than some at a time.

Whoever can write to a database behind our back can also put a text where a number was, so no value
is taken for what its column says before `same` or `is_bytes` has looked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

_AT_ONCE = 1024

Row = tuple[Any, ...]


def rows(connection: Connection, query: str) -> Iterator[Row]:
    """The rows of a query, fetched in portions (by a cursor of the server on PostgreSQL)."""
    result = connection.execution_options(yield_per=_AT_ONCE).execute(text(query))
    for portion in result.partitions(_AT_ONCE):
        for row in portion:
            yield tuple(row)


def same(found: object, expected: object) -> bool:
    """Whether a stored value is this one, of this type."""
    return type(found) is type(expected) and found == expected


def is_bytes(value: object) -> bool:
    """Whether a stored value is bytes; text and numbers are not."""
    return type(value) is bytes


def key_text(**columns: object) -> str:
    """A row named by its key: `stream=lot:a n=3`."""
    named = ((name, value.hex() if isinstance(value, bytes) else value) for name, value in
             columns.items())
    return " ".join([f"{name}={value}" for name, value in named])
