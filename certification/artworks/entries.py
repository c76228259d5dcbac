"""What artwork writes into the log.

`certification.artwork.register`, stream `art:`
    facts scheme, artwork (the SHA-256 of the picture); commits record (office, size in bytes,
    sides)
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

ARTWORK = "certification.artwork.register"

ENTRY_TYPES = (
    EntryType(
        ARTWORK,
        {
            "scheme": Field("code", pattern="[a-z][a-z0-9]{1,15}"),
            "artwork": Field("digest"),
        },
        ("record",),
        "A mark is shown to everybody; the digest pins which picture it was at which time.",
    ),
)
