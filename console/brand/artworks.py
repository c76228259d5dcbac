"""Brand office: the artwork of each mark, who registered it and when, and registering a new one."""

from __future__ import annotations

from functools import partial

from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from certification.artworks.model import BYTES_MAX, SIDES
from certification.artworks.service import (
    RegisterArtwork,
    artwork_file,
    artworks_of,
    find_artwork,
    newest_artwork,
    register_artwork,
)
from certification.refusals import CertificationRefusal
from certification.schemes.service import schemes
from console.doors import desk
from console.reading import name_of_party, receipt
from console.sheet import Form, Sheet, Upload
from identity.roles import Role
from runtime.refusal import refuse
from web.node import current_node

blueprint = desk("artworks", __name__, Role.BRAND_OFFICER, prefix="/brand/artworks")


class ArtworkForm(Form):
    """The picture, as a file."""

    artwork = Upload()


@blueprint.get("/")
def index() -> str:
    """List the marks, each with the artwork that counts."""
    with current_node().database.read() as session:
        newest = [(each, newest_artwork(session, code)) for code, each in schemes().items()]
    return render_template("console/brand/artworks.html", newest=newest)


@blueprint.route("/<scheme>", methods=["GET", "POST"])
def show(scheme: str) -> BaseResponse:
    """Show the artworks of a mark, the newest first; register a new one."""
    if scheme not in schemes():
        refuse(CertificationRefusal.ARTWORK_UNKNOWN)
    node, sheet = current_node(), Sheet.of(ArtworkForm)
    if sheet.sent:
        with sheet.attempt():
            command = RegisterArtwork(scheme, sheet.read()["artwork"])
            sheet.run(partial(register_artwork, node.files), command)
            return redirect(url_for(".show", scheme=scheme), 303)
    with node.database.read() as session:
        found = [
            (each, name_of_party(session, each.office), receipt(session, each.payload_id))
            for each in artworks_of(session, scheme)
        ]
    bounds = {"kib": BYTES_MAX >> 10, "least": SIDES[0], "most": SIDES[1]}
    return sheet.page(
        "console/brand/artwork.html", scheme=schemes()[scheme], found=found, bounds=bounds
    )


@blueprint.get("/pictures/<artwork>")
def picture(artwork: str) -> Response:
    """Give a registered picture, byte for byte."""
    node = current_node()
    with node.database.read() as session:
        found = find_artwork(session, artwork)
    response = make_response(artwork_file(node.files, found.picture.digest))
    response.mimetype = "image/png"
    return response
