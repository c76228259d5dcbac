"""Rebuilds bars from their entries and the openings still held, and compares the tables.

Where an opening was erased nothing is said about what stood in it. Nothing here is used by the
writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.bars.entries import LIFT_BAR, MAKE_BAR
from certification.bars.tables import BarRow, LiftedBarRow
from certification.told import Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.vault import Vault

_BARS, _LIFTED = BarRow.__tablename__, LiftedBarRow.__tablename__


def replay_bars(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id.
    """
    listed = list(payloads)
    made = _by_stream(session, vault, listed, MAKE_BAR)
    bars = {row.id: row for row in session.scalars(select(BarRow))}
    yield from missing(_BARS, bars.keys(), made.keys())
    for id in sorted(bars.keys() & made.keys()):
        yield from _bar(bars[id], made[id])
    ended = _by_stream(session, vault, listed, LIFT_BAR)
    lifted = {row.id: row for row in session.scalars(select(LiftedBarRow))}
    yield from missing(_LIFTED, lifted.keys(), ended.keys())
    for id in sorted(lifted.keys() & ended.keys()):
        row, entry = lifted[id], ended[id]
        pairs = {
            "payload_id": (row.payload_id, entry.name),
            "recorded_at": (row.recorded_at, entry.payload.effective_at),
        }
        yield from compared(_LIFTED, id, entry.name, pairs)


def _by_stream(
    session: Session, vault: Vault, payloads: list[tuple[str, Payload]], type: str
) -> dict[str, Told]:
    return {id: steps[0] for id, steps in steps_told(session, vault, payloads, type).items()}


def _bar(row: BarRow, entry: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "payload_id": (row.payload_id, entry.name),
        "recorded_at": (row.recorded_at, entry.payload.effective_at),
    }
    if entry.record is not None:
        said = entry.record
        until = None if row.until is None else row.until.isoformat()
        pairs |= {
            "holder": (row.holder, said["holder"]),
            "scheme": (row.scheme, said["scheme"]),
            "cert_id": (row.cert_id, said["certificate"]),
            "n": (row.n, said["change"]),
            "ground": (row.ground, said["ground"]),
            "from_date": (row.from_date.isoformat(), said["from"]),
            "until": (until, said["until"]),
        }
    yield from compared(_BARS, row.id, entry.name, pairs)
