"""Who is let in where, and what every page of the console carries."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from identity.clients.model import CreateClient, new_token
from identity.clients.service import create_client

PRODUCERS = {"nongmin", "hezuoshe"}
EVERYBODY = {*PRODUCERS, "pinpai", "jianguan1", "jifen", "jiancha"}

PAGES = {
    "/console/": EVERYBODY,
    "/console/account/": EVERYBODY,
    "/console/record/": PRODUCERS,
    "/console/record/{rice}/": PRODUCERS,
    "/console/record/{rice}/harvest": PRODUCERS,
    "/console/record/{rice}/processing": PRODUCERS,
    "/console/lots/": PRODUCERS,
    "/console/lots/new": PRODUCERS,
    "/console/lots/{rice}": PRODUCERS,
    "/console/registers/bases": PRODUCERS,
    "/console/registers/bases/new": PRODUCERS,
    "/console/registers/products": PRODUCERS,
    "/console/registers/products/new": PRODUCERS,
    "/console/conformity/": PRODUCERS,
    "/console/conformity/new/{pear}": PRODUCERS,
    "/console/labels/": PRODUCERS,
    "/console/labels/choose": PRODUCERS,
    "/console/labels/bind": PRODUCERS,
    "/console/labels/print/lot/{rice}": PRODUCERS,
    "/console/scans/": PRODUCERS,
    "/console/applications/": PRODUCERS,
    "/console/applications/new": PRODUCERS,
    "/console/appeals/": {*PRODUCERS, "pinpai"},
    "/console/cases/": {"pinpai", "jianguan1", "jiancha"},
    "/console/brand/": {"pinpai"},
    "/console/brand/grant": {"pinpai"},
    "/console/brand/grant/{coop}": {"pinpai"},
    "/console/brand/{certificate}": {"pinpai"},
    "/console/brand/consequences/of/{certificate}": {"pinpai"},
    "/console/brand/artworks/": {"pinpai"},
    "/console/brand/artworks/jnjp": {"pinpai"},
    "/console/recalls/": {"jianguan1"},
    "/console/recalls/lots": {"jianguan1"},
    "/console/recalls/lots?q=R1": {"jianguan1"},
    "/console/recalls/new/{rice}": {"jianguan1"},
    "/console/points/": {"jifen"},
    "/console/points/{coop}": {"jifen"},
}


@pytest.fixture
def paths(world) -> dict[str, set[str]]:
    names = {
        "rice": world.rice,
        "pear": world.pear,
        "coop": world.coop.id,
        "certificate": world.certificate,
    }
    return {path.format(**names): allowed for path, allowed in PAGES.items()}


ABSENT = {
    "nongmin": (
        "/console/lots/lot:nothing",
        "/console/lots/lot:AAAAAAAAAAAAAAAAAAAA",
        "/console/lots/%00",
        "/console/record/lot:AAAAAAAAAAAAAAAAAAAA/",
        "/console/record/done/" + "A" * 43,
        "/console/record/done/%00",
        "/console/labels/runs/run:AAAAAAAAAAAAAAAAAAAA",
        "/console/labels/runs/%00",
        "/console/labels/print/product/%00",
        "/console/conformity/conf:AAAAAAAAAAAAAAAAAAA",
        "/console/conformity/%00",
        "/console/scans/%00",
        "/console/nothing",
    ),
    "pinpai": (
        "/console/brand/%00",
        "/console/brand/cert:AAAAAAAAAAAAAAAAAAA",
        "/console/brand/consequences/%00",
        "/console/brand/consequences/cons:AAAAAAAAAAAAAAAAAAAA",
        "/console/brand/consequences/of/%00",
        "/console/brand/consequences/of/cert:AAAAAAAAAAAAAAAAAAA",
        "/console/brand/artworks/none",
        "/console/brand/artworks/%00",
        "/console/brand/artworks/pictures/art:AAAAAAAAAAAAAAAAAAAA",
        "/console/brand/artworks/pictures/%00",
    ),
    "jianguan1": (
        "/console/recalls/%00",
        "/console/recalls/rcl:AAAAAAAAAAAAAAAAAAAA",
        "/console/recalls/new/%00",
    ),
    "jifen": ("/console/points/%00", "/console/points/org:AAAAAAAAAAAAAAAAAAAA"),
}


def test_a_desk_opens_to_its_roles_only(signed_in, paths) -> None:
    for login in sorted(EVERYBODY):
        visitor = signed_in(login)
        expected = {path: 200 if login in allowed else 403 for path, allowed in paths.items()}
        assert {path: visitor.get(path).status_code for path in paths} == expected, login


def test_pages_speak_english_load_nothing_inline_and_are_kept_by_nobody(signed_in, paths) -> None:
    for login in ("hezuoshe", "pinpai", "jianguan1", "jifen"):
        visitor = signed_in(login)
        for path in (path for path, allowed in paths.items() if login in allowed):
            page = visitor.get(path, lang="en")
            assert '<html lang="en">' in page.text
            policy = page.headers["Content-Security-Policy"]
            assert "unsafe-inline" not in policy
            assert "script-src 'self'" in policy
            assert page.headers["Cache-Control"] == "private, no-store"
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|style=", page.text), path


def test_a_stranger_is_sent_to_sign_in_and_comes_back(stranger, paths) -> None:
    for path in paths:
        answer = stranger.get(path)
        assert answer.status_code == 303
        leads = urlsplit(answer.headers["Location"])
        assert leads.path == "/console/sign-in"
        assert [unquote(each) for each in parse_qs(leads.query)["next"]] == [path]
        assert stranger.get(answer.headers["Location"]).status_code == 200
    answer = stranger.post("/console/lots/new", product="RICE", code="R9")
    assert answer.headers["Location"].startswith("/console/sign-in")


def test_only_people_with_their_own_page_send_forms(grower, stranger, world) -> None:
    grower.token = "forged"
    assert grower.post("/console/lots/new", product="RICE", code="R9").status_code == 400
    node, token = world.node, new_token(world.node.randomness)
    until = node.clock.now() + timedelta(days=1)
    world.stage.run(
        create_client, CreateClient(world.coop.id, "machine", token.digest, ("capture",), until)
    )
    headers = {"Authorization": f"Bearer {token.text}"}
    assert stranger.get("/console/lots/", headers=headers).status_code == 303


def test_what_is_not_there_is_not_found(signed_in) -> None:
    for login, paths in ABSENT.items():
        visitor = signed_in(login)
        found = {path: visitor.get(path).status_code for path in paths}
        assert found == dict.fromkeys(paths, 404)


def test_odd_questions_break_nothing(grower, signed_in) -> None:
    for query in ("q=%00", "q=%25", "q=" + "a" * 500, "q=<b>", "page=2"):
        page = grower.get(f"/console/lots/?{query}")
        assert page.status_code == 200
        assert "<b>" not in page.text
    for number in ("0", "-1", "x", "99999999999999999999", "%00"):
        assert grower.get(f"/console/lots/?page={number}").status_code == 400
    for login, path in (
        ("jianguan1", "recalls/lots"),
        ("pinpai", "brand/grant"),
        ("jifen", "points/"),
    ):
        visitor = signed_in(login)
        for words in ("%00", "%25", "<b>", "9199999900000101XJ", "合作"):
            page = visitor.get(f"/console/{path}?q={words}")
            assert page.status_code == 200
            assert "<b>" not in page.text


def test_the_language_is_switched_and_remembered(grower) -> None:
    assert '<html lang="en">' in grower.get("/console/?lang=en").text
    assert '<html lang="en">' in grower.get("/console/").text
