"""Keeping and opening what the log commits to.

Whatever is read back is held against its commitment before anybody sees it: `OpeningBroken`
means that a stored opening was altered, never that it was erased. An erased opening (row or
subject's key gone) is simply absent from the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ledger.entries.model import parse_entry, parse_payload
from ledger.entries.tables import EntryRow, OutboxRow
from ledger.errors import NotInLog, OpeningBroken
from ledger.openings.model import (
    Opened,
    Opening,
    by_subject,
    checked,
    document_context,
    opening_context,
    plaintext,
)
from ledger.openings.tables import DocumentRow, OpeningRow, SealedFileRow
from ledger.portions import spans
from ledger.statements import statements_for
from ledger.work import Work
from runtime import base64url
from runtime.sealing import NONCE_BYTES, SALT_BYTES, SealBroken, record_key, seal, unseal
from runtime.vault import Vault

_PORTION = 500


def keep_openings(work: Work, payload_id: bytes, openings: Iterable[Opening]) -> None:
    """Seal the openings of an entry, one row per subject, in this transaction.

    Each subject's key is committed in the key database before this returns.
    """
    record = base64url.encode(payload_id)
    rows = []
    for subject, own in by_subject(openings).items():
        context = opening_context(payload_id, subject)
        sealed = _sealed(work, subject, record, plaintext(own), context)
        rows.append((payload_id, subject, *sealed.values()))
    if rows:
        # Several for each event that is captured: the ORM would cost more than the seal.
        connection = work.connection()
        connection.exec_driver_sql(statements_for(connection).add_opening, rows)


def open_entry(session: Session, vault: Vault, payload_id: str) -> dict[str, Opened]:
    """The openings of an entry by field, each checked against its commitment.

    Raises `NotInLog` for an entry that is neither in the log nor in the outbox, and
    `OpeningBroken`.
    """
    return open_entries(session, vault, [payload_id])[payload_id]


def open_entries(
    session: Session, vault: Vault, payload_ids: Sequence[str]
) -> dict[str, dict[str, Opened]]:
    """`open_entry` for many, with four SELECTs for each 500 of them."""
    opened: dict[str, dict[str, Opened]] = {}
    for low, high in spans(len(payload_ids), _PORTION):
        names = [base64url.decode(each) for each in payload_ids[low:high]]
        commits = _commitments(session, names)
        for name in names:
            if name not in commits:
                raise NotInLog(f"no entry {base64url.encode(name)}")
            opened[base64url.encode(name)] = {}
        query = select(OpeningRow).where(OpeningRow.payload_id.in_(names))
        rows = list(session.scalars(query))
        keys = vault.find_keys({row.subject for row in rows})
        for row in rows:
            fields = _open_row(row, keys.get(row.subject), commits[row.payload_id])
            opened[base64url.encode(row.payload_id)].update(fields)
    return opened


def _commitments(session: Session, names: Sequence[bytes]) -> dict[bytes, Mapping[str, bytes]]:
    """The commitments of entries, with or without a place in the log."""
    commits: dict[bytes, Mapping[str, bytes]] = {}
    # The log is asked twice, because between the first two questions a leader may have given an
    # entry its place.
    for source in (_placed, _waiting, _placed):
        missing = [name for name in names if name not in commits]
        if not missing:
            break
        commits |= source(session, missing)
    return commits


def _placed(session: Session, names: Sequence[bytes]) -> dict[bytes, Mapping[str, bytes]]:
    query = select(EntryRow.payload_id, EntryRow.content).where(EntryRow.payload_id.in_(names))
    return {name: parse_entry(entry).payload.commit for name, entry in session.execute(query)}


def _waiting(session: Session, names: Sequence[bytes]) -> dict[bytes, Mapping[str, bytes]]:
    query = select(OutboxRow.payload_id, OutboxRow.payload).where(OutboxRow.payload_id.in_(names))
    return {name: parse_payload(each).commit for name, each in session.execute(query)}


def _open_row(
    row: OpeningRow, subject_key: bytes | None, commit: Mapping[str, bytes]
) -> dict[str, Opened]:
    name = base64url.encode(row.payload_id)
    context = opening_context(row.payload_id, row.subject)
    plain = _unsealed(row, subject_key, name, context)
    return {} if plain is None else checked(plain, commit)


def subjects_in_use(session: Session, subjects: Iterable[str]) -> set[str]:
    """Those of `subjects` that still have openings, documents or files; for `Vault.sweep`."""
    asked = list(subjects)
    used: set[str] = set()
    for low, high in spans(len(asked), _PORTION):
        for table in (OpeningRow, DocumentRow, SealedFileRow):
            query = select(table.subject).where(table.subject.in_(asked[low:high])).distinct()
            used.update(session.scalars(query))
    return used


# --- Documents of partners ---------------------------------------------------------------------


def keep_document(work: Work, document: bytes, subject: str) -> str:
    """Seal a document as it was received; gives the SHA-256 of its bytes in hex.

    The same document of the same subject is kept once.
    """
    digest = sha256(document).hexdigest()
    if _readable(work, digest, subject):
        return digest
    mine = (DocumentRow.sha256 == digest, DocumentRow.subject == subject)
    # A row that is there and does not open was left by a destroyed key: it can only be replaced.
    work.execute(delete(DocumentRow).where(*mine))
    context = document_context(digest, subject)
    sealed = _sealed(work, subject, f"document:{digest}", document, context)
    work.execute(insert(DocumentRow), [{"sha256": digest, "subject": subject, **sealed}])
    return digest


def read_document(session: Session, vault: Vault, digest: str, subject: str) -> bytes | None:
    """A kept document, or None where it was erased or never kept; raises `OpeningBroken`."""
    row = session.get(DocumentRow, (digest, subject))
    if row is None:
        return None
    key, context = vault.find_key(subject), document_context(digest, subject)
    document = _unsealed(row, key, f"document:{digest}", context)
    if document is not None and sha256(document).hexdigest() != digest:
        raise OpeningBroken(f"document {digest} holds other bytes")
    return document


def _readable(work: Work, digest: str, subject: str) -> bool:
    try:
        return read_document(work, work.vault, digest, subject) is not None
    except OpeningBroken:
        return False


def _sealed(
    work: Work, subject: str, record: str, plain: bytes, context: bytes
) -> dict[str, bytes]:
    salt = work.randomness.token(SALT_BYTES)
    nonce = work.randomness.token(NONCE_BYTES)
    key = record_key(work.subject_key(subject), salt, record)
    return {"record_salt": salt, "nonce": nonce, "ciphertext": seal(key, nonce, plain, context)}


def _unsealed(
    row: OpeningRow | DocumentRow, subject_key: bytes | None, record: str, context: bytes
) -> bytes | None:
    """The plain bytes, or None once the subject's key is gone."""
    if subject_key is None:
        return None
    key = record_key(subject_key, row.record_salt, record)
    try:
        return unseal(key, row.nonce, row.ciphertext, context)
    except SealBroken as error:
        raise OpeningBroken(f"the seal of {record} does not open") from error
