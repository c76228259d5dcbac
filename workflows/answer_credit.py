"""Answering a credit platform: points and records meet the certificates of the subject.

It runs through the one runner although it changes nothing, because every question, also a refused
one, leaves its audit row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from certification.certificates.register import Certificate, of_holder
from identity.actor import Actor
from ledger.work import Work
from points.credit.answer import sign_answer
from points.credit.answer_keys import load_answer_key
from points.credit.report import CertificateFacts, ReportQuestion, build_report, find_subject


@dataclass(frozen=True)
class SignedAnswer:
    """The compact JWS of an answer."""

    token: str


def answer_credit(work: Work, command: ReportQuestion, actor: Actor, now: datetime) -> SignedAnswer:
    """Answer a question. Raises Refusal: those of `points.credit.report`."""
    subject = find_subject(work, command, actor)
    held = of_holder(work, subject.id, now, now)
    facts = [_facts(each) for each in held]
    payload = build_report(work, work.vault, command, facts, actor, now)
    return SignedAnswer(sign_answer(payload, load_answer_key(work.vault, work.origin)))


def _facts(certificate: Certificate) -> CertificateFacts:
    quota = certificate.quota
    return CertificateFacts(
        number=certificate.number,
        scheme=certificate.scheme.code,
        statement_zh=certificate.scheme.statement("zh"),
        statement_en=certificate.scheme.statement("en"),
        state=certificate.status.state.value,
        from_date=certificate.from_date,
        to_date=certificate.to_date,
        unit=quota.unit,
        granted=quota.granted,
        printed=quota.printed if quota.unit else None,
        left=quota.left,
        payload_ids=certificate.payload_ids,
        confirm_by=certificate.confirm_by,
    )
