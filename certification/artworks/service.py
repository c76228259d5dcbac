"""Registering the artwork of a scheme, and finding the one that counts.

The file is on the disk before the transaction that names it commits. One that no transaction named
in the end is left behind: it is nobody's artwork, and is found again under the same name when the
office tries once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.artworks.entries import ARTWORK
from certification.artworks.model import Artwork, Picture, read_picture
from certification.artworks.tables import ArtworkRow
from certification.refusals import CertificationRefusal
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.keys.service import operator_party, signer_for
from identity.roles import Role, require_role
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime import base64url
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json


@dataclass(frozen=True)
class RegisterArtwork:
    """A PNG file that is the artwork of a scheme from now on."""

    scheme: str
    png: bytes = field(repr=False)


def register_artwork(
    files: FileStore, work: Work, command: RegisterArtwork, actor: Actor, now: datetime
) -> Artwork:
    """Keep the file and register it as the newest artwork of the scheme.

    The runner is handed `partial(register_artwork, files)`. Raises Refusal: NOT_ALLOWED for
    whoever is no brand office, SCHEME_UNKNOWN, ARTWORK_NOT_STORED, and those of `read_picture`.
    """
    require_role(actor, Role.BRAND_OFFICER)
    scheme = scheme_of(command.scheme)
    picture = read_picture(command.png)
    office = actor.party or operator_party(work)
    id = new_id("art", work.randomness)
    _keep(files, command.png)
    draft = _draft(id, scheme.code, picture, office, now)
    payload_id = record(work, draft, signer_for(work, office), now).payload_id
    made = Artwork(id, scheme.code, picture, office, now, payload_id)
    work.add(_row(made))
    work.flush()
    return made


def newest_artwork(session: Session, scheme: str) -> Artwork | None:
    """The artwork of a scheme that counts, None where no office registered one."""
    found = artworks_of(session, scheme, limit=1)
    return found[0] if found else None


def require_artwork(session: Session, scheme: str) -> Artwork:
    """As `newest_artwork`. Raises Refusal: SCHEME_UNKNOWN, ARTWORK_UNKNOWN."""
    found = newest_artwork(session, scheme_of(scheme).code)
    if found is None:
        refuse(CertificationRefusal.ARTWORK_UNKNOWN)
    return found


def find_artwork(session: Session, id: str) -> Artwork:
    """The artwork of an id, whether or not it still counts. Raises Refusal ARTWORK_UNKNOWN."""
    row = session.get(ArtworkRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.ARTWORK_UNKNOWN)
    return _artwork(row)


def artworks_of(session: Session, scheme: str, limit: int = 50) -> Sequence[Artwork]:
    """The artworks of a scheme, the newest first."""
    order = (ArtworkRow.registered_at.desc(), ArtworkRow.id.desc())
    query = select(ArtworkRow).filter_by(scheme=scheme).order_by(*order).limit(limit)
    return [_artwork(row) for row in session.scalars(query)]


def artwork_file(files: FileStore, digest: str) -> bytes:
    """The picture of this digest (hexadecimal). Raises Refusal ARTWORK_LOST, FILES_UNAVAILABLE."""
    try:
        return files.get(digest)
    except (FileMissing, FileDamaged, ValueError):
        refuse(CertificationRefusal.ARTWORK_LOST)
    except OSError as error:
        raise Refusal(Reason(CertificationRefusal.FILES_UNAVAILABLE)) from error


def _keep(files: FileStore, content: bytes) -> None:
    try:
        files.put(content)
    except OSError as error:
        raise Refusal(Reason(CertificationRefusal.ARTWORK_NOT_STORED)) from error


def _draft(id: str, scheme: str, picture: Picture, office: str, now: datetime) -> Draft:
    digest = base64url.encode(bytes.fromhex(picture.digest))
    committed: dict[str, Json] = {
        "office": office,
        "size_bytes": picture.size_bytes,
        "width": picture.width,
        "height": picture.height,
    }
    return Draft(
        type=ARTWORK,
        streams=(id,),
        effective_at=now,
        facts={"scheme": scheme, "artwork": digest},
        secrets=(Secret("record", committed, office),),
    )


def _row(made: Artwork) -> ArtworkRow:
    return ArtworkRow(
        id=made.id,
        scheme=made.scheme,
        digest=made.picture.digest,
        size_bytes=made.picture.size_bytes,
        width=made.picture.width,
        height=made.picture.height,
        office=made.office,
        registered_at=made.registered_at,
        payload_id=made.payload_id,
    )


def _artwork(row: ArtworkRow) -> Artwork:
    picture = Picture(row.digest, row.size_bytes, row.width, row.height)
    return Artwork(row.id, row.scheme, picture, row.office, row.registered_at, row.payload_id)
