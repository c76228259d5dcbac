"""Full text of the certificate register, in each database's own way.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD = (
    "INSERT INTO certification_search_words(certification_search_words, rowid, words) "
    "VALUES ('delete', old.place, old.words)"
)
_NEW = "INSERT INTO certification_search_words(rowid, words) VALUES (new.place, new.words)"
_TRIGGERS = {
    "added": f"AFTER INSERT ON certification_search BEGIN {_NEW}; END",
    "removed": f"AFTER DELETE ON certification_search BEGIN {_OLD}; END",
    "changed": f"AFTER UPDATE OF words ON certification_search BEGIN {_OLD}; {_NEW}; END",
}
_TABLE = (
    "CREATE VIRTUAL TABLE certification_search_words USING fts5(words, "
    "content='certification_search', content_rowid='place', tokenize='ascii', detail='none', "
    "columnsize=0)"
)
_INDEX = (
    "CREATE INDEX ix_certification_search_words ON certification_search USING gin (words) "
    "WITH (fastupdate = off)"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_INDEX)
        return
    op.execute(_TABLE)
    for name, deed in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER certification_search_{name} {deed}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_certification_search_words")
        return
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER certification_search_{name}")
    op.execute("DROP TABLE certification_search_words")
