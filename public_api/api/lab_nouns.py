"""Laboratories with their accreditations, and reports as structured results.

Who a laboratory is and what it may test is read by any token; a report by its holder, its
laboratory, and whoever handles a case for which its file was handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from certification.evidence.service import find_evidence
from certification.labs import service
from certification.labs.model import (
    Accreditation,
    Authority,
    Laboratory,
    Report,
    Result,
    Sample,
    ScopeLine,
)
from certification.labs.service import Accredit, EndAccreditation, RecordReport, RegisterLab
from identity.actor import Actor
from identity.parties.service import get_party
from identity.roles import Scope
from public_api.api.evidence_nouns import check_reader
from public_api.api.fields import Day, Listed, Part, Shape, Text, named
from public_api.api.operation import Noun, Of, run
from web.node import current_node

labs = Noun(
    "labs",
    __name__,
    url_prefix="/api/v1/labs",
    description="Laboratories and what they may test (检验检测机构)",
)
reports = Noun(
    "reports",
    __name__,
    url_prefix="/api/v1/reports",
    description="Laboratory reports as results (检验报告)",
)


@dataclass(frozen=True)
class LabRead:
    """A laboratory with every accreditation that it ever had, the first first."""

    lab: Laboratory
    accreditations: tuple[Accreditation, ...]


@dataclass(frozen=True)
class LabList:
    """All laboratories, in order of registration."""

    labs: tuple[Laboratory, ...]


@dataclass(frozen=True)
class ReportRead:
    """A report; `sample_name` is null once it was erased."""

    report: Report
    sample_name: str | None


class LabBody(Shape):
    """An organisation to be registered as a laboratory."""

    party = named(required=True)


class ScopeShape(Shape):
    """One thing that a laboratory may test."""

    parameter = Text(required=True, most=120)
    method = Text(required=True, most=120)
    matrix = Text(required=True, most=40)


class AccreditBody(Shape):
    """An accreditation; both days are in the term."""

    authority = Text(required=True, words=Authority)
    number = Text(required=True, most=80)
    from_date = Day(required=True)
    until = Day(required=True)
    scope = Listed(Part(ScopeShape), required=True, most=5000)


class EndAccreditationBody(Shape):
    """The early end of an accreditation: the first day on which it counts no more."""

    ended_on = Day(required=True)
    reason = Text(required=True)


class SampleShape(Shape):
    """What was tested."""

    code = Text(required=True, most=80)
    matrix = Text(required=True, most=40)
    taken_on = Day(required=True)
    category = Text(most=40, load_default=None, allow_none=True)
    grade = Text(most=40, load_default=None, allow_none=True)
    product = named(load_default=None, allow_none=True)


class ResultShape(Shape):
    """One line of a report, as it is worded there."""

    parameter = Text(required=True, most=120)
    value = Text(required=True, most=80)
    unit = Text(required=True, most=40)
    method = Text(required=True, most=120)
    detection_limit = Text(most=80, load_default=None, allow_none=True)


class ReportBody(Shape):
    """What a report says about one sample; its file was kept as evidence before."""

    evidence = named(required=True)
    number = Text(required=True, most=80)
    sample = Part(SampleShape, required=True)
    sample_name = Text(required=True)
    received_on = Day(required=True)
    issued_on = Day(required=True)
    results = Listed(Part(ResultShape), required=True, most=600)


@labs.operation("POST", "", Scope.CERTIFY, Laboratory, takes=LabBody)
def create_lab(actor: Actor, body: dict[str, Any]) -> Of:
    """Register a laboratory."""
    with current_node().database.read() as session:
        party = get_party(session, body["party"]).id
    made = run(service.register_lab, RegisterLab(party), actor)
    return Of(made, f"/labs/{made.id}")


@labs.operation("GET", "", Scope.QUERY, LabList)
def list_labs(actor: Actor) -> Any:
    """List the laboratories."""
    with current_node().database.read() as session:
        return LabList(service.labs(session))


@labs.operation("GET", "/<code:lab>", Scope.QUERY, LabRead)
def get_lab(actor: Actor, lab: str) -> Any:
    """Give a laboratory with its accreditations."""
    with current_node().database.read() as session:
        found = service.find_lab(session, lab)
        return LabRead(found, service.accreditations_of(session, found.id))


@labs.operation(
    "POST", "/<code:lab>/accreditations", Scope.CERTIFY, Accreditation, takes=AccreditBody
)
def accredit(actor: Actor, body: dict[str, Any], lab: str) -> Any:
    """Record an accreditation with its scope."""
    scope = tuple(ScopeLine(**each) for each in body.pop("scope"))
    return run(service.accredit, Accredit(lab, scope=scope, **body), actor)


@labs.operation(
    "POST", "/accreditations/<code:accreditation>/end", Scope.CERTIFY, Accreditation,
    takes=EndAccreditationBody,
)  # fmt: skip
def end_accreditation(actor: Actor, body: dict[str, Any], accreditation: str) -> Any:
    """Record that an accreditation ended early; reports on later samples count no more."""
    return run(service.end_accreditation, EndAccreditation(accreditation, **body), actor)


@labs.operation("POST", "/<code:lab>/reports", Scope.CERTIFY, Report, takes=ReportBody)
def create_report(actor: Actor, body: dict[str, Any], lab: str) -> Of:
    """Record the results of a report."""
    sample = Sample(**body.pop("sample"))
    results = tuple(Result(**each) for each in body.pop("results"))
    evidence_id = body.pop("evidence")
    order = RecordReport(lab, evidence_id, sample=sample, results=results, **body)
    made = run(service.record_report, order, actor)
    return Of(made, f"/reports/{made.id}")


@reports.operation("GET", "/<code:report>", Scope.CERTIFY, ReportRead)
def get_report(actor: Actor, report: str) -> Any:
    """Give a report."""
    node = current_node()
    with node.database.read() as session:
        found = service.find_report(session, report)
        if actor.party not in (found.recorded_by, service.find_lab(session, found.lab).party):
            check_reader(session, actor, find_evidence(session, found.evidence_id))
        return ReportRead(found, service.sample_name(session, node.vault, found))
