"""The registry of log entry types of the whole application, as the door of the log enforces it."""

from __future__ import annotations

from collections.abc import Mapping

from certification import entries as certification
from identity import entries as identity
from ledger.entry_types import EntryType
from points import entries as points
from trace import entries as trace

DECLARED: tuple[EntryType, ...] = (
    *identity.ENTRY_TYPES,
    *trace.ENTRY_TYPES,
    *certification.ENTRY_TYPES,
    *points.ENTRY_TYPES,
)

ENTRY_TYPES: Mapping[str, EntryType] = {each.type: each for each in DECLARED}
