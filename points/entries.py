"""Log entries of this area: which facts are public for ever, and why they may stay so.

`points.pack.publish`, stream `pack:`
    facts pack (SHA-256 of the file), code, version
`points.posting.post`, stream `org:` of the account's party
    facts pack; commits record (account, kind, reason, postings, lots and shares, cause)
`points.credit.record`, stream `org:`
    no facts; commits record (everything but the free text) and narrative (the free text), so that
    one can be opened without the other while the disclosure period runs
`points.credit.close`, stream `org:`
    no facts; commits record (which record, repaired or withdrawn, since when)
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

PACK_PUBLISH = "points.pack.publish"
POSTING_POST = "points.posting.post"
CREDIT_RECORD = "points.credit.record"
CREDIT_CLOSE = "points.credit.close"

ENTRY_TYPES = (
    EntryType(
        PACK_PUBLISH,
        {
            "pack": Field("digest"),
            "code": Field("code", pattern="[a-z][a-z0-9-]{1,31}"),
            "version": Field("int", low=1),
        },
        (),
        "Rules that give and take points are public; the digest pins their exact text.",
    ),
    EntryType(
        POSTING_POST,
        {"pack": Field("digest")},
        ("record",),
        "Only the rules in force are named; account, amount and reason are committed.",
    ),
    EntryType(
        CREDIT_RECORD,
        {},
        ("record", "narrative"),
        "Nothing is public: a record is shown only while its disclosure period runs.",
    ),
    EntryType(
        CREDIT_CLOSE,
        {},
        ("record",),
        "Nothing is public: that a record ended must not outlive the record.",
    ),
)
