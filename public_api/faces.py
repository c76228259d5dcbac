"""All public addresses, in one place."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter

from public_api.credit import views as credit
from public_api.log import views as log
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


def install(app: Flask, node: Node, counter: ScanCounter) -> None:
    """Register every public blueprint."""
    app.url_map.converters["ai"] = PrimaryKey
    app.extensions["ecotrace.scan"] = scan.install(node, counter)
    for blueprint in (scan.blueprint, log.blueprint, credit.blueprint):
        app.register_blueprint(blueprint)
