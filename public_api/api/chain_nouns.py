"""What happens to goods: lots, steps, recalls."""

from __future__ import annotations

from typing import Any

from identity.actor import Actor
from identity.roles import Scope
from public_api.api.fields import Listed, Moment, Part, Shape, Text, Texts, named, whose
from public_api.api.operation import Noun, Of, run
from public_api.api.reading import LotLine, LotList, LotRead, read_lot
from public_api.api.register_nouns import acting
from public_api.registry.recalls import RecallEntry, find_recall_entry
from trace.acting import check_acting
from trace.epcis.farm.vocabulary import FarmStep
from trace.events.service import EventResult
from trace.lots.service import LotOpened, OpenLot, lots_of, require_lot
from trace.recall.service import (
    ConfirmRecall,
    EndRecall,
    ProposeRecall,
    RecallResult,
    confirm_recall,
    end_recall,
    propose_recall,
)
from trace.steps.service import LotAmount, RecordStep, record_step
from web.node import current_node
from workflows.open_lot import open_lot

lots = Noun("lots", __name__, url_prefix="/api/v1/lots", description="Lots (批次)")
steps = Noun("steps", __name__, url_prefix="/api/v1/steps", description="Steps (环节)")
recalls = Noun("recalls", __name__, url_prefix="/api/v1/recalls", description="Recalls (召回)")


class LotBody(Shape):
    """A lot to be opened."""

    owner = whose()
    product = named(required=True, about="Code, GTIN-14 or id")
    code = Text(required=True, about="1 to 20 letters, digits or hyphens")
    opened_at = Moment(required=True)
    base = named(load_default=None, allow_none=True, about="Id of the base")


@lots.operation("POST", "", Scope.CAPTURE, LotOpened, takes=LotBody)
def create_lot(actor: Actor, body: dict[str, Any]) -> Of:
    """Open an empty lot."""
    opened = run(open_lot, OpenLot(**acting(actor, body)), actor)
    return Of(opened, f"/lots/{opened.id}")


@lots.operation("GET", "/<code:lot>", Scope.QUERY, LotRead)
def get_lot(actor: Actor, lot: str) -> Any:
    """Give a lot of one's own with its balances and its kin, forward and backward."""
    with current_node().database.read() as session:
        found = require_lot(session, lot, "/lot")
        check_acting(actor, found.owner_id, Scope.QUERY)
        return read_lot(session, found)


class WhoseLots(Shape):
    """Whose lots are listed."""

    owner = whose()


@lots.operation("GET", "", Scope.QUERY, LotList, asks=WhoseLots)
def list_lots(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the newest lots of a party."""
    owner = acting(actor, asked)["owner"]
    check_acting(actor, owner, Scope.QUERY)
    with current_node().database.read() as session:
        return LotList(
            tuple(
                LotLine(lot.id, lot.code, product.code, lot.opened_at)
                for lot, product in lots_of(session, owner)
            )
        )


class AmountBody(Shape):
    """A lot and how much of it; without value and unit the lot is only touched."""

    lot = named(required=True, about="Id, or a code that only one product uses")
    value = Text(load_default=None, allow_none=True, about="A decimal as text")
    unit = Text(load_default=None, allow_none=True, about="公斤, 斤, 吨, 件 …")


class StepBody(Shape):
    """A step as a form says it; details are texts by the names of the step's fields."""

    owner = whose()
    step = Text(required=True, words=FarmStep)
    at = Moment(required=True)
    lots = Listed(Part(AmountBody), load_default=(), most=100)
    inputs = Listed(Part(AmountBody), load_default=(), most=100)
    outputs = Listed(Part(AmountBody), load_default=(), most=100)
    place = Text(load_default=None, allow_none=True, about="URI of where it happened")
    operator = Text(load_default=None, allow_none=True)
    note = Text(load_default=None, allow_none=True)
    certificates = Listed(Text(), load_default=(), most=20)
    details = Texts(load_default=dict)


@steps.operation("POST", "", Scope.CAPTURE, EventResult, takes=StepBody)
def record(actor: Actor, body: dict[str, Any]) -> Any:
    """Record a step of the chain as one EPCIS event."""
    said = acting(actor, body)
    names = ("lots", "inputs", "outputs")
    parts = {name: tuple(LotAmount(**row) for row in said[name]) for name in names}
    party = said.pop("owner")
    base_url = current_node().settings.base_url.rstrip("/")
    command = RecordStep(party=party, base_url=base_url, **{**said, **parts})
    return run(record_step, command, actor)


class RecallBody(Shape):
    """A recall to be proposed."""

    lot = named(required=True)
    reason_zh = Text(required=True)
    reason_en = Text(required=True)


class RadiusBody(Shape):
    """The digest of the radius that the confirming person has seen."""

    radius = Text(required=True, about="`radius` of the proposal")


@recalls.operation("POST", "", Scope.CERTIFY, RecallResult, takes=RecallBody)
def create_recall(actor: Actor, body: dict[str, Any]) -> Of:
    """Compute what a recall would cover and keep the proposal; nothing is red yet."""
    made = run(propose_recall, ProposeRecall(office=actor.party or "", **body), actor)
    return Of(made, f"/recalls/{made.id}")


@recalls.operation("GET", "/<code:recall>", Scope.QUERY, RecallEntry)
def get_recall(actor: Actor, recall: str) -> Any:
    """Give an ordered or ended recall."""
    with current_node().database.read() as session:
        return find_recall_entry(session, recall)


@recalls.operation(
    "POST", "/<code:recall>/confirmation", Scope.CERTIFY, RecallResult, takes=RadiusBody
)
def confirm(actor: Actor, body: dict[str, Any], recall: str) -> Any:
    """Order the recall; somebody other than the proposer, signed in as a person, has to do it."""
    return run(confirm_recall, ConfirmRecall(recall, **body), actor)


@recalls.operation("POST", "/<code:recall>/end", Scope.CERTIFY, RecallResult)
def end(actor: Actor, recall: str) -> Any:
    """End an ordered recall."""
    return run(end_recall, EndRecall(recall), actor)
