"""记一笔: each step through its form, what is refused, and the last step in three taps."""

from __future__ import annotations

import re
import typing
from dataclasses import fields
from datetime import timedelta

from sqlalchemy import func, select

from console.records.words import NOT_ASKED, SHAPES
from tests.console.visitor import BASE, error_at, filled_form, first, new_key, problem_of
from trace.epcis.farm import FarmStep
from trace.events.tables import Event
from trace.lots.tables import LotBalance
from trace.steps.model import step_named

MG_PER_KG = 1_000_000
MINUTE = timedelta(minutes=1)
NOW = "2026-11-01T08:00"


def held(world, lot: str) -> int:
    with world.node.database.read() as session:
        return int(session.get_one(LotBalance, lot).balance().held) // MG_PER_KG


def events(world) -> int:
    with world.node.database.read() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def test_the_forms_ask_for_every_detail_of_every_step() -> None:
    for step in FarmStep:
        kind, shape = step_named(step), SHAPES[step]
        known = {each.name for each in fields(kind)} - {"lots", "inputs", "outputs"}
        asked = {each.name for each in shape.details}
        asked |= {each.unit_field for each in shape.details if each.unit_field}
        assert asked == known - NOT_ASKED, step
        parts = {each.name for each in fields(kind)} - known
        assert {shape.main, shape.other} - {None} == parts, step
        for each in shape.details:
            wanted = str(typing.get_type_hints(kind)[each.name])
            assert ("int" in wanted) == (each.kind == "whole"), each.name
            assert ("date" in wanted) == (each.kind == "date"), each.name


STEPS = (
    ("seed_or_stocking", "seedling", {"variety": "津原89", "area_typed": "1.5", "area_unit": "亩"}),
    ("input", "seedling", {"input_kind": "fertiliser", "dose": "20", "dose_unit": "公斤/亩"}),
    ("harvest", "seedling", {"outputs__0__value": "40", "outputs__0__unit": "公斤"}),
    ("storage", "seedling", {"facility": "一号仓", "temperature_c": "-2.5"}),
    ("inspection", "seedling", {"passed": "true", "laboratory": "演示检测"}),
    ("transport", "seedling", {"carrier": "演示物流", "vehicle": "津A00000"}),
    ("packing", "seedling", {"pack": "5 公斤袋", "pieces": "8", "best_before": "2027-10-18"}),
    ("sale", "seedling", {"lots__0__value": "10", "lots__0__unit": "公斤", "retail": "true"}),
)


def test_every_step_goes_through_its_form_and_gives_a_receipt(grower, world) -> None:
    for step, lot, typed in STEPS:
        world.node.clock.advance(MINUTE)
        at = grower.get(f"/console/record/{getattr(world, lot)}/{step}")
        form = filled_form(at) | {name.replace("__", "-"): text for name, text in typed.items()}
        answer = grower.client.post(at.request.path, data=form, base_url=BASE)
        receipt = grower.follow(answer)
        assert "已记下" in receipt.text, step
        assert "已排入日志" in receipt.text
        assert re.search(r"<code>[A-Za-z0-9_-]{43}</code>", receipt.text)
        assert "不能删除" in receipt.text
    assert held(world, world.seedling) == 30


def test_lots_are_milled_split_and_merged(grower, world) -> None:
    new = grower.follow(grower.post("/console/lots/new", product="RICE", code="R3", opened_at=NOW))
    third = first(r"/console/record/(lot:[^/]+)/", new)
    goods = {"inputs__0__value": "60", "inputs__0__unit": "公斤", "at": NOW}
    path = f"/console/record/{world.rice}"
    split = {"outputs__0__lot": world.seedling, "outputs__0__value": "80", "outputs__0__unit": "斤"}
    split |= {"outputs__1__lot": third, "outputs__1__value": "20", "outputs__1__unit": "公斤"}
    grower.follow(grower.post(f"{path}/split", **goods, **split))
    assert [held(world, lot) for lot in (world.rice, world.seedling, third)] == [40, 40, 20]
    merged = {"outputs__0__value": "60", "outputs__0__unit": "公斤", "at": NOW}
    for row, (lot, value) in enumerate(((world.seedling, "40"), (world.rice, "20"))):
        merged |= {f"inputs__{row}__lot": lot, f"inputs__{row}__value": value}
        merged |= {f"inputs__{row}__unit": "公斤"}
    grower.follow(grower.post(f"/console/record/{third}/merge", **merged))
    assert [held(world, lot) for lot in (world.rice, world.seedling, third)] == [20, 0, 80]
    milled = {"inputs__0__value": "10", "inputs__0__unit": "公斤", "at": NOW, "process": "碾米"}
    milled |= {"outputs__0__lot": world.seedling, "outputs__0__value": "6.5"}
    milled |= {"outputs__0__unit": "公斤"}
    grower.follow(grower.post(f"/console/record/{third}/processing", **milled))
    assert [held(world, lot) for lot in (world.seedling, third)] == [6, 70]


def test_the_last_step_is_repeated_in_three_taps(grower, world) -> None:
    typed = {"input_kind": "feed", "input_name": "豆粕", "dose": "12", "dose_unit": "公斤"}
    path = f"/console/record/{world.rice}/input"
    grower.follow(grower.post(path, at=NOW, operator="村民甲", note="早上", **typed))
    world.node.clock.advance(MINUTE * 90)
    home = grower.get("/console/")  # tap 1: open
    link = first(r'class="repeat card" href="([^"]+)"', home)
    look = grower.follow(grower.get(link))  # tap 2: the offer
    for word in ("豆粕", "12 公斤", "村民甲", "早上", "2026-11-01 09:30"):
        assert word in look.text
    answer = grower.client.post(
        look.request.full_path.rstrip("?"), data=filled_form(look), base_url=BASE
    )  # tap 3: confirm
    assert "豆粕" in grower.follow(answer).text
    assert events(world) == 5


def test_a_sale_is_repeated_with_its_quantity(grower, world) -> None:
    path = f"/console/record/{world.rice}/sale"
    sold = {"lots__0__value": "30", "lots__0__unit": "公斤", "buyer_name": "市场"}
    grower.follow(grower.post(path, at=NOW, **sold))
    world.node.clock.advance(MINUTE)
    look = grower.follow(grower.get("/console/record/again"))
    assert "30 公斤" in look.text
    again = filled_form(look)
    grower.follow(grower.client.post(look.request.full_path, data=again, base_url=BASE))
    assert held(world, world.rice) == 40
    world.node.clock.advance(MINUTE)
    look = grower.follow(grower.get("/console/record/again"))
    over = grower.client.post(
        look.request.full_path, data=filled_form(look) | {"lots-0-value": "41"}, base_url=BASE
    )
    assert over.status_code == 409
    assert error_at(over, "lots-0-value") == "本批次现有 40 公斤，不能转出 41 公斤"


REFUSED = (
    # step, what is typed otherwise than right, status, code, field
    ("sale", {"lots__0__value": "101"}, 409, "more_than_held", "lots-0-value"),
    ("sale", {"lots__0__value": ""}, 422, "field_missing", "lots-0-value"),
    ("sale", {"lots__0__value": "-1"}, 422, "quantity_malformed", "lots-0-value"),
    ("sale", {"lots__0__value": "一百"}, 422, "quantity_malformed", "lots-0-value"),
    ("sale", {"lots__0__value": "0.0000001"}, 422, "quantity_malformed", "lots-0-value"),
    ("sale", {"lots__0__value": "9" * 16}, 422, "quantity_malformed", "lots-0-value"),
    ("sale", {"lots__0__unit": "只"}, 422, "wrong_unit", "lots-0-value"),
    ("sale", {"lots__0__unit": "斗"}, 422, "quantity_malformed", "lots-0-value"),
    ("sale", {"at": ""}, 422, "field_missing", "at"),
    ("sale", {"at": "昨天"}, 422, "moment_malformed", "at"),
    ("sale", {"at": "2026-11-02T08:06"}, 400, "time_in_future", "at"),
    ("sale", {"at": "2026-10-01T08:00"}, 409, "step_before_opening", "at"),
    ("sale", {"at": "9999-12-31T23:59"}, 400, "time_malformed", "at"),
    ("sale", {"note": "无‮声"}, 422, "bidi_text", "note"),
    ("sale", {"note": "看​不见"}, 422, "invisible_text", "note"),
    ("sale", {"note": "\x00"}, 422, "control_text", "note"),
    ("sale", {"note": "长" * 501}, 422, "text_too_long", "note"),
    ("sale", {"buyer_name": "长" * 101}, 422, "text_too_long", "buyer_name"),
    ("input", {"dose": "-3"}, 400, "quantity_negative", "dose"),
    ("input", {"dose": "NaN"}, 400, "value_malformed", "dose"),
    ("input", {"interval_days": "1.5"}, 422, "detail_malformed", "interval_days"),
    ("packing", {"best_before": "2027-02-30"}, 422, "detail_malformed", "best_before"),
    ("packing", {"at": "2026-10-18T08:30"}, 409, "step_before_opening", "at"),
    ("inspection", {"report_sha256": "abc"}, 400, "value_malformed", "report_sha256"),
)


def test_what_is_typed_wrong_is_refused_at_its_field_and_kept(grower, world) -> None:
    before, told = events(world), []
    for step, typed, _, _, field in REFUSED:
        right = {"at": NOW}
        if step == "sale":
            right |= {"lots__0__value": "1", "lots__0__unit": "公斤", "buyer_name": "某某市场"}
        path = f"/console/record/{world.rice}/{step}"
        page = grower.post(path, **(right | typed))
        shown = field if error_at(page, field) else ""
        told.append((step, typed, page.status_code, problem_of(page), shown))
        english = grower.post(path, lang="en", **(right | typed))
        assert error_at(english, field).isascii(), error_at(english, field)
        kept = (right | typed).get("buyer_name", "")
        assert kept in page.text, typed
    assert [x for x in zip(told, REFUSED, strict=True) if x[0] != x[1]] == []
    assert events(world) == before


def test_order_of_steps_is_told_with_names_and_moments(grower, world) -> None:
    path = f"/console/record/{world.seedling}/sale"
    harvest = {"outputs__0__value": "9", "outputs__0__unit": "公斤", "at": NOW}
    grower.follow(grower.post(f"/console/record/{world.seedling}/harvest", **harvest))
    page = grower.post(
        path, at="2026-10-30T10:00", lots__0__value="1", lots__0__unit="公斤", lang="zh"
    )
    assert page.status_code == 409
    assert "收获" in error_at(page, "at")
    assert "2026年10月30日 10:00" in error_at(page, "at")


def test_nobody_records_for_another_party(grower, world) -> None:
    assert grower.get(f"/console/record/{world.foreign}/").status_code == 403
    path = f"/console/record/{world.foreign}/storage"
    assert grower.post(path, at=NOW).status_code == 403
    into = {"inputs__0__value": "1", "inputs__0__unit": "公斤", "at": NOW}
    into |= {"outputs__0__lot": world.foreign, "outputs__0__value": "1", "outputs__0__unit": "公斤"}
    page = grower.post(f"/console/record/{world.rice}/split", **into)
    assert page.status_code == 403
    assert problem_of(page) == "not_yours"
    assert grower.get(f"/console/record/{world.rice}/ploughing").status_code == 422


def test_a_second_tap_changes_nothing(grower, world) -> None:
    path, key = f"/console/record/{world.rice}/sale", new_key()
    sold = {"lots__0__value": "30", "lots__0__unit": "公斤", "at": NOW}
    once, twice = (grower.post(path, key, **sold) for _ in range(2))
    assert once.headers["Location"] == twice.headers["Location"]
    assert held(world, world.rice) == 70
    changed = grower.post(path, key, **(sold | {"lots__0__value": "31"}))
    assert (changed.status_code, problem_of(changed)) == (409, "form_repeated")
    assert filled_form(changed)["form_key"] != key
    same = grower.post(path, **sold)
    assert "早已记过" in grower.follow(same).text
    assert held(world, world.rice) == 70


def test_markup_in_every_field_is_text(grower, world) -> None:
    evil = "<img src=x onerror=alert(1)>"
    typed = {"input_name": evil, "method": evil, "operator": evil, "note": evil}
    path = f"/console/record/{world.rice}/input"
    done = grower.follow(grower.post(path, at=NOW, registration="<b>1</b>", **typed))
    pages = [done, grower.get("/console/"), grower.follow(grower.get("/console/record/again"))]
    pages.append(grower.post(path, at="?", registration="x" * 200, **typed))
    for page in pages:
        assert "<img src=x" not in page.text
        assert "<b>1" not in page.text
    assert all("&lt;img src=x" in page.text for page in (pages[0], pages[2], pages[3]))
