"""Log entries of this area: which facts are public for ever, and why they may stay so.

`certification.certificate.grant`, stream `cert:`
    facts number, scheme, state, from, to?, bound, granted?, unit?; commits record (holder,
    products, bases, quantity as typed, office, document, reason)
`certification.certificate.suspend | resume | revoke`, stream `cert:`
    facts number, state (right after the decision); commits record (office, document, reason)
`certification.certificate.annul`, stream `cert:`
    facts number, state, annuls (the place of the corrected decision in this list, from 1)
`certification.artwork.register`, stream `art:`
    facts scheme, artwork (the SHA-256 of the picture); commits record (office, size in bytes,
    sides)

There is no entry for the end of a term: nobody decides it, and `to` is in the grant.
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

GRANT = "certification.certificate.grant"
SUSPEND = "certification.certificate.suspend"
RESUME = "certification.certificate.resume"
REVOKE = "certification.certificate.revoke"
ANNUL = "certification.certificate.annul"
ARTWORK = "certification.artwork.register"

_NUMBER = Field("number", pattern="[A-Z0-9][A-Z0-9-]{3,31}")
_STATE = Field("code", vocabulary=("active", "suspended", "revoked", "annulled"))
_WHY = (
    "Numbers and states of certificates are public registers by their own rules; quantities are "
    "public so that strangers can recompute what a certificate allows."
)
_SCHEME = Field("code", pattern="[a-z][a-z0-9]{1,15}")
_DECISION = {"number": _NUMBER, "state": _STATE}
_GRANT = {
    "scheme": _SCHEME,
    "from": Field("date"),
    "to": Field("date", optional=True),
    "bound": Field("code", vocabulary=("approved_output", "print_permit", "unbounded")),
    "granted": Field("int", low=1, optional=True),
    "unit": Field("code", vocabulary=("mg", "piece"), optional=True),
}

ENTRY_TYPES = (
    EntryType(GRANT, _DECISION | _GRANT, ("record",), _WHY),
    EntryType(SUSPEND, _DECISION, ("record",), _WHY),
    EntryType(RESUME, _DECISION, ("record",), _WHY),
    EntryType(REVOKE, _DECISION, ("record",), _WHY),
    EntryType(ANNUL, _DECISION | {"annuls": Field("int", low=1)}, ("record",), _WHY),
    EntryType(
        ARTWORK,
        {"scheme": _SCHEME, "artwork": Field("digest")},
        ("record",),
        "A mark is shown to everybody; the digest pins which picture it was at which time.",
    ),
)
