"""Log entries about evidence: nothing about it is public but that there is some.

`certification.evidence.keep`, stream `evid:`
    no facts; commits record (holder, document, digest, media, size in bytes, name, days, by whom)
    and answers (by field key: value, unit), each opened without the other
`certification.evidence.attach`, stream `evid:`
    no facts; commits record (evidence, case, holder, by whom)

Case and evidence meet in no stream: who reads the log learns that some evidence was used, never by
whom or for what.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

KEEP = "certification.evidence.keep"
ATTACH = "certification.evidence.attach"

ENTRY_TYPES = (
    EntryType(
        KEEP,
        {},
        ("answers", "record"),
        "Only that something was kept, and when: the file, its hash and its holder are committed.",
    ),
    EntryType(
        ATTACH,
        {},
        ("record",),
        "Only that something was handed in, and when: the case is committed.",
    ),
)
