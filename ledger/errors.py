"""What can go wrong in the log besides a refusal, drawn as a tree.

::

    LedgerError
    ├── ProofError        a proof does not lead from the leaf, or the old root, to the root
    ├── NoteError         a signed note is malformed, or no trusted key signed it
    ├── TileError         a tile address or an entry bundle is malformed
    ├── NotInLog          asked for an entry, tile or size that the log does not hold (yet)
    ├── OpeningBroken     a stored opening does not match its commitment or cannot be unsealed
    └── ExportError       the folder of an export already belongs to another log
    LogBroken             the stored log contradicts itself: an operator must look, nothing retries
    Fenced                this process lost the right to sequence; the new leader goes on

Bad input at the door is neither: it is a `runtime.refusal.Refusal` with a code of
`ledger.refusals`.
"""

from __future__ import annotations


class LedgerError(Exception):
    """Base of everything that a caller may meet with honest software and dishonest input."""


class ProofError(LedgerError):
    """An inclusion or consistency proof fails (RFC 9162 §2.1.3.2, §2.1.4.2)."""


class NoteError(LedgerError):
    """A signed note or checkpoint is malformed or not signed by a known key (C2SP signed-note)."""


class TileError(LedgerError):
    """A tile path or an entry bundle is malformed (C2SP tlog-tiles)."""


class NotInLog(LedgerError):
    """The log does not hold what was asked for, at the size that was asked for."""


class OpeningBroken(LedgerError):
    """A stored opening contradicts the commitment in its entry, or its seal is broken."""


class ExportError(LedgerError):
    """A folder cannot take this export."""


class LogBroken(RuntimeError):
    """The stored log contradicts itself; sequencing stops until a person has looked."""


class Fenced(RuntimeError):
    """A newer leader holds the fencing epoch; this one must not write."""
