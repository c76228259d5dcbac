"""A recall is proposed, seen, confirmed by a second person, ended."""

from __future__ import annotations

from tests.console.refusals import Case, differences
from tests.console.visitor import filled_form, new_key, problem_of
from trace.recall.service import open_recall_of
from trace.steps.service import LotAmount


def recalled(world, lot: str) -> bool:
    with world.node.database.read() as session:
        return open_recall_of(session, lot) is not None


def spread(world) -> None:
    """40 kg of the rice went on into another lot."""
    at = world.node.clock.now()
    world.stage.step(
        world.coop, "split", at, inputs=(LotAmount(world.rice, "40", "公斤"),),
        outputs=(LotAmount(world.seedling, "40", "公斤"),),
    )  # fmt: skip


def test_two_officers_recall_what_came_from_a_lot(signed_in, world) -> None:
    first, second = signed_in("jianguan1"), signed_in("jianguan2")
    spread(world)
    grower = signed_in("nongmin")
    grower.follow(grower.post(f"/console/labels/print/lot/{world.rice}", count="3"))
    assert world.rice in first.get("/console/recalls/lots?q=R1").text
    part = first.get("/console/recalls/lots?q=R1", headers={"HX-Request": "true"}).text
    assert world.rice in part
    assert "<html" not in part
    path = f"/console/recalls/new/{world.rice}"
    preview = first.get(path).text
    for word in ("R1", "R2", "演示合作社", "60 公斤", "40 公斤", ">3<"):
        assert word in preview
    key = new_key()
    for _ in range(2):
        page = first.follow(first.post(path, key, reason_zh="检出氧氟沙星", reason_en="Ofloxacin"))
    assert "须由另一名监管人员" in page.text
    assert not recalled(world, world.rice)
    recall = page.request.path
    radius = filled_form(second.get(recall))["radius"]
    alone = first.post(f"{recall}/confirm", radius=radius)
    assert (alone.status_code, problem_of(alone)) == (409, "recall_same_person")
    assert "1 recalls wait" in second.get("/console/", lang="en").text
    done = second.follow(second.post(f"{recall}/confirm", radius=radius))
    assert "召回中" in done.text
    assert recalled(world, world.rice)
    assert recalled(world, world.seedling)
    again = second.post(f"{recall}/confirm", radius=radius)
    assert (again.status_code, problem_of(again)) == (409, "recall_not_open")
    assert "已结束" in second.follow(second.post(f"{recall}/end")).text
    assert not recalled(world, world.rice)
    assert first.post(f"{recall}/end").status_code == 409


def test_a_radius_that_has_grown_is_shown_again(signed_in, world) -> None:
    first, second = signed_in("jianguan1"), signed_in("jianguan2")
    path = f"/console/recalls/new/{world.rice}"
    recall = first.follow(first.post(path, reason_zh="<b>抽检</b>")).request.path
    old = filled_form(second.get(recall))["radius"]
    spread(world)
    page = second.post(f"{recall}/confirm", radius=old)
    assert (page.status_code, problem_of(page)) == (409, "recall_radius_changed")
    assert filled_form(page)["radius"] != old
    assert "R2" in page.text
    assert "<b>抽检" not in page.text
    assert "&lt;b&gt;抽检" in page.text
    assert "&lt;b&gt;抽检" in first.get("/console/recalls/").text


def test_what_is_wrong_is_refused(signed_in, world) -> None:
    officer = signed_in("jianguan1")
    cases: tuple[Case, ...] = (
        ({"reason_zh": ""}, 422, "field_missing", "reason_zh"),
        ({"reason_zh": "因" * 201}, 422, "text_too_long", "reason_zh"),
        ({"reason_zh": "无‮声"}, 422, "bidi_text", "reason_zh"),
        ({"reason_en": "e" * 401}, 422, "text_too_long", "reason_en"),
    )
    path = f"/console/recalls/new/{world.rice}"
    assert differences(officer, path, {"reason_zh": "抽检"}, cases) == []
    absent = "/console/recalls/rcl:AAAAAAAAAAAAAAAAAAAA"
    assert officer.post(f"{absent}/confirm", radius="0" * 64).status_code == 404
    assert officer.post(f"{absent}/end").status_code == 404
    grower = signed_in("nongmin")
    assert grower.post(path, reason_zh="抽检").status_code == 403
