"""The artwork of marks: the picture is the body of the request, the answer says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from certification.artworks.model import Artwork
from certification.artworks.service import RegisterArtwork, register_artwork, require_artwork
from identity.actor import Actor
from identity.roles import Scope
from public_api.api.operation import Noun, Of, run
from web.node import current_node

artworks = Noun(
    "artworks",
    __name__,
    url_prefix="/api/v1/artworks",
    description="Artwork of marks (标志图样), by scheme",
)


@dataclass(frozen=True)
class ArtworkRead:
    """The artwork of a scheme: SHA-256 (hexadecimal), bytes, sides in pixels, office, entry."""

    id: str
    scheme: str
    sha256: str
    size_bytes: int
    width: int
    height: int
    office: str
    registered_at: datetime
    payload_id: str


@artworks.operation("POST", "/<code:scheme>", Scope.CERTIFY, ArtworkRead, sent=("image/png",))
def create_artwork(actor: Actor, png: bytes, scheme: str) -> Of:
    """Register the artwork of a mark; labels printed from now on bear it."""
    use_case = partial(register_artwork, current_node().files)
    made = run(use_case, RegisterArtwork(scheme, png), actor)
    return Of(_read(made), f"/artworks/{made.scheme}")


@artworks.operation("GET", "/<code:scheme>", Scope.QUERY, ArtworkRead)
def get_artwork(actor: Actor, scheme: str) -> Any:
    """Give the artwork of a mark that counts."""
    with current_node().database.read() as session:
        return _read(require_artwork(session, scheme))


def _read(made: Artwork) -> ArtworkRead:
    picture = made.picture
    return ArtworkRead(
        id=made.id,
        scheme=made.scheme,
        sha256=picture.digest,
        size_bytes=picture.size_bytes,
        width=picture.width,
        height=picture.height,
        office=made.office,
        registered_at=made.registered_at,
        payload_id=made.payload_id,
    )
