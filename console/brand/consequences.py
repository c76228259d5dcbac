"""Brand office: what suspending or revoking touches, and the second person who confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from certification.certificates.register import Certificate, find
from certification.consequences.model import (
    Change,
    ConsequenceState,
    Numbers,
    Radius,
    Verb,
    change_of,
    numbers_of,
)
from certification.consequences.service import (
    ConfirmConsequence,
    DropConsequence,
    radius_kept,
    require_consequence,
    state_of,
    steps_of,
    waiting_consequences,
)
from certification.consequences.tables import ConsequenceRow
from certification.refusals import CertificationRefusal
from certification.schemes.model import Words
from console.brand.reading import Listed, listed
from console.doors import desk
from console.reading import name_of_party, receipt
from console.sheet import Form, Line, Sheet
from identity.codes import is_id
from identity.roles import Role
from points.accounts.model import points_text
from runtime.refusal import refuse
from web.node import current_node
from web.sign_in import current_actor
from workflows.blast_radius import LINES_MAX, TouchedThings, blast_radius, touched_things
from workflows.confirm_consequence import (
    confirm_consequence,
    drop_consequence,
    follow_ups_of,
)

blueprint = desk(
    "consequences", __name__, Role.BRAND_OFFICER, Role.DECIDER, prefix="/brand/consequences"
)


class ConfirmForm(Form):
    """The radius that the second person was shown."""

    radius = Line()


class DropForm(Form):
    """Why a proposal is dropped."""

    reason = Line()


@dataclass(frozen=True)
class Shown:
    """What a page shows of a radius: the numbers of all, the names of some."""

    numbers: Numbers
    things: TouchedThings
    owners: dict[str, str]
    points: dict[str, str]
    most: int = LINES_MAX


@dataclass(frozen=True)
class Waiting:
    """A proposal that waits for its second person, in a list."""

    row: ConsequenceRow
    item: Listed


def waiting(session: Session, now: datetime) -> list[Waiting]:
    """Give the proposals that wait, the oldest first."""
    rows = waiting_consequences(session)
    items = listed(session, [find(session, row.cert_id, now, now) for row in rows])
    return [Waiting(row, item) for row, item in zip(rows, items, strict=True)]


@blueprint.get("/of/<cert_id>")
def preview(cert_id: str) -> str:
    """Show what deciding about a certificate would touch; nothing is proposed yet."""
    if not is_id(cert_id):
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    node = current_node()
    with node.database.read() as session:
        now = node.clock.now()
        certificate = find(session, cert_id, now, now)
        radius = blast_radius(session, cert_id, now)
        return render_template(
            "console/brand/preview.html",
            item=listed(session, [certificate])[0],
            shown=_shown(session, cert_id, radius, now),
        )


@blueprint.get("/<consequence>")
def show(consequence: str) -> BaseResponse:
    """Show a proposal: what it touches, where it stands, what can be done."""
    return _page(consequence, Sheet.fresh(ConfirmForm), "")


@blueprint.post("/<consequence>/confirm")
def confirm(consequence: str) -> BaseResponse:
    """Suspend or revoke, as the second person."""
    sheet = Sheet.of(ConfirmForm)
    with sheet.attempt():
        command = ConfirmConsequence(_id(consequence), sheet.read()["radius"])
        sheet.run(confirm_consequence, command)
        return redirect(url_for(".show", consequence=consequence), 303)
    return _page(consequence, sheet, "confirm")


@blueprint.post("/<consequence>/drop")
def drop(consequence: str) -> BaseResponse:
    """Let a proposal drop."""
    sheet = Sheet.of(DropForm)
    with sheet.attempt():
        sheet.run(drop_consequence, DropConsequence(_id(consequence), sheet.read()["reason"]))
        return redirect(url_for(".show", consequence=consequence), 303)
    return _page(consequence, sheet, "drop")


def _id(id: str) -> str:
    return id if is_id(id) else refuse(CertificationRefusal.CONSEQUENCE_UNKNOWN, "/consequence")


def _page(id: str, sheet: Sheet, deed: str) -> BaseResponse:
    node = current_node()
    with node.database.read() as session:
        now = node.clock.now()
        row = require_consequence(session, _id(id))
        certificate = find(session, row.cert_id, now, now)
        state, kept = state_of(session, row.id), radius_kept(row)
        waits = state is ConsequenceState.PROPOSED
        current = blast_radius(session, row.cert_id, now) if waits else kept
        return sheet.page(
            "console/brand/consequence.html",
            item=listed(session, [certificate])[0],
            row=row,
            ground=_ground(certificate, row),
            state=state.value,
            shown=_shown(session, row.cert_id, current, now),
            since=_since(kept, current),
            steps=[(each, receipt(session, each.payload_id)) for each in steps_of(session, row.id)],
            follow_ups=follow_ups_of(session, row.id),
            mine=row.proposed_by == current_actor().person,
            revokes=row.verb == Verb.REVOKE,
            deed=deed,
        )


def _ground(certificate: Certificate, row: ConsequenceRow) -> Words | None:
    found = [each for each in certificate.scheme.grounds if each.key == row.ground]
    return found[0].words if found else None


def _since(kept: Radius, current: Radius) -> tuple[Numbers, Numbers]:
    """What came in and what left since the proposal, in numbers."""
    change: Change = change_of(kept, current)
    return numbers_of(change.added), numbers_of(change.gone)


def _shown(session: Session, cert_id: str, radius: Radius, now: datetime) -> Shown:
    things = touched_things(session, cert_id, radius, now)
    owners = {each.lot.owner_id for each in things.lots} | {each.subject for each in things.awards}
    return Shown(
        numbers=numbers_of(radius),
        things=things,
        owners={party: name_of_party(session, party) for party in owners},
        points={each.transfer_id: points_text(each.amount_milli) for each in things.awards},
    )
