"""Appeals against decisions, complaints, and reports of misuse.

An appeal is read by whoever brought it and by whoever serves the scheme; for everybody else it does
not exist (404). It is acknowledged and decided by people who were not involved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from certification.appeals import service
from certification.appeals.model import (
    ActOnAppeal,
    Appeal,
    AppealEvent,
    AppealKind,
    AppealResult,
    AppealWaiting,
    FileAppeal,
    Target,
)
from certification.cases.model import Objector
from identity.actor import Actor
from identity.roles import Scope
from public_api.api.case_nouns import ObjectorShape
from public_api.api.fields import Part, Shape, Text, Whole, named
from public_api.api.operation import Noun, Of, run
from web.node import current_node
from workflows.advance_case import decide_appeal

appeals = Noun(
    "appeals",
    __name__,
    url_prefix="/api/v1/appeals",
    description="Appeals, complaints, reports of misuse (申诉、投诉与举报)",
)
DEEDS = tuple(each.value for each in AppealEvent if each is not AppealEvent.FILE)


@dataclass(frozen=True)
class AppealRead:
    """An appeal; `holder` is the party that its target is about, `due` the day of the decision."""

    id: str
    kind: str
    target: str
    subject: str
    n: int | None
    scheme: str
    holder: str
    filed_by: str | None
    filed_at: datetime
    state: str
    due: date | None


@dataclass(frozen=True)
class AppealList:
    """Appeals that wait, the most urgent first."""

    waiting: tuple[AppealWaiting, ...]


class AppealBody(Shape):
    """What is brought; `n` is the change of a certificate, or the number of an objection."""

    kind = Text(required=True, words=AppealKind)
    target = Text(required=True, words=Target)
    subject = named(required=True, about="A case or a certificate")
    reasons = Text(required=True)
    n = Whole(load_default=None, allow_none=True, least=1, most=1_000_000)
    filer = Part(ObjectorShape, load_default=None)


class AppealActionBody(Shape):
    """A deed about an appeal; a decision has reasons."""

    event = Text(required=True, words=DEEDS)
    reasons = Text(load_default="")
    document = Text(most=200, load_default=None, allow_none=True)


@appeals.operation("POST", "", Scope.CERTIFY, AppealResult, takes=AppealBody)
def create_appeal(actor: Actor, body: dict[str, Any]) -> Of:
    """Bring an appeal, a complaint or a report of misuse."""
    filer = body.pop("filer")
    order = FileAppeal(filer=None if filer is None else Objector(**filer), **body)
    made = run(service.file_appeal, order, actor)
    return Of(made, f"/appeals/{made.appeal_id}")


@appeals.operation("GET", "/waiting", Scope.CERTIFY, AppealList)
def list_waiting(actor: Actor) -> Any:
    """List the appeals that wait for whoever asks, and one's own on their way."""
    node = current_node()
    with node.database.read() as session:
        return AppealList(service.waiting(session, actor, node.clock.now()))


@appeals.operation("GET", "/<code:appeal>", Scope.CERTIFY, AppealRead)
def get_appeal(actor: Actor, appeal: str) -> Any:
    """Give an appeal and where it stands."""
    node = current_node()
    with node.database.read() as session:
        return _read(session, service.find_appeal(session, appeal, actor, node.clock.now()))


@appeals.operation(
    "POST", "/<code:appeal>/actions", Scope.CERTIFY, AppealResult, takes=AppealActionBody
)
def act(actor: Actor, body: dict[str, Any], appeal: str) -> Any:
    """Acknowledge, uphold, overturn or withdraw."""
    return run(decide_appeal, ActOnAppeal(appeal, **body), actor)


def _read(session: Session, found: Appeal) -> AppealRead:
    return AppealRead(
        id=found.appeal_id,
        kind=found.kind.value,
        target=found.target.value,
        subject=found.subject,
        n=found.n,
        scheme=found.scheme,
        holder=found.holder,
        filed_by=found.filed_by,
        filed_at=found.filed_at,
        state=service.state_of(session, found.appeal_id).value,
        due=service.due_of(found),
    )
