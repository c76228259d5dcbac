"""Files of a subject in the file store: sealed, so that they end with the subject's key.

A file store is backed up for ever and may lie with others. So what is personal goes there sealed
under a key of this (subject, file) alone; salt and nonce stay in the business database, in a row
that may be deleted. Destroying the subject's key, or deleting the row, ends the file everywhere;
what is left in the store says nothing, not even to whoever knows the file, since each sealing
gives other bytes.

The order of work keeps everything slow out of the business transaction:

 1. `seal_file`, at the edge: seal, and put the sealed bytes into the store
 2. `keep_file`, in the transaction: insert the row that opens them
 3. `read_file`: unseal, and hold the bytes against their SHA-256

What a refused transaction leaves behind in the store is opened by no row: it is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.errors import OpeningBroken
from ledger.openings.model import file_context
from ledger.openings.tables import SealedFileRow
from ledger.work import Work
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.randomness import Randomness
from runtime.sealing import NONCE_BYTES, SALT_BYTES, SealBroken, record_key, seal, unseal
from runtime.vault import Vault


@dataclass(frozen=True)
class SealedFile:
    """A sealed file that is in the store: its own hash, whose it is, and what opens it.

    `replaces` is the sealed file that a row named so far and that opens no more.
    """

    sha256: str
    subject: str
    sealed_sha256: str
    record_salt: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    replaces: str | None = None


def seal_file(
    session: Session,
    vault: Vault,
    randomness: Randomness,
    files: FileStore,
    content: bytes,
    subject: str,
) -> SealedFile:
    """Seal a file for a subject and put it into the store, before any transaction begins.

    A file of the subject that is there and opens is not stored again. Raises `OSError` where the
    store does not take it.
    """
    digest = sha256(content).hexdigest()
    row = session.get(SealedFileRow, (digest, subject))
    if row is not None and _opens(session, vault, files, row):
        return SealedFile(digest, subject, row.sealed_sha256, row.record_salt, row.nonce)
    salt, nonce = randomness.token(SALT_BYTES), randomness.token(NONCE_BYTES)
    key = record_key(vault.subject_key(subject), salt, _record(digest))
    name = files.put(seal(key, nonce, content, file_context(digest, subject)))
    return SealedFile(digest, subject, name, salt, nonce, row.sealed_sha256 if row else None)


def keep_file(work: Work, file: SealedFile) -> str:
    """Insert the row that opens a sealed file, in this transaction; gives the file's SHA-256.

    A row that was there meanwhile stays, unless it is the one that was found not to open.
    """
    mine = (SealedFileRow.sha256 == file.sha256, SealedFileRow.subject == file.subject)
    if file.replaces is not None:
        stale = SealedFileRow.sealed_sha256 == file.replaces
        work.execute(delete(SealedFileRow).where(*mine, stale))
    insert = sqlite.insert if work.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {
        "sha256": file.sha256,
        "subject": file.subject,
        "record_salt": file.record_salt,
        "nonce": file.nonce,
        "sealed_sha256": file.sealed_sha256,
    }
    # Of two that bring the same file at once, the second waits here and finds the row of the first.
    work.execute(insert(SealedFileRow).values(row).on_conflict_do_nothing())
    return file.sha256


def read_file(
    session: Session, vault: Vault, files: FileStore, digest: str, subject: str
) -> bytes | None:
    """A kept file, or None where it was erased or never kept.

    Raises `OpeningBroken` for one that does not open, `FileMissing` and `FileDamaged` for one that
    the store lost, `OSError` where the store does not answer.
    """
    row = session.get(SealedFileRow, (digest, subject))
    subject_key = None if row is None else vault.find_key(subject)
    if row is None or subject_key is None:
        return None
    key = record_key(subject_key, row.record_salt, _record(digest))
    sealed = files.get(row.sealed_sha256)
    try:
        content = unseal(key, row.nonce, sealed, file_context(digest, subject))
    except SealBroken as error:
        raise OpeningBroken(f"the seal of file {digest} does not open") from error
    if sha256(content).hexdigest() != digest:
        raise OpeningBroken(f"file {digest} holds other bytes")
    return content


def _opens(session: Session, vault: Vault, files: FileStore, row: SealedFileRow) -> bool:
    try:
        return read_file(session, vault, files, row.sha256, row.subject) is not None
    except (OpeningBroken, FileMissing, FileDamaged):
        return False


def _record(digest: str) -> str:
    return f"file:{digest}"
