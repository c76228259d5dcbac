"""Visits: lists, the calendar, one visit with its findings, planning and deciding.

The desk is open to everybody who signed in; which visits there are for somebody is decided by
`certification.inspections.reading`. The checklist itself is in `visit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.inspections import fitness, service
from certification.inspections.model import Kind
from certification.inspections.reading import (
    calendar,
    find_inspection,
    nonconformities_of,
    running,
)
from certification.inspections.service import (
    CancelInspection,
    Correct,
    DeclareForInspection,
    Find,
    Finish,
    Judge,
    MoveInspection,
    PlanInspection,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import Severity
from console.doors import desk
from console.inspections.reading import (
    checked_items,
    findings,
    listed,
    listed_findings,
    parts_of,
    people_names,
    steps_told,
    week_of,
)
from console.inspections.words import KIND_WORDS, SEVERITY_WORDS, inspection_words
from console.reading import name_of_party, receipt, searched
from console.sheet import Choice, Day, Form, Line, Many, Maybe, Sheet
from identity.roles import Role
from runtime.clock import beijing_date
from runtime.refusal import refuse
from web.node import current_node
from web.sign_in import current_actor
from workflows.plan_inspection import plan_inspection, subject_of

blueprint = desk("inspections", __name__)
blueprint.context_processor(inspection_words)
OFFICES = (Role.BRAND_OFFICER, Role.INSPECTOR)


class PlanForm(Form):
    """A visit to be planned."""

    kind = Choice(each.value for each in Kind)
    day = Day()
    inspectors = Many()
    draw = Maybe()


class MoveForm(Form):
    """Another day or other inspectors, and why."""

    day = Day()
    inspectors = Many()
    reason = Line()


class CancelForm(Form):
    """Why a visit is given up."""

    reason = Line()


class DeclareForm(Form):
    """What the inspector has to do with the holder."""

    places = {"/interest": "relation"}

    relation = Choice()


class FindForm(Form):
    """A nonconformity."""

    item = Choice(needed=False)
    severity = Choice(each.value for each in Severity)
    finding = Line()
    correct_by = Day(needed=False)


class FinishForm(Form):
    """The end of a visit."""

    summary = Line()
    correct_by = Day(needed=False)


class CorrectForm(Form):
    """A corrective action, with the id of a piece of evidence or without."""

    action = Line()
    evidence = Maybe()


class JudgeForm(Form):
    """Why an action is accepted, or not."""

    reasons = Line()


@blueprint.get("/")
def index() -> str:
    """List the visits that are not over."""
    node, actor = current_node(), current_actor()
    now = node.clock.now()
    with node.database.read() as session:
        rows = listed(session, running(session, actor, now))
        open_ones = nonconformities_of(session, actor, now)
        return render_template(
            "console/inspections/index.html",
            rows=sorted(rows, key=lambda each: not each.mine),
            open=len(open_ones),
            plans=not actor.roles.isdisjoint(OFFICES),
        )


@blueprint.get("/week")
def week() -> str:
    """Show the visits of a week, day by day."""
    node = current_node()
    now = node.clock.now()
    today = beijing_date(now)
    days = week_of(_asked_day() or today)
    with node.database.read() as session:
        visits = listed(session, calendar(session, current_actor(), days[0], days[-1], now))
    by_day = [(each, [row for row in visits if row.visit.day == each]) for each in days]
    return render_template(
        "console/inspections/week.html",
        days=by_day,
        today=today,
        before=days[0] - timedelta(days=7),
        after=days[0] + timedelta(days=7),
    )


def _asked_day() -> date | None:
    """The day that the address names; anything else is today."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None


@blueprint.get("/nonconformities")
def nonconformities() -> str:
    """List what is not closed, the earliest day for correction first."""
    node = current_node()
    now = node.clock.now()
    with node.database.read() as session:
        rows = listed_findings(session, nonconformities_of(session, current_actor(), now))
    today = beijing_date(now)
    return render_template("console/inspections/nonconformities.html", rows=rows, today=today)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """Plan a visit about a case or a certificate, whose id the address names."""
    about, node = searched("about"), current_node()
    now = node.clock.now()
    today = beijing_date(now).isoformat()
    values = {"day": today, "kind": _kind(about), "draw": searched("draw")}
    sheet = Sheet.of(PlanForm, values)
    if sheet.sent:
        with sheet.attempt():
            planned = sheet.run(plan_inspection, PlanInspection(about, **sheet.read()))
            return redirect(url_for(".show", id=planned.inspection), 303)
    with node.database.read() as session:
        subject = subject_of(session, about, now)
        fitness.require_office(session, current_actor(), subject.scheme, now)
        people = fitness.inspectors_for(session, subject.scheme, now)
        return sheet.page(
            "console/inspections/new.html",
            holder=name_of_party(session, subject.holder),
            people=list(zip(people, people_names(session, people), strict=True)),
            kinds=KIND_WORDS,
        )


def _kind(about: str) -> str:
    return (Kind.INITIAL if about.startswith("case:") else Kind.SURVEILLANCE).value


@blueprint.get("/<id>")
def show(id: str) -> BaseResponse:
    """Show a visit."""
    return _page(id, Sheet.fresh(FindForm), "")


DEEDS: Mapping[str, tuple[type[Form], Any, Callable[..., Any]]] = {
    "move": (MoveForm, MoveInspection, service.move),
    "cancel": (CancelForm, CancelInspection, service.cancel),
    "declare": (DeclareForm, DeclareForInspection, service.declare),
    "find": (FindForm, Find, service.find),
    "finish": (FinishForm, Finish, service.finish),
}
JUDGED: Mapping[str, tuple[type[Form], Any, Callable[..., Any]]] = {
    "correct": (CorrectForm, Correct, service.correct),
    "close": (JudgeForm, Judge, service.close),
    "reject": (JudgeForm, Judge, service.reject),
}


@blueprint.post("/<id>/<deed>")
def decide(id: str, deed: str) -> BaseResponse:
    """Do something about a visit."""
    if deed not in DEEDS:
        refuse(CertificationRefusal.EVENT_UNKNOWN)
    return _done(id, deed, DEEDS[deed], {})


@blueprint.post("/<id>/nonconformities/<int:no>/<deed>")
def judge(id: str, no: int, deed: str) -> BaseResponse:
    """Do something about a nonconformity."""
    if deed not in JUDGED:
        refuse(CertificationRefusal.EVENT_UNKNOWN)
    return _done(id, f"{deed}-{no}", JUDGED[deed], {"no": no})


def _done(
    id: str,
    name: str,
    deed: tuple[type[Form], Any, Callable[..., Any]],
    beside: Mapping[str, Any],
) -> BaseResponse:
    shape, command, use_case = deed
    sheet = Sheet.of(shape)
    with sheet.attempt():
        read = sheet.read()
        if "item" in read:
            read["item"] = read["item"] or None
        sheet.run(use_case, command(inspection=id, **beside, **read))
        return redirect(url_for(".show", id=id), 303)
    return _page(id, sheet, name)


def _page(id: str, sheet: Sheet, deed: str) -> BaseResponse:
    node, actor = current_node(), current_actor()
    now = node.clock.now()
    with node.database.read() as session:
        visit = find_inspection(session, id, actor, now)
        steps = steps_told(session, visit)
        people = fitness.inspectors_for(session, visit.scheme_code, now)
        return sheet.page(
            "console/inspections/show.html",
            row=listed(session, [visit])[0],
            visit=visit,
            parts=parts_of(session, visit, actor),
            items=checked_items(visit, steps),
            findings=findings(visit, steps),
            checked=visit.standing.checked,
            steps=[(each, receipt(session, each.payload_id)) for each in steps],
            people=list(zip(people, people_names(session, people), strict=True)),
            severities=SEVERITY_WORDS,
            deed=deed,
            today=beijing_date(now),
        )
