"""What offices decide beside certificates: points, credit records."""

from __future__ import annotations

from typing import Any

from identity.actor import Actor
from identity.parties.service import get_party
from identity.roles import Scope
from points.awards.model import TracedFact
from points.awards.service import award
from points.credit.records.model import CloseRecord, Ending, RecordPenalty
from points.credit.records.service import RecordedCredit, close_record, record_penalty
from points.credit.regimes.model import PenaltyClass
from points.penalties.model import DeductForPenalty
from points.penalties.service import ReverseTransfer, deduct, reverse
from points.postings.service import Transferred
from public_api.api.fields import Day, Moment, Shape, Text, Texts, named
from public_api.api.operation import Noun, run
from public_api.api.reading import (
    AccountRead,
    check_account_reader,
    read_account,
)
from web.node import current_node

points = Noun("points", __name__, url_prefix="/api/v1/points", description="Eco-points (生态积分)")
credit_records = Noun(
    "credit-records",
    __name__,
    url_prefix="/api/v1/credit-records",
    description="Credit records (信用记录)",
)


class AwardBody(Shape):
    """A traced fact for which points are given; `source` and `event_id` count once."""

    kind = Text(required=True, about="A word of rule packs, such as lot.closed")
    subject = named(required=True)
    at = Moment(required=True)
    source = Text(required=True)
    event_id = Text(required=True)
    quantity = Text(load_default=None, allow_none=True)
    unit = Text(load_default=None, allow_none=True)
    attributes = Texts(load_default=dict)


class DeductBody(Shape):
    """The recorded penalty for which points are taken."""

    record_id = named(required=True)


class ReverseBody(Shape):
    """A transfer to be taken back."""

    transfer_id = named(required=True)
    event_id = Text(required=True)
    effective_at = Moment(required=True)
    reason = Text(required=True)


@points.operation("GET", "/accounts/<code:party>", Scope.POINTS, AccountRead)
def get_account(actor: Actor, party: str) -> Any:
    """Give the points account of a party: balance and every movement with its reason."""
    with current_node().database.read() as session:
        found = get_party(session, party)
        check_account_reader(actor, found.id)
        return read_account(session, found.id)


@points.operation("POST", "/awards", Scope.POINTS, Transferred, takes=AwardBody)
def give(actor: Actor, body: dict[str, Any]) -> Any:
    """Give the points that the rule pack of the fact's date gives."""
    return run(award, TracedFact(**body), actor)


@points.operation("POST", "/deductions", Scope.POINTS, Transferred, takes=DeductBody)
def take(actor: Actor, body: dict[str, Any]) -> Any:
    """Take the points that the rule pack takes for a recorded penalty."""
    return run(deduct, DeductForPenalty(**body), actor)


@points.operation("POST", "/reversals", Scope.POINTS, Transferred, takes=ReverseBody)
def take_back(actor: Actor, body: dict[str, Any]) -> Any:
    """Take back a transfer because its reason fell away."""
    return run(reverse, ReverseTransfer(**body), actor)


class PenaltyBody(Shape):
    """An administrative penalty to be entered."""

    subject = named(required=True)
    document_number = Text(required=True)
    authority = Text(required=True)
    decided = Day(required=True)
    penalty_class = Text(required=True, words=PenaltyClass)
    offence = Text(required=True)
    finding = Text(load_default="proved")
    occurred_at = Moment(required=True)
    basis = Text(required=True)
    narrative = Text(required=True)
    disclosure_start = Day(load_default=None, allow_none=True)
    disclosure_end = Day(load_default=None, allow_none=True)


class EndingBody(Shape):
    """How a record ends."""

    ending = Text(required=True, words=Ending)
    effective_at = Moment(required=True)
    document_number = Text(required=True)


@credit_records.operation("POST", "", Scope.CREDIT, RecordedCredit, takes=PenaltyBody)
def enter(actor: Actor, body: dict[str, Any]) -> Any:
    """Enter an administrative penalty of an organisation."""
    return run(record_penalty, RecordPenalty(**body), actor)


@credit_records.operation(
    "POST", "/<code:record>/closing", Scope.CREDIT, RecordedCredit, takes=EndingBody
)
def close(actor: Actor, body: dict[str, Any], record: str) -> Any:
    """End a record by repair or withdrawal."""
    return run(close_record, CloseRecord(record_id=record, **body), actor)
