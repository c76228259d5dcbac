"""Print runs on accounts: a packing house under its permit, marks within scope and conversion, and
what a stranger recomputes of all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from certification.certificates.commands import GrantCertificate
from certification.permits.service import ChangePermit, OpenPermit, close_permit, open_permit
from certification.replay import replay as replay_certification
from ecotrace.cli.quota_commands import quotas_recompute
from ledger.export import export_log
from ledger.reader import LogReader
from tests.certification.books import codes, logged, opened
from tests.console.stage import World, build
from trace.bases.service import RegisterBase
from trace.labels.lookup import require_run
from trace.labels.service import BindLabels
from trace.labels.tables import LabelRun
from trace.products.service import RegisterProduct
from trace.replay import replay as replay_trace
from workflows.change_certificate import grant_certificate
from workflows.draw_labels import design_of
from workflows.print_labels import GiveUpLabels, bind_run, give_up_labels, print_labels

KG = 1_000_000
BAG = 5 * KG


@dataclass
class Yard:
    """A co-op with a licence for ten bags of rice, and a packing house."""

    world: World

    @property
    def node(self) -> Any:
        return self.world.node

    def grant(self, **changes: Any) -> Any:
        stage = self.world.stage
        order = GrantCertificate(
            number="GF120112261234", scheme="green", holder=self.world.coop.id,
            products=(stage.product_id("RICE"),), from_date=date(2026, 1, 1),
            to_date=date(2026, 12, 31), effective_at=stage.day(1, 2), reason="评定通过",
            quantity="50", unit="公斤", document="演示〔2026〕1号",
        )  # fmt: skip
        return stage.run(grant_certificate, replace(order, **changes))

    def permit(self, cert_id: str, quantity: str, unit: str) -> Any:
        asked = OpenPermit(cert_id, self.world.stranger.id, quantity, unit, "按计划准印")
        return self.world.stage.run(open_permit, asked)

    def print(self, count: int, owner: Any = None, lot: str | None = None, **more: Any) -> Any:
        product, mark = more.pop("product", "RICE"), more.pop("mark", False)
        owner = owner or self.world.stranger
        order = self.world.stage.order(owner, product, count, lot, with_mark=mark)
        return self.world.stage.run(print_labels, replace(order, **more))

    def give_up(self, run: str, first: int, last: int, reason: str = "misprinted") -> Any:
        command = GiveUpLabels(self.world.stranger.id, run, first, last, reason)
        return self.world.stage.run(give_up_labels, command)

    def bind(self, run: str, lot: str, owner: Any = None, last: int = 1) -> Any:
        command = BindLabels((owner or self.world.stranger).id, run, 1, last, lot)
        return self.world.stage.run(bind_run, command)

    def row(self, run: str) -> LabelRun:
        with self.node.database.read() as session:
            return require_run(session, run)

    def mark(self, run: str) -> str:
        with self.node.database.read() as session:
            row, now = require_run(session, run), self.node.clock.now()
            return design_of(session, self.node.files, row, demo=True, now=now).mark

    def differences(self) -> list[tuple[str, str]]:
        with self.node.database.read() as session:
            found = [*replay_trace(session, self.node.vault)]
            found += replay_certification(session, self.node.vault)
        return [(each.table, each.column) for each in found]

    def recomputed(self, folder: Any) -> Any:
        """What the command makes of an export, without the node."""
        with self.node.database.read() as session:
            export_log(LogReader(session), folder, self.node.log_keys.vkey())
        done = CliRunner().invoke(quotas_recompute, ["--log", str(folder), "--json"])
        return done.exit_code, orjson.loads(done.output)


@pytest.fixture
def yard(grow) -> Yard:
    return Yard(grow(build))


def test_a_packing_house_prints_the_owners_goods_under_its_permit(yard, tmp_path):
    world = yard.world
    assert codes(yard.print, 1) == ["not_yours"]
    permit = yard.permit(world.certificate, "4", "件")
    run = yard.print(3)
    row = yard.row(run.id)
    assert (row.owner_id, row.cert_id, row.account_id) == (
        world.stranger.id, world.certificate, permit.permit_id,
    )  # fmt: skip
    payload = logged(yard.node, run.payload_id)
    assert payload.streams == tuple(sorted([run.id, world.certificate, permit.permit_id]))
    assert payload.facts == {
        "number": row.cert_number, "permit": permit.number, "unit": "piece", "printed": 3,
        "left": 1,
    }  # fmt: skip
    assert opened(yard.node, run.payload_id)["account"] == permit.permit_id
    assert codes(yard.print, 2) == ["over_certified"]
    yard.bind(run.id, world.rice, last=2)
    assert codes(yard.bind, run.id, world.foreign) == ["label_other_product", "label_already_bound"]
    with yard.node.database.read() as session:
        assert session.get_one(LabelRun, run.id).count == 3
    own = yard.print(6, world.coop, world.rice)
    assert logged(yard.node, own.payload_id).facts == {
        "number": row.cert_number, "unit": "piece", "printed": 6, "left": 0,
    }  # fmt: skip
    assert codes(yard.print, 1, world.coop) == ["over_certified"]
    assert yard.differences() == []
    code, found = yard.recomputed(tmp_path / "log")
    assert (code, found["contradictions"]) == (0, [])
    assert [(each["kind"], each["left"]) for each in found["accounts"]] == [
        ("certificate", 0), ("permit", 1),
    ]  # fmt: skip


def test_what_is_void_after_the_permit_closed_goes_back_to_the_certificate(yard, tmp_path):
    green = yard.grant()
    permit = yard.permit(green.cert_id, "20", "公斤")
    run = yard.print(4, permit=permit.number)
    yard.give_up(run.id, 1, 1)
    again = yard.print(1, permit=permit.number)
    yard.world.stage.run(close_permit, ChangePermit(permit.number, "包装结束"))
    assert codes(yard.print, 1, permit=permit.number) == ["permit_closed"]
    voided = yard.give_up(run.id, 2, 3, "damaged")
    payload = logged(yard.node, voided.payload_id)
    assert payload.streams == tuple(sorted([run.id, green.cert_id, permit.permit_id]))
    assert payload.facts == {
        "number": green.number, "permit": permit.number, "unit": "mg", "void": 2 * BAG, "left": 0,
        "parent_left": 40 * KG,
    }  # fmt: skip
    lost = yard.give_up(again.id, 1, 1, "lost")
    assert logged(yard.node, lost.payload_id).facts == {}
    assert yard.differences() == []
    code, found = yard.recomputed(tmp_path / "log")
    assert code == 0
    account = {each.get("permit", each["number"]): each for each in found["accounts"]}
    assert account[green.number]["left"] == 40 * KG
    assert (account[permit.number]["left"], account[permit.number]["state"]) == (0, "closed")


def test_a_run_from_before_accounts_is_the_certificates_own(yard, tamper):
    coop = yard.world.coop
    run = yard.print(3, coop)
    with tamper(yard.node.database) as connection:
        connection.exec_driver_sql("UPDATE label_runs SET account_id = NULL")
    command = GiveUpLabels(coop.id, run.id, 1, 1, "misprinted")
    voided = yard.world.stage.run(give_up_labels, command)
    payload = logged(yard.node, voided.payload_id)
    assert payload.streams == tuple(sorted([run.id, yard.world.certificate]))
    assert (payload.facts["void"], payload.facts["left"]) == (1, 7)


def test_an_export_that_was_altered_is_not_recomputed(yard, tmp_path):
    yard.print(3, yard.world.coop)
    assert yard.recomputed(tmp_path / "log")[0] == 0
    (bundle,) = (tmp_path / "log" / "tile" / "entries").glob("*.p/*")
    content = bundle.read_bytes()
    assert content.count(b'"printed":3') == 1
    bundle.write_bytes(content.replace(b'"printed":3', b'"printed":4'))
    done = CliRunner().invoke(quotas_recompute, ["--log", str(tmp_path / "log")])
    assert done.exit_code == 1
    assert done.output.startswith("difference ")


def organic(yard: Yard, product: str, **more: Any) -> Any:
    scope = {"products": (yard.world.stage.product_id(product),), "bases": (yard.world.base,)}
    return yard.grant(**{"scheme": "organic", "number": "001OP2600001", **scope, **more})


def test_goods_in_conversion_bear_neither_mark_nor_word(yard):
    stage, coop, pear = yard.world.stage, yard.world.coop, yard.world.pear
    first = yard.node.clock.now().date() + timedelta(days=20)
    organic(yard, "PEAR", mark_from=first)

    def refused(**more):
        return codes(yard.print, 1, coop, product="PEAR", **more)

    assert refused(lot=pear, mark=True) == ["organic_mark_in_conversion"]
    assert refused(mark=True) == ["organic_mark_in_conversion"]
    plain = yard.print(1, coop, pear, product="PEAR")
    assert yard.mark(plain.id) == ""
    named = RegisterProduct(
        coop.id, "OPEAR", "有机香梨", "Pear", "fruit", "mass", net=("5", "公斤")
    )
    stage.product(named)
    organic(yard, "OPEAR", number="001OP2600002", mark_from=first)
    assert codes(yard.print, 1, coop, product="OPEAR") == ["organic_mark_in_conversion"]
    yard.node.clock.advance(timedelta(days=21))
    marked = yard.print(1, coop, pear, product="PEAR", mark=True)
    assert yard.mark(marked.id) == "sample"
    assert yard.print(1, coop, product="OPEAR").count == 1
    assert yard.differences() == []


def test_a_mark_is_for_the_bases_of_its_certificate(yard):
    world = yard.world
    other = world.stage.base(RegisterBase(world.coop.id, "二号田", "Two", "120112102", ("5", "亩")))
    organic(yard, "PEAR", bases=(other.id,))

    def refused(**more):
        return codes(yard.print, 1, world.coop, product="PEAR", **more)

    assert refused(lot=world.pear, mark=True) == ["mark_beyond_scope"]
    assert yard.print(1, world.coop, world.pear, product="PEAR").count == 1
    later = yard.print(2, world.coop, product="PEAR", mark=True)
    assert yard.mark(later.id) == "sample"
    assert codes(yard.bind, later.id, world.pear, world.coop) == ["mark_beyond_scope"]
    assert codes(yard.bind, later.id, world.pear) == ["not_yours"]
    assert yard.differences() == []
