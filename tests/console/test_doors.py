"""Who is let in where, and what every page of the console carries."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from identity.clients.model import CreateClient, new_token
from identity.clients.service import create_client
from tests.console.visitor import BASE

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
    "/console/brand/": {"pinpai"},
    "/console/brand/grant": {"pinpai"},
    "/console/brand/grant/{coop}": {"pinpai"},
    "/console/brand/{certificate}": {"pinpai"},
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


@pytest.mark.parametrize("login", sorted(EVERYBODY))
def test_a_desk_opens_to_its_roles_only(signed_in, paths, login) -> None:
    visitor = signed_in(login)
    expected = {path: 200 if login in allowed else 403 for path, allowed in paths.items()}
    assert {path: visitor.get(path).status_code for path in paths} == expected


def test_every_page_is_there_in_english_too(signed_in, paths) -> None:
    for login in ("hezuoshe", "pinpai", "jianguan1", "jifen"):
        visitor = signed_in(login)
        for path, allowed in paths.items():
            if login in allowed:
                page = visitor.get(path, lang="en")
                assert '<html lang="en">' in page.text
                assert page.status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_comes_back(stranger, paths) -> None:
    for path in paths:
        answer = stranger.get(path)
        assert answer.status_code == 303
        leads = urlsplit(answer.headers["Location"])
        assert leads.path == "/console/sign-in"
        assert parse_qs(leads.query)["next"] == [path]
        assert stranger.get(answer.headers["Location"]).status_code == 200


def test_a_stranger_sends_no_form(stranger, world) -> None:
    answer = stranger.post("/console/lots/new", product="RICE", code="R9")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/console/sign-in")


def test_a_form_without_its_token_is_refused(grower, world) -> None:
    grower.token = "forged"
    answer = grower.post("/console/lots/new", product="RICE", code="R9")
    assert answer.status_code == 400


def test_a_machine_with_a_token_is_no_person(stranger, world) -> None:
    node, token = world.node, new_token(world.node.randomness)
    until = node.clock.now() + timedelta(days=1)
    command = CreateClient(world.coop.id, "machine", token.digest, ("capture",), until)
    world.stage.run(create_client, command)
    headers = {"Authorization": f"Bearer {token.text}"}
    answer = stranger.get("/console/lots/", headers=headers)
    assert answer.status_code == 303


def test_pages_load_nothing_inline_and_are_kept_by_nobody(grower, signed_in, paths) -> None:
    for path, allowed in paths.items():
        if "nongmin" not in allowed:
            continue
        page = grower.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "script-src 'self'" in policy
        assert page.headers["Cache-Control"] == "private, no-store"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|style=", page.text)


@pytest.mark.parametrize(
    "path",
    [
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
    ],
)
def test_what_is_not_there_is_not_found(grower, path) -> None:
    assert grower.get(path).status_code == 404


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("pinpai", "/console/brand/%00"),
        ("pinpai", "/console/brand/cert:AAAAAAAAAAAAAAAAAAA"),
        ("jianguan1", "/console/recalls/%00"),
        ("jianguan1", "/console/recalls/rcl:AAAAAAAAAAAAAAAAAAAA"),
        ("jianguan1", "/console/recalls/new/%00"),
        ("jifen", "/console/points/%00"),
        ("jifen", "/console/points/org:AAAAAAAAAAAAAAAAAAAA"),
    ],
)
def test_offices_find_nothing_under_a_wrong_id(signed_in, login, path) -> None:
    assert signed_in(login).get(path).status_code == 404


@pytest.mark.parametrize("query", ["q=%00", "q=%", "q=" + "a" * 500, "q=<b>", "page=2"])
def test_odd_searches_find_nothing_and_break_nothing(grower, query) -> None:
    page = grower.get(f"/console/lots/?{query}")
    assert page.status_code == 200
    assert "<b>" not in page.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "%00"])
def test_an_impossible_page_is_a_bad_request(grower, page) -> None:
    assert grower.get(f"/console/lots/?page={page}").status_code == 400


def test_the_language_is_switched_and_remembered(grower) -> None:
    assert '<html lang="en">' in grower.get("/console/?lang=en").text
    assert '<html lang="en">' in grower.get("/console/").text
    assert BASE.startswith("https")
