"""Appeals, complaints and reports of misuse: bringing one, the list of those that wait, one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.appeals.model import ActOnAppeal, AppealEvent, AppealKind, FileAppeal, Target
from certification.appeals.service import (
    due_of,
    file_appeal,
    find_appeal,
    state_of,
    waiting,
)
from certification.refusals import CertificationRefusal
from console.cases.forms import PlainForm, Prose
from console.cases.reading import appeal_events, appeal_steps
from console.cases.words import case_words
from console.doors import PRODUCERS, desk
from console.reading import name_of_party
from console.sheet import Form, Maybe, Sheet
from identity.codes import is_id
from identity.roles import Role, require_role
from runtime.refusal import refuse
from web.node import current_node
from web.sign_in import current_actor
from workflows.advance_case import decide_appeal

blueprint = desk("appeals", __name__, *PRODUCERS, Role.BRAND_OFFICER, Role.DECIDER)
blueprint.context_processor(case_words)


class FileForm(Form):
    """What speaks against a decision."""

    reasons = Prose()


class DecisionForm(Form):
    """Why an appeal is decided so."""

    reasons = Prose()
    document = Maybe()


DEEDS: Mapping[AppealEvent, type[Form]] = {
    AppealEvent.ACKNOWLEDGE: PlainForm,
    AppealEvent.UPHOLD: DecisionForm,
    AppealEvent.OVERTURN: DecisionForm,
    AppealEvent.WITHDRAW: PlainForm,
}


@blueprint.get("/")
def index() -> str:
    """List what waits, by the day on which it is due."""
    node = current_node()
    with node.database.read() as session:
        rows = waiting(session, current_actor(), node.clock.now())
        return render_template("console/cases/appeals.html", rows=rows)


@blueprint.route("/new/<target>/<subject>", methods=["GET", "POST"])
def new(target: str, subject: str) -> BaseResponse:
    """Bring an appeal about an own application or certificate."""
    require_role(current_actor(), *PRODUCERS)
    number = request.args.get("n", "")
    if target not in set(Target) or not ((number.isdecimal() and len(number) < 9) or not number):
        refuse(CertificationRefusal.NOTHING_TO_APPEAL, "/target")
    sheet = Sheet.of(FileForm)
    if sheet.sent:
        with sheet.attempt():
            n = int(number) if number else None
            command = FileAppeal(AppealKind.APPEAL, target, subject, sheet.read()["reasons"], n=n)
            filed = sheet.run(file_appeal, command)
            return redirect(url_for(".show", appeal=filed.appeal_id), 303)
    return sheet.page("console/cases/new_appeal.html", target=target)


@blueprint.get("/<appeal>")
def show(appeal: str) -> BaseResponse:
    """Show an appeal."""
    return _page(appeal, Sheet.fresh(PlainForm), None)


@blueprint.post("/<appeal>/<event>")
def decide(appeal: str, event: str) -> BaseResponse:
    """Acknowledge, decide or withdraw an appeal."""
    asked = next((each for each in DEEDS if each == event), None)
    if asked is None:
        refuse(CertificationRefusal.EVENT_UNKNOWN, "/event")
    sheet = Sheet.of(DEEDS[asked])
    with sheet.attempt():
        sheet.run(decide_appeal, ActOnAppeal(_id(appeal), asked, **sheet.read()))
        return redirect(url_for(".show", appeal=appeal), 303)
    return _page(appeal, sheet, asked)


def _id(appeal: str) -> str:
    return appeal if is_id(appeal) else refuse(CertificationRefusal.APPEAL_UNKNOWN)


def _page(appeal: str, sheet: Sheet, event: AppealEvent | None) -> BaseResponse:
    node, actor = current_node(), current_actor()
    with node.database.read() as session:
        found = find_appeal(session, _id(appeal), actor, node.clock.now())
        state = state_of(session, found.appeal_id)
        return sheet.page(
            "console/cases/appeal.html",
            appeal=found,
            state=state,
            due=due_of(found),
            holder=name_of_party(session, found.holder),
            steps=appeal_steps(session, node.vault, found, actor),
            events=appeal_events(found, state, actor),
            event=event,
            producer=not actor.roles.isdisjoint(PRODUCERS),
        )
