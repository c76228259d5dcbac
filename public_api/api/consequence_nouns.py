"""What follows for certificates: proposals that a second person confirms, and moves of bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from certification.consequences.model import Numbers, change_of, numbers_of
from certification.consequences.service import (
    ConfirmConsequence,
    ConsequenceResult,
    DropConsequence,
    radius_kept,
    require_consequence,
    state_of,
    steps_of,
    waiting_consequences,
)
from certification.consequences.tables import ConsequenceRow
from certification.moves.model import VERDICTS, Why
from certification.moves.service import (
    DecideTickets,
    MoveResult,
    OpenMove,
    require_move,
    result_of,
    tickets_of,
)
from certification.schemes.service import schemes
from identity.actor import Actor
from identity.parties.service import get_party
from identity.roles import Role, Scope, require_party, require_role
from public_api.api.fields import Day, Listed, Shape, Text, named
from public_api.api.operation import Noun, Of, run
from web.node import current_node
from workflows.blast_radius import TouchedThings, blast_radius, touched_things
from workflows.confirm_consequence import (
    FollowUp,
    confirm_consequence,
    drop_consequence,
    follow_ups_of,
)
from workflows.move_certificates import decide_tickets, open_move

consequences = Noun(
    "consequences",
    __name__,
    url_prefix="/api/v1/consequences",
    description="Proposals to suspend or revoke, and what they touch (暂停、撤销提议与波及范围)",
)
moves = Noun(
    "moves",
    __name__,
    url_prefix="/api/v1/moves",
    description="Moves of certificates to another body (证书移交)",
)


@dataclass(frozen=True)
class TouchedLotRead:
    """A lot of a radius; `first`: labelled or sold on under the certificate itself."""

    id: str
    code: str
    product: str
    owner: str
    labels: int
    first: bool


@dataclass(frozen=True)
class TouchedRunRead:
    """A print run under the certificate and how many of its labels are not void."""

    id: str
    number: int
    labels: int


@dataclass(frozen=True)
class TouchedPaperRead:
    """A print permit or transaction certificate under the certificate."""

    id: str
    number: str
    state: str


@dataclass(frozen=True)
class TouchedAwardRead:
    """An award that rests on the certificate or on a lot, and whether it was taken back."""

    transfer_id: str
    party: str
    event_id: str
    reversed: bool


@dataclass(frozen=True)
class ConsequenceStepRead:
    """One thing done about a consequence."""

    n: int
    event: str
    at: datetime
    payload_id: str


@dataclass(frozen=True)
class ConsequenceRead:
    """A consequence; `numbers` count all, the lists name the first two hundred of each kind.

    `added` and `gone` compare the radius that was shown with the one of now, while it waits.
    """

    id: str
    cert_id: str
    verb: str
    state: str
    effective_at: datetime
    reason: str
    document: str | None
    ground: str | None
    hold_until: datetime | None
    proposed_at: datetime
    radius: str
    numbers: Numbers
    added: Numbers
    gone: Numbers
    lots: tuple[TouchedLotRead, ...]
    runs: tuple[TouchedRunRead, ...]
    permits: tuple[TouchedPaperRead, ...]
    transactions: tuple[TouchedPaperRead, ...]
    awards: tuple[TouchedAwardRead, ...]
    credit_records: tuple[str, ...]
    steps: tuple[ConsequenceStepRead, ...]
    follow_ups: tuple[FollowUp, ...]


@dataclass(frozen=True)
class ConsequenceLine:
    """A proposal that waits for its second person."""

    id: str
    cert_id: str
    verb: str
    proposed_at: datetime
    hold_until: datetime | None


@dataclass(frozen=True)
class ConsequenceList:
    """Proposals that wait, the oldest first."""

    consequences: tuple[ConsequenceLine, ...]


class ConfirmBody(Shape):
    """The radius that was shown to whoever confirms."""

    radius = Text(required=True, pattern="^[0-9a-f]{64}$", about="Its digest")


class DropBody(Shape):
    """Why a proposal is dropped."""

    reason = Text(required=True)


@consequences.operation("GET", "", Scope.CERTIFY, ConsequenceList)
def list_consequences(actor: Actor) -> Any:
    """List the proposals that wait for their second person."""
    _check_reader(actor)
    with current_node().database.read() as session:
        rows = waiting_consequences(session)
        return ConsequenceList(
            tuple(
                ConsequenceLine(row.id, row.cert_id, row.verb, row.proposed_at, row.hold_until)
                for row in rows
            )
        )


@consequences.operation("GET", "/<code:consequence>", Scope.CERTIFY, ConsequenceRead)
def get_consequence(actor: Actor, consequence: str) -> Any:
    """Give a proposal with everything that it touches."""
    _check_reader(actor)
    node = current_node()
    with node.database.read() as session:
        return _read(session, require_consequence(session, consequence), node.clock.now())


@consequences.operation(
    "POST", "/<code:consequence>/confirm", Scope.CERTIFY, ConsequenceResult, takes=ConfirmBody
)
def confirm(actor: Actor, body: dict[str, Any], consequence: str) -> Any:
    """Suspend or revoke, as the second person."""
    return run(confirm_consequence, ConfirmConsequence(consequence, **body), actor)


@consequences.operation(
    "POST", "/<code:consequence>/drop", Scope.CERTIFY, ConsequenceResult, takes=DropBody
)
def drop(actor: Actor, body: dict[str, Any], consequence: str) -> Any:
    """Let a proposal drop; a hold ends with it."""
    return run(drop_consequence, DropConsequence(consequence, **body), actor)


def _check_reader(actor: Actor) -> None:
    """Let offices pass: what is proposed concerns nobody else before it is decided."""
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER, Role.REGULATOR)


def _read(session: Session, row: ConsequenceRow, now: datetime) -> ConsequenceRead:
    shown = radius_kept(row)
    state = state_of(session, row.id)
    current = blast_radius(session, row.cert_id, now) if state == "proposed" else shown
    change = change_of(shown, current)
    things = touched_things(session, row.cert_id, current, now)
    return ConsequenceRead(
        id=row.id,
        cert_id=row.cert_id,
        verb=row.verb,
        state=state.value,
        effective_at=row.effective_at,
        reason=row.reason,
        document=row.document,
        ground=row.ground,
        hold_until=row.hold_until,
        proposed_at=row.proposed_at,
        radius=row.radius_digest,
        numbers=numbers_of(shown),
        added=numbers_of(change.added),
        gone=numbers_of(change.gone),
        **_lists(things),
        steps=tuple(
            ConsequenceStepRead(each.n, each.event, each.at, each.payload_id)
            for each in steps_of(session, row.id)
        ),
        follow_ups=follow_ups_of(session, row.id),
    )


def _lists(things: TouchedThings) -> dict[str, Any]:
    return {
        "lots": tuple(
            TouchedLotRead(
                each.lot.id, each.lot.code, each.product.code, each.lot.owner_id, each.labels,
                each.first,
            )
            for each in things.lots
        ),
        "runs": tuple(TouchedRunRead(each.id, each.number, each.labels) for each in things.runs),
        "permits": tuple(
            TouchedPaperRead(each.permit_id, each.number, each.state.value)
            for each in things.permits
        ),
        "transactions": tuple(
            TouchedPaperRead(each.id, each.number, each.state.value) for each in things.transactions
        ),
        "awards": tuple(
            TouchedAwardRead(each.transfer_id, each.subject, each.event_id, each.reversed)
            for each in things.awards
        ),
        "credit_records": tuple(each.record_id for each in things.credit_records),
    }  # fmt: skip


# ---- moves -------------------------------------------------------------------------------------


class MoveBody(Shape):
    """A move to be opened."""

    scheme = Text(required=True, words=schemes())
    from_body = named(required=True, about="Id or credit code of the body that leaves or failed")
    to_body = named(required=True, about="Id or credit code of the body that takes over")
    why = Text(required=True, words=[each.value for each in Why])
    until = Day(required=True, about="The last day to attest, Beijing time")
    reason = Text(required=True)
    document = Text(load_default=None, allow_none=True)


class VerdictBody(Shape):
    """What the new body says about certificates of a move."""

    verdict = Text(required=True, words=VERDICTS)
    certificates = Listed(
        named(), load_default=(), about="Ids; none stands for all that are still pending"
    )


class AfterTicket(Shape):
    """Behind which certificate a list goes on."""

    after = Text(load_default="", most=26)


@dataclass(frozen=True)
class MoveRead:
    """A move and how many of its certificates stand where."""

    id: str
    scheme: str
    from_body: str
    to_body: str
    why: str
    until: date
    reason: str
    document: str | None
    opened_at: datetime
    result: MoveResult


@dataclass(frozen=True)
class TicketRead:
    """Where one certificate stands on its way."""

    cert_id: str
    state: str
    payload_id: str | None


@dataclass(frozen=True)
class TicketList:
    """Two hundred certificates of a move at most, by id."""

    tickets: tuple[TicketRead, ...]


@moves.operation("POST", "", Scope.ADMIN, MoveResult, takes=MoveBody)
def create_move(actor: Actor, body: dict[str, Any]) -> Of:
    """Open a move; every certificate of the body gets its ticket."""
    with current_node().database.read() as session:
        bodies = {name: get_party(session, body[name]).id for name in ("from_body", "to_body")}
    opened = run(open_move, OpenMove(**{**body, **bodies}), actor)
    return Of(opened, f"/moves/{opened.id}")


@moves.operation("GET", "/<code:move>", Scope.CERTIFY, MoveRead)
def get_move(actor: Actor, move: str) -> Any:
    """Give a move and where it stands."""
    with current_node().database.read() as session:
        row = require_move(session, move)
        _check_mover(actor, row.to_body)
        return MoveRead(
            row.id, row.scheme, row.from_body, row.to_body, row.why, row.until, row.reason,
            row.document, row.opened_at, result_of(session, row.id),
        )  # fmt: skip


@moves.operation("GET", "/<code:move>/tickets", Scope.CERTIFY, TicketList, asks=AfterTicket)
def list_tickets(actor: Actor, asked: dict[str, Any], move: str) -> Any:
    """List certificates of a move and where each stands."""
    with current_node().database.read() as session:
        row = require_move(session, move)
        _check_mover(actor, row.to_body)
        rows = tickets_of(session, row.id, asked["after"])
        return TicketList(
            tuple(TicketRead(each.cert_id, each.state, each.payload_id) for each in rows)
        )


@moves.operation("POST", "/<code:move>/verdict", Scope.CERTIFY, MoveResult, takes=VerdictBody)
def decide(actor: Actor, body: dict[str, Any], move: str) -> Any:
    """Attest or decline certificates, as a person of the new body."""
    return run(decide_tickets, DecideTickets(move, **body), actor)


def _check_mover(actor: Actor, to_body: str) -> None:
    """Let administrators and the new body pass."""
    if Role.ADMIN not in actor.roles:
        require_party(actor, to_body)
