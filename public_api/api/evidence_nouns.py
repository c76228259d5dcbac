"""Evidence that is given once: files and answers, and what an application would still ask.

A file is the body of its request; what it is about stands in the questions of the address. It is
read by those who act for its holder, by whoever kept it, and by those who handle a case for which
it was handed in (`check_reader`); for everybody else it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.cases.register import concerns, read_case
from certification.evidence import service
from certification.evidence.intake import Upload, prepare
from certification.evidence.model import Answer, Evidence
from certification.evidence.service import READERS, KeepEvidence
from certification.evidence.tables import AttachmentRow
from certification.refusals import CertificationRefusal
from certification.schemes.model import TrackKind
from certification.schemes.service import scheme as scheme_of
from certification.schemes.service import schemes
from identity.actor import Actor
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Scope
from public_api.api.fields import Day, Listed, Part, Shape, Text, whose
from public_api.api.operation import Noun, Of, run
from runtime.media import BYTES_MAX, JPEG, PDF, PNG
from runtime.refusal import refuse
from web.node import current_node

evidence = Noun(
    "evidence",
    __name__,
    url_prefix="/api/v1/evidence",
    description="Evidence for applications, given once (申请材料，一次提交)",
)
answers = Noun(
    "answers",
    __name__,
    url_prefix="/api/v1/answers",
    description="Evidence that is answers alone, without a document (不附材料的申请信息)",
)
FILES = (PDF, PNG, JPEG)
KEY = r"^[a-z][a-z0-9_]{0,39}$"


@dataclass(frozen=True)
class EvidenceRead:
    """A piece of evidence; `digest` is the SHA-256 (hexadecimal) of its file.

    `fields` are the keys of its answers.
    """

    id: str
    holder: str
    document: str | None
    name: str | None
    digest: str | None
    media: str | None
    size_bytes: int | None
    valid_from: date | None
    valid_until: date | None
    fields: tuple[str, ...]
    kept_at: datetime
    payload_id: str


@dataclass(frozen=True)
class EvidenceList:
    """Evidence of one holder or case, the newest last."""

    evidence: tuple[EvidenceRead, ...]


@dataclass(frozen=True)
class ShareRead:
    """Keys that a track asks, those that the holder gave before, and those that are new."""

    scheme: str
    track: str
    asked: tuple[str, ...]
    known: tuple[str, ...]
    new: tuple[str, ...]


class FileAsked(Shape):
    """What a file is about."""

    document = Text(pattern=KEY, most=40, required=True, about="Key of the vocabulary")
    name = Text(most=200, load_default="", about="What its owner calls it")
    holder = whose()
    valid_from = Day(load_default=None)
    valid_until = Day(load_default=None)


class AnswerShape(Shape):
    """An answer to a field of the vocabulary, as typed; an empty one is taken back."""

    key = Text(pattern=KEY, most=40, required=True)
    value = Text(required=True)
    unit = Text(most=16, load_default=None, allow_none=True)


class AnswersBody(Shape):
    """Answers that are kept without a document."""

    holder = whose()
    answers = Listed(Part(AnswerShape), required=True, least=1, most=100)


class EvidenceAsked(Shape):
    """Whose evidence is listed."""

    holder = whose()
    document = Text(pattern=KEY, most=40, load_default=None)


class ShareAsked(Shape):
    """What somebody would apply for."""

    scheme = Text(required=True, words=schemes())
    track = Text(words=TrackKind, load_default=TrackKind.INITIAL.value)
    holder = whose()


@evidence.operation(
    "POST", "", Scope.CERTIFY, EvidenceRead, asks=FileAsked, sent=FILES, most_bytes=BYTES_MAX
)
def create_evidence(actor: Actor, content: bytes, asked: dict[str, Any]) -> Of:
    """Keep a document; what it is, is decided by its content alone."""
    node, now = current_node(), current_node().clock.now()
    with node.database.read() as session:
        holder = holder_of(session, actor, asked["holder"])
        days = asked["valid_from"], asked["valid_until"]
        order = KeepEvidence(holder, asked["document"], *days)
        upload = Upload(asked["name"], content)
        prepared = prepare(
            session, node.vault, node.randomness, node.files, order, upload, actor, now
        )
    kept = run(partial(service.keep_evidence, prepared.file), prepared.command, actor)
    with node.database.read() as session:
        return Of(read_evidence(session, [kept]).evidence[0], f"/evidence/{kept.id}")


@answers.operation("POST", "", Scope.CERTIFY, EvidenceRead, takes=AnswersBody)
def create_answers(actor: Actor, body: dict[str, Any]) -> Of:
    """Keep answers, so that no later application asks them again."""
    node = current_node()
    with node.database.read() as session:
        holder = holder_of(session, actor, body["holder"])
    order = KeepEvidence(holder, answers=answers_from(body["answers"]))
    kept = run(partial(service.keep_evidence, None), order, actor)
    with node.database.read() as session:
        return Of(read_evidence(session, [kept]).evidence[0], f"/evidence/{kept.id}")


@evidence.operation("GET", "", Scope.CERTIFY, EvidenceList, asks=EvidenceAsked)
def list_evidence(actor: Actor, asked: dict[str, Any]) -> Any:
    """List what a holder gave, for those who act for it."""
    with current_node().database.read() as session:
        holder = holder_of(session, actor, asked["holder"])
        _require_own(session, actor, holder)
        return read_evidence(session, service.evidence_of(session, holder, asked["document"]))


@evidence.operation("GET", "/share", Scope.CERTIFY, ShareRead, asks=ShareAsked)
def get_share(actor: Actor, asked: dict[str, Any]) -> Any:
    """Say how much of an application the holder has given before."""
    node = current_node()
    with node.database.read() as session:
        holder = holder_of(session, actor, asked["holder"])
        _require_own(session, actor, holder)
        found = service.share(
            session, holder, scheme_of(asked["scheme"]), asked["track"], node.clock.now()
        )
    return ShareRead(asked["scheme"], asked["track"], found.asked, found.known, found.new)


@evidence.operation("GET", "/<code:evidence>", Scope.CERTIFY, EvidenceRead)
def get_evidence(actor: Actor, evidence: str) -> Any:
    """Give a piece of evidence without its file."""
    with current_node().database.read() as session:
        found = service.find_evidence(session, evidence)
        check_reader(session, actor, found)
        return read_evidence(session, [found]).evidence[0]


@evidence.operation("GET", "/<code:evidence>/file", Scope.CERTIFY, EvidenceRead, file=FILES)
def get_file(actor: Actor, evidence: str) -> Response:
    """Give the file, byte for byte as it was given."""
    node = current_node()
    with node.database.read() as session:
        found = service.find_evidence(session, evidence)
        check_reader(session, actor, found)
        content = service.evidence_file(session, node.vault, node.files, found, actor)
    return file_answer(content, str(found.media))


def file_answer(content: bytes, media: str) -> Response:
    """Answer with a private file that a browser keeps rather than shows."""
    response = Response(content, mimetype=media)
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response


def holder_of(session: Session, actor: Actor, given: str | None) -> str:
    """Give the id of the party that is named, or of whoever asks. Raises PARTY_UNKNOWN."""
    if given is None and actor.party is None:
        refuse(IdentityRefusal.PARTY_UNKNOWN, "/holder")
    return get_party(session, given or str(actor.party)).id


def acts_for(session: Session, actor: Actor, party: str) -> bool:
    """Whether somebody acts for a party: its own people and machines, its host's, the platform."""
    if actor.is_platform:
        return True
    return actor.party is not None and actor.party in (party, get_party(session, party).host)


def check_reader(session: Session, actor: Actor, found: Evidence) -> None:
    """Let those pass whom a piece of evidence concerns. Raises Refusal EVIDENCE_UNKNOWN."""
    if acts_for(session, actor, found.holder) or actor.party == found.kept_by:
        return
    now = current_node().clock.now()
    handed_in = select(AttachmentRow.case_id).filter_by(evidence_id=found.id)
    if not actor.roles.isdisjoint(READERS):
        for case_id in session.scalars(handed_in):
            if concerns(session, read_case(session, case_id).case, actor, now):
                return
    refuse(CertificationRefusal.EVIDENCE_UNKNOWN)


def answers_from(given: tuple[dict[str, Any], ...]) -> tuple[Answer, ...]:
    """Give the answers of a body."""
    return tuple(Answer(**each) for each in given)


def read_evidence(session: Session, found: tuple[Evidence, ...] | list[Evidence]) -> EvidenceList:
    """Give pieces of evidence with the names of their files."""
    names = service.file_names(session, current_node().vault, found)
    return EvidenceList(tuple(_read(each, names.get(each.id)) for each in found))


def _read(each: Evidence, name: str | None) -> EvidenceRead:
    return EvidenceRead(
        id=each.id,
        holder=each.holder,
        document=each.document,
        name=name,
        digest=each.digest,
        media=each.media,
        size_bytes=each.size_bytes,
        valid_from=each.valid_from,
        valid_until=each.valid_until,
        fields=each.fields,
        kept_at=each.kept_at,
        payload_id=each.payload_id,
    )


def _require_own(session: Session, actor: Actor, holder: str) -> None:
    if not acts_for(session, actor, holder):
        refuse(IdentityRefusal.OTHER_PARTY)
