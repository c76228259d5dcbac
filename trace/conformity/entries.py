"""Log entries of certificates of conformity.

`trace.conformity.issue`, stream `lot:`
    no facts; commits record (the six fields, style, basis, sources, what it replaces). The opening
    is sealed under the promising party's key, so that a natural person can have it destroyed.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

ISSUE = "trace.conformity.issue"

ENTRY_TYPES = (
    EntryType(
        type=ISSUE,
        public={},
        committed=("record",),
        why="Nothing is public but the opaque stream of the lot: the promising party may be a "
        "natural person, and quantities between partners are nobody's business",
    ),
)
