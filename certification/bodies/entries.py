"""Log entries about bodies: which facts are public for ever, and why they may stay so.

`certification.appointment.make`, stream `appt:`
    facts party (`org:`), scheme, function, from, to?; commits record (office, document, capacity)
`certification.appointment.end`, stream `appt:`
    fact to (the last day now); commits record (office, reason)
`certification.competence.grant`, `.end`, stream `comp:`
    nothing public; commit record (person, scheme, task, party, from, to, document; to and reason)
`certification.declaration.make`, stream `decl:`
    nothing public; commits record (case, person, party, relation)

Whoever serves a scheme does so in public. People are not named: what is committed about them is
sealed under their own key, and can be erased.
"""

from __future__ import annotations

from certification.schemes.model import Function
from ledger.entry_types import EntryType, Field

APPOINT = "certification.appointment.make"
END_APPOINTMENT = "certification.appointment.end"
GRANT_COMPETENCE = "certification.competence.grant"
END_COMPETENCE = "certification.competence.end"
DECLARE = "certification.declaration.make"

_PUBLIC = "Who serves a scheme, and since when, is what a public register is for."
_PERSONAL = "Nothing is public: this is about a person."

ENTRY_TYPES = (
    EntryType(
        APPOINT,
        {
            "party": Field("code", pattern="org:[A-Za-z0-9_-]{20}"),
            "scheme": Field("code", pattern="[a-z][a-z0-9]{1,15}"),
            "function": Field("code", vocabulary=tuple(each.value for each in Function)),
            "from": Field("date"),
            "to": Field("date", optional=True),
        },
        ("record",),
        _PUBLIC,
    ),
    EntryType(END_APPOINTMENT, {"to": Field("date")}, ("record",), _PUBLIC),
    EntryType(GRANT_COMPETENCE, {}, ("record",), _PERSONAL),
    EntryType(END_COMPETENCE, {}, ("record",), _PERSONAL),
    EntryType(DECLARE, {}, ("record",), _PERSONAL),
)
