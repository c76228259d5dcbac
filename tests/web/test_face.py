"""Headers, problem documents, assets and templates of a dressed application."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, redirect, render_template, render_template_string
from flask.testing import FlaskClient
from werkzeug.exceptions import UnprocessableEntity
from wtforms import Form, PasswordField, StringField  # type: ignore[import-untyped]

from runtime.refusal import Reason, Refusal, RefusalCode, Sentence, refuse
from web import headers
from web.assets import Assets, NotBuilt
from web.face import dress, is_https
from web.headers import CONSOLE_PAGE, ContentPolicy
from web.problems import PROBLEM_JSON

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
EVIL = "<img src=x onerror=alert(1)>\"'&"


class SampleRefusal(RefusalCode):
    FIRST = Sentence(409, "还剩 {left}，给的是 {given}", "{left} left, {given} given")
    SECOND = Sentence(422, "名称缺失", "A name is missing")


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__, static_folder=None)
    dress(app, default_language="zh", https=True)
    views: dict[str, Any] = {
        "/refused": lambda: refuse(SampleRefusal.FIRST, "/count", left=0, given=EVIL),
        "/surrogate": lambda: refuse(SampleRefusal.FIRST, "/count", left=0, given="\ud800"),
        "/two": _two,
        "/broken": _broken,
        "/fields": _fields,
        "/moved": lambda: redirect("/elsewhere"),
        "/big": lambda: abort(413),
        "/teapot": lambda: abort(418),
        "/own": lambda: ("", 200, {"Content-Security-Policy": "default-src 'self'"}),
        "/page": lambda: "<p>",
        "/console": _console,
        "/data": lambda: {"a": 1},
        "/undefined": lambda: render_template_string("{{ nothing }}"),
        "/api/v1/refused": lambda: refuse(SampleRefusal.SECOND),
    }
    for path, view in views.items():
        app.add_url_rule(path, endpoint=path, view_func=view, methods=["GET"])
    return app


def _two() -> None:
    raise Refusal(
        Reason(SampleRefusal.SECOND, "/name"),
        Reason(SampleRefusal.FIRST, None, {"left": 1, "given": 2}),
    )


def _broken() -> None:
    raise RuntimeError("password=hunter2")


def _fields() -> None:
    error = UnprocessableEntity()
    of_body = {"lots": {0: {"mass": ["Not a number."]}}, "_schema": ["Odd."]}
    # webargs hangs what a schema refused on the error under this name.
    vars(error)["data"] = {"messages": {"json": of_body, "query": {"page": ["Bad."]}}}
    raise error


def _console() -> str:
    headers.use(CONSOLE_PAGE)
    return "<p>"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def problem(client: FlaskClient, path: str, lang: str = "zh", **given: Any) -> dict[str, Any]:
    response = client.get(path, headers={**JSON, "Accept-Language": lang}, **given)
    assert response.mimetype == PROBLEM_JSON
    document: dict[str, Any] = json.loads(response.data)
    assert document["status"] == response.status_code
    assert list(document) == ["type", "title", "status", "detail", "code", "reasons"]
    return document


@pytest.mark.parametrize("lang, detail", [("zh", "还剩 0，给的是"), ("en", "0 left,")])
def test_a_refusal_names_code_place_and_numbers(
    client: FlaskClient, lang: str, detail: str
) -> None:
    document = problem(client, "/refused", lang)
    assert (document["status"], document["code"]) == (409, "first")
    assert document["detail"].startswith(detail)
    assert document["type"] == "/docs/problems#first"
    [reason] = document["reasons"]
    assert reason["pointer"] == "/count"
    assert reason["numbers"] == {"left": 0, "given": EVIL}


def test_all_reasons_are_listed_and_the_lowest_rank_answers(client: FlaskClient) -> None:
    document = problem(client, "/two")
    assert (document["status"], document["code"]) == (409, "first")
    assert [reason["code"] for reason in document["reasons"]] == ["first", "second"]


def test_a_person_gets_a_page_with_the_same_sentence(client: FlaskClient) -> None:
    response = client.get("/refused", headers=HTML)
    assert response.status_code == 409
    assert response.mimetype == "text/html"
    assert "还剩 0" in response.text
    assert EVIL not in response.text
    assert 'data-problem="first"' in response.text
    assert "Accept" in response.headers["Vary"]


def test_half_a_surrogate_pair_is_no_failure(client: FlaskClient) -> None:
    assert client.get("/surrogate", headers=JSON).status_code == 409
    assert client.get("/surrogate", headers=HTML).status_code == 409


def test_machines_paths_never_get_a_page(client: FlaskClient) -> None:
    assert client.get("/api/v1/refused", headers=HTML).mimetype == PROBLEM_JSON
    assert client.get("/api/v1/nowhere", headers=HTML).mimetype == PROBLEM_JSON


def test_nothing_of_a_failure_is_told(client: FlaskClient, caplog: Any) -> None:
    with caplog.at_level(logging.CRITICAL):
        for accept in (HTML, JSON):
            response = client.get("/broken", headers=accept)
            assert response.status_code == 500
            for word in ("hunter2", "RuntimeError", "Traceback", __file__):
                assert word not in response.text
    assert problem(client, "/broken")["code"] == "internal_error"


def test_fields_that_a_schema_refused_are_named(client: FlaskClient) -> None:
    document = problem(client, "/fields")
    assert document["code"] == "field_refused"
    places = [reason.get("pointer", reason.get("parameter")) for reason in document["reasons"]]
    assert places == ["/lots/0/mass", "", "page"]


@pytest.mark.parametrize(
    "path, status, title",
    [
        ("/nowhere", 404, "没有这个页面"),
        ("/big", 413, "内容过大"),
        ("/teapot", 418, "I'm a Teapot"),
    ],
)
def test_http_errors(client: FlaskClient, path: str, status: int, title: str) -> None:
    document = problem(client, path)
    assert (document["code"], document["title"]) == (f"http_{status}", title)


def test_405_keeps_its_allow(client: FlaskClient) -> None:
    response = client.post("/refused", headers=JSON)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.mimetype == PROBLEM_JSON


def test_a_redirect_is_no_error(client: FlaskClient) -> None:
    assert client.get("/moved").status_code == 302


def test_an_undefined_name_in_a_template_is_a_failure(client: FlaskClient) -> None:
    assert client.get("/undefined").status_code == 500


# -- headers -------------------------------------------------------------------------------------


def test_every_answer_carries_the_fixed_headers(client: FlaskClient) -> None:
    for path in ("/page", "/data", "/refused", "/nowhere", "/static/img/mark.svg"):
        given = client.get(path, buffered=True).headers
        assert given["X-Content-Type-Options"] == "nosniff", path
        assert given["Referrer-Policy"] == "no-referrer", path
        assert "camera=()" in given["Permissions-Policy"], path
        assert given["Strict-Transport-Security"].startswith("max-age="), path
        assert given["Content-Security-Policy"].startswith("default-src 'none'"), path


@pytest.mark.parametrize(
    "path, part",
    [
        ("/page", "connect-src 'none'"),
        ("/page", "script-src 'self';"),
        ("/page", "frame-ancestors 'none'"),
        ("/data", "script-src 'none'"),
        ("/console", "connect-src 'self'"),
    ],
)
def test_policies(client: FlaskClient, path: str, part: str) -> None:
    policy = client.get(path, buffered=True).headers["Content-Security-Policy"]
    assert part in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")


def test_a_policy_of_the_view_itself_stays(client: FlaskClient) -> None:
    assert client.get("/own").headers["Content-Security-Policy"] == "default-src 'self'"


def test_a_widened_policy_ends_with_its_answer(client: FlaskClient) -> None:
    client.get("/console")
    assert "connect-src 'none'" in client.get("/page").headers["Content-Security-Policy"]


def test_no_https_no_promise_of_https() -> None:
    app = Flask(__name__, static_folder=None)
    dress(app, default_language="en", https=False)
    assert "Strict-Transport-Security" not in app.test_client().get("/").headers


def test_everything_that_is_not_named_is_forbidden() -> None:
    empty = ContentPolicy((), (), (), (), ())
    assert all(part.endswith("'none'") for part in empty.text().split("; "))


@pytest.mark.parametrize(
    "url, https", [("https://a.example", True), ("http://a", False), ("", False)]
)
def test_https_is_read_from_our_own_address(url: str, https: bool) -> None:
    assert is_https(url) is https


# -- assets --------------------------------------------------------------------------------------


def test_built_files_have_addresses_with_their_hash(client: FlaskClient) -> None:
    address = Assets().address("check.js")
    response = client.get(address, buffered=True)
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    plain = client.get("/static/dist/check.js", buffered=True)
    assert "immutable" not in plain.headers["Cache-Control"]
    known = {"If-None-Match": response.headers["ETag"]}
    assert client.get(address, headers=known, buffered=True).status_code == 304


def test_built_files_are_packed_for_those_who_can_unpack(client: FlaskClient) -> None:
    plain = client.get("/static/dist/check.js", buffered=True)
    accept = {"Accept-Encoding": "gzip, br"}
    packed = client.get("/static/dist/check.js", headers=accept, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize(
    "path", ["dist/../../setup.cfg", "..%2fsetup.cfg", "dist/nothing.js", "js", "etc/passwd"]
)
def test_nothing_outside_the_folder_is_served(client: FlaskClient, path: str) -> None:
    for accept in ("", "gzip"):
        assert client.get(f"/static/{path}", headers={"Accept-Encoding": accept}).status_code == 404


def test_without_a_build_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="npm"):
        Assets(tmp_path).address("check.js")


def test_a_name_that_the_build_does_not_make_is_a_mistake() -> None:
    with pytest.raises(NotBuilt):
        Assets().address("nothing.js")


# -- templates -----------------------------------------------------------------------------------

MACROS = {
    "field": 'm.field("n", evil, evil, hint=evil, error=evil)',
    "area": 'm.area("n", evil, evil, hint=evil, error=evil)',
    "choice": 'm.choice("n", evil, [(evil, evil)], evil, error=evil)',
    "choices": 'm.choices("n", evil, [(evil, evil)], error=evil)',
    "number": 'm.number("n", evil, evil, unit=evil, units=[(evil, evil)], error=evil)',
    "code_field": 'm.code_field("n", evil, evil)',
    "errors": 'm.errors({"code": evil, "detail": evil, "reasons": []})',
    "verdict": 'm.verdict("red", evil, evil)',
    "notice": 'm.notice("amber", evil)',
    "badge": 'm.badge(evil, "green")',
    "row": "m.row(evil, evil)",
    "step": "m.step(evil, evil)",
    "stepper": "m.stepper(1, [evil])",
    "big_button": 'm.big_button(evil, "pen", evil, evil)',
    "button": 'm.button(evil, "main", evil, evil)',
    "table": "m.table([(evil, 'number')], evil)",
    "empty": "m.empty(evil, evil, evil)",
    "figure": "m.figure(evil, evil)",
    "confirm": "m.confirm(evil, evil, evil, evil, evil)",
    "masked": "m.masked(evil, evil, evil)",
    "allowance": "m.allowance(10, 4, 6, evil)",
}


@pytest.mark.parametrize("call", MACROS.values(), ids=MACROS)
def test_no_macro_lets_markup_through(app: Flask, call: str) -> None:
    wrapped = (
        f"{{% call {call} %}}{{{{ evil }}}}{{% endcall %}}"
        if "table" in call
        else f"{{{{ {call} }}}}"
    )
    template = '{% import "macros.html" as m with context %}' + wrapped
    with app.test_request_context("/"):
        drawn = render_template_string(template, evil=EVIL)
    assert "<img" not in drawn
    assert "&lt;img" in drawn
    assert " style=" not in drawn
    assert not [word for word in ("onclick", "onsubmit", "<script") if word in drawn]


def test_the_frame_says_its_language_and_switches(client: FlaskClient) -> None:
    zh = client.get("/nowhere", headers=HTML).text
    en = client.get("/nowhere?lang=en&x=1", headers=HTML).text
    assert '<html lang="zh-CN">' in zh
    assert '<html lang="en">' in en
    assert 'href="?lang=zh&amp;x=1"' in en
    assert "There is no such page" in en


class SignInForm(Form):  # type: ignore[misc]
    username = StringField()
    password = PasswordField()
    email = None
    remember = None

    def hidden_tag(self) -> str:
        return ""


@pytest.mark.parametrize("lang, word", [("zh", "登录"), ("en", "Sign in")])
def test_the_sign_in_page_draws_the_form(app: Flask, lang: str, word: str) -> None:
    form = SignInForm(username=EVIL)
    form.form_errors = [EVIL]
    with app.test_request_context(f"/?lang={lang}&next=/console/%22%3E"):
        app.secret_key = "test"
        drawn = render_template(
            "security/login_user.html",
            login_user_form=form,
            identity_attributes=["username"],
            url_for_security=lambda name: f"/console/{name}",
        )
    assert f"<h1>{word}</h1>" in drawn
    assert 'autocomplete="current-password"' in drawn
    assert EVIL not in drawn
    assert drawn.count("&lt;img src=x") == 2
    assert 'next=/console/%22%3E"' in drawn
