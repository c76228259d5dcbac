"""The log entry of a case: one type, one opaque stream, nothing public but that something was done.

`certification.case.step`, stream `case:` alone, no facts; commits record (event, outcome, state,
person, party, task, assignee, objection, notice's last day, reasons; at the opening holder, scheme,
version, track and certificate; at a submission the answers; at a grant what came of it). The
record of an objection is sealed under a key of the objector's own, every other one under the
holder's.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

CASE_STEP = "certification.case.step"

ENTRY_TYPES = (
    EntryType(
        CASE_STEP,
        {},
        ("record",),
        "Nothing is public: who applied, who objected and how a case went are the office's and the "
        "applicant's business until something is granted, which has its own entry.",
    ),
)
