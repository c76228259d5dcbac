"""Taking a photo in, at the edge: before the transaction begins, as evidence is taken in.

    prepared = prepare_photo(session, vault, randomness, files, id, upload, actor, now)
    unit.run(partial(keep_photo, prepared.file), prepared.command, actor=actor)

Whoever may not bring a photo fills no store: every rule of `keep_photo` is applied first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from certification.evidence.intake import Upload, look_into
from certification.inspections.exif import read_exif
from certification.inspections.reading import read_inspection
from certification.inspections.service import KeepPhoto, PhotoFacts, check_photo
from certification.refusals import CertificationRefusal
from identity.actor import Actor
from ledger.openings.sealed_files import SealedFile, seal_file
from runtime.files import FileStore
from runtime.media import JPEG, PNG, Media
from runtime.randomness import Randomness
from runtime.refusal import Reason, Refusal, refuse
from runtime.vault import Vault


@dataclass(frozen=True)
class PreparedPhoto:
    """What the runner needs: the complete command, and the sealed file it names."""

    command: KeepPhoto
    file: SealedFile


def prepare_photo(
    session: Session,
    vault: Vault,
    randomness: Randomness,
    files: FileStore,
    inspection: str,
    upload: Upload,
    actor: Actor,
    now: datetime,
) -> PreparedPhoto:
    """Look into a photo, seal it for the holder and store it.

    Raises Refusal: those of `evidence.intake.look_into` and of `keep_photo`, PHOTO_NOT_PICTURE,
    FILES_UNAVAILABLE.
    """
    found, _ = look_into(upload)
    if found.type not in (PNG, JPEG):
        refuse(CertificationRefusal.PHOTO_NOT_PICTURE, "/file")
    command = KeepPhoto(inspection, _facts(upload.content, found))
    check_photo(session, command, actor, now)
    holder = read_inspection(session, inspection).holder
    try:
        sealed = seal_file(session, vault, randomness, files, upload.content, holder)
    except OSError as error:
        raise Refusal(Reason(CertificationRefusal.FILES_UNAVAILABLE, "/file")) from error
    return PreparedPhoto(command, sealed)


def _facts(content: bytes, found: Media) -> PhotoFacts:
    assert found.width is not None
    assert found.height is not None
    exif = read_exif(content)
    return PhotoFacts(found.digest, found.type, found.size_bytes, found.width, found.height, exif)
