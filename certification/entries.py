"""Log entries of this area, put together from those of its nouns (`<noun>/entries.py`)."""

from __future__ import annotations

from certification.appeals.entries import ENTRY_TYPES as APPEALS
from certification.artworks.entries import ENTRY_TYPES as ARTWORKS
from certification.bars.entries import ENTRY_TYPES as BARS
from certification.bodies.entries import ENTRY_TYPES as BODIES
from certification.cases.entries import ENTRY_TYPES as CASES
from certification.certificates.entries import ENTRY_TYPES as CERTIFICATES
from certification.consequences.entries import ENTRY_TYPES as CONSEQUENCES
from certification.draws.entries import ENTRY_TYPES as DRAWS
from certification.evidence.entries import ENTRY_TYPES as EVIDENCE
from certification.inspections.entries import ENTRY_TYPES as INSPECTIONS
from certification.labs.entries import ENTRY_TYPES as LABS
from certification.moves.entries import ENTRY_TYPES as MOVES
from certification.papers.entries import ENTRY_TYPES as PAPERS
from certification.permits.entries import ENTRY_TYPES as PERMITS
from certification.quotas.entries import ENTRY_TYPES as QUOTAS
from certification.schemes.entries import ENTRY_TYPES as SCHEMES
from certification.transactions.entries import ENTRY_TYPES as TRANSACTIONS

ENTRY_TYPES = (
    *APPEALS,
    *ARTWORKS,
    *BARS,
    *BODIES,
    *CASES,
    *CERTIFICATES,
    *CONSEQUENCES,
    *DRAWS,
    *INSPECTIONS,
    *EVIDENCE,
    *LABS,
    *MOVES,
    *PAPERS,
    *PERMITS,
    *QUOTAS,
    *SCHEMES,
    *TRANSACTIONS,
)
