"""A new lot shows the certificates that its product carries, and follows what becomes of them."""

from __future__ import annotations

from datetime import datetime

from certification.certificates.register import of_product
from identity.actor import Actor
from ledger.work import Work
from trace.lots import service
from trace.lots.service import LotOpened, OpenLot
from trace.products.service import require_product
from trace.scans.service import join_group


def open_lot(work: Work, command: OpenLot, actor: Actor, now: datetime) -> LotOpened:
    """Open a lot. Raises Refusal: those of `trace.lots.service.open_lot`."""
    opened = service.open_lot(work, command, actor, now)
    product = require_product(work, command.product, "/product")
    for certificate in of_product(work, product.id, now, now):
        join_group(work, opened.id, certificate.cert_id)
    return opened
