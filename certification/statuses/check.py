"""Checking a status answer off-line, without database, network or the code that decided.

`verify_status` reads the public facts of the proved entries once more (`ledger.answers.rights`) and
wants the same state, days and quantity. The steps follow those of every answer (`AnswerCheck`):

 5. number, scheme, moments and nonce are those asked about, where the asker names them
 6. the entries stand in the tree, are of one certificate with this number and scheme, begin with
    its grant, and each states the state that the decisions up to it make
 7. none of them was recorded after `as_known_at`
 8. state, days and quantity are what these decisions make at `at`

Where `decisions` counts more than are proved, the rest waits for a place in the log: step 8 is
stated only, and nothing but the entries is reported as proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from certification.refusals import StatusFault
from certification.statuses.keys import KEY_TYPE
from certification.statuses.service import QUESTION, TYPE
from ledger.answers.checking import AnswerCheck, Findings, Malformed, member, proved_entry
from ledger.answers.keys import read_vkeys
from ledger.answers.proofs import LoggedEntry, LogProofError, Tree
from ledger.answers.refusals import AnswerFault
from ledger.answers.rights import Right, consistent, known_since, right_at
from runtime.clock import parse_instant

_TYPES = "certification.certificate."


def verify_status(
    token: str,
    vkeys: str,
    *,
    number: str | None = None,
    at: str | None = None,
    as_known_at: str | None = None,
    nonce: str | None = None,
) -> Findings:
    """Check an answer against published keys (text, one a line); raises VerifierKeyError.

    What is given must be that of the answer; moments as the answer writes them.
    """
    wanted = [
        ("question", QUESTION, StatusFault.QUESTION_WRONG),
        ("number", number, StatusFault.QUESTION_WRONG),
        ("at", at, StatusFault.QUESTION_WRONG),
        ("as_known_at", as_known_at, StatusFault.QUESTION_WRONG),
        ("nonce", nonce, AnswerFault.NONCE_WRONG),
    ]
    return _StatusCheck(token.strip(), read_vkeys(vkeys, KEY_TYPE), wanted).run()


class _StatusCheck(AnswerCheck):
    """See the module."""

    TYP = TYPE
    KEY_TYPE = KEY_TYPE

    def check_content(self, payload: Mapping[str, Any], tree: Tree) -> None:
        listed = member(member(payload, "proved", dict), "entries", list)
        entries = [proved_entry(each, tree) for each in listed]
        number, scheme = member(payload, "number", str), member(payload, "scheme", str)
        if entries and not _one_certificate(entries, number, scheme):
            raise LogProofError(StatusFault.ENTRIES_WRONG)
        at = parse_instant(member(payload, "at", str))
        known_at = parse_instant(member(payload, "as_known_at", str))
        if known_at > parse_instant(member(payload, "time", str)):
            raise LogProofError(StatusFault.KNOWLEDGE_WRONG)
        if any(known_since(each) > known_at for each in entries):
            raise LogProofError(StatusFault.KNOWLEDGE_WRONG)
        self._check_stated(member(payload, "stated", dict), entries, at, known_at)

    def _check_stated(
        self,
        stated: Mapping[str, Any],
        entries: Sequence[LoggedEntry],
        at: datetime,
        known_at: datetime,
    ) -> None:
        decisions = member(stated, "decisions", int)
        if decisions < len(entries):
            raise LogProofError(StatusFault.STATUS_WRONG)
        for place, entry in enumerate(entries):
            self.proved(f"/proved/entries/{place}", f"{entry.type} {entry.facts['state']}")
        if decisions > len(entries):
            return
        right = right_at(entries, at, known_at)
        if not _says(stated, right):
            raise LogProofError(StatusFault.STATUS_WRONG)
        if entries:
            # Where nothing was known nothing is proved: there is no proof of absence yet.
            self.proved("/stated/state", right.state)


def _one_certificate(entries: Sequence[LoggedEntry], number: str, scheme: str) -> bool:
    places = [each.index for each in entries]
    first = entries[0]
    return (
        first.type == f"{_TYPES}grant"
        and first.facts.get("scheme") == scheme
        and all(each.type.startswith(_TYPES) for each in entries)
        and all(each.facts.get("number") == number for each in entries)
        and len({each.streams for each in entries}) == 1
        and places == sorted(set(places))
        and consistent(entries)
    )


def _says(stated: Mapping[str, Any], right: Right) -> bool:
    pairs = {
        "state": right.state,
        "may_use_mark": right.state == "active",
        "from": right.from_,
        "to": right.to,
        "confirm_by": right.confirm_by,
        "granted": right.granted,
        "unit": right.unit,
    }
    missing = [name for name in pairs if name not in stated]
    if missing:
        raise Malformed(missing[0])
    return all(stated[name] == value for name, value in pairs.items())
