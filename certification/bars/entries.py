"""Log entries about bars.

`certification.bar.make`, `certification.bar.lift`, stream `bar:`
    nothing public; commit record (holder, scheme, certificate, change, ground, from, until; the
    annulled change)

The revocation itself is public in the entry of its certificate. That its holder may not apply is
told to nobody but the holder and the offices.
"""

from __future__ import annotations

from ledger.entry_types import EntryType

MAKE_BAR = "certification.bar.make"
LIFT_BAR = "certification.bar.lift"

_WHY = "Nothing is public: the revocation is, in the entry of its certificate."

ENTRY_TYPES = (
    EntryType(MAKE_BAR, {}, ("record",), _WHY),
    EntryType(LIFT_BAR, {}, ("record",), _WHY),
)
