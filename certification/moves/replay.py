"""Rebuilds moves from their entries and those of certificates, and compares the tables.

What was decided about which certificate stands in the openings of the move's own entries; that a
certificate was moved or suspended is public in its own stream. Where an opening was erased nothing
is said about what stood in it. Nothing here is used by the writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.moves.entries import MOVE_STEP
from certification.moves.model import MoveEvent, MoveState, TicketState
from certification.moves.tables import MoveRow, MoveStandingRow, MoveStepRow, MoveTicketRow
from certification.told import Told, compared, missing, steps_told
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime.vault import Vault

_MOVES = MoveRow.__tablename__
_STANDINGS = MoveStandingRow.__tablename__
_STEPS = MoveStepRow.__tablename__
_TICKETS = MoveTicketRow.__tablename__

_TRANSFER = "certification.certificate.transfer_body"
_SUSPEND = "certification.certificate.suspend"
_OPENED = ("scheme", "from_body", "to_body", "why", "reason", "document")
_DECIDED = {
    MoveEvent.OPEN: TicketState.PENDING,
    MoveEvent.ATTEST: TicketState.ATTESTED,
    MoveEvent.DECLINE: TicketState.DECLINED,
}


Decisions = Mapping[tuple[str, str], Payload]
"""Entries that moved or suspended a certificate, by payload id and certificate."""


def replay_moves(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id.
    """
    listed = list(payloads)
    told = steps_told(session, vault, listed, MOVE_STEP)
    decisions = {
        (name, each.streams[0]): each for name, each in listed if each.type in (_TRANSFER, _SUSPEND)
    }
    rows = {row.id: row for row in session.scalars(select(MoveRow))}
    standings = {row.move_id: row for row in session.scalars(select(MoveStandingRow))}
    for table, stored in ((_MOVES, rows), (_STANDINGS, standings)):
        yield from missing(table, stored.keys(), told.keys())
    for id in sorted(rows.keys() & told.keys()):
        yield from _opening(rows[id], told[id][0])
        if id in standings:
            yield from _standing(standings[id], rows[id], told[id])
        yield from _tickets(session, rows[id], told[id], decisions)
    yield from _steps(session, told)


def _opening(row: MoveRow, first: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "opened_at": (row.opened_at, first.payload.effective_at)
    }
    if first.record is not None:
        pairs |= {column: (getattr(row, column), first.record[column]) for column in _OPENED}
        pairs["until"] = (row.until.isoformat(), first.record["until"])
    yield from compared(_MOVES, row.id, first.name, pairs)


def _standing(row: MoveStandingRow, of: MoveRow, steps: Sequence[Told]) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "steps": (row.steps, len(steps)),
        "from_body": (row.from_body, of.from_body),
        "scheme": (row.scheme, of.scheme),
    }
    last = steps[-1].record
    if last is not None:
        closed = last["event"] == MoveEvent.CLOSE
        pairs["state"] = (row.state, (MoveState.CLOSED if closed else MoveState.OPEN).value)
    yield from compared(_STANDINGS, row.move_id, steps[-1].name, pairs)


def _steps(session: Session, told: Mapping[str, Sequence[Told]]) -> Iterator[Difference]:
    rows = {f"{row.move_id}/{row.n}": row for row in session.scalars(select(MoveStepRow))}
    logged = {f"{id}/{n}": each for id, steps in told.items() for n, each in enumerate(steps, 1)}
    yield from missing(_STEPS, rows.keys(), logged.keys())
    for key in sorted(rows.keys() & logged.keys()):
        row, each = rows[key], logged[key]
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, each.name),
            "at": (row.at, each.payload.effective_at),
        }
        if each.record is not None:
            said = each.record
            pairs |= {
                column: (getattr(row, column), said[column])
                for column in ("event", "office", "person")
            }
            pairs["certificates"] = (row.certificates, len(said["certificates"]))
        yield from compared(_STEPS, key, each.name, pairs)


def _tickets(
    session: Session, move: MoveRow, steps: Sequence[Told], decisions: Decisions
) -> Iterator[Difference]:
    if any(each.record is None for each in steps):
        return
    decided = _verdicts(steps)
    rows = {
        row.cert_id: row
        for row in session.scalars(select(MoveTicketRow).filter_by(move_id=move.id))
    }
    logged = (f"{move.id}/{each}" for each in decided)
    yield from missing(_TICKETS, (f"{move.id}/{each}" for each in rows), logged)
    for cert_id in sorted(rows.keys() & decided.keys()):
        verdict, person = decided[cert_id]
        row = rows[cert_id]
        state = _state_told(row, move, verdict, decisions)
        pairs = {"state": (row.state, state.value), "person": (row.person, person)}
        yield from compared(_TICKETS, f"{move.id}/{cert_id}", steps[0].name, pairs)


def _verdicts(steps: Sequence[Told]) -> dict[str, tuple[TicketState, str | None]]:
    """What was decided last about each certificate, and by whom."""
    decided: dict[str, tuple[TicketState, str | None]] = {}
    for each in steps:
        said = each.record or {}
        state = _DECIDED.get(MoveEvent(said["event"]))
        person = None if state is TicketState.PENDING else said["person"]
        if state is not None:
            decided |= dict.fromkeys(said["certificates"], (state, person))
    return decided


def _state_told(
    row: MoveTicketRow, move: MoveRow, verdict: TicketState, decisions: Decisions
) -> TicketState:
    """The state that the log bears out: the entry that is named, else what was decided.

    That a certificate was found revoked or ended, or suspended before, needs no entry of its own.
    """
    entry = decisions.get((row.payload_id or "", row.cert_id))
    if entry is not None and entry.type == _TRANSFER:
        mine = verdict is TicketState.ATTESTED and entry.facts.get("to") == move.to_body
        return TicketState.MOVED if mine else verdict
    late = verdict is not TicketState.ATTESTED
    if entry is not None and late:
        return TicketState.SUSPENDED
    without = {TicketState.GONE} | ({TicketState.SUSPENDED} if late else set())
    stored = TicketState(row.state)
    return stored if row.payload_id is None and stored in without else verdict
