"""Log entries of trace: which facts are public for ever, and why they may stay so.

Nothing of a product, a base, a lot, an event or a recall is public but the opaque stream that it
changes and the key that signed it. Labels are the exception where a public certificate bounds them
(`trace.labels.entries`).
"""

from __future__ import annotations

from ledger.entry_types import EntryType
from trace.conformity import entries as conformity
from trace.labels import entries as labels

_REGISTER = "A register entry says only that its signer recorded something in an opaque stream"
_EVENT = "An event's content, partners, places and quantities are for those who hold its opening"
_RECALL = "That lots are recalled shows on their pages; which, and why, is opened there"


def _committed(type: str, why: str, *fields: str) -> EntryType:
    return EntryType(type, {}, fields or ("record",), why)


ENTRY_TYPES = (
    _committed("trace.brand.register", _REGISTER),
    _committed("trace.product.register", _REGISTER),
    _committed("trace.base.register", _REGISTER),
    _committed("trace.lot.open", _REGISTER),
    _committed("trace.event.capture", _EVENT, "raw", "shown", "understood"),
    *labels.ENTRY_TYPES,
    *conformity.ENTRY_TYPES,
    _committed("trace.recall.propose", _RECALL, "decision", "record"),
    _committed("trace.recall.order", _RECALL, "decision", "record"),
    _committed("trace.recall.end", _RECALL, "decision", "record"),
)
