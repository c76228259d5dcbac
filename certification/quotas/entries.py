"""Log entries of quantities: which facts are public for ever, and why they may stay so.

`certification.line.open`, streams `cert:`, `line:`
    facts number (of the certificate), line (its place in the grant, from 1), season?, unit,
    granted; commits record (product; of a line that was added later also office, document, reason)
`certification.line.amend`, streams `cert:`, `line:`
    facts number, line, unit, granted (from now on), left; commits record (quantity as typed,
    office, document, reason)

Permits (`certification.permits.entries`) and print runs (`trace.labels.entries`) say the movements.
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

LINE = "certification.line.open"
AMEND = "certification.line.amend"

NUMBER = Field("number", pattern="[A-Z0-9][A-Z0-9-]{3,31}")
SEASON = Field("code", pattern="20[0-9]{2}(-[A-Z0-9]{1,8})?", optional=True)
UNIT = Field("code", vocabulary=("mg", "piece"))

_LINE = {
    "number": NUMBER,
    "line": Field("int", low=1),
    "unit": UNIT,
    "granted": Field("int", low=1),
}
_WHY = (
    "What a public certificate grants in a season, so that strangers can recompute it; the "
    "product is committed"
)

ENTRY_TYPES = (
    EntryType(LINE, _LINE | {"season": SEASON}, ("record",), _WHY),
    EntryType(AMEND, _LINE | {"left": Field("int")}, ("record",), _WHY),
)
