"""Compares draws with the log and the openings still held, and computes each result again.

Public facts are compared even where an opening was erased. Nothing here is used by the writer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.draws import model
from certification.draws.entries import COMMIT, REPLACE, RESULT, REVEAL
from certification.draws.model import DrawEvent, DrawStep, fold
from certification.draws.service import step_from
from certification.draws.tables import DrawRow, DrawStandingRow, DrawStepRow
from certification.told import Told, compared, missing
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime import base64url
from runtime.vault import Vault

_DRAWS = DrawRow.__tablename__
_STEPS = DrawStepRow.__tablename__
_STANDINGS = DrawStandingRow.__tablename__
_TYPES = frozenset({COMMIT, REVEAL, REPLACE, RESULT})
_PUBLIC = ("members", "drawn", "hours", "round", "place", "nonce", "reveal", "seed", "chosen")


def replay_draws(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences of rows, entries and openings; none on a healthy node.

    `payloads` are those of the log in its order, by payload id. Raises `OpeningBroken`.
    """
    told = _told(session, vault, payloads)
    rows = {row.id: row for row in session.scalars(select(DrawRow))}
    yield from missing(_DRAWS, rows.keys(), told.keys())
    for id in sorted(rows.keys() & told.keys()):
        yield from _draw(rows[id], told[id][0])
    stored: dict[str, list[DrawStepRow]] = defaultdict(list)
    for row in session.scalars(select(DrawStepRow).order_by(DrawStepRow.draw_id, DrawStepRow.n)):
        stored[row.draw_id].append(row)
    yield from _steps(stored, told)
    steps = {id: tuple(map(step_from, found)) for id, found in stored.items()}
    for id, taken in sorted(steps.items()):
        yield from _result(id, taken)
    yield from _standings(session, steps)


def _told(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> dict[str, list[Told]]:
    entries = [(name, each) for name, each in payloads if each.type in _TYPES]
    opened = open_entries(session, vault, [name for name, _ in entries])
    told: dict[str, list[Told]] = defaultdict(list)
    for name, payload in entries:
        opening = opened[name].get("record")
        value = opening.value if opening is not None else None
        record = value if isinstance(value, dict) else None
        told[payload.streams[0]].append(Told(name, payload, record))
    return told


def _draw(row: DrawRow, first: Told) -> Iterator[Difference]:
    pairs: dict[str, tuple[object, object]] = {
        "opened_at": (row.opened_at, first.payload.effective_at)
    }
    if first.record is not None:
        said = first.record["said"]
        pairs |= {column: (getattr(row, column), said[column]) for column in ("scheme", "office")}
    yield from compared(_DRAWS, row.id, first.name, pairs)


def _steps(
    rows: Mapping[str, Sequence[DrawStepRow]], told: Mapping[str, Sequence[Told]]
) -> Iterator[Difference]:
    stored = {f"{id}/{row.n}": row for id, found in rows.items() for row in found}
    logged = {f"{id}/{n}": each for id, steps in told.items() for n, each in enumerate(steps, 1)}
    yield from missing(_STEPS, stored.keys(), logged.keys())
    for key in sorted(stored.keys() & logged.keys()):
        row, each = stored[key], logged[key]
        facts = each.payload.facts
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, each.name),
            "at": (row.at, each.payload.effective_at),
        }
        pairs |= {f"said.{n}": (row.said.get(n), facts[n]) for n in _PUBLIC if n in facts}
        if each.record is not None:
            for column in ("n", "event", "person", "party", "said"):
                pairs[column] = (getattr(row, column), each.record[column])
        yield from compared(_STEPS, key, each.name, pairs)


def _result(id: str, steps: Sequence[DrawStep]) -> Iterator[Difference]:
    """Yield where the result is not what the revealed nonces make of it."""
    last = steps[-1]
    if last.event is not DrawEvent.RESULT:
        return
    before = fold(steps[:-1])
    nonces = [base64url.decode(before.reveals[place]) for place in sorted(before.reveals)]
    seed = model.seed_of(nonces)
    pairs: dict[str, tuple[object, object]] = {
        "seed": (last.said["seed"], base64url.encode(seed)),
        "chosen": (
            list(last.said["chosen"]),
            list(model.choose(seed, before.members, before.drawn)),
        ),
    }
    yield from compared(_STEPS, f"{id}/{last.n}", last.payload_id, pairs)


def _standings(session: Session, steps: Mapping[str, Sequence[DrawStep]]) -> Iterator[Difference]:
    stored = {row.draw_id: row for row in session.scalars(select(DrawStandingRow))}
    yield from missing(_STANDINGS, stored.keys(), steps.keys())
    for id in sorted(stored.keys() & steps.keys()):
        row, standing = stored[id], fold(steps[id])
        pairs: dict[str, tuple[object, object]] = {
            "state": (row.state, standing.state.value),
            "round": (row.round, standing.round),
            "n": (row.n, standing.n),
        }
        yield from compared(_STANDINGS, id, steps[id][-1].payload_id, pairs)
