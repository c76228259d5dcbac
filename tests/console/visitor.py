"""Somebody at the console: signs in, opens pages, sends forms as a browser would."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import count
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from ecotrace.demo.people import PASSWORD

BASE = "https://trace.example"
_keys = count(1)


class Visitor:
    """One browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    def sign_in(self, login: str) -> Visitor:
        page = self.get("/console/sign-in")
        fields = {"username": login, "password": PASSWORD, "csrf_token": csrf_token(page)}
        answer = self.client.post("/console/sign-in", data=fields, base_url=BASE)
        assert answer.status_code == 302, answer.text
        self.token = csrf_token(self.get("/console/account/"))
        return self

    def get(self, path: str, lang: str = "zh", **kwargs: Any) -> TestResponse:
        headers = {"Accept": "text/html", "Accept-Language": lang, **kwargs.pop("headers", {})}
        return self.client.get(path, base_url=BASE, headers=headers, **kwargs)

    def post(
        self, path: str, key: str | None = None, lang: str = "zh", **fields: Any
    ) -> TestResponse:
        """Send a form under a key of its own, or under the given one."""
        data = {name.replace("__", "-"): value for name, value in fields.items()}
        data |= {"csrf_token": self.token, "form_key": key or new_key()}
        headers = {"Accept": "text/html", "Accept-Language": lang}
        return self.client.post(path, data=data, base_url=BASE, headers=headers)

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where an answer leads."""
        assert answer.status_code == 303, (answer.status_code, problem_of(answer), answer.text)
        return self.get(answer.headers["Location"])


def first(pattern: str, page: TestResponse) -> str:
    """Give the first group of a pattern that the page must hold."""
    found = re.search(pattern, page.text)
    assert found, (pattern, page.text)
    return found[1]


def new_key() -> str:
    return f"key{next(_keys):019d}"


def csrf_token(page: TestResponse) -> str:
    return first(r'name="csrf_token"[^>]*value="([^"]+)"', page)


def problem_of(page: TestResponse) -> str | None:
    """Give the code of the refusal that a page shows, None for a page that shows none."""
    found = re.search(r'data-problem="([^"]+)"', page.text)
    return found[1] if found else None


def error_at(page: TestResponse, field: str) -> str:
    """Give what a page says was wrong with a field, "" for a field that was right."""
    found = re.search(rf'id="{re.escape(field)}-error">([^<]*)<', page.text)
    return html.unescape(found[1]) if found else ""


class _Fields(HTMLParser):
    """Gathers what a browser would send of the first form with a key."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        form, name = self.forms[-1], told.get("name") or ""
        ticked = told.get("type") not in ("checkbox", "radio") or "checked" in told
        if tag == "input" and name and ticked:
            form[name] = told.get("value") or ""
        elif tag == "select":
            self.select = name
            form.setdefault(name, "")
        elif tag == "option" and "selected" in told:
            form[self.select] = told.get("value") or ""


def filled_form(page: TestResponse) -> dict[str, str]:
    """Give the fields of the page's form as they stand, ready to be sent."""
    fields = _Fields()
    fields.feed(page.text)
    return next(form for form in fields.forms if "form_key" in form)
