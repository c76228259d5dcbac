"""Laboratory: the results of a report on a sample, line by line, held against the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from certification.cases.register import Opened, find_case
from certification.evidence.service import attached
from certification.labs import service as labs
from certification.labs.model import Laboratory, Result, Sample
from certification.labs.service import RecordReport, record_report
from certification.refusals import CertificationRefusal
from certification.schemes.model import Limit
from console.cases.words import case_words
from console.doors import desk
from console.reading import name_of_party
from console.sheet import Choice, Day, Form, Line, Maybe, Sheet
from identity.codes import is_id
from identity.roles import Role
from runtime.refusal import refuse
from trace.products.model import Category
from web.node import current_node
from web.sign_in import current_actor

FREE_LINES = 3
"""Lines for parameters that the scheme sets no limit for."""

blueprint = desk("reports", __name__, Role.LAB_ANALYST, Role.BRAND_OFFICER)
blueprint.context_processor(case_words)

_RESULT = ("parameter", "value", "unit", "method", "detection_limit")


def report_form(lines: int) -> type[Form]:
    """Make the form of a report with so many lines of results."""
    made: dict[str, Any] = {
        "lab": Choice(),
        "number": Line(),
        "code": Line(),
        "sample_name": Line(),
        "matrix": Line(),
        "category": Maybe(),
        "grade": Maybe(),
        "product": Maybe(),
        "taken_on": Day(),
        "received_on": Day(),
        "issued_on": Day(),
    }
    made |= {f"results-{n}-{name}": Maybe() for n in range(lines) for name in _RESULT}
    places = {f"/results/{n}": f"results-{n}-value" for n in range(lines)}
    places |= {"/results": "results-0-value", "/sample": "matrix", "/sample/taken_on": "taken_on"}
    return type("ReportForm", (Form,), {**made, "places": places})


@blueprint.route("/<case>/<evidence>", methods=["GET", "POST"])
def record(case: str, evidence: str) -> BaseResponse:
    """Record what a report says; first what was sampled is chosen, where there is a choice."""
    node = current_node()
    with node.database.read() as session:
        opened = _report_of(session, case, evidence)
        matrices = sorted({each.matrix for each in opened.process.scheme.limits}) or ["product"]
        offered = _labs(session)
        rules = labs.accreditations_of(session, offered[0][0].id) if len(offered) == 1 else ()
    matrix = request.values.get("matrix") or (matrices[0] if len(matrices) == 1 else "")
    if matrix not in matrices:
        return _choose(opened, evidence, matrices)
    limits = [each for each in opened.process.scheme.limits if each.matrix == matrix]
    lines = len(limits) + FREE_LINES
    methods = {line.parameter: line.method for rule in rules for line in rule.scope}
    sheet = Sheet.of(report_form(lines), _filled(limits, methods))
    if sheet.sent:
        with sheet.attempt():
            sheet.run(record_report, _command(evidence, sheet.read(), lines))
            return redirect(url_for("console.cases.show", case=case) + "#tests", 303)
    return sheet.page(
        "console/cases/report.html",
        opened=opened,
        matrix=matrix,
        limits=limits,
        lines=lines,
        categories=tuple(Category),
        labs=[(each.id, name) for each, name in offered],
    )


def _choose(opened: Opened, evidence: str, matrices: list[str]) -> BaseResponse:
    shown = {"opened": opened, "evidence": evidence, "matrices": matrices}
    return BaseResponse(render_template("console/cases/sample.html", **shown), mimetype="text/html")


def _report_of(session: Session, case: str, evidence: str) -> Opened:
    """A case with this document handed in. Raises Refusal: CASE_UNKNOWN, EVIDENCE_UNKNOWN."""
    if not is_id(case):
        refuse(CertificationRefusal.CASE_UNKNOWN, "/case_id")
    opened = find_case(session, case, current_actor(), current_node().clock.now())
    if evidence not in [each.evidence.id for each in attached(session, case)]:
        refuse(CertificationRefusal.EVIDENCE_UNKNOWN)
    return opened


def _labs(session: Session) -> list[tuple[Laboratory, str]]:
    """The laboratories for which somebody may record: the own one, for an office all."""
    actor = current_actor()
    every = Role.BRAND_OFFICER in actor.roles
    found = [each for each in labs.labs(session) if every or each.party == actor.party]
    return [(each, name_of_party(session, each.party)) for each in found]


def _filled(limits: list[Limit], methods: Mapping[str, str]) -> dict[str, str]:
    """What a fresh form holds: parameter, unit and method of every limit."""
    values = {}
    for n, limit in enumerate(limits):
        names = (limit.key, limit.words.zh, limit.words.en)
        accredited = next((methods[each] for each in names if each in methods), "")
        values[f"results-{n}-parameter"] = limit.words.zh
        values[f"results-{n}-unit"] = limit.unit
        values[f"results-{n}-method"] = limit.methods[0] if limit.methods else accredited
    return values


def _command(evidence: str, read: Mapping[str, Any], lines: int) -> RecordReport:
    results = [
        Result(**{name: read[f"results-{n}-{name}"] or "" for name in _RESULT[:4]},
               detection_limit=read[f"results-{n}-detection_limit"])
        for n in range(lines)
        if read[f"results-{n}-value"]
    ]  # fmt: skip
    sample = Sample(
        code=read["code"],
        matrix=read["matrix"],
        taken_on=read["taken_on"],
        category=read["category"],
        grade=read["grade"],
        product=read["product"],
    )
    return RecordReport(
        lab=read["lab"],
        evidence_id=evidence,
        number=read["number"],
        sample=sample,
        sample_name=read["sample_name"],
        received_on=read["received_on"],
        issued_on=read["issued_on"],
        results=tuple(results),
    )
