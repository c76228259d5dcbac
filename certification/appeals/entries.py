"""The log entry of an appeal: one type, one opaque stream, nothing public.

`certification.appeal.step`, stream `appl:` alone, no facts; commits record (event, state, person,
party, reasons; at the filing kind, target, subject and holder). The filing of somebody without an
account is sealed under a key of its own; every other record under the holder's.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

APPEAL_STEP = "certification.appeal.step"

ENTRY_TYPES = (
    EntryType(
        APPEAL_STEP,
        {},
        ("record",),
        "Nothing is public: who complains of what is between them and the office; what changes by "
        "it has its own entry.",
    ),
)
