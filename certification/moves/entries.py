"""Log entries of moves: one type, in a stream of its own, with nothing public.

`certification.move.step`, stream `move:`
    no facts; commits record (event, office, person; opening: scheme, both bodies, why, last day,
    reason, document, certificates; attesting and declining: the certificates decided)

Who answers for a certificate is public in the certificate's own stream, by one
`certification.certificate.transfer_body` each, signed by the new body.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

MOVE_STEP = "certification.move.step"

ENTRY_TYPES = (
    EntryType(
        MOVE_STEP,
        {},
        ("record",),
        "Nothing is public: what changes for a certificate is said in its own stream.",
    ),
)
