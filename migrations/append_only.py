"""What a revision says about history tables, beside what Alembic already has words for.

`append_only("lots")` after a table is made puts the triggers on it that refuse to change history.
A drafted revision contains the call for each new history table. On SQLite some alterations make
the table anew, which drops its triggers: such a revision calls `append_only` again at its end, and
`ecotrace.migrate` refuses to finish when it was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alembic import op
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp, MigrateOperation, MigrationScript, OpContainer
from alembic.runtime.migration import MigrationContext

from runtime.database import append_only_ddl


def append_only(table: str) -> None:
    """Make a table refuse UPDATE and DELETE, and on PostgreSQL TRUNCATE."""
    connection = op.get_bind()
    for statement in append_only_ddl(connection.dialect.name, table):
        connection.exec_driver_sql(statement)


class AppendOnly(MigrateOperation):
    """The call above in a revision that is being drafted."""

    def __init__(self, table: str) -> None:
        self.table = table


@renderers.dispatch_for(AppendOnly)
def _render(context: AutogenContext, operation: AppendOnly) -> str:
    """Write the call, and the import that it needs."""
    context.imports.add("from migrations.append_only import append_only")
    return f"append_only({operation.table!r})"


def guard_new_history(
    context: MigrationContext,
    revision: str | Iterable[str | None] | Iterable[str],
    scripts: list[MigrationScript],
) -> None:
    """Put `append_only` after every history table that a drafted revision makes."""
    for script in scripts:
        if script.upgrade_ops is not None:
            script.upgrade_ops.ops = list(_guarded(script.upgrade_ops))


def _guarded(container: OpContainer) -> Iterator[MigrateOperation]:
    """Give the operations again, with the calls between them."""
    for operation in container.ops:
        yield operation
        if isinstance(operation, CreateTableOp):
            if operation.info.get("history"):
                yield AppendOnly(operation.table_name)
            # What a table means is for the classes of today to say, not for a revision.
            operation.info = {}
