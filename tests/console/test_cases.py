"""Applications through the pages: filled in, refused at the field, examined, granted, appealed.

Who may do what is decided by `certification.process`, and tried there; here it is tried that pages
lead through it, show what was refused where, and show nothing to those whom it does not concern.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from certification.cases.model import Act
from runtime.media import BYTES_MAX
from tests.certification.cases.hall import OBJECTOR, PICTURE, REASONS, SCHEME, Hall
from tests.console.case_world import METHOD, open_desks, open_draft
from tests.console.visitor import Visitor, error_at, filled_form, first, problem_of
from tests.fixtures.hostile_files import HOSTILE_PDFS

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOME = "/console/applications/"
ABSENT = "case:AAAAAAAAAAAAAAAAAAAA"
People = Callable[[str], Visitor]


@pytest.fixture(params=[open_draft])
def world(request: Any, grow: Any) -> Hall:
    """The hall with a filled draft of the firm, unless a test asks for another."""
    hall: Hall = grow(request.param)
    return hall


def begins_with(build: Any) -> Any:
    return pytest.mark.parametrize("world", [build], indirect=True)


@pytest.fixture
def people(signed_in: People) -> People:
    """Everybody by name, signed in when first asked for."""
    known: dict[str, Visitor] = {}

    def person(name: str) -> Visitor:
        if name not in known:
            known[name] = signed_in(f"demo.{name}")
        return known[name]

    return person


def typed(world: Hall, case: str) -> dict[str, Any]:
    """What somebody types into the form of a case."""
    fields: dict[str, Any] = {}
    for answer in world.answers(case):
        many = answer.key in ("products", "bases")
        fields[f"answers-{answer.key}"] = answer.value.split(" ") if many else answer.value
        if answer.unit:
            fields[f"answers-{answer.key}-unit"] = answer.unit
    return fields


def hand_in(visitor: Visitor, case: str, key: str, content: bytes = PICTURE, **more: Any) -> Any:
    fields = {"valid_from": "2026-10-12", **more}
    name = f"{key}.{'pdf' if content.startswith(b'%PDF') else 'png'}"
    return visitor.post(f"/console/evidence/{case}/{key}", file=(BytesIO(content), name), **fields)


def done(answer: Any) -> None:
    """What was asked was done; the page that it leads to is not wanted."""
    assert answer.status_code == 303, problem_of(answer)


def do(visitor: Visitor, case: str, event: str, **fields: Any) -> Any:
    return visitor.post(f"/console/cases/{case}/{event}", **fields)


def report(visitor: Visitor, path: str, results: dict[int, str], **changes: Any) -> Any:
    """Send the form of a report as it stands, with the days and these results."""
    fields = filled_form(visitor.get(path)) | {
        "number": "R-2026-001",
        "sample_name": "演示大米",
        "code": "S-1",
        "category": "grain",
        "taken_on": "2026-10-10",
        "received_on": "2026-10-11",
        "issued_on": "2026-10-20",
    }
    fields["lab"] = first(r'<option value="(lab:[^"]+)"', visitor.get(path))
    fields |= {f"results-{n}-value": value for n, value in results.items()} | changes
    fields = {name: value for name, value in fields.items() if name not in ("csrf_token",)}
    return visitor.post(path, fields.pop("form_key"), **fields)


@begins_with(open_desks)
def test_an_application_goes_from_the_first_page_to_the_certificate(
    people: People, world: Hall
) -> None:
    grower = people("grower")
    chosen = f"{HOME}new/{SCHEME}/initial"
    assert chosen in grower.get(f"{HOME}new").text
    assert "品牌授权" in grower.get(chosen).text
    # The form knows the only product, the only base, and where it lies.
    form = grower.follow(grower.post(chosen))
    path = form.request.path
    case = path.split("/")[3]
    known = filled_form(form)
    assert known["answers-products"] == world.product
    assert (known["answers-base_area"], known["answers-base_area-unit"]) == ("120", "亩")
    wrong = grower.post(path, **{**typed(world, case), "answers-contact_phone": "12"})
    assert wrong.status_code == 422
    assert error_at(wrong, "answers-contact_phone")
    assert "演示" in wrong.text, "what was typed stays"
    documents = grower.follow(grower.post(path, **typed(world, case)))
    assert "还缺 9 份材料" in documents.text

    # Nothing is submitted without documents, and each is named where it belongs.
    refused = grower.post(f"{HOME}{case}/submit")
    assert (refused.status_code, problem_of(refused)) == (422, "document_missing")
    assert error_at(refused, "documents-land_right")
    for key in world.opened(case).process.scheme.documents:
        if key in world.opened(case).process.track.asks:
            done(hand_in(grower, case, key))
    assert "材料齐了" in grower.get(f"{HOME}{case}/documents").text
    shown = grower.follow(grower.post(f"{HOME}{case}/submit"))
    assert "正在办理" in shown.text
    assert grower.get(f"{HOME}{case}/form").status_code == 409

    # The office accepts, the reviewer declares first and then reviews.
    clerk = people("clerk")
    assert "演示米业" in clerk.get("/console/cases/").text
    assert "1 件" in clerk.get("/console/").text
    done(do(clerk, case, "accept"))
    reviewer = people("reviewer")
    page = reviewer.get(f"/console/cases/{case}")
    assert "先声明与申请单位有没有利害关系" in page.text
    early = do(reviewer, case, "complete_step", outcome="pass")
    assert (early.status_code, problem_of(early)) == (403, "no_declaration")
    for name in ("reviewer", "inspector", "analyst", "expert", "decider"):
        done(do(people(name), case, "declare_interest", interest="none"))
    speechless = do(reviewer, case, "complete_step", outcome="fail")
    assert error_at(speechless, "complete_step-reasons")
    done(do(reviewer, case, "complete_step", outcome="pass"))
    inspector = people("inspector")
    done(do(inspector, case, "complete_step", outcome="pass"))

    # The laboratory: cadmium beyond the limit does not pass; corrected, it does.
    analyst = people("analyst")
    page = analyst.get(f"/console/cases/{case}")
    entry = first(r'href="(/console/reports/[^"]+)"', page)
    early = do(analyst, case, "complete_step", outcome="pass")
    assert problem_of(early) == "lab_report_needed"
    empty = report(analyst, entry, {})
    assert (problem_of(empty), empty.status_code) == ("results_empty", 422)
    assert error_at(report(analyst, entry, {0: "much"}), "results-0-value")
    bad = analyst.follow(report(analyst, entry, {0: "0.31", 1: "0.05", 2: "0.001"}))
    assert "不符合" in bad.text
    assert "稻米镉" in bad.text
    world.node.clock.advance(timedelta(seconds=1))
    good = analyst.follow(report(analyst, entry, {0: "0.05", 1: "0.05", 2: "0.001"}))
    assert "符合限量" in good.text
    assert METHOD in good.text
    done(do(analyst, case, "complete_step", outcome="pass"))
    done(do(people("expert"), case, "complete_step", outcome="pass"))

    # The public notice: an objection is answered by the third person, and nobody sees who objected.
    done(do(clerk, case, "publish_notice"))
    object_ = Act(case, "object", reasons=REASONS, objector=OBJECTOR)
    world.act(case, "object", "anybody", reasons=object_.reasons, objector=object_.objector)
    assert OBJECTOR.name in clerk.get(f"/console/cases/{case}").text
    page = grower.get(f"{HOME}{case}")
    assert REASONS in page.text
    assert OBJECTOR.name not in page.text
    third = people("third")
    done(do(third, case, "declare_interest", interest="none"))
    answer = {"objection": "1", "outcome": "dismissed", "reasons": "经核实，异议不成立"}
    done(do(third, case, "answer_objection", **answer))
    assert "公示至 2026年11月6日 止" in third.get(f"/console/cases/{case}").text
    world.days(12)
    done(do(clerk, case, "end_notice"))
    done(do(clerk, case, "record_agreement", document="演示合同〔2026〕1号"))
    done(do(clerk, case, "record_fee", fee="use"))

    # The decision, by nobody who examined.
    terms = {"quantity": "1000", "unit": "件", "document": "演示认定〔2026〕1号"}
    assert problem_of(do(reviewer, case, "grant", **terms)) == "role_not_allowed"
    decider = people("decider")
    assert "演示米业" in decider.get("/console/cases/").text
    much = do(decider, case, "grant", **{**terms, "quantity": "1001", "unit": "吨"})
    assert much.status_code == 422
    assert error_at(much, "grant-quantity")
    granted = decider.follow(do(decider, case, "grant", **terms))
    assert "JNJP-2026-0001" in granted.text

    # The applicant has a certificate, and its paper once it is made.
    page = grower.get(HOME)
    assert "JNJP-2026-0001" in page.text
    path = first(r'href="(/console/applications/certificates/[^"]+)"', page)
    assert "到期" in grower.get(path).text
    assert people("stranger").get(path).status_code == 404
    assert grower.get(f"{path}/paper/papr:AAAAAAAAAAAAAAAAAAAA.pdf").status_code == 404
    permit = f"{HOME}new/{SCHEME}/print_permit?certificate={path.split('/')[-1]}"
    assert "准印" in grower.get(permit).text


@on_sqlite
def test_files_are_refused_at_the_field(people: People, world: Hall) -> None:
    grower, case = people("grower"), world.case_id
    path = f"/console/evidence/{case}/land_right"
    active = [content for content, code in HOSTILE_PDFS.values() if code == "active"]
    for content, name, code in (
        (active[0], "a.pdf", "file_active"),
        (active[0], "a.png", "file_misnamed"),
        (b"GIF89a", "a.gif", "file_type_unknown"),
        (PICTURE[:-9], "a.png", "file_broken"),
        (b"", "a.png", "file_missing"),
    ):
        page = grower.post(path, file=(BytesIO(content), name), valid_from="2026-10-12")
        assert (page.status_code, problem_of(page)) == (422, code), code
        assert error_at(page, "file"), code
    early = hand_in(grower, case, "land_right", valid_until="2026-01-01")
    assert error_at(early, "valid_until")
    # A document may be larger than any other form; beyond the largest file nothing is read.
    usual = world.node.settings.max_body_bytes
    large = grower.post(path, file=(BytesIO(bytes(usual + 1)), "a.pdf"))
    assert (large.status_code, problem_of(large)) == (422, "file_type_unknown")
    assert grower.post(path, file=(BytesIO(bytes(BYTES_MAX + (1 << 17))), "a")).status_code == 413
    assert grower.post(f"{HOME}{case}/form", x="x" * (usual + 1)).status_code == 413
    assert hand_in(grower, case, "nonsense").status_code == 422


@on_sqlite
def test_what_was_given_before_is_used_again_with_one_tap(people: People, world: Hall) -> None:
    grower, first_case = people("grower"), world.case_id
    grower.follow(grower.post(f"{HOME}{first_case}/withdraw"))
    page = grower.get(f"{HOME}new/{SCHEME}/initial")
    figures = [int(each) for each in re.findall(r'figure-value">(\d+)<', page.text)]
    assert figures == [39, 39, 0]
    form = grower.follow(grower.post(f"{HOME}new/{SCHEME}/initial"))
    case = form.request.path.split("/")[3]
    again = filled_form(form)
    assert again["answers-contact_phone"] == "13800000000"
    grower.follow(grower.post(f"{HOME}{case}/form", **typed(world, case)))
    for _ in range(9):
        page = grower.get(f"{HOME}{case}/documents")
        tap = first(rf'action="({HOME}{case}/documents/[^"]+)"', page)
        grower.follow(grower.post(tap))
    assert "材料齐了" in grower.get(f"{HOME}{case}/documents").text
    twice = grower.post(tap)
    assert (twice.status_code, problem_of(twice)) == (409, "evidence_attached")
    grower.follow(grower.post(f"{HOME}{case}/submit"))
    late = grower.post(tap)
    assert late.status_code == 409


@on_sqlite
def test_cases_and_files_are_shown_to_nobody_else(
    people: People, world: Hall, stranger: Visitor
) -> None:
    case, other = world.case_id, people("stranger")
    file = first(
        r'href="(/console/evidence/[^"]+/file/[^"]+)"',
        people("grower").get(f"{HOME}{case}/documents"),
    )
    assert people("grower").get(file).data == PICTURE
    shown = people("reviewer").get(file)
    assert (shown.data, shown.mimetype) == (PICTURE, "image/png")
    assert shown.headers["Cache-Control"] == "private, no-store"
    for path in (f"{HOME}{case}", f"{HOME}{case}/form", f"{HOME}{case}/documents", file):
        assert other.get(path).status_code == 404, path
        assert stranger.get(path).status_code == 303, path
    assert other.get(f"/console/cases/{case}").status_code == 403
    assert people("reviewer").get(HOME).status_code == 403
    assert other.post(f"{HOME}{case}/withdraw").status_code == 404
    assert hand_in(other, case, "land_right").status_code == 404
    assert do(people("reviewer"), case, "accept").status_code in (403, 409)
    for path in (f"{HOME}{ABSENT}", f"{HOME}%00", f"{HOME}certificates/%00"):
        assert people("grower").get(path).status_code == 404, path
    reviewer = people("reviewer")
    for path in (f"/console/cases/{ABSENT}", "/console/cases/%00", "/console/evidence/%00/file/x"):
        assert reviewer.get(path).status_code == 404, path
    assert do(reviewer, case, "open").status_code == 422
    # Another office, whatever its role, has nothing to do with it.
    expert = people("expert")
    assert expert.get(f"/console/reports/{case}/{file.split('/')[-1]}").status_code == 403


@on_sqlite
def test_a_returned_application_says_why_and_a_refused_one_is_appealed(
    people: People, world: Hall
) -> None:
    grower, clerk, case = people("grower"), people("clerk"), world.case_id
    grower.follow(grower.post(f"{HOME}{case}/submit"))
    blank = do(clerk, case, "return_for_completion")
    assert error_at(blank, "return_for_completion-reasons")
    done(do(clerk, case, "return_for_completion", reasons="基地图看不清，\n请重新拍"))
    assert "有 1 件申请退回" in grower.get("/console/").text
    page = grower.get(f"{HOME}{case}")
    assert "基地图看不清， 请重新拍" in page.text
    assert "过期这件申请就终止了" in page.text
    grower.follow(grower.post(f"{HOME}{case}/submit"))
    done(do(clerk, case, "decline", reasons=REASONS))
    page = grower.get(f"{HOME}{case}")
    assert "不予通过" in page.text
    path = first(r'href="(/console/appeals/new/[^"]+)"', page)
    assert error_at(grower.post(path), "reasons")
    filed = grower.follow(grower.post(path, reasons="材料是齐的")).request.path
    assert people("stranger").get(filed).status_code == 404
    assert problem_of(clerk.post(f"{filed}/acknowledge")) == "involved_in_matter"
    third, decider = people("third"), people("decider")
    assert filed in third.get("/console/appeals/").text
    third.follow(third.post(f"{filed}/acknowledge"))
    assert error_at(decider.post(f"{filed}/overturn"), "overturn-reasons")
    page = decider.follow(decider.post(f"{filed}/overturn", reasons=REASONS))
    assert "撤销原决定" in page.text
    assert world.state(case) == "submitted"
    assert problem_of(do(clerk, case, "accept")) == "excluded_from_case"


@on_sqlite
def test_pages_speak_english(people: People, world: Hall) -> None:
    grower, case = people("grower"), world.case_id
    for path, words in (
        (HOME, "Applications and certificates"),
        (f"{HOME}new", "Authorised brand"),
        (f"{HOME}{case}/form", "filled in already"),
        (f"{HOME}{case}/documents", "All documents are there"),
        (f"{HOME}{case}/submit", "It is right: submit"),
        (f"/console/evidence/{case}/product_report", "Not older than"),
    ):
        page = grower.get(path, lang="en")
        assert words in page.text, path
    clerk = people("clerk")
    assert "Nothing waits for you" in clerk.get("/console/cases/", lang="en").text
