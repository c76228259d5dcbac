"""The first page: the desks of the roles that somebody holds in the standing he has chosen."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from sqlalchemy.orm import Session

from certification.appeals.service import waiting as appeals_waiting
from certification.cases.register import cases_of, waiting
from certification.certificates.register import ending_soon
from certification.process.standing import CaseState
from console.cases.reading import OFFICES
from console.doors import PRODUCERS, acting_party, desk
from console.reading import name_of_party
from console.records.repeat import LastStep, last_recorded
from identity.actor import Actor
from identity.roles import Role
from trace.recall.model import RecallState
from trace.recall.service import list_recalls
from web.node import current_node
from web.sign_in import current_actor, my_standings

blueprint = desk("home", __name__, prefix="/")


@blueprint.get("/")
def index() -> str:
    """Draw the desks."""
    actor = current_actor()
    party = None
    if actor.party is not None:
        with current_node().database.read() as session:
            party = name_of_party(session, actor.party)
    return render_template(
        "console/home.html",
        party=party,
        standings=my_standings(),
        producer=not actor.roles.isdisjoint(PRODUCERS),
        last=_last(actor),
        counts=_counts(actor),
    )


def _last(actor: Actor) -> LastStep | None:
    if actor.roles.isdisjoint(PRODUCERS):
        return None
    node = current_node()
    with node.database.read() as session:
        return last_recorded(session, node.vault, acting_party(actor))


def _counts(actor: Actor) -> dict[str, int]:
    """Count what waits at the desks of the offices."""
    node = current_node()
    counts: dict[str, int] = {}
    with node.database.read() as session:
        if not actor.roles.isdisjoint((*PRODUCERS, *OFFICES)):
            counts |= _cases(session, actor, node.clock.now())
        if Role.BRAND_OFFICER in actor.roles:
            counts["ending"] = len(ending_soon(session, node.clock.now()))
        if Role.REGULATOR in actor.roles:
            states = [state for _, state in list_recalls(session)]
            counts["proposed"] = states.count(RecallState.PROPOSED)
            counts["ordered"] = states.count(RecallState.ORDERED)
    return counts


def _cases(session: Session, actor: Actor, now: datetime) -> dict[str, int]:
    """Count the applications that wait for somebody: for an applicant, those that came back."""
    found = waiting(session, actor, now)
    if actor.roles.isdisjoint(OFFICES):
        mine = cases_of(session, acting_party(actor))
        returned = [
            each
            for each in mine
            if each.standing.state is CaseState.DRAFT and each.standing.returned
        ]
        return {"mine": len(found), "returned": len(returned)}
    late = sum(each.late_working_days > 0 for each in found)
    return {
        "waiting": len(found),
        "late": late,
        "appeals": len(appeals_waiting(session, actor, now)),
    }
