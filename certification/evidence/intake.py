"""Taking a file in, at the edge: before the transaction begins, and outside the writer's thread.

Looking into a file and storing it takes as long as the file and the store make it take. So the face
that receives a file calls `prepare` first, and hands what it gives to the runner:

    prepared = prepare(session, node.vault, node.randomness, node.files, order, upload, actor, now)
    unit.run(partial(keep_evidence, prepared.file), prepared.command, actor=actor)

`prepare` applies every rule of `keep_evidence` before it stores anything, so that whoever may not
keep evidence fills no store. The command holds only what the content itself says, and is the same
each time the same file is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from certification.evidence.service import FileFacts, KeepEvidence, check_keeping
from certification.refusals import CertificationRefusal
from identity.actor import Actor
from ledger.openings.sealed_files import SealedFile, seal_file
from runtime import media
from runtime.file_names import cleaned
from runtime.files import FileStore
from runtime.media import Media, MediaError
from runtime.randomness import Randomness
from runtime.refusal import Reason, Refusal
from runtime.vault import Vault

_CODES: Mapping[media.MediaFault, CertificationRefusal] = {
    "empty": CertificationRefusal.FILE_EMPTY,
    "too_large": CertificationRefusal.FILE_TOO_LARGE,
    "unknown": CertificationRefusal.FILE_TYPE_UNKNOWN,
    "misnamed": CertificationRefusal.FILE_MISNAMED,
    "broken": CertificationRefusal.FILE_BROKEN,
    "encrypted": CertificationRefusal.FILE_ENCRYPTED,
    "active": CertificationRefusal.FILE_ACTIVE,
    "too_many": CertificationRefusal.FILE_TOO_COMPLEX,
}
_NUMBERS = {"most_mib": media.BYTES_MAX >> 20}


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: what its owner calls it, and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Prepared:
    """What the runner needs: the complete command, and the sealed file it names."""

    command: KeepEvidence
    file: SealedFile


def look_into(upload: Upload) -> tuple[Media, str]:
    """Say what a file is, and its name as it may be shown.

    Raises Refusal at `/file`: FILE_EMPTY, FILE_TOO_LARGE, FILE_TYPE_UNKNOWN, FILE_MISNAMED,
    FILE_BROKEN, FILE_ENCRYPTED, FILE_ACTIVE, FILE_TOO_COMPLEX.
    """
    try:
        found = media.examine(upload.content, upload.name)
    except MediaError as error:
        raise Refusal(Reason(_CODES[error.fault], "/file", _NUMBERS)) from error
    return found, cleaned(upload.name, media.ENDINGS[found.type][0])


def prepare(
    session: Session,
    vault: Vault,
    randomness: Randomness,
    files: FileStore,
    order: KeepEvidence,
    upload: Upload,
    actor: Actor,
    now: datetime,
) -> Prepared:
    """Look into a file, seal it for the holder and store it; `order` is the command without it.

    Raises Refusal: those of `look_into` and of `keep_evidence`, FILES_UNAVAILABLE.
    """
    found, name = look_into(upload)
    facts = FileFacts(name, found.type, found.digest, found.size_bytes)
    command = replace(order, file=facts)
    check_keeping(session, command, actor, now)
    try:
        sealed = seal_file(session, vault, randomness, files, upload.content, order.holder)
    except OSError as error:
        raise Refusal(Reason(CertificationRefusal.FILES_UNAVAILABLE, "/file")) from error
    return Prepared(command, sealed)
