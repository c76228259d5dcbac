"""What printed labels show for the mark: outside of a demo, in it, and once the licence is gone."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import func, select

from certification.artworks.service import RegisterArtwork, register_artwork
from certification.certificates.service import ChangeCertificate, GrantCertificate
from ecotrace.cli import record_commands
from ecotrace.cli.commands import cli
from runtime.clock import BEIJING
from runtime.typesetting import find_font
from tests.certification.books import codes, opened, rows_of
from tests.certification.two_officers import decided
from tests.console.stage import World, build
from tests.fixtures.nodes import Grow
from tests.fixtures.pictures import BLUE, RED, png
from trace.conformity.model import Fields
from trace.conformity.service import IssueConformity, issue
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels, require_run
from trace.labels.model import Span
from trace.labels.sheets import A4, SINGLE, Design, render
from trace.labels.tables import LabelRun
from trace.replay import replay
from workflows.change_certificate import grant_certificate, resume_certificate
from workflows.draw_labels import design_of
from workflows.print_labels import print_labels

FONT = find_font()


@dataclass
class Shop:
    """A node outside of a demo (or in one) on which the co-op has a licence for its rice."""

    world: World

    def at(self, *, demo: bool) -> Shop:
        """The same node with the other setting."""
        node = self.world.node
        moved = replace(node, settings=replace(node.settings, demo=demo))
        return Shop(replace(self.world, stage=replace(self.world.stage, node=moved)))

    @property
    def node(self) -> Any:
        return self.world.node

    def register(self, colour: tuple[int, int, int], scheme: str = "jnjp") -> None:
        use_case = partial(register_artwork, self.node.files)
        self.world.stage.run(use_case, RegisterArtwork(scheme, png(90, 90, colour)))
        self.later()

    def later(self) -> None:
        self.node.clock.advance(timedelta(minutes=1))

    def print(self, count: int = 2, *, mark: bool = True, product: str = "RICE") -> str:
        lot = self.world.rice if product == "RICE" else self.world.pear
        order = self.world.stage.order(self.world.coop, product, count, lot, with_mark=mark)
        printed = self.world.stage.run(print_labels, order)
        self.later()
        return printed.id

    def decide(self, decision: str) -> None:
        cert_id, now = self.world.certificate, self.node.clock.now()
        if decision == "resume":
            change = ChangeCertificate(cert_id, now, "评价合格", "演示评〔2026〕1号")
            self.world.stage.run(resume_certificate, change)
        else:
            decided(self.world.stage.run, decision, cert_id, now)
        self.later()

    def design(self, run: str) -> Design:
        with self.node.database.read() as session:
            row = require_run(session, run)
            return design_of(
                session, self.node.files, row,
                demo=self.node.settings.demo, now=self.node.clock.now(),
            )  # fmt: skip

    def label(self, run: str) -> np.ndarray:
        """The first label of a run, as it is printed at 150 dpi."""
        with self.node.database.read() as session:
            row = require_run(session, run)
            keys, origin = LabelKeys(self.node.vault), self.node.log_keys.origin
            first = list(printed_labels(row, keys, origin, Span(1, 1)))
        drawn = render(self.design(run), first, "png", SINGLE, FONT, 150).files[0]
        return pixels(Image.open(BytesIO(drawn)))


def pixels(picture: Image.Image) -> np.ndarray:
    return np.array(picture.convert("RGB")).astype(int)


def count_of(drawn: np.ndarray, colour: tuple[int, int, int]) -> int:
    """How many pixels have this colour, give or take what a printer's colours are off."""
    return int((np.abs(drawn - np.array(colour)).max(axis=2) < 12).sum())


@pytest.fixture
def shop(grow: Grow[World]) -> Shop:
    made = Shop(grow(build)).at(demo=False)
    made.later()
    return made


def test_a_label_outside_of_a_demo_bears_the_artwork_of_the_office(shop):
    shop.register(RED)
    label = shop.label(shop.print())
    side = 9.2 / 25.4 * 150  # 9.2 mm
    assert count_of(label, RED) == pytest.approx(side * side, rel=0.05)
    assert count_of(label, BLUE) == 0
    assert count_of(shop.label(shop.print(mark=False)), RED) == 0


def test_a_sheet_bears_it_beside_every_code(shop):
    shop.register(RED)
    run = shop.print(3)
    with shop.node.database.read() as session:
        row = require_run(session, run)
        keys = LabelKeys(shop.node.vault)
        labels = list(printed_labels(row, keys, shop.node.log_keys.origin, Span(1, 3)))
    pdf = render(shop.design(run), labels, "pdf", A4, FONT).files[0]
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    side = 9.2 / 25.4 * 150
    assert count_of(pixels(page), RED) == pytest.approx(3 * side * side, rel=0.05)


def test_a_run_keeps_the_artwork_that_was_newest_when_it_was_printed(shop):
    shop.register(RED)
    before = shop.print()
    shop.register(BLUE)
    after = shop.print()
    shop.register(RED, "hhk")  # another office's mark is another matter
    for run, shown, absent in ((before, RED, BLUE), (after, BLUE, RED)):
        label = shop.label(run)
        assert count_of(label, shown) > 1_000
        assert count_of(label, absent) == 0


def test_without_an_artwork_nothing_is_printed_at_all(shop):
    def runs() -> int:
        with shop.node.database.read() as session:
            return session.scalar(select(func.count()).select_from(LabelRun)) or 0

    tables = ("certification_quotas", "label_numbers", "run_numbers", "lot_balances")
    before = rows_of(shop.node, tables)
    assert codes(shop.print) == ["artwork_missing"]
    shop.register(RED, "hhk")
    assert codes(shop.print) == ["artwork_missing"]
    assert runs() == 0
    assert rows_of(shop.node, tables) == before
    assert shop.design(shop.print(mark=False)).mark == ""
    shop.register(RED)
    assert shop.design(shop.print()).mark == "artwork"


def test_who_may_not_use_the_mark_is_told_so_first(shop):
    assert codes(shop.print, product="PEAR") == ["mark_not_allowed"]
    shop.decide("suspend")
    assert codes(shop.print) == ["mark_not_allowed"]


DECISIONS = [
    ("granted", (), "artwork"),
    ("suspended", ("suspend",), ""),
    ("resumed", ("suspend", "resume"), "artwork"),
    ("revoked", ("revoke",), ""),
]


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("state, decisions, shown", DECISIONS)
def test_a_run_that_is_printed_again_bears_the_mark_of_now(shop, state, decisions, shown, demo):
    shop = shop.at(demo=demo)
    shop.register(RED)
    run = shop.print()
    for decision in decisions:
        shop.decide(decision)
    found = shop.design(run)
    assert found.mark == ("sample" if shown and demo else shown)
    assert (count_of(shop.label(run), RED) > 1_000) is (shown == "artwork" and not demo)


def test_a_run_that_is_printed_again_after_the_term_has_no_mark(shop):
    shop.register(RED)
    run = shop.print()
    shop.node.clock.at = datetime(2026, 12, 31, 23, 59, tzinfo=BEIJING)
    assert shop.design(run).mark == "artwork"
    shop.later()
    assert shop.design(run).mark == ""


def test_a_demo_prints_its_sample_whatever_was_uploaded(shop):
    demo = shop.at(demo=True)
    run = demo.print()
    assert demo.design(run).mark == "sample"
    demo.register(RED)
    assert count_of(demo.label(demo.print()), RED) == 0
    # What a demo printed never becomes a mark.
    assert shop.design(run).mark == ""


def test_a_mark_that_bounds_no_quantity_is_printed_too(shop):
    stage = shop.world.stage
    grant = GrantCertificate(
        number="GI-911201000000000001", scheme="gi", holder=shop.world.coop.id,
        products=(stage.product_id("PEAR"),), from_date=date(2026, 10, 1), to_date=None,
        effective_at=stage.day(10, 1), reason="登记",
    )  # fmt: skip
    stage.run(grant_certificate, grant)
    assert codes(shop.print, product="PEAR") == ["artwork_missing"]
    shop.register(BLUE, "gi")
    assert count_of(shop.label(shop.print(product="PEAR")), BLUE) > 1_000


def test_the_command_line_prints_the_artwork_too(shop, tmp_path, monkeypatch):
    monkeypatch.setattr(record_commands, "opened", lambda: nullcontext(shop.node))
    out = tmp_path / "label.png"
    words = ["labels", "print", "--lot", shop.world.rice, "--count", "1", "--with-mark"]
    words += ["--format", "png", "--out", str(out)]
    early = CliRunner().invoke(cli, words)
    assert early.exit_code == 1
    assert "artwork_missing" in early.output
    assert not out.exists()
    shop.register(RED)
    assert CliRunner().invoke(cli, words).exit_code == 0
    assert count_of(pixels(Image.open(out)), RED) > 1_000


def test_a_lost_file_is_said_and_nothing_else_is_drawn_instead(shop):
    shop.register(RED)
    run = shop.print()
    (file,) = (path for path in shop.node.files.folder.rglob("*") if path.is_file())
    content = file.read_bytes()
    file.unlink()
    assert codes(shop.design, run) == ["artwork_lost"]
    file.write_bytes(content[:-1])
    assert codes(shop.design, run) == ["artwork_lost"]
    assert shop.design(shop.print(mark=False)).mark == ""
    file.write_bytes(content)
    assert shop.design(run).mark == "artwork"


def test_the_title_of_a_certificate_of_conformity_stands_on_the_label(shop):
    run = shop.print(mark=False)
    found = shop.design(run)
    assert (found.heading, found.product, found.place) == ("", "小站稻米", "天津市津南区小站镇")
    fields = Fields("小站稻米", ("50", "公斤"), "天津", "演示合作社", "022-60000000", ("own_test",))
    shop.world.stage.run(issue, IssueConformity(shop.world.coop.id, shop.world.rice, fields))
    assert shop.design(run).heading == "承诺达标合格证"


def test_the_run_commits_to_the_mark_and_the_second_reader_compares(shop, tamper):
    shop.register(RED)
    run = shop.print()
    with shop.node.database.read() as session:
        row = require_run(session, run)
        assert replay(session, shop.node.vault) == []
    record = opened(shop.node, row.payload_id)
    assert record["mark_certificate"] == shop.world.certificate == row.mark_cert_id
    assert record["mark_artwork"] == row.mark_artwork
    stored = rows_of(shop.node, ["label_runs"])
    for column, value in (("mark_cert_id", "cert:x"), ("mark_artwork", "ab" * 32)):
        with tamper(shop.node.database) as connection:
            connection.exec_driver_sql(f"UPDATE label_runs SET {column} = '{value}'")
        with shop.node.database.read() as session:
            told = [each.column for each in replay(session, shop.node.vault)]
        assert told == ["mark_certificate" if column == "mark_cert_id" else column]
        with tamper(shop.node.database) as connection:
            back = stored["label_runs"][0][column]
            connection.exec_driver_sql(f"UPDATE label_runs SET {column} = '{back}'")
