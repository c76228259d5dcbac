"""Log entries of labels: which facts are public for ever, and why they may stay so.

`trace.run.print`, streams `run:`, `lot:` when bound at once, `cert:` when a certificate bounds it
    facts, only when a certificate bounds it: number (of the certificate), unit (mg, piece),
    printed (what these labels stand for), left (after it); commits record
`trace.run.bind`, streams `run:`, `lot:`
    no facts; commits record (run, first and last position, lot)
`trace.run.void`, streams `run:`, `lot:` of labels that were bound, `cert:` when the void frees
    quantity of a certificate
    facts, only then: number, unit, void, left; commits record (run, first and last position,
    reason)

So a stranger recomputes each permit: `left` of a certificate is what was granted, less every
`printed`, plus every `void` where the certificate bounds output (log-spec, "Quantities").
"""

from __future__ import annotations

from ledger.entry_types import EntryType, Field

PRINT = "trace.run.print"
BIND = "trace.run.bind"
VOID = "trace.run.void"

_NUMBER = Field("number", optional=True)
_UNIT = Field("code", vocabulary=("mg", "piece"), optional=True)
_QUANTITY = Field("int", low=1, optional=True)
_LEFT = Field("int", optional=True)

ENTRY_TYPES = (
    EntryType(
        type=PRINT,
        public={"number": _NUMBER, "unit": _UNIT, "printed": _QUANTITY, "left": _LEFT},
        committed=("record",),
        why="Only what a public certificate bounds, so that strangers can recompute what it "
        "leaves; product, count, place and printer are committed",
    ),
    EntryType(
        type=BIND,
        public={},
        committed=("record",),
        why="Nothing is public but the opaque streams of run and lot",
    ),
    EntryType(
        type=VOID,
        public={"number": _NUMBER, "unit": _UNIT, "void": _QUANTITY, "left": _LEFT},
        committed=("record",),
        why="Only what returns to a public certificate, so that strangers can recompute what it "
        "leaves; reason and labels are committed",
    ),
)
