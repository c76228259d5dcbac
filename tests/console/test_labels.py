"""打标签 and 看扫码: what is left, over-issue, files, binding, voiding, scans."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from sqlalchemy import func, select

from tests.console.refusals import Case, differences
from tests.console.visitor import error_at, first, new_key, problem_of
from trace.labels.human_code import human_code
from trace.labels.tables import LabelRun, LabelVoid
from trace.lots.tables import Lot
from trace.scans.service import ClaimFirst, claim_first_scan


def runs(world) -> list[LabelRun]:
    with world.node.database.read() as session:
        return list(session.scalars(select(LabelRun).order_by(LabelRun.number)))


def test_labels_are_printed_within_what_is_left(grower, world) -> None:
    path = f"/console/labels/print/lot/{world.rice}"
    before = grower.get(path).text
    assert ">20<" in before  # goods of 100 kg for bags of 5 kg
    assert ">10<" in before  # pieces left on the certificate
    over = grower.post(path, count="11")
    assert (over.status_code, problem_of(over)) == (409, "over_certified")
    assert error_at(over, "count") == "一共核准 10 件，已印 0 件，本次 11 件，超出 1 件"
    assert 'value="11"' in over.text
    key = new_key()
    first, second = (grower.post(path, key, count="10", with_mark="y") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    page = grower.follow(first)
    assert human_code(1, 10) in page.text
    one = grower.post(path, count="1", lang="en")
    assert error_at(one, "count") == "10 pieces certified, 10 printed, 1 asked for: 1 over"
    assert len(runs(world)) == 1
    cases: tuple[Case, ...] = (
        ({"count": ""}, 422, "field_missing", "count"),
        ({"count": "ten"}, 422, "number_malformed", "count"),
        ({"count": "0"}, 422, "label_count_malformed", "count"),
        ({"count": "-3"}, 422, "label_count_malformed", "count"),
        ({"count": "10000000"}, 422, "label_count_malformed", "count"),
    )
    assert differences(grower, path, {}, cases) == []
    assert grower.post(path, count="1", certificate="JNJP-2026-0404").status_code == 404
    assert grower.post(f"/console/labels/print/lot/{world.foreign}", count="1").status_code == 403
    pears = grower.post(f"/console/labels/print/lot/{world.pear}", count="11")
    assert (pears.status_code, problem_of(pears)) == (409, "over_lot")
    unmarked = grower.post(f"/console/labels/print/lot/{world.pear}", count="1", with_mark="y")
    assert problem_of(unmarked) == "mark_not_allowed"


def test_a_run_is_downloaded_as_pdf_png_and_svg(grower, world) -> None:
    path = f"/console/labels/print/lot/{world.rice}"
    run = grower.follow(grower.post(path, count="10", with_mark="y")).request.path
    for query, begins in (
        ("format=pdf&first=1&last=10", b"%PDF"),
        ("format=pdf&layout=roll", b"%PDF"),
        ("format=png&dpi=150&last=2", b"\x89PNG"),
        ("format=svg&layout=single&first=3&last=3", b"<svg"),
    ):
        file = grower.get(f"{run}/sheet?{query}")
        assert file.data.startswith(begins), query
        assert "attachment" in file.headers["Content-Disposition"]
    several = grower.get(f"{run}/sheet?format=svg&layout=single&first=1&last=3")
    assert len(zipfile.ZipFile(BytesIO(several.data)).namelist()) == 3
    for query in (
        "first=0",
        "last=11",
        "first=5&last=4",
        "first=x",
        "format=doc",
        "dpi=1",
        "first=%00",
    ):
        assert grower.get(f"{run}/sheet?{query}").status_code == 422, query


def test_labels_are_bound_by_the_first_and_the_last(grower, world) -> None:
    product = first(r'/print/product/([^"]+)"', grower.get("/console/labels/choose"))
    grower.follow(grower.post(f"/console/labels/print/product/{product}", count="5"))
    lot = world.rice if product_of(world, world.rice) == product else world.pear
    right = {"first_label": human_code(1, 2), "last_label": human_code(1, 4), "lot": lot}
    other = world.pear if lot == world.rice else world.rice
    cases: tuple[Case, ...] = (
        ({"first_label": ""}, 422, "field_missing", "first_label"),
        ({"first_label": "1-0000002-A"}, 422, "label_code_malformed", "first_label"),
        ({"first_label": "https://elsewhere.example/"}, 422, "label_code_malformed", "first_label"),
        ({"last_label": human_code(9, 1)}, 404, "label_unknown", "first_label"),
        ({"lot": ""}, 422, "choice_missing", "lot"),
        ({"lot": other}, 409, "label_other_product", "lot"),
        ({"lot": world.foreign}, 403, "not_yours", "lot"),
        ({"lot": "lot:nothing"}, 404, "lot_unknown", "lot"),
    )
    assert differences(grower, "/console/labels/bind", right, cases) == []
    page = grower.follow(grower.post("/console/labels/bind", **right))
    assert "2–4" in page.text
    again = grower.post("/console/labels/bind", **right)
    assert (again.status_code, problem_of(again)) == (409, "label_already_bound")


def product_of(world, lot: str) -> str:
    with world.node.database.read() as session:
        return str(session.get_one(Lot, lot).product_id)


def test_labels_are_voided_with_a_reason(grower, world) -> None:
    path = f"/console/labels/print/lot/{world.rice}"
    run = grower.follow(grower.post(path, count="10")).request.path
    right = {"first": "2", "last": "3", "reason": "lost"}
    cases: tuple[Case, ...] = (
        ({"first": ""}, 422, "field_missing", "first"),
        ({"last": "x"}, 422, "number_malformed", "last"),
        ({"last": "11"}, 422, "label_range_malformed", "last"),
        ({"first": "0"}, 422, "label_range_malformed", "last"),
        ({"reason": "bored"}, 422, "void_reason_unknown", "reason"),
        ({"reason": ""}, 422, "choice_missing", "reason"),
    )
    named = [(typed, status, code, "") for typed, status, code, _ in cases]
    assert differences(grower, f"{run}/void", right, named) == []
    for typed, _, _, field in cases:
        page = grower.post(f"{run}/void", **(right | typed))
        shown = field if field == "reason" else f"void-{field}"
        assert error_at(page, shown), typed
    page = grower.follow(grower.post(f"{run}/void", **right))
    assert "遗失" in page.text
    again = grower.post(f"{run}/void", **right)
    assert (again.status_code, problem_of(again)) == (409, "label_already_void")
    with world.node.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LabelVoid)) == 1


def test_first_scans_are_shown_with_their_place(grower, world) -> None:
    path = f"/console/labels/print/lot/{world.rice}"
    grower.follow(grower.post(path, count="10"))
    run = runs(world)[0]
    assert "还没有人扫过" in grower.get(f"/console/scans/{run.id}").text
    world.stage.run(claim_first_scan, ClaimFirst(run.id, run.first + 6, "上海市"))
    page = grower.get(f"/console/scans/{run.id}").text
    assert human_code(1, 7) in page
    assert "上海市" in page
    assert re.search(r'href="/p/RICE/10/R1/21/[A-Za-z0-9_-]{20}"', page)
    assert ">1<" in grower.get("/console/scans/").text
