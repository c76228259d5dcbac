"""The log entry of an inspection: one type, one opaque stream, nothing public.

`certification.inspection.step`, stream `insp:` alone, no facts; commits record (event, person,
party, what the step says in codes and days, and what was written: notes, findings, actions, places
and times of photos). Inspection, case and certificate meet in no entry: who reads the log learns
that something was done about some inspection, never whose.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

INSPECTION_STEP = "certification.inspection.step"

ENTRY_TYPES = (
    EntryType(
        INSPECTION_STEP,
        {},
        ("record",),
        "Nothing is public: whom an inspector visits and what he finds is the office's and the "
        "holder's business, and an unannounced visit must not be announced by the log.",
    ),
)
