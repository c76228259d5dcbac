"""Brand office: register, marks that end soon, decisions, granting."""

from __future__ import annotations

from sqlalchemy import func, select

from certification.certificates.tables import CertificateRow, ChangeRow
from tests.console.refusals import Case, differences
from tests.console.visitor import new_key, problem_of
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
    key = new_key()
    for _ in range(2):
        page = officer.follow(officer.post(f"{path}/suspend", key, **right))
    assert "标志使用已暂停" in page.text
    assert count(world, ChangeRow) == 2
    refused = grower.post(f"/console/labels/print/lot/{world.rice}", count="1", with_mark="y")
    assert problem_of(refused) == "mark_not_allowed"
    assert "标志使用有效" in officer.follow(officer.post(f"{path}/resume", **right)).text
    assert "标志使用已撤销" in officer.follow(officer.post(f"{path}/revoke", **right)).text
    late = officer.post(f"{path}/suspend", **right)
    assert (late.status_code, problem_of(late)) == (409, "certificate_revoked")
    assert officer.post(f"{path}/bless", **right).status_code == 404
    assert grower.post(f"{path}/suspend", **right).status_code == 403


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
        "effective_at": NOW, "reason": "评定通过",
    }  # fmt: skip
    cases: tuple[Case, ...] = (
        ({"number": "JNJP-9"}, 422, "number_malformed", "number"),
        ({"number": "JNJP-2024-0001"}, 409, "number_taken", "number"),
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
