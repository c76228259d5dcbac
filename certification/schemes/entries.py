"""Log entry of scheme versions: which facts are public for ever, and why they may stay so.

`certification.scheme.publish`, stream `schm:`
    facts scheme, version, digest (SHA-256 of the canonical content), effective; commits nothing
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

PUBLISH = "certification.scheme.publish"

ENTRY_TYPES = (
    EntryType(
        PUBLISH,
        {
            "scheme": Field("code", pattern="[a-z][a-z0-9]{1,15}"),
            "version": Field("number", pattern="20[0-9]{2}-[0-9]{1,3}"),
            "digest": Field("digest"),
            "effective": Field("date"),
        },
        (),
        "The rules of a scheme are public; the digest pins which rules counted at which time.",
    ),
)
