"""Alembic runs this file for every command; `ecotrace.migrate` has put the connection into it.

There is no `alembic.ini`: the address, the rights and the checks belong to the application, so the
plain `alembic` command has nothing to run on.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, TypeDecorator

from ecotrace.migrate import in_table_classes
from ecotrace.tables import metadata
from migrations.append_only import guard_new_history


def plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write a column type of ours as the SQL type beneath it: a revision must not import us."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_name=in_table_classes,
    render_item=plain_type,
    render_as_batch=connection.dialect.name == "sqlite",
    process_revision_directives=guard_new_history,
    # The caller's transaction holds all revisions of one run: all of them, or none.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
