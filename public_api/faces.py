"""All public addresses, in one place."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, PathConverter

from public_api.api import description
from public_api.credit import views as credit
from public_api.documents import views as documents
from public_api.epcis import views as epcis
from public_api.home import views as home
from public_api.log import views as log
from public_api.open_data import views as open_data
from public_api.registry import certification_views as certification
from public_api.registry import status_views as status
from public_api.registry import views as registry
from public_api.scan import views as scan
from trace.digital_link.identifiers import IDENTIFIERS, PRODUCT
from trace.scans.service import ScanCounter
from web.node import Node


class PrimaryKey(BaseConverter):
    """The first part of a Digital Link: a primary key of our table, or `p`."""

    regex = "|".join([PRODUCT, *(ai for ai, row in IDENTIFIERS.items() if row.is_key)])

    def __init__(self, url_map: Any, *args: Any) -> None:
        """Take the converter's arguments, of which there are none."""
        super().__init__(url_map, *args)


class Rest(PathConverter):
    """What follows the key. A line end belongs to it, so that the address is refused as malformed
    and not taken for one that we do not have.
    """

    regex = "(?s:[^/].*?)"


BLUEPRINTS = (
    scan.blueprint,
    log.blueprint,
    credit.blueprint,
    home.blueprint,
    registry.blueprint,
    certification.blueprint,
    status.blueprint,
    open_data.blueprint,
    epcis.blueprint,
    documents.blueprint,
)


def install(app: Flask, node: Node, counter: ScanCounter) -> None:
    """Register every public blueprint and the interface for machines."""
    app.url_map.converters["ai"] = PrimaryKey
    app.url_map.converters["rest"] = Rest
    app.extensions["ecotrace.scan"] = scan.install(node, counter)
    description.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
