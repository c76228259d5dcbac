"""The search index of the public register: one row for each certificate, and the full text of it.

UNPROTECTED: nothing is shown from it. It says which certificates to look at; those are read from
the register, whose rows are history. It is made anew at any time (`ecotrace search rebuild`).

The full text lies in an index of the database's own: on SQLite the FTS5 table
`certification_search_words`, which keeps no text and is kept in step by triggers; on PostgreSQL a
GIN index over the `tsvector` column. SQLAlchemy has no words for either: `full_text_ddl` has, for
tests (`make_tables`) and for the revision of the migrations; `is_full_text` tells their names.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table

TABLE = "certification_search"
FULL_TEXT = "certification_search_words"
FULL_TEXT_INDEX = "ix_certification_search_words"
# Numbers are compared letter by letter, whatever the language of the database.
_NUMBER = String(32).with_variant(String(32, collation="C"), "postgresql")


class SearchRow(Base):
    """What is searched of one certificate; `place` counts from the oldest, and is the order.

    `decided` is the state that all decisions make; with `begins_at` and `ends_at` it gives the
    state at any later time. `holder` is an organisation or None; `choices` holds `key=choice`, each
    between blanks; `sought` is the text itself, `words` its tokens.
    """

    __tablename__ = TABLE
    __table_args__ = table(
        TableClass.UNPROTECTED,
        Index(None, "number", "scheme"),
        Index(None, "scheme", "decided", "region", "begins_at", "ends_at"),
        Index(None, "begins_at"),
    )

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True
    )
    cert_id: Mapped[str] = mapped_column(String(26), unique=True)
    scheme: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(_NUMBER)
    holder: Mapped[str | None] = mapped_column(String(26))
    region: Mapped[str] = mapped_column(String(12))
    decided: Mapped[str] = mapped_column(String(12))
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    choices: Mapped[str] = mapped_column(String(200))
    sought: Mapped[str] = mapped_column(Text, deferred=True)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), deferred=True)


_OLD = "INSERT INTO {fts}({fts}, rowid, words) VALUES ('delete', old.place, old.words)"
_NEW = "INSERT INTO {fts}(rowid, words) VALUES (new.place, new.words)"
_FTS5 = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS {fts} USING fts5(words, content='{table}', "
    "content_rowid='place', tokenize='ascii', detail='none', columnsize=0)"
)
_TRIGGER = "CREATE TRIGGER IF NOT EXISTS {table}_"
_SQLITE = (
    _FTS5,
    f"{_TRIGGER}added AFTER INSERT ON {{table}} BEGIN {_NEW}; END",
    f"{_TRIGGER}removed AFTER DELETE ON {{table}} BEGIN {_OLD}; END",
    f"{_TRIGGER}changed AFTER UPDATE OF words ON {{table}} BEGIN {_OLD}; {_NEW}; END",
)
# Grants are few and questions are many: a question should not have to read a list of late comers.
_GIN = "CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin (words) WITH (fastupdate = off)"


def full_text_ddl(dialect: str) -> list[str]:
    """Give the statements that make the full-text index, once the table is there."""
    statements = _SQLITE if dialect == "sqlite" else (_GIN,)
    return [each.format(fts=FULL_TEXT, table=TABLE, index=FULL_TEXT_INDEX) for each in statements]


def drop_full_text_ddl(dialect: str) -> list[str]:
    """Give what to drop before the table is; its triggers go with it."""
    return [f"DROP TABLE IF EXISTS {FULL_TEXT}"] if dialect == "sqlite" else []


def is_full_text(name: str | None) -> bool:
    """Whether a table or index of this name belongs to the full text, and so to no table class."""
    own = name in (FULL_TEXT, FULL_TEXT_INDEX)
    return own or (name is not None and name.startswith(f"{FULL_TEXT}_"))


def _make(_table: Table, connection: Connection, **_options: object) -> None:
    for statement in full_text_ddl(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _drop(_table: Table, connection: Connection, **_options: object) -> None:
    for statement in drop_full_text_ddl(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(SearchRow.__table__, "after_create", _make)
event.listen(SearchRow.__table__, "before_drop", _drop)
