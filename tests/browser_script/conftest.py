"""A sample application on a port of its own, and a phone that opens it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from tests.browser_script.sample_app import sample_app
from tests.fixtures.browsers import Pages


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


@pytest.fixture
def phone(pages: Pages) -> Iterator[Page]:
    """A page of 390 by 740 without the cookies of another test."""
    with pages.lend({"viewport": {"width": 390, "height": 740}, "locale": "zh-CN"}) as page:
        yield page
