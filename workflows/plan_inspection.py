"""Planning a visit: what it is about, whose that is, and by which checklist.

A visit is about a running application, or about a certificate. Both lie above inspections, so their
holder and the version of their rules are read here. A case is inspected by the rules under which it
began, a certificate by those that are in force.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from certification.cases.register import read_case
from certification.certificates.register import find
from certification.inspections.service import (
    InspectionResult,
    PlanInspection,
    Subject,
    plan,
)
from certification.inspections.surveillance import VISITED
from certification.refusals import CertificationRefusal
from certification.schemes.service import in_force
from identity.actor import Actor
from ledger.work import Work
from runtime.refusal import refuse


def plan_inspection(
    work: Work, command: PlanInspection, actor: Actor, now: datetime
) -> InspectionResult:
    """Plan a visit about a case or a certificate.

    Raises Refusal: CASE_UNKNOWN, CERTIFICATE_UNKNOWN, NOTHING_TO_INSPECT, SCHEME_NOT_IN_FORCE, and
    those of `certification.inspections.service.plan`.
    """
    return plan(work, command, subject_of(work, command.about, now), actor, now)


def subject_of(session: Session, about: str, now: datetime) -> Subject:
    """What a visit about this id would be about. Raises Refusal as `plan_inspection` does."""
    if about.startswith("case:"):
        opened = read_case(session, about)
        if opened.standing.state.is_final:
            refuse(CertificationRefusal.NOTHING_TO_INSPECT, "/about")
        case = opened.case
        return Subject(about, case.holder, case.scheme, case.scheme_version)
    certificate = find(session, about, now, now)
    if certificate.status.state not in VISITED:
        refuse(CertificationRefusal.NOTHING_TO_INSPECT, "/about")
    scheme = in_force(session, certificate.scheme.code, now)
    return Subject(about, certificate.holder, scheme.code, scheme.version)
