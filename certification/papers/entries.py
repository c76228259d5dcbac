"""The log entry of a paper.

`certification.paper.issue`, stream `papr:`
    no facts; commits record (certificate, n, digest, size in bytes, office)

A certificate's own stream does not name its papers: how often somebody fetches one is nobody's
business. Whoever holds a paper and its opening proves when it was issued.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

ISSUE = "certification.paper.issue"

ENTRY_TYPES = (
    EntryType(ISSUE, {}, ("record",), "Nothing about a paper is public but that one was issued."),
)
