"""The openings that are still held, each against its commitment.

An opening is a salt and a value; the openings of one entry that belong to one subject are sealed
together as the canonical JSON `{field: [salt, value]}`. How the seal is opened is the caller's
business, as are its keys:

    def open_value(row: SealedOpening) -> bytes | None

gives the plain bytes, None where the subject's key was destroyed, and raises `SealBroken` where the
key is there and the seal does not open. An opening that was deleted, or whose key was destroyed, is
an erasure and no difference; a commitment without an opening is nothing to be said about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from ledger.checker.canonical import jcs, parse
from ledger.checker.encodings import from_base64url, to_base64url
from ledger.checker.entry import read_entry, read_payload
from ledger.checker.report import CheckFault, Difference, Fault, Findings
from ledger.checker.rows import is_bytes, key_text, rows

COMMIT_PREFIX: Final = b"ecotrace/commit/v1\x00"
_OPENINGS = (
    "SELECT o.payload_id, o.subject, o.record_salt, o.nonce, o.ciphertext,"
    ' e."index", e.bytes, w.payload FROM openings AS o'
    " LEFT JOIN entries AS e ON e.payload_id = o.payload_id"
    " LEFT JOIN outbox AS w ON w.payload_id = o.payload_id"
)


class SealBroken(Exception):
    """The key is there and the seal does not open: somebody altered the row."""


class SealedOpening(NamedTuple):
    """A row of `openings`, as stored."""

    payload_id: bytes
    subject: str
    record_salt: bytes
    nonce: bytes
    ciphertext: bytes


OpenValue = Callable[[SealedOpening], bytes | None]


@dataclass(frozen=True)
class OpeningsReport:
    """How many commitments were `opened` and match, how many rows are `erased`, what is wrong."""

    opened: int
    erased: int
    differences: tuple[Difference, ...]
    count: int

    @property
    def good(self) -> bool:
        """Whether nothing at all was wrong."""
        return self.count == 0


def check_openings(connection: Connection, open_value: OpenValue) -> OpeningsReport:
    """Open every row of `openings` and hold each value against its commitment."""
    findings = Findings()
    opened = erased = 0
    for *sealed, index, entry, waiting in rows(connection, _OPENINGS):
        row = SealedOpening(*sealed)
        try:
            matched = _matched(row, _commitments(entry, waiting), open_value)
        except _RowFault as wrong:
            name = key_text(payload_id=row.payload_id, subject=row.subject)
            difference = replace(wrong.fault.difference, table="openings", row=name)
            findings.add(replace(difference, entry=index, column=wrong.column))
            continue
        opened += matched or 0
        erased += matched is None
    return OpeningsReport(opened, erased, tuple(findings.listed), findings.count)


class _RowFault(Exception):
    """A fault, and the column that it is in."""

    def __init__(self, column: str, fault: CheckFault) -> None:
        self.column = column
        self.fault = fault
        super().__init__(column)


def _commitments(entry: object, waiting: object) -> dict[str, str]:
    """What the entry, or the payload in the outbox, commits to; `_RowFault` where there is none."""
    try:
        if isinstance(entry, bytes):
            payload = read_entry(entry)[0]["payload"]
        elif isinstance(waiting, bytes):
            payload = read_payload(waiting)
        else:
            raise CheckFault(Fault.UNCOMMITTED)
    except CheckFault as fault:
        raise _RowFault("payload_id", fault) from fault
    commit: dict[str, str] = payload["commit"]
    return commit


def _matched(row: SealedOpening, commit: dict[str, str], open_value: OpenValue) -> int | None:
    """How many commitments the row opens; None where its key is gone."""
    if not all(map(is_bytes, (row.record_salt, row.nonce, row.ciphertext))):
        raise _RowFault("ciphertext", CheckFault(Fault.SEAL))
    try:
        plain = open_value(row)
    except SealBroken as error:
        raise _RowFault("ciphertext", CheckFault(Fault.SEAL)) from error
    if plain is None:
        return None
    try:
        openings = parse(plain, fractions=True)
        if not isinstance(openings, dict):
            raise CheckFault(Fault.OPENING)
        for field, opening in openings.items():
            _check_opening(field, opening, commit)
    except CheckFault as fault:
        raise _RowFault("ciphertext", fault) from fault
    return len(openings)


def _check_opening(field: str, opening: Any, commit: dict[str, str]) -> None:
    """SHA-256 of prefix, salt and the canonical `[field, value]` is the commitment."""
    if field not in commit:
        raise CheckFault(Fault.UNCOMMITTED, found=field)
    if not isinstance(opening, list) or len(opening) != 2 or not isinstance(opening[0], str):
        raise CheckFault(Fault.OPENING, found=field)
    try:
        salt = from_base64url(opening[0])
    except ValueError as error:
        raise CheckFault(Fault.OPENING, found=field) from error
    digest = sha256(COMMIT_PREFIX + salt + jcs([field, opening[1]])).digest()
    if len(salt) != 32 or to_base64url(digest) != commit[field]:
        raise CheckFault(Fault.OPENING, None, commit[field], to_base64url(digest))
