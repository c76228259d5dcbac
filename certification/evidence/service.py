"""Keeping evidence, handing it in for cases, and what cases read of it.

A file comes here looked into, sealed and stored (`intake`); a transaction only says so. Who keeps
evidence signs for it: the party that acts, the platform's operator where the platform does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.evidence.answers import answer_reasons
from certification.evidence.entries import ATTACH, KEEP
from certification.evidence.model import (
    Answer,
    Attachment,
    Evidence,
    Share,
    day_reasons,
    media_reason,
    missing_reasons,
    share_of,
)
from certification.evidence.rules import vocabulary
from certification.evidence.tables import AttachmentRow, EvidenceRow
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme, Track
from identity.actor import Actor
from identity.codes import is_id
from identity.first_come import insert_unless_there
from identity.keys.service import operator_party, signer_for
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Role, Scope, require_scope
from ledger.errors import OpeningBroken
from ledger.openings.sealed_files import SealedFile, keep_file, read_file
from ledger.openings.service import open_entries
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.ids import new_id
from runtime.media import Media
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json
from runtime.vault import Vault

KEEPERS = (Role.BRAND_OFFICER, Role.INSPECTOR, Role.LAB_ANALYST)
"""Roles that keep what a holder hands them on paper, beside the holder itself."""
READERS = (*KEEPERS, Role.REVIEWER, Role.EXPERT, Role.DECIDER, Role.REGULATOR)
"""Roles that look at evidence of others; which case they look at it for is decided by the case."""


@dataclass(frozen=True)
class FileFacts:
    """What `intake` found about a file: clean name, media type, SHA-256 (hexadecimal), bytes."""

    name: str
    media: str
    digest: str
    size_bytes: int


@dataclass(frozen=True)
class KeepEvidence:
    """Keep a document, or answers, or a document with the answers that it bears out.

    `document` is a key of the vocabulary and stands exactly where there is a `file`, which `intake`
    fills in. `valid_from` is the document's own day, `valid_until` its last one.
    """

    holder: str
    document: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    answers: tuple[Answer, ...] = ()
    file: FileFacts | None = None


@dataclass(frozen=True)
class Attach:
    """Hand evidence in for a case; `holder` is the applicant, None for the actor's own party."""

    case_id: str
    evidence_id: str
    holder: str | None = None


def check_keeping(session: Session, command: KeepEvidence, actor: Actor, now: datetime) -> None:
    """Apply every rule of `keep_evidence` without writing. Raises Refusal as it does."""
    require_acting(session, actor, command.holder)
    rules = vocabulary()
    rule = rules.documents.get(command.document or "")
    reasons = list(answer_reasons(rules.fields, command.answers))
    reasons += day_reasons(rule, command.valid_from, command.valid_until, beijing_date(now))
    if command.document is not None and rule is None:
        reasons.append(Reason(CertificationRefusal.DOCUMENT_KEY_UNKNOWN, "/document"))
    if (command.document is None) != (command.file is None):
        reasons.append(Reason(CertificationRefusal.EVIDENCE_INCOMPLETE, "/file"))
    if command.file is None and not command.answers:
        reasons.append(Reason(CertificationRefusal.EVIDENCE_INCOMPLETE, "/answers"))
    if rule is not None and command.file is not None:
        file = command.file
        reason = media_reason(rule, Media(file.media, file.digest, file.size_bytes))
        reasons += [reason] if reason else []
    if reasons:
        raise Refusal(*reasons)


def require_acting(session: Session, actor: Actor, holder: str) -> None:
    """Let pass who may bring evidence of a holder: itself, its host, an office that was handed it.

    Raises Refusal: PARTY_UNKNOWN, SCOPE_MISSING, OTHER_PARTY.
    """
    party = get_party(session, holder)
    if actor.channel in ("system", "cli"):
        return
    require_scope(actor, Scope.CERTIFY)
    own = actor.party is not None and actor.party in (party.id, party.host)
    if party.id != holder or (not own and actor.roles.isdisjoint(KEEPERS)):
        refuse(IdentityRefusal.OTHER_PARTY)


def keep_evidence(
    file: SealedFile | None, work: Work, command: KeepEvidence, actor: Actor, now: datetime
) -> Evidence:
    """Keep a document that `intake.prepare` took in, or answers alone (`file` None).

    The runner is handed `partial(keep_evidence, file)`. Raises Refusal: those of `require_acting`,
    DOCUMENT_KEY_UNKNOWN, EVIDENCE_INCOMPLETE, FILE_TYPE_NOT_OF_DOCUMENT, DOCUMENT_DAY_MISSING,
    DOCUMENT_FROM_FUTURE, DATES_REVERSED, DATE_OUT_OF_RANGE, and those of `answers`.
    """
    check_keeping(work, command, actor, now)
    _check_same(file, command)
    if file is not None:
        keep_file(work, file)
    id, by = new_id("evid", work.randomness), actor.party or operator_party(work)
    draft = _kept(id, command, by, now)
    payload_id = record(work, draft, signer_for(work, by), now).payload_id
    facts = command.file
    row = EvidenceRow(
        id=id,
        holder=command.holder,
        document=command.document,
        digest=facts.digest if facts else None,
        media=facts.media if facts else None,
        size_bytes=facts.size_bytes if facts else None,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        fields=[each.key for each in command.answers],
        kept_at=now,
        kept_by=by,
        payload_id=payload_id,
    )
    work.add(row)
    work.flush()
    return _evidence(row)


def _check_same(file: SealedFile | None, command: KeepEvidence) -> None:
    """A command whose file is another one than the sealed file is a mistake of ours."""
    sealed = None if file is None else (file.sha256, file.subject)
    named = None if command.file is None else (command.file.digest, command.holder)
    if sealed != named:
        raise ValueError("the command names another file than the one that was sealed")


def _kept(id: str, command: KeepEvidence, by: str, now: datetime) -> Draft:
    facts = command.file
    committed: dict[str, Json] = {
        "holder": command.holder,
        "document": command.document,
        "digest": facts.digest if facts else None,
        "media": facts.media if facts else None,
        "size_bytes": facts.size_bytes if facts else None,
        "name": facts.name if facts else None,
        "valid_from": _day(command.valid_from),
        "valid_until": _day(command.valid_until),
        "kept_by": by,
    }
    answers = {each.key: [each.value, each.unit] for each in command.answers}
    secrets = (
        Secret("record", committed, command.holder),
        Secret("answers", answers, command.holder),
    )
    return Draft(type=KEEP, streams=(id,), effective_at=now, facts={}, secrets=secrets)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


# --- Cases -------------------------------------------------------------------------------------


def attach(work: Work, command: Attach, actor: Actor, now: datetime) -> Attachment:
    """Hand a piece of evidence in for a case, once.

    Whose the case is, is known to the case; it says so in `holder`. Raises Refusal:
    EVIDENCE_UNKNOWN, EVIDENCE_OF_OTHER, EVIDENCE_ERASED, EVIDENCE_ATTACHED, and those of
    `require_acting`.
    """
    evidence = find_evidence(work, command.evidence_id)
    require_acting(work, actor, evidence.holder)
    _check_attachable(work, command, evidence, actor)
    by = actor.party or operator_party(work)
    committed: dict[str, Json] = {
        "evidence": evidence.id,
        "case": command.case_id,
        "holder": evidence.holder,
        "attached_by": by,
    }
    secrets = (Secret("record", committed, evidence.holder),)
    draft = Draft(ATTACH, (evidence.id,), now, {}, secrets)
    row = {
        "case_id": command.case_id,
        "evidence_id": evidence.id,
        "attached_at": now,
        "attached_by": by,
        "payload_id": record(work, draft, signer_for(work, by), now).payload_id,
    }
    if not insert_unless_there(work, AttachmentRow, row):
        refuse(CertificationRefusal.EVIDENCE_ATTACHED, "/evidence_id")
    return Attachment(command.case_id, evidence, now)


def _check_attachable(work: Work, command: Attach, evidence: Evidence, actor: Actor) -> None:
    applicant = command.holder or actor.party or evidence.holder
    holders = {each.evidence.holder for each in attached(work, command.case_id)} | {applicant}
    if holders != {evidence.holder}:
        refuse(CertificationRefusal.EVIDENCE_OF_OTHER, "/evidence_id")
    if not work.vault.has(evidence.holder):
        refuse(CertificationRefusal.EVIDENCE_ERASED, "/evidence_id")


def attached(session: Session, case_id: str) -> tuple[Attachment, ...]:
    """What was handed in for a case, the newest last."""
    query = (
        select(AttachmentRow, EvidenceRow)
        .join(EvidenceRow, EvidenceRow.id == AttachmentRow.evidence_id)
        .where(AttachmentRow.case_id == case_id)
        .order_by(AttachmentRow.attached_at, EvidenceRow.kept_at, EvidenceRow.id)
    )
    return tuple(
        Attachment(row.case_id, _evidence(evidence), row.attached_at)
        for row, evidence in session.execute(query)
    )


def missing(
    session: Session,
    case_id: str,
    scheme: Scheme,
    track: Track | str,
    now: datetime,
    answered: Collection[str] = (),
) -> tuple[Reason, ...]:
    """What a case still lacks of what its track asks; empty when it is complete.

    `answered` are keys of fields that the case itself holds answers to.
    """
    asked = track_of(scheme, track)
    return missing_reasons(scheme, asked, attached(session, case_id), now, answered)


def share(
    session: Session, holder: str, scheme: Scheme, track: Track | str, now: datetime | None = None
) -> Share:
    """How much of what a track asks a holder gave before.

    With `now`, only documents count that would be usable if they were handed in today.
    """
    held = evidence_of(session, holder)
    today = None if now is None else beijing_date(now)
    return share_of(scheme, track_of(scheme, track), held, today)


def track_of(scheme: Scheme, track: Track | str) -> Track:
    """A track by its kind. Raises Refusal TRACK_NOT_OFFERED."""
    found = track if isinstance(track, Track) else scheme.track(track)
    if found is None:
        refuse(CertificationRefusal.TRACK_NOT_OFFERED, "/track")
    return found


def answers_of(session: Session, vault: Vault, case_id: str) -> Mapping[str, Answer]:
    """The answers that were handed in for a case, by field key; the newest counts.

    What was erased is absent. Raises `ledger.errors.OpeningBroken`.
    """
    return _answers(session, vault, [each.evidence for each in attached(session, case_id)])


def answers_known(session: Session, vault: Vault, holder: str) -> Mapping[str, Answer]:
    """The answers that a holder ever gave, by field key; the newest counts. As `answers_of`."""
    return _answers(session, vault, evidence_of(session, holder))


def _answers(session: Session, vault: Vault, evidence: Sequence[Evidence]) -> dict[str, Answer]:
    names = [each.payload_id for each in evidence if each.fields]
    opened = open_entries(session, vault, names)
    found: dict[str, Answer] = {}
    for name in names:
        opening = opened[name].get("answers")
        values: Any = {} if opening is None else opening.value
        found |= {key: Answer(key, value, unit) for key, (value, unit) in values.items()}
    return found


# --- Reading -----------------------------------------------------------------------------------


def find_evidence(session: Session, id: str) -> Evidence:
    """A piece of evidence by its id. Raises Refusal EVIDENCE_UNKNOWN."""
    row = session.get(EvidenceRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.EVIDENCE_UNKNOWN)
    return _evidence(row)


def evidence_of(session: Session, holder: str, document: str | None = None) -> tuple[Evidence, ...]:
    """What a holder gave, of one document key or of all, the newest last."""
    query = select(EvidenceRow).where(EvidenceRow.holder == holder)
    if document is not None:
        query = query.where(EvidenceRow.document == document)
    rows = session.scalars(query.order_by(EvidenceRow.kept_at, EvidenceRow.id))
    return tuple(map(_evidence, rows))


def file_names(session: Session, vault: Vault, evidence: Iterable[Evidence]) -> Mapping[str, str]:
    """The names of files as pages show them, by id of evidence; none for what was erased."""
    with_file = {each.payload_id: each.id for each in evidence if each.digest is not None}
    names = {}
    for payload_id, fields in open_entries(session, vault, list(with_file)).items():
        value: Any = fields["record"].value if "record" in fields else {"name": None}
        if value["name"] is not None:
            names[with_file[payload_id]] = str(value["name"])
    return names


def evidence_file(
    session: Session, vault: Vault, files: FileStore, evidence: Evidence, actor: Actor
) -> bytes:
    """The file of a piece of evidence, byte for byte as it was given.

    Raises Refusal: OTHER_PARTY, EVIDENCE_INCOMPLETE for answers without a file, EVIDENCE_ERASED,
    EVIDENCE_LOST, FILES_UNAVAILABLE.
    """
    if actor.roles.isdisjoint(READERS):
        require_acting(session, actor, evidence.holder)
    if evidence.digest is None:
        refuse(CertificationRefusal.EVIDENCE_INCOMPLETE)
    try:
        content = read_file(session, vault, files, evidence.digest, evidence.holder)
    except (FileMissing, FileDamaged, OpeningBroken):
        refuse(CertificationRefusal.EVIDENCE_LOST)
    except OSError as error:
        raise Refusal(Reason(CertificationRefusal.FILES_UNAVAILABLE)) from error
    if content is None:
        refuse(CertificationRefusal.EVIDENCE_ERASED)
    return content


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        id=row.id,
        holder=row.holder,
        document=row.document,
        digest=row.digest,
        media=row.media,
        size_bytes=row.size_bytes,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        fields=tuple(row.fields),
        kept_at=row.kept_at,
        kept_by=row.kept_by,
        payload_id=row.payload_id,
    )
