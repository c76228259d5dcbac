"""From a row of a register to its entry in the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger.reader import LogReader


@dataclass(frozen=True)
class LogLink:
    """Where a fact is bound: its place in the log and the file that proves it.

    `index` and `proof` are None while the entry waits for its place.
    """

    payload_id: str
    index: int | None
    proof: str | None


def log_links(session: Session, payload_ids: Iterable[str]) -> dict[str, LogLink]:
    """Give the links of entries by payload id."""
    asked = list(dict.fromkeys(payload_ids))
    places = LogReader(session).indexes_of(asked)
    return {each: _link(each, places.get(each)) for each in asked}


def _link(payload_id: str, index: int | None) -> LogLink:
    proof = None if index is None else f"/log/proof/{index}"
    return LogLink(payload_id, index, proof)
