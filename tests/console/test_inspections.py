"""Visits at the console: planned, filled in without script, judged; what phones deliver; draws."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from certification.inspections.reading import read_inspection
from certification.schemes.service import scheme
from runtime.clock import beijing_date
from tests.certification.inspections.visits import on_sqlite
from tests.console.visited import CODE, Visited, build_visited
from tests.console.visitor import BASE, Visitor, error_at, new_key, problem_of

ITEMS = tuple(each.key for each in scheme(CODE).checklist)
DESK = "/console/inspections"


@pytest.fixture
def visited(grow, clock) -> Visited:
    made: Visited = grow(build_visited)
    clock.advance(timedelta(seconds=1))
    return made


@pytest.fixture
def world(visited: Visited):
    return visited.world


def photo(colour: tuple[int, int, int] = (90, 120, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def results(**otherwise: str) -> dict[str, str]:
    return {f"result__{item}": otherwise.get(item, "pass") for item in ITEMS}


def standing(visited: Visited):
    with visited.node.database.read() as session:
        return read_inspection(session, visited.visit).standing


def deliver(visitor: Visitor, visit: str, **changes: object):
    body = {
        "client_id": "C" * 22, "sequence": 1, "made_at": "2026-10-01T04:00:00.123Z",
        "answers": [{"item": ITEMS[0], "result": "pass", "note": ""}], "photos": [],
    }  # fmt: skip
    headers = {"X-CSRFToken": visitor.token, "Accept": "application/json"}
    return visitor.client.post(
        f"{DESK}/{visit}/records", data=json.dumps(body | changes), base_url=BASE,
        content_type="application/json", headers=headers,
    )  # fmt: skip


def send_photo(visitor: Visitor, visit: str, content: bytes):
    headers = {"X-CSRFToken": visitor.token, "Accept": "application/json"}
    return visitor.client.post(
        f"{DESK}/{visit}/photos", data=content, base_url=BASE, content_type="image/jpeg",
        headers=headers,
    )  # fmt: skip


def test_a_visit_is_filled_in_without_script_and_put_right(signed_in, visited) -> None:
    inspector, holder = signed_in("jiancha"), signed_in("hezuoshe")
    visit = f"{DESK}/{visited.visit}"
    assert visited.visit in inspector.get(f"{DESK}/").text
    assert "演示合作社" in inspector.get(f"{DESK}/week").text
    assert "演示合作社" not in inspector.get(f"{DESK}/week?day=2031-01-01").text
    assert inspector.get(f"{DESK}/week?day=nonsense").status_code == 200
    form = inspector.get(f"{visit}/visit")
    assert scheme(CODE).checklist[0].words.zh in form.text
    assert "geolocation=(self)" in form.headers["Permissions-Policy"]
    assert "geolocation=()" in inspector.get(visit).headers["Permissions-Policy"]
    empty = inspector.post(f"{visit}/visit")
    assert (empty.status_code, problem_of(empty)) == (422, "record_empty")

    big = photo() + bytes(2 << 20)  # more than other pages take; the trailing zeros are padding
    fields = {
        name.replace("__", "-"): value for name, value in results(**{ITEMS[1]: "fail"}).items()
    }
    fields |= {"csrf_token": inspector.token, "form_key": new_key(), f"note-{ITEMS[1]}": "台账缺页"}
    files = {
        f"photo-{each.key}": FileStorage(io.BytesIO(big), "a.jpg")
        for each in scheme(CODE).checklist
    }
    boundary, body = encode_multipart(fields | files)
    told = f"multipart/form-data; boundary={boundary}"
    sent = inspector.client.post(f"{visit}/visit", data=body, content_type=told, base_url=BASE)
    page = inspector.follow(sent)
    assert "台账缺页" in page.text
    digest = sha256(big).hexdigest()
    assert inspector.get(f"{visit}/photos/{digest}").data == big
    assert inspector.get(f"{visit}/photos/{'0' * 64}").status_code == 404
    done = inspector.follow(inspector.post(f"{visit}/finish", summary="一项不符合"))
    assert "待整改" in done.text
    assert "1" in inspector.get(f"{DESK}/nonconformities", lang="en").text

    corrected = f"{visit}/nonconformities/1/correct"
    blank = holder.post(corrected, action="")
    assert (blank.status_code, error_at(blank, "action") != "") == (422, True)
    assert "已补齐台账" in holder.follow(holder.post(corrected, action="已补齐台账")).text
    assert holder.post(f"{visit}/nonconformities/1/close", reasons="好").status_code == 403
    back = inspector.follow(inspector.post(f"{visit}/nonconformities/1/reject", reasons="缺照片"))
    assert "缺照片" in back.text
    holder.follow(holder.post(corrected, action="已补照片"))
    closed = inspector.follow(inspector.post(f"{visit}/nonconformities/1/close", reasons="属实"))
    assert "已关闭" in closed.text
    for path in ("/", "/week", "/nonconformities", f"/{visited.visit}", f"/{visited.visit}/visit"):
        assert inspector.get(f"{DESK}{path}", lang="en").status_code == 200, path


def test_phones_deliver_any_number_of_times(signed_in, visited) -> None:
    inspector, visit = signed_in("jiancha"), visited.visit
    first = deliver(inspector, visit)
    assert (first.status_code, first.json["outcome"]) == (200, "recorded")
    again = deliver(inspector, visit)
    assert (again.json["outcome"], again.json["payload_id"]) == (
        "repeated", first.json["payload_id"],
    )  # fmt: skip
    other = [{"item": ITEMS[0], "result": "fail", "note": "两份不同"}]
    assert deliver(inspector, visit, answers=other).json["outcome"] == "clash"
    claim = {
        "digest": sha256(photo()).hexdigest(), "item": ITEMS[0],
        "taken_at": "2026-10-01T04:00:00Z",
        "position": {"latitude": "38.901200", "longitude": "117.432100"},
    }  # fmt: skip
    deliver(inspector, visit, sequence=2, photos=[claim])
    assert "1 photos have not arrived" in inspector.get(f"{DESK}/{visit}", lang="en").text
    assert send_photo(inspector, visit, photo()).json["outcome"] == "recorded"
    assert send_photo(inspector, visit, photo()).json["outcome"] == "repeated"
    page = inspector.get(f"{DESK}/{visit}").text
    for word in ("两份都已保留", "两份不同", "38.901200, 117.432100", "与同编号的另一份不同"):
        assert word in page, word
    assert len(standing(visited).records) == 3


NO_RECORDS: list[tuple[dict[str, Any], str]] = [
    ({"client_id": "short"}, "record_key_malformed"),
    ({"client_id": None}, "delivery_malformed"),
    ({"sequence": 0}, "record_key_malformed"),
    ({"sequence": "1"}, "delivery_malformed"),
    ({"sequence": 1.5}, "delivery_malformed"),
    ({"made_at": "yesterday"}, "delivery_malformed"),
    ({"made_at": "2026-10-01T04:00:00"}, "delivery_malformed"),
    ({"made_at": "0001-01-01T00:00:00Z"}, "delivery_malformed"),
    ({"answers": "all good"}, "delivery_malformed"),
    ({"answers": []}, "record_empty"),
    ({"answers": [{"item": "x", "result": "pass", "note": ""}]}, "check_item_unknown"),
    ({"answers": [{"item": ITEMS[0], "result": "", "note": ""}]}, "check_result_unknown"),
    ({"photos": [{}]}, "delivery_malformed"),
    ({"more": 1}, "delivery_malformed"),
]


@on_sqlite
def test_what_is_no_record(signed_in, visited) -> None:
    inspector = signed_in("jiancha")
    for changes, code in NO_RECORDS:
        answer = deliver(inspector, visited.visit, **changes)
        assert (answer.status_code, answer.json["code"]) == (422, code), changes
    assert standing(visited).records == ()


@on_sqlite
def test_who_delivers_and_what(signed_in, visited) -> None:
    inspector, visit = signed_in("jiancha"), visited.visit
    assert send_photo(inspector, visit, b"%PDF-1.4").status_code == 422
    assert send_photo(inspector, visit, b"").json["code"] == "file_empty"
    assert deliver(inspector, "insp:AAAAAAAAAAAAAAAAAAA").status_code == 404
    for login in ("hezuoshe", "pinpai", "jianguan1"):
        assert deliver(signed_in(login), visit).status_code == 403, login
    inspector.token = ""
    assert deliver(inspector, visit).status_code == 400
    fresh = inspector.get(f"{DESK}/token").json
    assert fresh["person"] == visited.person
    inspector.token = fresh["csrf"]
    assert deliver(inspector, visit).status_code == 200
    worker = inspector.get(f"{DESK}/worker.js")
    assert worker.mimetype == "text/javascript"
    assert "connect-src 'self'" in worker.headers["Content-Security-Policy"]
    stranger = inspector.client.application.test_client().get(f"{DESK}/", base_url=BASE)
    assert stranger.status_code == 303


@on_sqlite
def test_plans(signed_in, visited) -> None:
    clerk, coop = signed_in("pinpai"), signed_in("hezuoshe")
    today = beijing_date(visited.node.clock.now())
    path = f"{DESK}/new?about={visited.world.certificate}"
    assert "jiancha" in clerk.get(path).text
    order = {"kind": "unannounced", "day": (today + timedelta(days=2)).isoformat(),
             "inspectors": visited.person}  # fmt: skip
    past = clerk.post(path, **order | {"day": (today - timedelta(days=1)).isoformat()})
    assert (past.status_code, problem_of(past)) == (422, "inspection_day_past")
    assert error_at(past, "day")
    assert error_at(clerk.post(path, **order | {"inspectors": ""}), "inspectors")
    planned = clerk.follow(clerk.post(path, **order))
    quiet = planned.request.path
    assert coop.get(quiet).status_code == 404
    assert quiet.rpartition("/")[2] not in coop.get(f"{DESK}/").text
    assert coop.get(path).status_code == 403
    assert clerk.get(f"{DESK}/new?about=cert:AAAAAAAAAAAAAAAAAAA").status_code == 404
    moved = clerk.post(
        f"{quiet}/move", day=today.isoformat(), inspectors=visited.person, reason="提前"
    )
    assert "提前" in clerk.follow(moved).text
    assert "已取消" in clerk.follow(clerk.post(f"{quiet}/cancel", reason="不去了")).text
    assert clerk.post(f"{quiet}/nothing").status_code == 422
    assert clerk.get(f"{DESK}/insp:x").status_code == 404


@on_sqlite
def test_an_inspector_declares_before_he_records(signed_in, visited) -> None:
    inspector = signed_in("jiancha")
    visit = f"{DESK}/{visited.visit}"
    related = inspector.follow(inspector.post(f"{visit}/declare", relation="family"))
    assert "须回避" in related.text
    refused = deliver(inspector, visited.visit)
    assert (refused.status_code, refused.json["code"]) == (403, "conflict_declared")


@on_sqlite
def test_a_draw_says_that_nobody_has_witnessed_it(signed_in, visited) -> None:
    clerk, desk = signed_in("pinpai"), f"{DESK}/draws"
    assert "尚无见证" in clerk.get(f"{desk}/").text
    offices = [visited.world.office.id, visited.world.coop.id, visited.world.stranger.id]
    order = {"scheme": CODE, "drawn": "1", "hours": "24", "offices": "\n".join(offices)}
    few = clerk.post(f"{desk}/new", **order | {"offices": "\n".join(offices[:2])})
    assert (few.status_code, problem_of(few)) == (422, "draw_offices_invalid")
    nothing = clerk.post(f"{desk}/new", **order | {"scheme": "none"})
    assert nothing.status_code == 422
    opened = clerk.follow(clerk.post(f"{desk}/new", **order))
    path = opened.request.path
    bad = clerk.post(f"{path}/commit", nonce_hash="ab")
    assert (bad.status_code, error_at(bad, "nonce_hash") != "") == (422, True)
    shown = clerk.follow(clerk.post(f"{path}/commit", nonce_hash="ab" * 32))
    assert "尚无见证" in shown.text
    assert clerk.post(f"{path}/commit", nonce_hash="cd" * 32).status_code == 409
    assert clerk.post(f"{path}/result").status_code == 409
    assert clerk.get(path, lang="en").text.count("not yet witnessed") + 1
    assert signed_in("nongmin").get(f"{desk}/").status_code == 403
