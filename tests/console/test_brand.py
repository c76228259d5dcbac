"""Brand office: register, marks that end soon, decisions by two people, granting."""

from __future__ import annotations

import re

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from certification.certificates.tables import CertificateRow, ChangeRow
from certification.consequences.tables import ConsequenceRow
from tests.console.refusals import Case, differences
from tests.console.visitor import Visitor, error_at, first, new_key, problem_of
from trace.products.tables import Product

NOW = "2026-11-01T08:00"


def count(world, table) -> int:
    with world.node.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_register_shows_quantities_and_what_ends_soon(signed_in, world) -> None:
    officer, grower = signed_in("pinpai"), signed_in("nongmin")
    grower.follow(grower.post(f"/console/labels/print/lot/{world.rice}", count="4"))
    page = officer.get("/console/brand/").text
    for word in ("JNJP-2024-0001", "还有 60 天", "10 件", "4 件", "6 件", "演示合作社"):
        assert word in page
    one = officer.get(f"/console/brand/{world.certificate}").text
    for word in ("发证", "演示：评定通过", "第 1 次印刷", "6 件"):
        assert word in one
    row = f'class="code-cell"><a href="/console/brand/{world.certificate}"'
    assert row in page
    assert row in officer.get("/console/brand/?scheme=jnjp&after=J").text
    assert row not in officer.get("/console/brand/?scheme=hhk").text
    assert row not in officer.get("/console/brand/?after=JNJP-2024-0001").text


def test_a_licence_is_suspended_resumed_and_revoked(signed_in, world) -> None:
    officer, grower = signed_in("pinpai"), signed_in("nongmin")
    second = signed_in("pinpai2")
    path = f"/console/brand/{world.certificate}"
    right = {"effective_at": NOW, "reason": "抽检不合格", "document": "演示〔2026〕1号"}
    cases: tuple[Case, ...] = (
        ({"reason": ""}, 422, "field_missing", "suspend-reason"),
        ({"reason": "<b>"}, 422, "text_markup", "suspend-reason"),
        ({"reason": "理" * 501}, 422, "text_too_long", "suspend-reason"),
        ({"document": "文" * 81}, 422, "text_too_long", "suspend-document"),
        ({"effective_at": "2026-11-02T08:00"}, 422, "in_the_future", "suspend-effective_at"),
        ({"effective_at": "2001-01-01T08:00"}, 409, "out_of_order", "suspend-effective_at"),
        ({"effective_at": ""}, 422, "field_missing", "suspend-effective_at"),
    )
    assert differences(officer, f"{path}/suspend", right, cases) == []
    early = officer.post(f"{path}/resume", **right)
    assert (early.status_code, problem_of(early)) == (409, "certificate_not_suspended")
    bare = officer.post(f"{path}/resume", **{**right, "document": ""})
    assert (bare.status_code, problem_of(bare)) == (422, "field_missing")
    assert error_at(bare, "resume-document")
    key = new_key()
    for _ in range(2):
        page = officer.follow(officer.post(f"{path}/suspend", key, **right))
    assert "标志使用有效" in officer.get(path).text
    assert (count(world, ConsequenceRow), count(world, ChangeRow)) == (1, 1)
    confirmed(second, page)
    assert "标志使用已暂停" in officer.get(path).text
    assert count(world, ChangeRow) == 2
    refused = grower.post(f"/console/labels/print/lot/{world.rice}", count="1", with_mark="y")
    assert problem_of(refused) == "mark_not_allowed"
    assert "标志使用有效" in officer.follow(officer.post(f"{path}/resume", **right)).text
    confirmed(second, officer.follow(officer.post(f"{path}/revoke", **right)))
    assert "标志使用已撤销" in officer.get(path).text
    late = officer.post(f"{path}/suspend", **right)
    assert (late.status_code, problem_of(late)) == (409, "certificate_revoked")
    assert officer.post(f"{path}/bless", **right).status_code == 404
    assert grower.post(f"{path}/suspend", **right).status_code == 403


def confirmed(second: Visitor, page: TestResponse) -> TestResponse:
    """Let a second officer confirm what a page proposes."""
    mine = second.get(page.request.path)
    radius = first(r'name="radius" value="([0-9a-f]{64})"', mine)
    return second.follow(second.post(f"{page.request.path}/confirm", radius=radius))


def test_the_second_person_sees_what_is_touched_before_confirming(signed_in, world) -> None:
    officer, second, grower = signed_in("pinpai"), signed_in("pinpai2"), signed_in("nongmin")
    grower.follow(grower.post(f"/console/labels/print/lot/{world.rice}", count="4", with_mark="y"))
    path = f"/console/brand/{world.certificate}"
    look = officer.get(f"/console/brand/consequences/of/{world.certificate}").text
    assert "什么都没有提出" in look
    assert count(world, ConsequenceRow) == 0
    right = {"effective_at": NOW, "reason": "抽检不合格"}
    page = officer.follow(officer.post(f"{path}/suspend", **right))
    address = page.request.path
    for word in ("您提出的，须由另一人", "R1", "第 1 次印刷", "小站稻米", "4 枚"):
        assert word in page.text, word
    assert figures(page) == {"个批次": "1", "枚标签": "4", "次印刷": "1", "份准印证": "0",
                             "份销售证": "0", "笔积分": "0", "条公示中信用记录": "0"}  # fmt: skip
    assert address in officer.get("/console/brand/").text
    assert address in officer.get(path).text
    refusals = [
        (officer, "confirm", {"radius": "0" * 64}, 403, "consequence_same_person"),
        (second, "confirm", {"radius": "0" * 64}, 409, "consequence_radius_other"),
        (second, "confirm", {"radius": ""}, 422, "field_missing"),
        (second, "drop", {"reason": ""}, 422, "field_missing"),
        (second, "drop", {"reason": "<b>"}, 422, "text_markup"),
    ]
    for who, deed, fields, status, code in refusals:
        refused = who.post(f"{address}/{deed}", **fields)
        assert (refused.status_code, problem_of(refused)) == (status, code), (deed, fields)
    assert problem_of(officer.post(f"{path}/revoke", **right)) == "consequence_waiting"
    grower.follow(grower.post(f"/console/labels/print/lot/{world.rice}", count="2"))
    grown = second.get(address, lang="en").text
    assert "Since it was proposed there came: 2 labels, 1 print runs" in grown
    page = second.follow(second.post(f"{address}/drop", reason="复检合格"))
    assert "已撤下" in page.text
    assert "复检合格" in page.text
    assert "标志使用有效" in officer.get(path).text
    assert address not in officer.get("/console/brand/").text


def figures(page: TestResponse) -> dict[str, str]:
    """The plain numbers of a page, by what they count."""
    found = re.findall(r'figure-value">([^<]*)</span><span class="figure-text">([^<]*)<', page.text)
    return {text: value for value, text in found}


def test_a_hold_stops_printing_before_anybody_confirms(signed_in, world) -> None:
    officer, second, grower = signed_in("pinpai"), signed_in("pinpai2"), signed_in("nongmin")
    path = f"/console/brand/{world.certificate}"
    right = {"effective_at": NOW, "reason": "抽检不合格", "hold": "y"}
    page = officer.follow(officer.post(f"{path}/suspend", **right))
    assert "先行停印" in page.text
    printing = f"/console/labels/print/lot/{world.rice}"
    refused = grower.post(printing, count="1")
    assert (refused.status_code, problem_of(refused)) == (409, "certificate_held")
    officer.follow(officer.post(f"{page.request.path}/drop", reason="复检合格"))
    grower.follow(grower.post(printing, count="1"))
    again = officer.post(f"{path}/suspend", **right)
    assert (again.status_code, problem_of(again)) == (409, "hold_repeated")
    assert error_at(again, "suspend-hold")
    second.follow(second.post(f"{path}/suspend", **right))


def test_a_licence_is_granted_to_a_firm_that_was_found(signed_in, world) -> None:
    officer = signed_in("pinpai")
    assert world.coop.id in officer.get(f"/console/brand/grant?q={world.coop.code}").text
    assert world.coop.id in officer.get("/console/brand/grant?q=合作社").text
    path = f"/console/brand/grant/{world.coop.id}"
    with world.node.database.read() as session:
        pear = session.scalars(select(Product.id).filter_by(code="PEAR")).one()
    right = {
        "number": "JNJP-2026-0009", "scheme": "jnjp", "holder": world.coop.id, "products": [pear],
        "from_date": "2026-11-01", "to_date": "2029-10-31", "quantity": "50", "unit": "件",
        "effective_at": NOW, "reason": "评定通过", "document": "演示评〔2026〕9号",
    }  # fmt: skip
    cases: tuple[Case, ...] = (
        ({"number": "JNJP-9"}, 422, "number_malformed", "number"),
        (
            {"number": "JNJP-2024-0001", "from_date": "2025-01-01", "to_date": "2027-12-31"},
            409,
            "number_taken",
            "number",
        ),
        ({"number": "JNJP-2024-0002"}, 422, "number_not_of_term", "number"),
        ({"scheme": "none"}, 422, "scheme_unknown", "scheme"),
        ({"scheme": ""}, 422, "choice_missing", "scheme"),
        ({"products": []}, 422, "choice_missing", "products"),
        ({"from_date": "x"}, 422, "day_malformed", "from_date"),
        ({"to_date": "2026-10-01"}, 422, "dates_reversed", "to_date"),
        ({"to_date": "2030-10-31"}, 422, "validity_too_long", "to_date"),
        ({"to_date": ""}, 422, "end_missing", "to_date"),
        ({"quantity": ""}, 422, "quantity_missing", "quantity"),
        ({"quantity": "-5"}, 422, "quantity_invalid", "quantity"),
        ({"unit": "亩"}, 422, "unit_not_of_scheme", "quantity"),
        ({"reason": ""}, 422, "field_missing", "reason"),
        ({"document": ""}, 422, "document_required", "document"),
        ({"effective_at": "2026-11-02T08:00"}, 422, "in_the_future", "effective_at"),
    )
    assert differences(officer, path, right, cases) == []
    key = new_key()
    for _ in range(2):
        page = officer.follow(officer.post(path, key, **right))
    assert "JNJP-2026-0009" in page.text
    assert count(world, CertificateRow) == 2
    own = right | {"holder": world.office.id, "number": "JNJP-2026-0010"}
    mine = officer.post(path, **own)
    assert (mine.status_code, problem_of(mine)) == (403, "own_certificate")
