"""What a grant becomes on each track, which pages turn, what registers say of an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from certification.cases.model import Act, GrantTerms
from certification.certificates.register import find
from certification.evidence.model import Answer
from certification.permits.register import find_permit
from certification.process.standing import Amount
from certification.schemes.model import Region
from certification.schemes.service import PublishScheme, publish
from identity.actor import SYSTEM
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from tests.certification.books import codes
from tests.certification.cases.conftest import deciding, declared, hall, tested
from tests.certification.cases.hall import TERMS, Hall, staff
from tests.certification.conftest import GRANTED_AT
from tests.identity.codes import made_code
from trace.bases.service import RegisterBase, register_base
from trace.lots.service import OpenLot
from trace.products.service import RegisterProduct, register_product
from trace.scans.service import epoch_of
from workflows.advance_case import advance_case, ground_of
from workflows.open_lot import open_lot

__all__ = ["deciding", "declared", "hall", "tested"]

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SHORT = replace(TERMS, to_date=date(2027, 3, 31))


def certificate(hall: Hall, cert_id: str) -> Any:
    now = hall.node.clock.now()
    with hall.read() as session:
        return find(session, cert_id, now, now)


def test_lots_of_a_certified_product_show_it_from_the_grant_on(deciding):
    hall = deciding
    lot = hall.run(open_lot, OpenLot(hall.firm, "RICE-1", "2026-01", GRANTED_AT)).id
    with hall.read() as session:
        before = epoch_of(session, lot)
    order = Act(hall.case_id, "grant", terms=TERMS)
    done = hall.run(advance_case, order, "decider", idempotency_key="grant-1")
    assert hall.run(advance_case, order, "decider", idempotency_key="grant-1") == done
    granted = done.granted
    with hall.read() as session:
        assert epoch_of(session, lot) > before
    assert certificate(hall, granted.subject).status.state == "active"


@on_sqlite
def test_each_track_has_its_outcome(deciding):
    hall = deciding
    cert_id = hall.act(hall.case_id, "grant", "decider", terms=SHORT).granted.subject
    # A renewal begins on the day after the present term, for the longest term there is.
    renewal = hall.following("renewal", cert_id)
    renewed = hall.act(renewal, "grant", "decider").granted
    assert (renewed.kind, renewed.subject, renewed.n) == ("amendment", cert_id, 2)
    term = certificate(hall, cert_id).history.terms[-1]
    assert (term.from_date, term.to_date) == (date(2027, 4, 1), date(2030, 3, 31))
    # A change of the quantity.
    change = hall.following("change", cert_id)
    changed = hall.act(change, "grant", "decider", terms=GrantTerms(quantity="1200", unit="件"))
    assert (changed.granted.kind, changed.granted.n) == ("amendment", 3)
    assert certificate(hall, cert_id).quota.granted == 1200
    # A print permit takes from it.
    permit = hall.following("print_permit", cert_id)
    terms = GrantTerms(quantity="15", unit="个")
    opened = hall.act(permit, "grant", "decider", terms=terms).granted
    assert (opened.kind, opened.number[:6]) == ("permit", "JNJPZY")
    with hall.read() as session:
        found = find_permit(session, opened.subject, hall.node.clock.now())
        assert (found.cert_id, found.holder, found.account.left) == (cert_id, hall.firm, 15)
    assert hall.differences() == []


@on_sqlite
def test_an_annual_check_that_nothing_depends_on_is_its_own_outcome(deciding):
    hall = deciding
    began = replace(TERMS, from_date=date(2026, 1, 10), to_date=date(2027, 12, 31))
    cert_id = hall.act(hall.case_id, "grant", "decider", terms=began).granted.subject
    check = hall.following("annual_check", cert_id)
    passed = hall.act(check, "grant", "decider").granted
    assert (passed.kind, passed.subject, passed.n) == ("confirmation", cert_id, None)
    assert len(certificate(hall, cert_id).history.changes) == 1


@on_sqlite
def test_a_listing_lapses_by_itself_unless_a_check_confirms_it(hall):
    run = partial(hall.node.unit.run, actor=SYSTEM)
    order = RegisterParty("social_organisation", "演示协会", None, made_code("51", 9), "120112")
    club = run(register_party, order).id
    run(publish, PublishScheme("mtyx", "2026-2"))
    staff(run, hall.parties, hall.people, "mtyx")
    rice = RegisterProduct(club, "RICE-9", "演示大米", "Demo rice", "grain", "mass")
    parties = {**hall.parties, "firm": club}
    hall = replace(hall, parties=parties, product=run(register_product, rice).id)
    case_id = hall.to(hall.submitted(scheme="mtyx"))
    hall.days(20)
    hall.act(case_id, "end_notice", "system")
    hall.act(case_id, "record_agreement", "clerk")
    began = GrantTerms(number="CAQS-MTYX-20260001", from_date=date(2026, 1, 1))
    listed = hall.act(case_id, "grant", "decider", terms=began).granted
    assert certificate(hall, listed.subject).confirm_by == date(2026, 12, 31)
    check = hall.to(hall.submitted(scheme="mtyx", track="annual_check", cert_id=listed.subject))
    confirmed = hall.act(check, "grant", "decider").granted
    assert (confirmed.kind, confirmed.n) == ("confirmation", 2)
    assert certificate(hall, listed.subject).confirm_by == date(2027, 12, 31)


@on_sqlite
def test_a_certificate_of_another_or_suspended_carries_no_application(deciding):
    hall = deciding
    cert_id = hall.act(hall.case_id, "grant", "decider", terms=SHORT).granted.subject
    assert codes(hall.open, track="renewal", cert_id=cert_id, name="stranger") == [
        "certificate_needed"
    ]
    for wrong in ("cert:AAAAAAAAAAAAAAAAAAAA", "nonsense", None):
        assert codes(hall.open, track="renewal", cert_id=wrong) == ["certificate_needed"]
    case_id = hall.open(track="renewal", cert_id=cert_id)
    assert codes(hall.open, track="renewal", cert_id=cert_id) == ["case_running"]
    assert hall.open(track="change", cert_id=cert_id) != case_id


@on_sqlite
def test_what_the_registers_say_of_an_application(hall):
    run = hall.node.unit.run
    household = run(
        register_party,
        RegisterParty(
            "household", "村民甲", None, None, None, host_party=hall.firm, phone="13800000000"
        ),
        actor=SYSTEM,
    ).id
    ring = [["117.1", "38.9"], ["117.2", "38.9"], ["117.2", "39"], ["117.1", "38.9"]]
    outline = {"type": "Polygon", "coordinates": [ring]}
    members = RegisterBase(
        household, "二号田", "Field two", "120112102", ("0.5", "亩"), "", outline
    )
    members_base = run(register_base, members, actor=SYSTEM).id
    others = run(
        register_product,
        RegisterProduct(hall.parties["other"], "PEAR-1", "演示梨", "Demo pear", "fruit", "mass"),
        actor=SYSTEM,
    ).id
    opened = hall.opened(hall.open())

    def ground(products: str, bases: str, **scheme: Any) -> Any:
        answers = {"products": Answer("products", products), "bases": Answer("bases", bases)}
        changed = replace(opened.process, scheme=replace(opened.process.scheme, **scheme))
        with hall.read() as session:
            return ground_of(session, replace(opened, process=changed), answers)

    own = ground(hall.product, f"{hall.base} {members_base}")
    assert (own.strange, own.outside, own.wrong_category) == ((), (), ())
    # 72 t; 120.5 mu, rounded once.
    assert own.capacity == (Amount(72_000_000_000, "mg"), Amount(80_333, "m2"))
    foreign = ground(f"{hall.product} {others}", "base:AAAAAAAAAAAAAAAAAAAA")
    assert foreign.strange == (others, "base:AAAAAAAAAAAAAAAAAAAA")
    assert foreign.capacity == ()
    assert ground(hall.product, hall.base, categories=("fruit",)).wrong_category == (hall.product,)
    town = Region(("120112",), None, False, "none")
    assert ground(hall.product, hall.base, region=town).outside == ()
    assert ground(hall.product, hall.base, region=replace(town, codes=("37",))).outside == (
        hall.base,
    )
    box = tuple(map(Decimal, ("117.1", "38.9", "117.15", "39.0")))
    boxed = replace(town, box=box)  # type: ignore[arg-type]
    assert ground(hall.product, f"{hall.base} {members_base}", region=boxed).outside == (
        members_base,
    )
