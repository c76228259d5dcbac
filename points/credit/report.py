"""What a credit platform is told about an organisation, as of one moment.

The payload keeps apart what the reader can check and what it has to believe:

- `proved`: records with their log entry, the opening of its commitments and the inclusion proof to
  the checkpoint in `log`; certificates with the log entries of all their decisions
- `stated`: the points balance, the state of certificates, and that there is nothing else: said by
  the office that signs, as of that checkpoint

    {"iss", "aud", "nonce", "iat", "question": "subject.report", "time",
     "subject": {"code"}, "packs": [digest],
     "log": {"origin", "size", "checkpoint"},
     "proved": {"records": [{"entry", "index", "proof", "openings": {field: [salt, value]}}],
                "certificates": [{"number", "entries": [{"entry", "index", "proof"}]}]},
     "stated": {"by", "points": {"unit", "balance_milli", "balance", "pack"} | null,
                "certificates": [{"number", "scheme", "statement", "state", "from", "to", …}],
                "records_published", "records_waiting"}}

Binary is unpadded base64url. An organisation with nothing on record gets the same signed answer
with empty lists, whether there never was a record or it was repaired, withdrawn or has ended.

Refused: no credit scope, no client; a code that is no unified social credit code (an identity
number is none); a code that nobody here has. Natural persons have no such code, so nothing about
them is ever found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.codes import CodeError, credit_code
from identity.parties.model import Party
from identity.parties.service import find_party
from identity.roles import Scope, require_scope
from ledger.openings.model import Opened
from ledger.openings.service import open_entries
from ledger.reader import LogReader, ProofBundle
from points.accounts.model import UNIT, points_text
from points.accounts.service import balance_of
from points.credit.records.model import CreditRecord
from points.credit.records.service import published_records
from points.packs.model import Pack
from points.packs.service import pack_at
from points.refusals import PointsRefusal
from runtime import base64url
from runtime.clock import instant_text
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json
from runtime.vault import Vault

QUESTION = "subject.report"
NONCE_LENGTH = (8, 128)
_NONCE = re.compile(r"[A-Za-z0-9._~-]{8,128}")


@dataclass(frozen=True)
class ReportQuestion:
    """Ask for the report of the subject with this credit code; `nonce` comes back in the answer."""

    code: str
    nonce: str


@dataclass(frozen=True)
class CertificateFacts:
    """One certificate as the caller knows it at the moment of the answer.

    `statement_*` say it in the scheme's own verb; quantities are whole `unit` (mg, piece) or None;
    `payload_ids` name the log entries of its decisions.
    """

    number: str
    scheme: str
    statement_zh: str
    statement_en: str
    state: str
    from_date: date
    to_date: date | None
    unit: str | None
    granted: int | None
    printed: int | None
    left: int | None
    payload_ids: tuple[str, ...]
    confirm_by: date | None = None


def find_subject(session: Session, question: ReportQuestion, actor: Actor) -> Party:
    """The organisation asked about; refuses as the module says, before anything is looked up."""
    require_scope(actor, Scope.CREDIT)
    if actor.client is None:
        refuse(PointsRefusal.AUDIENCE_MISSING)
    if not _NONCE.fullmatch(question.nonce):
        refuse(PointsRefusal.QUESTION_MALFORMED, "/nonce")
    party = find_party(session, _code(question.code))
    if party is None or party.natural:
        refuse(PointsRefusal.SUBJECT_UNKNOWN)
    return party


def _code(typed: str) -> str:
    """The code, exactly as it is stored: no forgiving spelling, no search."""
    try:
        code = credit_code(typed)
    except CodeError as error:
        raise Refusal(Reason(PointsRefusal.CODE_INVALID, "/code")) from error
    if code != typed:
        refuse(PointsRefusal.CODE_INVALID, "/code")
    return code


def build_report(
    session: Session,
    vault: Vault,
    question: ReportQuestion,
    certificates: Sequence[CertificateFacts],
    actor: Actor,
    now: datetime,
) -> dict[str, Json]:
    """The payload of the signed answer, as of `now`; see the module for its shape and refusals.

    `certificates` are those of `find_subject`'s party, given by whoever may ask their area.
    """
    subject = find_subject(session, question, actor)
    records = published_records(session, subject.id, now, now)
    reader = LogReader(session)
    evidence = _gather(session, vault, reader, records, certificates)
    points = _points(session, subject, now)
    return {
        "iss": reader.origin(),
        "aud": actor.client,
        "nonce": question.nonce,
        "iat": int(now.timestamp()),
        "question": QUESTION,
        "time": instant_text(now),
        "subject": {"code": question.code},
        "packs": [] if points is None else [points["pack"]],
        "log": _log(reader, evidence.bundle),
        "proved": {
            "records": [evidence.record(each) for each in records if evidence.has(each)],
            "certificates": [evidence.certificate(each) for each in certificates],
        },
        "stated": {
            "by": reader.origin(),
            "points": points,
            "certificates": [_stated(each) for each in certificates],
            "records_published": len(records),
            # Committed here, but without a place in the log yet; at most for about a second.
            "records_waiting": sum(not evidence.has(each) for each in records),
        },
    }


@dataclass(frozen=True)
class _Evidence:
    """What the log has on records and certificates: places, entries with proofs, openings."""

    indexes: Mapping[str, int]
    bundle: ProofBundle
    openings: Mapping[str, Mapping[str, Opened]]

    def has(self, record: CreditRecord) -> bool:
        """Whether a record has its place in the log."""
        return record.payload_id in self.indexes

    def record(self, record: CreditRecord) -> dict[str, Json]:
        """A record's entry with its proof and the opening of all that it commits to."""
        openings = self.openings[record.payload_id]
        opened: dict[str, Json] = {
            name: [base64url.encode(opening.salt), opening.value]
            for name, opening in sorted(openings.items())
        }
        return self._proof(record.payload_id) | {"openings": opened}

    def certificate(self, certificate: CertificateFacts) -> dict[str, Json]:
        """The entries of a certificate's decisions that have their place, with proofs."""
        placed = [name for name in certificate.payload_ids if name in self.indexes]
        return {"number": certificate.number, "entries": [self._proof(name) for name in placed]}

    def _proof(self, payload_id: str) -> dict[str, Json]:
        index = self.indexes[payload_id]
        proved = next(each for each in self.bundle.entries if each.index == index)
        return {
            "entry": base64url.encode(proved.entry),
            "index": index,
            "proof": [base64url.encode(node) for node in proved.proof],
        }


def _gather(
    session: Session,
    vault: Vault,
    reader: LogReader,
    records: Sequence[CreditRecord],
    certificates: Sequence[CertificateFacts],
) -> _Evidence:
    # Places are read before the head, so that the head covers every one of them.
    indexes = reader.indexes_of(_names(records, certificates))
    return _Evidence(
        indexes=indexes,
        bundle=reader.proof_bundle(indexes.values()),
        openings=open_entries(session, vault, [record.payload_id for record in records]),
    )


def _names(records: Sequence[CreditRecord], certificates: Sequence[CertificateFacts]) -> list[str]:
    decisions = [name for each in certificates for name in each.payload_ids]
    return [*(record.payload_id for record in records), *decisions]


def _log(reader: LogReader, bundle: ProofBundle) -> dict[str, Json]:
    return {
        "origin": reader.origin(),
        "size": bundle.size,
        "checkpoint": bundle.checkpoint.decode("utf-8"),
    }


def _stated(certificate: CertificateFacts) -> dict[str, Json]:
    to_date, confirm_by = certificate.to_date, certificate.confirm_by
    return {
        "number": certificate.number,
        "scheme": certificate.scheme,
        "statement": {"zh": certificate.statement_zh, "en": certificate.statement_en},
        "state": certificate.state,
        "decisions": len(certificate.payload_ids),
        "from": certificate.from_date.isoformat(),
        "to": None if to_date is None else to_date.isoformat(),
        "confirm_by": None if confirm_by is None else confirm_by.isoformat(),
        "unit": certificate.unit,
        "granted": certificate.granted,
        "printed": certificate.printed,
        "left": certificate.left,
    }


def _points(session: Session, subject: Party, now: datetime) -> dict[str, Json] | None:
    """The balance under the pack in force; None where no pack is, or where it asks for consent."""
    pack = _pack_in_force(session, subject, now)
    if pack is None or pack.disclosure == "consent":
        return None
    balance = balance_of(session, subject.id)
    amount_milli = 0 if balance is None else balance.balance_milli
    return {
        "unit": UNIT,
        "balance_milli": amount_milli,
        "balance": points_text(amount_milli),
        "pack": base64url.encode(pack.digest),
        "illustrative": pack.illustrative,
    }


def _pack_in_force(session: Session, subject: Party, now: datetime) -> Pack | None:
    try:
        return pack_at(session, subject.region, now)
    except Refusal as refusal:
        if refusal.first.code is not PointsRefusal.NO_PACK:
            raise
        return None
