"""Points officer: an account, the cause of each posting, recorded penalties."""

from __future__ import annotations

from identity.actor import SYSTEM
from points.awards.model import TracedFact
from points.awards.service import award
from points.credit.records.model import RecordPenalty
from points.credit.records.service import record_penalty
from points.packs.service import PublishPack, publish, shipped
from tests.console.visitor import problem_of


def test_each_point_names_its_cause_and_its_entry(signed_in, world) -> None:
    stage, at = world.stage, world.stage.day(10, 20)
    stage.run(publish, PublishPack(shipped()["tianjin"]))
    fact = TracedFact(
        "lot.closed", world.coop.id, at, "trace", world.rice, attributes={"chain": "unbroken"}
    )
    stage.run(award, fact)
    penalty = RecordPenalty(
        subject=world.coop.id, document_number="演示农罚〔2026〕9号", authority="演示农业农村局",
        decided=at.date(), penalty_class="serious", offence="input.forbidden", occurred_at=at,
        basis="《演示法》", narrative="演示", disclosure_start=at.date(),
        disclosure_end=at.date().replace(year=2028),
    )  # fmt: skip
    stage.run(record_penalty, penalty, SYSTEM)
    officer = signed_in("jifen")
    listed = officer.get("/console/points/").text
    assert "演示合作社" in listed
    assert "20 分" in listed
    assert "演示合作社" in officer.get(f"/console/points/?q={world.coop.code}").text
    page = officer.get(f"/console/points/{world.coop.id}").text
    for word in (
        "+20",
        "追溯事实",
        world.rice,
        "演示农罚〔2026〕9号",
        "公示中",
        "日志",
        "《演示法》",
    ):
        assert word in page
    english = officer.get(f"/console/points/{world.coop.id}", lang="en").text
    assert "Traced fact" in english


def test_natural_persons_have_no_account_page(signed_in, world) -> None:
    household = world.stage.household(world.coop, "村民甲", "13900000000")
    officer = signed_in("jifen")
    page = officer.get(f"/console/points/{household.id}")
    assert (page.status_code, problem_of(page)) == (404, "party_unknown")
    assert "村民" not in officer.get(f"/console/points/?q={household.id}").text
