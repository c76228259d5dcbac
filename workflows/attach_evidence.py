"""Handing evidence in for a case: evidence knows no cases, and cases do not keep files.

The order, in one transaction:
 1. certification locks the case, so that it cannot be submitted or decided meanwhile
 2. the case has to concern whoever hands in, and to take documents now: from its applicant while it
    is a draft, from those who serve its scheme until it is decided
 3. the file that `certification.evidence.intake` took in is kept, unless it was kept before
 4. it is attached for the holder of the case, never for anybody else

Refused: CASE_UNKNOWN, EVENT_NOT_POSSIBLE, EVIDENCE_OF_OTHER, and the reasons of
`certification.evidence.service`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from certification.cases.model import Case
from certification.cases.register import Opened, find_case
from certification.cases.service import lock
from certification.evidence.model import Attachment
from certification.evidence.service import Attach, KeepEvidence, attach, keep_evidence
from certification.process.standing import CaseState
from certification.process.words import STATE_WORDS
from certification.refusals import CertificationRefusal
from certification.schemes.model import Words
from identity.actor import Actor
from ledger.openings.sealed_files import SealedFile
from ledger.work import Work
from runtime.refusal import refuse

HANDING_IN = Words("提交材料", "hand in a document")


@dataclass(frozen=True)
class AttachEvidence:
    """Hand in for a case what was kept before."""

    case_id: str
    evidence_id: str


@dataclass(frozen=True)
class HandIn:
    """Keep a document, or answers, and hand them in for a case at once."""

    case_id: str
    keep: KeepEvidence


def attach_evidence(work: Work, command: AttachEvidence, actor: Actor, now: datetime) -> Attachment:
    """Hand in kept evidence. Raises Refusal: see the module."""
    case = _taking(work, command.case_id, actor, now)
    return attach(work, Attach(case.case_id, command.evidence_id, case.holder), actor, now)


def hand_in(
    file: SealedFile | None, work: Work, command: HandIn, actor: Actor, now: datetime
) -> Attachment:
    """Keep and attach in one transaction; the runner is handed `partial(hand_in, file)`.

    Raises Refusal: see the module.
    """
    case = _taking(work, command.case_id, actor, now)
    if command.keep.holder != case.holder:
        refuse(CertificationRefusal.EVIDENCE_OF_OTHER, "/holder")
    kept = keep_evidence(file, work, command.keep, actor, now)
    return attach(work, Attach(case.case_id, kept.id, case.holder), actor, now)


def takes_documents(opened: Opened, actor: Actor) -> bool:
    """Whether a case takes documents from somebody now."""
    if actor.party == opened.case.holder and not actor.is_platform:
        return opened.standing.state is CaseState.DRAFT
    return not opened.standing.state.is_final


def _taking(work: Work, case_id: str, actor: Actor, now: datetime) -> Case:
    lock(work, case_id)
    opened = find_case(work, case_id, actor, now)
    if not takes_documents(opened, actor):
        state = STATE_WORDS[opened.standing.state]
        refuse(
            CertificationRefusal.EVENT_NOT_POSSIBLE,
            "/case_id",
            state_zh=state.zh,
            state_en=state.en,
            event_zh=HANDING_IN.zh,
            event_en=HANDING_IN.en,
        )
    return opened.case
