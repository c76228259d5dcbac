"""Registering laboratories with their accreditations, recording reports, and verdicts.

A brand office registers laboratories; a laboratory's analyst, or an office that holds the paper,
records the results of a report whose file was kept as evidence. A report is attached to a case with
its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.evidence.model import Attachment, Evidence, is_too_old
from certification.evidence.rules import vocabulary
from certification.evidence.service import attached, find_evidence
from certification.labs.entries import ACCREDIT, END, REGISTER, REPORT
from certification.labs.model import (
    Accreditation,
    Authority,
    Laboratory,
    LabVerdict,
    Report,
    Result,
    Sample,
    ScopeLine,
    accreditation_reasons,
    judge,
    report_reasons,
    scope_reasons,
)
from certification.labs.tables import (
    AccreditationEndRow,
    AccreditationRow,
    LaboratoryRow,
    ReportRow,
)
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme
from identity.actor import Actor
from identity.codes import is_id
from identity.first_come import insert_unless_there
from identity.keys.service import operator_party, signer_for
from identity.names import text_reasons
from identity.parties.service import get_party
from identity.roles import Role, Scope, require_party, require_role, require_scope
from ledger.openings.service import open_entry
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json
from runtime.vault import Vault

REASON_MAX, SAMPLE_NAME_MAX = 200, 80


@dataclass(frozen=True)
class RegisterLab:
    """Register an organisation as a laboratory."""

    party: str


@dataclass(frozen=True)
class Accredit:
    """Record an accreditation; both days are in the term."""

    lab: str
    authority: str
    number: str
    from_date: date
    until: date
    scope: tuple[ScopeLine, ...]


@dataclass(frozen=True)
class EndAccreditation:
    """Record the early end of an accreditation; `ended_on` is the first day that counts no more."""

    accreditation: str
    ended_on: date
    reason: str


@dataclass(frozen=True)
class RecordReport:
    """Record what a report says about one sample; its file is the evidence.

    `sample_name` is what the report calls the sample; it is committed and shown with the case only.
    """

    lab: str
    evidence_id: str
    number: str
    sample: Sample
    sample_name: str
    received_on: date
    issued_on: date
    results: tuple[Result, ...]


# --- Laboratories --------------------------------------------------------------------------------


def register_lab(work: Work, command: RegisterLab, actor: Actor, now: datetime) -> Laboratory:
    """Register a laboratory.

    Raises Refusal: NOT_ALLOWED, SCOPE_MISSING, PARTY_UNKNOWN, LAB_NOT_ORGANISATION, LAB_TAKEN.
    """
    by = _require_office(work, actor)
    party = get_party(work, command.party)
    if party.natural:
        refuse(CertificationRefusal.LAB_NOT_ORGANISATION, "/party")
    id = new_id("lab", work.randomness)
    committed: dict[str, Json] = {"party": party.id, "registered_by": by}
    row = {
        "id": id,
        "party": party.id,
        "registered_at": now,
        "registered_by": by,
        "payload_id": _enter(work, REGISTER, id, committed, party.id, by, now),
    }
    if not insert_unless_there(work, LaboratoryRow, row):
        refuse(CertificationRefusal.LAB_TAKEN, "/party")
    return find_lab(work, id)


def accredit(work: Work, command: Accredit, actor: Actor, now: datetime) -> Accreditation:
    """Record an accreditation of a laboratory.

    Raises Refusal: NOT_ALLOWED, SCOPE_MISSING, LAB_UNKNOWN, ACCREDITATION_NUMBER_MALFORMED,
    DATES_REVERSED, DATE_OUT_OF_RANGE, SCOPE_EMPTY, SCOPE_MALFORMED.
    """
    by = _require_office(work, actor)
    lab = find_lab(work, command.lab)
    days = command.from_date, command.until
    reasons = accreditation_reasons(command.authority, command.number, *days, command.scope)
    if reasons:
        raise Refusal(*reasons)
    id = new_id("accr", work.randomness)
    columns: dict[str, Any] = {
        "lab": lab.id,
        "authority": command.authority,
        "number": command.number,
        "scope": [[each.parameter, each.method, each.matrix] for each in command.scope],
        "recorded_by": by,
    }
    dated = {"from_date": command.from_date.isoformat(), "until": command.until.isoformat()}
    committed = {"accreditation": id, **columns, **dated}
    payload_id = _enter(work, ACCREDIT, lab.id, committed, lab.party, by, now)
    work.add(
        AccreditationRow(
            id=id,
            from_date=command.from_date,
            until=command.until,
            recorded_at=now,
            payload_id=payload_id,
            **columns,
        )
    )
    work.flush()
    return find_accreditation(work, id)


def end_accreditation(
    work: Work, command: EndAccreditation, actor: Actor, now: datetime
) -> Accreditation:
    """Record that an accreditation ended early; reports on later samples count no more.

    Raises Refusal: NOT_ALLOWED, SCOPE_MISSING, ACCREDITATION_UNKNOWN, ENDED_OUTSIDE_TERM,
    ACCREDITATION_ENDED, and the codes of `text_reasons` for the reason.
    """
    by = _require_office(work, actor)
    found = find_accreditation(work, command.accreditation)
    reasons = list(text_reasons(command.reason, "/reason", REASON_MAX))
    if not found.from_date <= command.ended_on <= found.until:
        reasons.append(Reason(CertificationRefusal.ENDED_OUTSIDE_TERM, "/ended_on"))
    if reasons:
        raise Refusal(*reasons)
    columns = {"accreditation": found.id, "lab": found.lab, "recorded_by": by}
    told = {"ended_on": command.ended_on.isoformat(), "reason": command.reason}
    party = find_lab(work, found.lab).party
    row = {
        **columns,
        "ended_on": command.ended_on,
        "recorded_at": now,
        "payload_id": _enter(work, END, found.lab, {**columns, **told}, party, by, now),
    }
    if not insert_unless_there(work, AccreditationEndRow, row):
        refuse(CertificationRefusal.ACCREDITATION_ENDED, "/accreditation")
    return find_accreditation(work, found.id)


def find_lab(session: Session, id: str) -> Laboratory:
    """A laboratory by its id. Raises Refusal LAB_UNKNOWN."""
    row = session.get(LaboratoryRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.LAB_UNKNOWN, "/lab")
    return _lab(row)


def labs(session: Session) -> tuple[Laboratory, ...]:
    """All laboratories, in order of registration."""
    rows = session.scalars(
        select(LaboratoryRow).order_by(LaboratoryRow.registered_at, LaboratoryRow.id)
    )
    return tuple(map(_lab, rows))


def find_accreditation(session: Session, id: str) -> Accreditation:
    """An accreditation by its id. Raises Refusal ACCREDITATION_UNKNOWN."""
    row = session.get(AccreditationRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.ACCREDITATION_UNKNOWN, "/accreditation")
    return _accreditation(row, session.get(AccreditationEndRow, id))


def accreditations_of(session: Session, lab: str) -> tuple[Accreditation, ...]:
    """All accreditations that a laboratory ever had, the first first."""
    return _accreditations(session, [lab]).get(lab, ())


def _accreditations(
    session: Session, wanted: Iterable[str]
) -> dict[str, tuple[Accreditation, ...]]:
    query = (
        select(AccreditationRow, AccreditationEndRow)
        .outerjoin(AccreditationEndRow, AccreditationEndRow.accreditation == AccreditationRow.id)
        .where(AccreditationRow.lab.in_(set(wanted)))
        .order_by(AccreditationRow.from_date, AccreditationRow.id)
    )
    found: dict[str, tuple[Accreditation, ...]] = {}
    for row, end in session.execute(query):
        found[row.lab] = (*found.get(row.lab, ()), _accreditation(row, end))
    return found


# --- Reports -------------------------------------------------------------------------------------


def record_report(work: Work, command: RecordReport, actor: Actor, now: datetime) -> Report:
    """Record the results of a report.

    Raises Refusal: NOT_ALLOWED, SCOPE_MISSING, OTHER_PARTY for the analyst of another laboratory,
    LAB_UNKNOWN, EVIDENCE_UNKNOWN, EVIDENCE_NOT_A_REPORT, REPORT_OF_OTHER, and all reasons of
    `report_reasons` and, where there are none, of `scope_reasons`.
    """
    lab = find_lab(work, command.lab)
    by = _require_recorder(work, actor, lab)
    evidence = find_evidence(work, command.evidence_id)
    _check_report(work, command, evidence, now)
    id = new_id("rept", work.randomness)
    columns: dict[str, Any] = {
        "lab": lab.id,
        "evidence_id": evidence.id,
        "holder": evidence.holder,
        "number": command.number,
        "sample": {**asdict(command.sample), "taken_on": command.sample.taken_on.isoformat()},
        "results": [asdict(each) for each in command.results],
        "recorded_by": by,
        "analyst": actor.person,
    }
    dated = {"received_on": command.received_on, "issued_on": command.issued_on}
    committed: dict[str, Json] = {
        **columns,
        **{name: day.isoformat() for name, day in dated.items()},
        "sample_name": command.sample_name,
    }
    payload_id = _enter(work, REPORT, id, committed, evidence.holder, by, now)
    row = ReportRow(id=id, recorded_at=now, payload_id=payload_id, **columns, **dated)
    work.add(row)
    work.flush()
    return _report(row)


def _check_report(
    session: Session, command: RecordReport, evidence: Evidence, now: datetime
) -> None:
    reasons = report_reasons(
        command.number,
        command.sample,
        command.received_on,
        command.issued_on,
        command.results,
        beijing_date(now),
    )
    reasons += text_reasons(command.sample_name, "/sample_name", SAMPLE_NAME_MAX)
    rule = vocabulary().documents.get(evidence.document or "")
    if rule is None or not rule.lab_report:
        reasons.append(Reason(CertificationRefusal.EVIDENCE_NOT_A_REPORT, "/evidence_id"))
    if _is_of_other(session, command, evidence.holder):
        reasons.append(Reason(CertificationRefusal.REPORT_OF_OTHER, "/number"))
    reasons = reasons or scope_reasons(
        command.sample, command.results, accreditations_of(session, command.lab)
    )
    if reasons:
        raise Refusal(*reasons)


def _is_of_other(session: Session, command: RecordReport, holder: str) -> bool:
    query = select(ReportRow.id).where(
        ReportRow.lab == command.lab,
        ReportRow.number == command.number,
        ReportRow.holder != holder,
    )
    return session.scalars(query.limit(1)).first() is not None


def find_report(session: Session, id: str) -> Report:
    """A report by its id. Raises Refusal REPORT_UNKNOWN."""
    row = session.get(ReportRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.REPORT_UNKNOWN)
    return _report(row)


def reports_on(session: Session, evidence_ids: Iterable[str]) -> tuple[Report, ...]:
    """The reports that count of some evidence: of each sample in each file the newest."""
    query = (
        select(ReportRow)
        .where(ReportRow.evidence_id.in_(set(evidence_ids)))
        .order_by(ReportRow.recorded_at, ReportRow.id)
    )
    newest = {(row.evidence_id, row.sample["code"]): row for row in session.scalars(query)}
    return tuple(map(_report, newest.values()))


def sample_name(session: Session, vault: Vault, report: Report) -> str | None:
    """What a report calls its sample, None where that was erased. Raises `OpeningBroken`."""
    opening = open_entry(session, vault, report.payload_id).get("record")
    value: Any = None if opening is None else opening.value
    return None if value is None else str(value["sample_name"])


def evaluators(session: Session, case_id: str) -> frozenset[str]:
    """The people who recorded the reports of a case: they took part in its evaluation."""
    found = reports_on(session, [each.evidence.id for each in attached(session, case_id)])
    return frozenset(each.analyst for each in found if each.analyst is not None)


def verdict(
    session: Session, case_id: str, scheme: Scheme, grade: str | None = None
) -> LabVerdict | None:
    """Hold the reports of a case against the limits of a scheme; None where there is no report.

    Accreditations are asked anew: one that was ended since takes its reports with it.
    """
    handed_in = attached(session, case_id)
    reports = reports_on(session, [each.evidence.id for each in handed_in])
    if not reports:
        return None
    accreditations = _accreditations(session, [each.lab for each in reports])
    judged = judge(scheme.limits, reports, accreditations, grade)
    expired = _expired(scheme, reports, handed_in)
    return LabVerdict(judged.passed and not expired, (*expired, *judged.findings))


def _expired(
    scheme: Scheme, reports: Sequence[Report], handed_in: Sequence[Attachment]
) -> tuple[Reason, ...]:
    """Samples that were too old when their report was handed in, one reason for each document."""
    by_evidence = {each.evidence.id: each for each in handed_in}
    found: dict[str, Reason] = {}
    for report in reports:
        attachment = by_evidence[report.evidence_id]
        rule = scheme.documents.get(attachment.evidence.document or "")
        handed_in_on = beijing_date(attachment.attached_at)
        if rule is not None and is_too_old(rule, report.sample.taken_on, handed_in_on):
            words: Mapping[str, str | int] = {
                "months": rule.max_age_months or 0,
                "name_zh": rule.words.zh,
                "name_en": rule.words.en,
            }
            place = f"/documents/{rule.key}"
            found[rule.key] = Reason(CertificationRefusal.REPORT_EXPIRED, place, words)
    return tuple(found.values())


# --- Who, and rows -------------------------------------------------------------------------------


def _require_office(session: Session, actor: Actor) -> str:
    """Let a brand office pass, and give the party that signs."""
    require_role(actor, Role.BRAND_OFFICER)
    require_scope(actor, Scope.CERTIFY)
    return actor.party or operator_party(session)


def _require_recorder(session: Session, actor: Actor, lab: Laboratory) -> str:
    """Let the laboratory's own analysts pass, and an office for any laboratory."""
    require_role(actor, Role.LAB_ANALYST, Role.BRAND_OFFICER)
    require_scope(actor, Scope.CERTIFY)
    if Role.BRAND_OFFICER not in actor.roles:
        require_party(actor, lab.party)
    return actor.party or operator_party(session)


def _enter(
    work: Work,
    type_: str,
    stream: str,
    committed: Mapping[str, Json],
    subject: str,
    by: str,
    now: datetime,
) -> str:
    """State something in the log, signed by whoever recorded it; gives the payload's name."""
    draft = Draft(type_, (stream,), now, {}, (Secret("record", committed, subject),))
    return record(work, draft, signer_for(work, by), now).payload_id


def _lab(row: LaboratoryRow) -> Laboratory:
    return Laboratory(row.id, row.party, row.registered_at, row.payload_id)


def _accreditation(row: AccreditationRow, end: AccreditationEndRow | None) -> Accreditation:
    return Accreditation(
        id=row.id,
        lab=row.lab,
        authority=Authority(row.authority),
        number=row.number,
        from_date=row.from_date,
        until=row.until,
        scope=tuple(ScopeLine(*line) for line in row.scope),
        ended_on=None if end is None else end.ended_on,
        payload_id=row.payload_id,
    )


def _report(row: ReportRow) -> Report:
    sample = {**row.sample, "taken_on": date.fromisoformat(row.sample["taken_on"])}
    return Report(
        id=row.id,
        lab=row.lab,
        evidence_id=row.evidence_id,
        holder=row.holder,
        number=row.number,
        sample=Sample(**sample),
        received_on=row.received_on,
        issued_on=row.issued_on,
        results=tuple(Result(**each) for each in row.results),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        analyst=row.analyst,
        payload_id=row.payload_id,
    )
