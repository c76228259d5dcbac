"""Names that only one may hold: the first who asks has it.

Looking first and inserting after would let two requests on PostgreSQL pass the look together, and
the second would fail with a fault instead of a refusal. `INSERT … ON CONFLICT DO NOTHING` waits for
the other and then says plainly that the name is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from runtime.database import Base


def insert_unless_there(session: Session, table: type[Base], row: Mapping[str, Any]) -> bool:
    """Insert a row; return False, having done nothing, when a unique value of it is taken."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(row).on_conflict_do_nothing()
    inserted = session.scalars(statement.returning(literal_column("1", Integer)))
    return inserted.first() is not None
