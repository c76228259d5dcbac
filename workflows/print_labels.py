"""Printing labels: what a certificate leaves meets what a lot holds.

The steps, in one transaction and in the global order of locks (certificate, lot):
 1. certification names the certificate that bounds this product's labels and locks its quantity,
    and the artwork of its mark
 2. trace decides: the count, the address, the mark, the certificate's quantity, the lot's
 3. certification books what was printed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from certification.artworks.service import newest_artwork
from certification.uses.model import Allowance
from certification.uses.service import bounding_certificate, make_void, take
from identity.actor import Actor
from ledger.work import Work
from trace.labels.lookup import require_run
from trace.labels.model import (
    CertificateLimit,
    Limit,
    MarkRight,
    PrintAllowance,
    Span,
    VoidReason,
    units_of,
)
from trace.labels.service import (
    LabelsChanged,
    PrintRun,
    RunPrinted,
    VoidLabels,
    certificate_units,
    print_run,
    void_labels,
)
from trace.products.service import require_product


@dataclass(frozen=True)
class PrintLabels:
    """`count` labels of a product for a lot, or for a lot that is named later (None).

    `certificate` is the number of the certificate that bounds them, None for the product's own;
    `base_url` and `demo` are the node's settings, fixed in the run.
    """

    owner: str
    product: str
    count: int
    base_url: str
    demo: bool
    lot: str | None = None
    certificate: str | None = None
    with_mark: bool = False


def print_labels(work: Work, command: PrintLabels, actor: Actor, now: datetime) -> RunPrinted:
    """Print labels within what certificate and lot leave.

    Raises Refusal: those of `trace.labels.service.print_run`, of `certification.uses`, and
    CERTIFICATE_AMBIGUOUS where several certificates bound the product and none is named.
    """
    product = require_product(work, command.product, "/product")
    certificate = bounding_certificate(work, product.id, command.owner, now, command.certificate)
    run = print_run(work, _ordered(work, command, certificate), actor, now)
    if certificate is not None and certificate.unit is not None:
        units = units_of(certificate.unit, run.count, product.net_mg)
        take(work, certificate.cert_id, units or 0, now)
    return run


def _ordered(work: Work, command: PrintLabels, certificate: Allowance | None) -> PrintRun:
    allowance = PrintAllowance(
        base_url=command.base_url,
        demo=command.demo,
        mark=_mark_right(work, certificate),
        certificate=_limit(certificate),
    )
    return PrintRun(
        owner=command.owner,
        product=command.product,
        count=command.count,
        allowance=allowance,
        lot=command.lot,
        with_mark=command.with_mark,
    )


def _mark_right(work: Work, certificate: Allowance | None) -> MarkRight | None:
    if certificate is None:
        return None
    artwork = newest_artwork(work, certificate.scheme)
    return MarkRight(certificate.cert_id, artwork.picture.digest if artwork else None)


def _limit(certificate: Allowance | None) -> CertificateLimit | None:
    if certificate is None or certificate.unit is None:
        return None
    limit = Limit(
        certificate.unit, certificate.granted or 0, certificate.printed, certificate.left or 0
    )
    return CertificateLimit(certificate.cert_id, certificate.number, limit)


@dataclass(frozen=True)
class GiveUpLabels:
    """Labels of a run, from one position to another, that are void, and why."""

    owner: str
    run: str
    first: int
    last: int
    reason: str


def give_up_labels(work: Work, command: GiveUpLabels, actor: Actor, now: datetime) -> LabelsChanged:
    """Void labels; what never was on goods goes back to the certificate that bounded it.

    Raises Refusal: those of `trace.labels.service.void_labels`.
    """
    run = require_run(work, command.run)
    reason = next((each for each in VoidReason if each == command.reason), VoidReason.LOST)
    units = certificate_units(run, Span(command.first, command.last), reason)
    left = None
    if units > 0 and run.cert_id is not None:
        left = make_void(work, run.cert_id, units, now).left
    order = VoidLabels(
        command.owner, command.run, command.first, command.last, command.reason, left
    )
    return void_labels(work, order, actor, now)
