"""Random draws: several offices decide together whom a spot check visits.

What is in the steps of a draw is public. The population is read by the office that opened the draw,
and by everybody once each member drawn has been visited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certification.draws import service
from certification.draws.model import NOT_WITNESSED
from certification.draws.service import (
    CommitNonce,
    Draw,
    DrawReceipt,
    DrawResult,
    OpenDraw,
    Population,
    ReplaceOffice,
    RevealNonce,
)
from certification.schemes.model import Words
from certification.schemes.service import schemes
from identity.actor import Actor
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Scope
from public_api.api.fields import Listed, Shape, Text, Whole, named
from public_api.api.operation import Noun, Of, run
from runtime.refusal import refuse
from web.node import current_node

draws = Noun(
    "draws",
    __name__,
    url_prefix="/api/v1/draws",
    description="Random draws for spot checks (抽查摇号)",
)
THIRTY_TWO_BYTES = r"^([0-9a-fA-F]{64}|[A-Za-z0-9_-]{43})$"


@dataclass(frozen=True)
class DrawStepRead:
    """One thing that was done about a draw, with what is public about it."""

    n: int
    event: str
    at: datetime
    said: dict[str, Any]
    payload_id: str


@dataclass(frozen=True)
class DrawRead:
    """A draw; `committed` and `revealed` are places of offices, from 1, in the present round.

    `late` are those whose time for it has ended; `chosen` are numbers of members, from 0.
    """

    id: str
    scheme: str
    office: str
    opened_at: datetime
    state: str
    round: int
    offices: tuple[str, ...]
    members: int
    drawn: int
    until: datetime | None
    committed: tuple[int, ...]
    revealed: tuple[int, ...]
    late: tuple[int, ...]
    seed: str | None
    chosen: tuple[int, ...]
    witnessed: Words
    steps: tuple[DrawStepRead, ...]


@dataclass(frozen=True)
class DrawLine:
    """A draw in a list."""

    id: str
    scheme: str
    state: str
    round: int
    opened_at: datetime


@dataclass(frozen=True)
class DrawList:
    """Draws, the newest first."""

    draws: tuple[DrawLine, ...]


@dataclass(frozen=True)
class PopulationRead:
    """The population with its salt, and the members that were drawn, in order."""

    population: Population
    chosen: tuple[str, ...]


class DrawBody(Shape):
    """A draw to be opened; the offices keep their order."""

    scheme = Text(required=True, words=schemes())
    members = Listed(named(), required=True, most=10_000, about="Ids of certificates")
    drawn = Whole(required=True, least=1, most=10_000)
    offices = Listed(named(), required=True, most=16, about="Ids or credit codes of parties")
    hours = Whole(load_default=24, most=10_000)


class CommitmentBody(Shape):
    """SHA-256 of an office's nonce, in hexadecimal or base64url."""

    nonce_hash = Text(pattern=THIRTY_TWO_BYTES, most=64, required=True)


class RevealBody(Shape):
    """An office's nonce of 32 bytes, in hexadecimal or base64url."""

    nonce = Text(pattern=THIRTY_TWO_BYTES, most=64, required=True)


class ReplaceBody(Shape):
    """The office that is late, and the one in its place."""

    late = named(required=True)
    office = named(required=True)


class DrawsAsked(Shape):
    """Of which scheme."""

    scheme = Text(load_default=None, words=schemes())


@draws.operation("POST", "", Scope.CERTIFY, DrawReceipt, takes=DrawBody)
def create_draw(actor: Actor, body: dict[str, Any]) -> Of:
    """Commit to a population and name the offices."""
    with current_node().database.read() as session:
        body["offices"] = tuple(get_party(session, each).id for each in body["offices"])
    made = run(service.open_draw, OpenDraw(**body), actor)
    return Of(made, f"/draws/{made.draw}")


@draws.operation("GET", "", Scope.QUERY, DrawList, asks=DrawsAsked)
def list_draws(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the draws."""
    with current_node().database.read() as session:
        return DrawList(tuple(map(_line, service.draws(session, asked["scheme"]))))


@draws.operation("GET", "/<code:draw>", Scope.QUERY, DrawRead)
def get_draw(actor: Actor, draw: str) -> Any:
    """Give a draw with all its steps."""
    node = current_node()
    with node.database.read() as session:
        return _read(service.find_draw(session, draw), node.clock.now())


@draws.operation("GET", "/<code:draw>/population", Scope.CERTIFY, PopulationRead)
def get_population(actor: Actor, draw: str) -> Any:
    """Open the population: with its salt anybody checks the commitment in the log."""
    node = current_node()
    with node.database.read() as session:
        found = service.find_draw(session, draw)
        opened = service.may_be_opened(session, node.vault, found)
        if not opened and not actor.is_platform and actor.party != found.office:
            refuse(IdentityRefusal.OTHER_PARTY)
        members = service.population(session, node.vault, found)
        return PopulationRead(members, service.chosen_members(session, node.vault, found))


@draws.operation(
    "POST", "/<code:draw>/commitment", Scope.CERTIFY, DrawReceipt, takes=CommitmentBody
)
def commit(actor: Actor, body: dict[str, Any], draw: str) -> Any:
    """Commit to the nonce of one's office."""
    return run(service.commit_nonce, CommitNonce(draw, body["nonce_hash"]), actor)


@draws.operation("POST", "/<code:draw>/reveal", Scope.CERTIFY, DrawReceipt, takes=RevealBody)
def reveal(actor: Actor, body: dict[str, Any], draw: str) -> Any:
    """Reveal the nonce of one's office."""
    return run(service.reveal_nonce, RevealNonce(draw, body["nonce"]), actor)


@draws.operation("POST", "/<code:draw>/replacement", Scope.CERTIFY, DrawReceipt, takes=ReplaceBody)
def replace(actor: Actor, body: dict[str, Any], draw: str) -> Any:
    """Put another office in the place of one that is late; the draw starts again."""
    return run(service.replace_office, ReplaceOffice(draw, **body), actor)


@draws.operation("POST", "/<code:draw>/result", Scope.CERTIFY, DrawReceipt)
def draw_result(actor: Actor, draw: str) -> Any:
    """Draw, once every office has revealed."""
    return run(service.draw_result, DrawResult(draw), actor)


def _line(draw: Draw) -> DrawLine:
    standing = draw.standing
    return DrawLine(draw.id, draw.scheme, standing.state.value, standing.round, draw.opened_at)


def _read(draw: Draw, now: datetime) -> DrawRead:
    standing = draw.standing
    return DrawRead(
        id=draw.id,
        scheme=draw.scheme,
        office=draw.office,
        opened_at=draw.opened_at,
        state=standing.state.value,
        round=standing.round,
        offices=standing.offices,
        members=standing.members,
        drawn=standing.drawn,
        until=standing.until,
        committed=tuple(sorted(standing.commits)),
        revealed=tuple(sorted(standing.reveals)),
        late=standing.late(now),
        seed=standing.seed,
        chosen=standing.chosen,
        witnessed=NOT_WITNESSED,
        steps=tuple(
            DrawStepRead(each.n, each.event.value, each.at, dict(each.said), each.payload_id)
            for each in draw.steps
        ),
    )
