"""Which language a page speaks."""

from __future__ import annotations

import pytest
from flask import Flask

from web import language
from web.language import Words, choose, known, other_language_address, preferred, t

CASES = [
    # asked, remembered, accept, setting, chosen
    (None, None, [], "zh", "zh"),
    (None, None, [], "en", "en"),
    ("en", "zh", [("zh", 1)], "zh", "en"),
    ("zh-CN", "en", [], "en", "zh"),
    ("fr", "en", [], "zh", "en"),
    (None, "en", [("zh-CN", 1)], "zh", "en"),
    (None, None, [("en-GB", 0.8), ("zh-CN", 0.9)], "en", "zh"),
    (None, None, [("fr", 1), ("en", 0.3)], "zh", "en"),
    (None, None, [("en", 0), ("zh-Hant", 0.1)], "en", "zh"),
    (None, None, [("*", 1)], "zh", "zh"),
    ("<script>", "../en", [("", 1)], "nonsense", "zh"),
]


@pytest.mark.parametrize("asked, remembered, accept, setting, chosen", CASES)
def test_choice(asked, remembered, accept, setting, chosen) -> None:
    assert choose(asked, remembered, accept, setting) == chosen


@pytest.mark.parametrize("text", ["zh", "ZH-cn", "zh-Hans-CN", " zh "])
def test_chinese_has_many_names(text: str) -> None:
    assert known(text) == "zh"


def test_nothing_is_preferred_of_nothing() -> None:
    assert preferred([]) is None


def test_words_without_english_are_chinese() -> None:
    assert Words("基地").text("en") == "基地"
    assert Words("基地", "base").text("en") == "base"
    assert Words("基地", "base").text("zh") == "基地"


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    language.install(app, "zh")
    app.add_url_rule("/页/<name>", view_func=lambda name: t("你好", "Hello"))
    app.add_url_rule("/other", view_func=other_language_address)
    return app


def test_a_choice_is_remembered(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/页/a").text == "你好"
    first = client.get("/页/a?lang=en")
    assert first.text == "Hello"
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("lang=en;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = client.get("/页/a")
    assert again.text == "Hello"
    assert "Set-Cookie" not in again.headers


def test_nonsense_is_not_remembered(app: Flask) -> None:
    assert "Set-Cookie" not in app.test_client().get("/页/a?lang=fr").headers


def test_the_switch_keeps_the_query(app: Flask) -> None:
    address = app.test_client().get("/other?q=%E7%B1%B3&q=2&lang=en&x=%26").text
    assert address == "?q=%E7%B1%B3&q=2&lang=zh&x=%26"


def test_outside_a_request_the_setting_speaks(app: Flask) -> None:
    with app.app_context():
        assert t("你好", "Hello") == "你好"
