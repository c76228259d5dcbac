"""An application on its way: what the registers of products and bases say, and what a grant turns.

Certification knows nothing of products and bases. When something is submitted or granted, this
workflow reads what the application names (whose it is, its category, its place, what it is expected
to yield) and hands that over as plain facts. When a certificate comes of it, or a change of one,
the scan pages of the lots concerned show it from this commit on.

The order, in one transaction:
 1. certification locks the case, so that its answers stand still
 2. trace is read: the `Ground` of the application
 3. certification decides (`certification.cases.service.act`)
 4. lots of the certified products join the certificate's scan group, the group turns, and the
    public register finds the certificate
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.appeals.model import ActOnAppeal, AppealResult
from certification.appeals.service import act_on_appeal
from certification.cases import service
from certification.cases.forms import BASES, PRODUCTS, named
from certification.cases.model import Act, Answers, CaseResult, Granted, Offer
from certification.cases.register import Opened, answers_of, offers, read_case
from certification.certificates.commands import AnnulChange
from certification.certificates.register import find
from certification.consequences.service import consequences_of, steps_of
from certification.process.standing import Amount, Event, Ground
from certification.schemes.model import Region, Scheme
from identity.actor import Actor
from identity.parties.service import parties_under
from ledger.work import Work
from runtime.id_list import id_list
from runtime.quantities import parse
from runtime.vault import Vault
from trace.bases.tables import ProductionBase
from trace.lots.service import lots_of_product
from trace.products.tables import Product
from trace.scans.service import bump_group, join_group
from workflows.change_certificate import annul_change
from workflows.index_certificates import index_certificate

_ON_GROUND = frozenset({Event.SUBMIT.value, Event.GRANT.value})
_UNITS: Mapping[str, str] = {"mass": "mg", "pieces": "piece"}


def advance_case(work: Work, command: Act, actor: Actor, now: datetime) -> CaseResult:
    """Do something about a case. Raises Refusal: those of `certification.cases.service.act`."""
    service.lock(work, command.case_id)
    ground = Ground()
    if command.event in _ON_GROUND:
        opened = read_case(work, command.case_id)
        ground = ground_of(work, opened, answers_of(work, work.vault, opened))
    result = service.act(work, command, actor, now, ground)
    if result.granted is not None:
        _turn_pages(work, result.granted, now)
    return result


def case_offers(
    session: Session, vault: Vault, case_id: str, actor: Actor, now: datetime
) -> tuple[Offer, ...]:
    """What somebody may do with a case now, with the reasons against it. Raises CASE_UNKNOWN."""
    opened = read_case(session, case_id)
    ground = ground_of(session, opened, answers_of(session, vault, opened))
    return offers(session, vault, case_id, actor, now, ground)


def decide_appeal(work: Work, command: ActOnAppeal, actor: Actor, now: datetime) -> AppealResult:
    """Acknowledge or decide an appeal; an overturned change of a certificate is annulled here.

    Raises Refusal: those of `certification.appeals.service.act_on_appeal` and of the annulment.
    """
    result = act_on_appeal(work, command, actor, now, _proposers)
    if result.annul is not None:
        cert_id, n = result.annul
        annul_change(work, AnnulChange(cert_id, n, command.reasons, command.document), actor, now)
    return result


# --- What the registers say ---------------------------------------------------------------------


def ground_of(session: Session, opened: Opened, answers: Answers) -> Ground:
    """What is known of the products and bases that an application names."""
    scheme, holder = opened.process.scheme, opened.case.holder
    owners = {holder, *(party.id for party in parties_under(session, holder))}
    product_ids, base_ids = named(answers, PRODUCTS), named(answers, BASES)
    products = _rows(session, Product, product_ids)
    bases = _rows(session, ProductionBase, base_ids)
    return Ground(
        strange=(
            *_strange(product_ids, {row.id: row.owner_id for row in products}, owners),
            *_strange(base_ids, {row.id: row.owner_id for row in bases}, owners),
        ),
        wrong_category=tuple(row.id for row in products if not _is_taken(scheme, row.category)),
        outside=tuple(row.id for row in bases if not _is_inside(scheme.region, row)),
        capacity=(*_yields(products), *_area(bases)),
    )


def _rows(session: Session, table: Any, ids: tuple[str, ...]) -> list[Any]:
    query = select(table).where(table.id.in_(id_list(session, ids))).order_by(table.id)
    return list(session.scalars(query)) if ids else []


def _strange(
    ids: Iterable[str], owner: Mapping[str, str], owners: Iterable[str]
) -> tuple[str, ...]:
    allowed = frozenset(owners)
    return tuple(each for each in ids if owner.get(each) not in allowed)


def _is_taken(scheme: Scheme, category: str) -> bool:
    return not scheme.categories or category in scheme.categories


def _is_inside(region: Region | None, base: ProductionBase) -> bool:
    """A base lies inside when its code does, and every corner that was measured."""
    if region is None:
        return True
    corners = [] if base.outline is None else list(_corners(base.outline["coordinates"]))
    return region.contains_code(base.region) and all(
        region.contains_point(longitude, latitude) for longitude, latitude in corners
    )


def _corners(coordinates: list[Any]) -> Iterator[tuple[Decimal, Decimal]]:
    """The positions of a GeoJSON area, however deep its rings lie."""
    if not isinstance(coordinates[0], list):
        yield Decimal(str(coordinates[0])), Decimal(str(coordinates[1]))
        return
    for inner in coordinates:
        yield from _corners(inner)


def _yields(products: Iterable[Product]) -> Iterator[Amount]:
    """What products are expected to yield; nothing is said in a unit where one says nothing."""
    totals: dict[str, int | None] = {}
    for row in products:
        unit = _UNITS[row.measure]
        before, expected = totals.get(unit, 0), row.expected_quantity
        totals[unit] = None if before is None or expected is None else before + expected
    for unit, units in totals.items():
        if units is not None:
            yield Amount(units, unit)


def _area(bases: Iterable[ProductionBase]) -> Iterator[Amount]:
    """The area of all bases, added up exactly and rounded once, as an answer is."""
    typed = [row.area_typed.split(" ") for row in bases]
    if typed:
        exact = sum((parse(value, unit).exact for value, unit in typed), Fraction(0))
        yield Amount(round(exact), "m2")


# --- What a decision turns ----------------------------------------------------------------------


def _turn_pages(work: Work, granted: Granted, now: datetime) -> None:
    """Lots of every certified product show the certificate as it is by now; a permit shows none."""
    if granted.kind == "permit" or granted.n is None:
        return
    certificate = find(work, granted.subject, now, now)
    for product in certificate.products:
        for lot_id in lots_of_product(work, product):
            join_group(work, lot_id, granted.subject)
    bump_group(work, granted.subject)
    index_certificate(work, granted.subject, now)


def _proposers(session: Session, cert_id: str, n: int) -> frozenset[str]:
    """The people who proposed and confirmed change `n` of a certificate, if two people made it."""
    people: set[str] = set()
    for row, _ in consequences_of(session, cert_id):
        steps = steps_of(session, row.id)
        if any(step.change == n for step in steps):
            people.update(step.person for step in steps)
    return frozenset(people - {""})
