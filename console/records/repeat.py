"""The last recorded step of a party, opened for its owner, as the values of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from console.records.words import SHAPES
from identity.codes import is_id
from ledger.openings.service import open_entry
from runtime.vault import Vault
from trace.epcis.farm import NAMESPACE, FarmStep
from trace.events.tables import Event
from trace.lots.service import check_owner
from trace.lots.tables import Lot
from trace.steps.model import step_named
from trace.steps.service import last_step, lots_of_event

_PAYLOAD_ID = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class LastStep:
    """A recorded step: what, when, of which lots, and the values that a form begins with."""

    payload_id: str
    step: FarmStep
    at: datetime
    recorded_at: datetime
    lots: tuple[Lot, ...]
    main: str
    values: Mapping[str, str]


def last_recorded(session: Session, vault: Vault, party: str) -> LastStep | None:
    """Give the party's newest step, or None where there is none that a form could repeat."""
    event = last_step(session, party)
    return None if event is None else recorded_step(session, vault, event)


def own_event(session: Session, party: str, payload_id: str) -> Event:
    """Give a recorded event of the party. Raises NotFound, and Refusal NOT_YOURS."""
    event = session.get(Event, payload_id) if _PAYLOAD_ID.fullmatch(payload_id) else None
    if event is None:
        raise NotFound
    check_owner(event.party_id, party, "/event")
    return event


def recorded_step(session: Session, vault: Vault, event: Event) -> LastStep | None:
    """Open a recorded step; None for a partner's kind of event and where the opening is erased."""
    understood = open_entry(session, vault, event.payload_id).get("understood")
    lots = [lot for lot, _ in lots_of_event(session, event.payload_id)]
    if understood is None or event.step not in set(FarmStep) or not lots:
        return None
    step, record = FarmStep(event.step), _said(understood.value)
    rows = dict(_rows(session, event, record, step))
    main = rows.get(f"{SHAPES[step].main}-0-lot", lots[0].id)
    return LastStep(
        event.payload_id,
        step,
        event.effective_at,
        event.recorded_at,
        tuple({lot.id: lot for lot in lots}.values()),
        main if is_id(main) else lots[0].id,
        {**rows, **dict(_details(record, step))},
    )


def _said(record: Any) -> dict[str, Any]:
    """Give the fields of our vocabulary, without its namespace."""
    return {name.removeprefix(f"{{{NAMESPACE}}}"): value for name, value in record.items()}


def _details(record: Mapping[str, Any], step: FarmStep) -> Iterator[tuple[str, str]]:
    for name in ("operator", "note"):
        if name in record:
            yield name, str(record[name])
    for each in fields(step_named(step)):
        said = record.get(each.metadata.get("name", ""))
        if said is not None:
            yield each.name, str(said)


def _rows(
    session: Session, event: Event, record: Mapping[str, Any], step: FarmStep
) -> Iterator[tuple[str, str]]:
    """Give the goods of the form: each lot in its part, with the quantity as it was typed."""
    shape, counted = SHAPES[step], {"lots": 0, "inputs": 0, "outputs": 0}
    typed = {_code(goods := _said(each)): goods for each in record.get("goods", ())}
    for lot, moved in lots_of_event(session, event.payload_id):
        consumed = moved.move == "consume"
        part = "inputs" if consumed else "lots" if shape.main == "lots" else "outputs"
        name = f"{part}-{counted[part]}"
        counted[part] += 1
        yield f"{name}-lot", lot.id
        goods = typed.get(lot.code, {})
        yield f"{name}-value", str(goods.get("typedValue", ""))
        yield f"{name}-unit", str(goods.get("typedUnit", ""))


def _code(goods: Mapping[str, Any]) -> str:
    return str(goods.get("lot", "")).rpartition("/10/")[2]
