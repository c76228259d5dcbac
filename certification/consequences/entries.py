"""Log entries of consequences: one type, in a stream of its own, with nothing public.

`certification.consequence.step`, stream `cons:`
    no facts; commits record (event, certificate, verb, effective_at, reason, document, ground,
    hold_until, office, person, radius, and what the confirmation led to)

That a certificate is about to be suspended concerns nobody before a second person has agreed; the
decision itself is public in the entry of the certificate.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

CONSEQUENCE_STEP = "certification.consequence.step"

ENTRY_TYPES = (
    EntryType(
        CONSEQUENCE_STEP,
        {},
        ("record",),
        "Nothing is public: a proposal may be dropped, and the decision has an entry of its own.",
    ),
)
