"""Log entries of transaction certificates: which facts are public for ever, and why.

`certification.transaction.issue | void`, stream `tcrt:` alone
    facts number, state; commits record (certificate, account, seller, buyer, product, season,
    quantity in whole units and as typed, day of the sale, lots, office, document; for `void` office
    and reason)

Stream and number say nothing of the certificate behind it: a stranger who is handed the paper finds
its state by its number, and learns neither partners nor amounts from the log.
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

ISSUE = "certification.transaction.issue"
VOID = "certification.transaction.void"

_WHY = (
    "Whoever is handed the paper can check that its number stands or is void; partners, goods and "
    "amounts are committed"
)
_FACTS = {
    "number": Field("number", pattern="TC-20[0-9]{2}-[0-9]{6,9}"),
    "state": Field("code", vocabulary=("issued", "void")),
}

ENTRY_TYPES = (
    EntryType(ISSUE, _FACTS, ("record",), _WHY),
    EntryType(VOID, _FACTS, ("record",), _WHY),
)
