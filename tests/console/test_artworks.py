"""Brand office: the artwork of a mark is uploaded, seen, and printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import numpy as np
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from certification.artworks.tables import ArtworkRow
from console import faces
from tests.console.visitor import Visitor, error_at, first, new_key, problem_of
from tests.fixtures.pictures import BLUE, RED, noise, png
from web import face, sign_in

PATH = "/console/brand/artworks/jnjp"
PICTURE = r'<img src="(/console/brand/artworks/pictures/[^"]+)"'
MARK = png(120, 80)
ONE = timedelta(minutes=1)


def upload(visitor: Visitor, content: bytes, key: str | None = None, **more):
    return visitor.post(PATH, key, artwork=(BytesIO(content), "标志.png"), **more)


def count(world) -> int:
    with world.node.database.read() as session:
        return session.scalar(select(func.count()).select_from(ArtworkRow)) or 0


def test_an_officer_registers_a_picture_and_sees_it(signed_in, world) -> None:
    officer = signed_in("pinpai")
    assert "还没有图样" in officer.get("/console/brand/artworks/").text
    empty = officer.get(PATH)
    assert "还没有图样" in empty.text
    assert 'accept="image/png"' in empty.text
    key = new_key()
    for _ in range(2):
        page = officer.follow(upload(officer, MARK, key))
    assert count(world) == 1
    for words in ("现行图样", "演示农业农村局", "120 × 80 px", "2026年11月1日", "已排入日志"):
        assert words in page.text, words
    assert 'width="160" height="106"' in page.text
    shown = officer.get(first(PICTURE, page))
    assert (shown.data, shown.mimetype) == (MARK, "image/png")
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert "登记于 2026年11月1日" in officer.get("/console/brand/artworks/").text
    english = officer.get(PATH, lang="en").text
    for words in ("The artwork that counts", "Registered by", "Demo office", "In the log"):
        assert words in english, words


def test_an_earlier_picture_stays_below_the_newest(signed_in, world) -> None:
    officer = signed_in("pinpai")
    for colour in (RED, BLUE):
        officer.follow(upload(officer, png(64, 64, colour)))
        world.node.clock.advance(ONE)
    page = officer.get(PATH)
    assert "以前的图样" in page.text
    current = officer.get(first(PICTURE, page))
    assert current.data == png(64, 64, BLUE)


def test_refused_files_are_named_at_the_field(signed_in, world) -> None:
    officer = signed_in("pinpai")
    for content, code in (
        (b"", "file_missing"),
        (b"GIF89a", "artwork_malformed"),
        (MARK[:-1], "artwork_malformed"),
        (png(15, 64), "artwork_sides"),
        (noise(900, 900), "artwork_too_large"),
    ):
        page = upload(officer, content)
        assert (page.status_code, problem_of(page)) == (422, code), code
        assert error_at(page, "artwork"), code
    page = officer.post(PATH)
    assert problem_of(page) == "file_missing"
    page = officer.post(PATH, artwork="typed, not sent")
    assert problem_of(page) == "file_missing"
    too_much = upload(officer, bytes(world.node.settings.max_body_bytes + 1))
    assert too_much.status_code == 413
    assert count(world) == 0


def test_others_neither_look_nor_register(signed_in, grower, stranger, world) -> None:
    officer = signed_in("pinpai")
    page = officer.follow(upload(officer, MARK))
    picture = first(PICTURE, page)
    for path in (PATH, "/console/brand/artworks/", picture):
        assert grower.get(path).status_code == 403
        assert stranger.get(path).status_code == 303
    assert upload(grower, MARK).status_code == 403
    forged = officer.client.post(
        PATH, data={"artwork": (BytesIO(MARK), "x.png")}, base_url="https://trace.example"
    )
    assert forged.status_code == 400
    assert count(world) == 1


@pytest.fixture
def in_earnest(console_app: Flask, world) -> Flask:
    """The console of the same node outside of a demo."""
    node = replace(world.node, settings=replace(world.node.settings, demo=False))
    made = Flask("ecotrace", static_folder=None)
    made.config["MAX_CONTENT_LENGTH"] = node.settings.max_body_bytes
    face.prepare(made, node)
    sign_in.install(made)
    faces.install(made, node)
    return made


def test_a_grower_prints_what_the_office_uploaded(in_earnest, world) -> None:
    officer, grower = Visitor(in_earnest).sign_in("pinpai"), Visitor(in_earnest).sign_in("nongmin")
    path = f"/console/labels/print/lot/{world.rice}"
    early = grower.post(path, count="2", with_mark="y")
    assert (early.status_code, problem_of(early)) == (409, "artwork_missing")
    assert "品牌办公室还没有上传该标志的图样" in early.text
    officer.follow(upload(officer, MARK))
    world.node.clock.advance(ONE)
    run = grower.follow(grower.post(path, count="2", with_mark="y")).request.path
    sheet = f"{run}/sheet?format=png&layout=single&first=1&last=1&dpi=150"
    assert reds(grower.get(sheet).data) > 1_000
    change = {"effective_at": "2026-11-01T08:00", "reason": "抽检不合格"}
    proposed = officer.post(f"/console/brand/{world.certificate}/suspend", **change)
    page = officer.follow(proposed)
    assert reds(grower.get(sheet).data) > 1_000, "nothing has changed before it is confirmed"
    second = Visitor(in_earnest).sign_in("pinpai2")
    radius = first(r'name="radius" value="([0-9a-f]{64})"', second.get(page.request.path))
    second.follow(second.post(f"{page.request.path}/confirm", radius=radius))
    again = grower.get(sheet)
    assert again.status_code == 200
    assert reds(again.data) == 0


def reds(drawn: bytes) -> int:
    picture = np.array(Image.open(BytesIO(drawn)).convert("RGB")).astype(int)
    return int((np.abs(picture - np.array(RED)).max(axis=2) < 12).sum())
