"""Log entries of labels: which facts are public for ever, and why they may stay so.

`trace.run.print`, streams `run:`, `lot:` when bound at once, `cert:` when a certificate bounds it,
    and `line:` or `prmt:` when one of its lines or print permits does
    facts, only when a certificate bounds it: number (of the certificate), permit? (number of the
    permit), unit (mg, piece), printed (what these labels stand for), left (of the account, after
    it); commits record
`trace.run.bind`, streams `run:`, `lot:`
    no facts; commits record (run, first and last position, lot)
`trace.run.void`, streams `run:`, `lot:` of labels that were bound; when the void gives quantity
    back to an account the streams of the print, and that of the account above a closed permit
    which took back what the void freed
    facts, only then: number, permit?, unit, void, left (of the account), parent_left? (of the
    account above, where it took); commits record (run, first and last position, reason)

So a stranger recomputes each account: `left` is what it was granted or received, less what it gave
and every `printed`, plus every `void` where the certificate bounds output (log-spec, "Quantities").
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
_BOUND = {"number": _NUMBER, "permit": _NUMBER, "unit": _UNIT, "left": _LEFT}

ENTRY_TYPES = (
    EntryType(
        type=PRINT,
        public=_BOUND | {"printed": _QUANTITY},
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
        public=_BOUND | {"void": _QUANTITY, "parent_left": _LEFT},
        committed=("record",),
        why="Only what returns to a public certificate, so that strangers can recompute what it "
        "leaves; reason and labels are committed",
    ),
)
