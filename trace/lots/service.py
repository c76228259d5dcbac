"""Opening a lot, locking its balance, and walking from lot to lot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import instant_text
from runtime.id_list import id_list
from runtime.ids import new_id
from runtime.refusal import refuse
from trace.acting import check_acting
from trace.bases.service import require_base
from trace.codes import check_code
from trace.lots.tables import Lot, LotBalance
from trace.products.service import require_product
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from trace.scans.service import open_epoch

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a producer's clock may run ahead of ours before a fact counts as in the future."""


@dataclass(frozen=True)
class OpenLot:
    """A lot to be opened; `product` is a code, GTIN-14 or id, `base` an id."""

    owner: str
    product: str
    code: str
    opened_at: datetime
    base: str | None = None


@dataclass(frozen=True)
class LotOpened:
    """The new lot and the log entry that says so."""

    id: str
    code: str
    payload_id: str


def open_lot(work: Work, command: OpenLot, actor: Actor, now: datetime) -> LotOpened:
    """Open an empty lot.

    Raises Refusal: CODE_MALFORMED, PRODUCT_UNKNOWN, NOT_YOURS, BASE_UNKNOWN, IN_THE_FUTURE,
    LOT_CODE_TAKEN.
    """
    check_acting(actor, command.owner, Scope.CAPTURE)
    check_code(command.code, "/code")
    product = require_product(work, command.product, "/product")
    check_owner(product.owner_id, command.owner, "/product")
    if command.base is not None:
        check_owner(require_base(work, command.base, "/base").owner_id, command.owner, "/base")
    check_not_future(command.opened_at, now, "/opened_at")
    if find_lot(work, product.id, command.code) is not None:
        refuse(TraceRefusal.LOT_CODE_TAKEN, "/code", given=command.code)
    id = new_id("lot", work.randomness)
    value = {
        **asdict(command),
        "opened_at": instant_text(command.opened_at),
        "recorded_at": instant_text(now),
    }
    draft = Draft(
        "trace.lot.open", (id,), command.opened_at, {}, (Secret("record", value, command.owner),)
    )
    recorded = record(work, draft, signer_for(work, command.owner), now)
    row = {
        "id": id,
        "code": command.code,
        "product_id": product.id,
        "owner_id": command.owner,
        "base_id": command.base,
        "opened_at": command.opened_at,
        "recorded_at": now,
        "payload_id": recorded.payload_id,
    }
    if not insert_unless_there(work, Lot, row):
        refuse(TraceRefusal.LOT_CODE_TAKEN, "/code", given=command.code)
    work.add(LotBalance(lot_id=id, received=0, consumed=0, sold=0, labelled=0))
    open_epoch(work, id)
    work.flush()
    return LotOpened(id, command.code, recorded.payload_id)


def check_owner(owner: str, acting_for: str, pointer: str) -> None:
    """Raise Refusal NOT_YOURS unless the thing belongs to the party that is acted for."""
    if owner != acting_for:
        refuse(TraceRefusal.NOT_YOURS, pointer)


def check_not_future(at: datetime, now: datetime, pointer: str) -> None:
    """Raise Refusal IN_THE_FUTURE for a fact that has not happened yet."""
    if at > now + CLOCK_TOLERANCE:
        refuse(TraceRefusal.IN_THE_FUTURE, pointer, at=instant_text(at), now=instant_text(now))


def find_lot(session: Session, product_id: str, code: str) -> Lot | None:
    """Return a product's lot of this code, or None."""
    return session.scalar(select(Lot).filter_by(product_id=product_id, code=code))


def require_lot(session: Session, id_or_code: str, pointer: str) -> Lot:
    """Return the lot of this id, or of a code that only one product uses. Raises LOT_UNKNOWN."""
    lot = session.get(Lot, id_or_code)
    if lot is None:
        same_code = list(session.scalars(select(Lot).filter_by(code=id_or_code).limit(2)))
        lot = same_code[0] if len(same_code) == 1 else None
    if lot is None:
        refuse(TraceRefusal.LOT_UNKNOWN, pointer, given=id_or_code[:32])
    return lot


def lots_of(session: Session, owner: str, limit: int = 50) -> list[tuple[Lot, Product]]:
    """Return a party's lots with their products, the newest first."""
    query = (
        select(Lot, Product)
        .join(Product, Product.id == Lot.product_id)
        .where(Lot.owner_id == owner)
        .order_by(Lot.opened_at.desc(), Lot.id)
        .limit(limit)
    )
    return [(lot, product) for lot, product in session.execute(query)]


def locked_balances(work: Work, lot_ids: Iterable[str]) -> dict[str, LotBalance]:
    """Lock the guard rows of these lots, by id, and return them.

    Rows are locked in one global order (design "One way through"), so that two writers that need
    the same lots never wait for each other.
    """
    query = (
        select(LotBalance)
        .where(LotBalance.lot_id.in_(id_list(work, lot_ids)))
        .order_by(LotBalance.lot_id)
        .with_for_update()
    )
    return {row.lot_id: row for row in work.scalars(query)}


def descendants(session: Session, lot_id: str) -> list[str]:
    """Return a lot and everything that came from it, nearest first (a lot once)."""
    return _nearest_first(lot_id, session.execute(_EDGES_DOWN, {"lot": lot_id}))


def ancestors(session: Session, lot_id: str) -> list[str]:
    """Return a lot and everything that it came from, nearest first (a lot once)."""
    return _nearest_first(lot_id, session.execute(_EDGES_UP, {"lot": lot_id}))


def descendants_of(session: Session, lot_ids: Iterable[str]) -> frozenset[str]:
    """Return these lots and everything that came from any of them; one query, whatever the size."""
    first = orjson.dumps(sorted(set(lot_ids))).decode()
    walk = _REACHED_DOWN[session.get_bind().dialect.name]
    return frozenset(session.execute(walk, {"lots": first}).scalars())


# `UNION` keeps each row once, so that goods which came back into a lot that they were taken from
# end the walk.
_EDGES = """
WITH RECURSIVE edges (here, there) AS (
  SELECT {here}, {there} FROM lot_edges WHERE {here} = :lot
  UNION
  SELECT e.{here}, e.{there} FROM edges w JOIN lot_edges e ON e.{here} = w.there
)
SELECT here, there FROM edges
"""
_EDGES_DOWN = text(_EDGES.format(here="parent_id", there="child_id"))
_EDGES_UP = text(_EDGES.format(here="child_id", there="parent_id"))
# The first lots are one parameter (see `runtime.id_list`).
_REACHED = """
WITH RECURSIVE reached (id) AS (
  {first}
  UNION
  SELECT e.child_id FROM reached r JOIN lot_edges e ON e.parent_id = r.id
)
SELECT id FROM reached
"""
_REACHED_DOWN = {
    "sqlite": text(_REACHED.format(first="SELECT value FROM json_each(:lots)")),
    "postgresql": text(
        _REACHED.format(first="SELECT jsonb_array_elements_text(CAST(:lots AS jsonb))")
    ),
}


def _nearest_first(start: str, edges: Iterable[Any]) -> list[str]:
    """Order what edges (here, there) lead to by distance, then by id."""
    beyond: dict[str, list[str]] = {}
    for here, there in edges:
        beyond.setdefault(here, []).append(there)
    seen, ring = {start: None}, [start]
    while ring:
        ring = sorted({lot for each in ring for lot in beyond.get(each, ()) if lot not in seen})
        seen.update(dict.fromkeys(ring))
    return list(seen)


def existing_lots(session: Session, lot_ids: Iterable[str]) -> frozenset[str]:
    """Return those of these ids that are lots."""
    return frozenset(session.scalars(select(Lot.id).where(Lot.id.in_(id_list(session, lot_ids)))))


def lots_of_product(session: Session, product_id: str) -> list[str]:
    """Return the ids of a product's lots, by id."""
    return list(session.scalars(select(Lot.id).filter_by(product_id=product_id).order_by(Lot.id)))
