"""Databases with a test's own tables, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import MetaData

from runtime.database import Database, grant_ddl, make_tables, open_engine, usable_url
from tests.fixtures.databases import Addresses

Filled = Callable[[MetaData], Database]


@pytest.fixture
def filled(bare_database: Addresses) -> Iterator[Filled]:
    """Make the given tables as their owner; the test gets them with the serving role's rights."""
    made: list[Database] = []

    def fill(metadata: MetaData) -> Database:
        owner = open_engine(usable_url(bare_database.owner_url))
        make_tables(owner, metadata)
        serving = usable_url(bare_database.serving_url)
        if serving.username is not None:
            with owner.begin() as connection:
                for statement in grant_ddl(metadata.sorted_tables, serving.username):
                    connection.exec_driver_sql(statement)
        owner.dispose()
        made.append(Database(bare_database.serving_url))
        return made[-1]

    yield fill
    for database in made:
        database.dispose()
