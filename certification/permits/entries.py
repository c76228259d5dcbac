"""Log entries of print permits: which facts are public for ever, and why they may stay so.

`certification.permit.open`, streams `cert:`, `line:` where the grant has lines, `prmt:`
    facts number (of the certificate), permit (its own number), season?, unit, units, left (of the
    permit), from_left (of the account that gave)
`certification.permit.move`, streams `cert:` and both `prmt:`
    facts number, permit (that gives), to (that takes), unit, units, left, to_left
`certification.permit.freeze | thaw`, streams `cert:`, `prmt:`
    facts number, permit
`certification.permit.close`, streams `cert:`, `line:` where the grant has lines, `prmt:`
    facts number, permit, unit, units (given back, may be 0), to_left (of the account that took)

All commit record: holder, quantity as typed, office, document, reason, and for `open` the case.
Where a line stands between permit and certificate it gives and takes, else the certificate itself.
"""

from __future__ import annotations

from certification.quotas.entries import NUMBER, SEASON, UNIT
from ledger.entry_types import EntryType, Field

OPEN = "certification.permit.open"
MOVE = "certification.permit.move"
FREEZE = "certification.permit.freeze"
THAW = "certification.permit.thaw"
CLOSE = "certification.permit.close"

_PERMIT = Field("number")
_LEFT = Field("int")
_NAMED = {"number": NUMBER, "permit": _PERMIT}
_MOVED = _NAMED | {"unit": UNIT, "units": Field("int", low=1)}
_WHY = (
    "Quantities that a print permit bounds are public with their edges, so that strangers "
    "recompute every permit; who holds it is committed"
)

ENTRY_TYPES = (
    EntryType(
        OPEN, _MOVED | {"season": SEASON, "left": _LEFT, "from_left": _LEFT}, ("record",), _WHY
    ),
    EntryType(MOVE, _MOVED | {"to": _PERMIT, "left": _LEFT, "to_left": _LEFT}, ("record",), _WHY),
    EntryType(FREEZE, _NAMED, ("record",), _WHY),
    EntryType(THAW, _NAMED, ("record",), _WHY),
    EntryType(CLOSE, _MOVED | {"units": Field("int"), "to_left": _LEFT}, ("record",), _WHY),
)
