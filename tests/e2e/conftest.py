"""One demo, filled and served, for all tests of this folder; what they scan of it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.operator_desk import Command, Said, run
from tests.e2e.screens import SCREENS, Screen, sign_in
from tests.e2e.serving import Demo, fill, served

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep these tests in one process, so that one demo is served; others run beside them."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A filled demo on a port of its own."""
    demo = fill(tmp_path_factory.mktemp("shop") / "data")
    with served(demo):
        yield demo


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A filled demo that nobody serves."""
    return fill(tmp_path_factory.mktemp("told") / "data")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process."""

    def told_to(*words: str | Path, **wanted: str | Path) -> Said:
        monkeypatch.setattr("sys.argv", ["ecotrace", *map(str, words)])
        return run(*words, **wanted)

    return told_to


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """A phone and a desk, each in Chinese and in English."""
    found: Screen = request.param
    return found


Opener = Callable[..., Page]


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Opener]:
    """Open a page of somebody who shares no cookie with anybody: `visitor(screen, **options)`."""
    with ExitStack() as stack:

        def opened(screen: Screen = SCREENS[0], **options: Any) -> Page:
            context = browser.new_context(**{**screen.options, **options})
            stack.callback(context.close)
            return context.new_page()

        yield opened


Desk = Callable[[str, Screen], Page]
_signed_in: dict[str, Any] = {}


@pytest.fixture
def desk(shop: Demo, visitor: Opener) -> Desk:
    """Open the console of somebody who signed in once and has not closed his browser since."""

    def opened(login: str, screen: Screen) -> Page:
        page = visitor(screen, storage_state=_signed_in.get(login))
        if login in _signed_in:
            page.goto(f"{shop.base_url}/console/")
        else:
            sign_in(page, shop.base_url, login, screen)
            # The cookie of the session, without that of the language.
            state = page.context.storage_state()
            state["cookies"] = [each for each in state["cookies"] if each.get("name") != "lang"]
            _signed_in[login] = state
        return page

    return opened
