"""What the replays of proposals and moves share: steps as the log tells them, and comparing rows.

A step has one entry in the stream of what it is about, with nothing public; what it says stands in
its opening, and where that was erased nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime.vault import Vault

Pairs = Mapping[str, tuple[object, object]]
"""Stored and logged value by column."""


@dataclass(frozen=True)
class Told:
    """One step as its entry tells it; `record` None where the opening is gone."""

    name: str
    payload: Payload
    record: Mapping[str, Any] | None


def steps_told(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]], type: str
) -> dict[str, list[Told]]:
    """The steps of one type by stream, in the order of the log."""
    entries = [(name, each) for name, each in payloads if each.type == type]
    opened = open_entries(session, vault, [name for name, _ in entries])
    told: dict[str, list[Told]] = {}
    for name, payload in entries:
        opening = opened[name].get("record")
        value = opening.value if opening is not None else None
        record = value if isinstance(value, dict) else None
        told.setdefault(payload.streams[0], []).append(Told(name, payload, record))
    return told


def missing(table: str, stored: Iterable[str], logged: Iterable[str]) -> Iterator[Difference]:
    """Yield rows that no entry bears out, and entries without their row."""
    known, told = set(stored), set(logged)
    for name in sorted(known - told):
        yield Difference(table, name, "id", None, name, "no entry")
    for name in sorted(told - known):
        yield Difference(table, name, "id", None, "no row", name)


def compared(table: str, row: str, entry: str, pairs: Pairs) -> Iterator[Difference]:
    """Yield the columns in which a row says other things than the log."""
    for column, (stored, logged) in pairs.items():
        if stored != logged:
            yield Difference(table, row, column, entry, str(stored), str(logged))
