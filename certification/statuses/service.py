"""Answers "was this certificate valid at that moment, as far as was known at another?", signed.

    header   {"alg": "EdDSA", "typ": "ecotrace-status+jwt", "kid": "<origin>/status+<id>"}
    payload  {"iss", "nonce", "iat", "time", "question": "certificate.status",
              "number", "scheme", "at", "as_known_at",
              "log": {"origin", "size", "checkpoint"},
              "proved": {"entries": [{"entry", "index", "proof"}]},
              "stated": {"by", "state", "may_use_mark", "statement": {"zh", "en"}, "from", "to",
                         "confirm_by", "granted", "unit", "decisions"}}

`proved.entries` are the log entries of the decisions that were known at `as_known_at`, with
inclusion proofs; from their public facts alone a reader computes what is stated. `decisions` counts
those known, also one that still waits for its place in the log (at most for about a second): then
the state is stated only. That there was no further decision is stated, not proved, until the log
has MAP. Nothing about the holder is said. The format for strangers is docs/status-answers.md.

Refused: NONCE_MALFORMED, CERTIFICATE_UNKNOWN, NUMBER_AMBIGUOUS, IN_THE_FUTURE (knowledge of later
than now), STATUS_KEY_MISSING.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from certification.certificates.register import Certificate, fields_at, find_number
from certification.refusals import CertificationRefusal
from certification.statuses.keys import load_status_key
from ledger.answers.signed import sign
from ledger.reader import LogReader
from runtime import base64url
from runtime.clock import instant_text
from runtime.refusal import refuse
from runtime.strict_json import Json
from runtime.vault import Vault

TYPE = "ecotrace-status+jwt"
QUESTION = "certificate.status"
_NONCE = re.compile(r"[A-Za-z0-9._~-]{8,128}")


@dataclass(frozen=True)
class StatusQuestion:
    """Ask about a certificate by its number; `nonce` comes back in the answer.

    `scheme` is needed where several schemes have the number.
    """

    number: str
    at: datetime
    as_known_at: datetime
    nonce: str
    scheme: str | None = None


@dataclass(frozen=True)
class SignedStatus:
    """The compact JWS of an answer."""

    token: str


def answer_status(
    session: Session, vault: Vault, question: StatusQuestion, now: datetime
) -> SignedStatus:
    """Answer a question as of `now`; refuses as the module says."""
    if not _NONCE.fullmatch(question.nonce):
        refuse(CertificationRefusal.NONCE_MALFORMED, "/nonce")
    if question.as_known_at > now:
        refuse(CertificationRefusal.IN_THE_FUTURE, "/as_known_at")
    found = find_number(
        session, question.number, question.at, question.as_known_at, question.scheme
    )
    reader = LogReader(session)
    payload = _payload(reader, question, found, now)
    return SignedStatus(sign(payload, load_status_key(vault, str(payload["iss"])), TYPE))


def _payload(
    reader: LogReader, question: StatusQuestion, found: Certificate, now: datetime
) -> dict[str, Json]:
    known = [
        payload_id
        for payload_id, change in zip(found.payload_ids, found.history.changes, strict=True)
        if change.recorded_at <= question.as_known_at
    ]
    # Places are read before the head, so that the head covers every one of them.
    bundle = reader.proof_bundle(reader.indexes_of(known).values())
    origin = reader.origin()
    return {
        "iss": origin,
        "nonce": question.nonce,
        "iat": int(now.timestamp()),
        "time": instant_text(now),
        "question": QUESTION,
        "number": found.number,
        "scheme": found.scheme.code,
        "at": instant_text(question.at),
        "as_known_at": instant_text(question.as_known_at),
        "log": {
            "origin": origin,
            "size": bundle.size,
            "checkpoint": bundle.checkpoint.decode("utf-8"),
        },
        "proved": {
            "entries": [
                {
                    "entry": base64url.encode(each.entry),
                    "index": each.index,
                    "proof": [base64url.encode(node) for node in each.proof],
                }
                for each in bundle.entries
            ]
        },
        "stated": _stated(str(origin), question, found, len(known)),
    }


def _stated(
    origin: str, question: StatusQuestion, found: Certificate, decisions: int
) -> dict[str, Json]:
    fields = fields_at(found, question.at, question.as_known_at)
    term = fields.term
    return {
        "by": origin,
        "state": found.status.state.value,
        "may_use_mark": found.status.may_use_mark,
        "statement": {"zh": found.scheme.statement("zh"), "en": found.scheme.statement("en")},
        "from": _day(term.from_date if term else None),
        "to": _day(term.to_date if term else None),
        "confirm_by": _day(term.confirm_by if term else None),
        "granted": fields.granted,
        "unit": fields.unit,
        "decisions": decisions,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
