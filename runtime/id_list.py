"""A list of ids as one parameter of a statement, however long it is.

An `IN` list has one parameter for each id, and both databases bound how many a statement may have
(SQLite 32,766 in its usual build, PostgreSQL 65,535). Here the whole list is one JSON text that the
database takes apart itself, so that nothing has to be asked in portions.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session


def id_list(session: Session, ids: Iterable[str]) -> Select[str]:
    """Give the query of these ids, each once: `Lot.id.in_(id_list(session, ids))`."""
    listed = literal(orjson.dumps(sorted(set(ids))).decode(), String)
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(listed).table_valued("value")
    else:
        each = func.jsonb_array_elements_text(cast(listed, JSONB)).table_valued("value")
    return select(each.c.value)
