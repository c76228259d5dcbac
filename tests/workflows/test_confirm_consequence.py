"""What a suspension or revocation touches, and what its confirmation does in every area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from certification.certificates.register import find
from certification.certificates.service import ChangeCertificate, GrantCertificate
from certification.consequences.model import Radius
from certification.consequences.service import (
    ConfirmConsequence,
    ConsequenceResult,
    ProposeConsequence,
)
from certification.permits.model import FROZEN_WITH_CERTIFICATE
from certification.permits.register import of_certificate as permits_of
from certification.permits.service import OpenPermit, open_permit
from certification.replay import replay
from certification.transactions.service import IssueTransaction, find_transaction, issue
from identity.actor import SYSTEM
from identity.parties.model import Party
from points.awards.model import TracedFact
from points.awards.service import award
from points.credit.records.model import CloseRecord, RecordPenalty
from points.credit.records.service import close_record, record_penalty
from points.packs.service import PublishPack, publish, shipped
from points.penalties.service import ReverseTransfer, reverse
from tests.certification.books import codes
from tests.certification.two_officers import decided, officer
from tests.console.stage import World, build
from trace.labels.service import BindLabels, bind_labels
from trace.products.service import RegisterProduct
from trace.scans.service import epoch_of
from trace.steps.service import LotAmount
from workflows.blast_radius import blast_radius, touched_things
from workflows.change_certificate import grant_certificate, resume_certificate
from workflows.confirm_consequence import (
    confirm_consequence,
    follow_ups_of,
    propose_consequence,
)
from workflows.print_labels import GiveUpLabels, give_up_labels, print_labels


@dataclass
class Goods:
    """Rice R1 with four labels, poured with R2 into M1, of which some becomes M2."""

    world: World
    buyer: Party
    mixed: str
    sold: str
    run: str

    @property
    def node(self) -> Any:
        return self.world.node

    @property
    def certificate(self) -> str:
        return self.world.certificate

    def do(self, use_case: Any, command: Any, actor: Any = SYSTEM) -> Any:
        return self.world.stage.run(use_case, command, actor)

    def radius(self) -> Radius:
        with self.node.database.read() as session:
            return blast_radius(session, self.certificate, self.node.clock.now())

    def propose(self, verb: str = "suspend", **changes: Any) -> ConsequenceResult:
        command = ProposeConsequence(self.certificate, verb, self.node.clock.now(), "抽检不合格")
        found: ConsequenceResult = self.do(
            propose_consequence, replace(command, **changes), officer("a")
        )
        return found

    def confirm(self, proposed: ConsequenceResult, name: str = "b") -> ConsequenceResult:
        command = ConfirmConsequence(proposed.id, proposed.radius)
        found: ConsequenceResult = self.do(confirm_consequence, command, officer(name))
        return found

    def epochs(self) -> dict[str, int]:
        with self.node.database.read() as session:
            lots = (self.world.rice, self.world.seedling, self.world.pear)
            return {lot: epoch_of(session, lot) for lot in lots}

    def award(self, event_id: str) -> str:
        at = self.world.stage.day(10, 20)
        attributes: dict[str, str | int] = {"chain": "unbroken"}
        fact = TracedFact(
            "lot.closed", self.world.coop.id, at, "trace.lot", event_id, attributes=attributes
        )
        return str(self.do(award, fact).transfer_id)

    def penalty(self, subject: str, number: int) -> str:
        command = RecordPenalty(
            subject=subject,
            document_number=f"演示农罚〔2026〕{number}号",
            authority="演示农业农村局",
            decided=date(2026, 10, 20),
            penalty_class="ordinary",
            offence="label.copied",
            occurred_at=self.world.stage.day(10, 2),
            basis="演示依据第一条",
            narrative="超量印制标签。",
            disclosure_start=date(2026, 10, 21),
            disclosure_end=date(2027, 4, 20),
        )
        return str(self.do(record_penalty, command).record_id)


def spread(node: Any) -> Goods:
    """The world of the console, with goods that went on from the labelled lot."""
    world = build(node)
    stage = world.stage
    order = stage.order(world.coop, "RICE", 4, world.rice)
    run = stage.run(print_labels, order)
    buyer = stage.party("enterprise", "演示粮油公司", "Demo grain firm", 103, "120112102")
    stage.product(RegisterProduct(world.coop.id, "MIXED", "混合米", "Mixed", "grain", "mass"))
    at = stage.day(10, 25)
    mixed, sold = (stage.lot(world.coop, "MIXED", code, at, None).id for code in ("M1", "M2"))
    stage.step(world.coop, "harvest", at, outputs=(LotAmount(world.seedling, "20", "公斤"),))
    stage.step(
        world.coop, "merge", at + timedelta(hours=1),
        inputs=(LotAmount(world.rice, "40", "公斤"), LotAmount(world.seedling, "10", "公斤")),
        outputs=(LotAmount(mixed, "50", "公斤"),),
    )  # fmt: skip
    stage.step(
        world.coop, "split", at + timedelta(hours=2), inputs=(LotAmount(mixed, "30", "公斤"),),
        outputs=(LotAmount(sold, "30", "公斤"),),
    )  # fmt: skip
    stage.run(publish, PublishPack(shipped()["tianjin"]))
    node.clock.advance(timedelta(minutes=1))
    return Goods(world, buyer, mixed, sold, run.id)


@pytest.fixture
def goods(grow: Callable[[Any], Goods]) -> Goods:
    return grow(spread)


def the_radius_holds_what_was_labelled_and_all_that_came_from_it(goods: Goods) -> None:
    found = goods.radius()
    assert set(found.lots) == {goods.world.rice, goods.mixed, goods.sold}
    assert (found.runs, found.labels) == ((goods.run,), 4)
    assert (found.permits, found.transactions, found.awards, found.credit_records) == (
        (), (), (), (),
    )  # fmt: skip
    stage = goods.world.stage
    loose = goods.do(print_labels, stage.order(goods.world.coop, "RICE", 3, None))
    assert goods.radius().labels == 7
    goods.do(give_up_labels, GiveUpLabels(goods.world.coop.id, loose.id, 1, 1, "lost"))
    assert goods.radius().labels == 6
    assert goods.world.seedling not in goods.radius().lots
    bind = BindLabels(goods.world.coop.id, loose.id, 2, 3, goods.world.seedling)
    goods.do(bind_labels, bind)
    assert goods.world.seedling in goods.radius().lots
    with goods.node.database.read() as session:
        now = goods.node.clock.now()
        things = touched_things(session, goods.certificate, goods.radius(), now)
    assert {each.lot.code: (each.labels, each.first) for each in things.lots} == {
        "R1": (4, True), "R2": (2, True), "M1": (0, False), "M2": (0, False),
    }  # fmt: skip
    assert [(each.number, each.labels) for each in things.runs] == [(1, 4), (2, 2)]


def points_are_found_by_lot_or_certificate_and_credit_records_by_holder(goods: Goods) -> None:
    of_lot, of_number = goods.award(goods.mixed), goods.award("JNJP-2024-0001")
    of_certificate = goods.award(goods.certificate)
    goods.award(goods.world.pear)
    goods.award("a partner's word".replace(" ", "-").replace("'", ""))
    assert set(goods.radius().awards) == {of_lot, of_number, of_certificate}
    mine, ended = goods.penalty(goods.world.coop.id, 1), goods.penalty(goods.world.coop.id, 2)
    goods.penalty(goods.buyer.id, 3)
    at = goods.node.clock.now()
    goods.do(close_record, CloseRecord(ended, "withdrawn", at, "演示复议1号"))
    goods.node.clock.advance(timedelta(minutes=1))
    assert goods.radius().credit_records == (mine,)


def test_what_a_certificate_touches(goods) -> None:
    the_radius_holds_what_was_labelled_and_all_that_came_from_it(goods)
    points_are_found_by_lot_or_certificate_and_credit_records_by_holder(goods)


def test_confirming_turns_every_page_of_the_mark_and_stops_printing_and_permits(goods) -> None:
    command = OpenPermit(goods.certificate, goods.buyer.id, "2", "件", "分装")
    permit = goods.do(open_permit, command)
    assert goods.radius().permits == (permit.permit_id,)
    proposed = goods.propose()
    assert proposed.numbers.permits == 1
    epochs = goods.epochs()
    goods.confirm(proposed)
    turned = {lot for lot, epoch in goods.epochs().items() if epoch > epochs[lot]}
    assert turned == {goods.world.rice, goods.world.seedling}
    stage = goods.world.stage
    order = stage.order(goods.world.coop, "RICE", 1, goods.world.rice)
    assert codes(goods.do, print_labels, order) == ["mark_not_allowed"]
    now = goods.node.clock.now()
    with goods.node.database.read() as session:
        (found,) = permits_of(session, goods.certificate, now)
        assert (found.state.value, found.usable) == ("open", False)
        assert found.words == FROZEN_WITH_CERTIFICATE
        things = touched_things(session, goods.certificate, goods.radius(), now)
        assert [each.number for each in things.permits] == [permit.number]
        assert replay(session, goods.node.vault) == []


def test_a_hold_stops_printing_and_what_comes_meanwhile_is_confirmed_with_the_rest(goods) -> None:
    proposed = goods.propose(hold=True)
    assert proposed.hold_until == goods.node.clock.now() + timedelta(hours=72)
    stage = goods.world.stage
    for with_mark in (True, False):
        order = stage.order(goods.world.coop, "RICE", 1, goods.world.rice, with_mark=with_mark)
        assert codes(goods.do, print_labels, order) == ["certificate_held"]
    pears = stage.order(goods.world.coop, "PEAR", 1, goods.world.pear, with_mark=False)
    goods.do(print_labels, pears)
    goods.node.clock.advance(timedelta(hours=72))
    goods.do(print_labels, order)
    more = stage.lot(goods.world.coop, "MIXED", "M3", stage.day(10, 26), None).id
    stage.step(
        goods.world.coop, "split", stage.day(10, 27), inputs=(LotAmount(goods.sold, "5", "公斤"),),
        outputs=(LotAmount(more, "5", "公斤"),),
    )  # fmt: skip
    confirmed = goods.confirm(proposed)
    assert (confirmed.numbers.lots, confirmed.added.lots, confirmed.added.labels) == (3, 1, 1)


def test_a_suspension_ends_with_an_evaluation_and_a_revocation_leaves_points_to_others(
    goods,
) -> None:
    taken_back, left = goods.award(goods.mixed), goods.award(goods.world.rice)
    now = goods.node.clock.now()
    goods.do(reverse, ReverseTransfer(taken_back, "r1", now, "误加"))
    suspended = goods.confirm(goods.propose())
    with goods.node.database.read() as session:
        assert follow_ups_of(session, suspended.id) == ()
    goods.node.clock.advance(timedelta(minutes=1))
    bare = ChangeCertificate(goods.certificate, goods.node.clock.now(), "评价合格")
    assert codes(goods.do, resume_certificate, bare) == ["evaluation_missing"]
    epochs = goods.epochs()
    goods.do(resume_certificate, replace(bare, document="演示评〔2026〕1号"))
    assert goods.epochs()[goods.world.rice] > epochs[goods.world.rice]
    goods.node.clock.advance(timedelta(minutes=1))
    revoked = goods.confirm(goods.propose("revoke"))
    with goods.node.database.read() as session:
        assert [(each.subject, each.done) for each in follow_ups_of(session, revoked.id)] == [
            (left, False)
        ]
    goods.do(reverse, ReverseTransfer(left, "r2", goods.node.clock.now(), "证书已撤销"))
    with goods.node.database.read() as session:
        assert [each.done for each in follow_ups_of(session, revoked.id)] == [True]
        assert replay(session, goods.node.vault) == []


def test_what_was_sold_on_in_bulk_is_touched_and_void_once_revoked(goods) -> None:
    stage = goods.world.stage
    grant = GrantCertificate(
        "GF120112261234", "green", goods.world.coop.id, (stage.product_id("PEAR"),),
        date(2026, 10, 1), date(2029, 9, 30), stage.day(10, 1), "补录", (), "50", "公斤", "演示1号",
    )  # fmt: skip
    green = goods.do(grant_certificate, grant)
    command = IssueTransaction(
        green.cert_id, goods.buyer.id, stage.product_id("PEAR"), "1", "公斤",
        date(2026, 10, 30), lots=(goods.world.pear, "lot:unknown"),
    )  # fmt: skip
    sold = goods.do(issue, command)
    now = goods.node.clock.now()
    with goods.node.database.read() as session:
        radius = blast_radius(session, green.cert_id, now)
    assert (radius.transactions, radius.lots) == ((sold.id,), (goods.world.pear,))
    decided(goods.do, "suspend", green.cert_id, now)
    with goods.node.database.read() as session:
        assert find_transaction(session, sold.id).state.value == "issued"
    goods.node.clock.advance(timedelta(minutes=1))
    decided(goods.do, "revoke", green.cert_id, goods.node.clock.now())
    with goods.node.database.read() as session:
        assert find_transaction(session, sold.id).state.value == "void"
        assert find(session, green.cert_id, now, goods.node.clock.now()).number == "GF120112261234"
        assert permits_of(session, green.cert_id, now) == ()
        assert replay(session, goods.node.vault) == []
