"""How the tables came to be as they are: one file in `versions/` per change, in a single line.

A revision once released is history: it is never edited, a mistake is mended by the next one. It
says what it does in its own words and imports no table class, so that it does the same for ever.
`ecotrace.migrate` runs revisions on SQLite and on PostgreSQL; `make migration NAME="…"` drafts one
from what changed in the table classes, which a person then reads and completes.
"""
