"""An inspector's phone without network: filled in, kept, sent when it is back, recorded once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from certification.inspections.reading import photos_of, read_inspection, told
from certification.schemes.service import scheme
from console import faces
from runtime.key_file import make_key_file
from tests.certification.inspections.test_photos import photograph
from tests.console.visited import CODE, Visited, build_visited
from tests.e2e.screens import Screen, check_page, sign_in
from tests.fixtures.browsers import Pages
from web import face
from web import sign_in as signing
from web.node import Node

pytestmark = pytest.mark.browser

PHONE = Screen(390, 740, "zh")
SHOWN = next(each.key for each in scheme(CODE).checklist if each.photo)


@contextmanager
def served(node: Node) -> Iterator[str]:
    """The console of a node on a port of its own."""
    server = make_server("127.0.0.1", 0, lambda environ, start: [], threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    here = replace(node, settings=replace(node.settings, base_url=address))
    app = Flask("ecotrace", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = here.settings.max_body_bytes
    face.prepare(app, here)
    signing.install(app)
    faces.install(app, here)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_checklist_is_filled_in_without_network_and_recorded_once(
    grow, clock, pages: Pages, tmp_path: Path
) -> None:
    visited: Visited = grow(build_visited)
    make_key_file(visited.node.settings.secret_key_file, visited.node.randomness)
    camera = tmp_path / "wide.jpg"
    camera.write_bytes(photograph(size=(2400, 60)))
    with served(visited.node) as address, pages.lend(PHONE.options) as page:
        sign_in(page, address, "jiancha", PHONE)
        page.goto(f"{address}/console/inspections/{visited.visit}/visit")
        expect(page.locator("main[data-visit=ready]")).to_be_visible()
        check_page(page, PHONE)

        page.context.set_offline(True)
        page.reload()
        expect(page.locator("main[data-visit=ready]")).to_be_visible()
        fill_in(page, camera)
        expect(page.locator("#waiting")).to_contain_text("1 份记录、1 张照片等待发送")
        page.reload()
        expect(page.locator("main[data-waiting='2']")).to_be_visible()
        assert page.locator(f"[data-item={SHOWN}] input[value=pass]").is_checked()
        assert read(visited).standing.records == ()

        page.context.set_offline(False)
        expect(page.locator("main[data-waiting='0']")).to_be_visible()
        page.get_by_role("button", name="提交已填的项").click()
        expect(page.locator("#waiting")).to_contain_text("没有新的内容")
    check_recorded(visited)


def fill_in(page: Page, camera: Path) -> None:
    """Tick every item, write a note, take a photo, hand in."""
    for item in page.locator("[data-item]").all():
        item.locator("input[value=pass]").check()
    shown = page.locator(f"[data-item={SHOWN}]")
    shown.locator("textarea").fill("现场一致")
    shown.locator("input[type=file]").set_input_files(camera)
    expect(shown.locator("[data-photos]")).to_contain_text("已拍 1 张")
    page.get_by_role("button", name="提交已填的项").click()


def read(visited: Visited):
    with visited.node.database.read() as session:
        return read_inspection(session, visited.visit)


def check_recorded(visited: Visited) -> None:
    """One record with every answer, and one small photo that still knows place and time."""
    (record,) = read(visited).standing.records
    assert {each.item for each in record.answers} == {e.key for e in scheme(CODE).checklist}
    assert (record.sequence, record.person, record.late) == (1, visited.person, False)
    with visited.node.database.read() as session:
        steps = told(session, visited.node.vault, visited.visit)
    (photo,) = photos_of(steps).values()
    assert (photo.width, photo.height) == (1600, 40)
    assert (photo.exif.taken, photo.exif.position is None) == ("2026-10-01T09:30:00+08:00", False)
