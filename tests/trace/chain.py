"""A co-op's goods on their way, in few words: the verbs of the tests about events and recalls.

field = farm(node)
field.harvest("A", "100")
field.split("A", {"B": "60", "C": "40"})
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from identity.actor import SYSTEM, Actor
from ledger.openings.service import open_entry
from ledger.openings.tables import DocumentRow
from ledger.reader import LogReader
from runtime.refusal import Refusal
from tests.trace.labels.stage import URL, Stage, set_stage
from trace.events.service import Captured, CaptureDocument, EventResult, capture
from trace.events.tables import Event, EventLot, EventName
from trace.lots.model import Balance
from trace.lots.service import OpenLot
from trace.lots.tables import LotBalance, LotEdge
from trace.scans.service import epoch_of
from trace.steps.service import LotAmount, RecordStep, record_step
from web.node import Node
from workflows.open_lot import open_lot

OPENED = datetime(2026, 9, 1, tzinfo=UTC)
MG = 1_000_000
REGULATORS = frozenset({"regulator"})
PRODUCTS = {"rice": "公斤", "crabs": "只"}


def kg(amount: str) -> int:
    """So many kilograms in milligrams."""
    return int(float(amount) * MG)


@dataclass
class Farm:
    """A stage with lots of rice (kg) and crabs (pieces) by code."""

    stage: Stage
    lots: dict[str, str]
    product: dict[str, str]

    @property
    def node(self) -> Node:
        """The node below."""
        return self.stage.node

    def open(self, *codes: str, product: str = "rice", owner: str | None = None) -> None:
        """Open lots."""
        for code in codes:
            command = OpenLot(owner or self.stage.coop, product, code, OPENED)
            self.lots[code] = self.stage.do(open_lot, command).id
            self.product[code] = product

    def amount(self, code: str, value: str | None) -> LotAmount:
        """A lot and how much, in the usual unit of its product."""
        return LotAmount(self.lots[code], value, PRODUCTS[self.product[code]] if value else None)

    def step(self, step: str, day: int = 0, actor: Actor = SYSTEM, **parts: Any) -> EventResult:
        """Record a step so many days after 1 October; parts are `{code: value}` or settings."""
        goods: dict[str, Any] = {
            name: tuple(self.amount(code, value) for code, value in parts.pop(name).items())
            for name in ("lots", "inputs", "outputs")
            if name in parts
        }
        at = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=day)
        command = RecordStep(self.stage.coop, step, at, URL, **goods)
        result: EventResult = self.stage.do(record_step, replace(command, **parts), actor)
        return result

    def harvest(self, code: str, value: str, day: int = 0, **more: Any) -> EventResult:
        """Put something in."""
        return self.step("harvest", day, outputs={code: value}, **more)

    def split(self, code: str, parts: Mapping[str, str], day: int = 1) -> EventResult:
        """Split a lot wholly into parts (kilograms)."""
        whole = f"{sum(map(float, parts.values())):g}"
        return self.step("split", day, inputs={code: whole}, outputs=dict(parts))

    def merge(self, parts: Mapping[str, str], code: str, day: int = 2) -> EventResult:
        """Merge parts of lots into one."""
        whole = f"{sum(map(float, parts.values())):g}"
        return self.step("merge", day, inputs=dict(parts), outputs={code: whole})

    def sell(self, code: str, value: str, day: int = 5) -> EventResult:
        """Sell some of a lot."""
        return self.step("sale", day, lots={code: value})

    def balance(self, code: str) -> Balance:
        """What a lot has had."""
        with self.node.database.read() as session:
            return session.get_one(LotBalance, self.lots[code]).balance()

    def epoch(self, code: str) -> int:
        """The epoch of a lot's page."""
        with self.node.database.read() as session:
            return epoch_of(session, self.lots[code])

    def capture(self, *events: Any, party: str | None = None, **more: Any) -> Captured:
        """Capture a partner's document of these events."""
        command = CaptureDocument(party or self.stage.coop, document(*events), URL, **more)
        captured: Captured = self.stage.do(capture, command)
        return captured

    def one(self, event: Any, party: str | None = None) -> EventResult:
        """Capture a document of one event."""
        (result,) = self.capture(event, party=party).results
        return result

    def opened(self, payload_id: str | None) -> dict[str, Any]:
        """The openings of an entry, each checked against its commitment."""
        with self.node.database.read() as session:
            found = open_entry(session, self.node.vault, payload_id or "")
        return {name: each.value for name, each in found.items()}

    def counts(self) -> dict[str, int]:
        """How many rows and entries there are."""
        with self.node.database.read() as session:
            tables: tuple[Any, ...] = (Event, EventLot, EventName, LotEdge, DocumentRow)
            rows = {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
                for table in tables
            }
            return {**rows, "log": LogReader(session).size}


def farm(node: Node) -> Farm:
    """A stage with nothing on it yet."""
    return Farm(set_stage(node), {}, {})


def refused(do: Any) -> list[str]:
    """The codes of the refusal that this raises."""
    try:
        do()
    except Refusal as refusal:
        return [reason.code.name for reason in refusal.reasons]
    return []


# ---- events as a partner writes them -----------------------------------------------------------


def uri(code: str, product: str = "rice", base: str = URL) -> str:
    """The address of a lot."""
    return f"{base}/p/{product}/10/{code}"


def goods(code: str, quantity: str | None = None, unit: str | None = "KGM", **more: Any) -> Any:
    """An element of a quantity list; the number is written as it is spelled."""
    element = {"epcClass": uri(code, **more)}
    if quantity is not None:
        element["quantity"] = Spelled(quantity)
        if unit is not None:
            element["uom"] = unit
    return element


class Spelled(str):
    """A number in its spelling."""


def event(type: str = "ObjectEvent", **fields: Any) -> dict[str, Any]:
    """An event of 10 October."""
    base = {
        "type": type,
        "eventTime": "2026-10-10T08:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
    }
    return {**base, **fields}


def added(code: str, quantity: str, **fields: Any) -> dict[str, Any]:
    """Goods come into being."""
    parts = {name: fields.pop(name) for name in ("unit", "product", "base") if name in fields}
    return event(action="ADD", quantityList=[goods(code, quantity, **parts)], **fields)


def made(inputs: Any, outputs: Any, **fields: Any) -> dict[str, Any]:
    """A transformation; inputs and outputs are elements."""
    return event(
        "TransformationEvent", inputQuantityList=inputs, outputQuantityList=outputs, **fields
    )


def wrong(told: dict[str, Any], at: str = "2026-10-20T08:00:00.000+08:00") -> dict[str, Any]:
    """The same event, declared an error."""
    return {**told, "errorDeclaration": {"declarationTime": at, "reason": "incorrect_data"}}


def document(*events: Any, **more: Any) -> bytes:
    """An EPCIS document of these events."""
    value = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"farm": "https://ns.ecotrace.example/farm/1/"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-10-30T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }
    return _written(value).encode()


def _written(value: Any) -> str:
    if isinstance(value, Spelled):
        return str(value)
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}:{_written(item)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value)
