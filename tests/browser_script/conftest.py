"""A sample application on a port of its own, and a phone that opens it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import make_server

from tests.browser_script.sample_app import sample_app


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the sample application."""
    server = make_server("127.0.0.1", 0, lambda environ, start: [], threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    server.app = sample_app(address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def small_screen(browser: Browser) -> Iterator[BrowserContext]:
    """One context for all phones: they share a cache, as one phone's pages do."""
    context = browser.new_context(viewport={"width": 390, "height": 740}, locale="zh-CN")
    yield context
    context.close()


@pytest.fixture
def phone(small_screen: BrowserContext) -> Iterator[Any]:
    """A page of 390 by 740 without the cookies of another test."""
    small_screen.clear_cookies()
    page = small_screen.new_page()
    yield page
    page.close()
