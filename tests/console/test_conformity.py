"""开合格证: prefilled, seen before it is issued, never asked for grain."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.console.refusals import Case, differences
from tests.console.visitor import filled_form, new_key, problem_of
from trace.conformity.tables import ConformityCertificate

RIGHT = {
    "product_name": "香梨",
    "quantity_value": "50",
    "quantity_unit": "公斤",
    "origin": "天津市津南区小站镇",
    "party_name": "演示合作社",
    "contact": "13900000000",
    "basis": ["control_met", "own_test"],
    "style": "producer",
}
ISSUE = RIGHT | {"deed": "issue"}
REFUSED: tuple[Case, ...] = (
    ({"product_name": ""}, 422, "field_missing", "product_name"),
    ({"contact": " "}, 422, "field_missing", "contact"),
    ({"basis": []}, 422, "choice_missing", "basis"),
    ({"basis": ["hope"]}, 422, "conformity_basis_unknown", "basis"),
    ({"style": "dealer"}, 422, "conformity_style_unknown", "style"),
    ({"style": "buyer"}, 422, "conformity_sources_missing", "sources"),
    ({"sources": "某某的合格证"}, 422, "conformity_sources_unwanted", "sources"),
    ({"quantity_value": "50.5"}, 409, "conformity_over_lot", "quantity_value"),
    ({"quantity_value": "-1"}, 422, "quantity_malformed", "quantity_value"),
    ({"quantity_unit": "只"}, 422, "wrong_unit", "quantity_value"),
    ({"party_name": "名" * 81}, 422, "text_too_long", "party_name"),
    ({"origin": "看​不见"}, 422, "invisible_text", "origin"),
)


def issued(world) -> int:
    with world.node.database.read() as session:
        return session.scalar(select(func.count()).select_from(ConformityCertificate)) or 0


def test_it_is_due_for_fruit_and_not_asked_for_grain(grower, world) -> None:
    listed = grower.get("/console/conformity/").text
    assert "应当开具，还没有" in listed
    assert "不要求开具" in listed
    assert "按规定应当开具" in grower.get(f"/console/conformity/new/{world.pear}").text
    assert (
        "粮食不在承诺达标合格证的目录内" in grower.get(f"/console/conformity/new/{world.rice}").text
    )


def test_it_is_prefilled_looked_at_and_issued_once(grower, world) -> None:
    path = f"/console/conformity/new/{world.pear}"
    form = filled_form(grower.get(path))
    told = {name: form[name] for name in ("product_name", "quantity_value", "origin", "party_name")}
    assert told == {
        "product_name": "香梨",
        "quantity_value": "50",
        "origin": "天津市津南区小站镇",
        "party_name": "演示合作社",
    }
    look = grower.post(path, deed="look", **RIGHT)
    assert look.status_code == 200
    for word in (
        "13900000000",
        "演示合作社",
        "承诺达标合格证",
        "不超标",
        "自行检测合格",
        "50 公斤",
    ):
        assert word in look.text
    assert issued(world) == 0
    assert grower.post(path, deed="change", **RIGHT).status_code == 200
    key = new_key()
    first, second = (grower.post(path, key, **ISSUE) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    page = grower.follow(first)
    for word in ("13900000000", "质量安全控制符合要求", "已排入日志", "2027年5月1日"):
        assert word in page.text
    assert issued(world) == 1
    assert "已开具" in grower.get("/console/conformity/").text
    for format, begins in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<svg")):
        label = grower.get(f"{first.headers['Location']}/label?format={format}")
        assert label.data.startswith(begins)
    assert grower.get(f"{first.headers['Location']}/label?format=doc").status_code == 422


def test_a_correction_names_the_one_that_it_replaces(grower, world) -> None:
    path = f"/console/conformity/new/{world.pear}"
    first = grower.follow(grower.post(path, **ISSUE)).request.path
    again = grower.post(path, **ISSUE)
    assert (again.status_code, problem_of(again)) == (409, "conformity_exists")
    form = filled_form(grower.get(path))
    grower.follow(grower.post(path, **(ISSUE | {"supersedes": form["supersedes"]})))
    assert "已有更新的一张替代了它" in grower.get(first).text
    assert issued(world) == 2


def test_what_is_typed_wrong_is_refused_at_its_field(grower, world) -> None:
    path = f"/console/conformity/new/{world.pear}"
    assert differences(grower, path, ISSUE, REFUSED) == []
    assert grower.post(f"/console/conformity/new/{world.foreign}", **ISSUE).status_code == 403
    assert issued(world) == 0


def test_markup_is_text_and_others_do_not_read_it(grower, signed_in, world) -> None:
    evil = "<b onclick=x>名</b>"
    path = f"/console/conformity/new/{world.pear}"
    typed = ISSUE | {"product_name": evil, "origin": evil, "party_name": evil, "contact": evil}
    look = grower.post(path, **(typed | {"deed": "look"}))
    page = grower.follow(grower.post(path, **typed))
    for each in (look, page):
        assert evil not in each.text
        assert "&lt;b onclick" in each.text
    assert signed_in("jianguan1").get(page.request.path).status_code == 403
