"""Log entries about laboratories and their reports; nothing about them is public.

`certification.lab.register`, stream `lab:`
    no facts; commits record (party, by whom)
`certification.lab.accredit`, stream `lab:`
    no facts; commits record (accreditation, authority, number, days, scope, by whom)
`certification.lab.end`, stream `lab:`
    no facts; commits record (accreditation, first day out, reason, by whom)
`certification.report.record`, stream `rept:`
    no facts; commits record (laboratory, evidence, holder, number, sample, days, results, by whom)
"""

from __future__ import annotations

from ledger.entry_types import EntryType

REGISTER = "certification.lab.register"
ACCREDIT = "certification.lab.accredit"
END = "certification.lab.end"
REPORT = "certification.report.record"

_LAB = "Only that something about a laboratory was recorded, and when; what it is, is committed."

ENTRY_TYPES = (
    EntryType(REGISTER, {}, ("record",), _LAB),
    EntryType(ACCREDIT, {}, ("record",), _LAB),
    EntryType(END, {}, ("record",), _LAB),
    EntryType(
        REPORT,
        {},
        ("record",),
        "Only that a report was recorded, and when: holder, sample and results are committed.",
    ),
)
