"""The signed answer to a credit platform, and how anybody checks it off-line.

    header   {"alg": "EdDSA", "typ": "ecotrace-answer+jwt", "kid": "<origin>/answer+<id>"}
    payload  see `points.credit.report`
    type     application/jwt

`verify_answer` needs the token and the published keys, neither database nor network. It uses no
code of the log's writer (`ledger.answers`), and none of the area that wrote the certificates: what
their decisions make is read once more from their public facts (`ledger.answers.rights`).

`ecotrace verify-answer FILE --vkey FILE`: the key file has one verifier key a line, the log's own
(`vkey` of an export, type 0x01) and the answer key (type 0xff, `answer_keys`), in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from ledger.answers.checking import (
    AnswerCheck,
    Fault,
    Findings,
    member,
    opening,
    proved_entry,
)
from ledger.answers.proofs import LoggedEntry, LogProofError, Tree, check_opening
from ledger.answers.refusals import AnswerFault
from ledger.answers.rights import Right, consistent, known_since, right_at
from ledger.answers.signed import CONTENT_TYPE, sign
from points.credit.answer_keys import KEY_TYPE, AnswerKey, read_vkeys
from points.credit.records.model import within_period
from points.refusals import CreditFault
from runtime.clock import parse_instant
from runtime.strict_json import Json

__all__ = ["CONTENT_TYPE", "TYPE", "Fault", "Findings", "sign_answer", "verify_answer"]

TYPE = "ecotrace-answer+jwt"
_CERTIFICATE_TYPES = "certification.certificate."
_GRANT = f"{_CERTIFICATE_TYPES}grant"


def sign_answer(payload: Mapping[str, Json], key: AnswerKey) -> str:
    """The compact JWS of a payload; its bytes are the canonical JSON (RFC 8785)."""
    return sign(payload, key, TYPE)


def verify_answer(
    token: str, vkeys: str, *, audience: str | None = None, nonce: str | None = None
) -> Findings:
    """Check an answer against published keys (text, one a line); raises VerifierKeyError.

    `audience` and `nonce`, when given, must be those of the answer.
    """
    wanted = [
        ("aud", audience, CreditFault.AUDIENCE_WRONG),
        ("nonce", nonce, AnswerFault.NONCE_WRONG),
    ]
    return _CreditCheck(token.strip(), read_vkeys(vkeys), wanted).run()


class _CreditCheck(AnswerCheck):
    """Beside the steps of every answer:

    5. each record: entry in the tree, openings match, subject and period right
    6. each certificate: entries in the tree, number, term and state as stated
    """

    TYP = TYPE
    KEY_TYPE = KEY_TYPE

    def check_content(self, payload: Mapping[str, Any], tree: Tree) -> None:
        proved = member(payload, "proved", dict)
        for number, record in enumerate(member(proved, "records", list)):
            place = f"/proved/records/{number}"
            self.guard(partial(self._record, payload, tree, record, place), place)
        for number, certificate in enumerate(member(proved, "certificates", list)):
            place = f"/proved/certificates/{number}"
            self.guard(partial(self._certificate, payload, tree, certificate, place), place)

    def _record(self, payload: Mapping[str, Any], tree: Tree, record: Any, place: str) -> None:
        entry = proved_entry(record, tree)
        if entry.type != "points.credit.record":
            raise LogProofError(AnswerFault.ENTRY_MALFORMED)
        openings = member(record, "openings", dict)
        for field, each in openings.items():
            salt, value = opening(each)
            check_opening(entry, field, salt, value)
        disclosed = opening(openings.get("record"))[1]
        _check_disclosed(payload, disclosed)
        self.proved(place, str(disclosed["document_number"]))

    def _certificate(
        self, payload: Mapping[str, Any], tree: Tree, certificate: Any, place: str
    ) -> None:
        number = member(certificate, "number", str)
        entries = [proved_entry(each, tree) for each in member(certificate, "entries", list)]
        at = parse_instant(member(payload, "time", str))
        if not any(_agrees(stated, entries, number, at) for stated in _stated(payload, number)):
            raise LogProofError(CreditFault.CERTIFICATE_WRONG)
        self.proved(place, number)


def _check_disclosed(payload: Mapping[str, Any], disclosed: Any) -> None:
    subject = member(member(payload, "subject", dict), "code", str)
    if member(disclosed, "subject_code", str) != subject:
        raise LogProofError(CreditFault.SUBJECT_WRONG)
    try:
        start = date.fromisoformat(member(disclosed, "disclosure_start", str))
        end = date.fromisoformat(member(disclosed, "disclosure_end", str))
    except ValueError as error:
        raise LogProofError(CreditFault.PERIOD_WRONG) from error
    at = parse_instant(member(payload, "time", str))
    member(disclosed, "document_number", str)
    if not within_period(start, end, at):
        raise LogProofError(CreditFault.PERIOD_WRONG)


def _stated(payload: Mapping[str, Any], number: str) -> list[Mapping[str, Any]]:
    """What is stated under a number; several schemes may use one number."""
    listed = member(member(payload, "stated", dict), "certificates", list)
    return [each for each in listed if isinstance(each, dict) and each.get("number") == number]


def _agrees(
    stated: Mapping[str, Any], entries: Sequence[LoggedEntry], number: str, at: datetime
) -> bool:
    """Whether the public facts of a certificate's decisions bear out what is stated about it.

    That no later decision exists is stated only; so a state may differ by what time alone does.
    """
    if not entries or not _one_certificate(entries, number):
        return False
    if entries[0].facts.get("scheme") != stated.get("scheme"):
        return False
    decisions = stated.get("decisions")
    if type(decisions) is not int or decisions < len(entries):
        return False
    # A decision that waits for its place in the log may have set anything: it is stated only.
    if decisions > len(entries):
        return True
    # What is recorded is known to whoever answers, so all entries count, whatever their times.
    right = right_at(entries, at, max(at, *map(known_since, entries)))
    return consistent(entries) and _says(stated, right, entries[0].facts)


def _says(stated: Mapping[str, Any], right: Right, grant: Mapping[str, Any]) -> bool:
    """Whether a statement says what the decisions make.

    Of a right that does not count it shows the days of the grant. A grant that bounds by lines
    publishes no quantity of its own; then it is stated only.
    """
    shown = right
    if right.from_ is None:
        shown = Right(right.state, grant["from"], grant.get("to"), grant.get("confirm_by"))
    pairs = {"state": shown.state, "from": shown.from_, "to": shown.to}
    pairs["confirm_by"] = shown.confirm_by
    if right.granted is not None or grant.get("bound") == "unbounded":
        pairs |= {"granted": right.granted, "unit": right.unit}
    return all(stated.get(name) == value for name, value in pairs.items())


def _one_certificate(entries: Sequence[LoggedEntry], number: str) -> bool:
    """One stream, one number, beginning with the grant, in the order of the log."""
    places = [each.index for each in entries]
    return (
        entries[0].type == _GRANT
        and all(each.type.startswith(_CERTIFICATE_TYPES) for each in entries)
        and all(each.facts.get("number") == number for each in entries)
        and len({each.streams for each in entries}) == 1
        and places == sorted(set(places))
    )
